"""In charge of `yishu demo`, which `make demo` runs: the sample once, tokens to try, a query to paste, and the server.

It refuses to run in production, because it hands out tokens.
"""

import asyncio
from argparse import Namespace
from contextlib import ExitStack

from api.commands.arguments import whole
from api.commands.command import DONE, CommandError, Parsers, put, tell
from api.commands.sample import load_with_bar
from api.commands.serve import announce, hold_database
from api.config import Settings
from api.preparing import fit_database
from api.server import Address, listen, serve, url_of
from api.serving import log_to_stderr
from api.tokens import Claims, demo_token
from pool.sample.load import is_loaded

_DAY_S = 24 * 60 * 60
_WHO = (
    Claims("market-regulation", user="market-regulation-demo", application="demo"),
    Claims("education", user="education-demo", application="demo"),
    Claims("town-330784105", user="town-330784105-demo", application="demo"),
    Claims("audit", ("auditor",), "auditor-demo", "demo"),
)
QUERY = """\
query FirstLook {
  access { me { department } }
  catalog { entries { totalCount } }
  enterprises(where: {name: {contains: "工具"}}, orderBy: [{registeredCapital: DESC}], first: 1) {
    totalCount
    nodes {
      name
      legalPersonName
      town { name }
      licences(first: 1) { nodes { title validUntil } }
    }
  }
  digitalIndustry {
    evaluations(where: {year: {eq: 2025}, grade: {eq: "A"}}, first: 1) { totalCount }
  }
}"""


def add(parsers: Parsers) -> None:
    """Adds the command."""
    parser = parsers.add_parser("demo", help="load the small sample, print tokens to try, and serve")
    parser.add_argument("--port", type=whole(0, 65535), default=8000, help="0 takes a free one (default 8000)")
    parser.set_defaults(run=run)


def run(arguments: Namespace, settings: Settings) -> int:
    """Serves the sample until interrupted."""
    if settings.is_production or settings.jwks is not None:
        raise CommandError("the demo hands out tokens, so it does not run where tokens come from elsewhere")
    log_to_stderr(settings)
    with ExitStack() as held:
        listener = held.enter_context(listen(Address(port=arguments.port)))
        tell("yishu: starting the database")
        hold_database(held, settings)
        asyncio.run(_prepare(settings))
        put(guide(settings, url_of(listener)))
        announce(listener, 1)
        serve(settings, listener, 1)
    tell("yishu: stopped")
    return DONE


async def _prepare(settings: Settings) -> None:
    async with fit_database(settings) as connection:
        if not await is_loaded(connection):
            await load_with_bar(connection, "small")


def guide(settings: Settings, url: str) -> str:
    """What to try, with tokens that are valid for a day."""
    tokens = "\n".join(f"{claims.department}:\n{demo_token(settings, claims, _DAY_S)}\n" for claims in _WHO)
    return (
        f"\nTokens to try, valid for a day (without one you are the public; audit is an auditor):\n\n{tokens}\n"
        f"Open {url}/graphql in a browser, paste a token above and this query below, or send it with any client:\n\n"
        f"{QUERY}\n"
    )
