"""In charge of drawing the arguments of aggregates, whose parts depend on one another."""

from collections.abc import Mapping

from graphql import GraphQLArgument, GraphQLEnumType, GraphQLInputObjectType, get_named_type
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.resolvers.drawn_columns import columns_of, draw_column, draw_figures
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


def draw_table_aggregate(
    draw: DrawFn, inputs: Inputs, variables: Variables, arguments: Mapping[str, GraphQLArgument]
) -> list[str]:
    """The arguments of an aggregate of a table, written."""
    where = get_named_type(arguments["where"].type)
    assert isinstance(where, GraphQLInputObjectType)
    columns = columns_of(where)
    chosen = [draw_column(draw, columns, "key") for _ in range(draw(st.integers(0, 2)))]
    values: dict[str, object] = {}
    if draw(st.integers(0, 2)) == 2:
        values["where"] = inputs.where(draw, where, 1)
    if chosen:
        values["groupBy"] = chosen
    if draw(st.integers(0, 2)) == 2:
        values["having"] = draw_figures(draw, inputs.comparison, columns)
    if draw(st.integers(0, 2)) == 2:
        values["orderBy"] = [_table_order(draw, columns, chosen) for _ in range(draw(st.integers(1, 2)))]
    if draw(st.booleans()):
        values["first"] = draw(st.sampled_from((3, 1, 0, 50)))
    return [f"{name}: {inputs.written(draw, arguments[name].type, variables, value)}" for name, value in values.items()]


def _table_order(draw: DrawFn, columns: Mapping[str, str], keys: list[str]) -> dict[str, object]:
    direction = Enum(draw(st.sampled_from(("ASC", "ASC_NULLS_FIRST", "DESC", "DESC_NULLS_LAST"))))
    name = draw(st.sampled_from(("count", "countDistinct", "sum", "min", "max", *(("key",) if keys else ()))))
    if name == "count":
        return {"count": direction}
    of = draw(st.sampled_from(keys)) if name == "key" else draw_column(draw, columns, name)
    return {name: {"of": of, "direction": direction}}
