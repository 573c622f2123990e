"""The queries of docs/graph.md are answered as they stand, with something to see, over the sample county."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api.app import Backend
from api.config import Settings
from api.question import Question
from api.serving import open_backend
from policies.principal import Principal

PAGE = (Path(__file__).parents[2] / "docs" / "graph.md").read_text(encoding="utf-8")
DOCUMENTS = [block for block in re.findall(r"(?:^    .+\n)+", PAGE, re.MULTILINE) if re.match(r"\s+(\{|query)", block)]
_WATCHED = re.compile(r"changed\(where: (\{.*\})\) \{")
_EDUCATION = Principal("education", ())
_FIRST = "{ enterprises(first: 1) { nodes { id } } }"


@pytest.fixture
async def backend(home: Path, shared_sample_url: str) -> AsyncIterator[Backend]:
    """The engine over the small sample."""
    async with open_backend(Settings(home=home, database_url=shared_sample_url)) as opened:
        yield opened


async def _data(backend: Backend, document: str, variables: dict[str, object]) -> dict[str, object]:
    asked = Question(document, None, variables, _EDUCATION, None, allows_mutation=True)
    answer = json.loads((await backend.service.answer(asked)).body)
    assert "errors" not in answer, document
    data: dict[str, object] = answer["data"]
    return data


@pytest.mark.parametrize("number", range(len(DOCUMENTS)))
async def test_a_query_of_the_page_is_answered(backend: Backend, number: int) -> None:
    id_of_one = re.search(r'"id":"([^"]+)"', json.dumps(await _data(backend, _FIRST, {}), separators=(",", ":")))
    assert id_of_one is not None

    data = await _data(backend, DOCUMENTS[number], {"id": id_of_one[1]} if "$id" in DOCUMENTS[number] else {})

    assert _rows(data), DOCUMENTS[number]


async def test_what_the_page_watches_is_there(backend: Backend) -> None:
    (watched,) = _WATCHED.findall(PAGE)
    name, condition = re.fullmatch(r"\{(\w+): (\{.*\})\}", watched).groups()  # type: ignore[union-attr]  # it must match

    data = await _data(backend, f"{{ {name}(where: {condition}, first: 1) {{ nodes {{ id }} }} }}", {})

    assert _rows(data)


def test_the_page_has_queries() -> None:
    assert len(DOCUMENTS) >= 4


def _rows(data: object) -> bool:
    """Whether anything is shown: a list with members, or a single value."""
    if isinstance(data, dict):
        return bool(data) and any(_rows(each) for each in data.values())
    return bool(data) if isinstance(data, list) else data is not None
