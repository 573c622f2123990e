"""A private PostgreSQL is made once, shared while it is used, and never in the way of the next start."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import asyncpg
import psutil
import pytest

from api.cluster import Cluster, ClusterError, is_answering, running
from api.embedded import embedded_cluster

SMALL = {"fsync": "off", "shared_buffers": "16MB", "max_connections": "20"}
HOLD = """
import sys
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote
from api.cluster import running
from api.embedded import embedded_cluster
cluster = replace(embedded_cluster(Path(sys.argv[1])), settings={"fsync": "off", "shared_buffers": "16MB"})
with running(cluster):
    print("running", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def cluster(home: Path) -> Cluster:
    return replace(embedded_cluster(home), settings=SMALL)


def _hold(home: Path) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "running\n"
    return process


def _socket_of(cluster: Cluster) -> str:
    return unquote(cluster.url("postgres").partition("?host=")[2])


def _release(process: "subprocess.Popen[str]") -> None:
    process.communicate()
    assert process.returncode == 0


async def test_data_survives_a_restart(cluster: Cluster) -> None:
    for statement in ("create table kept (id int)", "insert into kept values (1)"):
        with running(cluster):
            connection = await asyncpg.connect(cluster.url("postgres"))
            await connection.execute(statement)
            await connection.close()

    assert not is_answering(cluster)


def test_two_processes_share_one_server_and_the_last_stops_it(home: Path, cluster: Cluster) -> None:
    first, second = _hold(home), _hold(home)

    _release(first)
    assert is_answering(cluster)
    _release(second)

    assert not is_answering(cluster)


def test_a_killed_process_is_not_in_the_way_of_the_next(home: Path, cluster: Cluster) -> None:
    killed = _hold(home)
    killed.kill()
    killed.communicate()

    with running(cluster):
        assert is_answering(cluster)

    assert not is_answering(cluster)


def test_a_killed_server_recovers(home: Path, cluster: Cluster) -> None:
    holder = _hold(home)
    postmaster = psutil.Process(int((cluster.data / "postmaster.pid").read_text().split("\n", 1)[0]))
    for process in (postmaster, *postmaster.children()):
        process.send_signal(signal.SIGKILL)
    psutil.wait_procs([postmaster], timeout=10)

    with running(cluster):
        assert is_answering(cluster)
    _release(holder)


def test_a_number_of_another_process_in_the_pid_file_is_not_in_the_way(cluster: Cluster) -> None:
    with running(cluster):
        text = (cluster.data / "postmaster.pid").read_text()
    (cluster.data / "postmaster.pid").write_text(text.replace(text.split("\n", 1)[0], str(os.getpid()), 1))

    with running(cluster):
        assert is_answering(cluster)


def test_the_number_of_a_dead_server_that_nobody_has_waited_for_is_not_in_the_way(cluster: Cluster) -> None:
    with running(cluster):
        files = [cluster.data / "postmaster.pid", *Path(_socket_of(cluster)).glob(".s.PGSQL.*.lock")]
        texts = [file.read_text() for file in files]
    owner = cluster.data.stat()
    dead = subprocess.Popen(["true"], user=owner.st_uid, group=owner.st_gid)
    time.sleep(0.1)  # it has ended, and stays in the table of processes
    for file, text in zip(files, texts, strict=True):
        file.write_text(text.replace(text.split("\n", 1)[0], str(dead.pid), 1))
        os.chown(file, owner.st_uid, owner.st_gid)

    with running(cluster):
        assert is_answering(cluster)
    dead.wait()


def test_an_interrupted_start_leaves_no_half_made_data(cluster: Cluster) -> None:
    unfinished = cluster.data.with_name("postgres.new")
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18")

    with running(cluster):
        assert is_answering(cluster)

    assert not unfinished.exists()


def test_a_long_path_gets_a_socket_elsewhere(home: Path, cluster: Cluster) -> None:
    deep = replace(cluster, data=home / ("d" * 120) / "postgres")

    with running(deep):
        assert is_answering(deep)
        elsewhere = Path(unquote(deep.url("postgres").partition("host=")[2]))
        assert elsewhere.is_dir()

    assert not elsewhere.exists()


def test_a_folder_with_something_else_is_left_alone(cluster: Cluster) -> None:
    cluster.data.mkdir(parents=True)
    (cluster.data / "letter.txt").write_text("dear")

    with pytest.raises(ClusterError, match="neither empty nor a PostgreSQL data directory"), running(cluster):
        pass


def test_data_of_another_version_is_refused(cluster: Cluster) -> None:
    with running(cluster):
        pass
    (cluster.data / "PG_VERSION").write_text("16\n")

    with pytest.raises(ClusterError, match="made by PostgreSQL 16, this version brings 18"), running(cluster):
        pass


def test_a_home_that_is_a_file_is_told(home: Path) -> None:
    (home / "home").write_text("")

    with pytest.raises(ClusterError, match="cannot use"), running(embedded_cluster(home / "home")):
        pass


def test_a_server_that_cannot_start_says_where_to_look(cluster: Cluster) -> None:
    broken = replace(cluster, settings={"max_connections": "none"}, start_timeout_s=5)

    with pytest.raises(ClusterError, match=r"pg_ctl failed.*server\.log"), running(broken):
        pass


def test_waiting_for_another_start_ends(home: Path, cluster: Cluster) -> None:
    code = "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, 2); print(flush=True); sys.stdin.read()"
    starter = subprocess.Popen(
        [sys.executable, "-c", code, str(home / "postgres.starting")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert starter.stdout is not None
    starter.stdout.readline()
    began = time.monotonic()

    with pytest.raises(ClusterError, match="for too long"), running(replace(cluster, start_timeout_s=1)):
        pass

    assert time.monotonic() - began < 5
    starter.communicate()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_it_works_for_an_ordinary_user_as_for_root(home: Path) -> None:
    home.chmod(0o711)
    home /= "ordinary"
    home.mkdir()
    os.chown(home, 65534, 65534)
    # The interpreter itself may be where only root can read it, so it is started first.
    become = "import os; os.setgroups([]); os.setgid(65534); os.setuid(65534)\ncluster ="
    code = HOLD.replace("cluster =", become).replace("sys.stdin.read()", "")

    finished = subprocess.run([sys.executable, "-c", code, str(home)], check=False, capture_output=True, text=True)

    assert (finished.returncode, finished.stdout) == (0, "running\n"), finished.stderr
    assert (home / "postgres" / "PG_VERSION").stat().st_uid == 65534
