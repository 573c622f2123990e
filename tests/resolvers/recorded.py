"""In charge of what the log must say of an answer: read from the answer alone, and held against its record.

The answer is walked by graphql-core's own executor; each row in it says by its global id which one it is.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

import asyncpg
from graphql import (
    FieldNode,
    GraphQLResolveInfo,
    GraphQLSchema,
    NameNode,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    execute_sync,
    parse,
    print_ast,
    visit,
)

from policies.decision import Right
from policies.principal import Principal
from resolvers.plan import Setting
from schema.aggregates import group_keys
from schema.changes import CHANGED
from schema.figures import AGGREGATE, CONNECTION
from schema.graph import Graph, Node, Root, Space
from schema.interfaces import INTERFACES, NODE
from schema.table_aggregates import TABLE_GROUP_NAME
from tests.resolvers.asking import SEAL, Told

_ID, _TOGETHER = "id", "[]"
_IDS = ("inserted", "updated", "removed")
_FIGURES = ("GroupKey", "Counts", "Numbers", "Extremes")
_COMPUTED = ("Query.__schema", "Query.__type", "Query.access")
_NO_VARIABLES: Mapping[str, object] = {}
_LINES = """
select path, coordinate, use, "right", effect, rule, key, key_position from log.resolved_field
 where operation_id = $1 order by field_position, key_position"""
Place = tuple[str, str]  # where in the answer, and the coordinate
Info = GraphQLResolveInfo[object]


@dataclass(frozen=True, slots=True)
class Case:
    """A document with its variables, as asked by a principal."""

    principal: Principal
    document: str
    variables: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Groups:
    """An aggregate in an answer: the node whose rows it takes together, and what by."""

    node: Node
    by: list[str]


@dataclass(slots=True)
class Reading:
    """What an answer shows: of each field in it, the keys of the rows it stands in, in their order.

    A key that the answer does not tell is None; of a group's key it may tell parts.
    """

    graph: Graph
    keys: dict[Place, list[str | None]] = field(default_factory=dict)
    parts: list[tuple[Place, int, int, object]] = field(default_factory=list)
    nulls: set[Place] = field(default_factory=set)
    _groups: dict[str, _Groups] = field(default_factory=dict)

    def resolve(self, source: object, info: Info, **arguments: object) -> object:
        """The value under the response key; what it shows is noted."""
        assert isinstance(source, Mapping)
        type_name, name = info.parent_type.name, info.field_name
        path = ".".join(str(step) for step in info.path.as_list() if not isinstance(step, int))
        value, node = source[info.path.key], self.graph.nodes.get(type_name)
        if type_name == "Subscription" or (type_name.endswith(CONNECTION) and name == "totalCount"):
            self._note((path, f"{type_name}.{name}"), _TOGETHER)
        elif type_name == CHANGED and name in _IDS:
            for each in value if isinstance(value, list) else ():
                self._note((path, f"{_opened(each)[0]}.id"), key_of(each))
        elif node is not None and (name in node.fields or name == _ID):
            self._note((path, f"{type_name}.{name}"), key_of(source.get(_ID)))
            if value is not None:
                self.nulls.discard((path, f"{type_name}.{name}"))
        elif name.endswith(AGGREGATE):
            self._begin_groups((type_name, name), path, arguments)
        elif type_name == TABLE_GROUP_NAME or type_name.endswith((AGGREGATE, *_FIGURES)):
            self._figure((type_name, name), path, arguments.get("of"), value)
        return value

    def _note(self, place: Place, key: str | None) -> None:
        if place not in self.keys:
            self.nulls.add(place)
        self.keys.setdefault(place, []).append(key)

    def _begin_groups(self, at: Place, path: str, arguments: Mapping[str, object]) -> None:
        by = arguments.get("groupBy") or []
        type_name, name = at[0], at[1].removesuffix(AGGREGATE)
        node = self.graph.nodes.get(type_name)
        target = node.links[name].target if node else _entrances(self.graph)[type_name, name]
        self._groups[path] = _Groups(self.graph.nodes[target], by if isinstance(by, list) else [str(by)])

    def _figure(self, at: Place, path: str, of: object, value: object) -> None:
        """A member of a group, at any depth below the aggregate."""
        type_name, name = at[0], str(of or at[1])
        groups = next(self._groups[each] for each in _above(path) if each in self._groups)
        key = None if groups.by else _TOGETHER
        is_key = at[1] == "key" if type_name == TABLE_GROUP_NAME else type_name.endswith("GroupKey")
        if at[1] == "count":
            self._note((path, f"{type_name}.count"), key)
        elif (type_name.endswith(_FIGURES) or of is not None) and not (is_key and name not in groups.by):
            place = (path, group_keys(self.graph, groups.node)[name].field.coordinate) if is_key else None
            place = place or (path, groups.node.fields[name].coordinate)
            self._note(place, key)
            if is_key:
                self.parts.append((place, len(self.keys[place]) - 1, groups.by.index(name), value))


def _above(path: str) -> Iterator[str]:
    while path:
        path = path.rpartition(".")[0]
        yield path


def _entrances(graph: Graph) -> dict[Place, str]:
    """The node that each connection of the query or of a space leads to."""
    found: dict[Place, str] = {}
    spaces: list[tuple[str, Mapping[str, Root | Space]]] = [("Query", graph.roots)]
    while spaces:
        type_name, members = spaces.pop()
        for name, member in members.items():
            if isinstance(member, Space):
                spaces.append((member.type_name, member.members))
            else:
                found[type_name, name] = member.node
    return found


def _opened(sealed: object) -> tuple[object, ...]:
    opened = SEAL.remembered(b"id", str(sealed))
    assert opened is not None
    return tuple(opened)


def key_of(sealed: object) -> str | None:
    """A key as the log has it, from the global id of its row; None where there is none to tell it."""
    if not isinstance(sealed, str) or SEAL.remembered(b"id", sealed) is None:
        return None
    key = list(_opened(sealed)[1:])
    return str(key[0]) if len(key) == 1 else json.dumps(key, ensure_ascii=False, separators=(",", ":"))


def with_ids(schema: GraphQLSchema, graph: Graph, document: str) -> str:
    """The same document, asking for the global id of every row as well."""
    info = TypeInfo(schema)

    class _Adding(Visitor):
        def leave_selection_set(self, node: SelectionSetNode, *_: object) -> SelectionSetNode | None:
            kind = info.get_parent_type()
            known = graph.nodes.get(kind.name) if kind else None
            if kind is None or (known is None and kind.name not in (NODE, *INTERFACES)):
                return None
            if known is not None and _ID in known.fields:
                return None
            asked = FieldNode(name=NameNode(value=_ID), arguments=(), directives=())
            return SelectionSetNode(selections=(*node.selections, asked))

    return print_ast(visit(parse(document), TypeInfoVisitor(info, _Adding())))


def read(setting: Setting, case: Case, told: Told) -> Reading:
    """What the answer to a case shows."""
    reading = Reading(setting.graph)
    result = execute_sync(
        setting.schema,
        parse(case.document),
        told.data,
        case.principal,
        dict(case.variables),
        field_resolver=reading.resolve,
        type_resolver=partial(_type_of, setting.graph),
    )
    assert result.errors is None, result.errors
    assert result.data == told.data
    return reading


def _type_of(graph: Graph, value: object, *_: object) -> str:
    assert isinstance(value, Mapping)
    return str(value["__typename"]) if "__typename" in value else str(_opened(value[_ID])[0])


async def assert_recorded(pool: asyncpg.Pool, setting: Setting, case: Case, told: Told) -> None:
    """Holds the one record of an answer against it: every field, key and decision, the digest, and who asked."""
    lines = await pool.fetch(_LINES, told.operation_id)
    _assert_decided(setting, case.principal, lines)
    denied = {(line["path"], line["coordinate"]) for line in lines if line["use"] == "denied"}
    errors = told.json.get("errors", [])
    assert isinstance(errors, list)
    assert denied == {
        (".".join(error["path"]), error["extensions"]["coordinate"])
        for error in errors
        if error["extensions"]["code"] == "FIELD_DENIED"
    }
    _assert_shown(read(setting, case, told), lines)
    await _assert_record(pool, case, told)


def _assert_shown(reading: Reading, lines: list[asyncpg.Record]) -> None:
    noted: dict[Place, list[str | None]] = {}
    for line in lines:
        if line["coordinate"] in _COMPUTED:  # graphql-core's executor makes these anew: they are not read
            assert (line["key"], line["key_position"]) == (_TOGETHER, 1)
        elif line["key_position"]:
            noted.setdefault((line["path"], line["coordinate"]), []).append(line["key"])
            assert (line["path"], line["coordinate"]) in reading.nulls or line["use"] == "shown"
    assert {place: len(keys) for place, keys in noted.items()} == {
        place: len(keys) for place, keys in reading.keys.items()
    }
    for place, keys in reading.keys.items():
        assert noted[place] == [found if key is None else key for key, found in zip(keys, noted[place], strict=True)], (
            place
        )
    for place, position, part, value in reading.parts:
        key = noted[place][position]
        listed = json.loads(key) if key is not None and key.startswith("[") else [key]
        assert _is_text_of(listed[part], value), (place, key, value)


def _is_text_of(text: object, value: object) -> bool:
    """Whether a part of a group's key is the text of what the answer shows."""
    if text is None or value is None:
        return text is value
    if isinstance(value, bool):
        return text == str(value).lower()
    return str(text) == str(value) or _moment(str(text)) == _moment(str(value))


