"""In charge of what an error of the database means to a question: which of the contract's codes, or nothing at all.

It knows nothing of what was asked.
"""

import asyncpg

from api.errors import Code

# The database is away, or a batch holds what is asked for: no record can be written now, the same question may be soon.
AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what asyncpg says when its connection breaks while a statement is being sent
    OSError,
)
_CODES: tuple[tuple[type[asyncpg.PostgresError], Code], ...] = (
    (asyncpg.QueryCanceledError, Code.TIMEOUT),
    (asyncpg.ProgramLimitExceededError, Code.QUERY_TOO_COSTLY),
    (asyncpg.DataError, Code.BAD_REQUEST),
)


def code_of(error: asyncpg.PostgresError) -> Code | None:
    """The code with which the question is refused and recorded; None when the database is away.

    A relation that changed under a plan is INTERNAL too: the state has moved, so such an answer is never given.
    """
    for kind, code in _CODES:
        if isinstance(error, kind):
            return code
    return None if isinstance(error, AWAY) else Code.INTERNAL
