"""The floor behind a framework, as most services are written: the same statements, asked through Starlette's routes,
requests and responses. Nothing governed, nothing recorded.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.bench.servers.floor import Floor

_floor = Floor()


@asynccontextmanager
async def _open(_: Starlette) -> AsyncIterator[None]:
    await _floor.open()
    yield
    await _floor.close()


async def _answer(request: Request) -> Response:
    data = await _floor.data(request.url.path, orjson.loads(await request.body() or b"{}"))
    return Response(orjson.dumps({"data": data}), media_type="application/json")


app = Starlette(routes=[Route(path, _answer, methods=["POST"]) for path in _floor.paths], lifespan=_open)
