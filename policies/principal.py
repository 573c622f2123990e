"""On whose behalf a question is asked, as far as rights depend on it.

Refuses to know tokens and keys: whoever makes a principal has proved the claims before.
"""

import json
import re
from dataclasses import dataclass, field

TOWN_PREFIX = "town-"

# No star: the law's subject hierarchy reads it as a pattern, so a claimed role `*` would become every role.
_DEPARTMENT = re.compile(r"(?:[a-z][a-z0-9-]*)?")
_ROLE = re.compile(r"[A-Za-z0-9_.:@/-]+")


def subject_of(department: str) -> str:
    """The law's subject for a department code; the empty code is the public."""
    return f"department:{department}" if department else "public"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. `department` is a code, `town-` and nine digits for a town's office, empty for the anonymous public.

    Roles are kept sorted and once each. `fingerprint` holds everything decisions and scopes depend on, unambiguously:
    it is equal for equal subjects, whatever the user. Raises ValueError for a department or role no law could name.
    """

    department: str
    roles: tuple[str, ...]
    user: str = ""
    application: str = ""
    fingerprint: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if _DEPARTMENT.fullmatch(self.department) is None:
            raise ValueError(f"not a department code: {self.department!r}")
        for role in self.roles:
            if _ROLE.fullmatch(role) is None:
                raise ValueError(f"not a role: {role!r}")
        object.__setattr__(self, "roles", tuple(sorted(set(self.roles))))
        named = [self.department, *(self.roles if self.department else ())]
        object.__setattr__(self, "fingerprint", json.dumps(named))

    @property
    def subjects(self) -> tuple[str, ...]:
        """The subjects of the law this principal acts as. Without a department roles count for nothing."""
        if not self.department:
            return ("public",)
        return (subject_of(self.department), *(f"role:{role}" for role in self.roles))

    @property
    def division(self) -> str | None:
        """The division code of a town's office; None for everybody else."""
        return self.department.removeprefix(TOWN_PREFIX) if self.department.startswith(TOWN_PREFIX) else None


PUBLIC = Principal("", ())
