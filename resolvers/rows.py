"""Compiles the selection of one node: which columns its rows select, and the literal that makes its object.

Denied fields are null and never selected; masked ones are masked in SQL, so their clear value never reaches the
process. The one exception is stated here: the key of a node shown is selected for the record, whoever asks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from graphql import SelectionSetNode
from orjson import Fragment

from policies.decision import Decision, Effect
from policies.masks import mask_sql
from resolvers.code import Code, dict_literal
from resolvers.ids import GlobalId
from resolvers.seal import Seal
from resolvers.selection import Collector, Selected
from resolvers.sql import Row
from resolvers.touch import Path, Touch
from schema.figures import AGGREGATE
from schema.graph import Field, Link, Node
from schema.scalars import JSON, Scalar

# Between the columns of a key: one text, as it stands in a JSON list between the first quote and the last.
KEY_PARTS = """ || '","' || """
# How what is no text is read from its text: lists of rows of nothing but text cost the database a quarter less than
# lists of records, and the driver half.
_FROM_TEXT = {"Int": "int({})", "Float": "float({})", "Boolean": "({} == 'true')"}


class Links(Protocol):
    """Compiles what a link leads to, as an expression over the slots of the row it starts from."""

    def follow(self, node: Node, row: Row, link: Link, selected: Selected, path: Path) -> str:
        """The expression of the linked object or connection."""

    def follow_aggregate(self, node: Node, row: Row, link: Link, selected: Selected, path: Path) -> str:
        """The expression of the aggregate of the linked rows."""


@dataclass(frozen=True, slots=True)
class _Site:
    """A node whose selection is being compiled, and the index under which its keys are recorded."""

    node: Node
    row: Row
    path: Path
    index: int


class Rows:
    """Compiles selections of nodes for one plan."""

    def __init__(self, touch: Touch, collector: Collector, code: Code, seal: Seal) -> None:
        self._touch = touch
        self._collector = collector
        self._code = code
        self._seal = seal

    def key(self, node: Node, row: Row) -> list[str]:
        """The slots of a node's key, as text."""
        return [row.slot(each, is_text=True) for each in key_columns(node, row)]

    def literal(
        self, node: Node, row: Row, sets: Sequence[SelectionSetNode], path: Path, links: Links
    ) -> tuple[str, int]:
        """The expression of a node's object, and the index under which its keys are recorded."""
        site = _Site(node, row, path, self._touch.enter(path, node.name))
        members = {
            selected.key: self._member(site, selected, links) for selected in self._collector.collect(node.name, sets)
        }
        return dict_literal(members), site.index

    def _member(self, site: _Site, selected: Selected, links: Links) -> str:
        node, row, name = site.node, site.row, selected.name
        path = (*site.path, selected.key)
        if name == "__typename":
            return repr(node.name)
        if name == "id" and name not in node.fields:
            self._touch.note_plain(site.index, path, f"{node.name}.id")
            maker = self._code.value("id", GlobalId(self._seal, node.name))
            return f"{maker}({', '.join(self.key(node, row))})"
        if name.removesuffix(AGGREGATE) in node.links and name not in (*node.links, *node.fields):
            return links.follow_aggregate(node, row, node.links[name.removesuffix(AGGREGATE)], selected, path)
        if name in node.links:
            return links.follow(node, row, node.links[name], selected, path)
        field = node.fields[name]
        decision = self._touch.show(site.index, path, field)
        return self._value(row, field, decision)

    def _value(self, row: Row, field: Field, decision: Decision) -> str:
        if decision.effect is Effect.DENIED:
            return "None"
        column = row.column(field)
        if decision.effect is Effect.MASKED:
            column = f"({mask_sql(decision.mask or 'null', column, field.sql_type)})"
        slot = read(row, field.scalar, column)
        if field.scalar is JSON:
            fragment = self._code.value("json", Fragment)
            return f"({fragment}({slot}) if {slot} is not None else None)"
        return slot


def key_columns(node: Node, row: Row) -> list[str]:
    """The columns of a node's key as texts."""
    text_columns = {
        field.column for field in node.fields.values() if field.scalar.output == "{}" and field.scalar.cast == "text"
    }
    return [f"{row.alias}.{each}" + ("" if each in text_columns else "::text") for each in node.key_columns]


def read(row: Row, scalar: Scalar, expression: str) -> str:
    """The assembler's expression of a value that the row selects, as its scalar puts it out."""
    output = scalar.output.format(expression)
    if scalar.is_text or not row.is_within:
        return row.slot(output, is_text=scalar.is_text)
    slot = row.slot(f"({output})::text", is_text=True)
    return f"(None if {slot} is None else {_FROM_TEXT[scalar.name].format(slot)})"


def key_literal(slots: Sequence[str]) -> str:
    """What is recorded of a row's or group's key: its text, or the list of its texts; empty for all rows together."""
    return slots[0] if len(slots) == 1 else f"[{', '.join(slots)}]"
