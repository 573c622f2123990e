"""What is computed beside the plan: failures tell nothing, introspections are shared and bounded."""

import asyncio

import pytest
from graphql import GraphQLField, GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema, GraphQLString
from orjson import dumps

from api.computed import Computing
from api.introspected import Introspected
from policies.law import Law
from policies.principal import Principal
from policies.rules import default_text
from resolvers.introspection import Order
from resolvers.keep import Preparer
from resolvers.limits import Limits
from resolvers.plan import Setting
from resolvers.refusal import Refusal
from resolvers.seal import Seal
from schema.access import computed_schema
from schema.build import build_schema
from schema.graph import Graph

_EDUCATION = Principal("education", ())
_TAXATION = Principal("taxation", ())
_TYPES = "{ __schema { types { name } } }"


def _preparer(computed: GraphQLSchema) -> Preparer:
    graph = Graph({}, {})
    return Preparer(
        Setting(graph, build_schema(graph, computed), Law.from_rules(1, default_text()), Seal(b"s" * 32), Limits())
    )


def _failing(_source: object, _info: GraphQLResolveInfo[object]) -> str:
    raise RuntimeError("the secret of the inside")


async def test_of_a_computed_field_that_fails_nothing_is_told(caplog: pytest.LogCaptureFixture) -> None:
    query = GraphQLObjectType("Query", {"broken": GraphQLField(GraphQLString, resolve=_failing)})
    preparer = _preparer(GraphQLSchema(query))
    prepared = preparer.prepare("{ broken }", None, {}, _EDUCATION)

    with pytest.raises(Refusal) as refused:
        await Computing().compute(preparer, prepared, _EDUCATION)

    assert refused.value.code == "INTERNAL"
    assert "secret" not in str(refused.value.problems)
    assert "the secret of the inside" in caplog.text


class _Counted(Computing):
    """Counts the introspections it makes."""

    made = 0

    async def _introspect(self, order: Order, party: str) -> Introspected:
        self.made += 1
        return await super()._introspect(order, party)


async def test_an_introspection_is_made_once_for_all_who_ask() -> None:
    preparer, computing = _preparer(computed_schema()), _Counted()
    asked = [
        computing.compute(preparer, preparer.prepare(_TYPES, None, {}, principal), principal)
        for principal in (_EDUCATION, _TAXATION, _EDUCATION)
    ]

    told = await asyncio.gather(*asked)

    assert computing.made == 1
    assert len({dumps(each) for each in told}) == 1


async def test_what_is_sent_along_undeclared_makes_no_other_introspection() -> None:
    preparer, computing = _preparer(computed_schema()), _Counted()
    for number in range(3):
        prepared = preparer.prepare(_TYPES, None, {"undeclared": number}, _EDUCATION)
        await computing.compute(preparer, prepared, _EDUCATION)

    assert computing.made == 1


async def test_an_introspection_that_nobody_waits_for_is_given_up() -> None:
    preparer, computing = _preparer(computed_schema()), Computing()
    asked = [
        preparer.prepare(f"query Of{number} {_TYPES}", None, {}, principal)
        for number, principal in enumerate([_EDUCATION] * 30)
    ]
    before = len(asyncio.all_tasks())
    waiting = [asyncio.create_task(computing.compute(preparer, each, _EDUCATION)) for each in asked]
    await asyncio.sleep(0)
    other = asyncio.create_task(computing.compute(preparer, preparer.prepare(_TYPES, None, {}, _TAXATION), _TAXATION))
    await other
    unfinished = sum(not each.done() for each in waiting)
    for each in waiting:
        each.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    await asyncio.sleep(0.1)

    assert unfinished >= 28
    assert len(asyncio.all_tasks()) == before
