"""A look over a document before it is parsed: how long it is, and how much of what costs time is written in it.

Parsing thousands of fields costs tens of milliseconds, which nobody should be able to ask for in vain. The scan follows
the lexical grammar (GraphQL specification, section 2.1) and counts what is written, so never more than there is once
fragments are opened. What is no GraphQL at all is left to the parser, if it is short enough.
"""

import re
from dataclasses import dataclass

from graphql import GraphQLError, Lexer, Source, TokenKind

from resolvers.limits import Limits
from resolvers.refusal import Problem, Refusal, refuse, too_much

# Shorter documents are parsed sooner than it would matter.
_LONG = 10_000
_MOST_DIGITS = 1_000
_DIGITS = re.compile("[0-9]++")
_NUMBERS = (TokenKind.INT, TokenKind.FLOAT)
# Possessive throughout, and what is not closed goes on to the end: so no text is looked at twice.
_TOKEN = re.compile(
    r"""
      \"{3} (?: [^"\\] | \\\"{3} | \\ | "(?!"") )*+ (?:\"{3})?+    # a block string
    | " (?: [^"\\\n\r] | \\. )*+ "?+                               # a string
    | \#[^\n\r]*+                                                  # a comment
    | (?P<name>[A-Za-z_]\w*+)
    | (?P<sign>\.{3}|[{}():@$])
    """,
    re.ASCII | re.VERBOSE,
)


@dataclass(slots=True)
class _Written:
    """What has been met so far; `before` is the sign or name that came last, `variables` are those of one operation."""

    fields: int = 0
    aliases: int = 0
    definitions: int = 0
    variables: int = 0
    braces: int = 0
    parentheses: int = 0
    before: str = ""

    def name(self, name: str) -> None:
        """A name: a field, unless it is in arguments or outside of selections, or says what a fragment is on."""
        is_selected = self.braces > 0 and self.parentheses == 0
        self.fields += is_selected and self.before not in ("...", "... on", "@")
        if self.before == "$":
            self.before = "$ name"
        else:
            self.before = "... on" if (self.before, name) == ("...", "on") else ""

    def sign(self, sign: str) -> None:
        """A sign. A colon behind a name makes an alias of a field that was counted, or declares a variable."""
        if sign == ":" and self.braces > 0 and self.parentheses == 0:
            self.aliases += 1
            self.fields -= 1
        elif sign == ":" and self.braces == 0 and self.before == "$ name":
            self.variables += 1
        elif sign == "{" and self.braces == self.parentheses == 0:
            self.definitions += 1
            self.variables = 0
        self.braces += (sign == "{") - (sign == "}") if self.parentheses == 0 else 0
        self.parentheses += (sign == "(") - (sign == ")")
        self.before = sign

    def compare(self, most: Limits) -> None:
        """Raises Refusal for what has been met already."""
        if self.fields > most.fields + 1:  # the last may yet turn out to be an alias
            raise too_much("fields or more", self.fields - 1, most.fields)
        if self.aliases > most.aliases:
            raise too_much("aliases or more", self.aliases, most.aliases)
        if self.definitions > most.definitions:
            raise too_much("operations and fragments or more", self.definitions, most.definitions)
        if self.variables > most.variables:
            raise too_much("variables or more", self.variables, most.variables)


def check_text(text: str, most: Limits) -> None:
    """Raises Refusal (QUERY_TOO_COSTLY) for a document that is too long, or a long one in which too much is written."""
    if len(text) > most.characters:
        raise refuse(
            "QUERY_TOO_COSTLY",
            f"The document has {len(text)} characters; at most {most.characters} are allowed.",
            "Send values as variables.",
        )
    if len(text) <= _LONG:
        return
    written, tokens = _Written(), 0
    for token in _TOKEN.finditer(text):
        if (name := token["name"]) is not None:
            written.name(name)
        elif (sign := token["sign"]) is not None:
            written.sign(sign)
        else:
            continue
        tokens += 1
        if tokens > most.tokens:
            raise too_much("tokens or more", tokens, most.tokens)
        written.compare(most)


def check_numbers(text: str) -> None:
    """Raises Refusal (QUERY_INVALID) for a number that is longer than any value; the text is known to be GraphQL."""
    if len(text) <= _MOST_DIGITS or all(len(each[0]) <= _MOST_DIGITS for each in _DIGITS.finditer(text)):
        return
    source = Source(text)
    lexer = Lexer(source)
    while (token := lexer.advance()).kind is not TokenKind.EOF:
        if token.kind in _NUMBERS and len(token.value or "") > _MOST_DIGITS:
            error = GraphQLError(f"A number may have at most {_MOST_DIGITS} digits.", None, source, [token.start])
            locations = tuple((where.line, where.column) for where in error.locations or ())
            raise Refusal([Problem("QUERY_INVALID", error.message, locations=locations)])
