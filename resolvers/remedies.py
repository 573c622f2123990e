"""What a type has, told to whoever asked it for something else.

A remedy depends on the type alone, never on the name that was asked for: a name that may not be known of is refused
like one that is not there. The schema holds only what the caller may know of.
"""

import re
from collections.abc import Iterable

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
)

_MOST_NAMES = 40
# The messages of graphql-core that name a type, before anything that the caller wrote.
_OF_TYPE = tuple(
    re.compile(pattern)
    for pattern in (
        r"Cannot query field '\w+' on type '(\w+)'",
        r"Field '\w+' of type '\W*(\w+)\W*' must have a selection",
        r"(?:Variable '\$\w+' has invalid value[^:]*: )?Expected value of type '(\w+)' (?:not to include|to be an obj)",
        r"Enum '(\w+)' cannot represent",
        r".* does not exist in '(\w+)' enum\.$",
    )
)
_OF_FIELD = re.compile(r"Unknown argument '\w+' on field '(\w+)\.(\w+)'")
_OF_DIRECTIVES = "Unknown directive "
_DIRECTIVES = "There are `@skip` and `@include`."


def remedy(message: str, schema: GraphQLSchema) -> str | None:
    """What could be asked for instead, where graphql-core's message names what has it; else None."""
    if message.startswith(_OF_DIRECTIVES):
        return _DIRECTIVES
    if found := _OF_FIELD.match(message):
        return _arguments(schema.get_type(found[1]), found[2])
    for pattern in _OF_TYPE:
        if found := pattern.match(message):
            return _members(schema.get_type(found[1]))
    return None


def names_listed(owner: str, names: Iterable[str]) -> str:
    """Says what something has; of very many names the first."""
    known = list(names)
    more = f" … ({len(known)} in all)" if len(known) > _MOST_NAMES else ""
    return f"`{owner}` has {', '.join(known[:_MOST_NAMES])}{more}."


def _members(kind: GraphQLNamedType | None) -> str | None:
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        return names_listed(kind.name, kind.fields)
    return names_listed(kind.name, kind.values) if isinstance(kind, GraphQLEnumType) else None


def _arguments(kind: GraphQLNamedType | None, name: str) -> str | None:
    field = kind.fields.get(name) if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) else None
    if field is None:
        return None
    coordinate = f"{kind.name}.{name}" if kind else name
    return names_listed(coordinate, field.args) if field.args else f"`{coordinate}` takes no arguments."
