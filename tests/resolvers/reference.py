"""In charge of a second engine, as plain as can be: graphql-core's executor over resolvers that filter in Python.

What is denied is a matter of the document alone, so it is found by executing once more over phantom rows: every list
has one row, every link leads somewhere. Only decisions are asked of the law; masks, scopes, filters, orders and pages
are written anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from graphql import ExecutionResult, GraphQLResolveInfo, GraphQLSchema, execute_sync, parse

from policies.decision import Effect, Right
from policies.law import Law
from policies.principal import Principal
from schema.graph import Field, Graph, Link, Node, Root, Space
from tests.resolvers.asking import SEAL
from tests.resolvers.reference_filter import holds
from tests.resolvers.reference_masks import masked
from tests.resolvers.reference_pages import PHANTOM_PAGE, cursor_of, order_of, page_of
from tests.resolvers.reference_rows import Row, Rows, shown_value


@dataclass(frozen=True, slots=True)
class Expected:
    """What should be answered: data, and the coordinates denied with where."""

    data: object
    denied: set[tuple[str, str]]
    not_found: set[str]


@dataclass(frozen=True, slots=True)
class Reference:
    """The second engine, for one graph, law and set of rows."""

    graph: Graph
    schema: GraphQLSchema
    law: Law
    rows: Rows

    def answer(self, principal: Principal, document: str, variables: Mapping[str, object]) -> Expected:
        """The expected answer. Raises AssertionError when graphql-core's executor itself reports an error."""
        phantom = _Execution(self, principal, is_phantom=True)
        real = _Execution(self, principal, is_phantom=False)
        self._execute(phantom, document, variables)
        phantom.close()
        result = self._execute(real, document, variables)
        return Expected(result.data, phantom.denied, real.not_found)

    def _execute(self, execution: "_Execution", document: str, variables: Mapping[str, object]) -> ExecutionResult:
        result = execute_sync(
            self.schema, parse(document), self.graph.roots, None, dict(variables), field_resolver=execution.resolve
        )
        assert not result.errors, result.errors
        return result


@dataclass(frozen=True, slots=True)
class _Object:
    """A row being shown; None stands for a phantom."""

    node: Node
    row: Row | None
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class _Connection:
    rows: Sequence[_Object]
    count: int
    page_info: Mapping[str, object]


