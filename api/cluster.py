"""In charge of a private PostgreSQL: making its data directory, starting it, sharing it between processes, stopping it.

It drives the PostgreSQL binaries it is given (initdb, pg_ctl) and listens on a Unix socket only, in a directory that
nobody else can enter. Every process that uses the cluster holds a shared lock on a file beside the data, which the
kernel releases even after SIGKILL: the last one to leave stops the server, and a server left behind by a killed process
is simply found running by the next. It knows nothing of databases, tables or settings of the platform.
"""

import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, LOCK_UN, flock
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import psutil

_LONGEST_SOCKET_PATH_BYTES = 100
_PORT = "5432"
_ACCEPTING, _REJECTING = 0, 1  # exit status of pg_isready


class ClusterError(Exception):
    """The private PostgreSQL cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """One private PostgreSQL: where its binaries, its data and its server settings are."""

    binaries: Path
    data: Path
    settings: Mapping[str, str]
    start_timeout_s: int = 600

    def url(self, database: str) -> str:
        """The address of one of its databases, valid while it is running."""
        return f"postgresql://postgres@/{quote(database, safe='')}?host={quote(str(_socket_directory(self.data)))}"


@contextmanager
def running(cluster: Cluster) -> Iterator[Cluster]:
    """The cluster, running while the block lasts and shared with every other process inside such a block.

    Raises ClusterError when it cannot be made or started. The last block to end, of any process, stops the server.
    """
    users = _open_lock(cluster, "users")
    try:
        with _alone(cluster):
            flock(users, LOCK_SH)
            try:
                _initialise(cluster)
                _start(cluster)
            except OSError as error:
                raise ClusterError(f"cannot use {cluster.data}: {error}") from error
        try:
            yield cluster
        finally:
            with _alone(cluster):
                flock(users, LOCK_UN)
                if _try_lock(users):
                    stop(cluster)
    finally:
        os.close(users)


def stop(cluster: Cluster, *, mode: str = "fast") -> None:
    """Stops the server if it runs, in one of pg_ctl's modes; for those who know that nobody else uses it."""
    if is_answering(cluster):
        _run(cluster, "pg_ctl", "-D", str(cluster.data), "-m", mode, "-w", "stop")
    socket = _socket_directory(cluster.data)
    if socket != cluster.data.resolve():
        shutil.rmtree(socket, ignore_errors=True)


def is_answering(cluster: Cluster) -> bool:
    """Whether a server is there on the cluster's socket, also one that is still recovering or already stopping."""
    return _probe(cluster) in (_ACCEPTING, _REJECTING)


def _probe(cluster: Cluster) -> int:
    command = [str(cluster.binaries / "pg_isready"), "-q", "-h", str(_socket_directory(cluster.data)), "-p", _PORT]
    return subprocess.run(command, check=False).returncode


def _is_ready(cluster: Cluster) -> bool:
    """Whether a running server accepts connections, once it has recovered or stopped if it was about to."""
    deadline = time.monotonic() + cluster.start_timeout_s
    while (state := _probe(cluster)) == _REJECTING:
        if time.monotonic() > deadline:
            raise ClusterError(f"the database in {cluster.data} does not get ready (see {cluster.data / 'server.log'})")
        time.sleep(0.1)
    return state == _ACCEPTING


@contextmanager
def _alone(cluster: Cluster) -> Iterator[None]:
    """Starting and stopping happens in one process at a time."""
    lock = _open_lock(cluster, "starting")
    try:
        deadline = time.monotonic() + cluster.start_timeout_s
        while not _try_lock(lock):
            if time.monotonic() > deadline:
                raise ClusterError(f"another process has been starting the database in {cluster.data} for too long")
            time.sleep(0.05)
        yield
    finally:
        os.close(lock)


