"""In charge of what a GraphQL request says: its parameters, from JSON or a query string (GraphQL over HTTP, section 5).

Nothing ambiguous or unrepresentable passes: no duplicate names, NaN, infinite numbers, NUL or lone surrogates. It knows
nothing of GraphQL documents.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

import orjson
from msgspec import Struct

from api.errors import Code, RequestError

_PURPOSE_NAMES = ("code", "legalGround", "caseNo")
_LONGEST_PURPOSE = 200
_MOST_DIGITS = 20
_ESCAPES = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)")
_UNRECORDABLE = re.compile(f"[\0{chr(0xD800)}-{chr(0xDFFF)}]")
_IDS = ("documentId", "doc_id", "id")
_PARAMETERS = ("query", "operationName", "variables", "extensions", *_IDS)
_LONGEST_NAME = 200
_PLAIN = frozenset({str, bool, type(None)})


class _Unrecordable(ValueError):
    """JSON that the record could not hold exactly; the message says what of it."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What names a document: the id it is registered under, or automatically its hash, maybe beside its text."""

    name: str
    is_automatic: bool


class Parameters(Struct, frozen=True):
    """The parameters of one request. The document is empty where only a reference names it."""

    document: str
    operation_name: str | None
    variables: Mapping[str, object]
    purpose: Mapping[str, object] | None
    explain: bool = False
    reference: Reference | None = None


def parameters_of_body(body: bytes) -> Parameters:
    """The parameters in a JSON body. Raises RequestError BAD_REQUEST."""
    return parameters_of_object(read_plain(body) or read_thoroughly(body))


def read_thoroughly(body: bytes) -> Mapping[str, object]:
    """The object that a JSON body is. Raises RequestError BAD_REQUEST."""
    request = read_json(body, "The body")
    if not isinstance(request, dict):
        raise _bad("The body must be one JSON object; lists of requests are not supported.")
    return request


def parameters_of_query(query_string: bytes) -> Parameters:
    """The parameters in a URL's query, where variables and extensions are JSON. Raises RequestError BAD_REQUEST."""
    try:
        pairs = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100)
        _check_texts([text for pair in pairs for text in pair])
    except _Unrecordable as error:
        raise _bad(f"The query string {error}.") from error
    except ValueError as error:
        raise _bad("The query string is not URL-encoded UTF-8.") from error
    request: dict[str, object] = {}
    for name, text in pairs:
        if name in request:
            raise _bad(
                f"The parameter {name} is given twice." if name in _PARAMETERS else "A parameter is given twice."
            )
        if name in ("variables", "extensions"):
            request[name] = read_json(text.encode(), f"The parameter {name}") if text else None
        else:
            request[name] = text
    if not request.get("operationName"):
        request.pop("operationName", None)
    return parameters_of_object(request)


def parameters_of_object(request: Mapping[str, object]) -> Parameters:
    """The parameters in an object that was read already. Raises RequestError BAD_REQUEST."""
    document = request.get("query")
    reference = _reference(request, document)
    if reference is not None and not document:
        document = ""
    elif not isinstance(document, str) or not document.strip():
        raise _bad("The parameter query must be a GraphQL document.")
    operation_name = request.get("operationName")
    if operation_name is not None and not isinstance(operation_name, str):
        raise _bad("The parameter operationName must be a text.")
    variables = _object(request, "variables")
    extensions = _object(request, "extensions")
    if not extensions:
        return Parameters(document, operation_name, variables or {}, None, reference=reference)
    purpose, explain = _purpose(extensions.get("purpose")), extensions.get("explain", False)
    if not isinstance(explain, bool):
        raise _bad("extensions.explain must be true or false.")
    return Parameters(document, operation_name, variables or {}, purpose, explain, reference)


