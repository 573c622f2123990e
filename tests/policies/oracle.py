"""The law as plain Casbin: one enforcer with the whole policy and a group line for every class of every coordinate."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import casbin

from policies.decision import Effect, Right
from policies.governed import classes_of, provider_of
from policies.principal import Principal
from tests.policies.coordinates import Coordinate

_MODEL = Path(__file__).parents[2] / "policies" / "model.conf"


@dataclass(frozen=True, slots=True)
class Oracle:
    """Answers by `Enforcer.enforce` alone, nothing kept, nothing left out."""

    enforcer: casbin.Enforcer

    def effect(self, principal: Principal, governed: Coordinate, right: Right) -> Effect:
        """The effect the policy as written has."""
        if self._enforce(principal, governed, right):
            return Effect.CLEAR
        if right is Right.READ and self._enforce(principal, governed, Right.MASK):
            return Effect.MASKED
        if governed.inputs and not self.reason(principal, governed, right):
            effects = {self.effect(principal, entry, right) for entry in governed.inputs}
            return Effect.CLEAR if effects == {Effect.CLEAR} else Effect.DENIED
        return Effect.DENIED

    def reason(self, principal: Principal, governed: Coordinate, right: Right) -> list[str]:
        """The line Casbin explains its answer with; empty if none matched."""
        _, line = self.enforcer.enforce_ex(*_request(principal, governed, right))
        return list(line)

    def _enforce(self, principal: Principal, governed: Coordinate, right: Right) -> bool:
        return bool(self.enforcer.enforce(*_request(principal, governed, right)))


def oracle(text: str, coordinates: Iterable[Coordinate], principals: Iterable[Principal]) -> Oracle:
    """The oracle of a policy text for these coordinates, their inputs and these principals."""
    groups = [
        *(f"g2, {each.coordinate}, {name}" for each in _with_inputs(coordinates) for name in classes_of(each)[:-1]),
        *(f"g, {_name(principal)}, {subject}" for principal in principals for subject in principal.subjects),
    ]
    adapter = casbin.StringAdapter("\n".join([text, *groups]))
    enforcer = casbin.Enforcer(str(_MODEL), adapter)
    assert enforcer.add_named_matching_func("g", casbin.util.key_match)
    return Oracle(enforcer)


def _with_inputs(coordinates: Iterable[Coordinate]) -> Iterable[Coordinate]:
    for each in coordinates:
        yield each
        yield from _with_inputs(each.inputs)


def _name(principal: Principal) -> str:
    return f"principal:{'+'.join(principal.subjects)}"


def _request(principal: Principal, governed: Coordinate, right: Right) -> tuple[str, ...]:
    return (_name(principal), principal.department, governed.coordinate, provider_of(governed), right.value)
