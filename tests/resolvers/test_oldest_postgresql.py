"""The engine on the oldest PostgreSQL supported, where that is installed: the same answers."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.cluster import Cluster
from policies.principal import Principal
from tests.resolvers.asking import Engine, engine_on
from tests.resolvers.comparing import NOT_COMPARED, PRINCIPALS, Comparing, comparing
from tests.resolvers.county import create_county
from tests.resolvers.drawn_documents import documents

_AUDITOR = Principal("audit", ("auditor",))


@pytest.fixture(scope="module")
async def old_engine(oldest_postgresql: Cluster) -> AsyncIterator[Engine]:
    """The engine over a county in the oldest PostgreSQL."""
    async with engine_on(await create_county(oldest_postgresql, "county")) as opened:
        yield opened


@pytest.fixture(scope="module")
async def old_compared(old_engine: Engine) -> Comparing:
    """It beside the reference."""
    return await comparing(old_engine)


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
async def test_any_document_is_answered_as_the_reference_answers_it(
    old_compared: Comparing, data: st.DataObject
) -> None:
    principal = data.draw(st.sampled_from(PRINCIPALS))
    schema = old_compared.reference(principal).schema
    document = data.draw(documents(schema, old_compared.inputs, NOT_COMPARED))

    await old_compared.compare(principal, document)


async def test_the_least_identifier_is_found(old_engine: Engine) -> None:
    first = await old_engine.ask(_AUDITOR, "{ __typename }")

    shown = await old_engine.show(_AUDITOR, "{ log { operationsAggregate { min { operationId } } } }")

    assert isinstance(shown.data, dict)
    assert shown.data["log"]["operationsAggregate"] == [{"min": {"operationId": first.operation_id}}]
