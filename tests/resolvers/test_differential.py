"""The engine answers generated documents as graphql-core's own executor does over plain Python."""

import pytest
from graphql import GraphQLObjectType, get_named_type
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.principal import Principal
from tests.resolvers.comparing import NOT_COMPARED, PRINCIPALS, Comparing
from tests.resolvers.drawn_documents import Document, documents, other_variables
from tests.resolvers.drawn_pages import connections, named_object, walks

# `--hypothesis-profile=thorough` asks for many times more, drawn anew each time.
_PATIENT = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
_MOST_PAGES = 12


@pytest.mark.parametrize("principal", PRINCIPALS, ids=str)
async def test_every_field_of_every_connection_is_answered_as_the_reference_answers_it(
    compared: Comparing, principal: Principal
) -> None:
    schema = compared.reference(principal).schema
    assert schema.query_type is not None

    for path, field in connections(schema.query_type, NOT_COMPARED):
        node = named_object(named_object(field).fields["nodes"])
        leaves = [
            name for name, each in node.fields.items() if not isinstance(get_named_type(each.type), GraphQLObjectType)
        ]
        text = "{ " + " { ".join(path) + f"(first: 50) {{ nodes {{ {' '.join(leaves)} }} }}" + " }" * len(path)
        await compared.compare(principal, Document(text, {}))


@pytest.mark.slow
@settings(max_examples=settings().max_examples * 3, suppress_health_check=_PATIENT)
@given(data=st.data())
async def test_any_document_is_answered_as_the_reference_answers_it(compared: Comparing, data: st.DataObject) -> None:
    principal = data.draw(st.sampled_from(PRINCIPALS))
    schema = compared.reference(principal).schema
    document = data.draw(documents(schema, compared.inputs, NOT_COMPARED))

    await compared.compare(principal, document)
    await compared.compare(principal, data.draw(other_variables(schema, compared.inputs, document)))
    await compared.compare(principal, document)


@pytest.mark.slow
@settings(suppress_health_check=_PATIENT)
@given(data=st.data())
async def test_any_id_leads_where_it_leads_by_the_reference(compared: Comparing, data: st.DataObject) -> None:
    principal = data.draw(st.sampled_from(PRINCIPALS))
    schema = compared.reference(principal).schema
    assert schema.query_type is not None
    others = frozenset(schema.query_type.fields) - {"node", "nodes"}
    document = data.draw(documents(schema, compared.inputs, others))

    await compared.compare(principal, document)
    await compared.compare(principal, data.draw(other_variables(schema, compared.inputs, document)))


@pytest.mark.slow
@settings(max_examples=settings().max_examples // 2, suppress_health_check=_PATIENT)
@given(data=st.data())
async def test_any_connection_is_walked_page_by_page_as_the_reference_walks_it(
    compared: Comparing, data: st.DataObject
) -> None:
    principal = data.draw(st.sampled_from(PRINCIPALS))
    schema = compared.reference(principal).schema
    walk = data.draw(walks(schema, compared.inputs, NOT_COMPARED))
    token_by_sealed: dict[str, str] = {}
    cursor: object = None

    for _ in range(_MOST_PAGES):
        document = Document(walk.text, {} if cursor is None else {"cursor": cursor})
        expected = await compared.compare(principal, document, token_by_sealed)
        assert expected is not None
        connection = walk.connection(expected.data)
        info = connection["pageInfo"] if connection else {}
        assert isinstance(info, dict)
        cursor = info.get("startCursor" if walk.is_backward else "endCursor")
        if not info.get("hasPreviousPage" if walk.is_backward else "hasNextPage"):
            break
