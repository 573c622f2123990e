"""In charge of the processes that serve: the socket, one worker or many, and a shutdown in which nothing is lost.

On SIGTERM or SIGINT no new connection is taken, requests under way are answered and recorded, then everything closes.
"""

import signal
import socket
import sys
from dataclasses import dataclass
from types import FrameType

from uvicorn import Config, Server
from uvicorn.supervisors import Multiprocess

from api.config import Settings
from api.protocol import BoundedProtocol
from api.socket_protocol import BoundedSocket

_APPLICATION = "api.serving:make_app"
_KEEP_ALIVE_S = 75
_HEALTHCHECK_S = 60
_BACKLOG = 2048


class ServerError(Exception):
    """The server cannot listen where it was told to."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen, and with how many processes. Port 0 takes a free one."""

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1


def listen(address: Address) -> socket.socket:
    """A listening socket. Raises ServerError when the address is taken or not ours."""
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(where)
            listener.listen(_BACKLOG)  # from here on whoever connects waits for the first worker
        except OSError:
            listener.close()
            raise
    except (OSError, OverflowError) as error:
        raise ServerError(
            f"cannot listen on {address.host}, port {address.port}: {getattr(error, 'strerror', None) or error}"
        ) from error
    listener.set_inheritable(True)
    return listener


def url_of(listener: socket.socket) -> str:
    """The address a browser on this machine would use."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = "localhost"
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def serve(settings: Settings, listener: socket.socket, workers: int) -> None:
    """Serves until told to stop; returns when every request under way was answered or its time was up.

    Raises SystemExit if a worker cannot start: what it said about that is on stderr.
    """
    config = Config(
        _APPLICATION,
        factory=True,
        workers=workers,
        http=BoundedProtocol,
        ws=BoundedSocket,
        ws_max_size=settings.body_limit_bytes,
        ws_per_message_deflate=False,
        lifespan="on",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=_BACKLOG,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=round(settings.drain_timeout_s),
        timeout_worker_healthcheck=_HEALTHCHECK_S,
    )
    # The server gives a signal it stopped for back to the process: this is where it arrives.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stopped)
    try:
        if workers > 1:
            Multiprocess(config, [listener]).run()
        else:
            Server(config).run([listener])
    except _Stopped:
        pass
    finally:
        listener.close()
        sys.stderr.flush()


class _Stopped(Exception):
    """The process was asked to stop, and has."""


def _stopped(number: int, frame: FrameType | None) -> None:
    raise _Stopped
