"""In charge of one serving process: opening what the routes need, in order, and closing it after the last answer.

It knows nothing of sockets and of the other processes; `server.py` does.
"""

import asyncio
import gc
import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

import asyncpg

from api.admission import Admission
from api.app import Application, Backend, create_app
from api.budgets import Budgets
from api.config import Settings, read_settings
from api.connections import open_pool
from api.database import available_database
from api.departments import DepartmentDirectory
from api.documents import Documents
from api.epochs import Epochs
from api.graphql import GraphQLService
from api.http import Readiness
from api.identity import identities
from api.lineage import publish_lineage
from api.metrics import Gauge, Metrics
from api.platform import Platform
from api.preparing import connected
from api.secrets import cursor_secret
from api.spool import SpoolSpace
from api.streams import Streams
from api.subscribing import Subscriptions
from audit.key_blocks import KeyBlocks
from audit.log import AccessLog
from resolvers.known_rows import KnownRows
from resolvers.limits import Limits
from resolvers.row_store import RowStore
from resolvers.seal import Seal
from resolvers.wakeful import keep_awake

_CLOSE_TIMEOUT_S = 10
_PROBE_TIMEOUT_S = 2
_log = logging.getLogger("yishu.serving")


def make_app() -> Application:
    """The application by this process's environment; what every worker runs."""
    settings = read_settings(os.environ)
    log_to_stderr(settings)
    _end_with_parent()
    return create_app(settings, open_backend)


def log_to_stderr(settings: Settings) -> None:
    """Sends everything this process logs to stderr, one line an event."""
    logging.basicConfig(
        level=settings.log_level.upper(),
        stream=sys.stderr,
        format="%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s",
        force=True,
    )
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    logging.getLogger("casbin").setLevel(logging.ERROR)


@asynccontextmanager
async def open_backend(settings: Settings) -> AsyncIterator[Backend]:
    """Everything an answer needs, the schema included, so that the first question waits for nothing.

    On the way out records still queued are committed before their connections close.
    """
    async with available_database(settings) as url, _pool(url, settings) as pool:
        platform = Platform(pool, Seal(cursor_secret(settings)), _limits(settings))
        view = await platform.view()
        async with connected(url) as connection:
            await publish_lineage(connection, view.departments.setting.graph)
        view.opened.preparer()
        _collect_seldom()
        log = AccessLog(pool)
        keep_awake(log.load, settings.wakeful_s)
        key_blocks = KeyBlocks(lambda: connected(url), log.load)
        rows = RowStore(settings.known_rows_bytes)
        service, epochs = (
            GraphQLService(pool, platform, log, _space(settings), KnownRows(rows)),
            Epochs(lambda: connected(url)),
        )
        try:
            admitted = Admission(service, Budgets(pool), Documents(pool))
            known = identities(settings, DepartmentDirectory(pool))
            streams = Streams()
            metrics = Metrics({**pool_gauges(pool), **stream_gauges(streams), **row_gauges(rows)})
            subscribed = Subscriptions(admitted, service, epochs, streams.stopping, settings.request_timeout_s)
            yield Backend(admitted, subscribed, known, _readiness(pool), metrics, streams)
        finally:
            await epochs.close()
            await key_blocks.close()
            await service.give_up()
            await log.close()
            await service.close()


def _limits(settings: Settings) -> Limits:
    return Limits(cost=settings.cost_limit, rows=settings.rows_limit)


def _space(settings: Settings) -> SpoolSpace:
    return SpoolSpace(settings.home / "spool", settings.spool_limit_bytes)


def _collect_seldom() -> None:
    """Takes what lives as long as the process out of the collector's sight, and lets it look less often.

    The graph is hundreds of thousands of objects: visiting them again and again cost an answer of a thousand rows three
    times what making its objects costs.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@asynccontextmanager
async def _pool(url: str, settings: Settings) -> AsyncIterator[asyncpg.Pool]:
    pool = await open_pool(url, settings)
    try:
        yield pool
    finally:
        try:
            await asyncio.wait_for(pool.close(), _CLOSE_TIMEOUT_S)
        except TimeoutError:
            _log.warning("connections still in use after %s s are cut", _CLOSE_TIMEOUT_S)
            pool.terminate()


def _readiness(pool: asyncpg.Pool) -> Readiness:
    async def is_ready() -> bool:
        try:
            async with asyncio.timeout(_PROBE_TIMEOUT_S):
                await pool.fetchval("select data_epoch from platform.state")
        except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        return True

    return is_ready


class PoolFigures(Protocol):
    """What a pool of connections tells about itself."""

    def get_size(self) -> int:
        """Connections open."""

    def get_idle_size(self) -> int:
        """Connections that wait for work."""


def pool_gauges(pool: PoolFigures) -> dict[str, Gauge]:
    """The figures of a pool, by name."""
    return {
        "connections": Gauge("Connections to the database.", pool.get_size),
        "connections_idle": Gauge("Connections to the database that wait for work.", pool.get_idle_size),
    }


def stream_gauges(streams: Streams) -> dict[str, Gauge]:
    """The figures of what stays open, by name."""
    return {
        "streams": Gauge("WebSockets and event streams open.", lambda: streams.open),
        "stream_operations": Gauge("Operations under way over them.", lambda: streams.operations),
    }


def _end_with_parent() -> None:
    """Makes a worker stop when the process that started it is gone, SIGKILL included: it would keep the port."""
    parent = multiprocessing.parent_process()
    if parent is not None:

        def wait() -> None:
            parent.join()
            os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=wait, name="parent", daemon=True).start()


def row_gauges(rows: RowStore) -> dict[str, Gauge]:
    """The figures of rows that are known: see docs/operating.md."""
    return {
        "known_rows": Gauge("Rows that need not be read again.", lambda: rows.number),
        "known_rows_bytes": Gauge("Memory that they take.", lambda: rows.size_bytes),
    }
