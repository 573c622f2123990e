"""In charge of figures of several rows in plain Python."""

import functools
from collections.abc import Sequence
from decimal import Context, Decimal

from tests.resolvers.reference_rows import Row

_EXACT = Context(prec=700)


def figure_of(rows: Sequence[Row], function: str, name: str) -> object:
    """A figure as it compares; an average only about so."""
    values = [row.values[name] for row in rows if row.values[name] is not None]
    if function == "countDistinct":
        return len(set(values))
    if not values:
        return None
    if function in ("min", "max"):
        found = (min if function == "min" else max)(values)  # type: ignore[type-var]  # values of one column
        return standing_for([each for each in values if each == found])
    total = functools.reduce(_EXACT.add, (Decimal(str(each)) for each in values))
    if function == "sum":
        return float(total) if isinstance(values[0], float) else total
    return _EXACT.divide(total, Decimal(len(values)))


def standing_for(values: Sequence[object]) -> object:
    """Of equal values the one that is shown for all: a number of the least scale, of the two zeros the positive."""
    first = values[0]
    if isinstance(first, float):
        return first + 0.0
    if isinstance(first, Decimal):
        return max(values, key=_exponent)
    return first


def _exponent(value: object) -> int:
    assert isinstance(value, Decimal)
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    return exponent
