"""In charge of the figures operators watch, in the Prometheus text format 0.0.4.

It counts what it is told. Each worker process counts for itself and says which one it is in the label `worker`.
"""

import bisect
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


@dataclass(frozen=True, slots=True)
class Gauge:
    """A figure that is asked for when the figures are read."""

    explanation: str
    value: Callable[[], float]


@dataclass(slots=True)
class Metrics:
    """Counters of one process."""

    gauges: Mapping[str, Gauge] = field(default_factory=dict)
    worker: str = field(default_factory=lambda: str(os.getpid()))
    in_flight: int = 0
    _requests: Counter[tuple[str, str]] = field(default_factory=Counter)
    _buckets: dict[str, list[int]] = field(default_factory=dict)
    _seconds: Counter[str] = field(default_factory=Counter)

    def observe(self, route: str, code: str, elapsed_s: float) -> None:
        """Counts one finished request."""
        self._requests[route, code] += 1
        buckets = self._buckets.get(route)
        if buckets is None:
            buckets = self._buckets[route] = [0] * (len(_BUCKETS_S) + 1)
        buckets[bisect.bisect_left(_BUCKETS_S, elapsed_s)] += 1
        self._seconds[route] += elapsed_s  # type: ignore[assignment]  # a Counter may count seconds

    def exposition(self) -> str:
        """Everything counted, as Prometheus reads it."""
        return "\n".join([*self._request_lines(), *self._duration_lines(), *self._gauge_lines(), ""])

    def _request_lines(self) -> Iterator[str]:
        yield "# HELP yishu_requests_total Finished requests by route and code."
        yield "# TYPE yishu_requests_total counter"
        for (route, code), count in sorted(self._requests.items()):
            yield f'yishu_requests_total{{worker="{self.worker}",route="{route}",code="{code}"}} {count}'

    def _duration_lines(self) -> Iterator[str]:
        yield "# HELP yishu_request_seconds Time from the first byte of a request to its finished reply."
        yield "# TYPE yishu_request_seconds histogram"
        for route, buckets in sorted(self._buckets.items()):
            labels, total = f'worker="{self.worker}",route="{route}"', 0
            for limit, count in zip((*map(str, _BUCKETS_S), "+Inf"), buckets, strict=True):
                total += count
                yield f'yishu_request_seconds_bucket{{{labels},le="{limit}"}} {total}'
            yield f"yishu_request_seconds_sum{{{labels}}} {self._seconds[route]:.6f}"
            yield f"yishu_request_seconds_count{{{labels}}} {total}"

    def _gauge_lines(self) -> Iterator[str]:
        gauges = {"in_flight": Gauge("Requests being answered.", lambda: self.in_flight), **self.gauges}
        for name, gauge in sorted(gauges.items()):
            yield f"# HELP yishu_{name} {gauge.explanation}"
            yield f"# TYPE yishu_{name} gauge"
            yield f'yishu_{name}{{worker="{self.worker}"}} {gauge.value():g}'
