"""What an operation weighs: estimated from its sizes before it runs, counted in its answer where somebody asks.

The rules are those of the GraphQL Cost Directive specification (IBM) as the routers of Apollo and Cosmo apply them: an
object weighs 1, a scalar nothing, a list its length times what one member weighs; an input object that is given weighs
1. Weights and sizes are the schema's (schema/costs.py). The document and the shape of its variables alone decide an
estimate: neither rights nor data are in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from graphql import (
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
    is_list_type,
)

from resolvers.ids import length_class
from resolvers.page import LARGEST_PAGE
from resolvers.refusal import refuse
from resolvers.selection import Selected
from resolvers.values import Operand, Template
from resolvers.work import Work
from schema.costs import DEFAULT_PAGE, list_size_of, weight_of

_Sizes = Mapping[str, int]
_NO_SIZES: _Sizes = {}


@dataclass(frozen=True, slots=True)
class Weight:
    """What stands under one response key: `call` weighs once, `each` once per value, and so do those within it."""

    key: str
    call: int
    each: int
    estimate: int
    inner: tuple["Weight", ...]


def estimated(weights: Sequence[Weight]) -> int:
    """What an operation of these weights may cost at most."""
    return sum(weight.estimate for weight in weights)


def counted(weights: Sequence[Weight], data: Mapping[str, object]) -> int:
    """What the data of an answer has cost: null is for nothing, whatever the reason."""
    return sum(_counted(weight, data.get(weight.key)) for weight in weights)


def _counted(weight: Weight, value: object) -> int:
    if value is None:
        return 0
    members = [each for each in value if each is not None] if isinstance(value, list) else [value]
    below = sum(counted(weight.inner, each) for each in members if isinstance(each, dict)) if weight.inner else 0
    return weight.call + weight.each * len(members) + below


def weigh(work: Work, root: GraphQLObjectType, sets: Sequence[SelectionSetNode]) -> tuple[Weight, ...]:
    """The weights of an operation on that root. Raises Refusal (QUERY_TOO_COSTLY) when they are more than allowed."""
    weights, estimate = _Weigher(work).within(root, sets, _NO_SIZES)
    limit = work.touch.limits.cost
    if estimate > limit:
        raise refuse(
            "QUERY_TOO_COSTLY",
            f"The document is estimated to cost {estimate}; at most {limit} is allowed.",
            "Ask for smaller pages, or less on each.",
        )
    return weights


class _Weigher:
    def __init__(self, work: Work) -> None:
        self._work = work

    def within(
        self, kind: GraphQLObjectType | GraphQLInterfaceType, sets: Sequence[SelectionSetNode], sizes: _Sizes
    ) -> tuple[tuple[Weight, ...], int]:
        """The weights of a selection and what they add up to.

        On an interface that is what the heaviest of all types adds up to, and what stands under a key of several types
        weighs what it does for the heaviest.
        """
        if isinstance(kind, GraphQLObjectType):
            weights = self._of_type(kind, sets, sizes)
            return weights, estimated(weights)
        heaviest: dict[str, Weight] = {}
        most = 0
        for name in {kind.name: None, **dict.fromkeys(self._conditions(sets))}:
            named = self._work.schema.type_map[name]
            if isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
                weights = self._of_type(named, sets, sizes)
                most = max(most, estimated(weights))
                for weight in weights:
                    known = heaviest.setdefault(weight.key, weight)
                    heaviest[weight.key] = max(known, weight, key=attrgetter("estimate"))
        return tuple(heaviest.values()), most

    def _of_type(
        self, kind: GraphQLObjectType | GraphQLInterfaceType, sets: Sequence[SelectionSetNode], sizes: _Sizes
    ) -> tuple[Weight, ...]:
        weights: list[Weight] = []
        fields = kind.fields
        for selected in self._work.collector.collect(kind.name, sets):
            field = fields.get(selected.name)  # None where it is introspection, which has limits of its own
            weight = None if field is None else self._of_field(field, selected, sizes)
            if weight is not None:
                weights.append(weight)
        return tuple(weights)

    def _of_field(self, field: GraphQLField, selected: Selected, sizes: _Sizes) -> Weight | None:
        named = get_named_type(field.type)
        composite = named if isinstance(named, GraphQLObjectType | GraphQLInterfaceType) else None
        each = weight_of(field, is_object=composite is not None)
        if composite is None and not each:
            return None
        kinds = {name: argument.type for name, argument in field.args.items()}
        arguments = self._work.arguments(selected, kinds) if selected.nodes[0].arguments else {}
        call = sum(map(_objects, arguments.values()))
        own, below = self._lengths(field, arguments)
        length = sizes.get(selected.name, own) if _is_list(field) else 1
        inner, most = ((), 0) if composite is None else self.within(composite, selected.sets, below)
        return Weight(selected.key, call, each, call + length * (each + most), inner)

    def _lengths(self, field: GraphQLField, arguments: Mapping[str, Template]) -> tuple[int, _Sizes]:
        """How long the field's own list may be, and the lists below it that it says the length of."""
        size = list_size_of(field)
        if size is None:
            return DEFAULT_PAGE, _NO_SIZES
        if size.one_without is not None and not arguments.get(size.one_without):
            return 1, _NO_SIZES
        given = [self._number(arguments.get(name)) for name in size.slicing]
        length = max((each for each in given if each is not None), default=size.assumed)
        return length, dict.fromkeys(size.sized, length)

    def _number(self, template: Template) -> int | None:
        value = template.read(self._work.variables) if isinstance(template, Operand) else template
        # What is out of bounds is refused where pages are made, by a better name than too costly.
        if isinstance(value, list):
            return length_class(len(value))
        return min(max(value, 0), LARGEST_PAGE) if isinstance(value, int) else None

    def _conditions(self, sets: Sequence[SelectionSetNode]) -> list[str]:
        """The types that fragments of a selection are on, fragments within them included."""
        names: list[str] = []
        waiting: list[SelectionSetNode] = list(sets)
        seen: set[str] = set()
        while waiting:
            for selection in waiting.pop().selections:
                if isinstance(selection, InlineFragmentNode):
                    names += [selection.type_condition.name.value] if selection.type_condition else []
                    waiting.append(selection.selection_set)
                elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
                    seen.add(selection.name.value)
                    fragment = self._work.collector.fragment(selection.name.value)
                    names.append(fragment.type_condition.name.value)
                    waiting.append(fragment.selection_set)
        return names


def _is_list(field: GraphQLField) -> bool:
    return is_list_type(field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type)


def _objects(template: Template) -> int:
    """How many input objects were given."""
    if isinstance(template, dict):
        return 1 + sum(map(_objects, template.values()))
    return sum(map(_objects, template)) if isinstance(template, list) else 0
