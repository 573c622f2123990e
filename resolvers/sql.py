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
    """The slots of one relation's rows: each SQL expression selected once, under a variable of the assembler."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.alias = f"t{number}"
        self._slots: dict[str, str] = {}
        self._is_all_text = True

    def column(self, field: Field) -> str:
        """The field's column, qualified."""
        return f"{self.alias}.{field.column}"

    def slot(self, expression: str, *, is_text: bool = False) -> str:
        """The assembler's variable that holds the expression."""
        self._is_all_text = self._is_all_text and is_text
        return self._slots.setdefault(expression, f"v{self.number}_{len(self._slots)}")

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


def position_of(slot: str) -> int:
    """Where in a row the slot of that variable stands."""
    return int(slot.rpartition("_")[2])


def conjunction(conditions: list[str]) -> str:
    """The conditions joined by AND; true when there are none."""
    return " and ".join(conditions) if conditions else "true"
