"""The sample in the pool: what the catalog says of it, and what loading again does."""

from dataclasses import replace

import asyncpg
import pytest

from pool.errors import CollectionError
from pool.progress import SilentProgress
from pool.sample import is_loaded, load_sample
from pool.sample.county import make_county
from pool.sample.load import load_departments
from pool.sample.places import read_places
from pool.sample.plan import make_plan
from pool.sample.scale import COUNTY, SMALL
from pool.sample.source import source_label

_TOTALS = """
select count(*), count(distinct entry), count(distinct provider), sum(rows)::int,
       (select count(*) from catalog.entry), (select count(*) from platform.batch where kind = 'collection')
  from catalog.resource"""
_UNCATALOGUED = """
select table_schema || '.' || table_name || '.' || column_name from information_schema.columns
 where table_schema like 'pool\\_%' and column_name not in ('__epoch', '__row', '__order')
except
select r.schema_name || '.' || r.relation_name || '.' || i.name
  from catalog.item as i join catalog.resource as r on r.id = i.resource"""
_LOADED_BEFORE = "insert into platform.batch (epoch, kind, provider, source, started_at) values ($1, $2, $3, $4, now())"


@pytest.mark.every_postgresql
async def test_departments_entries_tables_and_records_are_in_the_catalog(shared_sample_url: str) -> None:
    connection = await asyncpg.connect(shared_sample_url)

    totals = await connection.fetchrow(_TOTALS)
    stored = await _stored_rows(connection)
    uncatalogued = await connection.fetch(_UNCATALOGUED)
    await connection.close()

    assert tuple(totals or ()) == (SMALL.tables, SMALL.entries, 29, SMALL.records, SMALL.entries, 29)
    assert stored == SMALL.records
    assert uncatalogued == []


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("pool_public_security.person", "sex"),
        ("pool_public_security.person", "ethnicity"),
        ("pool_market_regulation.enterprise", "industry_code"),
        ("pool_market_regulation.enterprise", "status"),
        ("pool_market_regulation.licence", "kind"),
        ("pool_development_reform.project", "stage"),
        ("pool_development_reform.project", "industry_code"),
        ("pool_development_reform.credit_record", "kind"),
        ("pool_civil_affairs.division", "level"),
        ("pool_economy_information.per_mu_evaluation_2025", "industry_code"),
    ],
)
async def test_what_has_a_code_list_holds_its_codes(table: str, column: str, shared_sample_url: str) -> None:
    connection = await asyncpg.connect(shared_sample_url)

    strangers = await connection.fetch(
        f"""
        select distinct {column} from {table}
        except all
        select c.code from catalog.item as i
          join catalog.resource as r on r.id = i.resource join catalog.code as c on c.list = i.code_list
         where r.schema_name || '.' || r.relation_name = $1 and i.name = $2
        except all select null""",
        table,
        column,
    )
    await connection.close()

    assert strangers == []


async def _stored_rows(connection: asyncpg.Connection) -> int:
    tables = await connection.fetch("select schema_name, relation_name from catalog.resource")
    counts = " + ".join(f'(select count(*) from {schema}."{relation}")' for schema, relation in tables)
    return int(await connection.fetchval(f"select {counts}"))


async def test_a_row_keeps_its_relations_in_the_pool(shared_sample_url: str) -> None:
    connection = await asyncpg.connect(shared_sample_url)

    row = await connection.fetchrow("""
        select e.name, p.name as legal_person, d.name as town, count(l.*) as licences
          from pool_market_regulation.enterprise as e
          join pool_public_security.person as p on p.citizen_id = e.legal_person_id
          join pool_civil_affairs.division as d on d.code = e.town_code
          join pool_market_regulation.licence as l on l.holder_code = e.credit_code
         where e.credit_code = '91330784769931373Q' group by 1, 2, 3""")
    await connection.close()

    assert tuple(row or ()) == ("浙江永康尔来休闲车有限公司", "徐林豪", "石柱镇", 4)


async def test_loading_twice_changes_nothing(sample_url: str) -> None:
    connection = await asyncpg.connect(sample_url)
    before = await connection.fetchrow("select * from platform.state")

    report = await load_sample(connection, "small", SilentProgress())

    assert report.was_loaded
    assert (report.tables, report.records) == (SMALL.tables, SMALL.records)
    assert await connection.fetchrow("select * from platform.state") == before
    await connection.close()


async def test_a_load_that_was_broken_off_goes_on_with_the_missing_departments(connection: asyncpg.Connection) -> None:
    plan = make_plan(SMALL, read_places())
    county = make_county(SMALL)
    await load_departments(connection, county, plan.departments[:27], SilentProgress())
    assert not await is_loaded(connection)

    report = await load_sample(connection, "small", SilentProgress())

    assert report.loaded == tuple(department.code for department in plan.departments[27:])
    assert await is_loaded(connection)
    assert not await is_loaded(connection, "county")


async def test_the_county_does_not_shrink(connection: asyncpg.Connection) -> None:
    await connection.execute(_LOADED_BEFORE, 1_000, "collection", "water", source_label(COUNTY))

    with pytest.raises(CollectionError, match="does not shrink"):
        await load_sample(connection, "small", SilentProgress())


async def test_an_unknown_scale_is_refused(connection: asyncpg.Connection) -> None:
    with pytest.raises(CollectionError, match="no sample of scale huge"):
        await load_sample(connection, "huge", SilentProgress())


async def test_a_department_is_there_as_a_whole_or_not_at_all(connection: asyncpg.Connection) -> None:
    plan = make_plan(SMALL, read_places())
    county = make_county(SMALL)
    water = next(department for department in plan.departments if department.code == "water")
    broken = replace(water, tables=(*water.tables, replace(water.tables[0], name="broken", rows=10, town=99)))

    with pytest.raises(IndexError):
        await load_departments(connection, county, [broken], SilentProgress())

    assert await connection.fetchval("select count(*) from catalog.resource where provider = 'water'") == 0
    assert await connection.fetchval("select to_regnamespace('pool_water') is null")
