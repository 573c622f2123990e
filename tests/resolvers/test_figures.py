"""Figures and group keys are exact, and the same whatever the order in which rows are stored."""

import pytest

from policies.principal import Principal
from tests.resolvers.asking import Engine
from tests.resolvers.extremes import NUMBERS

_EDUCATION, _MARKET = Principal("education", ()), Principal("market-regulation", ())


async def _groups(engine: Engine, arguments: str, selection: str) -> list[dict[str, object]]:
    """The groups of the rows in one order and in the other, which are alike to the byte."""
    found: list[str] = []
    for name in NUMBERS:
        told = await engine.ask(
            _EDUCATION, f"{{ pool {{ education {{ it: {name}Aggregate{arguments} {selection} }} }} }}"
        )
        assert told.codes == []
        found.append(told.body.decode().partition(',"extensions"')[0])
    assert found[0] == found[1]
    data = told.data
    assert isinstance(data, dict)
    groups = data["pool"]["education"]["it"]
    assert isinstance(groups, list)
    return groups


@pytest.mark.parametrize(
    ("numbers", "total", "average"),
    [
        ("[0, 2]", 1e308, 5e307),
        ("[0, 4]", 0, 0),
        ("[0, 1]", None, 1e308),
        ("[0, 1, 2, 4, 5, 6, 7]", 1e308, 1.4285714285714286e307),
        ("[5, 6, 7]", 0.6, 0.2),
        ("[5, 6]", 0.3, 0.15),
        ("[3]", None, None),
    ],
)
async def test_sums_and_averages_of_doubles_are_exact(
    extremes: Engine, numbers: str, total: object, average: object
) -> None:
    (group,) = await _groups(
        extremes, f"(where: {{number: {{in: {numbers}}}}})", '{ sum(of: "double") avg(of: "double") }'
    )

    assert group == {"sum": total, "avg": average}


async def test_sums_of_single_precision_are_exact_and_may_be_larger_than_it(extremes: Engine) -> None:
    figures = '{ sum(of: "single") avg(of: "single") }'
    (large,) = await _groups(extremes, "(where: {number: {in: [6, 7]}})", figures)
    (small,) = await _groups(extremes, "(where: {number: {in: [0, 1, 2, 4, 5]}})", figures)

    assert large == {"sum": 6.805647e38, "avg": 3.4028235e38}
    assert small == {"sum": 0.6, "avg": 0.12}


async def test_a_group_of_equal_numbers_is_shown_by_the_one_with_the_least_scale(extremes: Engine) -> None:
    groups = await _groups(extremes, '(groupBy: ["any"])', '{ key(of: "any") count min(of: "any") max(of: "any") }')

    shown = ["0", "1", "2.5", "NaN", None]
    assert [group["key"] for group in groups] == shown
    assert [group["min"] for group in groups] == [group["max"] for group in groups] == shown
    assert [group["count"] for group in groups] == [2, 4, 2, 1, 1]


async def test_extremes_of_rows_keep_the_least_scale_that_is_stored(extremes: Engine) -> None:
    (ones,) = await _groups(extremes, "(where: {number: {in: [1, 2]}})", '{ min(of: "any") max(of: "any") }')

    assert ones == {"min": "1.00", "max": "1.00"}


@pytest.mark.parametrize("field", ["double", "single"])
async def test_both_zeros_are_one_group_shown_without_a_sign(extremes: Engine, field: str) -> None:
    (zeros,) = await _groups(
        extremes,
        f'(groupBy: ["{field}"], where: {{number: {{gte: 8}}}})',
        f'{{ key(of: "{field}") least: min(of: "{field}") most: max(of: "{field}") countDistinct(of: "{field}") }}',
    )

    assert str(zeros) == str({"key": 0.0, "least": 0.0, "most": 0.0, "countDistinct": 1})


async def _of_extremes(engine: Engine, arguments: str, selection: str) -> list[dict[str, object]]:
    told = await engine.ask(
        _EDUCATION, f"{{ pool {{ education {{ it: extremesAggregate{arguments} {selection} }} }} }}"
    )
    data = told.data
    assert isinstance(data, dict)
    groups = data["pool"]["education"]["it"]
    assert isinstance(groups, list)
    return groups


async def test_sums_of_numbers_too_large_for_any_sum_are_null(extremes: Engine) -> None:
    figures = '{ sum(of: "c3") avg(of: "c3") }'

    assert await _of_extremes(extremes, "(where: {number: {in: [0, 5]}})", figures) == [{"sum": None, "avg": None}]
    assert await _of_extremes(extremes, "(where: {number: {in: [3, 4]}})", figures) == [{"sum": "NaN", "avg": "NaN"}]
    assert await _of_extremes(extremes, "(where: {number: {in: [3, 7]}})", figures) == [
        {"sum": "Infinity", "avg": "Infinity"}
    ]


@pytest.mark.parametrize(
    ("span", "starts"),
    [
        ("Year", ["-infinity", "4714-11-24 BC", "0044-01-01 BC", "0001-01-01", "2024-01-01", "9999-01-01",
                  "10000-01-01", "5874897-01-01", "infinity"]),
        ("Quarter", ["-infinity", "4714-11-24 BC", "0044-01-01 BC", "0001-01-01", "2024-01-01", "9999-10-01",
                     "10000-01-01", "5874897-10-01", "infinity"]),
        ("Month", ["-infinity", "4714-11-24 BC", "4714-12-01 BC", "0044-03-01 BC", "0001-01-01", "2024-02-01",
                   "9999-12-01", "10000-02-01", "5874897-12-01", "infinity"]),
    ],
)  # fmt: skip
async def test_every_day_has_its_year_quarter_and_month(extremes: Engine, span: str, starts: list[str]) -> None:
    codes = [f"E{number:02}" for number in range(1, 11)]
    of_root = (
        f"{{ it: enterprisesAggregate(where: {{creditCode: {{in: $codes}}}}, groupBy: [establishedOn{span}],"
        f" orderBy: [{{key: {{establishedOn{span}: ASC}}}}]) {{ key {{ establishedOn{span} }} }} }}"
    )
    of_link = of_root.replace("{ it:", "{ places(where: {enterprises: {some: {}}}) { nodes { it:", 1) + " } }"
    head = "query($codes: [String!]) "

    root = await extremes.ask(_MARKET, head + of_root, {"codes": codes})
    link = await extremes.ask(_MARKET, head + of_link, {"codes": codes})

    assert root.codes == link.codes == []
    assert isinstance(root.data, dict)
    assert [group["key"][f"establishedOn{span}"] for group in root.data["it"]] == starts
