"""In charge of what is settled about a question before the engine is asked: its document, and what its cost is for.

It stands before the engine and looks like it. What it refuses, the engine records like any other refusal.
"""

from collections.abc import Awaitable, Coroutine
from dataclasses import dataclass

from msgspec.structs import replace

from api.budgets import Budgets, Spending
from api.documents import Documents
from api.question import Answer, Done, Question, Service, UnderWay
from policies.principal import Principal


@dataclass(frozen=True, slots=True)
class Admission:
    """The engine behind what is settled before. Safe to run concurrently."""

    service: Service
    budgets: Budgets
    documents: Documents

    def begin(self, question: Question, done: Done) -> Coroutine[None, None, Answer] | UnderWay:
        """See Service."""
        is_stale = self.budgets.is_stale or self.documents.is_stale
        known = None if is_stale else self.documents.known(question)
        if known is None:
            return self.answer(question)
        admitted = self._with_spending(known)
        rest = self.service.begin(admitted, done)
        return rest if isinstance(rest, UnderWay) or admitted.spending is None else _limited(rest, admitted.spending)

    async def answer(self, question: Question) -> Answer:
        """The engine's answer, its cost taken from the budgets that concern who asks."""
        admitted = await self.admit(question)
        answer = await self.service.answer(admitted)
        if admitted.reference is not None:
            self.documents.learn(admitted, answer.code)
        return answer if admitted.spending is None else _with_wait(answer, admitted.spending)

    async def admit(self, question: Question) -> Question:
        """The question as the engine is to be asked it: with its document or a refusal, and with its spending."""
        if self.budgets.is_stale or self.documents.is_stale:
            await self.budgets.refresh()
            await self.documents.refresh()
        if self.documents.concerns(question):
            question = await self.documents.follow(question)
        return self._with_spending(question)

    def _with_spending(self, question: Question) -> Question:
        spending = self.budgets.spending(question.principal)
        return question if spending is None else replace(question, spending=spending)

    async def sdl(self, principal: Principal) -> Answer:
        """The schema this principal may use."""
        return await self.service.sdl(principal)


async def _limited(answer: Awaitable[Answer], spending: Spending) -> Answer:
    return _with_wait(await answer, spending)


def _with_wait(answer: Answer, spending: Spending) -> Answer:
    """The answer, which says when to ask again if a budget is exhausted."""
    return answer if spending.retry_after_s is None else replace(answer, retry_after_s=spending.retry_after_s)
