"""In charge of asking two engines over one database the same, and of holding answers and records against each other."""

import hashlib
from collections.abc import Mapping
from uuid import UUID

from policies.principal import Principal
from tests.resolvers.asking import Engine, Told

_NO_VARIABLES: Mapping[str, object] = {}
_LINES = """
select field_position, key_position, path, coordinate, use, effect, key from log.resolved_field
 where operation_id = $1 order by 1, 2"""


async def check_alike(
    engine: Engine,
    other: Engine,
    principal: Principal,
    document: str,
    variables: Mapping[str, object] = _NO_VARIABLES,
) -> Told:
    """Both engines answer with the same bytes and record the same; what the first has told."""
    told = await engine.ask(principal, document, variables)
    others = await other.ask(principal, document, variables)

    assert others.body.replace(others.operation_id.encode(), told.operation_id.encode()) == told.body
    assert await _record(other, others) == await _record(engine, told)
    recorded = await other.pool.fetchval(
        "select response_digest from log.record where id = $1", UUID(others.operation_id)
    )
    assert recorded == hashlib.sha256(others.body).digest()
    return told


async def _record(engine: Engine, told: Told) -> tuple[object, ...]:
    lines = await engine.pool.fetch(_LINES, UUID(told.operation_id))
    record = await engine.pool.fetchrow(
        "select plan, shown, outcome, error_codes, variables from log.record where id = $1", UUID(told.operation_id)
    )
    assert record is not None
    return (*record, *map(tuple, lines))
