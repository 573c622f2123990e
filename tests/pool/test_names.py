"""Names in the graph are valid GraphQL, unique, and none that the graph needs itself."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool.names import camel_case, column_names, field_name, split_words, table_name, type_name

FIELD = re.compile(r"[a-z][A-Za-z0-9]*")
TYPE = re.compile(r"[A-Z][A-Za-z0-9]*")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("credit_code", "creditCode"),
        ("CREDIT_CODE", "creditCode"),
        ("CreditCode", "creditCode"),
        ("legalPersonID", "legalPersonId"),
        ("统一社会信用代码", "tongYiSheHuiXinYongDaiMa"),
        ("2024年度", "n2024NianDu"),
        ("HTTP Server 2", "httpServer2"),
        ("Straße é", "strasseE"),
        ("  a--b..c ", "aBC"),
        ("！？", ""),
        ("__typename", "typename"),
        ("绿", "lv"),
    ],
)
def test_names_become_camel_case(name: str, expected: str) -> None:
    assert camel_case(name) == expected


@given(st.lists(st.text(max_size=30), max_size=20), st.sets(st.sampled_from(["a", "b", "column1", "sourceId"])))
def test_column_names_are_valid_and_unique(names: list[str], taken: set[str]) -> None:
    chosen = column_names(names, taken)

    assert len({*chosen, *taken}) == len(chosen) + len(taken)
    assert all(FIELD.fullmatch(name) for name in chosen)


@given(st.text(max_size=200))
def test_table_and_type_names_are_valid(name: str) -> None:
    graph_name = table_name(name, ())

    assert FIELD.fullmatch(graph_name)
    assert TYPE.fullmatch(type_name("market-regulation", graph_name, ()))


@pytest.mark.parametrize("name", ["id", "ID", "and", "or", "not", "true", "false", "null"])
def test_names_that_the_graph_needs_are_not_given(name: str) -> None:
    assert field_name(name, (), "column1") != name.lower()


def test_types_that_exist_or_will_exist_are_not_given() -> None:
    taken = {"WaterWells"}

    assert type_name("water", "wells", taken) == "WaterWells2"
    assert type_name("water", "wellsConnection", ()) == "WaterWellsConnectionTable"
    assert type_name("water", "wellsWhere2", ()) == "WaterWellsWhere2Table"


def test_a_table_is_never_called_like_the_aggregate_of_another() -> None:
    assert table_name("wells_aggregate", {"wells"}) == "wellsAggregateTable"


def test_a_very_long_name_is_cut() -> None:
    assert len(field_name("x" * 500, (), "column1")) == 80


def test_words_of_mixed_scripts_are_split() -> None:
    assert split_words("A股shares2") == ["a", "gu", "shares", "2"]
