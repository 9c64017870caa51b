"""What a killed demo left goes away with the next one; nothing else ever does."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from moodroom_hub.app.demo_folder import MARKER, PREFIX, SIGN, sweep, temporary_folder

LIVING = """
import pathlib
from moodroom_hub.app.demo_folder import temporary_folder
with temporary_folder() as folder:
    (folder / "data").mkdir()
    (folder / "data" / "moodroom.db").write_text("music")
    print(folder, flush=True)
    input()
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder of our own."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


@contextmanager
def living(place: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A process that has a demo's folder, and the folder."""
    with subprocess.Popen(
        [sys.executable, "-c", LIVING],
        env=dict(os.environ, TMPDIR=str(place)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield process, Path(process.stdout.readline().strip())
        finally:
            process.kill()


def test_what_a_killed_demo_left_is_swept_by_the_next_one_and_the_living_stay(place: Path) -> None:
    with living(place) as (killed, left), living(place) as (_, home):
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert (left / "data" / "moodroom.db").exists()
        with temporary_folder() as folder:
            assert not left.exists()
            assert (home / "data" / "moodroom.db").exists()
            assert {each.name for each in place.iterdir()} == {home.name, folder.name}
    assert not folder.exists()


def test_links_are_never_followed(place: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / MARKER).write_bytes(SIGN)
    (place / f"{PREFIX}link").symlink_to(precious)

    lured = place / f"{PREFIX}lured"
    lured.mkdir()
    (lured / MARKER).symlink_to(precious / MARKER)

    dead = place / f"{PREFIX}dead"
    dead.mkdir()
    (dead / MARKER).write_bytes(SIGN)
    (dead / "out").symlink_to(precious)

    sweep(place)
    assert (precious / MARKER).read_bytes() == SIGN
    assert {each.name for each in place.iterdir()} == {f"{PREFIX}link", f"{PREFIX}lured"}


def test_what_does_not_carry_our_sign_stays(place: Path) -> None:
    for name, content in {"bare": None, "empty": b"", "foreign": b"mine", "longer": SIGN + b"and more"}.items():
        folder = place / f"{PREFIX}{name}"
        folder.mkdir()
        if content is not None:
            (folder / MARKER).write_bytes(content)
    pipe = place / f"{PREFIX}pipe"
    pipe.mkdir()
    os.mkfifo(pipe / MARKER)
    (place / f"{PREFIX}file").write_text("a file")
    other = place / "somebody-else"
    other.mkdir()
    (other / MARKER).write_bytes(SIGN)
    before = sorted(place.rglob("*"))
    sweep(place)
    assert sorted(place.rglob("*")) == before


def test_what_belongs_to_another_user_stays(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = place / f"{PREFIX}theirs"
    folder.mkdir()
    (folder / MARKER).write_bytes(SIGN)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    sweep(place)
    assert folder.exists()


def test_a_place_that_cannot_be_read_is_no_trouble(place: Path) -> None:
    sweep(place / "nowhere")
