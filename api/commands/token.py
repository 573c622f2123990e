"""In charge of `yishu token`: a signed token for trying, alone on stdout."""

from argparse import Namespace

from api.commands.arguments import department, role, whole
from api.commands.command import DONE, Parsers, put
from api.config import Settings
from api.tokens import Claims, demo_token

_EIGHT_HOURS_S = 8 * 60 * 60
_YEAR_S = 366 * 24 * 60 * 60


def add(parsers: Parsers) -> None:
    """Adds the command."""
    parser = parsers.add_parser("token", help="print a signed token for trying and for tests")
    parser.add_argument("--department", type=department, required=True, help="such as education or town-330784105")
    parser.add_argument("--role", type=role, action="append", default=[], help="such as auditor; may be repeated")
    parser.add_argument("--user", default="", help="who asks")
    parser.add_argument("--app", default="", help="with which application")
    parser.add_argument("--ttl", type=whole(1, _YEAR_S), default=_EIGHT_HOURS_S, help="seconds (default eight hours)")
    parser.set_defaults(run=run)


def run(arguments: Namespace, settings: Settings) -> int:
    """Prints the token."""
    claims = Claims(arguments.department, tuple(arguments.role), arguments.user, arguments.app)
    put(demo_token(settings, claims, arguments.ttl))
    return DONE
