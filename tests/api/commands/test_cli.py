"""Every command ends with a status and at most one clear line."""

import json
from pathlib import Path

import asyncpg
import pytest

from tests.api.commands.conftest import Run


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("bogus",),
        ("serve", "--port", "x"),
        ("serve", "--workers", "0"),
        ("token",),
        ("token", "--department", "Education"),
        ("token", "--department", ""),
        ("token", "--department", "education", "--role", "*"),
        ("token", "--department", "education", "--ttl", "0"),
        ("sample", "--scale", "huge"),
        ("collect", "x.csv"),
        ("collect", "--provider", "statistics"),
        ("log", "search", "--since", "yesterday"),
        ("policy", "publish", "x.csv"),
    ],
)
async def test_wrong_usage_is_status_2(yishu: Run, arguments: tuple[str, ...]) -> None:
    finished = await yishu(*arguments)

    assert finished.status == 2
    assert "usage: yishu" in finished.err


async def test_help_is_no_failure(yishu: Run) -> None:
    finished = await yishu("--help")

    assert (finished.status, finished.err) == (0, "")


async def test_all_faults_of_the_settings_are_told(yishu: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YISHU_ENV", "prod")
    monkeypatch.setenv("YISHU_COLOUR", "red")

    finished = await yishu("migrate")

    assert (finished.status, finished.out) == (1, "")
    assert finished.err.splitlines() == [
        "yishu: YISHU_COLOUR is not a setting",
        "yishu: YISHU_ENV must be one of development, production",
    ]


@pytest.mark.parametrize(
    "command", [("migrate",), ("schema",), ("sample",), ("log", "search"), ("serve", "--port", "0")]
)
async def test_a_database_that_is_away_is_one_line(
    yishu: Run, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("YISHU_DATABASE_URL", "postgresql://yishu:hush@127.0.0.1:1/yishu")

    finished = await yishu(*command)

    assert (finished.status, finished.out) == (1, "")
    assert finished.err.startswith("yishu: cannot use the database postgresql://127.0.0.1:1/yishu")
    assert len(finished.err.splitlines()) == 1


async def test_migrate_brings_a_database_up_once(yishu: Run, on_empty_database: str) -> None:
    first = await yishu("migrate")
    second = await yishu("migrate")
    as_json = await yishu("migrate", "--json")

    assert first.out.startswith("applied 0001_platform.sql\n")
    assert second.out == "the database is up to date\n"
    assert json.loads(as_json.out) == {"applied": []}


async def test_a_changed_migration_is_refused(yishu: Run, on_database: str) -> None:
    connection = await asyncpg.connect(on_database)
    await connection.execute("update public.yishu_migration set digest = '' where name = '0001_platform.sql'")
    await connection.close()

    finished = await yishu("migrate")

    assert finished.status == 1
    assert finished.err.startswith("yishu: migration 0001_platform.sql was changed")


async def test_a_database_by_url_is_never_migrated_unasked(yishu: Run, on_empty_database: str) -> None:
    finished = await yishu("schema")

    assert (finished.status, finished.err) == (1, "yishu: the database is not up to date: run yishu migrate\n")


async def test_the_embedded_database_is_brought_up_as_needed(yishu: Run) -> None:
    finished = await yishu("policy", "show")

    assert finished.status == 0
    assert finished.out.startswith("# version 1\n")


async def test_a_token_stands_alone_on_stdout(yishu: Run) -> None:
    finished = await yishu(
        "token", "--department", "town-330784105", "--role", "auditor", "--user", "li", "--ttl", "60"
    )

    assert (finished.status, finished.err) == (0, "")
    assert finished.out.count(".") == 2
    assert len(finished.out.split()) == 1


async def test_production_gives_no_token(yishu: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "jwks.json").write_text('{"keys": []}')
    monkeypatch.setenv("YISHU_ENV", "production")
    monkeypatch.setenv("YISHU_JWKS", str(tmp_path / "jwks.json"))

    token, demo = await yishu("token", "--department", "education"), await yishu("demo")

    assert (token.status, token.out, demo.status, demo.out) == (1, "", 1, "")
    assert "demo tokens are refused" in token.err
    assert "hands out tokens" in demo.err


async def test_the_schema_of_a_department_is_part_of_the_whole(yishu: Run, on_database: str) -> None:
    await yishu("migrate")

    whole = await yishu("schema")
    part = await yishu("schema", "--department", "education")
    unknown = await yishu("schema", "--department", "nobody")

    assert "  legalPersonId: " in whole.out
    assert "  legalPersonId: " not in part.out
    assert "type Enterprise" in part.out
    assert (unknown.status, unknown.err) == (1, "yishu: there is no department nobody\n")


async def test_a_database_that_was_damaged_is_one_line(yishu: Run, on_database: str) -> None:
    await yishu("migrate")
    connection = await asyncpg.connect(on_database)
    await connection.execute("drop schema log cascade")
    await connection.close()

    finished = await yishu("log", "search")

    assert (finished.status, finished.out) == (1, "")
    assert finished.err.startswith("yishu: the database or the system failed: ")
    assert len(finished.err.splitlines()) == 1


async def test_a_taken_port_is_told(yishu: Run, on_database: str) -> None:
    finished = await yishu("serve", "--host", "192.0.2.1", "--port", "8000")

    assert finished.status == 1
    assert finished.err.startswith("yishu: cannot listen on 192.0.2.1, port 8000: ")
