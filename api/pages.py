"""In charge of what a browser gets: the GraphiQL page and the files it needs, all from this package.

The page may load nothing from another host (Content Security Policy level 3), nor be framed by one.
"""

from importlib.resources import files
from pathlib import Path

from starlette.staticfiles import StaticFiles

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


def static_files() -> StaticFiles:
    """The application that serves the page's files, and those alone."""
    return StaticFiles(directory=_FOLDER)
