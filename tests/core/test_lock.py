"""One hub per data folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from moodroom_hub.core.errors import StartError
from moodroom_hub.core.lock import HubLock, RunningHub, running

HOLDER = """
import sys, pathlib
from moodroom_hub.core.lock import HubLock
lock = HubLock(pathlib.Path(sys.argv[1]))
lock.acquire()
lock.set_url("http://127.0.0.1:7777")
print("held", flush=True)
sys.stdin.read()
"""


def test_nobody_runs_where_nobody_ran(tmp_path: Path) -> None:
    assert running(tmp_path / "nowhere") is None
    assert running(tmp_path) is None


def test_a_second_one_is_refused_and_told_of_the_first(tmp_path: Path) -> None:
    with HubLock(tmp_path / "data") as lock:
        assert running(tmp_path / "data") == RunningHub(os.getpid(), None)
        lock.set_url("http://127.0.0.1:7777")
        assert running(tmp_path / "data") == RunningHub(os.getpid(), "http://127.0.0.1:7777")
        with pytest.raises(StartError, match=f"pid {os.getpid()}"):
            HubLock(tmp_path / "data").acquire()
    assert running(tmp_path / "data") is None
    with HubLock(tmp_path / "data"):
        pass


def test_release_may_come_twice(tmp_path: Path) -> None:
    lock = HubLock(tmp_path)
    lock.acquire()
    lock.release()
    lock.release()


def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        assert running(tmp_path) == RunningHub(process.pid, "http://127.0.0.1:7777")
        process.kill()
        process.wait()
    assert running(tmp_path) is None
    with HubLock(tmp_path):
        pass


@pytest.mark.parametrize("content", [b"", b"nonsense", b"[]", b'{"pid": "x"}', b"\xff"])
def test_a_holder_that_cannot_be_read_still_holds(tmp_path: Path, content: bytes) -> None:
    with HubLock(tmp_path):
        (tmp_path / "hub.lock").write_bytes(content)
        assert running(tmp_path) == RunningHub(0, None)


def test_a_folder_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartError, match=r"hub\.data_dir"):
        HubLock(tmp_path / "file").acquire()
