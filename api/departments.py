"""In charge of who is a department at the moment: the catalog's departments, and the offices of the county's towns.

It knows nothing of what they may see. The list is read again when it is seconds old, or lacks the one asked for.
"""

import asyncio
import time
from dataclasses import dataclass, field

import asyncpg

_QUERY = """
select code from catalog.department
union all
select 'town-' || code from pool_civil_affairs.division where level = 'town'"""


@dataclass(slots=True)
class DepartmentDirectory:
    """The departments, as the database had them at most `max_age_s` ago."""

    pool: asyncpg.Pool
    max_age_s: float = 5
    min_age_s: float = 1
    _codes: frozenset[str] = frozenset()
    _read_at: float = float("-inf")
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def knows(self, department: str) -> bool:
        """Whether there is such a department or town's office. Waits for the database only to read the list anew."""
        oldest_s = self.max_age_s if department in self._codes else self.min_age_s
        if time.monotonic() - self._read_at > oldest_s:
            await self._refresh()
        return department in self._codes

    def knew(self, department: str) -> bool:
        """Whether knows() would say yes without waiting."""
        return department in self._codes and time.monotonic() - self._read_at <= self.max_age_s

    async def _refresh(self) -> None:
        async with self._lock:
            if time.monotonic() - self._read_at <= self.min_age_s:
                return  # somebody else has just read it
            rows = await self.pool.fetch(_QUERY)
            self._codes = frozenset(row["code"] for row in rows)
            self._read_at = time.monotonic()
