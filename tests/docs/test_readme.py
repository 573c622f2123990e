"""The README says what happens: its query is the demo's, and its answers are the ones the platform gives."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from api.app import Backend
from api.commands.demo import QUERY
from api.config import Settings
from api.question import Question
from api.serving import open_backend
from policies.principal import PUBLIC, Principal

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


@pytest.fixture
async def backend(home: Path, shared_sample_url: str) -> AsyncIterator[Backend]:
    """The engine over the small sample."""
    async with open_backend(Settings(home=home, database_url=shared_sample_url)) as opened:
        yield opened


async def _ask(backend: Backend, document: str, principal: Principal) -> dict[str, object]:
    answer = await backend.service.answer(Question(document, None, {}, principal, None, allows_mutation=True))
    answered: dict[str, object] = json.loads(answer.body)
    return answered


def _blocks(language: str) -> list[str]:
    return [block.strip() for block in re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)]


def test_the_demo_prints_the_query_of_the_readme() -> None:
    assert _blocks("graphql")[0] == QUERY


async def test_the_answer_in_the_readme_is_the_one_given(backend: Backend) -> None:
    shown = json.loads(_blocks("json")[0])

    answered = await _ask(backend, QUERY, Principal("market-regulation", ()))

    assert answered["data"] == shown["data"]
    assert set(_mapping(answered["extensions"])) == set(shown["extensions"])


async def test_four_who_ask_get_four_answers(backend: Backend) -> None:
    asking = (
        Principal("market-regulation", ()),
        Principal("education", ()),
        Principal("town-330784105", ()),
        PUBLIC,
    )

    answers = [await _ask(backend, QUERY, principal) for principal in asking]

    assert all("data" in answer for answer in answers)
    assert len({json.dumps(answer["data"]) for answer in answers}) == len(asking)


async def test_every_query_of_the_readme_is_answered_to_the_auditor(backend: Backend) -> None:
    auditor = Principal("audit", ("auditor",))

    for document in _blocks("graphql"):
        answered = await _ask(backend, document, auditor)
        assert "errors" not in answered, document


def _mapping(value: object) -> Mapping[str, object]:
    assert isinstance(value, dict)
    return value
