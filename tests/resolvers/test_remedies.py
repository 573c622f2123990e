"""What an error of a document or of variables says of what could be asked for instead."""

import json

import pytest
from graphql import GraphQLSchema, build_schema

from policies.principal import PUBLIC, Principal
from resolvers.remedies import remedy
from tests.resolvers.asking import Engine, Told

_EDUCATION = Principal("education", ())
_SCHEMA = build_schema("type Query { " + " ".join(f"f{number}: Int" for number in range(50)) + " }")


def _hints(told: Told) -> list[object]:
    errors = json.loads(told.body)["errors"]
    return [error["extensions"].get("hint") for error in errors]


@pytest.mark.parametrize(
    ("document", "hint"),
    [
        ("{ enterprises { name } }", "`EnterpriseConnection` has nodes, edges, pageInfo, totalCount."),
        ("{ enterprises(limit: 1) { totalCount } }", "has where, orderBy, first, after, last, before."),
        ("{ enterprises { nodes { name(upper: true) } } }", "`Enterprise.name` takes no arguments."),
        ('{ enterprises(where: {name: {ilike: "x"}}) { totalCount } }', "`StringComparison` has eq, ne, in, notIn,"),
        ('{ enterprises(where: {name: "x"}) { totalCount } }', "`StringComparison` has eq, ne, in, notIn,"),
        ("{ enterprises(orderBy: [{name: asc}]) { totalCount } }", "`OrderDirection` has ASC, DESC,"),
        ('{ enterprisesAggregate(groupBy: ["name"]) { count } }', "`EnterpriseGroupBy` has creditCode,"),
        ("{ pool { education } }", "`PoolEducation` has "),
        ('{ node(id: "x") { name } }', "`Node` has id."),
        ("{ enterprises { totalCount @defer } }", "There are `@skip` and `@include`."),
        ('{ pool { education { oddNamesAggregate(groupBy: ["no"]) { count } } } }', "`EducationOddNames` has "),
        ("{ enterprises { nodes { nothing: __typename } } ...F }", None),
    ],
)
async def test_what_a_type_has_is_told_to_whoever_asked_it_for_something_else(
    engine: Engine, document: str, hint: str | None
) -> None:
    (told,) = _hints(await engine.ask(_EDUCATION, document))

    assert hint in str(told) if hint else told is None


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ({"nam": {"eq": "x"}}, "`EnterpriseWhere` has creditCode, name,"),
        ({"name": {"is": "x"}}, "`StringComparison` has eq, ne,"),
        ({"name": "x"}, "`StringComparison` has eq, ne,"),
    ],
)
async def test_what_variables_may_hold_is_told_too(engine: Engine, value: object, hint: str) -> None:
    document = "query($w: EnterpriseWhere) { enterprises(where: $w) { totalCount } }"

    (told,) = _hints(await engine.ask(_EDUCATION, document, {"w": value}))

    assert hint in str(told)


async def test_the_public_is_told_of_what_is_open_alone(engine: Engine) -> None:
    told = _hints(await engine.ask(PUBLIC, "{ log { nothing } enterprises { nodes { nothing } } }"))

    assert len(told) == 2
    assert not {"log", "legalPersonId", "people"} & set(str(told).replace(",", " ").replace(".", " ").split())


def test_of_very_many_names_the_first_are_told() -> None:
    told = remedy("Cannot query field 'x' on type 'Query'.", _SCHEMA)

    assert told is not None
    assert told.endswith("f38, f39 … (50 in all).")


@pytest.mark.parametrize("message", ["", "Cannot query field 'x' on type 'Nothing'.", "Unknown argument 'a' on field"])
def test_what_names_nothing_known_has_no_remedy(message: str) -> None:
    assert remedy(message, GraphQLSchema()) is None


async def test_an_error_repeats_little_of_what_was_sent(engine: Engine) -> None:
    told = await engine.ask(_EDUCATION, "{ " + "a" * 20_000 + " }")

    assert len(told.body) < 3_000


async def test_a_value_that_does_not_fit_is_pointed_at(engine: Engine) -> None:
    told = await engine.ask(_EDUCATION, '{ enterprises(where: {establishedOn: {gt: "2020"}}) { totalCount } }')

    (error,) = json.loads(told.body)["errors"]
    assert error["message"].startswith("Date must be a calendar day")
    assert error["locations"] == [{"line": 1, "column": 43}]


async def test_a_link_that_is_null_in_a_condition_is_named(engine: Engine) -> None:
    told = await engine.ask(_EDUCATION, "{ enterprises(where: {town: null}) { totalCount } }")

    assert json.loads(told.body)["errors"][0]["message"] == "`town` must be an object, not null."
