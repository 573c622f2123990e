"""In charge of how many grants the policy holds: the same for every server that asks it. It knows nothing of timing."""

from audit.append import Connection
from policies.store import load_current, publish

_GRANT = "p, department:%s, Granted%d.field, read, allow\n"
_GROWN = "# grown\n"
_OWNERS = ("education", "taxation")


async def grow_policy(connection: Connection, grants: int) -> None:
    """Publishes the current policy with so many grants behind it, of fields that are not there, to two departments.

    Those that were added before are taken away.
    """
    _, text = await load_current(connection)
    halves = (grants // 2, grants - grants // 2)
    added = (_GRANT % (owner, number) for owner, half in zip(_OWNERS, halves, strict=True) for number in range(half))
    kept = text.partition(_GROWN)[0]
    await publish(connection, kept + (_GROWN + "".join(added) if grants else ""), "bench")
