"""A look over a long document before it is parsed: how many fields and aliases are written in it.

Parsing thousands of fields costs tens of milliseconds, which nobody should be able to ask for in vain. The scan follows
the lexical grammar (GraphQL specification, section 2.1) and counts what is written, so never more than there is once
fragments are opened. What is no GraphQL at all is left to the parser.
"""

import re
from dataclasses import dataclass

from resolvers.refusal import too_much

# Shorter documents are parsed sooner than it would matter.
_LONG = 10_000
# Possessive throughout, and what is not closed goes on to the end: so no text is looked at twice.
_TOKEN = re.compile(
    r"""
      \"{3} (?: [^"\\] | \\\"{3} | \\ | "(?!"") )*+ (?:\"{3})?+    # a block string
    | " (?: [^"\\\n\r] | \\. )*+ "?+                               # a string
    | \#[^\n\r]*+                                                  # a comment
    | (?P<name>[A-Za-z_]\w*+)
    | (?P<sign>\.{3}|[{}():@])
    """,
    re.ASCII | re.VERBOSE,
)


@dataclass(slots=True)
class _Written:
    """What has been met so far; `before` is the sign or name that came last."""

    fields: int = 0
    aliases: int = 0
    braces: int = 0
    parentheses: int = 0
    before: str = ""

    def name(self, name: str) -> None:
        """A name: a field, unless it is in arguments or outside of selections, or says what a fragment is on."""
        is_selected = self.braces > 0 and self.parentheses == 0
        self.fields += is_selected and self.before not in ("...", "... on", "@")
        self.before = "... on" if (self.before, name) == ("...", "on") else ""

    def sign(self, sign: str) -> None:
        """A sign. A colon after a name in a selection makes an alias of the field that was counted."""
        if sign == ":" and self.braces > 0 and self.parentheses == 0:
            self.aliases += 1
            self.fields -= 1
        self.braces += (sign == "{") - (sign == "}") if self.parentheses == 0 else 0
        self.parentheses += (sign == "(") - (sign == ")")
        self.before = sign


def check_text(text: str, most_fields: int, most_aliases: int) -> None:
    """Raises Refusal (QUERY_TOO_COSTLY) for a long document in which too many fields or aliases are written."""
    if len(text) <= _LONG:
        return
    written = _Written()
    for token in _TOKEN.finditer(text):
        if (name := token["name"]) is not None:
            written.name(name)
        elif (sign := token["sign"]) is not None:
            written.sign(sign)
        if written.fields > most_fields + 1:  # the last may yet turn out to be an alias
            raise too_much("fields or more", written.fields - 1, most_fields)
        if written.aliases > most_aliases:
            raise too_much("aliases or more", written.aliases, most_aliases)
