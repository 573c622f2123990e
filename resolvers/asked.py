"""What a condition asks, in short: its form, the values that requests give, and a digest of both.

The same condition has the same digest whether it was written as literals or sent as variables.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from resolvers.values import Operand, Template

_DIGEST_BYTES = 12


@dataclass(frozen=True, slots=True)
class Asked:
    """A condition: its form, in which every value is a place, and the operands in those places."""

    form: str
    operands: tuple[Operand, ...]

    @property
    def is_constant(self) -> bool:
        """True when every request asks the same."""
        return all(operand.is_constant for operand in self.operands)

    def digest(self, values: object) -> str:
        """The digest with these values for the operands."""
        told = hashlib.blake2b(f"{self.form}\0{values!r}".encode(errors="surrogatepass"), digest_size=_DIGEST_BYTES)
        return base64.urlsafe_b64encode(told.digest()).decode()


def asked_by(template: Template) -> Asked:
    """The condition of a `where` argument; of none given, one that asks nothing."""
    operands: list[Operand] = []
    return Asked("" if template is None else _form(template, operands), tuple(operands))


def _form(template: Template, operands: list[Operand]) -> str:
    if isinstance(template, Mapping):
        return "{" + ",".join(f"{name}:{_form(template[name], operands)}" for name in sorted(template)) + "}"
    if isinstance(template, list):
        return "[" + ",".join(_form(each, operands) for each in template) + "]"
    operands.append(template if isinstance(template, Operand) else Operand(constant=template))
    return "?"
