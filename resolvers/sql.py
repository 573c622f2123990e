"""How SQL text is put together: identifiers quoted, every value a parameter, rows as lists of slots.

Nothing a caller wrote is ever part of the text. The texts of one plan are the same for every request that shares it.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from graphql import GraphQLError

from resolvers.refusal import refuse
from resolvers.values import Operand, Variables
from resolvers.written import Reader
from schema.graph import Field

# A placeholder, or what is quoted, in which the same characters are none.
_PLACEHOLDER = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\d+)::""")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value to bind: read from the request, then changed into what the statement compares with."""

    operand: Operand
    change: Callable[[object], object] | None = None

    def value(self, variables: Variables) -> object:
        """The value for one request; a null stays null, as SQL has it. Raises Refusal for what SQL could not hold."""
        value = self.operand.read(variables)
        if value is None or self.change is None:
            return value
        try:
            return self.change(value)
        except GraphQLError as error:
            raise refuse("BAD_REQUEST", error.message) from error


class Parameters:
    """Numbers the parameters of one statement; the same parameter is bound once."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[Parameter, str], int] = {}

    def place(self, parameter: Parameter, cast: str) -> str:
        """The placeholder of a parameter, cast to its SQL type."""
        number = self._numbers.setdefault((parameter, cast), len(self._numbers) + 1)
        return f"${number}::{cast}"

    def constant(self, value: object, cast: str = "text") -> str:
        """The placeholder of a value that is part of the plan."""
        return self.place(Parameter(Operand(constant=value)), cast)

    def mark(self) -> int:
        """How many there are now."""
        return len(self._numbers)

    def forget(self, mark: int) -> None:
        """Takes back all placed since the mark, with the text they stood in."""
        for placed in list(self._numbers)[mark:]:
            del self._numbers[placed]

    def all(self) -> tuple[Parameter, ...]:
        """The parameters in the order of their numbers."""
        return tuple(parameter for parameter, _ in self._numbers)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement and what is bound to it."""

    sql: str
    parameters: tuple[Parameter, ...]
    by_key: "ByKey | None" = None

    def bind(self, variables: Variables) -> list[object]:
        """The arguments for one request."""
        return [parameter.value(variables) for parameter in self.parameters]


@dataclass(frozen=True, slots=True)
class ByKey:
    """The one row of a statement in two steps: which rows a page has, and what is written of each.

    `keys` gives how many rows were read, their keys as one text with a line for each, and, where cursors are shown, the
    values of those; at most `size` rows are shown. `rows`, which is given a list of keys and has nothing else that
    differs between requests, gives the key of each row, its text, and the keys and number of every other node recorded
    with it, for the `reader`. `name` is the same for equal rows alone. `portion` gives the same of so many next rows
    whose keys come after the one it is given, in their order; None where keys are not one text. `listed` is the list
    that the page is cut from, None where it is not in the order of its keys or comes after none.
    """

    name: bytes
    keys: Statement
    rows: Statement
    size: int
    reader: Reader
    portion: Statement | None = None
    listed: "Listed | None" = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A list in the order of its keys, of which a page has those after `start`, at most `limit`.

    `portion` gives the keys of so many next rows after one. `given` is all else it is given: by that lists differ.
    `before_key` is what stands before the key in the values of a cursor; None where cursors are not shown.
    """

    start: Parameter
    limit: int
    portion: Statement
    given: tuple[Parameter, ...]
    before_key: tuple[Parameter, ...] | None


def part_of(sql: str, parameters: Sequence[Parameter]) -> Statement:
    """A part of a statement, with those of its parameters that stand in it."""
    numbers: dict[str, int] = {}

    def renumbered(match: re.Match[str]) -> str:
        number = match[1]
        return match[0] if number is None else f"${numbers.setdefault(number, len(numbers) + 1)}::"

    text = _PLACEHOLDER.sub(renumbered, sql)
    return Statement(text, tuple(parameters[int(number) - 1] for number in numbers))


Ordered = tuple[str, str]  # an expression, and the way its values are ordered


