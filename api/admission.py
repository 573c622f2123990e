"""In charge of what is settled about a question before the engine is asked: its document, and what its cost is for.

It stands before the engine and looks like it. What it refuses, the engine records like any other refusal.
"""

from dataclasses import dataclass

from api.budgets import Budgets
from api.documents import Documents
from api.question import Answer, Question, Service
from policies.principal import Principal


@dataclass(frozen=True, slots=True)
class Admission:
    """The engine behind what is settled before. Safe to run concurrently."""

    service: Service
    budgets: Budgets
    documents: Documents

    async def answer(self, question: Question) -> Answer:
        """The engine's answer, its cost taken from the budgets that concern who asks."""
        admitted = await self.admit(question)
        answer = await self.service.answer(admitted)
        if admitted.reference is not None:
            self.documents.learn(admitted, answer.code)
        if admitted.spending is not None and admitted.spending.retry_after_s is not None:
            return answer._replace(retry_after_s=admitted.spending.retry_after_s)
        return answer

    async def admit(self, question: Question) -> Question:
        """The question as the engine is to be asked it: with its document or a refusal, and with its spending."""
        if self.budgets.is_stale or self.documents.is_stale:
            await self.budgets.refresh()
            await self.documents.refresh()
        if self.documents.concerns(question):
            question = await self.documents.follow(question)
        spending = self.budgets.spending(question.principal)
        return question if spending is None else question._replace(spending=spending)

    async def sdl(self, principal: Principal) -> Answer:
        """The schema this principal may use."""
        return await self.service.sdl(principal)
