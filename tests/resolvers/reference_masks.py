"""In charge of the masks of the sample, written a second time, in Python, for the reference to apply."""

import re
from collections.abc import Callable
from datetime import date

_CITIZEN_ID = re.compile(r"[0-9]{6}([0-9]{5}|[0-9]{8})[0-9]{3}[0-9Xx]")
_COMPOUND = "欧阳"


def masked(mask: str, value: object) -> object:
    """What a mask leaves of a value. Raises KeyError for a mask that the sample does not use."""
    return None if value is None else _MASKS[mask](value)


def _person_name(value: object) -> object:
    name = str(value)
    if len(name) <= 1:
        return "*" * len(name)
    surname = _COMPOUND if name.startswith(_COMPOUND) and len(name) > len(_COMPOUND) else name[0]
    return surname + "*" * (len(name) - len(surname))


def _citizen_id(value: object) -> object:
    text = str(value)
    if _CITIZEN_ID.fullmatch(text) is None:
        return "*" * len(text)
    return text[:6] + "*" * (len(text) - 10) + text[-4:]


def _phone(value: object) -> object:
    text = str(value)
    return text[:3] + "*" * (len(text) - 7) + text[-4:] if len(text) > 10 else "*" * len(text)


def _address_town(value: object) -> object:
    found = re.match(r"[^0-9０-９]*?(?:街道|镇|乡)", str(value))
    return found[0] if found else None


def _year(value: object) -> object:
    assert isinstance(value, date)
    return value.replace(month=1, day=1)


_MASKS: dict[str, Callable[[object], object]] = {
    "person-name": _person_name,
    "citizen-id": _citizen_id,
    "phone": _phone,
    "address-town": _address_town,
    "year": _year,
    "null": lambda _: None,
}
