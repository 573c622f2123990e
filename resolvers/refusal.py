"""Why a question is not answered: one exception, one shape of error, codes of the public contract.

Messages name the thing and the remedy; they never carry SQL, row values or the text of rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One error of an answer. `path` is the response path without list indexes."""

    code: str
    message: str
    path: tuple[str, ...] = ()
    coordinate: str | None = None
    decision: str | None = None
    hint: str | None = None
    locations: tuple[tuple[int, int], ...] = ()

    def formatted(self) -> dict[str, object]:
        """The error as GraphQL's response format has it (specification, section 7.1.2)."""
        error: dict[str, object] = {"message": self.message}
        if self.locations:
            error["locations"] = [{"line": line, "column": column} for line, column in self.locations]
        if self.path:
            error["path"] = list(self.path)
        extensions = {"code": self.code, "coordinate": self.coordinate, "decision": self.decision, "hint": self.hint}
        error["extensions"] = {key: value for key, value in extensions.items() if value is not None}
        return error


class Refusal(Exception):
    """The question as a whole is refused: there is no data."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems[0].message)
        self.problems = tuple(problems)

    @property
    def code(self) -> str:
        """The contract's code of the first problem, which decides the status."""
        return self.problems[0].code


def refuse(code: str, message: str, hint: str | None = None) -> Refusal:
    """A refusal with one problem."""
    return Refusal([Problem(code, message, hint=hint)])


def too_much(what: str, count: int, limit: int) -> Refusal:
    """The refusal of a document that has more of something than it may have."""
    return refuse(
        "QUERY_TOO_COSTLY", f"The document has {count} {what}; at most {limit} are allowed.", "Split the document."
    )
