"""In charge of documents that clients name instead of sending them: registered ones, and those sent before.

Registered documents are in the database; a worker keeps those it has met. What was sent before with its hash (Apollo's
automatic persisted queries) is kept by the worker alone, within bounds, for those of the same department. It knows
nothing of what a document says.
"""

import asyncio
import hashlib
import math
import time
from dataclasses import dataclass, field

import asyncpg
from msgspec.structs import replace

from api.errors import MEANING_BY_CODE, Code
from api.parameters import Reference
from api.question import Question
from audit.append import storable
from policies.principal import Principal
from resolvers.keep import Kept
from resolvers.refusal import Refusal, refuse

_STATE = """
select (select number from platform.document_change) as change,
       array(select application from platform.held_application) as held"""
_FIND = """
select text from platform.document where application in ('', $3) and (id = $1 or digest = $2)
 order by id = $1 desc, application desc limit 1"""
_PREFIX = "sha256:"
_MOST, _LARGEST = 2_000, 4_000_000
_MOST_OF_THE_PUBLIC, _LARGEST_OF_THE_PUBLIC = 500, 1_000_000
_LARGEST_KEPT = 50_000
# Of an answer with one of these it is not known that its document can be asked at all.
_NOT_WORTH_KEEPING = (Code.QUERY_INVALID, Code.QUERY_TOO_COSTLY, Code.BAD_REQUEST, Code.LOG_UNAVAILABLE)


@dataclass(slots=True)
class Documents:
    """The documents of one worker. What is registered or held is as the database had it at most `max_age_s` ago."""

    pool: asyncpg.Pool
    max_age_s: float = 5
    _held: frozenset[str] = frozenset()
    _change: int = -1
    _read_at: float = -math.inf
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    _registered: Kept[tuple[str, str], str] = field(default_factory=lambda: Kept(_MOST, _LARGEST))
    _sent: Kept[tuple[str, str], str] = field(default_factory=lambda: Kept(_MOST, _LARGEST))
    _sent_by_the_public: Kept[tuple[str, str], str] = field(
        default_factory=lambda: Kept(_MOST_OF_THE_PUBLIC, _LARGEST_OF_THE_PUBLIC)
    )

    @property
    def is_stale(self) -> bool:
        """Whether the database must be asked again what has changed."""
        return time.monotonic() - self._read_at > self.max_age_s

    async def refresh(self) -> None:
        """Asks it, and forgets registered documents if any has come or gone."""
        async with self._reading:
            if not self.is_stale:
                return  # somebody else has just asked
            read_at = time.monotonic()
            row = await self.pool.fetchrow(_STATE)
            assert row is not None
            if row["change"] != self._change:
                self._registered = Kept(_MOST, _LARGEST)
            self._held, self._change, self._read_at = frozenset(row["held"]), row["change"], read_at

    def concerns(self, question: Question) -> bool:
        """Whether there is anything to follow or to check."""
        return question.reference is not None or question.principal.application in self._held

    def known(self, question: Question) -> Question | None:
        """The question with its document, where that is at hand; None where follow() must be asked."""
        if not self.concerns(question):
            return question
        reference = question.reference
        if reference is None or reference.is_automatic or question.document:
            return None
        text = self._registered.recent((question.principal.application, reference.name))
        return None if text is None else replace(question, document=text)

    async def follow(self, question: Question) -> Question:
        """The question with its document, or with the refusal of one that cannot be had or may not be asked."""
        try:
            return replace(question, document=await self._text(question))
        except Refusal as refusal:
            name = "" if question.reference is None else question.reference.name
            return replace(question, document=question.document or f"# the document {name}", refusal=refusal)

    def learn(self, question: Question, code: str | None) -> None:
        """Keeps a document that was sent with its hash, if it can be asked."""
        reference, text = question.reference, question.document
        if reference is None or not reference.is_automatic or question.refusal is not None:
            return
        key = (question.principal.department, reference.name)
        kept = self._sent_of(question.principal)
        if kept.recent(key) is None and code not in _NOT_WORTH_KEEPING and len(text) <= _LARGEST_KEPT:
            kept.remember(key, text, len(text))

    async def _text(self, question: Question) -> str:
        if question.document:
            await self._check(question)
            return question.document
        assert question.reference is not None  # a question without text has one
        return await self._named(question.reference, question.principal)

    async def _check(self, question: Question) -> None:
        """Raises Refusal for a text that is not the one its hash names, or that its application may not send."""
        reference, text, application = question.reference, question.document, question.principal.application
        if reference is not None and _hash(text) != reference.name:
            raise refuse("BAD_REQUEST", "The hash is not that of the document.", "Send the SHA-256 of the query.")
        if application in self._held and await self._find(_PREFIX + _hash(text), application) is None:
            raise _not_registered(application)

    async def _named(self, reference: Reference, principal: Principal) -> str:
        found = await self._find(reference.name, principal.application)
        if found is None and not reference.is_automatic:
            raise refuse("NOT_FOUND", "No document is registered under this id.", "Send the document itself as query.")
        if found is None and principal.application in self._held:
            raise _not_registered(principal.application)
        if found is None:
            found = self._sent_of(principal).recent((principal.department, reference.name))
        if found is None:
            meaning = MEANING_BY_CODE[Code.PERSISTED_QUERY_NOT_FOUND]
            raise refuse(Code.PERSISTED_QUERY_NOT_FOUND, meaning.message, meaning.hint)
        return found

    async def _find(self, name: str, application: str) -> str | None:
        """The registered document that has this id, or this hash."""
        known = self._registered.recent((application, name))
        if known is not None:
            return known
        if storable(name) != name or storable(application) != application:
            return None  # nothing in the database can be called so
        kept = self._registered
        found: str | None = await self.pool.fetchval(_FIND, name, _digest(name), application)
        if found is not None and kept.recent((application, name)) is None:
            kept.remember((application, name), found, len(found))
        return found

    def _sent_of(self, principal: Principal) -> Kept[tuple[str, str], str]:
        return self._sent if principal.department else self._sent_by_the_public


def _not_registered(application: str) -> Refusal:
    return refuse(
        "QUERY_INVALID",
        f"The application {application} may only ask registered documents.",
        "Have the document registered: yishu documents register.",
    )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _digest(name: str) -> bytes | None:
    """The digest a name stands for: `sha256:` and 64 digits, or those alone."""
    digits = name.removeprefix(_PREFIX)
    try:
        return bytes.fromhex(digits) if len(digits) == 2 * hashlib.sha256().digest_size else None
    except ValueError:
        return None
