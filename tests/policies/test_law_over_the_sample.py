"""The law over every coordinate of the sample county's graph, for every department, held against plain Casbin."""

import random
from collections.abc import AsyncIterator
from typing import cast

import asyncpg
import pytest

from policies.decision import Right
from policies.governed import classes_of
from policies.law import Law
from policies.principal import PUBLIC, Principal
from policies.rules import default_text
from schema.graph import Field
from tests.policies.coordinates import Coordinate
from tests.policies.oracle import oracle
from tests.resolvers.asking import engine_on

_DRAWN = 800


@pytest.fixture
async def fields(shared_sample_url: str) -> AsyncIterator[list[Field]]:
    """Every field of the graph."""
    async with engine_on(shared_sample_url) as engine:
        graph = (await engine.view()).departments.setting.graph
        yield [field for node in graph.nodes.values() for field in node.fields.values()]


@pytest.fixture
async def principals(shared_sample_url: str) -> list[Principal]:
    """Every department, a town's office, an auditor and the public."""
    connection = await asyncpg.connect(shared_sample_url)
    try:
        codes = await connection.fetch("select code from catalog.department order by code")
    finally:
        await connection.close()
    offices = [Principal(row["code"], ()) for row in codes]
    return [*offices, Principal("town-330784105", ()), Principal("audit", ("auditor",)), PUBLIC]


@pytest.mark.slow
async def test_every_coordinate_of_the_sample_is_decided_as_casbin_decides(
    fields: list[Field], principals: list[Principal]
) -> None:
    coordinates = [cast(Coordinate, field) for field in fields]  # the law asks no more of either
    text = default_text()
    law = Law.from_rules(1, text)
    # Casbin's matcher sees an object by its groups alone: of coordinates that no line names and that have the same
    # groups, one stands for all. Beside them, cells are drawn from the whole matrix.
    alike = {_groups(each, text): each for each in coordinates}
    drawn = random.Random(330784).choices([(who, each) for who in principals for each in coordinates], k=_DRAWN)
    asked = {(who, each.coordinate): each for who in principals for each in alike.values()}
    asked |= {(who, each.coordinate): each for who, each in drawn}
    plain = oracle(text, {each.coordinate: each for each in asked.values()}.values(), principals)

    differing = [
        (who.subjects, each.coordinate, right)
        for (who, _), each in asked.items()
        for right in Right
        if law.decide(who, each, right).effect is not plain.effect(who, each, right)
    ]

    assert differing == []
    assert {name for each in coordinates for name in classes_of(each)} >= {"open", "catalog", "log"}


def _groups(governed: Coordinate, text: str) -> tuple[object, ...]:
    *groups, coordinate = classes_of(governed)
    named = tuple(
        name for name in (*groups, coordinate) if name in text or not name.startswith(("type:", governed.coordinate))
    )
    return (named, tuple(_groups(each, text) for each in governed.inputs))
