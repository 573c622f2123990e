"""In charge of which rules of validation a document can break at all: the others are not asked.

To the specification's rules one is added: a literal that no Float holds is refused where it stands, as one of any other
scalar is.

A rule looks at one construct of the language, and most documents have few of them. A spread is written with `...`, a
directive with `@`, a variable with `$`, and no name is written in two ways: where a text has no such characters the
document has no such construct (GraphQL specification, sections 2.1 and 2.8 to 2.12). It knows nothing of what the
rules say.
"""

import math
import re
from collections.abc import Collection
from functools import lru_cache
from typing import Any

from graphql import FloatValueNode, GraphQLError, GraphQLFloat, IntValueNode, get_named_type
from graphql.validation import (
    ASTValidationRule,
    DeferStreamDirectiveLabel,
    DeferStreamDirectiveOnRootField,
    DeferStreamDirectiveOnValidOperationsRule,
    FragmentsOnCompositeTypesRule,
    KnownDirectivesRule,
    KnownFragmentNamesRule,
    MaxIntrospectionDepthRule,
    NoFragmentCyclesRule,
    NoUndefinedVariablesRule,
    NoUnusedFragmentsRule,
    NoUnusedVariablesRule,
    PossibleFragmentSpreadsRule,
    SingleFieldSubscriptionsRule,
    StreamDirectiveOnListField,
    UniqueDirectivesPerLocationRule,
    UniqueFragmentNamesRule,
    UniqueVariableNamesRule,
    ValidationRule,
    VariablesAreInputTypesRule,
    VariablesInAllowedPositionRule,
    specified_rules,
)

Rule = type[ASTValidationRule]

_OF_FRAGMENTS: tuple[Rule, ...] = (
    FragmentsOnCompositeTypesRule,
    UniqueFragmentNamesRule,
    KnownFragmentNamesRule,
    NoUnusedFragmentsRule,
    PossibleFragmentSpreadsRule,
    NoFragmentCyclesRule,
)
_OF_DIRECTIVES: tuple[Rule, ...] = (
    KnownDirectivesRule,
    UniqueDirectivesPerLocationRule,
    DeferStreamDirectiveOnRootField,
    DeferStreamDirectiveOnValidOperationsRule,
    DeferStreamDirectiveLabel,
    StreamDirectiveOnListField,
)
_OF_VARIABLES: tuple[Rule, ...] = (
    VariablesAreInputTypesRule,
    UniqueVariableNamesRule,
    NoUndefinedVariablesRule,
    NoUnusedVariablesRule,
    VariablesInAllowedPositionRule,
)
# What stands in every text that has the construct, and the rules about that.
_CONSTRUCTS: tuple[tuple[tuple[str, ...], tuple[Rule, ...]], ...] = (
    (("...", "fragment"), _OF_FRAGMENTS),
    (("@",), _OF_DIRECTIVES),
    (("$",), _OF_VARIABLES),
    (("subscription",), (SingleFieldSubscriptionsRule,)),
    (("__schema", "__type"), (MaxIntrospectionDepthRule,)),
)


# No number without one of them is beyond all doubles.
_LARGE = re.compile(r"[0-9][eE]\+?[0-9]|[0-9]{309}")


class FiniteFloatsRule(ValidationRule):
    """A number in the place of a Float must be one: graphql-core reads what is beyond all doubles as infinity."""

    def enter_float_value(self, node: FloatValueNode, *_: Any) -> None:  # Any: as graphql-core's visitor calls it
        """Holds a number with a fraction or an exponent against its place."""
        self._check(node)

    def enter_int_value(self, node: IntValueNode, *_: Any) -> None:
        """The same of a number without."""
        self._check(node)

    def _check(self, node: FloatValueNode | IntValueNode) -> None:
        is_float = get_named_type(self.context.get_input_type()) is GraphQLFloat
        if is_float and not math.isfinite(float(node.value)):
            self.report_error(GraphQLError("Float cannot represent a number beyond 1.8e308.", node))


def rules_for(text: str) -> Collection[Rule]:
    """The rules that a document of this text can break, the specified ones in their order."""
    specified = _rules(tuple(any(mark in text for mark in marks) for marks, _ in _CONSTRUCTS))
    return (*specified, FiniteFloatsRule) if _LARGE.search(text) else specified


@lru_cache(maxsize=64)
def _rules(has: tuple[bool, ...]) -> Collection[Rule]:
    spared = {rule for has_it, (_, rules) in zip(has, _CONSTRUCTS, strict=True) if not has_it for rule in rules}
    return tuple(rule for rule in specified_rules if rule not in spared)
