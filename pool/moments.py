"""Dates and times as people write them, and their ISO 8601 form; only real days and times of the years 1 to 9999."""

import re
from datetime import datetime

DATE, TIMESTAMP, TIMESTAMPTZ = "date", "timestamp", "timestamptz"
_MOMENT = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"
    r"|/(?P<month2>[0-9]{1,2})/(?P<day2>[0-9]{1,2})|年(?P<month3>[0-9]{1,2})月(?P<day3>[0-9]{1,2})日)"
    r"(?:[ T]+(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?P<fraction>\.[0-9]{1,6})?)?"
    r"(?P<zone> ?(?:Z|z|[+-][0-9]{2}(?::?[0-9]{2})?))?)?"
)
_COMPACT = re.compile(r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})")


def recognise_moment(text: str) -> str | None:
    """'date', 'timestamp' or 'timestamptz', or None where the text is none of them.

    >>> recognise_moment("2024/2/29"), recognise_moment("2024-02-29T08:00Z"), recognise_moment("2024-13-01")
    ('date', 'timestamptz', None)
    """
    found = _parse(text)
    return found[0] if found else None


def iso_moment(text: str, sql_type: str) -> str | None:
    """The moment in ISO form, as a value of a moment type; None where it is not one or something would be lost.

    >>> iso_moment("2024年2月9日", "date"), iso_moment("20240209", "date"), iso_moment("2024-02-09 08:00", "date")
    ('2024-02-09', '2024-02-09', None)
    """
    compact = _COMPACT.fullmatch(text) if sql_type == DATE else None
    if compact:
        text = f"{compact['year']}-{compact['month']}-{compact['day']}"
    found = _parse(text)
    if found is None:
        return None
    kind, iso = found
    if sql_type == DATE and kind == TIMESTAMP and iso.endswith("T00:00:00"):
        return iso.partition("T")[0]
    if kind == sql_type or (kind, sql_type) == (DATE, TIMESTAMP):
        return iso
    return None


def _parse(text: str) -> tuple[str, str] | None:
    match = _MOMENT.fullmatch(text)
    if match is None:
        return None
    month, day = (match[name] or match[name + "2"] or match[name + "3"] for name in ("month", "day"))
    iso_date = f"{match['year']}-{int(month):02}-{int(day):02}"
    if match["hour"] is None:
        return (DATE, iso_date) if _is_real(iso_date) else None
    iso = f"{iso_date}T{int(match['hour']):02}:{match['minute']}:{match['second'] or '00'}"
    zone = (match["zone"] or "").strip().upper()
    if not _is_real(iso + zone):
        return None
    return (TIMESTAMPTZ if zone else TIMESTAMP), iso + (match["fraction"] or "") + zone


def _is_real(iso: str) -> bool:
    try:
        datetime.fromisoformat(iso)
    except ValueError:
        return False
    return True
