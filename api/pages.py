"""In charge of what a browser gets: the GraphiQL page and the files it needs, all from this package.

The page may load nothing from another host (Content Security Policy level 3), nor be framed by one.
"""

from importlib.resources import files
from pathlib import Path

from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.reply import Reply

_FOLDER = Path(str(files("api"))) / "static"
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # CodeMirror sets styles on the elements it draws
        "font-src 'self' data:",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = (
    (b"content-security-policy", _POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"vary", b"Accept"),
)


def graphiql_page() -> Reply:
    """The page at /graphql."""
    return Reply(200, (_FOLDER / "graphiql" / "index.html").read_bytes(), "text/html", headers=_HEADERS)


def static_files() -> ASGIApp:
    """The application that serves the page's files, and those alone; the page among them is bound like at /graphql."""
    files = StaticFiles(directory=_FOLDER)

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_bound(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_HEADERS, (b"x-content-type-options", b"nosniff")]
            await send(message)

        await files(scope, receive, send_bound)

    return serve
