"""In charge of filtering in plain Python, in SQL's logic of three values."""

import re
from collections.abc import Callable, Iterable, Mapping

from schema.figures import AGGREGATE
from schema.graph import Link
from schema.scalars import REAL
from tests.resolvers.reference_figures import compared_figures, figure_of
from tests.resolvers.reference_rows import Row, single

Truth = bool | None
Where = Mapping[str, object]
Follow = Callable[[Row, Link], list[Row]]


def all_of(truths: Iterable[Truth]) -> Truth:
    """AND of three values."""
    found = list(truths)
    return False if False in found else None if None in found else True


def any_of(truths: Iterable[Truth]) -> Truth:
    """OR of three values."""
    found = list(truths)
    return True if True in found else None if None in found else False


def holds(row: Row, where: object, follow: Follow) -> Truth:
    """Whether a condition holds of a row."""
    assert isinstance(where, dict)
    return all_of(_member(row, name, value, follow) for name, value in where.items())


def _member(row: Row, name: str, value: object, follow: Follow) -> Truth:
    if name == "and":
        assert isinstance(value, list)
        return all_of(holds(row, each, follow) for each in value)
    if name == "or":
        assert isinstance(value, list)
        return any_of(holds(row, each, follow) for each in value)
    if name == "not":
        inner = holds(row, value, follow)
        return None if inner is None else not inner
    assert isinstance(value, dict)
    link = row.node.links.get(name)
    counted = row.node.links.get(name.removesuffix(AGGREGATE))
    if link is None and counted is not None and name not in row.node.fields:
        return _figures(follow(row, counted), value, follow)
    if link is None:
        is_single = row.node.fields[name].scalar is REAL
        operands = {each: _single(operand) if is_single else operand for each, operand in value.items()}
        return all_of(compared(row.values[name], *each) for each in operands.items())
    if not link.many:
        return any(holds(each, value, follow) is True for each in follow(row, link))
    return all_of(_quantified(row, link, name, each, follow) for name, each in value.items())


def _figures(rows: list[Row], where: Where, follow: Follow) -> Truth:
    kept = [row for row in rows if "where" not in where or holds(row, where["where"], follow) is True]
    found: list[Truth] = []
    for function, conditions in where.items():
        if function == "count":
            assert isinstance(conditions, dict)
            found += [compared(len(kept), *each) for each in conditions.items()]
        elif function != "where":
            for name, comparisons in compared_figures(kept, function, conditions):
                found += [compared(figure_of(kept, function, name), *each) for each in comparisons.items()]
    return all_of(found)


def _single(operand: object) -> object:
    if isinstance(operand, list):
        return [_single(each) for each in operand]
    return single(operand) if isinstance(operand, float) else operand


def _quantified(row: Row, link: Link, quantifier: str, where: object, follow: Follow) -> Truth:
    truths = [holds(each, where, follow) for each in follow(row, link)]
    if quantifier == "every":
        return all(truth is True for truth in truths)
    return (True in truths) is (quantifier == "some")


def compared(value: object, operator: str, operand: object) -> Truth:
    """One comparison."""
    if operand is None:
        return None
    if operator == "isNull":
        return (value is None) is operand
    if operator in ("in", "notIn"):
        assert isinstance(operand, list)
        if not operand:
            return operator == "notIn"
        return None if value is None else (value in operand) is (operator == "in")
    return None if value is None else _COMPARISONS[operator](value, operand)


def _like(value: object, pattern: object) -> bool:
    made, escaped = "", False
    for letter in str(pattern):
        if not escaped and letter == "\\":
            escaped = True
            continue
        made += re.escape(letter) if escaped or letter not in "%_" else ".*" if letter == "%" else "."
        escaped = False
    return re.fullmatch(made + ("\\\\" if escaped else ""), str(value), re.DOTALL) is not None


def folded(text: str) -> str:
    """The text in half-width and lower-case Latin."""
    halved = "".join(chr(ord(each) - 0xFEE0) if "！" <= each <= "～" else each for each in text.replace("\u3000", " "))
    return "".join(each.lower() if each.isascii() else each for each in halved)


def _finds(value: object, search: object) -> bool:
    return all(word in folded(str(value)) for word in folded(str(search)).split(" "))


_COMPARISONS: Mapping[str, Callable[..., bool]] = {
    "eq": lambda value, operand: value == operand,
    "ne": lambda value, operand: value != operand,
    "lt": lambda value, operand: value < operand,
    "lte": lambda value, operand: value <= operand,
    "gt": lambda value, operand: value > operand,
    "gte": lambda value, operand: value >= operand,
    "like": _like,
    "startsWith": lambda value, operand: value.startswith(operand),
    "contains": lambda value, operand: operand in value,
    "search": _finds,
}
