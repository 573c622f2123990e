"""Values as JSON text (RFC 8259) that lose nothing: numbers keep every digit, what JSON has no form for is its text."""

import json
import math
from decimal import Decimal


def json_text(value: object) -> str:
    """The value as JSON.

    >>> print(json_text({"a": [Decimal("1.50"), None, True], "b": b"x"}))
    {"a": [1.50, null, true], "b": "78"}
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_name(name)}: {json_text(member)}" for name, member in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(json_text, value)) + "]"
    if isinstance(value, Decimal):
        return str(value)
    if value is None or isinstance(value, str | bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(value.hex() if isinstance(value, bytes) else str(value), ensure_ascii=False)


def _name(name: object) -> str:
    return json.dumps(str(name), ensure_ascii=False)
