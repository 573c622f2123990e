"""The command `python -m tests.bench`, which `make bench` runs."""

import asyncio
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Sequence

from api.commands.command import CommandError
from api.database import DatabaseError
from api.preparing import connected
from migrations.runner import MigrationError
from tests.bench.answers import Disagreement
from tests.bench.bench import Wish, run
from tests.bench.law import grow_policy
from tests.bench.load import LoadError, has_wrk
from tests.bench.questions import MANY, QUESTIONS, read_county
from tests.bench.report import Run, as_json, as_text
from tests.bench.rounds import Pace
from tests.bench.servers.server import ServerFailed
from tests.bench.site import bench_folder, embedded_site
from tests.bench.targets import ALL, USUAL

_NAMES = tuple(question.name for question in QUESTIONS)
_USUAL = tuple(question.name for question in QUESTIONS if not question.is_extra)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints, and returns the exit status: 1 when servers disagree or fail."""
    parsed = _parser().parse_args(arguments)
    try:
        result = asyncio.run(_run(parsed))
    except (Disagreement, LoadError, ServerFailed, CommandError, DatabaseError, MigrationError) as error:
        _tell(f"bench: {error}")
        return 1
    sys.stdout.write((as_json(result) if parsed.json else as_text(result)) + "\n")
    return 0


async def _run(parsed: Namespace) -> Run:
    pace = Pace(parsed.seconds, parsed.rounds, parsed.warm_up, parsed.client == "wrk")
    wish = Wish(parsed.targets, parsed.questions, tuple(map(int, parsed.connections)), pace)
    async with embedded_site(bench_folder(), parsed.scale) as site, connected(site.url) as connection:
        await grow_policy(connection, parsed.grants)
        return run(site, await read_county(connection), wish, _tell)


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m tests.bench", description="Our server beside its baselines, in ratios.")
    parser.add_argument("--scale", choices=("small", "county"), default="county", help="the sample (default county)")
    parser.add_argument("--seconds", type=float, default=2.0, help="of one shot; wrk takes whole ones (default 2)")
    parser.add_argument("--rounds", type=int, default=3, help="of every question (default 3)")
    parser.add_argument("--warm-up", type=float, default=1.0, help="seconds before the rounds (default 1)")
    parser.add_argument("--targets", type=_some_of(ALL), default=USUAL, help=f"of {','.join(ALL)}")
    parser.add_argument("--questions", type=_some_of(_NAMES), default=_USUAL, help=f"of {','.join(_NAMES)}")
    parser.add_argument(
        "--connections", type=_some_of((str(MANY), "1")), default=(str(MANY), "1"), help="32, 1 or both"
    )
    parser.add_argument("--grants", type=int, default=0, help="more in the policy that all who are governed ask")
    client = "wrk" if has_wrk() else "own"
    parser.add_argument("--client", choices=("wrk", "own"), default=client, help=f"(default here {client})")
    parser.add_argument("--json", action="store_true", help="print JSON, for a program to read")
    return parser


def _some_of(known: Sequence[str]) -> Callable[[str], tuple[str, ...]]:
    def read(text: str) -> tuple[str, ...]:
        names = tuple(name.strip() for name in text.split(",") if name.strip())
        if unknown := [name for name in names if name not in known]:
            raise ArgumentTypeError(f"{', '.join(unknown)}: must be of {', '.join(known)}")
        return names

    return read


if __name__ == "__main__":
    sys.exit(main())
