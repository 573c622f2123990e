"""Pages of a connection: keyset, sealed cursors, and what a page says of itself.

Follows the Relay cursor connections specification. A cursor holds the order's values of its row, sealed for the
principal, the field, the order and the condition. Its first part says which values are null (they shape the condition);
the rest is opaque.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from resolvers.asked import Asked
from resolvers.order import Term
from resolvers.refusal import refuse
from resolvers.seal import Seal, SealError
from resolvers.sql import Ordered, Parameter, Parameters, Row
from resolvers.values import Operand, Template
from schema.costs import DEFAULT_PAGE

LARGEST_PAGE = 5_000
_BEYOND = "Ask for more rows by cursor, and for more groups by narrower conditions."


@dataclass(frozen=True, slots=True)
class Page:
    """The page asked for: `size` rows `backward` from the end or forward, beyond `cursor` where one is given."""

    size: int
    backward: bool
    cursors: Mapping[str, Operand]


def page_of(arguments: Mapping[str, Template]) -> Page:
    """The page that first/after/last/before ask for. Raises Refusal (BAD_REQUEST) when they contradict."""
    first, last = (_size(arguments.get(name), name) for name in ("first", "last"))
    if first is not None and last is not None:
        raise refuse("BAD_REQUEST", "`first` and `last` exclude each other.", "Ask for one of them.")
    cursors = {name: operand for name in ("after", "before") if isinstance(operand := arguments.get(name), Operand)}
    size = DEFAULT_PAGE if first is None and last is None else first if first is not None else last
    return Page(size or 0, last is not None, cursors)


def _size(value: Template, name: str) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or not 0 <= value <= LARGEST_PAGE:
        raise refuse("BAD_REQUEST", f"`{name}` must be from 0 to {LARGEST_PAGE}.", _BEYOND)
    return value


class Keyset:
    """Cursors of one connection: sealed for whom and what, opened into conditions."""

    def __init__(self, seal: Seal, context: bytes, terms: Sequence[Term], asked: Asked) -> None:
        self._seal = seal
        self._terms = terms
        self._asked = asked
        self._varies = not asked.is_constant
        self._context = context if self._varies else context + asked.digest(_values(asked)).encode()

    def slots(self, row: Row, parameters: Parameters) -> list[str]:
        """The assembler's variables that make up a cursor: what was asked where that varies, then the order's."""
        first = [row.slot(parameters.place(each, "text"), is_text=True) for each in self.before_terms()]
        return [*first, *(row.slot(f"{term.column}::text", is_text=True) for term in self._terms)]

    def opened(self, operand: Operand, index: int) -> Parameter:
        """One value of a cursor that was sent."""
        given = Operand(parts=(operand, *self._asked.operands)) if self._varies else operand
        return Parameter(given, _Opened(self, index))

    def before_terms(self) -> tuple[Parameter, ...]:
        """What stands before the order's values in those of a cursor."""
        return (Parameter(Operand(parts=self._asked.operands), self._asked.digest),) if self._varies else ()

    def cursor(self, *values: str | None) -> str:
        """The cursor of a row."""
        context = self._context
        if self._varies:
            context += str(values[0]).encode()
            values = values[1:]
        return f"{_pattern(values)}.{self._seal.close(context, values)}"

    def order(self, *, backward: bool) -> list[Ordered]:
        """The order of rows as SQL, from either end."""
        return [(term.reversed() if backward else term).sql for term in self._terms]

    def beyond(
        self, pattern: str, operand: Operand, parameters: Parameters, *, before: bool, inclusive: bool = False
    ) -> str:
        """The condition for rows after (or before) a cursor whose null pattern is known, or of its own place.

        Raises Refusal when the pattern does not fit this order; values are opened when the statement is bound.
        """
        is_foreign = len(pattern) != len(self._terms) or set(pattern) - {"0", "1"}
        # The key, which is never null, is thus opened whenever a cursor is, and the pattern held against it.
        if is_foreign or any(
            null == "1" and not term.nullable for term, null in zip(self._terms, pattern, strict=True)
        ):
            raise bad_cursor()
        terms = [term.reversed() for term in self._terms] if before else list(self._terms)
        placed = [
            parameters.place(self.opened(operand, index), f"text::{term.cast}") if null == "0" else "null"
            for index, (term, null) in enumerate(zip(terms, pattern, strict=True))
        ]
        if "1" not in pattern and not any(term.nullable for term in terms) and len({t.descending for t in terms}) == 1:
            columns, way = ", ".join(term.column for term in terms), "<" if terms[0].descending else ">"
            way += "=" if inclusive else ""
            return f"({columns}) {way} ({', '.join(placed)}){_bound(terms[0], placed[0])}"
        return _expanded(terms, placed, pattern, inclusive=inclusive) + (
            "" if pattern[0] == "1" else _bound(terms[0], placed[0])
        )

    def value(self, given: object, index: int) -> object:
        """One value of a cursor. Raises Refusal for a text not sealed here, or for what else was asked."""
        context = self._context
        if self._varies:
            assert isinstance(given, list)
            given, *values = given
            context += self._asked.digest(values).encode()
        pattern, _, sealed = str(given).partition(".")
        try:
            opened = self._seal.open(context, sealed)
        except SealError as error:
            raise bad_cursor() from error
        if _pattern(opened) != pattern:
            raise bad_cursor()
        return opened[index]


@dataclass(frozen=True, slots=True)
class _Opened:
    keyset: Keyset
    index: int

    def __call__(self, text: object) -> object:
        return self.keyset.value(text, self.index)


def _values(asked: Asked) -> list[object]:
    return [operand.read({}) for operand in asked.operands]


def _bound(term: Term, value: str) -> str:
    """What holds of the first term alone: an index serves it where it cannot serve the whole condition."""
    return "" if term.nullable else f" and {term.column} {'<=' if term.descending else '>='} {value}"


def _expanded(terms: Sequence[Term], placed: Sequence[str], pattern: str, *, inclusive: bool) -> str:
    """The keyset condition written out: equal in all terms before, beyond in one; or equal in all."""
    alternatives: list[str] = []
    equal: list[str] = []
    for term, value, is_null in zip(terms, placed, pattern, strict=True):
        beyond = _beyond(term, value, is_null=is_null == "1")
        if beyond:
            alternatives.append("(" + " and ".join([*equal, beyond]) + ")")
        equal.append(f"{term.column} is null" if is_null == "1" else f"{term.column} = {value}")
    if inclusive:
        alternatives.append("(" + " and ".join(equal) + ")")
    return "(" + " or ".join(alternatives or ["false"]) + ")"


def _beyond(term: Term, value: str, *, is_null: bool) -> str:
    if is_null:
        return f"{term.column} is not null" if term.nulls_first else ""
    compared = f"{term.column} {'<' if term.descending else '>'} {value}"
    return f"({compared} or {term.column} is null)" if term.nullable and not term.nulls_first else compared


def _pattern(values: Sequence[object]) -> str:
    return "".join("1" if value is None else "0" for value in values)


def cursor_pattern(text: object) -> str | None:
    """The null pattern of a cursor's text, None where there is no cursor."""
    return None if text is None else str(text).partition(".")[0][:64]


def bad_cursor() -> Exception:
    """The refusal of a cursor that does not open here."""
    return refuse("BAD_REQUEST", "The cursor does not belong to this connection.", "Start again without a cursor.")
