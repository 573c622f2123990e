"""The platform finds its database, embedded or by URL, or says in one line why not."""

from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from api.config import Settings
from api.connections import open_pool
from api.database import DatabaseError, available_database, without_password
from tests.conftest import TestServer


async def test_the_embedded_database_is_made_on_first_use(home: Path) -> None:
    for _ in range(2):
        async with available_database(Settings(home=home)) as url:
            connection = await asyncpg.connect(url)
            assert await connection.fetchval("show server_encoding") == "UTF8"
            assert await connection.fetchval("select datcollate from pg_database where datname = 'yishu'") == "C"
            assert await connection.fetchval("show synchronous_commit") == "on"
            await connection.close()


async def test_a_home_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")

    with pytest.raises(DatabaseError, match="cannot use"):
        async with available_database(Settings(home=tmp_path / "home")):
            pass


@pytest.mark.parametrize("name", ['the "home"', "$home", "`home`"])
async def test_a_home_whose_path_a_shell_would_change_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(DatabaseError, match="in its path"):
        async with available_database(Settings(home=tmp_path / name)):
            pass

    assert not (tmp_path / name).exists()


async def test_a_home_may_have_spaces_quotes_and_chinese_in_its_path(home: Path) -> None:
    async with available_database(Settings(home=home / "县里's 100% home")) as url:
        connection = await asyncpg.connect(url)
        assert await connection.fetchval("select 1") == 1
        await connection.close()


@pytest.mark.every_postgresql
async def test_any_supported_postgresql_is_used_by_url(database_url: str) -> None:
    async with available_database(Settings(database_url=database_url)) as url:
        assert url == database_url


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://yishu:secret@127.0.0.1:1/yishu",
        "postgresql://yishu:secret@h:port/y",
    ],
)
async def test_a_database_that_does_not_answer_is_told_without_its_password(url: str) -> None:
    with pytest.raises(DatabaseError, match="cannot use the database") as raised:
        async with available_database(Settings(database_url=url)):
            pass

    assert "secret" not in str(raised.value)


async def test_a_database_that_does_not_exist_is_told(postgresql: TestServer) -> None:
    with pytest.raises(DatabaseError, match='database "nowhere" does not exist'):
        async with available_database(Settings(database_url=postgresql.cluster.url("nowhere"))):
            pass


async def test_another_encoding_is_refused(postgresql: TestServer) -> None:
    await postgresql.execute("create database latin template template0 encoding 'LATIN1' locale 'C'")

    with pytest.raises(DatabaseError, match="encoded in LATIN1"):
        async with available_database(Settings(database_url=postgresql.cluster.url("latin"))):
            pass


@pytest.mark.every_postgresql
async def test_connections_are_in_utc_and_their_statements_end(database_url: str) -> None:
    pool = await open_pool(database_url, Settings(request_timeout_s=0.2))

    try:
        assert await pool.fetchval("show timezone") == "UTC"
        with pytest.raises(asyncpg.QueryCanceledError):
            await pool.execute("select pg_sleep(5)")
    finally:
        await pool.close()


async def test_a_transaction_left_open_is_rolled_back_when_its_connection_returns(database_url: str) -> None:
    pool = await open_pool(database_url, replace(Settings(), database_connections=2))

    async with pool.acquire() as connection:
        await connection.execute("begin; create table half (id int)")
    left = await pool.fetchval("select to_regclass('half')")
    await pool.close()

    assert left is None


def test_a_password_is_never_shown() -> None:
    assert without_password("postgres://li:s@cret@db/y?sslmode=require&password=s") == "postgres://db/y"


async def test_every_connection_reads_lists_of_rows_inside_a_row(database_url: str) -> None:
    pool = await open_pool(database_url, replace(Settings(), database_connections=2))
    try:
        async with pool.acquire() as first, pool.acquire() as second:
            for connection in (first, second):
                assert await connection.fetchval("select row(1, array(select row(2)))") == (1, [(2,)])
    finally:
        await pool.close()
