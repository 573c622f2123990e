"""No value that a type can hold is too much for any field, condition, order, page, group or figure of it."""

import json
from collections.abc import Mapping, Sequence

import pytest

from policies.principal import Principal
from schema.scalars import DECIMAL, scalar_of
from tests.resolvers.asking import Engine
from tests.resolvers.extremes import FIELDS, ROWS, VALUES

_EDUCATION = Principal("education", ())
_ASK = "{ pool { education { %s } } }"
_ORDERED = [name for name, kind in FIELDS.items() if scalar_of(kind).name != "JSON"]
_DATES = {"date", "timestamp", "timestamptz"}
_MOST_DIGITS = 1_000  # that a number may be given with
_ODD: Sequence[object] = (
    "infinity", "-infinity", "Infinity", "NaN", "4714-11-24 BC", "4714-11-23 BC", "5874897-12-31", "5874898-01-01",
    "294277-01-01T00:00:00Z", "294276-12-31T23:59:59.999999Z", "294276-12-31T23:59:59.999999", "9" * 1_000, "1e1000",
    "1e-1000", 1e308, -1e308, 1e39, 3.4028235677973366e38, 5e-324, -0.0, 2**53, -(2**63), 2**63 - 1, True, "",
)  # fmt: skip
_ORDERED_TYPES = pytest.mark.parametrize("field", _ORDERED, ids=FIELDS.__getitem__)


async def _asked(engine: Engine, field: str, variables: Mapping[str, object] | None = None, head: str = "") -> object:
    told = await engine.ask(_EDUCATION, head + _ASK % f"it: {field}", variables or {})
    assert told.codes == [], (told.json, field[:300])
    data = told.data
    assert isinstance(data, dict)
    return data["pool"]["education"]["it"]


async def _nodes(engine: Engine, arguments: str, variables: Mapping[str, object], head: str) -> list[object]:
    found = await _asked(engine, f"extremes({arguments}) {{ nodes {{ number }} }}", variables, head)
    assert isinstance(found, dict)
    return [node["number"] for node in found["nodes"]]


async def _shown(engine: Engine, field: str) -> Sequence[object]:
    found = await _asked(engine, f"extremes {{ nodes {{ {field} }} }}")
    assert isinstance(found, dict)
    return [node[field] for node in found["nodes"]]


def _holding(field: str, operators: Sequence[str], operand: str) -> str:
    """The rows of which each comparison holds."""
    listed = {"in": f"[{operand}]", "notIn": f"[{operand}]"}
    asked = (
        f"{each}: extremes(where: {{{field}: {{{each}: {listed.get(each, operand)}}}}}) {{ nodes {{ number }} }}"
        for each in operators
    )
    return _ASK % " ".join(asked)


async def test_every_value_is_shown(extremes: Engine) -> None:
    found = await _asked(extremes, f"extremes {{ totalCount nodes {{ id number {' '.join(FIELDS)} }} }}")

    assert isinstance(found, dict)
    assert found["totalCount"] == len(found["nodes"]) == ROWS
    for field, kind in FIELDS.items():
        is_float = scalar_of(kind).name == "Float"
        nulls = [node[field] for node in found["nodes"][: len(VALUES[kind])]].count(None)
        assert nulls == (3 if is_float else kind in ("json", "jsonb")), kind


@_ORDERED_TYPES
async def test_rows_are_walked_in_the_order_of_any_field_both_ways(extremes: Engine, field: str) -> None:
    for direction in ("ASC", "DESC", "ASC_NULLS_FIRST", "DESC_NULLS_LAST"):
        order = f"orderBy: [{{{field}: {direction}}}]"
        numbers = await _nodes(extremes, order, {}, "")
        walked: list[object] = []
        cursor: object = None
        for _ in range(ROWS):
            page = await _asked(
                extremes,
                f"extremes({order}, first: 2, after: $after) {{ edges {{ node {{ number }} }} "
                "pageInfo { hasNextPage hasPreviousPage endCursor } }",
                {"after": cursor}, "query($after: String)",
            )  # fmt: skip
            assert isinstance(page, dict)
            walked += [edge["node"]["number"] for edge in page["edges"]]
            cursor = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
        assert len(numbers) == ROWS
        assert walked == numbers