def _open_lock(cluster: Cluster, purpose: str) -> int:
    path = cluster.data.with_name(f"{cluster.data.name}.{purpose}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ClusterError(f"cannot use {path.parent}: {error.strerror}") from error


def _try_lock(descriptor: int) -> bool:
    try:
        flock(descriptor, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _initialise(cluster: Cluster) -> None:
    if (cluster.data / "PG_VERSION").exists():
        _check_version(cluster)
        return
    if cluster.data.exists() and any(cluster.data.iterdir()):
        raise ClusterError(f"{cluster.data} is neither empty nor a PostgreSQL data directory")
    # Made beside its place and then renamed: an initdb that was interrupted never leaves half a cluster behind.
    unfinished = cluster.data.with_name(cluster.data.name + ".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    owner = _server_user(cluster)
    if owner is not None:
        os.chown(unfinished, owner.pw_uid, owner.pw_gid)
        _let_through(unfinished)
    options = ("--auth=trust", "--encoding=UTF8", "--locale=C", "--username=postgres")
    _run(cluster, "initdb", "-D", str(unfinished), *options)
    if cluster.data.exists():
        cluster.data.rmdir()
    unfinished.rename(cluster.data)


def _check_version(cluster: Cluster) -> None:
    made_by = (cluster.data / "PG_VERSION").read_text().strip()
    answer = subprocess.run([cluster.binaries / "postgres", "--version"], check=True, capture_output=True, text=True)
    major = answer.stdout.split()[2].split(".")[0]
    if made_by != major:
        raise ClusterError(
            f"{cluster.data} was made by PostgreSQL {made_by}, this version brings {major}: "
            "dump it with the old version and load it into a new YISHU_HOME"
        )


def _start(cluster: Cluster) -> None:
    socket = _socket_directory(cluster.data)
    _make_socket_directory(cluster, socket)
    if _is_ready(cluster):
        return
    _forget_dead_server(cluster)
    settings = {
        **cluster.settings,
        "listen_addresses": "",
        "port": _PORT,
        "unix_socket_directories": str(socket),
        "unix_socket_permissions": "0700",
    }
    options = " ".join(f"-c {name}={_quoted(value)}" for name, value in settings.items())
    timeout = str(cluster.start_timeout_s)
    log = cluster.data / "server.log"
    _run(cluster, "pg_ctl", "-D", str(cluster.data), "-w", "-t", timeout, "-l", str(log), "-o", options, "start")


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "'\\''") + "'"


def _forget_dead_server(cluster: Cluster) -> None:
    """Removes lock files whose process is gone or is by now another program: PostgreSQL checks only the number.

    A process that was killed keeps its number until it has been waited for, and in a container that may take a while.
    """
    for lock in (cluster.data / "postmaster.pid", _socket_directory(cluster.data) / f".s.PGSQL.{_PORT}.lock"):
        if lock.exists() and not _is_server(lock, cluster):
            lock.unlink(missing_ok=True)


def _is_server(lock: Path, cluster: Cluster) -> bool:
    """Whether the process that a lock file names is the cluster's server."""
    try:
        process = psutil.Process(int(lock.read_text().split("\n", 1)[0]))
        return Path(process.cwd()) == cluster.data.resolve()
    except (psutil.Error, ValueError):
        return False


def _run(cluster: Cluster, program: str, *arguments: str) -> None:
    owner = _server_user(cluster)
    if owner is not None:
        _let_through(cluster.binaries / program)
    finished = subprocess.run(
        [cluster.binaries / program, *arguments],
        check=False,
        stdin=subprocess.DEVNULL,
        # A file, not a pipe: the server inherits it and would keep a pipe open for ever.
        stdout=(output := tempfile.TemporaryFile()),  # noqa: SIM115
        stderr=subprocess.STDOUT,
        user=None if owner is None else owner.pw_uid,
        group=None if owner is None else owner.pw_gid,
        extra_groups=None if owner is None else [],
        cwd="/",
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
    )
    with output:
        output.seek(0)
        said = output.read().decode(errors="replace").strip()
    if finished.returncode != 0:
        last = said.splitlines()[-1] if said else f"exit status {finished.returncode}"
        raise ClusterError(f"{program} failed for {cluster.data}: {last} (see {cluster.data / 'server.log'})")


def _server_user(cluster: Cluster) -> pwd.struct_passwd | None:
    """Who the server runs as: ourselves, except that PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    if cluster.data.exists() and (owner := cluster.data.stat().st_uid) != 0:
        return pwd.getpwuid(owner)
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ClusterError("PostgreSQL does not run as root, and there is no user postgres or nobody: use another user")


def _let_through(path: Path) -> None:
    """Lets the server's user pass (not read) the folders above what it needs; only ever called as root."""
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def _socket_directory(data: Path) -> Path:
    """The data directory itself or, where that is too long for a socket's name, one under the temporary folder."""
    data = data.resolve()
    if len(os.fsencode(data / f".s.PGSQL.{_PORT}")) <= _LONGEST_SOCKET_PATH_BYTES:
        return data
    digest = sha256(os.fsencode(data)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"yishu-{os.geteuid()}-{digest}"


def _make_socket_directory(cluster: Cluster, socket: Path) -> None:
    if socket == cluster.data.resolve():
        return
    owner = _server_user(cluster)
    socket.mkdir(mode=0o700, exist_ok=True)
    if socket.is_symlink() or socket.stat().st_uid not in (os.geteuid(), owner.pw_uid if owner else os.geteuid()):
        raise ClusterError(f"{socket} belongs to somebody else")
    socket.chmod(0o700)
    if owner is not None:
        os.chown(socket, owner.pw_uid, owner.pw_gid)
