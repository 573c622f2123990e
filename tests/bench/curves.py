"""In charge of which factors grow, and of what is asked while they do."""

import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from audit.key_blocks import BLOCK_RECORDS, make_block
from audit.search import Filters, search
from policies.principal import Principal
from tests.bench.growing import OWNER, Asking, Ground
from tests.bench.law import grow_policy

_FAR = 10**8
_CHANGES = 6
_PAGE = """query Page($after: String!) { pool { education { %s(first: %d, where: {code: {gt: $after}},
    orderBy: [{code: ASC}]) { nodes { code town size day } } } } }"""
_LISTED = (
    "query Listed($codes: [String!]!) { pool { education { %s(where: {code: {in: $codes}}) { nodes { size } } } } }"
)
_PLACES = "query Deep($code: String!) { places(first: 1, where: {code: {gte: $code}}) { nodes { name %s } } }"
_ENTERPRISES = """query Some($after: String!) { enterprises(first: 10, where: {creditCode: {gt: $after}}) {
    nodes { creditCode name town { name } licences(first: 3) { nodes { number status } } } } }"""
_ENTRY = f"""
insert into catalog.entry
    (classification, sequence, title, provider, sharing, authoritative_source, status, published_on)
values ('302990', 99999, 'growing', '{OWNER}', 'unconditional', '{OWNER}', 'published', now())
on conflict do nothing"""
_TABLES = f"""
with made as (
    insert into catalog.resource
        (entry, provider, name, title, schema_name, relation_name, graph_name, type_name, key_columns)
    select '302990/99999', '{OWNER}', 'filler_' || n, '表', 'pool_education', 'filler_' || n, 'filler' || n,
           'Filler' || n, '{{a}}'
      from generate_series(
        (select count(*) from catalog.resource where name like 'filler%%') + 1,
        %d - (select count(*) from catalog.resource where name not like 'filler%%')) as n
    returning id)
insert into catalog.item (resource, position, name, graph_name, title, data_type, sql_type, sharing)
select id, position, chr(96 + position), chr(96 + position), '项', 'C', 'text', 'unconditional'
  from made, generate_series(1, 8) as position"""
_RETITLE = "update catalog.resource set title = title || '新', __epoch = default where name = 'grow_1000'"
_DEPARTMENTS = """
insert into catalog.department (code, title, name_en, credit_code)
select 'grown-' || n, '部门' || n, 'Department ' || n, '11330784' || lpad(n::text, 10, '0')
  from generate_series(1, %d) as n
on conflict do nothing"""
# Each shows one key, and a second one that no other shows.
_RECORDS = """
insert into log.record (id, at, department, application, actor, roles, plan, policy_version, graph_version, data_epoch,
                        keys, shown, response_digest, outcome, error_codes, elapsed_us)
select (lpad(to_hex((extract(epoch from now()) * 1000)::bigint + n / 10), 12, '0')
        || substr(gen_random_uuid()::text, 15))::uuid, now(), 'education', '', '', '{}', plan,
       policy_version, graph_version, data_epoch, json_build_array(array['grown-1', format('grown-%%s-of-%%s', n, %d)]),
       2, response_digest, outcome, error_codes, elapsed_us
  from (select * from log.record where plan is not null and shown > 0 limit 1) as one,
       generate_series(1, %d - (select count(*) from log.record)) as n"""

_IN_NO_BLOCK = "select coalesce(sum(cardinality(records)), 0) from log.recent"

Grow = Callable[[Ground, int], Awaitable[object]]
Timing = Callable[[Ground, int], Awaitable[float]]


