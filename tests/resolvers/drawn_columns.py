"""In charge of drawing fields of tables, which aggregates name by texts, and conditions on their figures."""

from collections.abc import Callable, Mapping

from graphql import GraphQLInputObjectType, get_named_type
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from schema.comparisons import COMPARISONS

Compare = Callable[[DrawFn, GraphQLInputObjectType], Mapping[str, object]]


def columns_of(where: GraphQLInputObjectType) -> dict[str, str]:
    """The fields of a table by name with the kind of their values, from the conditions on them."""
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


def draw_figures(draw: DrawFn, comparison: Compare, columns: Mapping[str, str]) -> dict[str, object]:
    """Conditions on one kind of figures of rows of a table, of several fields maybe."""
    # An average is known to the reference only about so.
    function = draw(st.sampled_from(("count", "countDistinct", "sum", "min", "max")))
    if function == "count":
        return {"count": {draw(st.sampled_from(("gt", "lte", "eq"))): draw(st.integers(0, 3))}}
    conditions: list[object] = []
    for _ in range(draw(st.sampled_from((1, 1, 2, 0)))):
        of = draw_column(draw, columns, function)
        added = "Float" if columns[of] == "Float" else "Decimal"
        kind = {"countDistinct": "Int", "sum": added}.get(function, columns[of])
        conditions.append({"of": of, **comparison(draw, COMPARISONS[kind])})
    # A list of one may be written without its brackets.
    return {function: conditions[0] if len(conditions) == 1 and draw(st.booleans()) else conditions}
