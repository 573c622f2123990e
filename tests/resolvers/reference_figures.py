"""In charge of figures of several rows in plain Python."""

import functools
from collections.abc import Mapping, Sequence
from decimal import Context, Decimal

from graphql import GraphQLError

from schema.figures import figure_scalar
from schema.graph import Field, Node
from schema.scalars import DECIMAL, REAL
from tests.resolvers.reference_rows import Row, single

_EXACT = Context(prec=700)
Having = Mapping[str, Mapping[str, Mapping[str, object]]]


def figure_of(rows: Sequence[Row], function: str, name: str) -> object:
    """A figure as it compares; an average only about so."""
    values = [row.values[name] for row in rows if row.values[name] is not None]
    if function == "countDistinct":
        return len(set(values))
    if not values:
        return None
    if function in ("min", "max"):
        found = (min if function == "min" else max)(values)  # type: ignore[type-var]  # values of one column
        return standing_for([each for each in values if each == found])
    total = functools.reduce(_EXACT.add, (Decimal(str(each)) for each in values))
    if function == "sum":
        return float(total) if isinstance(values[0], float) else total
    return _EXACT.divide(total, Decimal(len(values)))


def standing_for(values: Sequence[object]) -> object:
    """Of equal values the one that is shown for all: a number of the least scale, of the two zeros the positive."""
    first = values[0]
    if isinstance(first, float):
        return first + 0.0
    if isinstance(first, Decimal):
        return max(values, key=_exponent)
    return first


def _exponent(value: object) -> int:
    assert isinstance(value, Decimal)
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    return exponent


def check_figure(field: Field, function: str) -> None:
    """Raises GraphQLError for a function that does not apply to the field."""
    if figure_scalar(field, function) is None:
        raise GraphQLError("does not apply")


def named_conditions(node: Node, having: Mapping[str, object]) -> list[Having]:
    """Conditions on figures of a table as entities have them, each by itself. A null among them is an error."""
    found: list[Having] = []
    for name, conditions in having.items():
        assert conditions is not None
        for each in [conditions] if isinstance(conditions, dict) else conditions:  # type: ignore[attr-defined]  # a list
            of = each.get("of")
            if of is not None:
                check_figure(node.fields[of], name)
            found.append({name: each if of is None else {of: {key: one for key, one in each.items() if key != "of"}}})
    return found


def typed_having(node: Node, having: object) -> Sequence[Having]:
    """The conditions on groups with values as the fields that they compare have them."""
    assert isinstance(having, list)
    if not node.is_table:
        return having
    return [
        {
            name: conditions
            if name == "count"
            else {
                of: {key: _typed(node.fields[of], name, key, each) for key, each in comparisons.items()}
                for of, comparisons in conditions.items()
            }
            for name, conditions in one.items()
        }
        for one in having
    ]


def _typed(field: Field, function: str, operator: str, operand: object) -> object:
    scalar = figure_scalar(field, function)
    assert scalar is not None
    if operator == "isNull" or operand is None:
        return operand
    if isinstance(operand, list):
        return [_typed(field, function, operator, each) for each in operand]
    if isinstance(operand, Decimal) and scalar is not DECIMAL:
        operand = float(operand)
    value = scalar.graphql.parse_value(operand)
    return single(value) if scalar is REAL and isinstance(value, float) else value


def compared_figures(rows: Sequence[Row], function: str, conditions: object) -> list[tuple[str, Mapping[str, object]]]:
    """The fields that conditions on figures of rows compare, and with what; of a table they are a list.

    Figures of no rows are null, whatever the type of what they are compared with.
    """
    if isinstance(conditions, dict):
        return list(conditions.items())
    assert isinstance(conditions, list)
    found: list[tuple[str, Mapping[str, object]]] = []
    for each in conditions:
        operands = {name: one for name, one in each.items() if name != "of"}
        field = rows[0].node.fields[each["of"]] if rows else None
        typed = {name: _typed(field, function, name, one) for name, one in operands.items()} if field else operands
        found.append((each["of"], typed))
    return found


def figured_fields(node: Node, figures: Mapping[str, object]) -> list[Field]:
    """The fields that conditions on figures of linked rows take together. What there is not is an error."""
    found: list[Field] = []
    for function, conditions in figures.items():
        if function not in ("where", "count"):
            assert isinstance(conditions, dict | list)
            names = [each["of"] if isinstance(each, dict) else each for each in conditions]
            for name in names:
                check_figure(node.fields[name], function)
                found.append(node.fields[name])
    return found
