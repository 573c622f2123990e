"""In charge of `yishu sample`: the sample county, loaded once."""

import asyncio
from argparse import Namespace
from dataclasses import asdict

import asyncpg

from api.commands.command import DONE, CommandError, Parsers, put, put_json, with_json
from api.config import Settings
from api.preparing import fit_database
from api.progress import Bar
from pool.errors import CollectionError
from pool.sample.load import SampleReport, load_sample
from pool.sample.scale import SCALES


def add(parsers: Parsers) -> None:
    """Adds the command."""
    parser = parsers.add_parser("sample", help="load the sample county, unless it is there")
    parser.add_argument("--scale", choices=sorted(SCALES), default="small", help="how much of it (default small)")
    with_json(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace, settings: Settings) -> int:
    """Loads the sample."""

    async def loaded() -> SampleReport:
        async with fit_database(settings) as connection:
            return await load_with_bar(connection, arguments.scale)

    report = asyncio.run(loaded())
    if arguments.json:
        put_json(asdict(report))
    else:
        put(sentence(report))
    return DONE


async def load_with_bar(connection: asyncpg.Connection, scale: str) -> SampleReport:
    """What was loaded, with a bar on stderr meanwhile. Raises CommandError."""
    try:
        with Bar("loading the sample county") as bar:
            return await load_sample(connection, scale, bar)
    except CollectionError as error:
        raise CommandError(error.message, error.hint, error.details) from error


def sentence(report: SampleReport) -> str:
    """What is there now, in one line."""
    there = f"{report.tables} tables of {report.departments} departments, {report.records} records"
    if report.was_loaded:
        return f"the sample county ({report.scale}) is already loaded: {there}"
    return f"loaded the sample county ({report.scale}) in {report.elapsed_s:.1f} s: {there}"
