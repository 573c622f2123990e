"""What people rely on is written down: every setting, every code, every command and option, every figure."""

import re
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.cli import parser
from api.config import PREFIX, VARIABLES, Settings
from api.errors import MEANING_BY_CODE
from api.metrics import Metrics
from api.serving import pool_gauges, stream_gauges
from api.streams import Streams

ROOT = Path(__file__).parents[2]
DOCS = sorted((ROOT / "docs").glob("*.md"))


class NoConnections:
    """A pool that holds nothing."""

    def get_size(self) -> int:
        return 0

    def get_idle_size(self) -> int:
        return 0


def _page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def _row(page: str, name: str) -> list[str]:
    """The cells of the table row that begins with this name."""
    page = page.replace("\\|", "/")
    rows = re.findall(rf"^\| `{re.escape(name)}\b[^|]*\|.*\|$", page, re.MULTILINE)
    assert len(rows) == 1, f"{name} has {len(rows)} rows"
    return [cell.strip() for cell in rows[0].strip("|").split("|")]


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: variable.name)
def test_every_setting_is_documented_with_its_default(variable: object) -> None:
    name, field = getattr(variable, "name", ""), getattr(variable, "field", "")
    default = getattr(Settings(), field)
    _, documented, meaning = _row(_page("configuration.md"), PREFIX + name)

    assert meaning
    if default not in (None, ()):
        assert documented == f"`{default:g}`" if isinstance(default, float) else f"`{default}`"


def test_no_setting_is_documented_that_does_not_exist() -> None:
    mentioned = {name for page in DOCS for name in re.findall(rf"`?{PREFIX}([A-Z_]+)\b", page.read_text("utf-8"))}

    assert mentioned <= {variable.name for variable in VARIABLES}


@pytest.mark.parametrize("code", MEANING_BY_CODE)
def test_every_code_is_documented_with_its_status(code: str) -> None:
    _, statuses, meaning, remedy = _row(_page("errors.md"), code)

    assert statuses.startswith(str(next(each.status for key, each in MEANING_BY_CODE.items() if key == code)))
    assert meaning
    assert remedy


def _commands(described: ArgumentParser, name: str) -> Iterator[tuple[str, ArgumentParser]]:
    parts = [action for action in described._actions if isinstance(action, _SubParsersAction)]
    if not parts:
        yield name, described
    for action in parts:
        for part, inner in action.choices.items():
            yield from _commands(inner, f"{name} {part}")


def test_every_command_and_option_is_documented() -> None:
    page = _page("operating.md")
    for name, described in _commands(parser(), "yishu"):
        usage, *_ = _row(page, name)
        offered = {option for action in described._actions for option in action.option_strings if option != "-h"}
        assert {option for option in offered - {"--help", "--json"} if option not in usage} == set(), name


def test_every_figure_is_documented() -> None:
    metrics = Metrics({**pool_gauges(NoConnections()), **stream_gauges(Streams())})
    metrics.observe("/graphql", "OK", 0.1)
    names = set(re.findall(r"^# TYPE (\S+)", metrics.exposition(), re.MULTILINE))

    assert {name for name in names if f"`{name}`" not in _page("operating.md")} == set()


def test_links_between_pages_lead_somewhere() -> None:
    broken = [
        f"{page.name}: {target}"
        for page in (*DOCS, ROOT / "README.md")
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]

    assert broken == []
