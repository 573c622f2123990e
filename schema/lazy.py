"""A schema's map of types that makes a type when it is first asked for by name.

graphql-core collects all types of a schema when it is built; validation, execution and variable coercion then only look
types up by name. So the map may be filled on demand. Iterating over it shows what has been made so far, no more.
"""

from collections.abc import Callable, Mapping

from graphql import GraphQLNamedType


class LazyTypes(dict[str, GraphQLNamedType]):
    """Types by name; `find` makes the ones that are missing."""

    def __init__(self, known: Mapping[str, GraphQLNamedType], find: Callable[[str], GraphQLNamedType | None]) -> None:
        super().__init__(known)
        self._find = find

    def __missing__(self, name: str) -> GraphQLNamedType:
        made = self._find(name)
        if made is None:
            raise KeyError(name)
        self[name] = made
        return made

    def __contains__(self, name: object) -> bool:
        return self.get(name) is not None

    def get(self, name: object, default: object = None) -> GraphQLNamedType | None:  # type: ignore[override]  # no default
        """The type of that name, None where there is none."""
        try:
            return self[str(name)]
        except KeyError:
            return None
