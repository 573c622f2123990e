"""How SQL text is put together: identifiers quoted, every value a parameter, rows as lists of slots.

Nothing a caller wrote is ever part of the text. The texts of one plan are the same for every request that shares it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from graphql import GraphQLError

from resolvers.refusal import refuse
from resolvers.values import Operand, Variables
from schema.graph import Field


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

    def bind(self, variables: Variables) -> list[object]:
        """The arguments for one request."""
        return [parameter.value(variables) for parameter in self.parameters]


class Row:
    """The slots of one relation's rows: each SQL expression selected once, under a variable of the assembler.

    `name` is the assembler's for a row as a whole, `each` the clause of a comprehension that goes through all rows of
    one call. An inner row, or a list of them, `stands` in a slot of its outer row; a single one is not unpacked, its
    slots are read there.
    """

    def __init__(self, number: int, each: str = "", stands: str = "", *, is_unpacked: bool = True) -> None:
        self.number = number
        self.alias = f"t{number}"
        self.name = f"r{number}"
        self.each = each or f"for {self.name} in rows"
        self.stands = stands
        self._is_unpacked = is_unpacked
        self._slots: dict[str, str] = {}
        self._is_all_text = True

    def column(self, field: Field) -> str:
        """The field's column, qualified."""
        return f"{self.alias}.{field.column}"

    def slot(self, expression: str, *, is_text: bool = False) -> str:
        """The assembler's variable that holds the expression."""
        self._is_all_text = self._is_all_text and is_text
        place = len(self._slots)
        return self._slots.setdefault(
            expression, f"v{self.number}_{place}" if self._is_unpacked else f"{self.stands}[{place}]"
        )

    def inner(self, number: int, *, many: bool) -> "Row":
        """The row of what a link leads to, which stands in a slot of this one; fill() says by which expression."""
        stands = self.slot(_unfilled(number))
        inner = Row(number, stands=stands, is_unpacked=many)
        among = f"{self.name}[{self.place(stands)}]"
        inner.each = f"{self.each} for {inner.name} in "
        inner.each += among if many else f"({among},) if {inner.name} is not None"
        return inner

    def fill(self, inner: "Row", expression: str) -> None:
        """Says what stands in the slot of an inner row."""
        unfilled = _unfilled(inner.number)
        self._slots = {expression if each == unfilled else each: slot for each, slot in self._slots.items()}

    def place(self, slot: str) -> int:
        """Where in a row the slot stands."""
        return list(self._slots.values()).index(slot)

    def position(self, expression: str) -> int:
        """Where in a row the expression stands, which is a slot already."""
        return list(self._slots).index(expression)

    @property
    def expressions(self) -> str:
        """The select list."""
        return ", ".join(self._slots)

    @property
    def value(self) -> str:
        """The row as one value, inside another row. The driver reads arrays of text faster than records."""
        return f"array[{self.expressions}]::text[]" if self._is_all_text else f"row({self.expressions})"

    @property
    def target(self) -> str:
        """The assembler's target for unpacking a row."""
        return "(" + ", ".join(self._slots.values()) + ",)"


def _unfilled(number: int) -> str:
    return f"null /* {number} */"


def conjunction(conditions: list[str]) -> str:
    """The conditions joined by AND; true when there are none."""
    return " and ".join(conditions) if conditions else "true"
