"""In charge of `yishu schema`: the SDL, whole or as one department may use it."""

import asyncio
from argparse import Namespace

from api.commands.arguments import department
from api.commands.command import DONE, Parsers, put
from api.commands.platform import opened_platform
from api.config import Settings
from api.schema_texts import usable_sdl
from policies.principal import Principal
from schema.access import computed_schema
from schema.build import build_whole_schema
from schema.sdl import print_sdl


def add(parsers: Parsers) -> None:
    """Adds the command."""
    parser = parsers.add_parser("schema", help="print the schema")
    parser.add_argument("--department", type=department, help="only what this department may use")
    parser.set_defaults(run=run)


def run(arguments: Namespace, settings: Settings) -> int:
    """Prints the SDL."""
    put(asyncio.run(_sdl(settings, arguments.department)))
    return DONE


async def _sdl(settings: Settings, department: str | None) -> str:
    async with opened_platform(settings) as opened:
        if department is None:
            return print_sdl(build_whole_schema(await opened.graph(), computed_schema()))
        await opened.check_department(department)
        setting = (await opened.platform.view()).departments.setting
        return usable_sdl(setting.graph, setting.law, Principal(department, ()))
