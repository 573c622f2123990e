"""In charge of what is asked of whom: every target's server, and its form of every question.

A target is a server, or one endpoint of it, that answers some of the questions. A question that has no document for a
target is not asked of it.
"""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import orjson

from api.config import Settings
from api.tokens import Claims, demo_token
from tests.bench.load import Call
from tests.bench.questions import QUESTIONS, Question, has_document, read_document
from tests.bench.servers.postgraphile import NotInstalled, installed
from tests.bench.servers.server import Program, uvicorn
from tests.bench.site import Site

_TOKEN_LIFETIME_S = 8 * 60 * 60
_FLOOR = ("Q1", "Q2", "Q3", "Q4", "Q5", "Q7", "W1", "D1", "H1", "M1")
_NAIVE = ("Q1", "Q2", "Q3")
_POSTGRAPHILE = ("Q1", "Q2", "Q3", "Q4", "Q5")
ALL = ("yishu", "floor", "framework", "postgraphile", "naive", "live", "empty")
USUAL = tuple(each for each in ALL if each != "framework")


Reshape: TypeAlias = Callable[[Any], object]  # from any server's JSON


@dataclass(frozen=True, slots=True)
class Target:
    """Who is asked what. `connections` are the fewest and the most it is asked over.

    Its shots take `patience` times as long. `reshaped` brings the data of a question that cannot be asked for in our
    shape into it, to compare them.
    """

    name: str
    server: str
    calls: Mapping[str, tuple[Call, ...]]
    connections: tuple[int, int] = (1, 1 << 16)
    patience: int = 1
    is_checked: bool = True
    reshaped: Mapping[str, Reshape] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lineup:
    """All targets, the programs behind them, and a line for each that could not be had."""

    targets: tuple[Target, ...]
    programs: tuple[Program, ...]
    missing: tuple[str, ...] = ()


def line_up(site: Site, names: Iterable[str]) -> Lineup:
    """The targets of these names."""
    wanted = set(names)
    programs = [yishu(site)] if wanted & {"yishu", "live"} else []
    missing: list[str] = []
    if "postgraphile" in wanted:
        try:
            command = installed(site.folder / "postgraphile")
            environment = {**site.database, "GRAPHILE_ENV": "production", "NODE_ENV": "production"}
            programs.append(Program("postgraphile", command, environment))
        except NotInstalled as error:
            missing.append(f"postgraphile is left out: {error}")
            wanted.remove("postgraphile")
    for name in ("floor", "framework", "naive", "empty"):
        if name in wanted:
            programs.append(Program(name, uvicorn(f"tests.bench.servers.{name}:app", sys.executable), site.database))
    targets = tuple(target for target in _targets(site) if target.name in wanted)
    return Lineup(targets, tuple(programs), tuple(missing))


def yishu(site: Site) -> Program:
    command = (sys.executable, "-m", "api.cli", "serve", "--port", "{port}", "--workers", "1")
    return Program("yishu", command, site.platform, "/health/ready")


def _targets(site: Site) -> Iterable[Target]:
    yield Target("yishu", "yishu", {each.name: calls for each in QUESTIONS if (calls := _own(site, each))})
    yield Target("floor", "floor", {each.name: _paths(each) for each in QUESTIONS if each.name in _FLOOR})
    yield Target("framework", "framework", {each.name: _paths(each) for each in QUESTIONS if each.name in _FLOOR})
    yield Target(
        "postgraphile", "postgraphile", _foreign("postgraphile", _POSTGRAPHILE), (2, 1 << 16), reshaped=_SHAPES
    )
    yield Target("naive", "naive", _foreign("naive", _NAIVE), (2, 2), patience=2)
    live = (Call(_head("GET", "/health/live"), has_body=False),)
    yield Target("live", "yishu", {"R1": live}, is_checked=False)
    yield Target("empty", "empty", {"R1": live}, is_checked=False)


def _own(site: Site, question: Question) -> tuple[Call, ...]:
    """A call for each part as the one department that asks, or as its own."""
    headers = [_headers(site, department) for department in question.departments]
    if len(headers) == 1:
        return _graphql("yishu", question, headers[0])
    return tuple(_graphql("yishu", question, each)[number] for number, each in enumerate(headers))


def _headers(site: Site, department: str) -> str:
    token = demo_token(Settings(home=site.home), Claims(department, (), "bench", "bench"), _TOKEN_LIFETIME_S)
    return f"Accept: application/graphql-response+json\r\nAuthorization: Bearer {token}\r\n"


def _foreign(target: str, names: Sequence[str]) -> dict[str, tuple[Call, ...]]:
    return {each.name: _graphql(target, each, "") for each in QUESTIONS if each.name in names}


def _graphql(target: str, question: Question, headers: str) -> tuple[Call, ...]:
    """Its documents, empty unless there is one for every part."""
    if not all(has_document(target, part) for part in question.parts):
        return ()
    head = _head("POST", "/graphql", headers)
    if question.brings_document:  # every request brings a document of its own
        return (Call(head, '{"variables":', "}"),)
    return tuple(_asked(read_document(target, part), head) for part in question.parts)


def _asked(document: str, head: str) -> Call:
    return Call(head, f'{{"query":{orjson.dumps(document).decode()},"variables":', "}")


def _paths(question: Question) -> tuple[Call, ...]:
    return tuple(Call(_head("POST", f"/{part}")) for part in question.parts)


def _head(method: str, path: str, headers: str = "") -> str:
    kind = "Content-Type: application/json\r\n" if method == "POST" else ""
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{kind}{headers}"


def _groups_of_postgraphile(data: Any) -> object:
    groups = sorted(data["enterprises"]["groups"], key=lambda group: str(group["keys"][0]))
    return {
        "enterprisesAggregate": [
            {
                "key": {"townCode": group["keys"][0]},
                "count": int(group["count"]["creditCode"]),
                "sum": group["sum"],
            }
            for group in groups
        ]
    }


_SHAPES: Mapping[str, Reshape] = {"Q5": _groups_of_postgraphile}
