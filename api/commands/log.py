"""In charge of `yishu log`: searching the access log at the terminal.

Reading the log is itself recorded, before anything is printed.
"""

import asyncio
import getpass
import time
from argparse import Namespace
from dataclasses import asdict
from datetime import UTC, datetime

import orjson

from api.commands.arguments import department, moment, whole
from api.commands.command import DONE, FAILED, Parsers, put_json, put_table, tell, with_json
from api.commands.platform import OpenedPlatform, opened_platform
from api.config import Settings
from audit.identifiers import OperationIds
from audit.log import AccessLog
from audit.record import Record
from audit.search import Filters, Operation, search

_APPLICATION = "yishu log"
_MOST = 10_000


def add(parsers: Parsers) -> None:
    """Adds the command and its parts."""
    described = parsers.add_parser("log", help="read the access log; reading it is recorded too")
    parts = described.add_subparsers(metavar="WHAT", required=True)
    find = parts.add_parser("search", help="find operations, newest first; exit status 1 if there are none")
    find.add_argument("--department", type=department, help="who asked")
    find.add_argument("--coordinate", help="what was shown, used or denied, such as Enterprise.legalPersonId")
    find.add_argument("--key", help="whose record was shown, such as a credit code")
    find.add_argument("--since", type=moment, help="from this time on (UTC unless it says otherwise)")
    find.add_argument("--until", type=moment, help="before this time")
    find.add_argument("--limit", type=whole(1, _MOST), default=50, help="at most so many (default 50)")
    with_json(find)
    find.set_defaults(run=_search)


def _search(arguments: Namespace, settings: Settings) -> int:
    names = ("department", "coordinate", "key", "since", "until")
    filters = Filters(**{name: getattr(arguments, name) for name in names})
    operations = asyncio.run(_recorded_search(settings, filters, arguments.limit))
    if arguments.json:
        put_json([asdict(operation) for operation in operations])
    elif operations:
        put_table(("operation", "at", "department", "actor", "case", "name", "outcome", "shown"), _rows(operations))
    else:
        tell("yishu: no operation found")
    return DONE if operations else FAILED


def _rows(operations: tuple[Operation, ...]) -> list[tuple[object, ...]]:
    return [
        (
            each.operation_id,
            each.at.isoformat(timespec="seconds"),
            each.department or "public",
            each.actor,
            each.case_no or "",
            each.operation_name or "",
            each.outcome,
            each.shown,
        )
        for each in operations
    ]


async def _recorded_search(settings: Settings, filters: Filters, limit: int) -> tuple[Operation, ...]:
    async with opened_platform(settings) as opened:
        started = time.perf_counter()
        operations = await search(opened.connection, filters, limit)
        await _record(opened, filters, operations, round((time.perf_counter() - started) * 1_000_000))
        return operations


async def _record(opened: OpenedPlatform, filters: Filters, operations: tuple[Operation, ...], elapsed_us: int) -> None:
    log = AccessLog(opened.pool)
    record = Record(
        id=OperationIds().next(),
        at=datetime.now(UTC),
        department="",
        application=_APPLICATION,
        actor=getpass.getuser(),
        roles=(),
        purpose=None,
        plan=None,
        document="yishu log search",
        operation_name=None,
        variables=orjson.dumps({name: value for name, value in asdict(filters).items() if value is not None}),
        state=(await opened.platform.view()).state,
        keys=orjson.dumps([[str(operation.operation_id) for operation in operations]]),
        shown=len(operations),
        response_digest=None,
        outcome="ok",
        error_codes=(),
        elapsed_us=elapsed_us,
    )
    try:
        await log.append(record, must_match=False)
    finally:
        await log.close()
