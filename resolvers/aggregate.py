"""Compiles aggregates: groups of a node's rows with keys, counts, sums, averages, least and greatest values.

Group keys are used like filters and shown, so they need both rights; figures need the right to aggregate, and least
and greatest values, which are values of rows, the right to read as well. One of them denied refuses the branch:
nothing can be inferred from the rest. No row is shown but groups are, so what the record keeps as keys are the values
of their group keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import GraphQLInputType, GraphQLInt, GraphQLString

from policies.decision import Right
from resolvers.code import dict_literal
from resolvers.columns import compared_column, join
from resolvers.figures import KeySql, figure_sql, key_sql
from resolvers.having import (
    COUNT,
    Condition,
    compared_figure,
    conditions,
    field_named,
    no_field,
    scalar_of_figure,
)
from resolvers.naming import named, names, orders
from resolvers.page import page_of
from resolvers.place import Place
from resolvers.refusal import refuse
from resolvers.rows import key_literal, read
from resolvers.scope import row_conditions
from resolvers.selection import Selected
from resolvers.sql import Parameters, conjunction
from resolvers.touch import Path
from resolvers.values import Operand, Template
from resolvers.where import Where
from resolvers.work import Work
from schema.aggregates import GroupKey, group_keys
from schema.figures import AGGREGATE
from schema.graph import Field
from schema.scalars import INT, Scalar
from schema.table_aggregates import GROUP_BY, ORDERS, TABLE_GROUP_NAME
from schema.table_having import TABLE_HAVING

_COUNT = "count(*)::int4"

_TYPES = {
    "key": "GroupKey",
    "countDistinct": "Counts",
    "sum": "Numbers",
    "avg": "Numbers",
    "min": "Extremes",
    "max": "Extremes",
}


@dataclass(frozen=True, slots=True)
class Grouped:
    """SQL that yields groups and the assembler function for them."""

    sql: str
    function: str


class Grouping:
    """Compiles one aggregate field."""

    def __init__(self, work: Work, parameters: Parameters, where: Where, place: Place) -> None:
        self._work = work
        self._parameters = parameters
        self._where = where
        self._place = place
        self._keys: dict[str, KeySql] = {}
        self._joins: list[str] = []
        self._index = work.touch.enter(place.path, f"{place.node.name}{AGGREGATE}")
        self._type_name = TABLE_GROUP_NAME if place.node.is_table else f"{place.node.name}{AGGREGATE}"

    def compile(self) -> Grouped | None:
        """The compiled aggregate; None when something in it is denied."""
        place, work = self._place, self._work
        arguments = self._arguments()
        mark = self._parameters.mark()
        with work.touch.branch(place.path) as branch:
            held = [*place.conditions, *row_conditions(place.node, place.row, work.touch, self._parameters)]
            if arguments.get("where") is not None:
                held.append(self._where.condition(place.node, place.row, arguments["where"]))
            self._group(arguments.get("groupBy"))
            function = self._function()
            having = self._having(arguments.get("having"))
            order = self._order(arguments.get("orderBy"))
            if branch.is_refused:
                work.touch.withdraw(self._index)
                self._parameters.forget(mark)
                return None
        size = page_of({"first": _number(arguments.get("first"), work)}).size
        work.count_rows(size)
        grouped = f" group by {', '.join(self._grouped())}" if self._keys else ""
        relation = f"{place.node.relation} as {place.row.alias}{''.join(self._joins)}"
        source = f"from {relation} where {conjunction(held)}"
        return Grouped(f"select {place.row.selected} {source}{grouped}{having}{order} limit {size}", function)

    def _arguments(self) -> Mapping[str, Template]:
        work, given = self._work, self._work.arguments(self._place.selected, self._kinds())
        if not self._place.node.is_table:
            return given
        return {
            **given,
            "groupBy": names(work, given.get("groupBy")),
            "orderBy": orders(work, given.get("orderBy")),
        }

    def _kinds(self) -> Mapping[str, GraphQLInputType]:
        name = self._place.node.name
        if self._place.node.is_table:
            where = self._work.input_type(f"{name}Where")
            return {"where": where, "groupBy": GROUP_BY, "having": TABLE_HAVING, "orderBy": ORDERS, "first": GraphQLInt}
        return {
            "where": self._work.input_type(f"{name}Where"),
            "groupBy": self._work.input_list(f"{name}GroupBy"),
            "having": self._work.input_type(f"{name}Having"),
            "orderBy": self._work.input_list(f"{name}AggregateOrderBy"),
            "first": GraphQLInt,
        }

    def _group(self, template: Template) -> None:
        for name in template if isinstance(template, list) else []:
            key = self._key(str(name))
            self._work.touch.use(key.field)
            self._work.touch.use(key.field, Right.READ)
            self._keys[key.name] = key_sql(self._key_column(key), key.field, key.bucket)

    def _key(self, name: str) -> GroupKey:
        keys = group_keys(self._work.graph, self._place.node)
        if name not in keys:
            raise no_field(self._place.node, name, "to group by", keys)
        return keys[name]

    def _grouped(self) -> list[str]:
        return [key.grouped for key in self._keys.values()]

    def _key_column(self, key: GroupKey) -> str:
        """The key as a column of the row, or as the linked row's, of which there is at most one."""
        node, row = self._place.node, self._place.row
        if key.link is None:
            return compared_column(row, key.field)
        target = self._work.graph.nodes[key.link.target]
        self._work.touch.use_link(node, key.link, target)
        inner, joined = self._work.next_row(), self._work.next_row()
        linked = join(node, row, key.link, target, inner)
        linked += row_conditions(target, inner, self._work.touch, self._parameters)
        source = f"from {target.relation} as {inner.alias} where {conjunction(linked)}"
        one = f"select {compared_column(inner, key.field)} as key {source} limit 1"
        self._joins.append(f" left join lateral ({one}) as {joined.alias} on true")
        return f"{joined.alias}.key"

    def _function(self) -> str:
        selected = self._work.collector.collect(self._type_name, self._place.selected.sets)
        members = {each.key: self._member(each) for each in selected}
        row = self._place.row
        key = key_literal([row.slot(f"({each.shown})::text", is_text=True) for each in self._keys.values()])
        if not members or row.expressions == "":
            read(row, INT, _COUNT)
        name = self._work.code.name("groups")
        self._work.code.function(
            name,
            "rows, keys",
            [
                f"keys[{self._index}] += [{key} for {row.target} in rows]",
                f"return [{dict_literal(members)} for {row.target} in rows]",
            ],
        )
        return name

    def _member(self, selected: Selected) -> str:
        node, row = self._place.node, self._place.row
        if selected.name == "__typename":
            return repr(self._type_name)
        path = (*self._place.path, selected.key)
        if selected.name == "count":
            self._work.touch.note_plain(self._index, path, f"{self._type_name}.count")
            return read(row, INT, _COUNT)
        if node.is_table:
            of = named(self._work.variables, self._work.arguments(selected, {"of": GraphQLString})["of"])
            is_key = selected.name == "key"
            return self._shown_key(of, path) if is_key else self._shown_figure(selected.name, of, path)
        type_name = f"{node.name}{_TYPES[selected.name]}"
        members: dict[str, str] = {}
        for each in self._work.collector.collect(type_name, selected.sets):
            if each.name == "__typename":
                members[each.key] = repr(type_name)
            elif selected.name == "key":
                members[each.key] = self._shown_key(each.name, (*path, each.key))
            else:
                members[each.key] = self._shown_figure(selected.name, each.name, (*path, each.key))
        return dict_literal(members)

    def _shown_key(self, name: str, path: Path) -> str:
        key = self._key(name)
        known = self._keys.get(name)
        if known is None:
            return "None"
        self._work.touch.show_together(self._index, path, key.field, Right.READ)
        return read(self._place.row, key.scalar, known.shown)

    def _shown_figure(self, function: str, name: str, path: Path) -> str:
        field = field_named(self._place.node, name)
        scalar = scalar_of_figure(field, function, name)
        right = Right.READ if function in ("min", "max") else Right.AGGREGATE
        self._work.touch.show_together(self._index, path, field, right)
        return read(self._place.row, scalar, self._figure(function, field))

    def _figure(self, function: str, field: Field) -> str:
        self._work.touch.use(field, Right.AGGREGATE)
        if function in ("min", "max"):
            self._work.touch.use(field, Right.READ)
        return figure_sql(self._place.row, field, function)

    def _having(self, template: Template) -> str:
        held: list[str] = []
        for each in conditions(self._work.variables, self._place.node, template):
            expression, scalar = ("count(*)", INT) if each.function == COUNT else self._compared(each)
            held += [self._where.compare_expression(expression, scalar, *one) for one in each.operands()]
        return f" having {conjunction(held)}" if held else ""

    def _compared(self, condition: Condition) -> tuple[str, Scalar]:
        if self._place.node.is_table:
            # Nothing else bounds them: a document may name one field as often as it likes.
            self._work.count_condition()
        field, scalar = compared_figure(self._place.node, condition)
        return self._figure(condition.function, field), scalar

    def _order(self, template: Template) -> str:
        terms: list[str] = []
        for each in template if isinstance(template, list) else []:
            for name, inner in each.items():
                named = {"": inner} if name == "count" else inner
                if not isinstance(named, dict):
                    raise refuse("BAD_REQUEST", f"`orderBy.{name}` must be an object, not null.")
                terms += [_directed(self._ordered(name, one), direction) for one, direction in named.items()]
        # Whatever is asked, groups come in an order of their own: the keys make it total.
        terms += self._grouped()
        return f" order by {', '.join(terms)}" if terms else ""

    def _ordered(self, name: str, member: str) -> str:
        if name == "count":
            return "count(*)"
        if name == "key":
            if member not in self._keys:
                raise refuse("BAD_REQUEST", f"`orderBy.key.{member}` is not grouped by.", "Add it to groupBy.")
            return self._keys[member].grouped
        field = field_named(self._place.node, member)
        scalar_of_figure(field, name, member)
        return self._figure(name, field)


def _number(template: Template, work: Work) -> Template:
    return template.read(work.variables) if isinstance(template, Operand) else template


def _directed(expression: str, direction: Template) -> str:
    if not isinstance(direction, str):
        raise refuse("BAD_REQUEST", "A direction of `orderBy` must not be null.")
    way = " desc" if direction.startswith("DESC") else ""
    nulls = {"ASC_NULLS_FIRST": " nulls first", "DESC_NULLS_LAST": " nulls last"}.get(direction, "")
    return f"{expression}{way}{nulls}"
