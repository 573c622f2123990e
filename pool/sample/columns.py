"""In charge of the columns of departmental tables: their names, titles, types, sharing, and how their values are made.

A theme writes a column as a word of the vocabulary (`data/vocabulary.csv`), or describes it: `name:title` followed by a
sign and what it needs, with an exclamation mark after the name of a key column, and perhaps a rule at the end.

    =a|b|c  one of the texts          #9  a whole number around 9     $9  an amount of money around 9
    ~9      a reading around 9        %   a percentage                ?   yes or no
    @       a day of the period       @@  a moment of the period
    @>      a day soon after the row's day or moment before it        @+  a day after the period
    ^AB     a running number          &AB, &@, &@@  code, day and moment of a complete series, unique together
    /C3:phone  the rule: O open, U unconditional, C conditional, N not shared; the grade; a mask

It refuses to know tables, periods and rows.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

_SQL_TYPES = {
    "=": "text", "#": "integer", "$": "numeric(18,2)", "~": "double precision", "%": "numeric(7,2)", "?": "boolean",
    "@": "date", "@+": "date", "@>": "date", "@@": "timestamptz", "^": "text",
    "&": "text", "&@": "date", "&@@": "timestamptz",
}  # fmt: skip
_RULE = re.compile(r"(.+?)/([OUCN][1-4](?::\S+)?)")
_DESCRIBED = re.compile(r"(\w+)(!?):([^=#$~%?@^&（]+(?:（[^）]*）)?)([=#$~%?^]|&?@@|&?@|&)([+>]?)(.*)")
_SHARING = {"O": "unconditional", "U": "unconditional", "C": "conditional", "N": "not_shared"}
_DEFAULT_RULE = "U1"


@dataclass(frozen=True, slots=True)
class Rule:
    """How something is shared: sharing type, whether it is open, grade and mask."""

    sharing: str
    is_open: bool
    grade: int
    mask: str | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a departmental table. `sign` is '' for words of the vocabulary, `needs` is what follows the sign."""

    name: str
    title: str
    sql_type: str
    rule: Rule
    is_key: bool = False
    sign: str = ""
    needs: str = ""
    element: str | None = None
    code_list: str | None = None
    missing: float = 0.0


def parse_rule(text: str) -> Rule:
    """The rule a letter, a grade and perhaps a mask stand for: `C3:phone`."""
    beginning, _, mask = text.partition(":")
    return Rule(_SHARING[beginning[0]], beginning[0] == "O", int(beginning[1]), mask or None)


def read_vocabulary() -> dict[str, Column]:
    """The columns that many tables have, by name."""
    text = (resources.files("pool.sample") / "data" / "vocabulary.csv").read_text(encoding="utf-8")
    return {
        row["name"]: Column(
            name=row["name"],
            title=row["title"],
            sql_type=row["sql_type"],
            rule=parse_rule(row["rule"]),
            element=row["element"] or None,
            code_list=row["code_list"] or None,
            missing=float(row["missing"]),
        )
        for row in csv.DictReader(text.splitlines())
    }


def parse_column(text: str, vocabulary: Mapping[str, Column]) -> Column:
    """The column a theme wrote down; ValueError if it is neither a word of the vocabulary nor described."""
    ruled = _RULE.fullmatch(text)
    word, rule = (ruled[1], ruled[2]) if ruled else (text, "")
    if word in vocabulary:
        known = vocabulary[word]
        return known if not rule else _with_rule(known, parse_rule(rule))
    described = _DESCRIBED.fullmatch(word)
    if described is None:
        raise ValueError(f"no column: {text}")
    name, key, title, sign, later, needs = described.groups()
    sign += later
    return Column(name, title, _SQL_TYPES[sign], parse_rule(rule or _DEFAULT_RULE), bool(key), sign, needs)


def _with_rule(column: Column, rule: Rule) -> Column:
    return Column(
        name=column.name,
        title=column.title,
        sql_type=column.sql_type,
        rule=rule,
        element=column.element,
        code_list=column.code_list,
        missing=column.missing,
    )