def _moment(text: str) -> str:
    return text.replace(" ", "T").removesuffix("Z").removesuffix("+00")


def _assert_decided(setting: Setting, principal: Principal, lines: list[asyncpg.Record]) -> None:
    """Each line names the decision of the law, and no value that is denied was shown or used."""
    for line in lines:
        type_name, _, name = line["coordinate"].partition(".")
        node = setting.graph.nodes.get(type_name)
        governed = node.fields.get(name) if node else None
        told = (line["effect"], line["rule"])
        if governed is None:
            assert (line["use"], line["right"], *told) == ("shown", "read", "clear", "system")
        elif line["rule"] != "scope: division":
            decision = setting.law.decide(principal, governed, Right(line["right"]))
            assert told == (decision.effect.value, decision.rule)
        allowed = {"shown": ("clear", "masked"), "used": ("clear",), "denied": ("masked", "denied")}
        assert line["effect"] in allowed[line["use"]]


async def _assert_record(pool: asyncpg.Pool, case: Case, told: Told) -> None:
    """The members of the record that are not of its fields. Under the state of now: nothing has moved since."""
    records = await pool.fetch(
        "select r.*, p.content::text, (r.policy_version, r.graph_version, r.data_epoch) ="
        " (s.policy_version, s.graph_version, s.data_epoch) as is_of_now"
        "  from platform.state s, log.record r left join log.plan p on p.digest = r.plan where r.id = $1",
        told.operation_id,
    )
    (record,) = records
    assert record["response_digest"] == hashlib.sha256(told.body).digest()
    assert told.json["extensions"]["receipt"] == {"operationId": told.operation_id}  # type: ignore[index]
    assert record["is_of_now"]
    assert record["error_codes"] == sorted(set(told.codes))
    assert record["outcome"] == ("partial" if told.codes else "ok")
    assert record["shown"] == sum(map(len, json.loads(record["keys"])))
    assert record["document"] is None
    assert json.loads(record["content"])["document"] == case.document
    assert json.loads(record["variables"] or "{}") == dict(case.variables)
    principal = case.principal
    who = (principal.department, principal.application, principal.user, list(principal.roles))
    assert (record["department"], record["application"], record["actor"], record["roles"]) == who
