"""Rows that are known, while data and rights move: an answer is of one state, and recorded under it."""

import math
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest

from policies.decision import Right
from policies.principal import Principal
from policies.store import grant, revoke
from resolvers.known_rows import KnownRows
from resolvers.row_kinds import Worth
from tests.api.service.workers import Step, Worker, worker_on

_EDUCATION = Principal("education", ())
_PAGE = """
query ($after: String!) {
  enterprises(first: 8, where: { creditCode: { gt: $after } }, orderBy: [{ creditCode: ASC }]) {
    nodes { creditCode status legalPersonId }
  }
}"""


@pytest.fixture
async def knowing(county_url: str) -> AsyncIterator[Worker]:
    """A worker that takes all rows for worth knowing."""
    async with worker_on(county_url, known=KnownRows(worth=Worth(math.inf, 0))) as opened:
        yield opened


def _changing(connection: asyncpg.Connection, *statements: str) -> Callable[[], Awaitable[object]]:
    async def act() -> None:
        async with connection.transaction():
            await connection.execute("select platform.begin_batch()")
            for each in statements:
                await connection.execute(each)
            await connection.execute("select platform.end_batch('collection', 'market-regulation', 'test', 0, 1, 0, 0)")

    return act


async def _as_they_are(connection: asyncpg.Connection, after: str) -> list[tuple[str, str | None]]:
    sql = """
        select credit_code, status from pool_market_regulation.enterprise
         where credit_code > $1 order by credit_code limit 8"""
    return [(row[0], row[1]) for row in await connection.fetch(sql, after)]


async def _told(worker: Worker, after: str) -> list[tuple[str, str | None]]:
    told = await worker.ask(_EDUCATION, _PAGE, {"after": after})
    assert isinstance(told.data, dict)
    return [(node["creditCode"], node["status"]) for node in told.data["enterprises"]["nodes"]]


@pytest.mark.parametrize("step", [Step.PREPARE, Step.RUN, Step.BETWEEN, Step.RECORD])
@pytest.mark.parametrize("first_known", ["E00", "E02"])
@pytest.mark.parametrize(
    "change",
    [
        "update pool_market_regulation.enterprise set status = 'moved'",
        "delete from pool_market_regulation.enterprise where credit_code between 'E05' and 'E09'",
        "insert into pool_market_regulation.enterprise (credit_code, name) values ('E045', 'new'), ('E095', 'new')",
    ],
)
async def test_an_answer_shows_one_state_whenever_a_batch_comes(
    knowing: Worker, other: asyncpg.Connection, step: Step, first_known: str, change: str
) -> None:
    """Of the page after E03 all rows are known or most; of one known so far one statement is read, of others two."""
    for after in ("E00", first_known):
        assert await _told(knowing, after) == await _as_they_are(other, after)
    knowing.steps.at(step, _changing(other, change))

    assert await _told(knowing, "E03") == await _as_they_are(other, "E03")
    assert await _told(knowing, "E00") == await _as_they_are(other, "E00")
    assert await _told(knowing, "E02") == await _as_they_are(other, "E02")


@pytest.mark.parametrize("step", [Step.PREPARE, Step.RUN, Step.RECORD])
async def test_a_right_revoked_leaves_no_value_behind(knowing: Worker, other: asyncpg.Connection, step: Step) -> None:
    await grant(other, "education", "Enterprise.legalPersonId", Right.READ, "test")
    granted = [await knowing.ask(_EDUCATION, _PAGE, {"after": after}) for after in ("E00", "E01", "E02")]

    async def take() -> None:
        await revoke(other, "education", "Enterprise.legalPersonId", Right.READ, "test")

    knowing.steps.at(step, take)
    told = await knowing.ask(_EDUCATION, _PAGE, {"after": "E03"})

    assert all(each.codes == [] and b'"legalPersonId":"' in each.body for each in granted)
    assert told.codes == ["FIELD_DENIED"]
    assert b'"legalPersonId":"' not in told.body


async def test_rows_of_a_table_that_loses_its_key_are_not_told_apart_by_it(
    knowing: Worker, other: asyncpg.Connection
) -> None:
    async def has_unique_key() -> bool:
        view = await knowing.service.platform.view()
        return view.preparer(_EDUCATION).setting.graph.nodes["Enterprise"].has_unique_key

    for after in ("E00", "E01", "E02"):
        await _told(knowing, after)
    before = await has_unique_key()
    async with other.transaction():
        await other.execute("select platform.begin_batch()")
        await other.execute("alter table pool_market_regulation.enterprise drop constraint enterprise_pkey cascade")
        await other.execute(
            "update pool_market_regulation.enterprise set credit_code = 'E05' where credit_code = 'E06'"
        )
        await other.execute("select platform.end_batch('collection', graph_moved => true)")

    for after in ("E00", "E01", "E02"):
        assert [code for code, _ in await _told(knowing, after)].count("E05") == 2
    assert (before, await has_unique_key()) == (True, False)
