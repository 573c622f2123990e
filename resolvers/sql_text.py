"""Texts that SQL puts together of constants and of what rows say."""

_MOST_JOINED = 12


class SqlText:
    """A text put together of constants and SQL expressions, none of them null; its own `quotes` are the constants'."""

    def __init__(self) -> None:
        self.quotes = 0
        self._parts: list[str] = []
        self._constant = ""

    def add(self, constant: str) -> None:
        """Adds what stands there in every row."""
        self._constant += constant
        self.quotes += constant.count('"')

    def put(self, expression: str) -> None:
        """Adds what a row says."""
        self._end_constant()
        self._parts.append(expression)

    @property
    def sql(self) -> str:
        """The expression. Each `||` copies what is before it, so there are never many in a row.

        Groups are put together by it too: `concat()` takes arguments of any type, and asks each for its text.
        """
        self._end_constant()
        parts = self._parts
        if len(parts) <= _MOST_JOINED:
            return " || ".join(parts)
        groups = [" || ".join(parts[start : start + _MOST_JOINED]) for start in range(0, len(parts), _MOST_JOINED)]
        return " || ".join(f"({group})" for group in groups)

    def _end_constant(self) -> None:
        if self._constant:
            self._parts.append("'" + self._constant.replace("'", "''") + "'")
            self._constant = ""
