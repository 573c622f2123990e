"""In charge of the command `yishu`: which commands there are, and that each ends with a status and one clear line.

Exit status: 0 done, 1 what was asked for does not hold or failed, 2 wrong usage.
"""

import os
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from importlib.metadata import version

import asyncpg

from api.cluster import ClusterError
from api.commands import budget, collect, demo, documents, log, migrate, policy, sample, schema, serve, token
from api.commands.command import FAILED, CommandError, tell
from api.config import ConfigurationError, read_settings
from api.database import DatabaseError
from api.secrets import SecretError
from api.server import ServerError
from api.signing import SigningError
from audit.log import LogUnavailable
from migrations.runner import MigrationError
from policies.store import PolicyAltered, PolicyMissing

_COMMANDS = (serve, migrate, sample, collect, token, schema, policy, budget, documents, log, demo)
_TOLD = (
    ClusterError,
    DatabaseError,
    LogUnavailable,
    MigrationError,
    PolicyAltered,
    PolicyMissing,
    SecretError,
    ServerError,
    SigningError,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    parsed = parser().parse_args(arguments)
    try:
        return int(parsed.run(parsed, read_settings(os.environ)))
    except ConfigurationError as error:
        for fault in error.faults:
            tell(f"yishu: {fault}")
    except CommandError as error:
        for line in (*error.details, f"yishu: {error.message}{f' ({error.hint})' if error.hint else ''}"):
            tell(line)
    except _TOLD as error:
        tell(f"yishu: {error}")
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        tell(f"yishu: the database or the system failed: {str(error) or type(error).__name__}")
    except KeyboardInterrupt:
        tell("yishu: interrupted")
    return FAILED


def parser() -> ArgumentParser:
    """The parser of the whole command line."""
    described = ArgumentParser(prog="yishu", description="One datum, used everywhere: a county's data as one graph.")
    described.add_argument("--version", action="version", version=f"yishu {version('yishu')}")
    parsers = described.add_subparsers(metavar="COMMAND", required=True)
    for command in _COMMANDS:
        command.add(parsers)
    return described


if __name__ == "__main__":
    sys.exit(main())
