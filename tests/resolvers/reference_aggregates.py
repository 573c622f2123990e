"""In charge of aggregates in plain Python: groups with their keys and figures."""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from graphql import GraphQLError

from schema.aggregates import GroupKey, group_keys
from schema.graph import Field, Graph, Link, Node
from tests.resolvers.reference_figures import Having, check_figure, figure_of, named_conditions, standing_for
from tests.resolvers.reference_filter import Truth, all_of, compared
from tests.resolvers.reference_pages import compare_values
from tests.resolvers.reference_rows import Row, shown_value

_ABOUT = "about:"
Follow = Callable[[Row, Link], list[Row]]


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that have the values of their group keys in common; no rows at all stand for a phantom."""

    node: Node
    keys: Mapping[GroupKey, object]
    rows: Sequence[Row]
    path: str
    is_phantom: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """One function's figures of a group, or its keys."""

    group: Group
    function: str


def keys_of(graph: Graph, node: Node, group_by: object) -> list[GroupKey]:
    """The group keys named by an argument, each once."""
    assert group_by is None or isinstance(group_by, list)
    known = group_keys(graph, node)
    return list({name: known[name] for name in group_by or []}.values())


def groups_of(place: tuple[Node, str], rows: Sequence[Row], keys: Sequence[GroupKey], follow: Follow) -> list[Group]:
    """The groups, in the order of their keys; without keys all rows are one, also when there are none."""
    node, path = place
    if not keys:
        return [Group(node, {}, rows, path)]
    by_values: dict[tuple[object, ...], list[tuple[Row, tuple[object, ...]]]] = {}
    for row in rows:
        values = tuple(_key_value(row, key, follow) for key in keys)
        by_values.setdefault(values, []).append((row, values))
    made = [
        Group(
            node,
            {
                key: standing_for(values)
                for key, values in zip(keys, zip(*(own for _, own in each), strict=True), strict=True)
            },
            [row for row, _ in each],
            path,
        )
        for each in by_values.values()
    ]
    return ordered(made, [(_read(key), "ASC") for key in keys])


def _read(key: GroupKey) -> Callable[[Group], object]:
    return lambda group: group.keys[key]


def _key_value(row: Row, key: GroupKey, follow: Follow) -> object:
    if key.link is not None:
        found = follow(row, key.link)
        return found[0].values[key.field.name] if found else None
    value = row.values[key.field.name]
    return value if key.bucket is None or value is None else _cut(value, key.bucket)


def _cut(value: object, bucket: str) -> date:
    assert isinstance(value, date)
    day = value.date() if isinstance(value, datetime) else value
    month = {"year": 1, "quarter": (day.month - 1) // 3 * 3 + 1, "month": day.month}[bucket]
    return date(day.year, month, 1)


def ordered(groups: list[Group], terms: Sequence[tuple[Callable[[Group], object], str]]) -> list[Group]:
    """The groups in an order; equal ones stay as they were."""

    def compare(one: Group, other: Group) -> int:
        found = (compare_values(read(one), read(other), direction) for read, direction in terms)
        return next((each for each in found if each), 0)

    return sorted(groups, key=functools.cmp_to_key(compare))


def figure(group: Group, function: str, field: Field) -> object:
    """A figure of a group as it compares."""
    return figure_of(group.rows, function, field.name)


def shown_figure(figures: Figures, field: Field) -> object:
    """A figure as JSON shows it."""
    value = figure(figures.group, figures.function, field)
    if value is None or figures.function == "countDistinct":
        return value
    if figures.function == "avg":
        return f"{_ABOUT}{value}"
    if isinstance(value, float) or figures.function in ("min", "max"):
        return shown_value(field, value)
    return format(value, "f")


def is_about(value: object) -> bool:
    """Whether a value of the reference's answer need not be met to the last digit."""
    return isinstance(value, str) and value.startswith(_ABOUT)


def is_met(shown: object, about: object) -> bool:
    """Whether an average is as exact as PostgreSQL has it."""
    expected = Decimal(str(about).removeprefix(_ABOUT))
    return isinstance(shown, str | float) and abs(Decimal(shown) - expected) <= abs(expected) * Decimal("1e-12")


def has(group: Group, having: Sequence[Having]) -> Truth:
    """Whether all conditions on groups hold."""
    return all_of(
        compared(len(group.rows) if name == "count" else figure(group, name, group.node.fields[member]), *each)
        for one in having
        for name, conditions in one.items()
        for member, comparisons in ({"": conditions} if name == "count" else conditions).items()
        for each in comparisons.items()
    )


def terms_of(graph: Graph, node: Node, order_by: object) -> list[tuple[Callable[[Group], object], str]]:
    """The terms that an order of groups asks for."""
    assert order_by is None or isinstance(order_by, list)
    terms: list[tuple[Callable[[Group], object], str]] = []
    for each in order_by or []:
        for name, members in each.items():
            for member, direction in ({"": members} if name == "count" else members).items():
                terms.append((_reader(graph, node, name, member), str(direction)))
    return terms


def named_arguments(node: Node, arguments: Mapping[str, object]) -> Mapping[str, object]:
    """The arguments with orders as entities have them, where fields of a table are named by texts."""
    having = arguments.get("having")
    assert having is None or isinstance(having, dict)
    if not node.is_table:
        return {**arguments, "having": [having or {}]}
    orders = _named_orders(arguments.get("orderBy"))
    for each in orders:
        for name in each.keys() - {"count", "key"}:
            for member in each[name]:
                check_figure(node.fields[member], name)
    return {**arguments, "orderBy": orders, "having": named_conditions(node, having or {})}


def _named_orders(order_by: object) -> list[dict[str, dict[str, object]]]:
    assert order_by is None or isinstance(order_by, list)
    return [
        {name: inner if name == "count" else {inner["of"]: inner["direction"]} for name, inner in each.items()}
        for each in order_by or []
    ]


def check_order(order_by: object, keys: Sequence[GroupKey]) -> None:
    """Raises GraphQLError for an order by what is not grouped by, and for a null direction."""
    assert order_by is None or isinstance(order_by, list)
    inner = [members for each in order_by or [] for members in each.values()]
    if None in inner or any(None in members.values() for members in inner if isinstance(members, dict)):
        raise GraphQLError("ordered by null")
    named = {member for each in order_by or [] for member in each.get("key", ())}
    if not named <= {key.name for key in keys}:
        raise GraphQLError("ordered by what is not grouped by")


def _reader(graph: Graph, node: Node, name: str, member: str) -> Callable[[Group], object]:
    if name == "count":
        return lambda group: len(group.rows)
    if name == "key":
        return _read(group_keys(graph, node)[member])
    return lambda group: figure(group, name, node.fields[member])


def shown_key(figures: Figures, name: str) -> object:
    """The value of a group key as JSON shows it; null where it is not grouped by."""
    for key, value in figures.group.keys.items():
        if key.name == name:
            is_cut = key.bucket is not None
            return None if value is None else str(value) if is_cut else shown_value(key.field, value)
    return None


def used_by(node: Node, arguments: Mapping[str, object]) -> list[tuple[Field, str]]:
    """The figures that conditions on groups and their order need: field and function. A null among them is an error."""
    found: list[tuple[Field, str]] = []
    having = arguments.get("having")
    order_by = arguments.get("orderBy")
    asked = [*having] if isinstance(having, list) else []
    asked += order_by if isinstance(order_by, list) else []
    for each in asked:
        for name, members in each.items():
            assert members is not None
            if name not in ("count", "key"):
                assert None not in members.values()
                found += [(node.fields[member], name) for member in members]
    return found
