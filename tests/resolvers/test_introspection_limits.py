"""Introspection is bounded: what tools send is answered, what multiplies is refused."""

import pytest
from graphql import get_introspection_query, parse

from resolvers.introspection_limits import check_introspection
from resolvers.refusal import Refusal

_MOST = 40


@pytest.mark.parametrize(
    "document",
    [
        get_introspection_query(input_value_deprecation=True, specified_by_url=True),
        '{ __type(name: "Query") { fields { name args { name type { name ofType { name } } } } } }',
        "{ catalog { entries { nodes { " + " ".join(["types fields"] * 50) + " } } } }",
    ],
)
def test_what_tools_send_is_within_the_limits(document: str) -> None:
    check_introspection(parse(document), _MOST)


@pytest.mark.parametrize(
    "document",
    [
        "{ " + " ".join(f'a{n}: __type(name: "Query") {{ fields {{ name }} }}' for n in range(50)) + " }",
        "{ __schema { " + " ".join(f"a{n}: types {{ name }}" for n in range(50)) + " } }",
        "{ __schema { types { fields { type { fields { name } } } } } }",
        "{ __schema { types { fields { args { type { ofType { inputFields { name } } } } } } } }",
        (
            "{ ...A } fragment A on Query { ... { __schema { types { ...B } } } }"
            " fragment B on __Type { fields { type { ...C } } } fragment C on __Type { ofType { fields { name } } }"
        ),
        "{ __schema { ...A } } fragment A on __Schema { "
        + " ".join(f"a{n}: types {{ ...B }}" for n in range(20))
        + " }"
        " fragment B on __Type { fields { name } enumValues { name } }",
        (
            "{ __schema { ...A } } fragment A on __Schema { types { fields { type { ...B } } } }"
            " fragment B on __Type { ofType { ...B } fields { name } }"
        ),
    ],
)
def test_lists_that_multiply_are_refused(document: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_introspection(parse(document), _MOST)

    assert refused.value.code == "QUERY_TOO_COSTLY"
