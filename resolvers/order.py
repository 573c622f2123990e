"""Orders of a connection: what `orderBy` asks for, through links to one as well, then the node's key.

A linked row is joined by its whole key, so that no row of the connection comes twice; where there is none, or none for
the principal, its values are null. Where the key may not be sorted by, a keyed digest of it, whose order tells nothing,
stands for it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from policies.decision import Effect, Right
from resolvers.columns import compared_column, join
from resolvers.place import Place
from resolvers.refusal import refuse
from resolvers.scope import row_conditions
from resolvers.sql import Ordered, Parameters, Row, conjunction
from resolvers.touch import Touch
from resolvers.values import Template
from resolvers.work import Work
from schema.graph import Field, Link, Node
from schema.scalars import OTHER

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
    def sql(self) -> Ordered:
        """The term in ORDER BY; PostgreSQL's default place of nulls is left unsaid, so that plain indexes serve."""
        nulls = "" if self.nulls_first == self.descending else f" nulls {'first' if self.nulls_first else 'last'}"
        return self.column, f"{' desc' if self.descending else ''}{nulls if self.nullable else ''}"


@dataclass(frozen=True, slots=True)
class _Reached:
    """A row that terms are of, and the names of the links that lead there."""

    node: Node
    row: Row
    path: tuple[str, ...]


class Ordering:
    """Compiles the order of one connection; `joins` follow its relation in FROM."""

    def __init__(self, work: Work, parameters: Parameters, place: Place) -> None:
        self.joins = ""
        self._work = work
        self._parameters = parameters
        self._place = place
        self._reached: dict[tuple[str, ...], _Reached] = {}

    def terms(self, template: Template, digest: Callable[[str], str]) -> list[Term]:
        """The total order. Every field it uses is decided; `digest` is a keyed digest of a text as SQL."""
        node, row, touch = self._place.node, self._place.row, self._work.touch
        start = _Reached(node, row, ())
        terms = [term for each in (template if isinstance(template, list) else ()) for term in self._asked(start, each)]
        most = touch.limits.terms
        if len(terms) > most:
            raise refuse("QUERY_TOO_COSTLY", f"`orderBy` has {len(terms)} terms; at most {most} are allowed.")
        if not hides_key(node, touch):
            return [*terms, *_key_terms(node, row, terms)]
        if node.order_column is not None:
            column, cast, name = f"{row.alias}.{node.order_column}", "uuid", node.order_column
        else:
            column, cast, name = digest(_key_text(node, row)), "bytea", "digest"
        return [*terms, Term(name, column, cast, descending=False, nulls_first=False, nullable=False)]

    def _asked(self, at: _Reached, template: Template) -> list[Term]:
        terms: list[Term] = []
        for name, inner in template.items() if isinstance(template, Mapping) else ():
            if name in at.node.links:
                if not isinstance(inner, Mapping):
                    raise refuse("BAD_REQUEST", f"`orderBy.{name}` must be an object, not null.")
                terms += self._asked(self._follow(at, at.node.links[name]), inner)
            elif isinstance(inner, str):
                terms.append(self._term(at, at.node.fields[name], inner))
            else:
                raise refuse("BAD_REQUEST", f"`orderBy.{name}` must be a direction, not null.")
        return terms

    def _term(self, at: _Reached, field: Field, direction: str) -> Term:
        self._work.touch.use(field)
        nulls_first = direction.endswith("FIRST") or direction == "DESC"
        cast = "text" if field.scalar is OTHER else field.sql_type
        name = ".".join((*at.path, field.column))
        nullable = bool(at.path) or not field.required
        return Term(name, compared_column(at.row, field), cast, direction.startswith("DESC"), nulls_first, nullable)

    def _follow(self, at: _Reached, link: Link) -> _Reached:
        """The linked row; the same link is joined once, however many terms are of it."""
        path = (*at.path, link.name)
        known = self._reached.get(path)
        if known is None:
            work, target = self._work, self._work.graph.nodes[link.target]
            work.count_condition_link()
            work.touch.use_link(at.node, link, target)
            inner = work.next_row()
            conditions = join(at.node, at.row, link, target, inner)
            conditions += row_conditions(target, inner, work.touch, self._parameters)
            self.joins += f" left join {target.relation} as {inner.alias} on {conjunction(conditions)}"
            known = self._reached[path] = _Reached(target, inner, path)
        return known


def hides_key(node: Node, touch: Touch) -> bool:
    """Whether the principal may not sort by a column of the key, or does not know of it; `__row` says nothing."""
    by_column = {field.column: field for field in node.fields.values()}
    keys = (by_column.get(column) for column in node.key_columns if column != _ROW_NUMBER)
    return any(field is None or touch.decide(field, Right.FILTER).effect is not Effect.CLEAR for field in keys)


def _key_terms(node: Node, row: Row, terms: list[Term]) -> list[Term]:
    """The key's columns that no term is of yet."""
    used = {term.column for term in terms}
    descending = node.newest_first and not terms
    return [
        Term(column, qualified, cast, descending, descending, nullable=False)
        for column, cast in zip(node.key_columns, node.key_types, strict=True)
        if (qualified := f"{row.alias}.{column}") not in used
    ]


def _key_text(node: Node, row: Row) -> str:
    """The key as one text that no other key has."""
    columns = [f"{row.alias}.{column}::text" for column in node.key_columns]
    if len(columns) == 1:
        return columns[0]
    return " || ".join(f"length({column}) || ':' || {column}" for column in columns)
