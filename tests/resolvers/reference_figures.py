"""In charge of figures of several rows in plain Python."""

import functools
from collections.abc import Sequence
from decimal import Context, Decimal

from tests.resolvers.reference_rows import Row

_EXACT = Context(prec=60)


def figure_of(rows: Sequence[Row], function: str, name: str) -> object:
    """A figure as it compares; an average only about so."""
    values = [row.values[name] for row in rows if row.values[name] is not None]
    if function == "countDistinct":
        return len(set(values))
    if not values:
        return None
    if function in ("min", "max"):
        return (min if function == "min" else max)(values)  # type: ignore[type-var]  # values of one column
    total = functools.reduce(_EXACT.add, (Decimal(str(each)) for each in values))
    return total if function == "sum" else _EXACT.divide(total, Decimal(len(values)))
