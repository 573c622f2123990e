"""The state of one compilation: what all statements of a plan share.

Holds the graph, the decisions being collected, the assembler being written, counters for row aliases and the budget of
rows that the page sizes add up to.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from graphql import GraphQLInputType, GraphQLInt, GraphQLList, GraphQLNonNull, GraphQLSchema, GraphQLString

from resolvers.code import Code
from resolvers.refusal import refuse
from resolvers.seal import Seal
from resolvers.selection import Collector, Selected
from resolvers.sql import Row
from resolvers.touch import Touch
from resolvers.values import Operand, Template, Variables, template_of
from schema.graph import Graph, Node

_MOST_NARROWINGS = 8


@dataclass(slots=True)
class Work:
    """One plan under way."""

    graph: Graph
    schema: GraphQLSchema
    touch: Touch
    collector: Collector
    code: Code
    seal: Seal
    variables: Variables
    fingerprint: str
    _rows_made: int = 0
    _multiplier: int = 1
    _rows_counted: int = 0
    _conditions: int = 0
    _condition_links: int = 0
    _narrowings: int = 0

    def next_row(self, *, is_within: bool = False) -> Row:
        """A row alias not used before in this plan; `is_within` another row where it is shown as part of that."""
        self._rows_made += 1
        return Row(self._rows_made, is_within=is_within)

    def inner_row(self, outer: Row, *, many: bool) -> Row:
        """The row of what a link leads to, within the row it starts from."""
        self._rows_made += 1
        return outer.inner(self._rows_made, many=many)

    def row_beside(self, outer: Row) -> Row:
        """The row of what a link leads to, one at most, joined to the row it starts from."""
        self._rows_made += 1
        return outer.beside(self._rows_made)

    def count_condition(self) -> None:
        """Adds a condition. Raises Refusal (QUERY_TOO_COSTLY) beyond the limit of all together."""
        self._conditions += 1
        if self._conditions > self.touch.limits.conditions:
            raise refuse("QUERY_TOO_COSTLY", f"At most {self.touch.limits.conditions} conditions are allowed.")

    def count_condition_link(self) -> None:
        """Adds a link that a condition reaches through: PostgreSQL plans the square of them and more."""
        self._condition_links += 1
        if self._condition_links > self.touch.limits.condition_links:
            most = self.touch.limits.condition_links
            raise refuse("QUERY_TOO_COSTLY", f"Conditions may reach through at most {most} links.")

    def may_narrow(self) -> bool:
        """Adds a condition that only serves to find rows sooner, unless there are too many: each takes time."""
        self._narrowings += 1
        return self._narrowings <= _MOST_NARROWINGS

    @contextmanager
    def pages(self, size: int) -> Iterator[None]:
        """Everything below is read once per row of a page of this size."""
        outer = self._multiplier
        self._multiplier = outer * max(size, 1)
        self.count_rows(1)
        try:
            yield
        finally:
            self._multiplier = outer

    def count_rows(self, rows: int) -> None:
        """Adds rows, times the pages around them. Raises Refusal (QUERY_TOO_COSTLY) beyond the limit."""
        self._rows_counted += rows * self._multiplier
        if self._rows_counted > self.touch.limits.rows:
            raise refuse(
                "QUERY_TOO_COSTLY",
                f"Page sizes allow {self._rows_counted} rows or more; at most {self.touch.limits.rows} are allowed.",
                "Ask for smaller pages.",
            )

    @property
    def most_rows(self) -> int:
        """How many rows page sizes allow altogether."""
        return self._rows_counted

    def connection_arguments(self, node: Node, selected: Selected) -> dict[str, Template]:
        """The arguments of a connection; page sizes as numbers."""
        kinds: Mapping[str, GraphQLInputType] = {
            "where": self.input_type(f"{node.name}Where"),
            "orderBy": self.input_list(f"{node.name}OrderBy"),
            "first": GraphQLInt,
            "last": GraphQLInt,
            "after": GraphQLString,
            "before": GraphQLString,
        }
        found = self.arguments(selected, kinds)
        for name in ("first", "last"):
            operand = found.get(name)
            if isinstance(operand, Operand):
                found[name] = operand.read(self.variables)
        return found

    def arguments(self, selected: Selected, kinds: Mapping[str, GraphQLInputType]) -> dict[str, Template]:
        """The given arguments of a field; a variable that was not sent counts as not given."""
        found: dict[str, Template] = {}
        for argument in selected.nodes[0].arguments or ():
            name = argument.name.value
            if argument.value.kind == "variable" and argument.value.name.value not in self.variables:  # type: ignore[attr-defined]
                continue
            found[name] = template_of(argument.value, kinds[name], self.variables)
            self._check_length(name, found[name])
        return found

    def _check_length(self, name: str, template: Template) -> None:
        most = self.touch.limits.terms
        if isinstance(template, list) and len(template) > most:
            raise refuse("QUERY_TOO_COSTLY", f"`{name}` has {len(template)} members; at most {most} are allowed.")

    def input_type(self, name: str) -> GraphQLInputType:
        """The input type of that name."""
        return self.schema.type_map[name]  # type: ignore[return-value]  # input types by our own naming

    def input_list(self, name: str) -> GraphQLInputType:
        """The type of a list of that input type."""
        return GraphQLList(GraphQLNonNull(self.input_type(name)))
