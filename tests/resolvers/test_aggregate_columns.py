"""Aggregates over every kind of column: each function and each group key that the schema offers works."""

from graphql import GraphQLEnumType, GraphQLObjectType, get_named_type

from policies.principal import Principal
from tests.resolvers.asking import Engine

_EDUCATION = Principal("education", ())


async def _aggregate(engine: Engine, arguments: str, selection: str) -> list[dict[str, object]]:
    document = f"{{ pool {{ education {{ everythingAggregate{arguments} {selection} }} }} }}"
    shown = await engine.show(_EDUCATION, document)
    assert isinstance(shown.data, dict)
    groups = shown.data["pool"]["education"]["everythingAggregate"]
    assert isinstance(groups, list)
    return groups


async def test_every_figure_the_schema_offers_can_be_asked(engine: Engine) -> None:
    kind = (await engine.view()).departments.setting.schema.type_map["EducationEverythingAggregate"]
    assert isinstance(kind, GraphQLObjectType)
    figures = {name: get_named_type(field.type) for name, field in kind.fields.items() if name not in ("key", "count")}
    selections = [
        f"{name} {{ {' '.join(inner.fields)} }}"
        for name, inner in figures.items()
        if isinstance(inner, GraphQLObjectType)
    ]

    (group,) = await _aggregate(engine, "", f"{{ {' '.join(selections)} }}")

    least, counts = group["min"], group["countDistinct"]
    assert isinstance(least, dict)
    assert isinstance(counts, dict)
    assert least["identifier"] == "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
    assert (counts["list"], counts["network"], counts["moment"]) == (3, 3, 3)


async def test_every_group_key_the_schema_offers_can_be_grouped_by(engine: Engine) -> None:
    kind = (await engine.view()).departments.setting.schema.type_map["EducationEverythingGroupBy"]
    assert isinstance(kind, GraphQLEnumType)

    for name in kind.values:
        arguments = f"(groupBy: [{name}], orderBy: [{{key: {{{name}: DESC}}}}])"
        groups = await _aggregate(engine, arguments, f"{{ key {{ {name} }} count }}")

        assert sum(int(str(group["count"])) for group in groups) == 4, name


async def test_groups_are_chosen_by_the_least_of_an_identifier(engine: Engine) -> None:
    having = '(groupBy: [flag], having: {min: {identifier: {eq: "b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}}})'

    groups = await _aggregate(engine, having, "{ key { flag } }")

    assert groups == [{"key": {"flag": False}}]
