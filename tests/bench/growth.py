"""The command `python -m tests.bench.growth`: what it costs that one factor after another is ten times as large."""

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import uvloop

from tests.bench.curves import Curve, Sizes, curves
from tests.bench.growing import Ground, open_ground

_TIMES = 60
_HEAD = """| factor | timed | at | milliseconds | for ten times as much |
| --- | --- | --- | --- | --- |
"""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was timed of a factor at its sizes, in milliseconds."""

    factor: str
    timed: str
    sizes: Sequence[int]
    milliseconds: Sequence[float]

    @property
    def per_tenfold(self) -> float:
        """How many times as dear a factor ten times as large made it from the smallest size to the largest."""
        tenfolds = math.log10(self.sizes[-1] / self.sizes[0])
        return float((self.milliseconds[-1] / self.milliseconds[0]) ** (1 / tenfolds))


async def draw(ground: Ground, curve: Curve) -> tuple[Drawn, ...]:
    """One factor's curves, on the ground that those before it have left."""
    taken: dict[str, list[float]] = {name: [] for name in curve.timings}
    for size in curve.sizes:
        await curve.grow(ground, size)
        for name, timing in curve.timings.items():
            taken[name].append(await timing(ground, size))
    return tuple(Drawn(curve.factor, name, curve.sizes, each) for name, each in taken.items())


def row_of(drawn: Drawn) -> str:
    """Its row of the table."""
    sizes = " · ".join(f"{size:,}" for size in drawn.sizes)
    taken = " · ".join(f"{one:.2f}" for one in drawn.milliseconds)
    return f"| {drawn.factor} | {drawn.timed} | {sizes} | {taken} | × {drawn.per_tenfold:.2f} |\n"


async def _run() -> None:
    async with open_ground() as ground:
        sys.stdout.write(_HEAD)
        for curve in curves(Sizes(), _TIMES):
            sys.stdout.writelines(map(row_of, await draw(ground, curve)))
            sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(_run())