def _reference(request: Mapping[str, object], document: object) -> Reference | None:
    """What names the document (GraphQL over HTTP, appendix A; Relay's `doc_id` and `id`; Apollo's `persistedQuery`)."""
    extensions = request.get("extensions")
    persisted = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
    # Beside a document what Relay calls an id is none: other clients mean other things by it.
    names = [each for each in (_IDS if document is None else _IDS[:1]) if request.get(each) is not None]
    if names and (document is not None or persisted is not None):
        other = "query" if document is not None else "extensions.persistedQuery"
        raise _bad(f"The parameters {other} and {names[0]} exclude each other.")
    if persisted is not None:
        if not isinstance(persisted, dict) or type(version := persisted.get("version")) is not int or version != 1:
            raise _bad("extensions.persistedQuery must have version 1 and a sha256Hash.")
        return Reference(_name(persisted.get("sha256Hash"), "extensions.persistedQuery.sha256Hash"), is_automatic=True)
    if not names:
        return None
    given = [_name(request[each], f"The parameter {each}") for each in names]
    if len(set(given)) > 1:
        raise _bad(f"The parameters {' and '.join(names)} name different documents.")
    return Reference(given[0], is_automatic=False)


def _name(name: object, what: str) -> str:
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME:
        raise _bad(f"{what} must be a text of at most {_LONGEST_NAME} characters.")
    return name


def _object(request: Mapping[str, object], name: str) -> Mapping[str, object] | None:
    value = request.get(name)
    if value is not None and not isinstance(value, dict):
        raise _bad(f"The parameter {name} must be a JSON object.")
    return value


def _purpose(purpose: object) -> Mapping[str, object] | None:
    if purpose is None:
        return None
    if not isinstance(purpose, dict):
        raise _bad("extensions.purpose must be an object of code, legalGround and caseNo.")
    for name, value in purpose.items():
        if name not in _PURPOSE_NAMES:
            raise _bad("extensions.purpose has only code, legalGround and caseNo.")
        if value is not None and (not isinstance(value, str) or len(value) > _LONGEST_PURPOSE):
            raise _bad(f"extensions.purpose.{name} must be a text of at most {_LONGEST_PURPOSE} characters.")
    return {name: value for name, value in purpose.items() if value}


def read_plain(text: bytes) -> dict[str, object] | None:
    """An object as plain as most are, one among its values may be; None, if the thorough reader must say what it is.

    What the quick reader writes must be the text to the byte: then no name was given twice and no number lost digits.
    """
    try:
        request = None if b"\\u" in text else orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    if type(request) is not dict or orjson.dumps(request) != text:
        return None
    for name, value in request.items():
        if not (_is_plain(value) or (name == "variables" and _is_plain_object(value))):
            return None
    return request


def _is_plain_object(value: object) -> bool:
    return type(value) is dict and all(map(_is_plain, value.values()))


def _is_plain(value: object) -> bool:
    return type(value) in _PLAIN or (type(value) is int and value < 1 << 63)


def read_json(text: bytes, what: str) -> object:
    """The value of a JSON text, if the record could hold it exactly. Raises RequestError BAD_REQUEST naming `what`."""
    try:
        value = json.loads(
            text.decode(),
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_bounded,
        )
        if _ESCAPES.search(text):
            _check_texts(value)
    except RecursionError as error:
        raise _bad(f"{what} is nested too deeply.") from error
    except _Unrecordable as error:
        raise _bad(f"{what} {error}.") from error
    except ValueError as error:
        raise _bad(f"{what} is not valid JSON.") from error
    return value


def _without_duplicates(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _Unrecordable("gives a name twice in one object")
    return value


def _refuse_constant(name: str) -> object:
    raise ValueError(name)


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise _Unrecordable("holds a number that does not fit 64 bits")
    return value


def _bounded(text: str) -> int:
    if len(text) > _MOST_DIGITS or not -(1 << 63) <= (value := int(text)) < 1 << 63:
        raise _Unrecordable("holds a number that does not fit 64 bits")
    return value


def _check_texts(value: object) -> None:
    """Refuses texts that PostgreSQL or UTF-8 cannot hold; only needed when an escape or a query string made them."""
    unchecked = [value]
    while unchecked:
        part = unchecked.pop()
        if isinstance(part, str):
            if _UNRECORDABLE.search(part):
                raise _Unrecordable("holds a NUL character or half of a surrogate pair")
        elif isinstance(part, dict):
            unchecked += [*part, *part.values()]
        elif isinstance(part, list):
            unchecked += part


def _bad(message: str) -> RequestError:
    return RequestError(Code.BAD_REQUEST, message)
