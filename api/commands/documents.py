"""In charge of `yishu documents`: registering documents, and holding applications to them.

Servers that run meet a change within seconds. It knows nothing of how a document is asked.
"""

import asyncio
import hashlib
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

import asyncpg
from graphql import GraphQLSchema, OperationDefinitionNode, parse

from api.commands.command import DONE, CommandError, Parsers, put, put_json, put_table, with_json
from api.commands.platform import opened_platform
from api.config import Settings
from api.manifests import ManifestError, Named, read_documents
from api.preparing import fit_database
from resolvers.limits import Limits
from resolvers.operation import read_document
from resolvers.refusal import Refusal

_REGISTER = """
insert into platform.document (application, id, text, digest)
select $1, * from unnest($2::text[], $3::text[], $4::bytea[]) on conflict do nothing"""
_OTHERS = """
select id from platform.document join unnest($2::text[], $3::bytea[]) as new(id, digest) using (id)
 where application = $1 and document.digest <> new.digest order by id"""
_REMOVE = "delete from platform.document where application = $1 and id = any($2) returning id"
_LIST = "select application, id, text, registered_at from platform.document order by application, id"
_HELD = "select application from platform.held_application order by application"
_HOLD = "insert into platform.held_application (application) values ($1) on conflict do nothing"
_RELEASE = "delete from platform.held_application where application = $1"


def add(parsers: Parsers) -> None:
    """Adds the command and its parts."""
    described = parsers.add_parser("documents", help="register documents, and hold applications to them")
    parts = described.add_subparsers(metavar="WHAT", required=True)
    new = parts.add_parser("register", help="register the documents of GraphQL files, folders or manifests")
    new.add_argument("files", metavar="FILE", nargs="+", type=Path, help=".graphql, .gql, a folder of them, a manifest")
    _add_application(new, required=False)
    with_json(new)
    new.set_defaults(run=_register)
    old = parts.add_parser("remove", help="remove registered documents")
    old.add_argument("ids", metavar="ID", nargs="+")
    _add_application(old, required=False)
    old.set_defaults(run=_remove)
    known = parts.add_parser("list", help="list registered documents, and the applications held to them")
    with_json(known)
    known.set_defaults(run=_list)
    hold = parts.add_parser("require", help="let an application ask nothing but registered documents")
    _add_application(hold, required=True)
    hold.set_defaults(run=_require)
    release = parts.add_parser("release", help="let an application ask any document again")
    _add_application(release, required=True)
    release.set_defaults(run=_release)


def _add_application(parser: ArgumentParser, *, required: bool) -> None:
    text = "the token's application" if required else "the only application that may use them (default: any)"
    parser.add_argument("--app", metavar="A", default="", required=required, help=text)


def _register(arguments: Namespace, settings: Settings) -> int:
    try:
        documents = read_documents(arguments.files)
    except (ManifestError, OSError) as error:
        raise CommandError(f"nothing is registered: {error}") from error

    async def register() -> None:
        async with opened_platform(settings) as opened:
            _check((await opened.platform.view()).departments.setting.schema, documents)
            async with opened.connection.transaction():
                await _store(opened.connection, arguments.app, documents)

    asyncio.run(register())
    if arguments.json:
        put_json([{"id": each.id, "operations": _operations(each.text), "file": each.file} for each in documents])
    else:
        put_table(("id", "operations", "file"), [(each.id, _operations(each.text), each.file) for each in documents])
    return DONE


def _check(schema: GraphQLSchema, documents: Sequence[Named]) -> None:
    faults: list[str] = []
    for each in documents:
        try:
            read_document(each.text, schema, Limits())
        except Refusal as refusal:
            faults += [f"{each.file}: {each.id}: {problem.message}" for problem in refusal.problems]
    if faults:
        raise CommandError("nothing is registered: documents are not valid", details=tuple(faults))


async def _store(connection: asyncpg.Connection, application: str, documents: Sequence[Named]) -> None:
    ids, texts = [each.id for each in documents], [each.text for each in documents]
    digests = [hashlib.sha256(text.encode()).digest() for text in texts]
    await connection.execute(_REGISTER, application, ids, texts, digests)
    others = [row["id"] for row in await connection.fetch(_OTHERS, application, ids, digests)]
    if others:
        raise CommandError(
            "nothing is registered: an id stands for another document already",
            "an id is for ever; remove it first if nobody uses it",
            details=tuple(others),
        )


def _operations(text: str) -> str:
    definitions = parse(text).definitions
    operations = [each for each in definitions if isinstance(each, OperationDefinitionNode)]
    return ", ".join(each.name.value if each.name else "(anonymous)" for each in operations)


def _remove(arguments: Namespace, settings: Settings) -> int:
    async def remove() -> set[str]:
        async with fit_database(settings) as connection:
            return {row["id"] for row in await connection.fetch(_REMOVE, arguments.app, arguments.ids)}

    removed = asyncio.run(remove())
    missing = [each for each in arguments.ids if each not in removed]
    if missing:
        raise CommandError("not registered: " + ", ".join(missing))
    return DONE


def _list(arguments: Namespace, settings: Settings) -> int:
    async def read() -> tuple[list[asyncpg.Record], list[asyncpg.Record]]:
        async with fit_database(settings) as connection:
            return await connection.fetch(_LIST), await connection.fetch(_HELD)

    documents, held = asyncio.run(read())
    rows = [(row["application"], row["id"], _operations(row["text"]), row["registered_at"]) for row in documents]
    if arguments.json:
        members = ("application", "id", "operations", "registeredAt")
        listed = [dict(zip(members, row, strict=True)) for row in rows]
        put_json({"documents": listed, "requiredFor": [row["application"] for row in held]})
    else:
        put_table(("application", "id", "operations"), [(row[0] or "*", *row[1:3]) for row in rows])
        for row in held:
            put(f"{row['application']} may ask nothing but registered documents")
    return DONE


def _require(arguments: Namespace, settings: Settings) -> int:
    return _change(settings, _HOLD, arguments.app)


def _release(arguments: Namespace, settings: Settings) -> int:
    return _change(settings, _RELEASE, arguments.app)


def _change(settings: Settings, statement: str, application: str) -> int:
    async def change() -> None:
        async with fit_database(settings) as connection:
            await connection.execute(statement, application)

    if not application:
        raise CommandError("which application?", "give --app")
    asyncio.run(change())
    return DONE
