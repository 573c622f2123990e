"""Commands as a person runs them: arguments in, exit status and two streams out."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.cli import main


@dataclass(frozen=True, slots=True)
class Finished:
    """How a command ended."""

    status: int
    out: str
    err: str


Run = Callable[..., Awaitable[Finished]]


@pytest.fixture
def yishu(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs one command with a home of this test; its database is whatever YISHU_DATABASE_URL says."""
    monkeypatch.setenv("YISHU_HOME", str(home))
    monkeypatch.chdir(tmp_path)

    async def run(*arguments: str) -> Finished:
        capsys.readouterr()
        try:
            status = await asyncio.to_thread(main, arguments)
        except SystemExit as error:  # argparse, for wrong usage and for help
            status = int(error.code or 0)
        said = capsys.readouterr()
        return Finished(status, said.out, said.err)

    return run


@pytest.fixture
def on_database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A fresh, migrated database, named by the environment."""
    monkeypatch.setenv("YISHU_DATABASE_URL", database_url)
    return database_url


@pytest.fixture
def on_empty_database(empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database that was never migrated, named by the environment."""
    monkeypatch.setenv("YISHU_DATABASE_URL", empty_database_url)
    return empty_database_url
