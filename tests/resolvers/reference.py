"""In charge of a second engine, as plain as can be: graphql-core's executor over resolvers that filter in Python.

What is denied is a matter of the document alone, so it is found by executing once more over phantom rows: every list
has one row, every link leads somewhere. Only decisions are asked of the law; masks, scopes, filters, orders and pages
are written anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from graphql import ExecutionResult, GraphQLResolveInfo, GraphQLSchema, execute_sync, parse

from policies.decision import Effect, Right
from policies.law import Law
from policies.principal import Principal
from schema.figures import AGGREGATE
from schema.graph import Field, Graph, Link, Node, Root, Space
from schema.paging import PLANNED
from tests.resolvers.asking import SEAL
from tests.resolvers.reference_aggregates import (
    Figures,
    Group,
    check_order,
    groups_of,
    has,
    keys_of,
    named_arguments,
    ordered,
    shown_figure,
    shown_key,
    terms_of,
    used_by,
)
from tests.resolvers.reference_figures import check_figure, typed_having
from tests.resolvers.reference_filter import holds
from tests.resolvers.reference_masks import masked
from tests.resolvers.reference_objects import Shown, ShownConnection, type_of
from tests.resolvers.reference_pages import DEFAULT_PAGE, ESTIMATE, PHANTOM_PAGE, cursor_of, order_of, page_of
from tests.resolvers.reference_rights import Rights, rights_for
from tests.resolvers.reference_rows import Row, Rows, opened_id, shown_value


class NotExecutable(Exception):
    """The executor itself reports an error, such as a null that must be none."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What should be answered: data, and the coordinates denied with where; and used, with where and the right."""

    data: object
    denied: set[tuple[str, str]]
    not_found: set[str]
    used: set[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Reference:
    """The second engine, for one graph, law and set of rows."""

    graph: Graph
    schema: GraphQLSchema
    law: Law
    rows: Rows

    def answer(self, principal: Principal, document: str, variables: Mapping[str, object]) -> Expected:
        """The expected answer. Raises NotExecutable."""
        phantom = _Execution(self, Rights(self.graph, self.law, principal), is_phantom=True)
        self._execute(phantom, document, variables)
        phantom.rights.close()
        real = _Execution(
            self,
            Rights(self.graph, self.law, principal),
            is_phantom=False,
            refused={path for _, path in phantom.rights.denied},
        )
        result = self._execute(real, document, variables)
        return Expected(result.data, phantom.rights.denied, real.not_found, phantom.rights.used)

    def _execute(self, execution: "_Execution", document: str, variables: Mapping[str, object]) -> ExecutionResult:
        result = execute_sync(
            self.schema,
            parse(document),
            self.graph.roots,
            None,
            dict(variables),
            field_resolver=execution.resolve,
            type_resolver=type_of,
        )
        if result.errors:
            raise NotExecutable(str(result.errors))
        return result


@dataclass(slots=True)
class _Execution:
    reference: Reference
    rights: Rights
    is_phantom: bool
    refused: set[str] = field(default_factory=set)
    not_found: set[str] = field(default_factory=set)

    def resolve(self, source: object, info: GraphQLResolveInfo[object], **arguments: object) -> object:
        name = info.field_name
        path = ".".join(str(step) for step in info.path.as_list() if not isinstance(step, int))
        if isinstance(source, Shown):
            return self._of_object(source, name, path, arguments)
        if isinstance(source, ShownConnection):
            count = source.estimate if arguments.get("mode") == PLANNED else source.count
            found = {"nodes": source.rows, "edges": source.rows, "totalCount": count, "pageInfo": source.page_info}
            return found[name]
        if isinstance(source, Group) and source.node.is_table:
            return self._of_column(source, name, str(arguments.get("of")))
        if isinstance(source, Group):
            return len(source.rows) if name == "count" else Figures(source, name)
        if isinstance(source, Figures):
            return self._of_figures(source, name)
        assert isinstance(source, Mapping)
        return self._of_members(source, name, path, arguments)

    def _of_members(
        self, members: Mapping[str, object], name: str, path: str, arguments: Mapping[str, object]
    ) -> object:
        found = members.get(name)
        counted = members.get(name.removesuffix(AGGREGATE))
        if found is None and isinstance(counted, Root):
            return self._aggregate(self.reference.graph.nodes[counted.node], None, path, arguments)
        if isinstance(found, Space):
            return found.members
        if found is None and name == "node":
            return self._refetched(arguments["id"], path)
        if found is None and name == "nodes":
            ids = arguments["ids"]
            assert isinstance(ids, list)
            return [self._refetched(each, path) for each in ids]
        return self._of_root(found, path, arguments) if isinstance(found, Root) else found

    def _refetched(self, sealed: object, path: str) -> Shown | None:
        """What a global id leads to; all that is none of ours, or has gone, leads nowhere."""
        type_name, key = opened_id(sealed)
        node = self.reference.graph.nodes.get(type_name)
        if node is None:
            return None
        if not self.rights.may_know(node, path):
            return Shown(node, None, is_known=False) if self.is_phantom else None
        if self.is_phantom:
            return Shown(node, None)
        return next((Shown(node, row) for row in self._visible(node) if row.key == key), None)

    def _of_figures(self, source: Figures, name: str) -> object:
        group = source.group
        if source.function == "key":
            return shown_key(source, name)
        governed = group.node.fields[name]
        if self.is_phantom:
            self.rights.use([(governed, right) for right in rights_for(source.function)], group.path)
            return None
        return shown_figure(source, governed)

    def _of_column(self, group: Group, name: str, of: str) -> object:
        if name == "count":
            return len(group.rows)
        if name == "key":
            return shown_key(Figures(group, name), keys_of(self.reference.graph, group.node, [of])[0].name)
        check_figure(group.node.fields[of], name)
        return self._of_figures(Figures(group, name), of)

    def _aggregate(
        self, node: Node, start: tuple[Row | None, Link] | None, path: str, arguments: Mapping[str, object]
    ) -> object:
        if not self.rights.may_know(node, path):
            return None
        arguments = named_arguments(node, arguments)
        keys = keys_of(self.reference.graph, node, arguments.get("groupBy"))
        check_order(arguments.get("orderBy"), keys)
        if self.is_phantom:
            where = arguments.get("where")
            self.rights.is_refused(self.rights.filtering(node, where), path, self.rights.aggregating(node, where))
            for key in keys:
                self.rights.is_refused(self.rights.ends(node, key.link) if key.link else [], path)
                self.rights.use([(key.field, Right.FILTER), (key.field, Right.READ)], path)
            for governed, function in used_by(node, arguments):
                self.rights.use([(governed, right) for right in rights_for(function)], path)
            return [Group(node, {}, [], path, is_phantom=True)]
        if path in self.refused:
            return None
        rows = self._rows(node, start, arguments.get("where"))
        groups = groups_of((node, path), rows, keys, self._follow)
        having = typed_having(node, arguments.get("having"))
        groups = [group for group in groups if has(group, having) is True]
        size = arguments.get("first")
        shown = ordered(groups, terms_of(self.reference.graph, node, arguments.get("orderBy")))
        return shown[: size if isinstance(size, int) else DEFAULT_PAGE]

    def _rows(self, node: Node, start: tuple[Row | None, Link] | None, where: object) -> list[Row]:
        rows = self._visible(node) if start is None or start[0] is None else self._follow(start[0], start[1])
        return rows if where is None else [row for row in rows if holds(row, where, self._follow) is True]

    def _of_root(self, root: Root, path: str, arguments: Mapping[str, object]) -> object:
        node = self.reference.graph.nodes[root.node]
        if not self.rights.may_know(node, path):
            return self._hidden(node, many=root.many)
        if root.many:
            return self._many(node, None, path, arguments)
        if self.rights.is_refused([node.fields[name] for name in node.key], path):
            return None
        if self.is_phantom:
            return Shown(node, None)
        for row in self._visible(node):
            if all(row.values[name] == arguments[name] for name in node.key):
                return Shown(node, row)
        self.not_found.add(path)
        return None

    def _of_object(self, source: Shown, name: str, path: str, arguments: Mapping[str, object]) -> object:
        node, row = source.node, source.row
        if name in ("node", "cursor"):
            return source if name == "node" else cursor_of(row) if row else "phantom"
        if name == "id" and name not in node.fields:
            return cursor_of(row) if row else "phantom"
        if name in node.fields:
            return self._of_field(node.fields[name], row, path)
        link = node.links.get(name) or node.links[name.removesuffix(AGGREGATE)]
        if not source.is_known:
            return None
        if name not in node.links:
            is_refused = self.rights.is_refused(self.rights.ends(node, link), path)
            target = self.reference.graph.nodes[link.target]
            return None if is_refused else self._aggregate(target, (row, link), path, arguments)
        return self._of_link(source, link, path, arguments)

    def _of_link(self, source: Shown, link: Link, path: str, arguments: Mapping[str, object]) -> object:
        node, row = source.node, source.row
        target = self.reference.graph.nodes[link.target]
        if self.rights.is_refused(self.rights.ends(node, link), path):
            return None
        if not self.rights.may_know(target, path):
            return self._hidden(target, many=link.many)
        if link.many:
            return self._many(target, (row, link), path, arguments)
        if row is None:
            return Shown(target, None)
        found = self._follow(row, link)
        return Shown(target, found[0]) if found else None

    def _of_field(self, governed: Field, row: Row | None, path: str) -> object:
        decision = self.reference.law.decide(self.rights.principal, governed, Right.READ)
        if decision.effect is Effect.DENIED:
            self.rights.denied.add((governed.coordinate, path))
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
        ordering = [used for each in order_by for used in self.rights.ordering(node, each)]
        where = arguments.get("where")
        used = [*self.rights.filtering(node, where), *ordering]
        if self.rights.is_refused(used, path, self.rights.aggregating(node, where)):
            return None
        if self.is_phantom:
            return ShownConnection((Shown(node, None),), 0, 0, PHANTOM_PAGE)
        rows = self._rows(node, start, arguments.get("where"))
        after, before = (self._row_of(node, arguments.get(name)) for name in ("after", "before"))
        hidden_by = SEAL.order_key if self.rights.hides_key(node) else None
        page, info = page_of(order_of(order_by, hidden_by, self._follow), rows, (after, before), arguments)
        scope = self.reference.law.scope(self.rights.principal)
        is_counted = start is not None or scope.division is not None or scope.audience in node.audiences
        estimate = len(rows) if is_counted else ESTIMATE
        return ShownConnection([Shown(node, row) for row in page], len(rows), estimate, info)

    def _visible(self, node: Node) -> list[Row]:
        return self.reference.rows.visible(node, self.reference.law.scope(self.rights.principal))

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

    def _hidden(self, node: Node, *, many: bool) -> object:
        if not self.is_phantom:
            return None
        hidden = Shown(node, None, is_known=False)
        return ShownConnection((hidden,), 0, 0, PHANTOM_PAGE) if many else hidden
