"""Pages of a connection: order, keyset, sealed cursors, and what a page says of itself.

Follows the Relay cursor connections specification. Orders end with the node's key, so they are total; where the key may
not be sorted by, they end with a keyed digest of it, whose order tells nothing. A cursor holds the order's values of
its row, sealed for the principal, the node and the order. Its first part says which values are null (they shape the
condition); the rest is opaque.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from policies.decision import Effect, Right
from resolvers.columns import compared_column
from resolvers.refusal import refuse
from resolvers.seal import Seal, SealError
from resolvers.sql import Parameter, Parameters, Row
from resolvers.touch import Touch
from resolvers.values import Operand, Template
from schema.costs import DEFAULT_PAGE
from schema.graph import Node
from schema.scalars import OTHER

LARGEST_PAGE = 5_000
_ROW_NUMBER = '"__row"'


@dataclass(frozen=True, slots=True)
class Term:
    """One term of an order: a column under its `name`, its direction, where its nulls are."""

    name: str
    column: str
    cast: str
    descending: bool
    nulls_first: bool
    nullable: bool

    def reversed(self) -> "Term":
        """The term of the opposite order."""
        return replace(self, descending=not self.descending, nulls_first=not self.nulls_first)

    @property
    def sql(self) -> str:
        """The term in ORDER BY; PostgreSQL's default place of nulls is left unsaid, so that plain indexes serve."""
        nulls = "" if self.nulls_first == self.descending else f" nulls {'first' if self.nulls_first else 'last'}"
        return f"{self.column}{' desc' if self.descending else ''}{nulls if self.nullable else ''}"


@dataclass(frozen=True, slots=True)
class Page:
    """The page asked for: `size` rows `backward` from the end or forward, beyond `cursor` where one is given."""

    size: int
    backward: bool
    cursors: Mapping[str, Operand]


def order_terms(node: Node, row: Row, template: Template, touch: Touch, digest: Callable[[str], str]) -> list[Term]:
    """The order: what `orderBy` asks, then the key. Every field it uses is decided.

    A key that may not be sorted by must not be read off the order of rows either: then `digest`, a keyed digest of a
    text as SQL, stands for the whole key.
    """
    terms: list[Term] = []
    for each in template if isinstance(template, list) else []:
        for name, direction in each.items():
            if not isinstance(direction, str):
                raise refuse("BAD_REQUEST", f"`orderBy.{name}` must be a direction, not null.")
            field = node.fields[name]
            touch.use(field)
            descending = direction.startswith("DESC")
            nulls_first = direction.endswith("FIRST") or direction == "DESC"
            cast = "text" if field.scalar is OTHER else field.sql_type
            column = compared_column(row, field)
            terms.append(Term(field.column, column, cast, descending, nulls_first, not field.required))
    if hides_key(node, touch) and node.order_column is not None:
        column = f"{row.alias}.{node.order_column}"
        return [*terms, Term(node.order_column, column, "uuid", descending=False, nulls_first=False, nullable=False)]
    if hides_key(node, touch):
        column = digest(_key_text(node, row))
        return [*terms, Term("digest", column, "bytea", descending=False, nulls_first=False, nullable=False)]
    used = {term.column for term in terms}
    descending = node.newest_first and not terms
    for column, cast in zip(node.key_columns, node.key_types, strict=True):
        qualified = f"{row.alias}.{column}"
        if qualified not in used:
            terms.append(Term(column, qualified, cast, descending, descending, nullable=False))
    return terms


def hides_key(node: Node, touch: Touch) -> bool:
    """Whether the principal may not sort by a column of the key, or does not know of it; `__row` says nothing."""
    by_column = {field.column: field for field in node.fields.values()}
    keys = (by_column.get(column) for column in node.key_columns if column != _ROW_NUMBER)
    return any(field is None or touch.decide(field, Right.FILTER).effect is not Effect.CLEAR for field in keys)


def _key_text(node: Node, row: Row) -> str:
    """The key as one text that no other key has."""
    columns = [f"{row.alias}.{column}::text" for column in node.key_columns]
    if len(columns) == 1:
        return columns[0]
    return " || ".join(f"length({column}) || ':' || {column}" for column in columns)


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
        raise refuse("BAD_REQUEST", f"`{name}` must be from 0 to {LARGEST_PAGE}.", "Ask for the next page by cursor.")
    return value


class Keyset:
    """Cursors of one connection: sealed for whom and what, opened into conditions."""

    def __init__(self, seal: Seal, context: bytes, terms: Sequence[Term]) -> None:
        self._seal = seal
        self._context = context
        self._terms = terms

    def slots(self, row: Row) -> list[str]:
        """The assembler's variables that make up a cursor."""
        return [row.slot(f"{term.column}::text", is_text=True) for term in self._terms]

    def cursor(self, *values: str | None) -> str:
        """The cursor of a row."""
        return f"{_pattern(values)}.{self._seal.close(self._context, values)}"

    def beyond(self, pattern: str, operand: Operand, parameters: Parameters, *, before: bool) -> str:
        """The condition for rows after (or before) a cursor whose null pattern is known.

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
            parameters.place(Parameter(operand, _Opened(self, index)), f"text::{term.cast}") if null == "0" else "null"
            for index, (term, null) in enumerate(zip(terms, pattern, strict=True))
        ]
        if "1" not in pattern and not any(term.nullable for term in terms) and len({t.descending for t in terms}) == 1:
            columns, way = ", ".join(term.column for term in terms), "<" if terms[0].descending else ">"
            return f"({columns}) {way} ({', '.join(placed)}){_bound(terms[0], placed[0])}"
        return _expanded(terms, placed, pattern) + ("" if pattern[0] == "1" else _bound(terms[0], placed[0]))

    def value(self, text: object, index: int) -> object:
        """One value of a cursor. Raises Refusal for a text that was not sealed here."""
        pattern, _, sealed = str(text).partition(".")
        try:
            values = self._seal.open(self._context, sealed)
        except SealError as error:
            raise bad_cursor() from error
        if _pattern(values) != pattern:
            raise bad_cursor()
        return values[index]


@dataclass(frozen=True, slots=True)
class _Opened:
    keyset: Keyset
    index: int

    def __call__(self, text: object) -> object:
        return self.keyset.value(text, self.index)


def _bound(term: Term, value: str) -> str:
    """What holds of the first term alone: an index serves it where it cannot serve the whole condition."""
    return "" if term.nullable else f" and {term.column} {'<=' if term.descending else '>='} {value}"


def _expanded(terms: Sequence[Term], placed: Sequence[str], pattern: str) -> str:
    """The keyset condition written out: equal in all terms before, beyond in one."""
    alternatives: list[str] = []
    equal: list[str] = []
    for term, value, is_null in zip(terms, placed, pattern, strict=True):
        beyond = _beyond(term, value, is_null=is_null == "1")
        if beyond:
            alternatives.append("(" + " and ".join([*equal, beyond]) + ")")
        equal.append(f"{term.column} is null" if is_null == "1" else f"{term.column} = {value}")
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
