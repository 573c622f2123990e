"""In charge of `yishu serve`: the database up, the socket bound, then the workers."""

import asyncio
from argparse import Namespace
from contextlib import ExitStack
from socket import socket

from api.cluster import running
from api.commands.arguments import whole
from api.commands.command import DONE, Parsers, tell
from api.config import Settings
from api.embedded import embedded_cluster
from api.preparing import fit_database
from api.server import Address, listen, serve, url_of
from api.serving import log_to_stderr


def add(parsers: Parsers) -> None:
    """Adds the command."""
    parser = parsers.add_parser("serve", help="answer questions over HTTP until interrupted")
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (default: this machine only)")
    parser.add_argument("--port", type=whole(0, 65535), default=8000, help="0 takes a free one (default 8000)")
    parser.add_argument("--workers", type=whole(1, 256), default=1, help="processes that answer (default 1)")
    parser.set_defaults(run=run)


def run(arguments: Namespace, settings: Settings) -> int:
    """Serves until interrupted."""
    address = Address(arguments.host, arguments.port, arguments.workers)
    log_to_stderr(settings)
    with ExitStack() as held:
        listener = held.enter_context(listen(address))
        hold_database(held, settings)
        asyncio.run(_prepare(settings))
        announce(listener, address.workers)
        serve(settings, listener, address.workers)
    tell("yishu: stopped")
    return DONE


def hold_database(held: ExitStack, settings: Settings) -> None:
    """Keeps the embedded database running until the stack closes, so that workers come and go over one server."""
    if settings.database_url is None:
        held.enter_context(running(embedded_cluster(settings.home)))


def announce(listener: socket, workers: int) -> None:
    """Says where to ask."""
    tell(f"yishu: serving {url_of(listener)}/graphql with {workers} worker{'s' if workers > 1 else ''}")


async def _prepare(settings: Settings) -> None:
    async with fit_database(settings):
        pass
