"""In charge of `yishu migrate`: the database brought up to this version."""

import asyncio
from argparse import Namespace

from api.commands.command import DONE, Parsers, put, put_json, with_json
from api.config import Settings
from api.database import available_database
from api.preparing import bring_up, connected


def add(parsers: Parsers) -> None:
    """Adds the command."""
    parser = parsers.add_parser("migrate", help="bring the database up; refuses a changed or unknown migration")
    with_json(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace, settings: Settings) -> int:
    """Applies what is pending, and publishes the default policy where there is none."""
    names = asyncio.run(_migrate(settings))
    if arguments.json:
        put_json({"applied": names})
    else:
        put("\n".join(f"applied {name}" for name in names) or "the database is up to date")
    return DONE


async def _migrate(settings: Settings) -> tuple[str, ...]:
    async with available_database(settings) as url, connected(url) as connection:
        return await bring_up(connection)
