"""In charge of what is denied, for the reference: each coordinate that a branch uses or shows is asked of the law."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from policies.decision import Effect, Right
from policies.law import Law
from policies.principal import Principal
from schema.figures import AGGREGATE
from schema.graph import Field, Graph, Link, Node
from tests.resolvers.reference_figures import figured_fields


@dataclass(frozen=True, slots=True)
class Rights:
    """The decisions for one principal; what has been denied where, and what was used where by which right."""

    graph: Graph
    law: Law
    principal: Principal
    denied: set[tuple[str, str]] = field(default_factory=set)
    unknowable: dict[tuple[str, str], Node] = field(default_factory=dict)
    used: set[tuple[str, str, str]] = field(default_factory=set)

    def close(self) -> None:
        """A branch whose node may not be known of, and in which no field was asked for that says so, says it itself."""
        for (path, name), node in self.unknowable.items():
            if not any(where.startswith(f"{path}.") and of.startswith(f"{name}.") for of, where in self.denied):
                self.denied.add((next(iter(node.fields.values())).coordinate, path))

    def may_know(self, node: Node, path: str) -> bool:
        """Whether rows of the node may be known to exist; if not, the branch is remembered."""
        scope = self.law.scope(self.principal)
        is_out_of_scope = scope.division is not None and node.division is None and not node.is_metadata
        decisions = [self.law.decide(self.principal, each, Right.READ) for each in node.fields.values()]
        if not is_out_of_scope and any(each.effect is not Effect.DENIED for each in decisions):
            return True
        self.unknowable[path, node.name] = node
        return False

    def hides_key(self, node: Node) -> bool:
        """Whether the key may not be told from the order of rows."""
        by_column = {each.column: each for each in node.fields.values()}
        keys = [by_column.get(column) for column in node.key_columns if column != '"__row"']
        return any(
            each is None or self.law.decide(self.principal, each, Right.FILTER).effect is Effect.DENIED for each in keys
        )

    def is_refused(self, used: Sequence[Field], path: str, aggregated: Sequence[Field] = ()) -> bool:
        """Whether something used to filter, sort, link, look up or take together is denied, which is noted."""
        asked = [*((each, Right.FILTER) for each in used), *((each, Right.AGGREGATE) for each in aggregated)]
        denied = [each for each, right in asked if not self._is_clear(each, right, path)]
        return bool(denied)

    def ends(self, node: Node, link: Link) -> list[Field]:
        """Both ends of a link."""
        target = self.graph.nodes[link.target]
        return [end for here, there in link.on for end in (node.fields[here], target.fields[there])]

    def ordering(self, node: Node, order: object) -> list[Field]:
        """Every field that a member of an order uses, through links as well. A null direction is an error."""
        found: list[Field] = []
        for name, value in order.items() if isinstance(order, dict) else ():
            assert value is not None
            if name in node.links:
                link = node.links[name]
                found += [*self.ends(node, link), *self.ordering(self.graph.nodes[link.target], value)]
            else:
                found.append(node.fields[name])
        return found

    def filtering(self, node: Node, where: object) -> list[Field]:
        """Every field that a condition uses, through links as well. A null in the place of an object is an error."""
        found: list[Field] = []
        for name, value in where.items() if isinstance(where, dict) else ():
            assert value is not None
            if name in ("and", "or", "not"):
                each_value = value if isinstance(value, list) else [value]
                found += [each for inner in each_value for each in self.filtering(node, inner)]
            elif name in node.links:
                link = node.links[name]
                target = self.graph.nodes[link.target]
                found += self.ends(node, link)
                inner_values = value.values() if link.many else [value]
                assert None not in inner_values
                found += [each for inner in inner_values for each in self.filtering(target, inner)]
            elif name in node.fields:
                found.append(node.fields[name])
            else:
                link = node.links[name.removesuffix(AGGREGATE)]
                found += [*self.ends(node, link), *self.filtering_figures(self.graph.nodes[link.target], value)]
        return found

    def filtering_figures(self, node: Node, where: object) -> list[Field]:
        """Every field that conditions on figures of linked rows use."""
        if not isinstance(where, dict):
            return []
        return [*self.filtering(node, where.get("where")), *figured_fields(node, where)]

    def aggregating(self, node: Node, where: object) -> list[Field]:
        """Every field that a condition takes together, through links as well."""
        found: list[Field] = []
        for name, value in where.items() if isinstance(where, dict) else ():
            link = node.links.get(name) or node.links.get(name.removesuffix(AGGREGATE))
            if name in ("and", "or", "not"):
                each_value = value if isinstance(value, list) else [value]
                found += [each for inner in each_value for each in self.aggregating(node, inner)]
            elif name in node.links and link is not None:
                inner_values = value.values() if link.many else [value]
                target = self.graph.nodes[link.target]
                found += [each for inner in inner_values for each in self.aggregating(target, inner)]
            elif link is not None and name not in node.fields:
                target = self.graph.nodes[link.target]
                found += figured_fields(target, value)
                found += self.aggregating(target, value.get("where"))
        return found

    def use(self, used: Sequence[tuple[Field, Right]], path: str) -> None:
        """Notes what is not given clear."""
        for governed, right in used:
            self._is_clear(governed, right, path)

    def _is_clear(self, governed: Field, right: Right, path: str) -> bool:
        """Whether a use is given; it is noted, or that it is not."""
        if self.law.decide(self.principal, governed, right).effect is not Effect.CLEAR:
            self.denied.add((governed.coordinate, path))
            return False
        self.used.add((path, governed.coordinate, right.value))
        return True


def rights_for(function: str) -> tuple[Right, ...]:
    """What an aggregate's function needs: least and greatest values are values of rows."""
    return (Right.AGGREGATE, Right.READ) if function in ("min", "max") else (Right.AGGREGATE,)
