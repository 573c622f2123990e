"""Documents: parsed, limited, validated once and kept; the operation of a request; its variables, coerced.

Follows the GraphQL specification, sections 2 (language), 5 (validation) and 6.1 (executing requests).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    ValueNode,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values
from graphql.utilities import value_from_ast_untyped

from resolvers.introspection_limits import check_introspection
from resolvers.limits import Limits, check_document, check_variables
from resolvers.refusal import Problem, Refusal, refuse
from resolvers.remedies import remedy
from resolvers.scan import check_numbers, check_text
from resolvers.validation import rules_for

_MOST_ERRORS = 20
_MOST_REPEATED = 20_000  # characters: each error may repeat all that is written in an argument
_LONGEST_MESSAGE = 500


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a valid document, with the fragments it may spread."""

    text: str
    definition: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    document: DocumentNode

    @property
    def name(self) -> str | None:
        """The operation's name, None when anonymous."""
        return self.definition.name.value if self.definition.name else None

    @property
    def is_query(self) -> bool:
        """True for a query, false for a mutation or subscription."""
        return self.definition.operation is OperationType.QUERY

    @property
    def is_subscription(self) -> bool:
        """True for a subscription."""
        return self.definition.operation is OperationType.SUBSCRIPTION


def parse_document(text: str, schema: GraphQLSchema, limits: Limits) -> DocumentNode:
    """The document, of which is known that it is one of GraphQL. Raises Refusal."""
    check_text(text, limits)
    try:
        document = parse(text, max_tokens=limits.tokens, allow_empty_selection_sets=False)
    except GraphQLError as error:
        is_too_large = error.message.endswith("Parsing aborted.")  # too many tokens, or nested too deeply
        raise Refusal([_problem("QUERY_TOO_COSTLY" if is_too_large else "QUERY_INVALID", error, schema)]) from error
    except RecursionError as error:
        raise refuse("QUERY_TOO_COSTLY", "The document nests too deeply.", "Split the document.") from error
    check_numbers(text)
    return document


def read_document(text: str, schema: GraphQLSchema, limits: Limits) -> DocumentNode:
    """The parsed document, within limits and valid for the schema. Raises Refusal; costs about a millisecond."""
    document = parse_document(text, schema, limits)
    check_document(document, limits)
    check_introspection(document, limits.introspected_lists)
    errors = validate(
        schema,
        document,
        rules_for(text),
        max_errors=max(1, min(_MOST_ERRORS, _MOST_REPEATED // len(text))),
        hide_suggestions=True,
        allow_empty_selection_sets=False,
    )
    if errors:
        raise Refusal([_problem("QUERY_INVALID", error, schema) for error in errors])
    return document


def choose_operation(text: str, document: DocumentNode, name: str | None) -> Operation:
    """The operation to run (specification, section 6.1, GetOperation). Raises Refusal when there is no such one."""
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    chosen = [each for each in operations if name is None or (each.name and each.name.value == name)]
    if name is None and len(operations) > 1:
        raise refuse("BAD_REQUEST", "The document has several operations.", "Send operationName.")
    if not chosen:
        raise refuse("BAD_REQUEST", "The document has no such operation.", "Check operationName.")
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    return Operation(text, chosen[0], fragments, document)


def coerce_variables(
    schema: GraphQLSchema, operation: Operation, inputs: Mapping[str, object], limits: Limits
) -> dict[str, object]:
    """The variables as the schema's types have them. Raises Refusal (BAD_REQUEST) naming what does not fit."""
    check_variables(inputs, limits)
    definitions = operation.definition.variable_definitions or ()
    if not definitions:
        return {}
    try:
        result = get_variable_values(schema, definitions, dict(inputs), max_errors=_MOST_ERRORS, hide_suggestions=True)
    except RecursionError as error:
        raise refuse("BAD_REQUEST", "The variables nest too deeply.") from error
    if isinstance(result, list):
        raise Refusal([_problem("BAD_REQUEST", error, schema) for error in result])
    defaults = {each.variable.name.value: each.default_value for each in definitions}
    return {name: _as_given(value, _given(name, inputs, defaults[name])) for name, value in result.coerced.items()}


def _given(name: str, inputs: Mapping[str, object], default: ValueNode | None) -> object:
    return value_from_ast_untyped(default) if default is not None and name not in inputs else inputs.get(name)


def _as_given(value: object, given: object) -> object:
    """The coerced value with the members of its objects as they were given: for `orderBy` their order matters."""
    if isinstance(value, dict) and isinstance(given, Mapping):
        return {key: _as_given(value[key], given[key]) for key in given if key in value}
    if isinstance(value, list):
        items = given if isinstance(given, list) else [given]
        return [_as_given(each, items[index]) for index, each in enumerate(value)]
    return value


def _problem(code: str, error: GraphQLError, schema: GraphQLSchema) -> Problem:
    locations = tuple((where.line, where.column) for where in error.locations or ())
    message = error.message  # it repeats what was sent
    if len(message) > _LONGEST_MESSAGE:
        message = f"{message[:_LONGEST_MESSAGE]} …"
    return Problem(code, message, hint=remedy(error.message, schema), locations=locations)
