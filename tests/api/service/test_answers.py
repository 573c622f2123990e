"""One answer: mixed documents, errors of parts and of the whole, receipts, and a record of each."""

import hashlib
import json
from uuid import UUID

import asyncpg
import pytest

from policies.principal import PUBLIC, Principal
from policies.store import load_current, publish
from tests.api.service.workers import Worker

_EDUCATION = Principal("education", ("reader",), "li", "desk")


async def test_data_identity_and_introspection_come_in_one_answer(worker: Worker) -> None:
    document = """
    query Mixed($code: String!) {
      __typename
      place(code: $code) { __typename name }
      access { me { department roles user application } }
      __schema { queryType { name } }
      type: __type(name: "Place") { name kind }
      again: access { __typename }
    }"""

    told = await worker.ask(_EDUCATION, document, {"code": "330784"})

    assert told.codes == []
    assert told.data == {
        "__typename": "Query",
        "place": {"__typename": "Place", "name": "永康市"},
        "access": {"me": {"department": "education", "roles": ["reader"], "user": "li", "application": "desk"}},
        "__schema": {"queryType": {"name": "Query"}},
        "type": {"name": "Place", "kind": "OBJECT"},
        "again": {"__typename": "Access"},
    }
    record = await worker.record(told)
    assert (record["outcome"], record["department"], record["actor"]) == ("ok", "education", "li")
    assert json.loads(record["keys"])[: record["shown"]] != []


async def test_a_list_of_all_types_comes_beside_everything_else(worker: Worker) -> None:
    told = await worker.ask(
        _EDUCATION, '{ __schema { types { name } } access { me { user } } place(code: "33") { name } __typename }'
    )

    assert isinstance(told.data, dict)
    assert {"name": "Place"} in told.data.pop("__schema")["types"]
    assert told.data == {"access": {"me": {"user": "li"}}, "place": {"name": "浙江省"}, "__typename": "Query"}


async def test_members_come_in_the_order_asked_for(worker: Worker) -> None:
    told = await worker.ask(_EDUCATION, '{ access { me { user } } b: __typename place(code: "33") { name } }')

    assert list(told.json["data"]) == ["access", "b", "place"]  # type: ignore[call-overload]  # JSON


async def test_a_key_that_is_not_there_is_said_at_its_path(worker: Worker) -> None:
    told = await worker.ask(_EDUCATION, '{ a: place(code: "none") { name } b: place(code: "33") { name } }')

    errors = told.json["errors"]
    assert isinstance(errors, list)
    assert [(error["extensions"]["code"], error["path"]) for error in errors] == [("NOT_FOUND", ["a"])]
    assert told.data == {"a": None, "b": {"name": "浙江省"}}
    assert (await worker.record(told))["outcome"] == "partial"


async def test_a_key_outside_an_offices_division_is_not_there_for_it(worker: Worker) -> None:
    town = Principal("town-330784105", ())

    there = await worker.ask(town, '{ place(code: "330784105") { name } }')
    elsewhere = await worker.ask(town, '{ place(code: "330784106") { name } }')

    assert there.codes == []
    assert elsewhere.codes == ["NOT_FOUND"]


async def test_a_refused_field_is_null_with_what_is_missing(worker: Worker) -> None:
    told = await worker.ask(_EDUCATION, "{ enterprises(first: 3) { nodes { creditCode x: legalPersonId } } }")

    errors = told.json["errors"]
    assert isinstance(errors, list)
    (error,) = errors
    assert error["path"] == ["enterprises", "nodes", "x"]
    assert error["extensions"]["code"] == "FIELD_DENIED"
    assert error["extensions"]["coordinate"] == "Enterprise.legalPersonId"
    assert "market-regulation" in error["extensions"]["hint"]
    assert "default-deny" not in told.body.decode()


async def test_the_receipt_names_the_record(worker: Worker) -> None:
    told = await worker.ask(_EDUCATION, "{ places(first: 1) { nodes { name } } }")

    receipt = told.json["extensions"]["receipt"]  # type: ignore[index]  # JSON
    record = await worker.record(told)
    assert receipt == {"operationId": told.operation_id}
    assert UUID(told.operation_id).version == 7
    assert record["response_digest"] == hashlib.sha256(told.body).digest()


async def test_purpose_variables_and_principal_are_recorded(worker: Worker) -> None:
    purpose = {"code": "audit", "legalGround": "审计法", "caseNo": "2026-1"}

    told = await worker.ask(
        _EDUCATION, "query Named($c: String!) { place(code: $c) { name } }", {"c": "33", "spare": [1]}, purpose
    )

    record = await worker.record(told)
    assert json.loads(record["purpose"]) == purpose
    assert json.loads(record["variables"]) == {"c": "33"}  # what no operation declares must not fill the log
    assert (record["application"], record["roles"]) == ("desk", ["reader"])


