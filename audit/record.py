"""In charge of the values of the access log: what one record says, and the plan it refers to.

It refuses to know how a record is made durable (log.py, append.py) and how the plan came to be.
"""

from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from msgspec import Struct

Outcome = Literal["ok", "partial", "refused", "error"]


class State(NamedTuple):
    """What an answer was made under: the one row of platform.state."""

    policy_version: int
    graph_version: int
    data_epoch: int


class PlanContent(Struct, frozen=True):
    """What a prepared operation touches and why it may, as canonical JSON (docs/log.md); digest is its SHA-256."""

    digest: bytes
    content: bytes


class KeyPart(NamedTuple):
    """Some of the keys shown at a node, as JSON; `first` counts from 1."""

    node: int
    first: int
    keys: bytes


class Record(Struct, frozen=True):
    """One operation, answered or refused. The bytes fields but response_digest are JSON in UTF-8."""

    id: UUID
    at: datetime
    department: str
    application: str
    actor: str
    roles: tuple[str, ...]
    purpose: bytes | None
    plan: PlanContent | None
    document: str | None
    operation_name: str | None
    variables: bytes | None
    state: State
    keys: bytes
    shown: int
    response_digest: bytes | None
    outcome: Outcome
    error_codes: tuple[str, ...]
    elapsed_us: int
