"""Programs of npm's registry, for tests that hold the edge against clients other people wrote."""

import shutil
import subprocess
from pathlib import Path

import pytest

_INSTALL = ("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent")


def install(folder: Path, script: str, *packages: str) -> None:
    """Puts a script of this folder and its packages there; skips the test, saying why, where that cannot be done."""
    wanted = packages[0].partition("@")[0]
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip(f"no Node on this system, so {wanted} is not tried")
    shutil.copy(Path(__file__).with_name(script), folder)
    try:
        installed = subprocess.run([*_INSTALL, *packages], cwd=folder, check=False, capture_output=True, timeout=90)
    except subprocess.TimeoutExpired:
        pytest.skip(f"the npm registry does not answer, so {wanted} is not tried")
    if installed.returncode != 0:
        pytest.skip(f"{wanted} cannot be installed from npm, so it is not tried")