@_ORDERED_TYPES
async def test_every_figure_and_group_of_any_field_is_told(extremes: Engine, field: str) -> None:
    kind = FIELDS[field]
    is_number = scalar_of(kind).name in ("Int", "BigInt", "Decimal", "Float")
    functions = [
        "countDistinct",
        *(("min", "max") if kind != "boolean" else ()),
        *(("sum", "avg") if is_number else ()),
    ]
    spans = [f"{field}{span}" for span in ("Year", "Quarter", "Month")] if kind in _DATES else []

    for key in (field, *spans):
        for name in functions:
            grouped = (
                f'extremesAggregate(groupBy: ["{key}"], orderBy: [{{key: {{of: "{key}", direction: DESC}}}},'
                f' {{{name}: {{of: "{field}", direction: ASC}}}}], having: {{count: {{gt: 0}}}})'
                f' {{ key(of: "{key}") count figure: {name}(of: "{field}") }}'
            )
            groups = await _asked(extremes, grouped)
            assert isinstance(groups, list)
            assert sum(group["count"] for group in groups) == ROWS
            await _asked(extremes, f'extremesAggregate {{ {name}(of: "{field}") }}')


@_ORDERED_TYPES
async def test_every_value_that_is_shown_is_taken_and_means_its_row(extremes: Engine, field: str) -> None:
    scalar = scalar_of(FIELDS[field])
    equal = [each for each in ("eq", "in", "lte", "gte") if each in scalar.operators]
    others = [each for each in ("ne", "notIn", "lt", "gt") if each in scalar.operators]
    head = f"query($v: {scalar.name}!) "
    shown = await _shown(extremes, field)

    for number, value in enumerate(shown):
        if value is None or (len(str(value)) > _MOST_DIGITS and scalar is DECIMAL):
            continue
        answers = [
            await extremes.ask(_EDUCATION, head + _holding(field, [*equal, *others], "$v"), {"v": value}),
            await extremes.ask(_EDUCATION, _holding(field, [*equal, *others], json.dumps(value)), {}),
        ]
        for told in answers:
            assert told.codes == [], (value, told.json)
            assert isinstance(told.data, dict)
            found = {
                name: [node["number"] for node in each["nodes"]]
                for name, each in told.data["pool"]["education"].items()
            }
            assert all(number in found[each] for each in equal), (value, found)
            assert all(number not in found[each] for each in others), (value, found)
            assert all(shown[each] == value or scalar is DECIMAL for each in found["eq"]), (value, found)


async def test_days_that_the_driver_has_for_infinity_are_days(extremes: Engine) -> None:
    for field, kind in FIELDS.items():
        if kind in _DATES:
            told = await extremes.ask(_EDUCATION, _holding(field, ["eq", "gt"], '"infinity"'), {})
            assert isinstance(told.data, dict)
            found = told.data["pool"]["education"]
            assert found == {"eq": {"nodes": [{"number": VALUES[kind].index("infinity")}]}, "gt": {"nodes": []}}


@pytest.mark.parametrize("field", {scalar_of(FIELDS[each]).cast: each for each in _ORDERED}.values())
async def test_an_operand_of_any_form_is_answered_or_refused_for_what_it_is(extremes: Engine, field: str) -> None:
    scalar = scalar_of(FIELDS[field])
    document = f"query($v: {scalar.name}!) " + _holding(
        field, [each for each in scalar.operators if each != "isNull"], "$v"
    )

    for value in _ODD:
        told = await extremes.ask(_EDUCATION, document, {"v": value})

        assert told.code in (None, "BAD_REQUEST")
        assert "not well formed" not in told.body.decode()
