"""In charge of drawing whole documents from a schema: selections, aliases, fragments, directives, arguments."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_input_type,
    is_leaf_type,
    parse_type,
    type_from_ast,
)
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.resolvers.drawn_aggregates import draw_aggregate, draw_table_aggregate
from tests.resolvers.drawn_columns import columns_of, draw_column
from tests.resolvers.drawn_inputs import ABSENT, Enum, Inputs, Variables
from tests.resolvers.drawn_nodes import draw_ids

_DEPTH = 9
_CONDITION_DEPTH = 2
_Composite = GraphQLObjectType | GraphQLInterfaceType


@dataclass(frozen=True, slots=True)
class Document:
    """A document and the variables to send with it."""

    text: str
    variables: Mapping[str, object]
    kinds: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Drawing:
    """A document under way."""

    schema: GraphQLSchema
    inputs: Inputs
    skipped: frozenset[str]
    variables: Variables = field(default_factory=Variables)
    fragments: list[str] = field(default_factory=list)
    columns: Mapping[str, str] = field(default_factory=dict)
    function: str = ""
    aliases: int = 0
    budget: int = 40


@st.composite
def documents(draw: DrawFn, schema: GraphQLSchema, inputs: Inputs, skipped: frozenset[str]) -> Document:
    """Valid queries. Fields named in `skipped` are never selected."""
    assert schema.query_type is not None
    drawing = _Drawing(schema, inputs, skipped)
    selections = _selections(draw, drawing, schema.query_type, _DEPTH)
    variables = drawing.variables
    head = f"query Drawn({', '.join(variables.definitions)}) " if variables.definitions else ""
    return Document("\n".join([head + selections, *drawing.fragments]), variables.values, variables.kinds)


@st.composite
def other_variables(draw: DrawFn, schema: GraphQLSchema, inputs: Inputs, document: Document) -> Document:
    """The same document with other values for its variables, some of them not sent."""
    values: dict[str, object] = {}
    for name, written in document.kinds.items():
        kind = type_from_ast(schema, parse_type(written))
        assert is_input_type(kind)
        if name in document.variables and (written.endswith("!") or draw(st.integers(0, 5)) < 5):
            values[name] = inputs.any_value(draw, kind, document.variables[name])
    return Document(document.text, values, document.kinds)


def _selections(draw: DrawFn, drawing: _Drawing, kind: GraphQLObjectType, depth: int) -> str:
    names = [name for name in sorted(kind.fields) if name not in drawing.skipped]
    if depth <= 0 or drawing.budget <= 0:
        names = [name for name in names if not _is_composite(kind.fields[name])] or ["__typename"]
    chosen = draw(st.lists(st.sampled_from([*names, "__typename"]), min_size=1, max_size=4))
    parts: list[str] = []
    used: set[str] = set()
    for name in chosen:
        drawing.budget -= 1
        parts.append(_field(draw, drawing, kind, name, (depth, used)))
    return _wrapped(draw, drawing, kind.name, parts)


def _nodes(draw: DrawFn, drawing: _Drawing, definition: GraphQLField, depth: int) -> tuple[str, str]:
    """Arguments and selections of what leads to an interface: fragments, their fields under names of their own."""
    ((argument_name, argument),) = definition.args.items()
    drawn = draw_ids(draw, drawing.schema, drawing.inputs, many=argument_name == "ids")
    written = drawing.inputs.written(draw, argument.type, drawing.variables, drawn.value)
    parts = ["__typename", *draw(st.sampled_from(((), ("id",), ("id", "id @skip(if: false)"))))]
    for kind in drawn.types:
        names = sorted(kind.fields)
        chosen = [*draw(st.lists(st.sampled_from(names), max_size=3)), "__typename"]
        drawing.budget -= len(chosen)
        fields = [_field(draw, drawing, kind, name, (depth, set(chosen))) for name in chosen]
        parts.append(f"... on {kind.name} {_wrapped(draw, drawing, kind.name, fields)}")
    return f"({argument_name}: {written})", f"{{ {' '.join(parts)} }}"


def _is_composite(field_: GraphQLField) -> bool:
    return not is_leaf_type(get_named_type(field_.type))


def _field(draw: DrawFn, drawing: _Drawing, kind: _Composite, name: str, at: tuple[int, set[str]]) -> str:
    depth, used = at
    alias = ""
    definition = kind.fields.get(name)
    # Selections are merged, and a leaf must not stand in them once with arguments and once with others.
    is_merged = definition is not None and bool(definition.args) and not _is_composite(definition)
    if name in used or is_merged or draw(st.integers(0, 5)) == 5:
        drawing.aliases += 1
        alias = f"a{drawing.aliases}: "
    used.add(name)
    directive = _directive(draw, drawing)
    if name == "__typename":
        return f"{alias}{name}{directive}"
    definition = kind.fields[name]
    inner = get_named_type(definition.type)
    if isinstance(inner, GraphQLInterfaceType):
        arguments, selections = _nodes(draw, drawing, definition, depth - 1)
        return f"{alias}{name}{arguments}{directive} {selections}"
    drawing.function = name
    called = f"{alias}{name}{_arguments(draw, drawing, definition.args)}{directive}"
    if not isinstance(inner, GraphQLObjectType):
        return called
    made = f"{called} {_selections(draw, drawing, inner, depth - 1)}"
    if drawing.budget > 0 and draw(st.integers(0, 8)) == 8:
        # The same field once more: its selections are one with those of the first.
        made += f" {called} {_selections_below(draw, drawing, inner)}"
    return made


def _selections_below(draw: DrawFn, drawing: _Drawing, kind: GraphQLObjectType) -> str:
    return _selections(draw, drawing, kind, 0)


def _directive(draw: DrawFn, drawing: _Drawing) -> str:
    way = draw(st.integers(0, 20))
    if way < 18:
        return ""
    name, wanted = draw(st.sampled_from((("skip", False), ("include", True), ("skip", True), ("include", False))))
    if way == 18:
        return f" @{name}(if: {str(wanted).lower()})"
    if way == 19:
        return f" @{name}(if: {drawing.variables.add('Boolean!', wanted)})"
    return f" @{name}(if: {drawing.variables.add('Boolean!', ABSENT, str(wanted).lower())})"


def _wrapped(draw: DrawFn, drawing: _Drawing, type_name: str, parts: list[str]) -> str:
    way = draw(st.integers(0, 9))
    head, rest = parts[: len(parts) // 2], parts[len(parts) // 2 :]
    if way == 7:
        rest = [f"... on {type_name}{_directive(draw, drawing)} {{ {' '.join(rest)} }}"]
    elif way == 8:
        rest = [f"...{_directive(draw, drawing)} {{ {' '.join(rest)} }}"]
    elif way == 9:
        name = f"F{len(drawing.fragments)}"
        drawing.fragments.append(f"fragment {name} on {type_name} {{ {' '.join(rest)} }}")
        rest = [f"...{name}", f"...{name}{_directive(draw, drawing)}"]
    return "{ " + " ".join([*head, *rest]) + " }"


def _arguments(draw: DrawFn, drawing: _Drawing, arguments: Mapping[str, GraphQLArgument]) -> str:
    if not arguments:
        return ""
    if "groupBy" in arguments:
        written = _grouping(draw, drawing, arguments)
        return f"({', '.join(written)})" if written else ""
    made = _paging(draw, drawing) if "first" in arguments else []
    for name, argument in arguments.items():
        if name in ("first", "last", "after", "before"):
            continue
        if name == "of":
            value: object = draw_column(draw, drawing.columns, drawing.function)
        elif isinstance(argument.type, GraphQLNonNull):
            value = draw(st.sampled_from(drawing.inputs.values_by_type[str(argument.type.of_type)]))
        elif draw(st.integers(0, 2)) == 2:
            value = _optional(draw, drawing, argument)
        else:
            continue
        made.append(f"{name}: {drawing.inputs.written(draw, argument.type, drawing.variables, value)}")
    return f"({', '.join(made)})" if made else ""


def _grouping(draw: DrawFn, drawing: _Drawing, arguments: Mapping[str, GraphQLArgument]) -> list[str]:
    if get_named_type(arguments["groupBy"].type).name != "String":
        return draw_aggregate(draw, drawing.inputs, drawing.variables, arguments)
    where = get_named_type(arguments["where"].type)
    assert isinstance(where, GraphQLInputObjectType)
    drawing.columns = columns_of(where)
    return draw_table_aggregate(draw, drawing.inputs, drawing.variables, arguments)


def _optional(draw: DrawFn, drawing: _Drawing, argument: GraphQLArgument) -> object:
    named = get_named_type(argument.type)
    if isinstance(named, GraphQLEnumType):
        return Enum(draw(st.sampled_from(sorted(named.values))))
    assert isinstance(named, GraphQLInputObjectType)
    if draw(st.integers(0, 20)) == 20:
        return None
    if isinstance(argument.type, GraphQLList):
        return drawing.inputs.order_by(draw, named)
    return drawing.inputs.where(draw, named, _CONDITION_DEPTH)


def _paging(draw: DrawFn, drawing: _Drawing) -> list[str]:
    name = draw(st.sampled_from(("first", "first", "first", "last", "")))
    if not name:
        return []
    size = draw(st.sampled_from((2, 3, 1, 5, 0, 7)))
    way = draw(st.integers(0, 4))
    if way == 3:
        return [f"{name}: {drawing.variables.add('Int', size)}"]
    if way == 4:
        other = "last" if name == "first" else "first"
        return [f"{name}: {drawing.variables.add('Int', ABSENT, str(size))}", f"{other}: null"]
    return [f"{name}: {size}"]
