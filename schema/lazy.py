"""A schema whose types are made when they are first asked for by name.

graphql-core collects all types of a schema when it is built; validation, execution and variable coercion then only look
types up by name. So the map of types may be filled on demand. Iterating over it shows what has been made so far, no
more. What implements an interface is asked of the types themselves; only a list of all of them makes them all.
"""

from collections.abc import Callable, Mapping

from graphql import (
    GraphQLAbstractType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
)
from graphql.type.schema import InterfaceImplementations


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


class LazySchema(GraphQLSchema):
    """A schema whose map of types makes them; `implementing` makes the object types of an interface."""

    implementing: Callable[[str], list[GraphQLObjectType]]

    def is_sub_type(self, abstract_type: GraphQLAbstractType, maybe_sub_type: GraphQLNamedType) -> bool:
        """Whether a type says that it implements an interface."""
        if not isinstance(abstract_type, GraphQLInterfaceType):
            return super().is_sub_type(abstract_type, maybe_sub_type)
        if not isinstance(maybe_sub_type, GraphQLObjectType | GraphQLInterfaceType):
            return False
        return any(each.name == abstract_type.name for each in maybe_sub_type.interfaces)

    def get_implementations(self, interface_type: GraphQLInterfaceType) -> InterfaceImplementations:
        """What implements an interface, made at the first question."""
        known = self._implementations_map.get(interface_type.name)
        if known is None or not known.objects:
            interfaces = known.interfaces if known else []
            known = InterfaceImplementations(self.implementing(interface_type.name), interfaces)
            self._implementations_map[interface_type.name] = known
        return known
