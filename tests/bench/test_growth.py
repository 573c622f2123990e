"""The curves can be drawn over a small platform."""

from pathlib import Path

import pytest

from tests.bench.curves import Sizes, curves
from tests.bench.growing import ground_on
from tests.bench.growth import Drawn, draw, row_of

_SMALL = Sizes((100, 1_000), (10, 100), (10, 100), (1, 3), (3, 30), (10, 100), (110, 200), (100, 1_000))


@pytest.mark.slow
async def test_every_factor_is_timed_at_every_size(sample_url: str, tmp_path: Path) -> None:
    async with ground_on(sample_url, tmp_path / "home") as ground:
        drawn = [each for curve in curves(_SMALL, 3) for each in await draw(ground, curve)]

    assert len(drawn) == 16
    for each in drawn:
        assert len(each.milliseconds) == 2
        assert min(each.milliseconds) > 0
        assert each.timed in row_of(each)


def test_the_growth_is_told_for_ten_times_as_much() -> None:
    assert Drawn("rows", "page", (1, 100), (1.0, 100.0)).per_tenfold == pytest.approx(10)
    assert Drawn("rows", "page", (10, 100), (2.0, 2.0)).per_tenfold == pytest.approx(1)
