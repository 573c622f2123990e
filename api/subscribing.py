"""In charge of operations that may have more than one answer. So far none has."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from api.question import Answer, Identify, Question, Service


@dataclass(frozen=True, slots=True)
class Single:
    """Gives each operation its one answer."""

    service: Service
    timeout_s: float

    async def events(self, question: Question, identify: Identify) -> AsyncGenerator[Answer, None]:
        """The answer."""
        async with asyncio.timeout(self.timeout_s):
            answer = await self.service.answer(question)
        yield answer
