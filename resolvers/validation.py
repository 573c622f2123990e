"""In charge of which rules of validation a document can break at all: the others are not asked.

A rule looks at one construct of the language, and most documents have few of them. A spread is written with `...`, a
directive with `@`, a variable with `$`, and no name is written in two ways: where a text has no such characters the
document has no such construct (GraphQL specification, sections 2.1 and 2.8 to 2.12). It knows nothing of what the
rules say.
"""

from collections.abc import Collection
from functools import lru_cache

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


def rules_for(text: str) -> Collection[Rule]:
    """The specified rules that a document of this text can break, in their order."""
    return _rules(tuple(any(mark in text for mark in marks) for marks, _ in _CONSTRUCTS))


@lru_cache(maxsize=64)
def _rules(has: tuple[bool, ...]) -> Collection[Rule]:
    spared = {rule for has_it, (_, rules) in zip(has, _CONSTRUCTS, strict=True) if not has_it for rule in rules}
    return tuple(rule for rule in specified_rules if rule not in spared)
