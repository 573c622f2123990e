"""Compiles connections and single objects: the statement (or subquery) that reads them and the function that shows
them.

A link to many is a correlated subquery inside its parent's row, `array(select …)`, a link to one a row joined to it,
so one statement reads a whole tree in one snapshot with the keys of every node. Paging reads one row more than asked
for, and counts, only when asked to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from policies.decision import Effect
from resolvers.aggregate import Grouped, Grouping
from resolvers.asked import asked_by
from resolvers.beside import Beside, Paging, counts, outside
from resolvers.columns import join, join_beside
from resolvers.order import Ordering, Term
from resolvers.page import Keyset, Page, cursor_pattern, page_of
from resolvers.place import Place
from resolvers.rows import Rows, key_literal
from resolvers.scope import row_conditions
from resolvers.selection import Selected
from resolvers.show import show_connection
from resolvers.sql import ByKey, Ordered, Parameters, Row, conjunction
from resolvers.touch import Path
from resolvers.values import Operand, Template
from resolvers.where import Where
from resolvers.work import Work
from schema.graph import Link, Node, leads_to_one_at_most


@dataclass(frozen=True, slots=True)
class Compiled:
    """SQL that yields rows, the assembler function for them (or the expression of rows within a row), and what it is
    told beside them; the same rows in two steps, where they can be read so.
    """

    sql: str
    shown: str
    beside: tuple[Beside, ...] = ()
    by_key: ByKey | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """The rows of a connection: where they come from, in which order, and their page."""

    source: str
    order: Sequence[Ordered]
    paging: Paging
    start: str = ""  # the placeholder of the key that its rows come after in their order, if they do

    @property
    def size(self) -> int:
        """How many rows are shown at most."""
        return self.paging.page.size

    @property
    def beside(self) -> tuple[Beside, ...]:
        """What is told beside them."""
        return self.paging.beside


class Connections:
    """Compiles for one statement: its parameters are shared by everything below."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self.parameters = Parameters()
        self.rows = Rows(work.touch, work.collector, work.code, work.seal)
        self.where = Where(work, work.graph, work.touch, self.parameters)

    def follow(self, node: Node, row: Row, link: Link, selected: Selected, path: Path) -> str:
        """The expression of what a link leads to."""
        target = self._work.graph.nodes[link.target]
        with self._work.touch.branch(path) as branch:
            self._work.touch.use_link(node, link, target)
            if branch.is_refused or not self.may_know(target, selected, path):
                return "None"
        if leads_to_one_at_most(link, target) and not link.many:
            inner = self._work.row_beside(row)
            on = tuple(join_beside(node, row, link, target, inner))
            return self._beside(Place(target, inner, on, selected, path, within=node.name))
        is_plain = not link.many or self._is_plain(target, selected)
        inner = self._work.inner_row(row, many=link.many) if is_plain else self._work.next_row(is_within=True)
        joined = tuple(join(node, row, link, target, inner))
        place = Place(target, inner, joined, selected, path, within=node.name)
        if not link.many:
            return self._inline(row, place)
        many = self.many(place)
        if many is None:
            return "None"
        if is_plain:
            row.fill(inner, f"array({many.sql})")
            return many.shown
        beside = "".join(f", {row.slot(f'({each.sql})')}" for each in many.beside)
        return f"{many.shown}({row.slot(f'array({many.sql})')}, keys{beside})"

    def _is_plain(self, target: Node, selected: Selected) -> bool:
        """Whether a linked connection is its nodes in their order: shown without a call for each row it starts from."""
        names = {each.name for each in self._work.collector.collect(f"{target.name}Connection", selected.sets)}
        is_backward = page_of(self._work.connection_arguments(target, selected)).backward
        return names <= {"nodes", "__typename"} and not is_backward

    def _beside(self, place: Place) -> str:
        """The expression of one linked object, null where there is none, whose row is joined by its whole key."""
        key = self.rows.key(place.node, place.row)
        place.row.join(self.source(place), key[0])
        return f"(None if {key[0]} is None else {self._linked(place, key)})"

    def _inline(self, outer: Row, place: Place) -> str:
        """The expression of one linked object, null where there is none, whose row is a value within another."""
        row = place.row
        literal = self._linked(place, self.rows.key(place.node, row))
        outer.fill(row, f"({row.select(self.source(place), limit=1)})")
        return f"(None if {row.stands} is None else {literal})"

    def _linked(self, place: Place, key: Sequence[str]) -> str:
        self._work.count_rows(1)
        row = place.row
        literal, index = self.rows.literal(place.node, row, place.selected.sets, place.path, self)
        taken = key_literal([f"{row.name}[{row.place(slot)}]" for slot in key])
        self._work.code.add(f"keys[{index}] += [{taken} {row.each}]")
        return literal

    def follow_aggregate(self, node: Node, row: Row, link: Link, selected: Selected, path: Path) -> str:
        """The expression of the aggregate of what a link leads to."""
        target = self._work.graph.nodes[link.target]
        with self._work.touch.branch(path) as branch:
            self._work.touch.use_link(node, link, target)
            if branch.is_refused:
                return "None"
        inner = self._work.next_row(is_within=True)
        made = self.aggregate(Place(target, inner, tuple(join(node, row, link, target, inner)), selected, path))
        return "None" if made is None else f"{made.function}({row.slot(f'array({made.sql})')}, keys)"

    def aggregate(self, place: Place) -> Grouped | None:
        """Groups of rows; None when something in it is denied, or nothing of the node may be read."""
        if not self._work.touch.is_readable(place.node):
            self._work.touch.refuse_node(place.node, place.path)
            return None
        return Grouping(self._work, self.parameters, self.where, place).compile()

    def single(self, place: Place) -> Compiled:
        """One object at the root: a statement whose columns are slots."""
        function = self._object(place)
        return Compiled(place.row.select(self.source(place)), function)

    def asked(self, place: Place, asked: str, order: str) -> Compiled:
        """One object, or nulls alone, for each row of what is asked for, to which the place's conditions join it."""
        function = self._object(place)
        joined = f"{place.node.relation} as {place.row.alias} on {conjunction(self._conditions(place))}"
        return Compiled(place.row.select(f"from {asked} left join {joined}", [(order, "")]), function)

    def _object(self, place: Place) -> str:
        """The name of the function that shows one row."""
        self._work.count_rows(1)
        row = place.row
        row.each = f"for {row.name} in (row,)"
        key = self.rows.key(place.node, row)
        with self._work.code.body() as below:
            literal, index = self.rows.literal(place.node, row, place.selected.sets, place.path, self)
        name = self._work.code.name("one")
        body = ["if row is None: return None", f"{row.target} = row", f"keys[{index}].append({key_literal(key)})"]
        self._work.code.function(name, "row, keys", [*body, *below, f"return {literal}"])
        return name

    def many(self, place: Place) -> Compiled | None:
        """A connection; None when something it uses but does not show is denied, which refuses the branch."""
        listing = self.listing(place)
        if listing is None:
            return None
        with self._work.pages(listing.size):
            shown = show_connection(self._work, self.rows, self, place, listing.paging)
        return Compiled(place.row.select(listing.source, listing.order, listing.paging.limit), shown, listing.beside)

    def listing(self, place: Place) -> Listing | None:
        """The rows of a connection; None when something it uses but does not show is denied."""
        work, parameters = self._work, self.parameters
        arguments = work.connection_arguments(place.node, place.selected)
        mark, hidden = parameters.mark(), work.touch.hiding_conditions
        relation = f"from {place.node.relation} as {place.row.alias}"
        conditions = self._conditions(place)
        ordering = Ordering(work, parameters, place)
        with work.touch.branch(place.path) as branch:
            if "where" in arguments and arguments["where"] is not None:
                conditions.append(self.where.condition(place.node, place.row, arguments["where"]))
            condition = conjunction(conditions)
            may_estimate = place.is_root and work.touch.hiding_conditions == hidden
            counted = f"{relation} where {condition}"
            beside = counts(work, self.selected(place), counted, parameters, may_estimate=may_estimate)
            terms = ordering.terms(arguments.get("orderBy"), self.digest)
            if branch.is_refused:
                parameters.forget(mark)
                return None
        page = page_of(arguments)
        keyset = Keyset(work.seal, self._context(place, terms), terms, asked_by(arguments.get("where")))
        source = f"{relation}{ordering.joins} where {condition}"
        beside += outside(work, self.selected(place), source, parameters, (page, keyset))
        source += self._beyond(keyset, page)
        reads_beyond = any(each.name == "pageInfo" for each in self.selected(place))
        paging = Paging(page, keyset, parameters, beside, reads_beyond)
        listing = Listing(source, keyset.order(backward=page.backward), paging)
        return replace(listing, start=self._start(place, arguments.get("where"), listing))

    def selected(self, place: Place) -> tuple[Selected, ...]:
        """The fields selected of the connection itself."""
        return self._work.collector.collect(f"{place.node.name}Connection", place.selected.sets)

    def may_know(self, node: Node, selected: Selected, path: Path) -> bool:
        """Whether the principal may know that rows of the node exist; if not, each field asked for is a problem."""
        touch = self._work.touch
        if touch.is_readable(node):
            return True
        place = Place(node, Row(0), (), selected, path)
        if not self._show_denied(place, touch.enter(path, node.name)):
            touch.refuse_node(node, path)
        return False

    def _show_denied(self, place: Place, index: int) -> bool:
        """Notes every field selected, directly or through nodes and edges; true when one of them is denied."""
        collect = self._work.collector.collect
        is_denied = False
        for each in collect(place.node.name, place.selected.sets):
            field = place.node.fields.get(each.name)
            if field is not None:
                decision = self._work.touch.show(index, (*place.path, each.key), field)
                is_denied = is_denied or decision.effect is Effect.DENIED
        for each in self.selected(place):
            inner = [each] if each.name == "nodes" else []
            if each.name == "edges":
                inner = [edge for edge in collect(f"{place.node.name}Edge", each.sets) if edge.name == "node"]
            for one in inner:
                keys = (each.key,) if one is each else (each.key, one.key)
                deeper = Place(place.node, place.row, (), one, (*place.path, *keys))
                is_denied = self._show_denied(deeper, index) or is_denied
        return is_denied

    def source(self, place: Place) -> str:
        """Where a place's rows come from."""
        return f"from {place.node.relation} as {place.row.alias} where {conjunction(self._conditions(place))}"

    def _conditions(self, place: Place) -> list[str]:
        return [*place.conditions, *row_conditions(place.node, place.row, self._work.touch, self.parameters)]

    def _context(self, place: Place, terms: Sequence[Term]) -> bytes:
        """What a cursor is bound to, beside what its connection asks: who asks, of which field, in which order."""
        order = [(term.name, term.descending, term.nulls_first) for term in terms]
        field = f"{place.within}.{place.selected.name}"
        return "\0".join(("cursor", self._work.fingerprint, field, place.node.name, repr(order), "")).encode()

    def digest(self, text: str) -> str:
        """A keyed digest of a text, as SQL."""
        return f"sha256(convert_to({self.parameters.constant(self._work.seal.order_key)} || {text}, 'UTF8'))"

    def _start(self, place: Place, where: Template, listing: Listing) -> str:
        """The placeholder of what the cursor or the condition compares the only term of an ascending order with.

        Empty where there is none, or where it is compared with anything else too.
        """
        node, row, paging = place.node, place.row, listing.paging
        column = f"{row.alias}.{node.key_columns[0]}"
        if [*listing.order] != [(column, "")] or len(node.key_columns) > 1:
            return ""
        after, mark = paging.page.cursors.get("after"), self.parameters.mark()
        if after is not None and cursor_pattern(after.read(self._work.variables)) is not None:
            start = self.parameters.place(paging.keyset.opened(after, 0), f"text::{node.key_types[0]}")
            self.parameters.forget(mark)
            return start if f"{column} >= {start}" in listing.source else ""
        field = next((field for field in node.fields.values() if field.column == node.key_columns[0]), None)
        asked = where.get(field.name) if field is not None and isinstance(where, Mapping) else None
        if field is None or not isinstance(asked, Mapping) or asked.get("gt") is None:
            return ""
        given = asked["gt"] if isinstance(asked["gt"], Operand) else Operand(constant=asked["gt"])
        compared = self.where.compare(row, field, "gt", given)
        start = compared.removeprefix(f"{column} > ")
        number = start.partition("::")[0]
        self.parameters.forget(mark)
        is_alone = listing.source.count(compared) == listing.source.count(f"{number}::") == 1
        return start if is_alone and start != compared else ""

    def _beyond(self, keyset: Keyset, page: Page) -> str:
        conditions: list[str] = []
        for name, operand in page.cursors.items():
            pattern = cursor_pattern(operand.read(self._work.variables))
            if pattern is not None:
                conditions.append(keyset.beyond(pattern, operand, self.parameters, before=name == "before"))
        return "".join(f" and {condition}" for condition in conditions)
