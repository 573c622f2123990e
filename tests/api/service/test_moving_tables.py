"""Tables and columns that go, come back or change their type while questions about them are under way."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from policies.principal import Principal
from tests.api.service.workers import Step, Worker

_OPERATING = Path(__file__).parents[3] / "docs" / "operating.md"
_EDUCATION = Principal("education", ("auditor",))
_BEFORE_THE_RECORD = [Step.PREPARE, Step.RUN, Step.RECORD]
_SMALL = "{ pool { education { everything(first: 1) { nodes { small } } } } }"
_WITH_THE_LOG = f"query Both {{ log {{ operations(last: 1) {{ nodes {{ shown }} }} }} {_SMALL[1:]}"
_NARROW = {"education": {"everything": {"nodes": [{"small": 1}]}}}
_WIDE = {"education": {"everything": {"nodes": [{"small": "1"}]}}}
_WIDEN = """
alter table pool_education.everything alter column small type bigint;
update catalog.item set sql_type = 'bigint' where graph_name = 'small'"""
_WITHDRAW = """
update catalog.entry set status = 'withdrawn'
 where code = (select entry from catalog.resource where type_name = 'EducationEverything')"""
_DROP_COLUMN = """
delete from catalog.item where graph_name = 'small'; alter table pool_education.everything drop column small"""
_REMAKE = """
drop table pool_education.keyless;
create table pool_education.keyless (__row bigint generated always as identity primary key, name date, size text);
insert into pool_education.keyless (name, size) values ('2024-02-29', 'XL');
update catalog.item i set sql_type = case i.name when 'name' then 'date' else 'text' end
  from catalog.resource r where r.id = i.resource and r.type_name = 'EducationKeyless'"""


def _batch(connection: asyncpg.Connection, statements: str) -> Callable[[], Awaitable[object]]:
    async def act() -> None:
        async with connection.transaction():
            await connection.execute("select platform.begin_batch()")
            await connection.execute(statements)
            await connection.execute("select platform.end_batch('catalog', graph_moved => true)")

    return act


def _pool(data: object) -> object:
    assert isinstance(data, dict)
    return data["pool"]


@pytest.mark.parametrize("step", _BEFORE_THE_RECORD)
async def test_a_table_whose_entry_is_withdrawn_meanwhile_does_not_exist(
    worker: Worker, other: asyncpg.Connection, step: Step
) -> None:
    id_asked = "{ pool { education { everything(first: 1) { nodes { id } } } } }"
    shown = _pool((await worker.ask(_EDUCATION, id_asked)).data)
    assert isinstance(shown, dict)
    identity = shown["education"]["everything"]["nodes"][0]["id"]
    worker.steps.at(step, _batch(other, _WITHDRAW))

    told = await worker.ask(_EDUCATION, _SMALL)
    found = await worker.ask(_EDUCATION, "query ($id: ID!) { node(id: $id) { id } }", {"id": identity})

    assert told.code == "QUERY_INVALID"
    assert found.data == {"node": None}


@pytest.mark.parametrize("step", _BEFORE_THE_RECORD)
async def test_a_column_dropped_meanwhile_is_gone_from_one_question_and_harms_no_other(
    worker: Worker, other: asyncpg.Connection, step: Step
) -> None:
    worker.steps.at(step, _batch(other, _DROP_COLUMN))

    told = await worker.ask(_EDUCATION, _SMALL)
    beside = await worker.ask(_EDUCATION, _SMALL.replace("small", "big"))

    assert told.code == "QUERY_INVALID"
    assert beside.codes == []


@pytest.mark.parametrize("step", _BEFORE_THE_RECORD)
async def test_a_table_made_again_with_other_types_is_answered_as_it_is_then(
    worker: Worker, other: asyncpg.Connection, step: Step
) -> None:
    document = "{ pool { education { keyless { nodes { name size } } } } }"
    before = await worker.ask(_EDUCATION, document)
    worker.steps.at(step, _batch(other, _REMAKE))

    told = await worker.ask(_EDUCATION, document)

    assert before.codes == told.codes == []
    assert _pool(told.data) == {"education": {"keyless": {"nodes": [{"name": "2024-02-29", "size": "XL"}]}}}


@pytest.mark.parametrize("step", _BEFORE_THE_RECORD)
async def test_a_statement_kept_over_a_change_of_type_is_made_anew_inside_a_snapshot_too(
    worker: Worker, other: asyncpg.Connection, step: Step
) -> None:
    narrow = await worker.ask(_EDUCATION, _WITH_THE_LOG)
    worker.steps.at(step, _batch(other, _WIDEN))

    wide = await worker.ask(_EDUCATION, _WITH_THE_LOG)

    assert (narrow.codes, _pool(narrow.data)) == ([], _NARROW)
    assert (wide.codes, _pool(wide.data)) == ([], _WIDE)


async def test_a_statement_kept_over_a_change_of_type_is_made_anew_while_the_state_is_held(
    worker: Worker, other: asyncpg.Connection
) -> None:
    narrow = await worker.ask(_EDUCATION, _SMALL)
    moved = _batch(other, "update catalog.department set title = title")
    worker.steps.at(Step.RECORD, moved, moved, _batch(other, _WIDEN))

    wide = await worker.ask(_EDUCATION, _SMALL)

    assert (narrow.codes, _pool(narrow.data)) == ([], _NARROW)
    assert (wide.codes, _pool(wide.data)) == ([], _WIDE)
    assert (await worker.record(wide))["graph_version"] == await other.fetchval(
        "select graph_version from platform.state"
    )


async def test_what_is_documented_takes_a_column_and_a_table_out(worker: Worker, other: asyncpg.Connection) -> None:
    documented = _OPERATING.read_text(encoding="utf-8").partition("```sql\nbegin;")[2].partition("```")[0]
    told = [await worker.ask(_EDUCATION, _SMALL)]
    names = {"pool_transport": "pool_education", "bus_line": "everything", "note": "small"}
    for name, ours in names.items():
        documented = documented.replace(name, ours)
    column, table = (part.partition("\n")[2] for part in documented.split("-- or:")[1:])
    for statements in (column, table.partition("select platform")[0]):
        await _batch(other, statements)()
        told += [await worker.ask(_EDUCATION, _SMALL), await worker.ask(_EDUCATION, _SMALL.replace("small", "big"))]

    assert [each.code for each in told] == [None, "QUERY_INVALID", None, "QUERY_INVALID", "QUERY_INVALID"]
    assert await other.fetchval("select to_regclass('pool_education.everything')") is None
