"""A training in a process of its own, and one on a cluster."""

import asyncio
import io
import json
import os
import select
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from moodroom_hub.plugins.radio.model import DEFAULT_RECOMMENDER, KIND, StationModel
from moodroom_hub.plugins.radio.model_file import ArrayFile
from moodroom_hub.plugins.radio.training.__main__ import main
from moodroom_hub.plugins.radio.training.cluster import ClusterError, DaskEngine
from moodroom_hub.plugins.radio.training.fitting import FOLDER
from moodroom_hub.plugins.radio.training.order import Order
from moodroom_hub.plugins.radio.training.process import TrainingFailed, train_apart
from moodroom_hub.plugins.radio.training.reading import Faults, RawList
from moodroom_hub.plugins.radio.training.wire import read_order, write_order
from tests.plugins.radio.training.tiny import as_slice, made_up, write_slices


def many_slices(folder: Path) -> None:
    """More to read than a test wants to wait for: one file under many names."""
    folder.mkdir()
    (folder / "mpd.slice.0.json").write_text(json.dumps(as_slice(made_up(1_000))))
    for number in range(1, 400):
        os.link(folder / "mpd.slice.0.json", folder / f"mpd.slice.{number}.json")


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_an_order_is_read_as_it_was_written() -> None:
    order = Order(Path("a\nb"), (Path("c"), Path("d")), True, 3, "seed", "tcp://x:1", 4, 5)
    extra = [RawList("mine", ["A", "B\n"]), RawList("", [])]
    lines = iter([*write_order(order, extra), b"not read"])
    assert read_order(lines) == (order, extra)
    assert next(lines) == b"not read"
    with pytest.raises(ValueError, match="broke off"):
        read_order(iter(list(write_order(order, extra))[:-1]))


async def test_a_training_apart_tells_what_it_does_and_what_it_left_out(tmp_path: Path) -> None:
    write_slices(tmp_path / "mpd", made_up(60))
    (tmp_path / "mpd" / "broken.json").write_text("{")
    told: list[tuple[str, int, int]] = []
    heard: list[Faults] = []
    order = Order(tmp_path / "m", (tmp_path / "mpd",), seed=5)
    document = await train_apart(order, [RawList("mine", ["A", "B"])], lambda *news: told.append(news), heard.append)
    assert (document["seed"], document["recommender"]) == (5, DEFAULT_RECOMMENDER)
    assert {"reading", "counting", "writing"} <= {doing for doing, _, _ in told}
    assert [(faults.count, faults.files) for faults in heard] == [(1, 1)]
    with StationModel.open(tmp_path / "m") as model:
        assert len(model) == 60
        assert model.manifest.data[-1] == ("own", 1, 0)
    order = Order(tmp_path / "m", is_update=True)
    assert (await train_apart(order))["seed"] == 5
    assert (await train_apart(replace(order, seed=6)))["seed"] == 6


@pytest.mark.parametrize(
    ("order", "why"),
    [
        (Order(Path("m"), (Path("gone"),)), "source"),
        (Order(Path("gone"), is_update=True), "model"),
        (Order(Path("m"), recommender="none"), "model"),
        (Order(Path("file/m"), (Path("lists"),)), "disk"),
    ],
)
async def test_what_fails_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: Order, why: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(TrainingFailed, match=r"\w+") as failed:
        await train_apart(order)
    assert failed.value.why == why
    assert "\n" not in str(failed.value)


async def test_who_cancels_it_is_rid_of_it(tmp_path: Path) -> None:
    many_slices(tmp_path / "mpd")
    began = asyncio.Event()
    task = asyncio.create_task(
        train_apart(Order(tmp_path / "m", (tmp_path / "mpd",)), tell=lambda doing, done, whole: began.set())
    )
    await began.wait()
    assert any(name.startswith(FOLDER) for name in names_in(tmp_path))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert names_in(tmp_path) == ["mpd"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such files here")
async def test_who_cancels_it_is_rid_of_it_at_once_though_it_waits_for_a_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "m.lists")
    write_slices(tmp_path / "mpd", made_up(30))
    await train_apart(Order(tmp_path / "n", (tmp_path / "mpd",), recommender="seed"))
    (tmp_path / "n").rename(tmp_path / "m")
    (tmp_path / "n.lists").unlink()
    task = asyncio.create_task(train_apart(Order(tmp_path / "m", (tmp_path / "mpd",), is_update=True)))
    while not any(name.startswith(FOLDER) for name in names_in(tmp_path)):  # noqa: ASYNC110 -- another process makes it
        await asyncio.sleep(0.01)
    cancelled_s = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - cancelled_s < 3
    assert sorted(names_in(tmp_path)) == ["m", "m.lists", "mpd"]


HUB = """
import asyncio, sys
from pathlib import Path
from moodroom_hub.plugins.radio.training.order import Order
from moodroom_hub.plugins.radio.training.process import train_apart

order = Order(Path(sys.argv[1]) / "m", (Path(sys.argv[1]) / "mpd",))
asyncio.run(train_apart(order, tell=lambda *news: print(*news, flush=True)))
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waiting for a stranger's process is Linux's")
def test_it_dies_with_the_hub(tmp_path: Path) -> None:
    many_slices(tmp_path / "mpd")
    with subprocess.Popen([sys.executable, "-c", HUB, str(tmp_path)], stdout=subprocess.PIPE) as hub:
        assert hub.stdout is not None
        assert hub.stdout.readline().startswith(b"reading")
        folder = next(name for name in names_in(tmp_path) if name.startswith(FOLDER))
        worker = os.pidfd_open(int(folder.removeprefix(FOLDER).partition("-")[0]))
        hub.kill()
        hub.wait()
    try:
        assert select.select([worker], [], [], 30)[0], "the training goes on without its hub"
    finally:
        os.close(worker)
    assert names_in(tmp_path) == ["mpd"]


@pytest.mark.slow
async def test_a_cluster_gives_the_same_bits(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="the extra radio-cluster is not installed")
    write_slices(tmp_path / "mpd", made_up(400), each=4)
    # In processes of their own: Dask keeps threads as long as its process lives.
    await train_apart(Order(tmp_path / "here", (tmp_path / "mpd",)))
    await train_apart(Order(tmp_path / "there", (tmp_path / "mpd",), cluster="local", workers=2))
    here, there = (ArrayFile.open(tmp_path / name, KIND) for name in ("here", "there"))
    assert all(np.array_equal(array, there.arrays[name]) for name, array in here.arrays.items())
    assert (tmp_path / "here.lists").read_bytes() == (tmp_path / "there.lists").read_bytes()


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense", "tcp://[::1", "tcp://127.0.0.1:99999"])
def test_a_scheduler_that_is_not_there_is_said(address: str) -> None:
    pytest.importorskip("distributed", reason="the extra radio-cluster is not installed")
    with pytest.raises(ClusterError, match="no Dask scheduler answers at"):
        DaskEngine(address)


def test_the_command_trains_and_says_what_failed(tmp_path: Path) -> None:
    write_slices(tmp_path / "mpd", made_up(30))
    (tmp_path / "mpd" / "broken.json").write_text("{")
    out, news = io.StringIO(), io.StringIO()
    assert main([str(tmp_path / "m"), str(tmp_path / "mpd"), "--recommender", "seed"], out, news) == 0
    assert "60 artists, 30 lists" in out.getvalue()
    assert "left out: broken.json: is no JSON" in news.getvalue()
    assert "reading" in news.getvalue()
    assert main([str(tmp_path / "gone"), "--update"], out, news) == 1
    assert news.getvalue().endswith("gone can't be read (No such file or directory)\n")
