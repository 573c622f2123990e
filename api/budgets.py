"""In charge of budgets: how many units of cost departments and applications may spend a minute, over all workers.

The database keeps what is left of each. A worker takes a share ahead, a twentieth of a minute's units or what one
question needs, and spends it without asking; so together workers never spend more than there is, and a question rarely
waits for the database. It knows nothing of how a cost is found.
"""

import asyncio
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import asyncpg

from policies.principal import Principal
from resolvers.refusal import Refusal, refuse

_SHARES = 20
_QUERY = "select id, department, application, per_minute from platform.budget"
_TAKE = "select taken, available from platform.take_units($1, $2, $3)"


@dataclass(frozen=True, slots=True)
class Budget:
    """One budget. None stands for whichever department or application; an empty department is the public."""

    id: int
    department: str | None
    application: str | None
    per_minute: int

    def __str__(self) -> str:
        of_whom = [] if self.department is None else [self.department or "the public"]
        return " ".join([*of_whom, *([] if self.application is None else [f"application {self.application}"])])


class Exhausted(Exception):
    """A budget does not hold what a question costs; `retry_after_s` says when it will, if nobody else spends."""

    def __init__(self, budget: Budget, retry_after_s: int) -> None:
        super().__init__(f"the budget of {budget} is spent for {retry_after_s} s")
        self.budget = budget
        self.retry_after_s = retry_after_s


@dataclass(slots=True)
class Account:
    """What one worker holds of a budget: its share, and when the database last had too little."""

    pool: asyncpg.Pool
    budget: Budget
    share: int = 0
    _short_of: float = math.inf
    _short_at: float = 0.0
    _taking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def spend(self, cost: int) -> None:
        """Takes the cost from the share; waits for the database only where the share is too small. Raises Exhausted."""
        if self.share < cost:
            async with self._taking:
                while self.share < cost:
                    await self._take(cost - self.share)
        self.share -= cost

    async def _take(self, needed: int) -> None:
        per_second = self.budget.per_minute / 60
        # Others only take: there cannot be more by now than this.
        at_most = self._short_of + (time.monotonic() - self._short_at) * per_second
        if needed <= at_most:
            wanted = max(needed, self.budget.per_minute // _SHARES)
            row = await self.pool.fetchrow(_TAKE, self.budget.id, needed, wanted)
            if row is None:  # the budget is no more, which the next reading of budgets will show
                self.share += needed
                return
            self.share += row["taken"]
            self._short_of, self._short_at = row["available"], time.monotonic()
            at_most = row["available"]
            if row["taken"]:
                return
        raise Exhausted(self.budget, max(1, math.ceil((needed - at_most) / per_second)))


class Spending:
    """What one question spends: once, however often it has to be asked anew."""

    def __init__(self, accounts: tuple[Account, ...]) -> None:
        self._accounts = accounts
        self._is_spent = False
        self._refusal: Refusal | None = None
        self.retry_after_s: int | None = None

    async def spend(self, cost: int) -> None:
        """Spends from every budget or from none. Raises Refusal: RATE_LIMITED where one of them is exhausted."""
        if self._refusal is not None:
            raise self._refusal
        if not self._is_spent:
            self._is_spent = True
            try:
                await self._spend(max(cost, 1))
            except Refusal as refusal:
                self._refusal = refusal
                if self.retry_after_s is None:  # too costly, not for want of units
                    await self._spend_least()
                raise self._refusal from refusal.__cause__

    def spend_at_once(self, cost: int) -> bool:
        """As spend(), where every budget has a share that holds it; else False, and nothing is spent."""
        cost = max(cost, 1)
        if not self._is_spent:
            if any(account.share < cost or account.budget.per_minute < cost for account in self._accounts):
                return False
            self._is_spent = True
            for account in self._accounts:
                account.share -= cost
        return self._refusal is None

    async def spend_on(self, refusal: Refusal) -> Refusal:
        """Spends the least there is on a question that is refused, unless it has spent; returns what to tell it."""
        try:
            await self.spend(0)
        except Refusal as exhausted:
            return exhausted
        return refusal

    async def _spend_least(self) -> None:
        try:
            await self._spend(1)
        except Refusal as exhausted:
            self._refusal = exhausted

    async def _spend(self, cost: int) -> None:
        spent: list[Account] = []
        try:
            for account in self._accounts:
                _check(account.budget, cost)
                await account.spend(cost)
                spent.append(account)
        except Exhausted as exhausted:
            self.retry_after_s = exhausted.retry_after_s
            raise _exhausted(exhausted.budget, cost, exhausted.retry_after_s) from exhausted
        finally:
            if len(spent) < len(self._accounts):
                for account in spent:
                    account.share += cost


def _check(budget: Budget, cost: int) -> None:
    if cost > budget.per_minute:
        raise refuse(
            "QUERY_TOO_COSTLY",
            f"The document is estimated to cost {cost}; the budget of {budget} is {budget.per_minute} a minute.",
            "Ask for smaller pages, or less on each.",
        )


def _exhausted(budget: Budget, cost: int, retry_after_s: int) -> Refusal:
    return refuse(
        "RATE_LIMITED",
        f"The budget of {budget} is {budget.per_minute} a minute; what is left of it is less than {cost}.",
        f"Try again in {retry_after_s} seconds, or ask for less.",
    )


@dataclass(slots=True)
class Budgets:
    """The budgets of one worker, as the database had them at most `max_age_s` ago."""

    pool: asyncpg.Pool
    max_age_s: float = 5
    _accounts: Mapping[tuple[str | None, str | None], Account] = field(default_factory=dict)
    _read_at: float = -math.inf
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def is_stale(self) -> bool:
        """Whether they must be read again before anybody spends."""
        return time.monotonic() - self._read_at > self.max_age_s

    async def refresh(self) -> None:
        """Reads them again; shares taken of budgets that are as they were are kept."""
        async with self._reading:
            if not self.is_stale:
                return  # somebody else has just read them
            read_at, known = time.monotonic(), self._accounts
            accounts: dict[tuple[str | None, str | None], Account] = {}
            for row in await self.pool.fetch(_QUERY):
                budget = Budget(*row)
                key = (budget.department, budget.application)
                before = known.get(key)
                is_as_before = before is not None and before.budget == budget
                accounts[key] = before if before is not None and is_as_before else Account(self.pool, budget)
            self._accounts, self._read_at = accounts, read_at

    def spending(self, principal: Principal) -> Spending | None:
        """What a question of the principal spends from; None where no budget concerns it."""
        if not self._accounts:
            return None
        department, application = principal.department, principal.application
        keys = ((department, None), (None, application), (department, application))
        accounts = tuple(account for key in keys if (account := self._accounts.get(key)) is not None)
        return Spending(accounts) if accounts else None
