"""In charge of holding the engine against the reference: one document, one principal, two answers."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg
import pytest
from graphql import GraphQLSchema, build_schema

from policies.principal import PUBLIC, Principal
from resolvers.cost import counted, estimated
from resolvers.refusal import Refusal
from schema.access import computed_schema
from schema.build import build_whole_schema
from schema.sdl import print_sdl
from tests.resolvers.asking import Engine, Shown
from tests.resolvers.drawn_documents import Document
from tests.resolvers.drawn_inputs import Inputs
from tests.resolvers.reference import Expected, NotExecutable, Reference
from tests.resolvers.reference_aggregates import is_about, is_met
from tests.resolvers.reference_costs import Costs, costs_of
from tests.resolvers.reference_pages import ESTIMATE, is_token
from tests.resolvers.reference_rows import Rows, ids_by_type, read_rows, shown_value

_log = logging.getLogger(__name__)
PRINCIPALS = (
    Principal("market-regulation", ()),
    Principal("education", ()),
    Principal("taxation", ()),
    Principal("town-330784105", ()),
    PUBLIC,
    Principal("audit", ("auditor",)),
)
# What the log holds changes with every question, and what is computed has no reference here.
NOT_COMPARED = frozenset({"log", "access"})


@dataclass(frozen=True, slots=True)
class Comparing:
    """The engine and the reference over the same rows, for departments and for the public."""

    engine: Engine
    departments: Reference
    public: Reference
    inputs: Inputs
    text_schemas: Mapping[bool, GraphQLSchema]

    def reference(self, principal: Principal) -> Reference:
        """The reference for a principal."""
        return self.departments if principal.department else self.public

    async def compare(
        self, principal: Principal, document: Document, token_by_sealed: dict[str, str] | None = None
    ) -> Expected | None:
        """The answer of both, None where both refuse. Raises AssertionError where they differ.

        Where variables hold tokens of the reference, the engine is sent the texts that it sealed for them before.
        """
        known = {} if token_by_sealed is None else token_by_sealed
        sealed_by_token: dict[object, str] = {token: sealed for sealed, token in known.items()}
        variables = {
            name: sealed_by_token[value] if is_token(value) else value for name, value in document.variables.items()
        }
        try:
            expected = self.reference(principal).answer(principal, document.text, document.variables)
            shown = await self.engine.show(principal, document.text, variables)
            assert shown.denied == expected.denied
            assert {".".join(each.path) for each in shown.problems if each.code == "NOT_FOUND"} == expected.not_found
            assert _used(shown) == expected.used
            assert_equal(shown.data, expected.data, known)
            self._check_costs(principal, document, shown)
        except NotExecutable:
            with pytest.raises((Refusal, asyncpg.DataError)) as refused:
                await self.engine.show(principal, document.text, variables)
            assert not isinstance(refused.value, Refusal) or refused.value.code == "BAD_REQUEST"
            return None
        except (AssertionError, Refusal, asyncpg.PostgresError):
            _log.error("answered otherwise than by the reference: %r, %r", principal, document)
            raise
        return expected

    def _check_costs(self, principal: Principal, document: Document, shown: Shown) -> None:
        """Costs are those that the text of the schema tells, and an answer never costs more than estimated."""
        assert isinstance(shown.data, dict)
        weights = shown.prepared.plan.weights
        schema = self.text_schemas[bool(principal.department)]
        found = Costs(estimated(weights), counted(weights, shown.data))
        assert found == costs_of(schema, document.text, document.variables, shown.data)
        assert found.actual <= found.estimated


async def comparing(engine: Engine) -> Comparing:
    """The reference beside an engine, its rows read now."""
    view = await engine.view()
    async with engine.pool.acquire() as connection:
        rows = await read_rows(connection, view.departments.setting.graph)
    departments, public = (
        Reference(each.setting.graph, each.setting.schema, each.setting.law, rows)
        for each in (view.departments, view.public)
    )
    schemas = {
        reference is departments: build_schema(print_sdl(build_whole_schema(reference.graph, computed_schema())))
        for reference in (departments, public)
    }
    return Comparing(engine, departments, public, Inputs(_values_by_type(rows), ids_by_type(rows)), schemas)


def _used(shown: Shown) -> set[tuple[str, str, str]]:
    """What the record says was used: where, the coordinate, and by which right."""
    nodes = json.loads(shown.prepared.plan.content)["nodes"]
    fields = [each for node in nodes for each in node["fields"] if each["use"] == "used"]
    return {(each["path"], each["coordinate"], each["right"]) for each in fields}


def assert_equal(shown: object, expected: object, token_by_sealed: dict[str, str]) -> None:
    """Equal values, types and order of members; a sealed text always stands for the same token of the reference."""
    if is_token(expected):
        assert isinstance(shown, str)
        assert token_by_sealed.setdefault(shown, str(expected)) == expected
    elif expected == ESTIMATE:
        assert isinstance(shown, int)
        assert shown >= 0
    elif is_about(expected):
        assert is_met(shown, expected)
    elif isinstance(expected, dict):
        assert isinstance(shown, dict)
        assert list(shown) == list(expected)
        for key, each in expected.items():
            assert_equal(shown[key], each, token_by_sealed)
    elif isinstance(expected, list):
        assert isinstance(shown, list)
        assert len(shown) == len(expected)
        for ours, theirs in zip(shown, expected, strict=True):
            assert_equal(ours, theirs, token_by_sealed)
    else:
        assert (type(shown), shown) == (type(expected), expected)


def _values_by_type(rows: Rows) -> Mapping[str, list[object]]:
    found: dict[str, dict[str, object]] = {}
    for row in (row for each in rows.rows_by_node.values() for row in each):
        for name, value in row.values.items():
            field = row.node.fields[name]
            shown = shown_value(field, value)
            if shown is not None:
                found.setdefault(field.scalar.name, {})[json.dumps(shown)] = shown
    values_by_type = {kind: [values[text] for text in sorted(values)] for kind, values in found.items()}
    return {**values_by_type, "ID": [each for ids in ids_by_type(rows).values() for each in ids]}
