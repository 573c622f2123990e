"""Which rules of validation are spared makes no difference to what is found."""

import pytest
from graphql import build_schema, parse, validate
from graphql.validation import KnownOperationTypesRule, specified_rules

from policies.principal import Principal
from resolvers.validation import rules_for
from tests.resolvers.asking import Engine

_SCHEMA = build_schema(
    """
directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @stream(if: Boolean! = true, label: String, initialCount: Int = 0) on FIELD
interface Named { name: String }
type Town implements Named { name: String, code(width: Int!): String, towns(where: Where): [Town!] }
type Licence implements Named { name: String, number: Int }
input Where { code: String, and: [Where!] }
type Query { town(where: Where): Town, named: Named, licence(number: Int, text: String): Licence }
type Mutation { rename(to: String): Town }
type Subscription { changed: Town, other: Town }
"""
)
_INTROSPECTED = "{ fields { type { fields { type { fields { type { fields { name } } } } } } } }"
# At least one for each rule that can be broken, by its name.
_BREAKING = {
    "ExecutableDefinitionsRule": "{ named { name } } type Foo { a: Int }",
    "UniqueOperationNamesRule": "query a { named { name } } query a { named { name } }",
    "LoneAnonymousOperationRule": "{ named { name } } query a { named { name } }",
    "SingleFieldSubscriptionsRule": "subscription { changed { name } other { name } }",
    "KnownTypeNamesRule": "query ($a: Nothing) { licence(number: $a) { name } }",
    "FragmentsOnCompositeTypesRule": "{ named { ... on Int { name } } }",
    "VariablesAreInputTypesRule": "query ($a: Town) { licence(number: $a) { name } }",
    "ScalarLeafsRule": "{ named { name { x } } town }",
    "FieldsOnCorrectTypeRule": "{ named { number } }",
    "UniqueFragmentNamesRule": "{ named { ...a } } fragment a on Town { name } fragment a on Town { name }",
    "KnownFragmentNamesRule": "{ named { ...a } }",
    "NoUnusedFragmentsRule": "{ named { name } } fragment a on Town { name }",
    "PossibleFragmentSpreadsRule": "{ town { ... on Licence { name } } }",
    "NoFragmentCyclesRule": "{ town { ...a } } fragment a on Town { name ...a }",
    "UniqueVariableNamesRule": "query ($a: Int, $a: Int) { licence(number: $a) { name } }",
    "NoUndefinedVariablesRule": "{ licence(number: $a) { name } }",
    "NoUnusedVariablesRule": "query ($a: Int) { named { name } }",
    "KnownDirectivesRule": "{ named @nothing { name } }",
    "UniqueDirectivesPerLocationRule": "{ named { name @skip(if: true) @skip(if: false) } }",
    "DeferStreamDirectiveOnRootField": "mutation { ... @defer { rename { name } } }",
    "DeferStreamDirectiveOnValidOperationsRule": "subscription { changed { ... @defer { name } } }",
    "DeferStreamDirectiveLabel": "query ($l: String) { named { ... @defer(label: $l) { name } } }",
    "StreamDirectiveOnListField": "{ named @stream { name } }",
    "KnownArgumentNamesRule": "{ named(a: 1) { name } }",
    "UniqueArgumentNamesRule": "{ licence(number: 1, number: 2) { name } }",
    "ValuesOfCorrectTypeRule": '{ licence(number: "x") { name } }',
    "ProvidedRequiredArgumentsRule": "{ town { code } }",
    "VariablesInAllowedPositionRule": "query ($a: String) { licence(number: $a) { name } }",
    "OverlappingFieldsCanBeMergedRule": "{ town { a: name a: code(width: 1) } }",
    "UniqueInputFieldNamesRule": '{ town(where: {code: "x", code: "y"}) { name } }',
    "MaxIntrospectionDepthRule": f'{{ __type(name: "Town") {_INTROSPECTED} }}',
}
_HIDDEN = [
    '{ licence(text: "... @ $ fragment subscription __schema") { name } }',
    "{ named { name } } # ... @skip $a fragment",
    "query fragment { named { name } }",
    '{ licence(text: """\n...\n""") { name nothing } }',
    "query($a:Int){licence(number:$a){...{name}}}",
    "{named{...on\tTown{name}}}",
    "query a { named { ...b } } query c { named { ...b } } fragment b on Named { __typename }",
    "{ __typename named { __typename } }",
]


def _found(text: str, *, all_rules: bool) -> list[dict[str, object]]:
    rules = specified_rules if all_rules else rules_for(text)
    return [dict(error.formatted) for error in validate(_SCHEMA, parse(text), rules)]


@pytest.mark.parametrize("text", [*_BREAKING.values(), *_HIDDEN])
def test_what_is_found_is_what_all_rules_find(text: str) -> None:
    assert _found(text, all_rules=False) == _found(text, all_rules=True)


# The schema has all types of operations: nothing can break that rule here.
@pytest.mark.parametrize("rule", [rule for rule in specified_rules if rule is not KnownOperationTypesRule])
def test_every_rule_is_broken_by_some_document_that_is_still_refused(rule: type) -> None:
    text = _BREAKING[rule.__name__]

    assert rule in rules_for(text)
    assert validate(_SCHEMA, parse(text), [rule])


@pytest.mark.parametrize(
    "number", ["1e400", "-1e400", "1.5E+309", "1e0400", "9" * 309, f"{'9' * 300}e9", f"{'9' * 300}.5e9"]
)
async def test_a_float_beyond_all_doubles_is_refused_where_it_stands(engine: Engine, number: str) -> None:
    asked = "everything(where: {double: {%s}}) { totalCount }"

    for operand, column in ((f"eq: {number}", 54), (f"in: [1e5, {number}]", 60)):
        told = await engine.ask(Principal("education", ()), f"{{ pool {{ education {{ {asked % operand} }} }} }}")

        errors = told.json["errors"]
        assert isinstance(errors, list)
        assert told.codes == ["QUERY_INVALID"]
        assert errors[0]["locations"] == [{"line": 1, "column": column}]


@pytest.mark.parametrize("number", ["1e308", "-1.7976931348623157e308", "1e-400", "1e5", "9" * 308, "9007199254740993"])
async def test_a_float_that_there_is_may_be_written_in_any_way(engine: Engine, number: str) -> None:
    asked = f"everything(where: {{double: {{lte: {number}}}, exact: {{lt: 1e999}}}}) {{ totalCount }}"

    told = await engine.ask(Principal("education", ()), f"{{ pool {{ education {{ {asked} }} }} }}")

    assert told.codes == []


async def test_the_default_of_a_variable_is_a_literal_too(engine: Engine) -> None:
    asked = "everything(where: {double: {eq: $d}}) { totalCount }"

    told = await engine.ask(
        Principal("education", ()), f"query($d: Float = 1e400) {{ pool {{ education {{ {asked} }} }} }}"
    )

    assert told.codes == ["QUERY_INVALID"]


def test_a_document_of_fields_alone_is_asked_half_the_rules() -> None:
    assert len(rules_for("{ town { name } }")) == 13
    assert list(rules_for("... fragment @ $ subscription __type")) == list(specified_rules)