@dataclass(slots=True)
class _Execution:
    reference: Reference
    principal: Principal
    is_phantom: bool
    denied: set[tuple[str, str]] = field(default_factory=set)
    not_found: set[str] = field(default_factory=set)
    unknowable: dict[str, Node] = field(default_factory=dict)

    def resolve(self, source: object, info: GraphQLResolveInfo[object], **arguments: object) -> object:
        name = info.field_name
        path = ".".join(str(step) for step in info.path.as_list() if not isinstance(step, int))
        if isinstance(source, _Object):
            return self._of_object(source, name, path, arguments)
        if isinstance(source, _Connection):
            return {
                "nodes": source.rows, "edges": source.rows, "totalCount": source.count, "pageInfo": source.page_info
            }[name]  # fmt: skip
        assert isinstance(source, Mapping)
        found = source[name]
        if isinstance(found, Space):
            return found.members
        return self._of_root(found, path, arguments) if isinstance(found, Root) else found

    def close(self) -> None:
        """A branch whose node may not be known of, and in which no field was asked for that says so, says it itself."""
        for path, node in self.unknowable.items():
            if not any(where.startswith(f"{path}.") for _, where in self.denied):
                self.denied.add((next(iter(node.fields.values())).coordinate, path))

    def _of_root(self, root: Root, path: str, arguments: Mapping[str, object]) -> object:
        node = self.reference.graph.nodes[root.node]
        if not self._may_know(node, path):
            return self._hidden(node, many=root.many)
        if root.many:
            return self._many(node, None, path, arguments)
        if self._is_refused([node.fields[name] for name in node.key], path):
            return None
        if self.is_phantom:
            return _Object(node, None)
        for row in self._visible(node):
            if all(row.values[name] == arguments[name] for name in node.key):
                return _Object(node, row)
        self.not_found.add(path)
        return None

    def _of_object(self, source: _Object, name: str, path: str, arguments: Mapping[str, object]) -> object:
        node, row = source.node, source.row
        if name in ("node", "cursor"):
            return source if name == "node" else cursor_of(row) if row else "phantom"
        if name == "id" and name not in node.fields:
            return cursor_of(row) if row else "phantom"
        if name in node.fields:
            return self._of_field(node.fields[name], row, path)
        return self._of_link(source, node.links[name], path, arguments) if source.is_known else None

    def _of_link(self, source: _Object, link: Link, path: str, arguments: Mapping[str, object]) -> object:
        node, row = source.node, source.row
        target = self.reference.graph.nodes[link.target]
        if self._is_refused(self._ends(node, link), path):
            return None
        if not self._may_know(target, path):
            return self._hidden(target, many=link.many)
        if link.many:
            return self._many(target, (row, link), path, arguments)
        if row is None:
            return _Object(target, None)
        found = self._follow(row, link)
        return _Object(target, found[0]) if found else None

    def _of_field(self, governed: Field, row: Row | None, path: str) -> object:
        decision = self.reference.law.decide(self.principal, governed, Right.READ)
        if decision.effect is Effect.DENIED:
            self.denied.add((governed.coordinate, path))
            return None
        if row is None:
            return None
        value = row.values[governed.name]
        return shown_value(governed, masked(str(decision.mask), value) if decision.effect is Effect.MASKED else value)

    def _many(
        self, node: Node, start: tuple[Row | None, Link] | None, path: str, arguments: Mapping[str, object]
    ) -> object:
        order_by = arguments.get("orderBy") or []
        assert isinstance(order_by, list)
        ordering = [node.fields[name] for each in order_by for name in each]
        if self._is_refused([*self._filtering(node, arguments.get("where")), *ordering], path):
            return None
        if self.is_phantom:
            return _Connection((_Object(node, None),), 0, PHANTOM_PAGE)
        rows = self._visible(node) if start is None or start[0] is None else self._follow(start[0], start[1])
        where = arguments.get("where")
        if where is not None:
            rows = [row for row in rows if holds(row, where, self._follow) is True]
        after, before = (self._row_of(node, arguments.get(name)) for name in ("after", "before"))
        hidden_by = SEAL.order_key if self._hides_key(node) else None
        page, info = page_of(order_of(node, order_by, hidden_by), rows, (after, before), arguments)
        return _Connection([_Object(node, row) for row in page], len(rows), info)

    def _hides_key(self, node: Node) -> bool:
        by_column = {each.column: each for each in node.fields.values()}
        keys = [by_column.get(column) for column in node.key_columns if column != '"__row"']
        return any(
            each is None or self.reference.law.decide(self.principal, each, Right.FILTER).effect is Effect.DENIED
            for each in keys
        )

    def _visible(self, node: Node) -> list[Row]:
        return self.reference.rows.visible(node, self.reference.law.scope(self.principal))

    def _follow(self, row: Row, link: Link) -> list[Row]:
        target = self.reference.graph.nodes[link.target]
        wanted = [(there, row.values[here]) for here, there in link.on]
        return [
            each
            for each in self._visible(target)
            if all(value is not None and each.values[there] == value for there, value in wanted)
        ]

    def _row_of(self, node: Node, cursor: object) -> Row | None:
        rows = self.reference.rows.rows_by_node[node.name]
        return None if cursor is None else next(row for row in rows if cursor_of(row) == cursor)

    def _may_know(self, node: Node, path: str) -> bool:
        scope = self.reference.law.scope(self.principal)
        is_out_of_scope = scope.division is not None and node.division is None and not node.is_metadata
        decisions = [self.reference.law.decide(self.principal, each, Right.READ) for each in node.fields.values()]
        if not is_out_of_scope and any(each.effect is not Effect.DENIED for each in decisions):
            return True
        self.unknowable[path] = node
        return False

    def _hidden(self, node: Node, *, many: bool) -> object:
        if not self.is_phantom:
            return None
        hidden = _Object(node, None, is_known=False)
        return _Connection((hidden,), 0, PHANTOM_PAGE) if many else hidden

    def _is_refused(self, used: Sequence[Field], path: str) -> bool:
        denied = [
            each
            for each in used
            if self.reference.law.decide(self.principal, each, Right.FILTER).effect is Effect.DENIED
        ]
        self.denied.update((each.coordinate, path) for each in denied)
        return bool(denied)

    def _ends(self, node: Node, link: Link) -> list[Field]:
        target = self.reference.graph.nodes[link.target]
        return [end for here, there in link.on for end in (node.fields[here], target.fields[there])]

    def _filtering(self, node: Node, where: object) -> list[Field]:
        found: list[Field] = []
        for name, value in where.items() if isinstance(where, dict) else ():
            if name in ("and", "or", "not"):
                each_value = value if isinstance(value, list) else [value]
                found += [each for inner in each_value for each in self._filtering(node, inner)]
            elif name in node.links:
                link = node.links[name]
                target = self.reference.graph.nodes[link.target]
                found += self._ends(node, link)
                inner_values = value.values() if link.many else [value]
                found += [each for inner in inner_values for each in self._filtering(target, inner)]
            else:
                found.append(node.fields[name])
        return found
