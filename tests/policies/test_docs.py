"""docs/policies.md tells of everything a policy may say and of everything that lint may find."""

import re
from pathlib import Path

from policies.decision import Right
from policies.governed import CLASSES, KINDS
from policies.scopes import DIMENSIONS

_ROOT = Path(__file__).parents[2]
_PAGE = (_ROOT / "docs" / "policies.md").read_text("utf-8")


def _documented(heading: str) -> set[str]:
    """The names in the first column of the tables under a heading."""
    section = _PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return {
        name for row in re.findall(r"^\| (`[^|]+) \|", section, re.MULTILINE) for name in re.findall("`([^`]+)`", row)
    }


def test_every_lint_code_is_documented_and_no_other() -> None:
    sources = "".join((_ROOT / "policies" / name).read_text("utf-8") for name in ("lint.py", "vocabulary.py"))
    codes = re.findall(r'(?:Finding\([\w.]+, |Fault\(|_department\(words, name, )"([a-z-]+)"', sources)

    assert _documented("Lint") == set(codes)


def test_every_right_is_documented() -> None:
    assert _documented("Rights") == set(Right)


def test_every_class_and_kind_of_line_is_documented() -> None:
    names = _documented("Lines")

    assert {"own", "open", *KINDS, "provider:<code>", "type:<Type>"} <= names
    assert all(name in names for name in CLASSES if name.startswith("sharing:") and "/" not in name)
    assert all(dimension in _PAGE for dimension in DIMENSIONS)
