"""`where` as SQL: comparisons, and/or/not, through links one and many, with every coordinate it uses decided first.

Nulls are SQL's: a comparison with null holds for no row. A null where an object is expected is refused, because reading
it as "no condition" would answer more than was asked.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

from policies.decision import Right
from resolvers.columns import compared_column, join
from resolvers.figures import figure_sql
from resolvers.having import COUNT, Condition, compared_figure, conditions
from resolvers.refusal import refuse
from resolvers.scope import row_conditions
from resolvers.sql import Parameter, Parameters, Row, conjunction
from resolvers.text import TEXT_OPERATORS, Text, text_condition
from resolvers.touch import Touch
from resolvers.values import Operand, Template, Variables
from schema.figures import AGGREGATE
from schema.graph import Field, Graph, Link, Node
from schema.scalars import INT, Scalar

_COMPARISONS = {"eq": "=", "ne": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


class Budget(Protocol):
    """What the conditions of one plan may cost together, and the variables that name fields in them."""

    @property
    def variables(self) -> Variables:
        """The variables."""

    def next_row(self) -> Row:
        """A row alias not used before."""

    def count_condition(self) -> None:
        """Adds a condition. Raises Refusal beyond the limit."""

    def count_condition_link(self) -> None:
        """Adds a link that a condition reaches through. Raises Refusal beyond the limit."""

    def may_narrow(self) -> bool:
        """Adds a condition that only serves to find rows sooner, unless there are too many."""


class Where:
    """Compiles the conditions of one statement."""

    def __init__(self, budget: Budget, graph: Graph, touch: Touch, parameters: Parameters) -> None:
        self._budget = budget
        self._graph = graph
        self._touch = touch
        self._parameters = parameters
        # Within a negation null is told from false; what only serves to find rows sooner takes one for the other.
        self._is_negated = False

    def condition(self, node: Node, row: Row, template: Template) -> str:
        """The condition on the rows of a node. Raises Refusal for null and for too many conditions, empty ones too."""
        self._count()
        conditions = [self._member(node, row, name, each) for name, each in self._members(template, "where")]
        return "(" + conjunction(conditions) + ")"

    def compare(self, row: Row, field: Field, operator: str, operand: Operand) -> str:
        """One comparison of a field."""
        column = row.column(field) if operator == "isNull" else compared_column(row, field)
        if operator in TEXT_OPERATORS:
            return self._compare_text(
                Text(column, is_column=True, is_searched=field.is_searched), field.scalar, operator, operand
            )
        compared = self.compare_expression(column, field.scalar, operator, operand)
        if field.narrowing is None or operator not in ("eq", "in") or self._is_negated or not self._budget.may_narrow():
            return compared
        given = self._placed(field.scalar, operator, operand)
        values = given if operator == "in" else f"array[{given}]"
        return f"({field.narrowing.format(row=row.alias, given=given, values=values)} and {compared})"

    def compare_expression(self, expression: str, scalar: Scalar, operator: str, operand: Operand) -> str:
        """One comparison of an expression of a scalar's kind."""
        if operator == "isNull":
            return f"(({expression} is null) = {self._parameters.place(Parameter(operand), 'bool')})"
        if operator in ("in", "notIn"):
            placed = self._placed(scalar, operator, operand)
            return f"{expression} = any({placed})" if operator == "in" else f"{expression} <> all({placed})"
        if operator in TEXT_OPERATORS:
            return self._compare_text(Text(expression), scalar, operator, operand)
        return f"{expression} {_COMPARISONS[operator]} {self._placed(scalar, operator, operand)}"

    def _placed(self, scalar: Scalar, operator: str, operand: Operand) -> str:
        """The operand as a value of the scalar's type in SQL, or as an array of them."""
        if operator not in ("in", "notIn"):
            return self._parameters.place(Parameter(operand, scalar.bind), scalar.cast)
        change = _each(scalar.bind, self._touch.limits.list_length)
        return self._parameters.place(Parameter(operand, change), f"{scalar.cast}[]")

    def _compare_text(self, text: Text, scalar: Scalar, operator: str, operand: Operand) -> str:
        def place(change: Callable[[object], object]) -> str:
            return self._parameters.place(Parameter(operand, _then(scalar.bind, change)), scalar.cast)

        return text_condition(text, operator, place, self._touch.limits.search_words)

    def _member(self, node: Node, row: Row, name: str, template: Template) -> str:
        self._count()
        if name in ("and", "or"):
            if not isinstance(template, list):
                raise refuse("BAD_REQUEST", f"`{name}` must be a list of conditions, not null.")
            conditions = [self.condition(node, row, each) for each in template]
            return "(" + (" or ".join(conditions) or "false") + ")" if name == "or" else conjunction(conditions)
        if name == "not":
            with self._negating():
                return f"not {self.condition(node, row, template)}"
        if name in node.links:
            return self._through(node, row, node.links[name], template)
        if name not in node.fields:
            return self._figures(node, row, node.links[name.removesuffix(AGGREGATE)], template)
        field = node.fields[name]
        self._touch.use(field)
        compared = [self.compare(row, field, *each) for each in self._operands(template, name)]
        return conjunction(compared)

    def _operands(self, template: Template, name: str) -> list[tuple[str, Operand]]:
        return [
            (operator, operand if isinstance(operand, Operand) else Operand(constant=operand))
            for operator, operand in self._members(template, name)
        ]

    def _count(self) -> None:
        self._budget.count_condition()

    def _through(self, node: Node, row: Row, link: Link, template: Template) -> str:
        self._budget.count_condition_link()
        self._touch.use_link(node, link, self._graph.nodes[link.target])
        if not link.many:
            self._members(template, link.name)
            return self._exists(node, row, link, template)
        return conjunction([self._holds(node, row, link, *each) for each in self._members(template, link.name)])

    def _holds(self, node: Node, row: Row, link: Link, quantifier: str, template: Template) -> str:
        """What `some`, `none` or `every` says of the linked rows."""
        if quantifier == "some":
            return self._exists(node, row, link, template)
        with self._negating():
            return "not " + self._exists(node, row, link, template, negated=quantifier == "every")

    @contextmanager
    def _negating(self) -> Iterator[None]:
        before, self._is_negated = self._is_negated, True
        try:
            yield
        finally:
            self._is_negated = before

    def _exists(self, node: Node, row: Row, link: Link, template: Template, *, negated: bool = False) -> str:
        target = self._graph.nodes[link.target]
        inner = self._budget.next_row()
        conditions = join(node, row, link, target, inner)
        conditions += row_conditions(target, inner, self._touch, self._parameters)
        condition = self.condition(target, inner, template)
        # `every` means that no linked row fails the condition; a row for which it is null fails it.
        conditions.append(f"{condition} is not true" if negated else condition)
        return f"exists (select from {target.relation} as {inner.alias} where {conjunction(conditions)})"

    def _figures(self, node: Node, row: Row, link: Link, template: Template) -> str:
        """Conditions on figures of all linked rows: none linked are counted as 0, and their other figures are null."""
        self._budget.count_condition_link()
        target = self._graph.nodes[link.target]
        self._touch.use_link(node, link, target)
        inner = self._budget.next_row()
        rows = join(node, row, link, target, inner)
        rows += row_conditions(target, inner, self._touch, self._parameters)
        held: list[str] = []
        for name, each in self._members(template, f"{link.name}{AGGREGATE}"):
            self._count()
            if name == "where":
                rows.append(self.condition(target, inner, each))
            else:
                asked = conditions(self._budget.variables, target, {name: each}, f"{link.name}{AGGREGATE}")
                held += [self._figure(target, inner, one) for one in asked]
        # One row whatever is linked, also where nothing is compared.
        told = conjunction(["count(*) >= 0", *held])
        return f"(select {told} from {target.relation} as {inner.alias} where {conjunction(rows)})"

    def _figure(self, node: Node, row: Row, condition: Condition) -> str:
        expression, scalar = "count(*)", INT
        if condition.function != COUNT:
            field, scalar = compared_figure(node, condition)
            self._count()
            self._touch.use(field)
            self._touch.use(field, Right.AGGREGATE)
            expression = figure_sql(row, field, condition.function)
        return conjunction([self.compare_expression(expression, scalar, *one) for one in condition.operands()])

    def _members(self, template: Template, name: str) -> list[tuple[str, Template]]:
        if not isinstance(template, Mapping):
            raise refuse("BAD_REQUEST", f"`{name}` must be an object, not null.", "Leave it out for no condition.")
        return list(template.items())


def _then(first: Callable[[object], object], second: Callable[[object], object]) -> Callable[[object], object]:
    return _Chain(first, second)


def _each(change: Callable[[object], object], most: int) -> Callable[[object], object]:
    return _Each(change, most)


class _Chain:
    """Two changes one after the other; equal when both are, so that a parameter is bound once."""

    def __init__(self, first: Callable[[object], object], second: Callable[[object], object]) -> None:
        self._both = (first, second)

    def __call__(self, value: object) -> object:
        first, second = self._both
        return second(first(value))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Chain) and other._both == self._both

    def __hash__(self) -> int:
        return hash(self._both)


class _Each:
    """A change of every element of a list that may not be too long."""

    def __init__(self, change: Callable[[object], object], most: int) -> None:
        self._change = change
        self._most = most

    def __call__(self, value: object) -> object:
        if not isinstance(value, list):
            return value
        if len(value) > self._most:
            raise refuse("QUERY_TOO_COSTLY", f"A list of {len(value)} values; at most {self._most} are allowed.")
        return [self._change(each) for each in value]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Each) and (other._change, other._most) == (self._change, self._most)

    def __hash__(self) -> int:
        return hash((self._change, self._most))
