"""Which rows exist for a principal.

A policy line `p2, subject, division` scopes a subject; everything else about rows is in the statement that reads them.
Refuses to know tables and columns.
"""

from dataclasses import dataclass

from policies.principal import Principal

DIVISION = "division"
DIMENSIONS = frozenset([DIVISION])


@dataclass(frozen=True, slots=True)
class Scope:
    """The rows a principal may meet. With a `division`, rows outside it do not exist; the empty one has no rows."""

    audience: str
    department: str
    division: str | None


def scope_of(principal: Principal, *, is_scoped: bool) -> Scope:
    """The scope of a principal whom the policy scopes by division, or does not.

    A scoped principal without a division of its own has no rows: a policy that scopes somebody by what it does not have
    must not open everything.
    """
    audience = "department" if principal.department else "public"
    division = (principal.division or "") if is_scoped else None
    return Scope(audience, principal.department, division)
