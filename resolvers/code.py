"""Generated assemblers: Python functions that turn rows into the answer's dicts and collect the keys of nodes
shown.

A plan's assembler is made once from its selections. A dict literal in generated code costs a hundredth of what a
general executor spends on a field. Only names that GraphQL's grammar admits and numbers of our own go into the
text, each through repr().
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

Assembler = Callable[..., dict[str, object]]


class Code:
    """The functions of one plan's assembler, and the values they refer to."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._bodies: list[list[str]] = []
        self._values: dict[str, object] = {}
        self._count = 0

    def name(self, prefix: str) -> str:
        """A name not used before."""
        self._count += 1
        return f"{prefix}{self._count}"

    def value(self, prefix: str, value: object) -> str:
        """The name under which generated code finds a value."""
        name = self.name(prefix)
        self._values[name] = value
        return name

    def function(self, name: str, parameters: str, body: Sequence[str]) -> None:
        """Adds a function; `body` are its lines, indented below one level only where they say so."""
        self._lines.append(f"def {name}({parameters}):")
        self._lines.extend(f"    {line}" for line in body)

    @contextmanager
    def body(self) -> Iterator[list[str]]:
        """The lines that what is compiled within adds to the function it will be part of."""
        lines: list[str] = []
        self._bodies.append(lines)
        try:
            yield lines
        finally:
            self._bodies.pop()

    def add(self, line: str) -> None:
        """Adds a line to the function under way."""
        self._bodies[-1].append(line)

    def compile(self, entrance: str, *others: str) -> tuple[Assembler, ...]:
        """The functions of these names, compiled."""
        namespace: dict[str, Assembler] = dict(self._values)  # type: ignore[arg-type]  # what is taken are functions
        exec(compile("\n".join(self._lines), "<assembler>", "exec"), namespace)
        return tuple(namespace[name] for name in (entrance, *others))


def dict_literal(members: Mapping[str, str]) -> str:
    """A dict literal of response keys and expressions.

    >>> dict_literal({"name": "v0_1"})
    "{'name': v0_1}"
    """
    return "{" + ", ".join(f"{key!r}: {expression}" for key, expression in members.items()) + "}"
