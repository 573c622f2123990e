"""What a batch did, in the words its caller shows; writes nothing and decides nothing."""

from dataclasses import dataclass
from pathlib import Path

from pool.sources.intake import BadRow


@dataclass(frozen=True, slots=True)
class ColumnReport:
    """A column as it is now in the pool; `change` is '', 'new', 'added', or 'widened from …'."""

    name: str
    graph_name: str
    sql_type: str
    change: str = ""


@dataclass(frozen=True, slots=True)
class TableReport:
    """What the batch did to a table. `bad_rows` holds the first 20 of `rejected`, `rejects` is the file of them all."""

    name: str
    graph_name: str
    type_name: str
    entry: str
    is_new: bool
    key: tuple[str, ...]
    columns: tuple[ColumnReport, ...]
    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0
    rejected: int = 0
    bad_rows: tuple[BadRow, ...] = ()
    rejects: Path | None = None


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What one batch did; `epoch` is the data epoch it published."""

    epoch: int
    provider: str
    source: str
    tables: tuple[TableReport, ...]