@dataclass(frozen=True, slots=True)
class Curve:
    """A factor, how it is made so large, and what is timed then, in milliseconds. Nothing is made smaller again."""

    factor: str
    sizes: Sequence[int]
    grow: Grow
    timings: Mapping[str, Timing]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large things get."""

    rows: Sequence[int] = (1_000, 10_000, 100_000, 1_000_000)
    answer: Sequence[int] = (50, 500, 5_000)
    values: Sequence[int] = (10, 100, 1_000, 10_000)
    links: Sequence[int] = (1, 3, 10)
    departments: Sequence[int] = (3, 30, 300)
    rules: Sequence[int] = (10, 100, 1_000, 10_000)
    tables: Sequence[int] = (100, 400, 4_000)
    records: Sequence[int] = (1_000, 10_000, 100_000, 1_000_000)


def curves(sizes: Sizes, times: int) -> Sequence[Curve]:
    """All curves, in the order in which they have to be drawn."""
    largest = max(sizes.rows)
    some = _times(times, lambda size: _SOME)
    new = _times(times, lambda size: replace(_SOME, is_cold=True))
    return (
        Curve(
            "records in the log",
            sizes.records,
            _record,
            {
                "a question, recorded": some,
                "search for a key never shown": _search("never-shown"),
                "search for a key shown once": _search("grown-10-of-%d"),
                "search for a key always shown": _search("grown-1"),
            },
        ),
        Curve("rows of the table", sizes.rows, _collect, {"a page of 50": _times(times, lambda size: _page(size, 50))}),
        Curve("rows of the answer", sizes.answer, _nothing, {"page": _times(times, lambda size: _page(largest, size))}),
        Curve(
            "values in a list",
            sizes.values,
            _nothing,
            {"one found": _times(times, lambda size: _listed(largest, size))},
        ),
        Curve(
            "links, one in another",
            sizes.links,
            _nothing,
            {
                "known document": _times(times, _deep),
                "new document": _times(times, lambda size: replace(_deep(size), is_cold=True)),
            },
        ),
        Curve("departments", sizes.departments, _found, {"by turns": _by_turns(times)}),
        Curve(
            "grants in the policy",
            sizes.rules,
            _grant,
            {"known document": some, "new document": new, "first answer under a new one": _after(_grant_another)},
        ),
        Curve(
            "tables",
            sizes.tables,
            _fill,
            {"known document": some, "new document": new, "first answer after one changed": _after(_retitle)},
        ),
    )


def _times(times: int, asking: Callable[[int], Asking]) -> Timing:
    return lambda ground, size: ground.milliseconds(asking(size), times)


def _by_turns(times: int) -> Timing:
    def timed(ground: Ground, size: int) -> Awaitable[float]:
        principals = [Principal(f"grown-{number}", ()) for number in range(1, size + 1)]
        return ground.milliseconds(replace(_SOME, principals=principals), max(times, size))

    return timed


def _after(change: Grow) -> Timing:
    async def timed(ground: Ground, size: int) -> float:
        taken = []
        for number in range(_CHANGES):
            await change(ground, size + number % 2)
            taken.append(await ground.milliseconds(replace(_SOME, is_cold=True), 1))
        return median(taken)

    return timed


def _search(key: str) -> Timing:
    async def timed(ground: Ground, size: int) -> float:
        taken = []
        for _ in range(_CHANGES):
            started = time.perf_counter()
            await search(ground.connection, Filters(key=key.replace("%d", str(size))), 20)
            taken.append((time.perf_counter() - started) * 1000)
        return median(taken)

    return timed


async def _nothing(ground: Ground, size: int) -> None:
    """What grows is the question."""


async def _collect(ground: Ground, size: int) -> None:
    await ground.collect({f"grow_{size}": size})


async def _found(ground: Ground, size: int) -> None:
    await ground.batch(_DEPARTMENTS % size, graph_moved=True)


async def _grant(ground: Ground, size: int) -> None:
    await grow_policy(ground.connection, size)


async def _grant_another(ground: Ground, size: int) -> None:
    await _grant(ground, size + 2)


async def _fill(ground: Ground, size: int) -> None:
    await ground.batch(f"{_ENTRY}; {_TABLES % size}", graph_moved=True)
    await ground.connection.execute("analyze catalog.resource; analyze catalog.item")
    await ground.milliseconds(_SOME, 1)


async def _retitle(ground: Ground, size: int) -> None:
    await ground.batch(_RETITLE, graph_moved=True)


async def _record(ground: Ground, size: int) -> None:
    await ground.milliseconds(_SOME, 1)
    await ground.connection.execute(_RECORDS % (size, size))
    while await ground.connection.fetchval(_IN_NO_BLOCK) >= BLOCK_RECORDS:
        await make_block(ground.connection)  # as the service does by itself, at its leisure
    await ground.connection.execute("analyze log.record")


def _page(rows: int, first: int) -> Asking:
    draw = random.Random(1)
    return Asking(
        _PAGE % (f"grow{rows}", first),
        lambda number: {"after": f"{draw.randrange(max(rows - first, 1)):08}{number}"},
    )


def _listed(rows: int, size: int) -> Asking:
    def codes(number: int) -> Mapping[str, object]:
        return {"codes": ["00000001", *(str(_FAR + number + each) for each in range(size - 1))]}

    return Asking(_LISTED % f"grow{rows}", codes)


def _deep(links: int) -> Asking:
    inside = ""
    for level in range(links):
        inside = f"parent {{ name {inside} }}" if level % 2 else f"children(first: 1) {{ nodes {{ name {inside} }} }}"
    return Asking(_PLACES % inside, lambda number: {"code": f"0{number}"})


_SOME = Asking(_ENTERPRISES, lambda number: {"after": f"9{number:06}"})
