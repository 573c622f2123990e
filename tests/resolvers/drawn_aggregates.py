"""In charge of drawing the arguments of aggregates, whose parts depend on one another."""

from collections.abc import Mapping

from graphql import GraphQLArgument, GraphQLEnumType, GraphQLInputObjectType, get_named_type
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from schema.comparisons import COMPARISONS
from tests.resolvers.drawn_inputs import Enum, Inputs, Variables


def draw_aggregate(
    draw: DrawFn, inputs: Inputs, variables: Variables, arguments: Mapping[str, GraphQLArgument]
) -> list[str]:
    """The arguments, written: groups are ordered by keys they are grouped by only."""
    where, keys, having = (get_named_type(arguments[name].type) for name in ("where", "groupBy", "having"))
    assert isinstance(keys, GraphQLEnumType)
    assert isinstance(where, GraphQLInputObjectType)
    assert isinstance(having, GraphQLInputObjectType)
    chosen = draw(st.lists(st.sampled_from(sorted(keys.values)), max_size=2))
    values: dict[str, object] = {}
    if draw(st.integers(0, 2)) == 2:
        values["where"] = inputs.where(draw, where, 1)
    if chosen:
        values["groupBy"] = [Enum(name) for name in chosen]
    if draw(st.integers(0, 2)) == 2:
        values["having"] = _having(draw, inputs, having)
    if draw(st.integers(0, 2)) == 2:
        values["orderBy"] = [_order(draw, having, chosen) for _ in range(draw(st.integers(1, 2)))]
    if draw(st.booleans()):
        values["first"] = draw(st.sampled_from((3, 1, 0, 50)))
    return [f"{name}: {inputs.written(draw, arguments[name].type, variables, value)}" for name, value in values.items()]


def _having(draw: DrawFn, inputs: Inputs, kind: GraphQLInputObjectType) -> dict[str, object]:
    # An average is known to the reference only about so.
    name = draw(st.sampled_from(sorted(kind.fields.keys() - {"avg"})))
    inner = kind.fields[name].type
    assert isinstance(inner, GraphQLInputObjectType)
    if name == "count":
        return {"count": {draw(st.sampled_from(("gt", "lte", "eq"))): draw(st.integers(0, 5))}}
    member = draw(st.sampled_from(sorted(inner.fields)))
    comparison = inner.fields[member].type
    assert isinstance(comparison, GraphQLInputObjectType)
    return {name: {member: inputs.comparison(draw, comparison)}}


def _order(draw: DrawFn, having: GraphQLInputObjectType, keys: list[str]) -> dict[str, object]:
    # The figures that conditions may be on are those there are.
    direction = Enum(draw(st.sampled_from(("ASC", "ASC_NULLS_FIRST", "DESC", "DESC_NULLS_LAST"))))
    names = sorted((having.fields.keys() - {"avg"}) | ({"key"} if keys else set()))
    name = draw(st.sampled_from(names))
    if name == "count":
        return {"count": direction}
    if name == "key":
        return {"key": {draw(st.sampled_from(keys)): direction}}
    inner = having.fields[name].type
    assert isinstance(inner, GraphQLInputObjectType)
    return {name: {draw(st.sampled_from(sorted(inner.fields))): direction}}


def columns_of(arguments: Mapping[str, GraphQLArgument]) -> dict[str, str]:
    """The fields of a table by name with the kind of their values, from the conditions on them."""
    where = get_named_type(arguments["where"].type)
    assert isinstance(where, GraphQLInputObjectType)
    kinds = {name: get_named_type(each.type).name for name, each in where.fields.items()}
    return {
        name: kind.removesuffix("Comparison")
        for name, kind in kinds.items()
        if kind.endswith("Comparison") and kind != "JSONComparison"
    }


def draw_column(draw: DrawFn, columns: Mapping[str, str], function: str) -> str:
    """A field of a table that a function may take; a key may be a span of time, too."""
    if function == "key":
        spans = [f"{name}{span}" for name, kind in columns.items() if "Date" in kind for span in ("Year", "Month")]
        return draw(st.sampled_from([*columns, *spans]))
    taken = ("Int", "BigInt", "Decimal", "Float") if function in ("sum", "avg") else None
    fitting = [name for name, kind in columns.items() if taken is None or kind in taken]
    return draw(st.sampled_from(fitting or list(columns)))


def draw_table_aggregate(
    draw: DrawFn, inputs: Inputs, variables: Variables, arguments: Mapping[str, GraphQLArgument]
) -> list[str]:
    """The arguments of an aggregate of a table, written."""
    columns, where = columns_of(arguments), get_named_type(arguments["where"].type)
    assert isinstance(where, GraphQLInputObjectType)
    chosen = [draw_column(draw, columns, "key") for _ in range(draw(st.integers(0, 2)))]
    values: dict[str, object] = {}
    if draw(st.integers(0, 2)) == 2:
        values["where"] = inputs.where(draw, where, 1)
    if chosen:
        values["groupBy"] = chosen
    if draw(st.integers(0, 2)) == 2:
        values["having"] = table_having(draw, inputs, columns)
    if draw(st.integers(0, 2)) == 2:
        values["orderBy"] = [_table_order(draw, columns, chosen) for _ in range(draw(st.integers(1, 2)))]
    if draw(st.booleans()):
        values["first"] = draw(st.sampled_from((3, 1, 0, 50)))
    return [f"{name}: {inputs.written(draw, arguments[name].type, variables, value)}" for name, value in values.items()]


def table_having(draw: DrawFn, inputs: Inputs, columns: Mapping[str, str]) -> dict[str, object]:
    """Conditions on one figure of the groups of a table, or on several fields' ones."""
    # An average is known to the reference only about so.
    function = draw(st.sampled_from(("count", "countDistinct", "sum", "min", "max")))
    if function == "count":
        return {"count": {draw(st.sampled_from(("gt", "lte", "eq"))): draw(st.integers(0, 3))}}
    conditions: list[object] = []
    for _ in range(draw(st.sampled_from((1, 1, 2, 0)))):
        of = draw_column(draw, columns, function)
        kind = {"countDistinct": "Int", "sum": "Decimal"}.get(function, columns[of])
        conditions.append({"of": of, **inputs.comparison(draw, COMPARISONS[kind])})
    # A list of one may be written without its brackets.
    return {function: conditions[0] if len(conditions) == 1 and draw(st.booleans()) else conditions}


def _table_order(draw: DrawFn, columns: Mapping[str, str], keys: list[str]) -> dict[str, object]:
    direction = Enum(draw(st.sampled_from(("ASC", "ASC_NULLS_FIRST", "DESC", "DESC_NULLS_LAST"))))
    name = draw(st.sampled_from(("count", "countDistinct", "sum", "min", "max", *(("key",) if keys else ()))))
    if name == "count":
        return {"count": direction}
    of = draw(st.sampled_from(keys)) if name == "key" else draw_column(draw, columns, name)
    return {name: {"of": of, "direction": direction}}
