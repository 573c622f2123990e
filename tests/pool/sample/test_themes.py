"""What the themes and the vocabulary write down can be read, made and catalogued."""

from collections import Counter

import pytest

from policies.masks import mask_sql
from pool.sample.columns import Column, parse_column, parse_rule, read_vocabulary
from pool.sample.places import read_places
from pool.sample.plan import make_plan
from pool.sample.scale import COUNTY
from pool.sample.specs import table_spec
from pool.sample.subject_values import DRAW_BY_COLUMN
from pool.sample.themes import Theme, read_departments, read_themes

_OF_PEOPLE = {"citizen_id", "person_name", "sex", "birth_date", "age", "phone", "address", "household_no"}
_OF_ENTERPRISES = {"credit_code", "enterprise_name", "legal_person_name", "enterprise_phone", "industry_code"}


def _themes() -> list[Theme]:
    return [theme for themes in read_themes().values() for theme in themes]


def test_every_department_has_thirteen_themes_with_titles_of_their_own() -> None:
    themes = read_themes()

    assert list(themes) == [department.code for department in read_departments()]
    assert {len(own) for own in themes.values()} == {13}
    assert {len({theme.title for theme in own}) for own in themes.values()} == {13}


def test_no_theme_has_a_column_twice_or_mixes_people_with_enterprises() -> None:
    for theme in _themes():
        names = [column.name for column in theme.columns]
        assert len(set(names)) == len(names), theme.name
        assert not (_OF_PEOPLE & set(names) and _OF_ENTERPRISES & set(names)), theme.name


def test_most_themes_have_a_key_and_some_have_none() -> None:
    keys = Counter(len(theme.key) for theme in _themes())

    assert keys[0] > 0
    assert keys[2] > 10
    assert keys[1] > 200


def test_every_word_of_the_vocabulary_can_be_made_and_nothing_else() -> None:
    assert set(DRAW_BY_COLUMN) == set(read_vocabulary())


@pytest.mark.parametrize(
    ("text", "sql_type", "sign", "needs"),
    [
        ("kind:类别=甲|乙", "text", "=", "甲|乙"),
        ("beds:床位数#80", "integer", "#", "80"),
        ("fine:罚款（元）$300/C2", "numeric(18,2)", "$", "300"),
        ("rate:完成比例（%）%", "numeric(7,2)", "%", ""),
        ("chlorine:余氯（mg/L）~0.5", "double precision", "~", "0.5"),
        ("on:日期@", "date", "@", ""),
        ("until:有效期至@+", "date", "@+", ""),
        ("closed_on:办结日期@>", "date", "@>", ""),
        ("at:时间@@", "timestamptz", "@@", ""),
        ("is_open:是否开放?", "boolean", "?", ""),
        ("no!:编号^AB", "text", "^", "AB"),
        ("code!:编码&ZZ", "text", "&", "ZZ"),
        ("day!:日期&@", "date", "&@", ""),
        ("moment!:时间&@@", "timestamptz", "&@@", ""),
    ],
)
def test_a_described_column_is_read(text: str, sql_type: str, sign: str, needs: str) -> None:
    column = parse_column(text, {})

    assert (column.sql_type, column.sign, column.needs) == (sql_type, sign, needs)
    assert column.is_key == ("!" in text)


def test_a_rule_after_a_word_of_the_vocabulary_replaces_its_own() -> None:
    vocabulary = read_vocabulary()

    assert parse_column("phone", vocabulary).rule == parse_rule("C3:phone")
    assert parse_column("phone/N4:keep:3,4", vocabulary).rule.mask == "keep:3,4"


@pytest.mark.parametrize("text", ["unknown", "name:", "a:b", "x:标题!3"])
def test_what_is_no_column_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no column"):
        parse_column(text, {})


def test_the_catalog_gets_a_sensible_mix_of_sharing_types() -> None:
    plan = make_plan(COUNTY, read_places())

    items = [item for d in plan.departments for table in d.tables for item in table_spec(table, d.code).items.values()]
    share = {kind: count / len(items) for kind, count in Counter(item.sharing for item in items).items()}

    assert 0.4 < share["unconditional"] < 0.5
    assert 0.35 < share["conditional"] < 0.45
    assert 0.1 < share["not_shared"] < 0.2
    assert 0.2 < sum(item.openness == "open" for item in items) / len(items) < 0.4
    assert all(item.mask for item in items if item.name in {"citizen_id", "person_name", "phone"} and item.grade == 3)


def test_whatever_is_shared_masked_has_a_mask_that_the_law_knows_for_its_type() -> None:
    columns = [(theme, column) for theme in _themes() for column in theme.columns]

    masked = {(column.rule.mask, column.sql_type) for _, column in columns if column.rule.mask}
    bare = [column.name for _, column in columns if column.rule.grade > 2 and not column.rule.mask and _is_free(column)]

    assert bare == []
    assert [spec for spec, sql_type in masked if mask_sql(spec or "", "x", sql_type).startswith("null")] == []


def _is_free(column: Column) -> bool:
    return column.rule.sharing == "unconditional"
