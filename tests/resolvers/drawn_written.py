"""Draws documents whose rows the database can write as JSON, and now and then not."""

from collections.abc import Sequence

from hypothesis import HealthCheck
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from schema.graph import Graph, Node, Root, Space
from schema.scalars import FLOAT, JSON, REAL

PATIENT = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)
_OF_EDGES = ["cursor", "place: cursor", "__typename"]


def connections(members: dict[str, Root | Space], graph: Graph, names: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The paths of all connections at roots, but for the log's."""
    paths: list[tuple[str, ...]] = []
    for name, member in members.items():
        if isinstance(member, Space):
            paths += connections(dict(member.members), graph, (*names, name))
        elif member.many and not graph.nodes[member.node].is_growing:
            paths.append((*names, name))
    return paths


def node_at(graph: Graph, path: Sequence[str]) -> Node:
    """The node of the connection at a path."""
    *spaces, name = path
    members = graph.roots
    for each in spaces:
        space = members[each]
        assert isinstance(space, Space)
        members = space.members
    root = members[name]
    assert isinstance(root, Root)
    return graph.nodes[root.node]


def within(spaces: Sequence[str], selection: str) -> str:
    """The document that selects something within spaces."""
    for each in reversed(spaces):
        selection = f"{each} {{ {selection} }}"
    return f"{{ {selection} }}"


@st.composite
def _nodes(draw: DrawFn, graph: Graph, node: Node, depth: int = 2) -> str:
    """A selection of nothing but what can be written, and now and then of what cannot."""
    plain = [name for name, field in node.fields.items() if field.scalar not in (FLOAT, REAL, JSON)]
    chosen = draw(st.lists(st.sampled_from([*plain, "__typename"]), min_size=1, max_size=20, unique=True))
    parts = [name if draw(st.integers(0, 5)) else f"other{number}: {name}" for number, name in enumerate(chosen)]
    links = draw(st.lists(st.sampled_from(sorted(node.links)), max_size=3, unique=True)) if node.links and depth else []
    for name in links:
        target = graph.nodes[node.links[name].target]
        inner = draw(_nodes(graph, target, depth - 1))
        first = draw(st.sampled_from(["", "(first: 2)", "(first: 0)"]))
        parts.append(
            f"{name}{first} {{ __typename nodes {{ {inner} }} }}" if node.links[name].many else f"{name} {{ {inner} }}"
        )
    if draw(st.booleans()):
        parts.append(draw(st.sampled_from(["id", "id again: id"])))
    return " ".join(draw(st.permutations(parts)))


@st.composite
def documents(draw: DrawFn, graph: Graph) -> str:
    """One connection at a root, with its nodes and what may stand beside them."""
    *spaces, name = path = draw(st.sampled_from(connections(dict(graph.roots), graph)))
    node = node_at(graph, path)
    beside = [
        "totalCount",
        "info: pageInfo { hasNextPage }",
        "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }",
        "__typename",
    ]
    nodes = draw(_nodes(graph, node))
    edge = " ".join(draw(st.permutations([f"node {{ {nodes} }}", *draw(st.sets(st.sampled_from(_OF_EDGES)))])))
    parts = [draw(st.sampled_from([f"nodes {{ {nodes} }}", f"edges {{ {edge} }}"]))]
    parts += draw(
        st.lists(st.sampled_from([*beside, "pageInfo { hasNextPage }"]), max_size=2, unique_by=lambda x: x[:8])
    )
    first = draw(st.sampled_from(["", "(first: 1)", "(first: 3)", "(first: 0)", "(first: 1000)", "(last: 2)"]))
    return within(spaces, f"{name}{first} {{ {' '.join(draw(st.permutations(parts)))} }}")
