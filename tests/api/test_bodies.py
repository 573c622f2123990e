"""A body of which all but the variables was met before means what it would mean if it were read as a whole."""

import json
import sys

import pytest

from api.bodies import Bodies
from api.errors import RequestError
from api.parameters import Parameters, parameters_of_body

QUERY = '{"query":"query Q($a: String) { __typename }","variables":{"a":"1"}}'
MIDDLE = '{"operationName":"Q","variables":{"a":"1"},"query":"query Q($a: String) { __typename }"}'


def _read(body: bytes, bodies: Bodies) -> Parameters | str:
    try:
        return bodies.read(body)
    except RequestError as error:
        return error.message


def _read_whole(body: bytes) -> Parameters | str:
    try:
        return parameters_of_body(body)
    except RequestError as error:
        return error.message


@pytest.mark.parametrize("met", [QUERY, MIDDLE])
@pytest.mark.parametrize(
    "variables",
    [
        '{"a":"2"}',
        '{"a":"政","b":true,"c":null,"d":-7}',
        "{}",
        '{"a":"\\"},\\"variables\\":{"}',
        '{"variables":"1"}',
        '{"variables":{"a":1}}',
        '{"a":1,"variables":{"a":1}}',
    ],
)
def test_other_variables_are_all_that_differs(met: str, variables: str) -> None:
    bodies = Bodies()
    bodies.read(met.encode())
    body = met.replace('{"a":"1"}', variables).encode()

    assert bodies.find(body) == parameters_of_body(body)


@pytest.mark.parametrize(
    "variables",
    [
        '{"a": "2"}',
        '{"a":"2","a":"3"}',
        '{"a":"2"},"variables":{"a":"3"}',
        '{"a":"2"},"query":"{ __typename }"',
        '{"a":"2"},"operationName":"R"',
        '{"a":"2"}}',
        '{"a":"\\u0000"}',
        '{"a":"\\ud800"}',
        '{"a":1e400}',
        '{"a":1.0}',
        '{"a":[1]}',
        '{"a":{"b":{}}}',
        '{"a":18446744073709551615}',
        '{"a":123456789012345678901}',
        '["a"]',
        "null",
        "",
        '{"a":"\xff"}',
    ],
)
@pytest.mark.parametrize("met", [QUERY, MIDDLE])
def test_what_is_not_plain_is_read_as_a_whole(met: str, variables: str) -> None:
    bodies = Bodies()
    bodies.read(met.encode())
    body = met.replace('{"a":"1"}', variables).encode("latin-1")

    assert bodies.find(body) is None
    assert _read(body, bodies) == _read_whole(body)


@pytest.mark.parametrize(
    "met",
    [
        '{"variables":{"a":"1","variables":"2"},"query":"{ __typename }"}',
        '{"query":"{ __typename }","variables":null}',
        '{"query":"{ __typename }","x":{"a":1,"variables":{}}}',
        '{"query":"{ __typename }","extensions":{"explain":true,"variables":{}}}',
        '{"query":"{ __typename }", "variables":{"a":"1"}}',
        '{"query":"{ __typename }","query":"{ a }","variables":{"a":"1"}}',
    ],
)
def test_what_is_not_plain_is_not_kept(met: str) -> None:
    bodies = Bodies()

    assert _read(met.encode(), bodies) == _read_whole(met.encode())
    assert bodies.find(met.encode()) is None


def test_documents_that_begin_alike_are_told_apart() -> None:
    bodies, longer = Bodies(), QUERY.replace(" { __typename }", " { __typename a }")

    for body in (QUERY, longer, QUERY, longer):
        assert bodies.read(body.encode()).document == json.loads(body)["query"]


def test_of_bodies_that_differ_behind_their_variables_the_last_is_kept() -> None:
    bodies = Bodies()
    other = QUERY.removesuffix("}") + ',"operationName":"Q"}'

    for body in (QUERY, other, QUERY, other):
        assert bodies.read(body.encode()) == parameters_of_body(body.encode())
    assert bodies.find(other.encode()) is not None
    assert bodies.find(QUERY.encode()) is None


def test_variables_are_kept_by_nobody_but_the_question() -> None:
    bodies = Bodies()

    variables = bodies.read(QUERY.encode()).variables

    assert bodies.find(QUERY.encode()) is not None
    assert sys.getrefcount(variables) == len(("here", "the call's"))
