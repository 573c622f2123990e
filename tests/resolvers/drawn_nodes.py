"""In charge of drawing global ids, and the types whose fields to ask for of what they lead to."""

from dataclasses import dataclass

from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.resolvers.drawn_inputs import Inputs

_NO_ID = "no id of ours"


@dataclass(frozen=True, slots=True)
class DrawnIds:
    """An id or a list of ids as an argument, and the types to ask for."""

    value: object
    types: tuple[GraphQLObjectType | GraphQLInterfaceType, ...]


def draw_ids(draw: DrawFn, schema: GraphQLSchema, inputs: Inputs, *, many: bool) -> DrawnIds:
    """Ids of one or two types, known to the schema or not, some of them none; types, mostly those they lead to."""
    names = draw(st.lists(st.sampled_from(sorted(inputs.ids_by_type)), min_size=1, max_size=2, unique=True))
    ids = st.sampled_from([each for name in names for each in inputs.ids_by_type[name]] + [_NO_ID])
    value: object = draw(st.lists(ids, max_size=5)) if many else draw(ids)
    named = [*names, *draw(st.lists(st.sampled_from(("LegalEntity", "Node", "Enterprise", "Place")), max_size=1))]
    types = [schema.get_type(name) for name in dict.fromkeys(named)]
    return DrawnIds(value, tuple(each for each in types if isinstance(each, GraphQLObjectType | GraphQLInterfaceType)))
