"""Counts of connections: exact, or as the database plans where that tells of no row but those one may count."""

import pytest

from policies.principal import PUBLIC, Principal
from tests.resolvers.asking import Engine

_MARKET = Principal("market-regulation", ())
_TOWN = Principal("town-330784105", ())


async def _statements(engine: Engine, principal: Principal, document: str) -> list[str]:
    return [each.sql for each in (await engine.prepare(principal, document)).plan.statements]


async def test_an_estimate_reads_no_row(engine: Engine) -> None:
    document = "{ enterprises(where: {employees: {gt: 1}}, first: 0) { totalCount(mode: PLANNED) } }"

    # The planner goes by the pages of the table, of which other tests leave some, until it is analyzed.
    await engine.pool.execute("analyze pool_market_regulation.enterprise")
    _, counting = await _statements(engine, _MARKET, document)
    shown = await engine.show(_MARKET, document)

    assert counting.startswith("explain (format json) select from")
    assert isinstance(shown.data, dict)
    assert 0 <= shown.data["enterprises"]["totalCount"] <= 100


async def test_both_counts_may_stand_side_by_side(engine: Engine) -> None:
    shown = await engine.show(
        _MARKET,
        "query($mode: CountMode) { licences { totalCount exact: totalCount(mode: EXACT) none: totalCount(mode: null)"
        " given: totalCount(mode: $mode) planned: totalCount(mode: PLANNED) } }",
        {"mode": "PLANNED"},
    )

    assert isinstance(shown.data, dict)
    counts = shown.data["licences"]
    assert counts["totalCount"] == counts["exact"] == counts["none"] == 60
    assert counts["given"] == counts["planned"]
    assert len(shown.prepared.plan.statements) == 3


@pytest.mark.parametrize(
    ("principal", "document"),
    [
        (_TOWN, "{ enterprises { totalCount(mode: PLANNED) } }"),
        (_MARKET, "{ catalog { entries { totalCount(mode: PLANNED) } } }"),
        (PUBLIC, "{ catalog { items { totalCount(mode: PLANNED) } } }"),
        (_MARKET, "{ places { nodes { enterprises { totalCount(mode: PLANNED) } } } }"),
    ],
)
async def test_an_estimate_that_would_tell_of_hidden_rows_is_a_count(
    engine: Engine, principal: Principal, document: str
) -> None:
    planned = await engine.show(principal, document)
    exact = await engine.show(principal, document.replace("PLANNED", "EXACT"))

    assert planned.data == exact.data
    assert not any("explain" in each.sql for each in planned.prepared.plan.statements)


async def test_an_estimate_of_what_one_may_not_filter_by_is_refused(engine: Engine) -> None:
    shown = await engine.show(
        Principal("education", ()), '{ people(where: {name: {eq: "张三"}}) { totalCount(mode: PLANNED) } }'
    )

    assert shown.data == {"people": None}
    assert not shown.prepared.plan.statements
