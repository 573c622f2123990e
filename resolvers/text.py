"""Parts of texts as SQL: `like`, `startsWith`, `contains`, and `search`, whose words must all occur.

Fields that the catalog marks as searched have an index over their characters and pairs of characters (migration 0014);
what it is asked is implied by the condition, so it changes the time an answer takes and nothing else. Refuses to know
who may filter by what.
"""

from collections.abc import Callable
from dataclasses import dataclass

from resolvers.refusal import refuse

TEXT_OPERATORS = frozenset(("like", "startsWith", "contains", "search"))
Change = Callable[[object], object]


@dataclass(frozen=True, slots=True)
class Text:
    """A text in SQL, and whether an index over its parts may serve."""

    sql: str
    is_searched: bool = False


def text_condition(text: Text, operator: str, place: Callable[[Change], str], most_words: int) -> str:
    """The condition; `place` puts the operand into the statement, changed. It is null where either text is."""
    if operator == "search":
        given = place(_FewWords(most_words))
        found = f"platform.folded({text.sql}) like all (platform.patterns_of_words({given}))"
        # Of no words all are found anywhere, but not in null.
        found = f"case when {text.sql} is not null then {found} end"
        return _by_grams(text, found, f"platform.grams_of_words({given})", given)
    found = f"{text.sql} like {place(_PATTERNS[operator])}"
    if operator != "contains" or not text.is_searched:
        return found
    given = place(_same)
    found = f"case when {text.sql} is not null then {found} end"
    return _by_grams(text, found, f"platform.grams_of_part({given})", given)


def _by_grams(text: Text, found: str, grams: str, given: str) -> str:
    """The condition `found`, by index where there is one.

    Being a CASE, `found` is not taken for a second proof of the same rarity. The last part keeps PostgreSQL from making
    one plan for rare texts and frequent ones.
    """
    if not text.is_searched:
        return found
    each = f"({given} is not null or platform.plan_for_each())"
    return f"(platform.grams({text.sql}) @> {grams} and {found} and {each})"


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
    """A LIKE pattern that PostgreSQL accepts: a lone backslash at the end means itself."""
    value = str(text)
    trailing = len(value) - len(value.rstrip("\\"))
    return value + "\\" if trailing % 2 else value


_PATTERNS = {"startsWith": _prefix, "contains": _substring, "like": _pattern}
