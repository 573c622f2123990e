"""Pages made without the database, of rows and lists that are known, while data and rights move."""

import math
from collections.abc import AsyncIterator

import asyncpg
import pytest

from policies.decision import Right
from policies.principal import Principal
from policies.store import grant, revoke
from resolvers.known_rows import KnownRows
from resolvers.row_kinds import Phase, Worth
from tests.api.service.askers import move
from tests.api.service.workers import Step, Worker, worker_on

_EDUCATION, _MARKET, _TOWN = (Principal(name, ()) for name in ("education", "market-regulation", "town-330784105"))
_PAGE = """
query ($after: String!, $first: Int = 8) {
  enterprises(first: $first, where: { creditCode: { gt: $after } }) { nodes { creditCode status legalPersonId } }
}"""
_STATUS = _PAGE.replace("legalPersonId", "employees")
_ENTERPRISE = "pool_market_regulation.enterprise"


@pytest.fixture
async def knowing(county_url: str) -> AsyncIterator[Worker]:
    """A worker that takes all rows for worth knowing."""
    async with worker_on(county_url, known=KnownRows(worth=Worth(math.inf, 0, Phase.KNOWN))) as opened:
        yield opened


async def _meet(worker: Worker, principal: Principal, document: str = _STATUS) -> None:
    """Asks for pages of other sizes until their rows and their list are known."""
    for first in range(20, 32):
        await worker.ask(principal, document, {"after": "E00", "first": first})
        await worker.service.read_ahead.settled()
    worker.steps.has_read = False


async def _told(worker: Worker, after: str, principal: Principal = _MARKET) -> list[tuple[str, str | None]]:
    told = await worker.ask(principal, _STATUS, {"after": after})
    assert isinstance(told.data, dict)
    record = await worker.record(told)
    shown = [(node["creditCode"], node["status"]) for node in told.data["enterprises"]["nodes"]]
    assert record["shown"] == len(shown)
    return shown


async def _as_they_are(connection: asyncpg.Connection, after: str) -> list[tuple[str, str | None]]:
    sql = f"select credit_code, status from {_ENTERPRISE} where credit_code > $1 order by credit_code limit 8"
    return [(row[0], row[1]) for row in await connection.fetch(sql, after)]


async def test_a_page_of_what_is_known_asks_the_database_for_its_record_alone(
    knowing: Worker, other: asyncpg.Connection
) -> None:
    await _meet(knowing, _MARKET)

    for after in ("E01", "E02", "E17"):
        assert await _told(knowing, after) == await _as_they_are(other, after)
    assert not knowing.steps.has_read

    assert await _told(knowing, "E015") == await _as_they_are(other, "E015")
    assert knowing.steps.has_read


@pytest.mark.parametrize("step", [Step.PREPARE, Step.RECORD, Step.ANSWER])
@pytest.mark.parametrize(
    "change",
    [
        f"update {_ENTERPRISE} set status = 'moved'",
        f"delete from {_ENTERPRISE} where credit_code between 'E05' and 'E09'",
        f"insert into {_ENTERPRISE} (credit_code, name) values ('E045', 'new'), ('E095', 'new')",
    ],
)
async def test_an_answer_is_of_the_state_it_is_recorded_under(
    knowing: Worker, other: asyncpg.Connection, step: Step, change: str
) -> None:
    await _meet(knowing, _MARKET)
    before = await _as_they_are(other, "E03")

    async def meanwhile() -> None:
        await move(other, change)

    knowing.steps.at(step, meanwhile)
    first = await _told(knowing, "E03")

    assert first == (before if step is Step.ANSWER else await _as_they_are(other, "E03"))
    assert await _as_they_are(other, "E03") != before
    for _ in range(2):
        for after in ("E01", "E03", "E04", "E09"):
            assert await _told(knowing, after) == await _as_they_are(other, after)
        await _meet(knowing, _MARKET)


@pytest.mark.parametrize("step", [Step.PREPARE, Step.RECORD])
async def test_a_right_revoked_leaves_no_value_behind(knowing: Worker, other: asyncpg.Connection, step: Step) -> None:
    await grant(other, "education", "Enterprise.legalPersonId", Right.READ, "test")
    await _meet(knowing, _EDUCATION, _PAGE)
    granted = await knowing.ask(_EDUCATION, _PAGE, {"after": "E02"})
    assert not knowing.steps.has_read

    async def take() -> None:
        await revoke(other, "education", "Enterprise.legalPersonId", Right.READ, "test")

    knowing.steps.at(step, take)
    told = await knowing.ask(_EDUCATION, _PAGE, {"after": "E03"})

    assert granted.codes == []
    assert b'"legalPersonId":"' in granted.body
    assert told.codes == ["FIELD_DENIED"]
    assert b'"legalPersonId":"' not in told.body


async def test_a_list_is_of_those_rows_that_there_are_for_who_asks(knowing: Worker, other: asyncpg.Connection) -> None:
    for principal in (_MARKET, _TOWN):
        await _meet(knowing, principal)
    theirs = await other.fetch(f"select credit_code from {_ENTERPRISE} where town_code = '330784105' order by 1")

    told = [code for code, _ in await _told(knowing, theirs[0][0], _TOWN)]

    assert told == [row[0] for row in theirs[1:9]]
    assert len(theirs) < len(await _as_they_are(other, "E00")) * 4
    assert not knowing.steps.has_read
    # A key of the others is none of its list: it is asked for, and nothing but its own rows is told.
    strange = await other.fetchval(f"select min(credit_code) from {_ENTERPRISE} where town_code <> '330784105'")
    assert {code for code, _ in await _told(knowing, strange, _TOWN)} <= {row[0] for row in theirs}
    assert knowing.steps.has_read
