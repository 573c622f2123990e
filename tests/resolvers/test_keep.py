"""What is kept of documents and plans is bounded, and what one request may make of its variables is."""

import pytest

from policies.principal import PUBLIC
from resolvers import keep
from resolvers.keep import Kept, Preparer
from tests.resolvers.asking import Engine


def test_what_was_used_longest_ago_is_forgotten_first() -> None:
    kept: Kept[str, int] = Kept(2, 100)
    kept.remember("a", 1, 1)
    kept.remember("b", 2, 1)
    kept.recent("a")

    kept.remember("c", 3, 1)

    assert [kept.recent(key) for key in "abc"] == [1, None, 3]


def test_what_is_kept_is_bounded_by_its_size_too() -> None:
    kept: Kept[str, int] = Kept(100, 10)
    for number, key in enumerate("abcd"):
        kept.remember(key, number, 4)

    assert [kept.recent(key) for key in "abcd"] == [None, None, 2, 3]

    kept.remember("larger than all", 5, 11)

    assert [kept.recent(key) for key in ("d", "larger than all")] == [None, None]


def test_what_is_kept_anew_takes_its_size_once() -> None:
    kept: Kept[str, int] = Kept(100, 10)
    kept.remember("a", 1, 4)
    kept.remember("b", 2, 4)

    kept.remember("a", 3, 6)

    assert [kept.recent(key) for key in "ab"] == [3, 2]


@pytest.mark.parametrize(
    ("declared", "argument", "value"),
    [
        ("$given: PlaceWhere", "where: $given", {"and": [{}] * 1_000}),
        ("$given: PlaceWhere", "where: $given", {"or": [{"not": {}}] * 1_000}),
        ("$given: [PlaceOrderBy!]", "orderBy: $given", [{"name": "ASC"}] * 1_000),
        ("$given: [PlaceOrderBy!]", "orderBy: $given", [{}] * 1_000),
    ],
)
async def test_variables_cannot_make_a_statement_without_bounds(
    engine: Engine, declared: str, argument: str, value: object
) -> None:
    told = await engine.ask(PUBLIC, f"query({declared}) {{ places({argument}) {{ totalCount }} }}", {"given": value})

    assert told.code == "QUERY_TOO_COSTLY"


@pytest.mark.parametrize(
    "document",
    [
        "{ places { totalCount } } # %s%d",
        '{ places(where: {name: {eq: "%s%d"}}) { totalCount } }',
        '{ places(where: {name: {in: ["x", "%s%d"]}}) { totalCount } }',
    ],
)
async def test_the_memory_of_plans_counts_their_texts_and_literals(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, document: str
) -> None:
    monkeypatch.setattr(keep, "_PLAN_TEXT_KEPT", 300_000)
    preparer = Preparer((await engine.view()).preparer(PUBLIC).setting)
    documents = [document % ("x" * 30_000, number) for number in range(8)]

    plans = [preparer.prepare(each, None, {}, PUBLIC).plan for each in documents]
    again = [preparer.prepare(each, None, {}, PUBLIC).plan for each in reversed(documents)]

    kept = sum(one is other for one, other in zip(reversed(plans), again, strict=True))
    copies = 4 if "where" in document else 2  # in its key and in what is recorded of it; as a literal in both too
    assert kept == 300_000 // (copies * 31_000)


async def test_groups_are_bounded_too(engine: Engine) -> None:
    document = "query($given: [PlaceGroupBy!]) { placesAggregate(groupBy: $given) { count } }"

    told = await engine.ask(PUBLIC, document, {"given": ["name"] * 1_000})

    assert told.code == "QUERY_TOO_COSTLY"


async def test_a_key_may_be_compared_again_below(engine: Engine) -> None:
    document = (
        "query($code: String!) { place(code: $code) { code"
        " parent { children(where: {code: {eq: $code}}) { nodes { code } } } } }"
    )

    told = await engine.ask(PUBLIC, document, {"code": "330784105"})

    assert told.codes == []
    assert told.data == {"place": {"code": "330784105", "parent": {"children": {"nodes": [{"code": "330784105"}]}}}}
