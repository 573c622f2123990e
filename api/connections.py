"""In charge of the connections a serving process holds: how many, how each is set, and that a slow statement ends.

It knows nothing of what is asked over them.
"""

import asyncpg

from api.config import Settings
from resolvers.run import initialise

# What a backend keeps of a statement is about ten times its text, of one that is planned once for all values 110 to 130
# times: 80 MB on one connection, whatever documents are sent, and more only for statements that are asked for again and
# again. A statement too long to be kept is planned at each call.
_STATEMENTS_KEPT = 512
_LONGEST_KEPT = 16_000
# Of the request's time: what is left is for the record of the question that was given up.
_STATEMENT_SHARE = 0.9


async def open_pool(url: str, settings: Settings) -> asyncpg.Pool:
    """A pool of connections in UTC whose statements end shortly before the request's timeout; the caller closes it.

    Connections go back to the pool with an open transaction rolled back and the one setting reset that questions
    change: whoever borrows one leaves no other session state behind.
    """
    return await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=settings.database_connections,
        max_inactive_connection_lifetime=0,
        statement_cache_size=_STATEMENTS_KEPT,
        max_cached_statement_lifetime=0,
        max_cacheable_statement_size=_LONGEST_KEPT,
        init=initialise,
        reset=_reset,
        timeout=10,
        server_settings={
            "application_name": "yishu",
            "timezone": "UTC",
            "datestyle": "ISO, YMD",
            "intervalstyle": "postgres",
            "bytea_output": "hex",
            "extra_float_digits": "1",
            "jit": "off",
            "statement_timeout": str(round(settings.request_timeout_s * _STATEMENT_SHARE * 1000)),
            "idle_in_transaction_session_timeout": str(round(settings.request_timeout_s * 2000)),
        },
    )


async def _reset(connection: asyncpg.Connection) -> None:
    """What the pool does not do by itself: it has rolled back already."""
    await connection.execute("reset plan_cache_mode")