@pytest.mark.parametrize(
    ("document", "code"),
    [("{ nothing }", "QUERY_INVALID"), ("{ places(first: -1) { totalCount } }", "BAD_REQUEST"), ("{", "QUERY_INVALID")],
)
async def test_a_refused_document_is_recorded_with_its_text(worker: Worker, document: str, code: str) -> None:
    told = await worker.ask(_EDUCATION, document)

    record = await worker.record(told)
    assert (told.code, told.data) == (code, None)
    assert "data" not in told.json
    assert (record["document"], record["outcome"], record["error_codes"]) == (document, "refused", [code])
    assert record["response_digest"] == hashlib.sha256(told.body).digest()


async def test_the_public_is_told_nothing_of_what_is_not_open(worker: Worker) -> None:
    secret = await worker.ask(PUBLIC, "{ enterprises(first: 1) { nodes { phone } } }")
    unknown = await worker.ask(PUBLIC, "{ enterprises(first: 1) { nodes { abcde } } }")
    value = await worker.ask(PUBLIC, "query($w: EnterpriseWhere) { enterprises(where: $w) { totalCount } }",
                             {"w": {"phone": {"eq": "1"}}})  # fmt: skip
    guess = await worker.ask(PUBLIC, "query($w: EnterpriseWhere) { enterprises(where: $w) { totalCount } }",
                             {"w": {"abcde": {"eq": "1"}}})  # fmt: skip

    assert (secret.code, value.code) == ("QUERY_INVALID", "BAD_REQUEST")
    for told, other, name in ((secret, unknown, "phone"), (value, guess, "phone")):
        first, second = (json.dumps(each.json["errors"]) for each in (told, other))
        assert first.replace(name, "abcde") == second


async def test_equal_questions_are_answered_alike_and_recorded_apart(worker: Worker) -> None:
    asked = [await worker.ask(_EDUCATION, "{ enterprises(first: 2) { edges { cursor } } }") for _ in range(2)]

    assert asked[0].data == asked[1].data
    assert asked[0].operation_id != asked[1].operation_id
    plans = {(await worker.record(each))["plan"] for each in asked}
    assert len(plans) == 1


async def test_the_schema_as_text_is_recorded_and_never_older_than_its_record(
    worker: Worker, other: asyncpg.Connection
) -> None:
    before = await worker.service.sdl(PUBLIC)
    _, text = await load_current(other)
    await publish(other, text + "\np, public, Enterprise.name, read, deny\n", "test")

    after = await worker.service.sdl(PUBLIC)

    assert " · `Enterprise.name`，" in before.body.decode()
    assert " · `Enterprise.name`，" not in after.body.decode()
    for answer in (before, after):
        record = await other.fetchrow("select * from log.record where id = $1", UUID(answer.operation_id))
        assert record is not None
        assert (record["outcome"], record["department"], record["document"]) == ("ok", "", "# the schema as text")
        assert record["response_digest"] == hashlib.sha256(answer.body).digest()


@pytest.mark.parametrize(
    ("document", "directive"),
    [
        ("{ places(first: 1) { nodes { code ... @defer { name } } } }", "@defer"),
        ("{ places(first: 1) { nodes @stream(initialCount: 0) { code } } }", "@stream"),
    ],
)
async def test_an_answer_that_shall_come_in_parts_is_refused_by_name(
    worker: Worker, document: str, directive: str
) -> None:
    told = await worker.ask(_EDUCATION, document)

    assert told.code == "QUERY_INVALID"
    assert directive.encode() in told.body
    assert (await worker.record(told))["outcome"] == "refused"


@pytest.mark.parametrize(
    "document",
    [
        "{ __schema { types { name } } }",
        "{ b: __schema { types { name } } a: __schema { queryType { name } types { kind } } }",
        "{ __typename __schema { types { name } } }",
        "{ __schema { types { name } } access { me { user } } }",
    ],
)
async def test_an_introspection_that_is_kept_is_answered_and_recorded_to_the_byte(
    worker: Worker, document: str
) -> None:
    first, again = [await worker.ask(_EDUCATION, document) for _ in range(2)]

    assert again.json["data"] == first.json["data"]
    assert list(first.json) == ["data", "extensions"]
    for told in (first, again):
        assert json.loads(told.body)["extensions"]["receipt"]["operationId"] == told.operation_id
        assert (await worker.record(told))["response_digest"] == hashlib.sha256(told.body).digest()
