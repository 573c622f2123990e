"""What a connection tells beside the rows of its page: how many there are, and whether some come before its page.

Each is one value, read only where a document selects it. An estimate is the database planner's, made from samples of
all rows; where rows are hidden from the asking principal it would tell of those too, so there, and below other rows,
all are counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from resolvers.page import Keyset, Page, cursor_pattern
from resolvers.selection import Selected
from resolvers.sql import Parameter, Parameters, order_by
from resolvers.work import Work
from schema.paging import COUNT_MODE, PLANNED

COUNT, ESTIMATE, OUTSIDE = "count", "estimate", "outside"
_LARGEST_COUNT = (1 << 31) - 1


@dataclass(frozen=True, slots=True)
class Beside:
    """One value: its name in the assembler, the select that gives it, and that one's parameters.

    An estimate is how many rows the planner expects the select to give.
    """

    name: str
    sql: str
    parameters: tuple[Parameter, ...] = ()

    @property
    def is_estimate(self) -> bool:
        """True when the select is to be planned, not run."""
        return self.name == ESTIMATE


@dataclass(frozen=True, slots=True)
class Paging:
    """A page, its cursors, its statement's parameters, and what is told beside it.

    One row more than asked for is read where the document asks whether there are more.
    """

    page: Page
    keyset: Keyset
    parameters: Parameters
    beside: tuple[Beside, ...]
    reads_beyond: bool

    @property
    def limit(self) -> int:
        """How many rows are read."""
        return self.page.size + self.reads_beyond

    def has(self, name: str) -> bool:
        """Whether this is told."""
        return any(each.name == name for each in self.beside)


def counts(
    work: Work, selected: Sequence[Selected], source: str, parameters: Parameters, *, may_estimate: bool
) -> tuple[Beside, ...]:
    """The counts that are selected of a connection over a source of rows."""
    modes = {count_mode(work, each) for each in selected if each.name == "totalCount"}
    named = {ESTIMATE if mode == PLANNED and may_estimate else COUNT for mode in modes}
    sql = {COUNT: f"select count(*)::int4 {source}", ESTIMATE: f"select {source}"}
    return tuple(Beside(name, sql[name], parameters.all()) for name in sorted(named))


def count_mode(work: Work, selected: Selected) -> str:
    """How a selected `totalCount` is to be made."""
    return str(work.arguments(selected, {"mode": COUNT_MODE}).get("mode"))


def outside(
    work: Work, selected: Sequence[Selected], source: str, parameters: Parameters, paging: tuple[Page, Keyset]
) -> tuple[Beside, ...]:
    """Whether there are rows on the near side of the cursor that the page starts from, if that is selected."""
    page, keyset = paging
    operand = page.cursors.get("before" if page.backward else "after")
    pattern = None if operand is None else cursor_pattern(operand.read(work.variables))
    name = "hasNextPage" if page.backward else "hasPreviousPage"
    infos = [
        each for info in selected if info.name == "pageInfo" for each in work.collector.collect("PageInfo", info.sets)
    ]
    if operand is None or pattern is None or all(each.name != name for each in infos):
        return ()
    condition = keyset.beyond(pattern, operand, parameters, before=not page.backward, inclusive=True)
    # In order, so that an index leads to one at once.
    sql = f"select true {source} and {condition}{order_by(keyset.order(backward=not page.backward))} limit 1"
    return (Beside(OUTSIDE, sql, parameters.all()),)


def rows_planned(explained: str) -> int:
    """How many rows the planner expects, from what EXPLAIN says in JSON."""
    return min(int(orjson.loads(explained)[0]["Plan"]["Plan Rows"]), _LARGEST_COUNT)
