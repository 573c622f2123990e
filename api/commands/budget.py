"""In charge of `yishu budget`: how many units of cost departments and applications may spend a minute.

Servers that run read the budgets every few seconds. It knows nothing of how they are spent.
"""

import asyncio
from argparse import ArgumentParser, Namespace

import asyncpg

from api.commands.arguments import department, whole
from api.commands.command import DONE, CommandError, Parsers, put, put_json, put_table, with_json
from api.commands.platform import opened_platform
from api.config import Settings
from api.preparing import fit_database

_MOST = 10**12
_SET = """
insert into platform.budget (department, application, per_minute, level) values ($1, $2, $3, $3::bigint)
    on conflict (department, application) do update
       set per_minute = excluded.per_minute, level = least(budget.level, excluded.per_minute)"""
_REMOVE = """
delete from platform.budget where department is not distinct from $1 and application is not distinct from $2"""
_LIST = """
select department, application, per_minute from platform.budget
 order by department nulls last, application nulls first"""


def add(parsers: Parsers) -> None:
    """Adds the command and its parts."""
    described = parsers.add_parser("budget", help="limit what departments and applications may spend a minute")
    parts = described.add_subparsers(metavar="WHAT", required=True)
    new = parts.add_parser("set", help="set the budget of a department, an application, or one within the other")
    _add_whose(new)
    new.add_argument("--per-minute", type=whole(1, _MOST), required=True, metavar="N", help="units of cost a minute")
    new.set_defaults(run=_set)
    old = parts.add_parser("remove", help="remove a budget: there is no limit any more")
    _add_whose(old)
    old.set_defaults(run=_remove)
    all_of_them = parts.add_parser("list", help="list the budgets")
    with_json(all_of_them)
    all_of_them.set_defaults(run=_list)


def _add_whose(parser: ArgumentParser) -> None:
    whose = parser.add_mutually_exclusive_group()
    whose.add_argument("--department", type=department, metavar="D", help="a department's")
    whose.add_argument("--public", action="store_true", help="that of everybody without a token")
    parser.add_argument("--app", metavar="A", help="an application's, of any department unless one is given")


def _whose(arguments: Namespace) -> tuple[str | None, str | None]:
    name = "" if arguments.public else arguments.department
    if name is None and not arguments.app:
        raise CommandError("whose budget?", "give --department, --public or --app")
    return name, arguments.app or None


def _set(arguments: Namespace, settings: Settings) -> int:
    name, application = _whose(arguments)

    async def change() -> None:
        async with opened_platform(settings) as opened:
            if name:
                await opened.check_department(name)
            await opened.connection.execute(_SET, name, application, arguments.per_minute)

    asyncio.run(change())
    put(f"{_told(name, application)}: {arguments.per_minute} a minute")
    return DONE


def _remove(arguments: Namespace, settings: Settings) -> int:
    name, application = _whose(arguments)

    async def change() -> str:
        async with fit_database(settings) as connection:
            return await connection.execute(_REMOVE, name, application)

    if asyncio.run(change()) == "DELETE 0":
        raise CommandError(f"there is no budget of {_told(name, application)}")
    put(f"{_told(name, application)}: no limit")
    return DONE


def _list(arguments: Namespace, settings: Settings) -> int:
    async def read() -> list[asyncpg.Record]:
        async with fit_database(settings) as connection:
            return await connection.fetch(_LIST)

    rows = asyncio.run(read())
    if arguments.json:
        members = ("department", "application", "perMinute")
        put_json([dict(zip(members, row.values(), strict=True)) for row in rows])
    else:
        told = [("*" if row[0] is None else row[0] or "(public)", row[1] or "*", row[2]) for row in rows]
        put_table(("department", "application", "per minute"), told)
    return DONE


def _told(name: str | None, application: str | None) -> str:
    of_whom = [] if name is None else [name or "the public"]
    return ", ".join([*of_whom, *([] if application is None else [f"application {application}"])])
