"""In charge of PostGraphile: installed once by npm into a folder of the benchmark, with the Node it wants.

It knows nothing of what it is asked. The npm package `node` carries Node itself, because PostGraphile 5 wants a newer
one than systems have.
"""

import shutil
import subprocess
from pathlib import Path

_PACKAGES = (
    "postgraphile@5.1.5",
    "postgraphile-plugin-connection-filter@4.0.1",
    "@graphile/pg-aggregates@0.2.0-rc.2",
    "node@24",
)
_INSTALL_TIMEOUT_S = 300
_PROGRAM = Path(__file__).with_suffix(".mjs")


class NotInstalled(Exception):
    """PostGraphile cannot be had here; the message says why."""


def installed(folder: Path) -> tuple[str, ...]:
    """The command that serves it on `{port}`; installs it on first use. Raises NotInstalled."""
    node = folder / "node_modules" / ".bin" / "node"
    finished = folder / "installed"
    if not finished.exists() or finished.read_text() != "\n".join(_PACKAGES):
        _install(folder)
        finished.write_text("\n".join(_PACKAGES))
    shutil.copy(_PROGRAM, folder / "server.mjs")
    return (str(node), str(folder / "server.mjs"), "{port}")


def _install(folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise NotInstalled("npm is not installed")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "package.json").write_text('{"private": true, "type": "module"}')
    command = [npm, "install", "--no-audit", "--no-fund", "--loglevel=error", *_PACKAGES]
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=_INSTALL_TIMEOUT_S)
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines() or ["it says nothing"]
        raise NotInstalled(f"npm install fails: {said[-1]}") from error
    except (subprocess.TimeoutExpired, OSError) as error:
        raise NotInstalled(f"npm install fails: {error}") from error