class Row:
    """The slots of one relation's rows: each SQL expression selected once, under a variable of the assembler.

    `name` is the assembler's for a row as a whole, `each` the clause of a comprehension that goes through all rows of
    one call. A row `is_within` another where it, or a list of them, is a value of that one. An inner row `stands` in a
    slot of its outer row; a single one is not unpacked, its slots are read there. A row `beside` another, one to each
    or none, has its slots in that one.
    """

    def __init__(
        self,
        number: int,
        stands: str = "",
        *,
        is_within: bool = False,
        is_unpacked: bool = True,
        base: "Row | None" = None,
    ) -> None:
        self._base: Row = base or self
        self.number = number
        self.alias = f"t{number}"
        self.name: str = base.name if base else f"r{number}"
        self.each = f"for {self.name} in rows"
        self.stands = stands
        self.is_within: bool = base.is_within if base else is_within
        self._is_unpacked = is_unpacked
        self._slots: dict[str, str] = {}
        self._is_all_text = True
        self._columns: dict[str, str] = {}
        self._beside: dict[Row, str] = {}

    def column(self, field: Field) -> str:
        """The field's column, qualified."""
        return f"{self.alias}.{field.column}"

    def slot(self, expression: str, *, is_text: bool = False) -> str:
        """The assembler's variable that holds the expression."""
        base = self._base
        if base is not self:
            expression = self.reach(expression)
        base._is_all_text = base._is_all_text and is_text
        place = len(base._slots)
        return base._slots.setdefault(
            expression, f"v{base.number}_{place}" if base._is_unpacked else f"{base.stands}[{place}]"
        )

    def reach(self, expression: str) -> str:
        """The expression by the name it has for rows beside this one."""
        return self._columns.setdefault(expression, f"{self.alias}.c{len(self._columns)}")

    def inner(self, number: int, *, many: bool) -> "Row":
        """The row of what a link leads to, which stands in a slot of this one; fill() says by which expression."""
        stands = self.slot(_unfilled(number))
        inner = Row(number, stands, is_within=True, is_unpacked=many)
        among = f"{self.name}[{self.place(stands)}]"
        inner.each = f"{self.each} for {inner.name} in "
        inner.each += among if many else f"({among},) if {inner.name} is not None"
        return inner

    def fill(self, inner: "Row", expression: str) -> None:
        """Says what stands in the slot of an inner row."""
        unfilled = _unfilled(inner.number)
        self._slots = {expression if each == unfilled else each: slot for each, slot in self._slots.items()}
        self._columns = {expression if each == unfilled else each: name for each, name in self._columns.items()}

    def beside(self, number: int) -> "Row":
        """The row of what a link leads to, one at most, joined to this one; join() says by which source."""
        return Row(number, base=self._base)

    def join(self, source: str, present: str) -> None:
        """Joins this row to the one it is beside; `present` is a slot of it that is null in no row of the source."""
        base = self._base
        base._beside[self] = source
        self.each = f"{base.each} if {self.name}[{self.place(present)}] is not None"

    def place(self, slot: str) -> int:
        """Where in a row the slot stands."""
        return list(self._base._slots.values()).index(slot)

    def position(self, expression: str) -> int:
        """Where in a row the expression stands, which is a slot already."""
        return list(self._slots).index(expression)

    def select(self, source: str, order: Sequence[Ordered] = (), limit: int | None = None) -> str:
        """The select of the slots from a source, in an order that the rows beside follow.

        Those are joined to the rows that are left within the limit: never to all that the source has.
        """
        if not self._beside:
            return f"select {self.selected} {source}{order_by(order)}{_cut(limit)}"
        return f"select {self._listed(self._reached_slots())} {self.reached(source, order, limit)}"

    def reached(
        self, source: str, order: Sequence[Ordered] = (), limit: int | str | None = None, joins: Sequence[str] = ()
    ) -> str:
        """The same rows as a source of what was reached in them and beside them, with more joined to each."""
        again = [(self.reach(expression), way) for expression, way in order]
        # The limit keeps the planner from more than to look each one up, and so from searching for an order of joins.
        beside = [
            f" left join lateral (select {row._named()} {its_source} limit 1) as {row.alias} on true"
            for row, its_source in self._beside.items()
        ]
        rows = f"(select {self._named()} {source}{order_by(order)}{_cut(limit)}) as {self.alias}"
        return f"from {rows}{''.join((*beside, *joins))}{order_by(again)}"

    @property
    def texts(self) -> str:
        """The slots, which are texts, as one value where they have been reached."""
        return f"array[{', '.join(self._reached_slots())}]::text[]"

    @property
    def own_texts(self) -> str:
        """The same where the rows come from: null is in the place of what is of rows beside."""
        joined = self._joined()
        return f"array[{', '.join('null' if each in joined else each for each in self._slots)}]::text[]"

    def _joined(self) -> set[str]:
        return {name for row in self._beside for name in row._columns.values()}

    def _reached_slots(self) -> list[str]:
        joined = self._joined()
        return [each if each in joined else self.reach(each) for each in self._slots]

    def _named(self) -> str:
        return ", ".join(f"{each} as {name.partition('.')[2]}" for each, name in self._columns.items())

    def _listed(self, slots: Sequence[str]) -> str:
        """A row within another row is one value. The driver reads arrays of text faster than records."""
        listed = ", ".join(slots)
        if not self.is_within:
            return listed
        return f"array[{listed}]::text[]" if self._is_all_text else f"row({listed})"

    @property
    def expressions(self) -> str:
        """The slots' expressions, empty where there are none."""
        return ", ".join(self._slots)

    @property
    def selected(self) -> str:
        """The select list, of a row with none beside it."""
        return self._listed(list(self._slots))

    @property
    def target(self) -> str:
        """The assembler's target for unpacking a row."""
        return "(" + ", ".join(self._slots.values()) + ",)"


def order_by(order: Sequence[Ordered]) -> str:
    """The clause that orders so; empty for no order."""
    return " order by " + ", ".join(f"{expression}{way}" for expression, way in order) if order else ""


def _cut(limit: int | str | None) -> str:
    return "" if limit is None else f" limit {limit}"


def _unfilled(number: int) -> str:
    return f"null /* {number} */"


def conjunction(conditions: list[str]) -> str:
    """The conditions joined by AND; true when there are none."""
    return " and ".join(conditions) if conditions else "true"
