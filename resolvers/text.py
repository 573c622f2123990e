"""Parts of texts as SQL: `like`, `startsWith`, `contains`, and `search`, whose words must all occur.

Fields that the catalog marks as searched have an index over their characters and pairs of characters (migration 0014);
what it is asked is implied by the condition, so it changes the time an answer takes and nothing else. Refuses to know
who may filter by what.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from resolvers.refusal import refuse

PLAN_FOR_EACH = "platform.plan_for_each()"
TEXT_OPERATORS = frozenset(("like", "startsWith", "contains", "search"))
_WILD = re.compile(r"(\\.)|(%)%*", re.DOTALL)
Change = Callable[[object], object]


@dataclass(frozen=True, slots=True)
class Text:
    """A text in SQL, whether it is a column, and whether an index over its parts may serve."""

    sql: str
    is_column: bool = False
    is_searched: bool = False


def text_condition(text: Text, operator: str, place: Callable[[Change], str], most_words: int) -> str:
    """The condition; `place` puts the operand into the statement, changed. It is null where either text is."""
    is_search, is_part = operator == "search", operator == "contains"
    given = place(_FewWords(most_words) if is_search else _PATTERNS[operator])
    found = f"{text.sql} like {given}"
    if is_search:
        found = f"platform.folded({text.sql}) like all (platform.patterns_of_words({given}))"
    if is_search or (is_part and text.is_searched):
        # Being a CASE, it is not taken for a second proof of the same rarity. No words at all are not found in null.
        found = f"case when {text.sql} is not null then {found} end"
    if not text.is_column:
        return found
    if text.is_searched and (is_search or is_part):
        grams = f"platform.grams_of_words({given})" if is_search else f"platform.grams_of_part({place(_same)})"
        found = f"(platform.grams({text.sql}) @> {grams} or {grams} = '{{}}') and {found}"
    # True, and left out of a plan for one text: what it costs, being on rows, keeps PostgreSQL from one plan for all.
    return f"({found} and ({given} is not null or {PLAN_FOR_EACH} or {text.sql} is null))"


@dataclass(frozen=True, slots=True)
class _FewWords:
    """Refuses a search of too many words."""

    most: int

    def __call__(self, value: object) -> object:
        count = len(str(value).replace("\u3000", " ").split(" "))
        if count > self.most:
            raise refuse("QUERY_TOO_COSTLY", f"A search of {count} words; at most {self.most} are allowed.")
        return value


def _same(value: object) -> object:
    return value


def _escaped(text: object) -> str:
    return str(text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _prefix(text: object) -> str:
    return _escaped(text) + "%"


def _substring(text: object) -> str:
    return "%" + _escaped(text) + "%"


def _pattern(text: object) -> str:
    """A LIKE pattern that PostgreSQL accepts and reads soon: a lone backslash at the end means itself, `%%` is `%`."""
    value = str(text)
    trailing = len(value) - len(value.rstrip("\\"))
    return _WILD.sub(r"\1\2", value + "\\" if trailing % 2 else value)


_PATTERNS = {"startsWith": _prefix, "contains": _substring, "like": _pattern}
