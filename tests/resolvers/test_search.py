"""Searching names: words in any place, folded, by index where there is one, and only by those who may filter."""

import pytest

from policies.principal import Principal
from resolvers.refusal import Refusal
from tests.resolvers.asking import Engine

_MARKET = Principal("market-regulation", ())
_EDUCATION = Principal("education", ())
_SEARCH = "query Search($text: String) { enterprises(where: {name: {search: $text}}, first: 50) { nodes { name } } }"


async def _names(engine: Engine, text: str | None) -> set[str]:
    data = (await engine.show(_MARKET, _SEARCH, {"text": text})).data
    assert isinstance(data, dict)
    return {node["name"] for node in data["enterprises"]["nodes"]}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("五金", {"五金厂", "五金_厂", "🔧五金🔩", "永康市五金城", "ＡＢ\u3000ab五金（永康）"}),
        ("金 永康", {"永康市五金城", "ＡＢ\u3000ab五金（永康）"}),
        ("ab\u3000(永康)", {"ＡＢ\u3000ab五金（永康）"}),
        ("ＡＢ五", {"ＡＢ\u3000ab五金（永康）"}),
        ("_", {"五金_厂"}),
        ("%", {"50%"}),
        ("\\", {"a\\b", "back\\"}),
        ("🔩", {"🔧五金🔩"}),
        ("永康市五金城东", set()),
        (None, set()),
    ],
)
async def test_a_search_finds_names_that_hold_every_word(engine: Engine, text: str | None, names: set[str]) -> None:
    async with engine.pool.acquire() as connection:
        known = {
            str(row["name"]) for row in await connection.fetch("select name from pool_market_regulation.enterprise")
        }

    assert await _names(engine, text) == names & known


async def test_who_sees_a_name_masked_may_not_search_it(engine: Engine) -> None:
    shown = await engine.show(_EDUCATION, '{ people(where: {name: {search: "张"}}) { totalCount } }')

    assert shown.data == {"people": None}
    assert shown.denied == {("Person.name", "people")}
    assert "person" not in str(shown.prepared.plan.statements)


async def test_a_search_of_too_many_words_is_too_costly(engine: Engine) -> None:
    with pytest.raises(Refusal) as refused:
        await engine.show(_MARKET, _SEARCH, {"text": " ".join("五" * 21)})

    assert refused.value.code == "QUERY_TOO_COSTLY"


@pytest.mark.parametrize(
    "document",
    [
        _SEARCH,
        _SEARCH.replace("search", "contains"),
        "query($text: String) { digitalIndustry { enterprises(where: {name: {search: $text}}) { totalCount } } }",
        "query($text: String) { projects(where: {or: [{name: {contains: $text}}]}) { totalCount } }",
    ],
)
async def test_an_index_may_serve_searches_and_parts_of_searched_names(engine: Engine, document: str) -> None:
    prepared = await engine.prepare(_MARKET, document, {"text": "张静蕾"})

    assert 'platform.grams(t1."name") @> platform.grams_of' in prepared.plan.statements[0].sql


async def test_searched_names_are_found_by_index(engine: Engine) -> None:
    prepared = await engine.prepare(_MARKET, _SEARCH.replace("enterprises", "projects"), {"text": "张静蕾"})
    statement = prepared.plan.statements[0]
    async with engine.pool.acquire() as connection, connection.transaction():
        await connection.execute("set local enable_seqscan = off; set local enable_indexscan = off")
        rows = await connection.fetch(f"explain {statement.sql}", *statement.bind(prepared.variables))

    assert "project_by_part_of_name" in str(rows)


@pytest.mark.parametrize("operator", ["search", "contains", "startsWith", "like"])
async def test_every_part_of_a_text_is_planned_for(engine: Engine, operator: str) -> None:
    document = _SEARCH.replace("search", operator)
    prepared = await engine.prepare(_MARKET, document, {"text": ""})
    statement = prepared.plan.statements[0]
    async with engine.pool.acquire() as connection:
        for _ in range(10):  # of all rows, which costs most, so that a plan for any text would seem cheap
            await connection.fetch(statement.sql, *statement.bind(prepared.variables))
        counted = await connection.fetch(
            "select generic_plans from pg_prepared_statements where statement = $1", statement.sql
        )

    assert [tuple(each) for each in counted] == [(0,)]
