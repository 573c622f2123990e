"""Numbers longer than any value are refused in words of ours, wherever they stand."""

import time

import pytest

from policies.principal import Principal
from resolvers.refusal import Refusal
from resolvers.scan import check_numbers
from tests.resolvers.asking import Engine

_EDUCATION = Principal("education", ())
_PLACES = [
    "{ enterprises(first: %s) { totalCount } }",
    "{ enterprises(last: %s, first: 1) { totalCount } }",
    "{ enterprises(where: {registeredCapital: {gt: %s}}) { totalCount } }",
    "{ enterprises(where: {registeredCapital: {in: [1, %s]}}) { totalCount } }",
    "{ enterprises(where: {and: [{registeredCapital: {eq: %s}}]}) { totalCount } }",
    "{ people(where: {age: {eq: %s}}) { totalCount } }",
    "query($n: Int = %s) { enterprises(first: $n) { totalCount } }",
    "query($n: Decimal = %s) { enterprises(where: {registeredCapital: {gt: $n}}) { totalCount } }",
    "query($n: [BigInt!] = [%s]) { __typename }",
    "query($n: Float = %s) { __typename }",
    "query($w: EnterpriseWhere = {registeredCapital: {gt: %s}}) { enterprises(where: $w) { totalCount } }",
    "query($j: JSON = {a: [%s]}) { __typename }",
    "{ node(id: %s) { id } }",
    "{ __typename @skip(if: %s) }",
]
_NUMBERS = ["9" * 4_301, "-" + "9" * 50_000, "1." + "9" * 4_301, "9" * 4_301 + "e5"]


@pytest.mark.parametrize("document", _PLACES)
@pytest.mark.parametrize("number", _NUMBERS, ids=["whole", "negative", "fraction", "exponent"])
async def test_a_number_longer_than_any_value_is_told_where_it_is(engine: Engine, document: str, number: str) -> None:
    told = await engine.ask(_EDUCATION, "\n" + document % number)

    assert told.json["errors"] == [
        {
            "message": "A number may have at most 1000 digits.",
            "locations": [{"line": 2, "column": document.index("%s") + 1}],
            "extensions": {"code": "QUERY_INVALID"},
        }
    ]


@pytest.mark.parametrize("digits", [20, 400, 1_000])
@pytest.mark.parametrize("document", _PLACES)
async def test_a_shorter_one_is_answered_or_refused_for_what_it_means(
    engine: Engine, document: str, digits: int
) -> None:
    told = await engine.ask(_EDUCATION, document % ("9" * digits))

    assert told.code in (None, "QUERY_INVALID", "BAD_REQUEST", "QUERY_TOO_COSTLY")
    assert b"Exceeds" not in told.body
    assert b"sys." not in told.body


@pytest.mark.parametrize(
    "document",
    [
        "query($n: Int) { places(first: $n) { totalCount } }",
        "query($n: Decimal) { enterprises(where: {registeredCapital: {gt: $n}}) { totalCount } }",
        "query($n: [Decimal!]) { enterprises(where: {registeredCapital: {in: $n}}) { totalCount } }",
        "query($n: EnterpriseWhere) { enterprises(where: $n) { totalCount } }",
        "query($n: BigInt!) { changed(where: {places: {}}, since: $n) { epoch } }",
    ],
)
@pytest.mark.parametrize("form", ["plain", "list", "object"])
async def test_long_texts_for_numbers_in_variables_are_refused_in_words_of_ours(
    engine: Engine, document: str, form: str
) -> None:
    digits = "9" * 4_301
    value = {"plain": digits, "list": [digits], "object": {"registeredCapital": {"gt": digits}}}[form]

    told = await engine.ask(_EDUCATION, document, {"n": value})

    assert told.code in ("QUERY_INVALID", "BAD_REQUEST")
    assert b"Exceeds" not in told.body


def test_digits_in_names_texts_and_comments_are_no_number() -> None:
    digits = "9" * 2_000

    check_numbers(f'{{ a{digits}(b: "{digits}", c: """{digits}""") # {digits}\n }}')


def test_many_digits_are_looked_at_once() -> None:
    started = time.process_time()

    check_numbers("[" + ("9" * 1_000 + " ") * 99)
    with pytest.raises(Refusal):
        check_numbers("[" + ("9" * 1_000 + " ") * 98 + "9" * 1_001)

    assert time.process_time() - started < 0.1
