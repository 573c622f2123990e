"""In charge of drawing connections to walk through page by page."""

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import GraphQLField, GraphQLInputObjectType, GraphQLObjectType, GraphQLSchema, get_named_type
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.resolvers.drawn_inputs import Inputs, literal

_SHOWN = (
    "totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { __typename } }"
)


@dataclass(frozen=True, slots=True)
class Walk:
    """A document with one connection at `path`, whose cursor is the variable `cursor`."""

    text: str
    path: tuple[str, ...]
    is_backward: bool

    def connection(self, data: object) -> Mapping[str, object] | None:
        """The connection in an answer; None where there is none."""
        for step in self.path:
            data = data[0] if isinstance(data, list) and data else data
            if not isinstance(data, dict):
                return None
            data = data[step]
        return data if isinstance(data, dict) else None


@st.composite
def walks(draw: DrawFn, schema: GraphQLSchema, inputs: Inputs, skipped: frozenset[str]) -> Walk:
    """A connection at a root or below the first row of one, with an order, perhaps a condition, and a small page."""
    assert schema.query_type is not None
    is_backward, is_nested = draw(st.booleans()), draw(st.booleans())
    path, root = draw(st.sampled_from(connections(schema.query_type, skipped)))
    inner = connections(named_object(named_object(root).fields["nodes"]), frozenset())
    if inner and is_nested:
        (name,), field = draw(st.sampled_from(inner))
        text = f"{path[-1]}(first: 1) {{ nodes {{ {_called(draw, name, field, inputs, is_backward=is_backward)} }} }}"
        whole = (*path, "nodes", name)
    else:
        text = _called(draw, path[-1], root, inputs, is_backward=is_backward)
        whole = path
    for space in reversed(path[:-1]):
        text = f"{space} {{ {text} }}"
    return Walk(f"query Walk($cursor: String) {{ {text} }}", whole, is_backward)


def connections(kind: GraphQLObjectType, skipped: frozenset[str]) -> list[tuple[tuple[str, ...], GraphQLField]]:
    """The connections that a type's fields lead to, directly or through spaces."""
    found: list[tuple[tuple[str, ...], GraphQLField]] = []
    for name, field in sorted(kind.fields.items()):
        inner = get_named_type(field.type)
        if name in skipped or not isinstance(inner, GraphQLObjectType):
            continue
        if "pageInfo" in inner.fields:
            found.append(((name,), field))
        elif not field.args and "id" not in inner.fields:
            found += [((name, *path), below) for path, below in connections(inner, frozenset())]
    return found


def named_object(field: GraphQLField) -> GraphQLObjectType:
    """The object type that a field leads to, lists and all unwrapped."""
    named = get_named_type(field.type)
    assert isinstance(named, GraphQLObjectType)
    return named


def _called(draw: DrawFn, name: str, field: GraphQLField, inputs: Inputs, *, is_backward: bool) -> str:
    size, cursor = ("last", "before") if is_backward else ("first", "after")
    order, where = (get_named_type(field.args[each].type) for each in ("orderBy", "where"))
    assert isinstance(order, GraphQLInputObjectType)
    assert isinstance(where, GraphQLInputObjectType)
    arguments = [f"orderBy: {literal(inputs.order_by(draw, order))}"]
    arguments += [f"where: {literal(inputs.where(draw, where, 0))}"] if draw(st.integers(0, 3)) == 0 else []
    arguments += [f"{size}: {draw(st.integers(3, 6))}", f"{cursor}: $cursor"]
    return f"{name}({', '.join(arguments)}) {{ {_SHOWN} }}"
