"""The sample county: made-up people and enterprises on the real divisions, from one seed, loaded like any source."""

from pool.sample.load import SampleReport, is_loaded, load_sample

__all__ = ["SampleReport", "is_loaded", "load_sample"]
