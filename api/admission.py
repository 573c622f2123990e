"""In charge of what is settled about a question before the engine is asked: which budgets its cost is taken from.

It stands before the engine and looks like it. What it refuses, the engine records like any other refusal.
"""

from dataclasses import dataclass, replace

from api.budgets import Budgets
from api.question import Answer, Question, Service
from policies.principal import Principal


@dataclass(frozen=True, slots=True)
class Admission:
    """The engine behind what is settled before. Safe to run concurrently."""

    service: Service
    budgets: Budgets

    async def answer(self, question: Question) -> Answer:
        """The engine's answer, its cost taken from the budgets that concern who asks."""
        if self.budgets.is_stale:
            await self.budgets.refresh()
        spending = self.budgets.spending(question.principal)
        if spending is None:
            return await self.service.answer(question)
        answer = await self.service.answer(replace(question, spending=spending))
        return answer if spending.retry_after_s is None else replace(answer, retry_after_s=spending.retry_after_s)

    async def sdl(self, principal: Principal) -> Answer:
        """The schema this principal may use."""
        return await self.service.sdl(principal)
