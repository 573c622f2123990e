"""What is computed rather than read: `access.me`, as Strawberry types.

Resolvers take what they need from the execution's context value, a `Caller`; they know no policy and no database.
"""

from typing import Protocol

import strawberry
from graphql import GraphQLSchema, introspection_types
from graphql.type import assert_object_type


class Caller(Protocol):
    """What the context of an execution must offer: who asks."""

    @property
    def department(self) -> str:
        """Code of the department, empty for the public."""

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles of the token."""

    @property
    def user(self) -> str:
        """User of the token."""

    @property
    def application(self) -> str:
        """Application of the token."""


@strawberry.type(description="当前身份 · who the server takes the caller for")
class Me:
    department: str | None = strawberry.field(description="部门标识；公众为空")
    roles: list[str] = strawberry.field(description="角色")
    user: str | None = strawberry.field(description="用户")
    application: str | None = strawberry.field(description="应用")


def _me(info: strawberry.Info[Caller, None]) -> Me:
    caller = info.context
    return Me(
        department=caller.department or None,
        roles=list(caller.roles),
        user=caller.user or None,
        application=caller.application or None,
    )


@strawberry.type(description="访问权限 · identity, explanations, requests and grants")
class Access:
    me: Me = strawberry.field(resolver=_me, description="当前身份 · the caller's identity")


def _access() -> Access:
    return Access()


@strawberry.type(description="查询")
class Query:
    access: Access = strawberry.field(resolver=_access, description="访问权限")


def computed_schema() -> GraphQLSchema:
    """The compiled schema of all computed fields.

    Strawberry keeps it in a private attribute; this function is the only place that touches it. It also replaces what
    answers `isOneOf` in all introspection by what knows its own types alone, so graphql-core's is put back.
    """
    introspected = assert_object_type(introspection_types["__Type"]).fields
    is_one_of = introspected["isOneOf"]
    computed = strawberry.Schema(query=Query)._schema
    introspected["isOneOf"] = is_one_of
    return computed
