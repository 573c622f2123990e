"""What a caller may know: the graph restricted to visible fields, and its text in the schema definition language.

graphql-core prints no directives that are applied, so types with fields that have a cost are printed here.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from graphql import (
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    is_specified_directive,
    is_specified_scalar_type,
    print_directive,
    print_type,
)
from graphql.utilities.print_schema import (
    print_args,
    print_block,
    print_deprecated,
    print_description,
    print_implemented_interfaces,
)

from schema.costs import applied_directives
from schema.graph import Field, Graph, Link, Node, Root, Space
from schema.remade import Remade


def restrict(graph: Graph, is_visible: Callable[[Field], bool]) -> Graph:
    """The graph with only the visible fields; nodes, links and entrances that keep none vanish."""
    return Restriction(is_visible).of(graph)


class Restriction:
    """Restricts one graph after another; nodes that did not move are not looked at again.

    What is visible must be the same for equal fields for as long as it lives.
    """

    def __init__(self, is_visible: Callable[[Field], bool]) -> None:
        self._restricted = Remade(partial(_restricted, is_visible))

    def of(self, graph: Graph) -> Graph:
        """The graph with only the visible fields."""
        nodes = {name: node for name, node in self._restricted.of(graph.nodes).items() if node.fields}
        nodes = {name: _with_kept_links(node, nodes) for name, node in nodes.items()}
        return Graph(nodes, _kept_members(graph.roots, nodes))


def _restricted(is_visible: Callable[[Field], bool], node: Node) -> Node:
    return replace(node, fields={name: field for name, field in node.fields.items() if is_visible(field)})


def _with_kept_links(node: Node, nodes: Mapping[str, Node]) -> Node:
    def leads(link: Link) -> bool:
        target = nodes.get(link.target)
        return target is not None and all(here in node.fields and there in target.fields for here, there in link.on)

    kept = {name: link for name, link in node.links.items() if leads(link)}
    return node if len(kept) == len(node.links) else replace(node, links=kept)


def _kept_members(members: Mapping[str, Root | Space], nodes: Mapping[str, Node]) -> dict[str, Root | Space]:
    kept: dict[str, Root | Space] = {}
    for name, member in members.items():
        if isinstance(member, Space):
            inner = _kept_members(member.members, nodes)
            if inner:
                kept[name] = replace(member, members=inner)
        elif member.node in nodes and (
            member.many or all(key in nodes[member.node].fields for key in nodes[member.node].key)
        ):
            kept[name] = member
    return kept


def print_sdl(schema: GraphQLSchema) -> str:
    """The schema in SDL, with the directives that tell what its fields cost."""
    own = [print_directive(each) for each in schema.directives if not is_specified_directive(each)]
    types = [each for each in schema.type_map.values() if not _is_given(each)]
    return "\n\n".join((*own, *map(_printed, types))) + "\n"


def _is_given(kind: GraphQLNamedType) -> bool:
    return is_specified_scalar_type(kind) or kind.name.startswith("__")


def _printed(kind: GraphQLNamedType) -> str:
    if not isinstance(kind, GraphQLObjectType):
        return print_type(kind)
    applied = {name: applied_directives(field) for name, field in kind.fields.items()}
    if not any(applied.values()):
        return print_type(kind)
    fields = [
        f"{print_description(field, '  ', not index)}  {name}{print_args(field.args, '  ')}: {field.type}"
        f"{print_deprecated(field.deprecation_reason)}{applied[name]}"
        for index, (name, field) in enumerate(kind.fields.items())
    ]
    interfaces = print_implemented_interfaces(kind)
    return f"{print_description(kind)}type {kind.name}{interfaces}{print_block(fields)}"
