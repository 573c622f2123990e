"""What fields weigh and how long their lists may be: the vocabulary of the GraphQL Cost Directive specification (IBM).

Weights are whole numbers, as Apollo's and Cosmo's routers read them. An object weighs 1, a scalar or enum nothing,
unless `@cost` says otherwise; an input object given as an argument weighs 1. Refuses to know how a document is weighed
(resolvers/cost.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import (
    DirectiveLocation,
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLDirective,
    GraphQLField,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLString,
)

DEFAULT_PAGE = 20
_COST, LIST_SIZE = "cost", "listSize"


@dataclass(frozen=True, slots=True)
class ListSize:
    """How long a list may be: as the largest `slicing` argument given says, or is itself long, else `assumed`.

    With `sized` it is not the field's own list but those fields' below it. Where the argument `one_without` is not
    given there is one member; the directive has no words for that, so others estimate more.
    """

    assumed: int
    slicing: tuple[str, ...]
    sized: tuple[str, ...] = ()
    one_without: str | None = None


# A page is as long as it says; counting reads all rows of the connection.
PAGED: Mapping[str, object] = {LIST_SIZE: ListSize(DEFAULT_PAGE, ("first", "last"), ("nodes", "edges"))}
GROUPED: Mapping[str, object] = {LIST_SIZE: ListSize(DEFAULT_PAGE, ("first",), one_without="groupBy")}
REFETCHED: Mapping[str, object] = {LIST_SIZE: ListSize(DEFAULT_PAGE, ("ids",))}
COUNTED: Mapping[str, object] = {_COST: 10}

COST_DIRECTIVES = (
    GraphQLDirective(
        _COST,
        [DirectiveLocation.FIELD_DEFINITION],
        {"weight": GraphQLArgument(GraphQLNonNull(GraphQLInt), description="权重")},
        description="成本 · what one value of this field weighs, if not 1 for an object and 0 for anything else",
    ),
    GraphQLDirective(
        LIST_SIZE,
        [DirectiveLocation.FIELD_DEFINITION],
        {
            "assumedSize": GraphQLArgument(GraphQLInt, description="缺省长度"),
            "slicingArguments": GraphQLArgument(
                GraphQLList(GraphQLNonNull(GraphQLString)), description="决定长度的参数"
            ),
            "sizedFields": GraphQLArgument(GraphQLList(GraphQLNonNull(GraphQLString)), description="其长度所指的字段"),
            "requireOneSlicingArgument": GraphQLArgument(
                GraphQLBoolean, default_value=True, description="是否必须给出其中一个参数"
            ),
        },
        description="列表长度 · how long a list may be, for estimating costs",
    ),
)


def weight_of(field: GraphQLField, *, is_object: bool) -> int:
    """What one value of the field weighs."""
    weight = field.extensions.get(_COST)
    return weight if isinstance(weight, int) else int(is_object)


def list_size_of(field: GraphQLField) -> ListSize | None:
    """How long the field's list, or the lists below it, may be; None where nothing says."""
    size = field.extensions.get(LIST_SIZE)
    return size if isinstance(size, ListSize) else None


def applied_directives(field: GraphQLField) -> str:
    """The directives of this vocabulary on a field, as SDL after its type; empty for most.

    >>> applied_directives(GraphQLField(GraphQLInt, extensions={"cost": 10}))
    ' @cost(weight: 10)'
    """
    weight, size = field.extensions.get(_COST), list_size_of(field)
    written = "" if weight is None else f" @cost(weight: {weight})"
    if size is not None:
        sized = f", sizedFields: {_names(size.sized)}" if size.sized else ""
        written += (
            f" @listSize(assumedSize: {size.assumed}, slicingArguments: {_names(size.slicing)}{sized},"
            " requireOneSlicingArgument: false)"
        )
    return written


def _names(names: tuple[str, ...]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"
