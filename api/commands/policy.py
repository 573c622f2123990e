"""In charge of `yishu policy`: showing, checking, explaining and publishing the policy.

It changes nothing but by publishing a whole text, and then only one that passes lint.
"""

import asyncio
import sys
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path

from api.commands.arguments import department, role
from api.commands.command import DONE, FAILED, CommandError, Parsers, put, put_json, put_table, with_json
from api.commands.platform import OpenedPlatform, opened_platform
from api.config import Settings
from policies.decision import Decision
from policies.explain import explain
from policies.lint import Finding, PolicyRefused, Severity, lint
from policies.principal import Principal
from policies.store import load_current, publish
from schema.graph import Field, Graph


def add(parsers: Parsers) -> None:
    """Adds the command and its parts."""
    described = parsers.add_parser("policy", help="show, check, explain and publish the policy")
    parts = described.add_subparsers(metavar="WHAT", required=True)
    show = parts.add_parser("show", help="print the current policy")
    show.set_defaults(run=_show)
    check = parts.add_parser("lint", help="check a policy: names that do not exist, contradictions, misspellings")
    _add_file(check)
    with_json(check)
    check.set_defaults(run=_lint)
    why = parts.add_parser("explain", help="say what a principal may do with a coordinate, and why")
    why.add_argument("coordinate", metavar="COORDINATE", help="such as Enterprise.legalPersonId")
    why.add_argument("--department", type=department, help="who asks (default: the public)")
    why.add_argument("--role", type=role, action="append", default=[], help="may be repeated")
    with_json(why)
    why.set_defaults(run=_explain)
    new = parts.add_parser("publish", help="make a policy the current one")
    _add_file(new)
    new.add_argument("--by", required=True, metavar="WHO", help="who decided; kept with the version")
    with_json(new)
    new.set_defaults(run=_publish)


def _add_file(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a policy; - reads it from stdin")


def _show(arguments: Namespace, settings: Settings) -> int:
    async def show() -> tuple[int, str]:
        async with opened_platform(settings) as opened:
            return await load_current(opened.connection)

    version, text = asyncio.run(show())
    put(f"# version {version}\n{text}")
    return DONE


def _lint(arguments: Namespace, settings: Settings) -> int:
    text = _read(arguments.file)

    async def check() -> tuple[Finding, ...]:
        async with opened_platform(settings) as opened:
            return lint(text, await opened.known())

    findings = asyncio.run(check())
    if arguments.json:
        put_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            put(f"{arguments.file}:{finding.line}: {finding.severity} {finding.code}: {finding.message}")
    return FAILED if any(finding.severity is Severity.ERROR for finding in findings) else DONE


def _explain(arguments: Namespace, settings: Settings) -> int:
    async def decide() -> tuple[Decision, ...]:
        async with opened_platform(settings) as opened:
            return await _decisions(opened, arguments)

    decisions = asyncio.run(decide())
    if arguments.json:
        put_json([asdict(decision) for decision in decisions])
    else:
        rows = [(each.right, each.effect, each.mask or "", each.rule, each.hint) for each in decisions]
        put_table(("right", "effect", "mask", "rule", "hint"), rows)
    return DONE


async def _decisions(opened: OpenedPlatform, arguments: Namespace) -> tuple[Decision, ...]:
    if arguments.department is not None:
        await opened.check_department(arguments.department)
    principal = Principal(arguments.department or "", tuple(arguments.role))
    view = await opened.platform.view()
    setting = view.departments.setting
    return explain(setting.law, principal, _field(setting.graph, arguments.coordinate))


def _field(graph: Graph, coordinate: str) -> Field:
    node = graph.nodes.get(coordinate.partition(".")[0])
    field = node.fields.get(coordinate.partition(".")[2]) if node is not None else None
    if field is None:
        raise CommandError(f"there is no coordinate {coordinate}", "yishu schema prints all of them")
    return field


def _publish(arguments: Namespace, settings: Settings) -> int:
    text = _read(arguments.file)

    async def make_current() -> int:
        async with opened_platform(settings) as opened:
            return await publish(opened.connection, text, arguments.by, await opened.known())

    try:
        version = asyncio.run(make_current())
    except PolicyRefused as error:
        details = tuple(f"{arguments.file}:{each.line}: {each.severity} {each.message}" for each in error.findings)
        raise CommandError("the policy is not published: it has errors", "see yishu policy lint", details) from error
    if arguments.json:
        put_json({"version": version})
    else:
        put(f"version {version} is the current policy")
    return DONE


def _read(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"cannot read {name}: {error}") from error
