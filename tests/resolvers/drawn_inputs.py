"""In charge of drawing arguments for generated documents: trees of input values, written as literals or variables."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLScalarType,
    get_named_type,
)
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.resolvers.drawn_columns import columns_of, draw_figures

ABSENT = object()
_ORDER_DEPTH = 2


@dataclass(frozen=True, slots=True)
class Enum:
    """An enum value, which is a bare name as a literal and a text as JSON."""

    name: str


@dataclass(slots=True)
class Variables:
    """The variables of a document being drawn."""

    definitions: list[str] = field(default_factory=list)
    values: dict[str, object] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    def add(self, kind: str, value: object, default: str = "") -> str:
        """A new variable with this value (none is sent when ABSENT), as it is written in an argument."""
        name = f"v{len(self.definitions)}"
        self.kinds[name] = kind
        self.definitions.append(f"${name}: {kind}{' = ' + default if default else ''}")
        if value is not ABSENT:
            self.values[name] = plain(value)
        return f"${name}"


def plain(value: object) -> object:
    """A tree as JSON."""
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value


def literal(value: object) -> str:
    """A tree as a GraphQL literal."""
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {literal(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Inputs:
    """Draws values of input types; leaves are drawn from the values that the county's fields have."""

    values_by_type: Mapping[str, Sequence[object]]
    ids_by_type: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def written(self, draw: DrawFn, kind: GraphQLInputType, variables: Variables, value: object) -> str:
        """A value as an argument: a literal, a variable, the default of one, or a literal with variables in it."""
        way = draw(st.sampled_from(("literal", "literal", "variable", "default", "parts")))
        nullable = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        if way == "variable":
            stricter = value is not None and draw(st.booleans())
            return variables.add(str(GraphQLNonNull(nullable) if stricter else kind), value)
        if way == "default":
            return variables.add(str(nullable), ABSENT, literal(value))
        return self._in_parts(draw, kind, variables, value) if way == "parts" else literal(value)

    def _in_parts(self, draw: DrawFn, kind: GraphQLInputType, variables: Variables, value: object) -> str:
        """A literal whose members are each written in a way of their own; absent variables stand for nothing."""
        nullable = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        if isinstance(nullable, GraphQLInputObjectType) and isinstance(value, dict):
            fields = nullable.fields
            parts = [f"{key}: {self.written(draw, fields[key].type, variables, each)}" for key, each in value.items()]
            if draw(st.integers(0, 4)) == 4:
                name = draw(st.sampled_from(sorted(fields)))
                parts += [] if name in value else [f"{name}: {variables.add(str(fields[name].type), ABSENT)}"]
            return "{" + ", ".join(parts) + "}"
        if isinstance(nullable, GraphQLList) and isinstance(value, list):
            return "[" + ", ".join(self.written(draw, nullable.of_type, variables, each) for each in value) + "]"
        return self.written(draw, kind, variables, value)

    def where(self, draw: DrawFn, kind: GraphQLInputObjectType, depth: int) -> dict[str, object]:
        """A condition on rows: one or two members of a `Where` type."""
        # An average is known to the reference only about so.
        names = sorted(kind.fields.keys() - ({"avg"} if kind.name.endswith("AggregateWhere") else set()))
        chosen = draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
        return {
            name: self._figures(draw, kind.fields[name.removesuffix("Aggregate")].type)
            if get_named_type(kind.fields[name].type).name == "TableGroupHaving"
            else self._condition(draw, name, kind.fields[name].type, depth)
            for name in chosen
        }

    def _figures(self, draw: DrawFn, link: GraphQLInputType) -> dict[str, object]:
        """Conditions on figures of linked rows of a table, which are of the link beside them."""
        assert isinstance(link, GraphQLInputObjectType)
        where = link.fields["some"].type
        assert isinstance(where, GraphQLInputObjectType)
        return draw_figures(draw, self.comparison, columns_of(where))

    def _condition(self, draw: DrawFn, name: str, kind: GraphQLInputType, depth: int) -> object:
        if isinstance(kind, GraphQLList):
            inner = kind.of_type.of_type
            count = draw(st.integers(0, 2)) if depth > 0 else 0
            conditions: list[object] = [self.where(draw, inner, depth - 1) for _ in range(count)]
            # A list of one may be written without its brackets.
            return conditions[0] if len(conditions) == 1 and draw(st.booleans()) else conditions
        assert isinstance(kind, GraphQLInputObjectType)
        if kind.name.endswith("Comparison"):
            return self.comparison(draw, kind)
        if kind.name.endswith("LinkWhere"):
            quantifier = draw(st.sampled_from(("some", "every", "none")))
            return {quantifier: self.where(draw, kind.fields[quantifier].type, depth - 1) if depth > 0 else {}}
        return self.where(draw, kind, depth - 1) if depth > 0 else {}

    def comparison(self, draw: DrawFn, kind: GraphQLInputObjectType) -> dict[str, object]:
        """One or two comparisons of a `Comparison` type."""
        operators = draw(st.lists(st.sampled_from(sorted(kind.fields)), min_size=1, max_size=2, unique=True))
        return {operator: self._operand(draw, operator, kind.fields[operator].type) for operator in operators}

    def _operand(self, draw: DrawFn, operator: str, kind: GraphQLInputType) -> object:
        if draw(st.integers(0, 15)) == 15:
            return None
        if isinstance(kind, GraphQLList):
            values = draw(st.lists(self._leaf(kind.of_type.of_type), max_size=3))
            return values[0] if len(values) == 1 and draw(st.booleans()) else values
        if operator == "search":
            return draw(st.sampled_from((" ", "", "\u3000"))).join(
                self._pattern(draw, operator) for _ in range(draw(st.integers(1, 2)))
            )
        if operator in ("like", "startsWith", "contains"):
            return self._pattern(draw, operator)
        return draw(self._leaf(kind))

    def _leaf(self, kind: GraphQLInputType) -> st.SearchStrategy[object]:
        assert isinstance(kind, GraphQLScalarType)
        if kind.name == "Boolean":
            return st.booleans()
        return st.sampled_from(self.values_by_type[kind.name])

    def _pattern(self, draw: DrawFn, operator: str) -> str:
        text = str(draw(st.sampled_from(self.values_by_type["String"])))
        start = draw(st.integers(0, max(len(text) - 1, 0)))
        part = text[start : start + draw(st.integers(0, 4))]
        return part if operator != "like" else draw(st.sampled_from(("%", "", "_", "\\"))) + part + "%"

    def any_value(self, draw: DrawFn, kind: GraphQLInputType, otherwise: object) -> object:
        """Another value for a variable of this type, as JSON; what it had where only some values make sense."""
        if not isinstance(kind, GraphQLNonNull) and draw(st.integers(0, 5)) == 5:
            return None
        plain_kind = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        named = get_named_type(plain_kind)
        if named.name == "ColumnValue":
            return otherwise
        if named.name == "Boolean":
            return draw(st.booleans())
        if named.name == "Int":
            return draw(st.integers(0, 7))
        if isinstance(plain_kind, GraphQLScalarType):
            return draw(self._leaf(plain_kind))
        if isinstance(named, GraphQLScalarType) and named.name == "ID":
            return draw(st.lists(self._leaf(named), max_size=5))
        return self._any_object(draw, named, otherwise, is_list=isinstance(plain_kind, GraphQLList))

    def _any_object(self, draw: DrawFn, kind: GraphQLNamedType, otherwise: object, *, is_list: bool) -> object:
        if not isinstance(kind, GraphQLInputObjectType) or kind.name.endswith("LinkWhere"):
            return otherwise
        if kind.name.endswith("Where"):
            where = plain(self.where(draw, kind, 1))
            return [where] if is_list else where
        return plain(self.comparison(draw, kind)) if kind.name.endswith("Comparison") else otherwise

    def order_by(self, draw: DrawFn, kind: GraphQLInputObjectType) -> object:
        """An order of up to three fields, each an object of its own."""
        orders: list[object] = [self._order(draw, kind, _ORDER_DEPTH) for _ in range(draw(st.integers(0, 3)))]
        return orders[0] if len(orders) == 1 and draw(st.booleans()) else orders

    def _order(self, draw: DrawFn, kind: GraphQLInputObjectType, depth: int) -> dict[str, object]:
        """One field, of the row or of a linked one; of several in one object the executor would forget the order."""
        kinds = {name: field.type for name, field in sorted(kind.fields.items())}
        links = [name for name, each in kinds.items() if isinstance(each, GraphQLInputObjectType)]
        if links and depth > 0 and draw(st.integers(0, 2)) == 2:
            name = draw(st.sampled_from(links))
            inner = kinds[name]
            assert isinstance(inner, GraphQLInputObjectType)
            return {name: self._order(draw, inner, depth - 1)}
        name = draw(st.sampled_from([name for name in kinds if name not in links]))
        direction = kinds[name]
        assert isinstance(direction, GraphQLEnumType)
        return {name: Enum(draw(st.sampled_from(sorted(direction.values))))}
