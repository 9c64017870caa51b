"""The learning as the plugin asks for it: a process of its own, its troubles, and what crosses the wire."""

import asyncio
import dataclasses
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.plugins.sorter.learner import Learner
from moodroom_hub.plugins.sorter.learning.task import Judged, Lesson, Song, SongList, Trained, TrainingTask
from moodroom_hub.plugins.sorter.learning.wire import (
    PIECE,
    Answer,
    Question,
    read_question,
    write_question,
    write_trained,
)
from tests.plugins.sorter.learning.made_up import task, taught


async def test_a_training_and_its_model_in_the_real_process(tmp_path: Path) -> None:
    path = tmp_path / "moods.model"
    learner = Learner()
    trained = await learner.train(task(taught()), path)
    assert len(trained.chances) == len(task().songs)
    judged = await learner.judge(task(), path)
    assert (
        max(
            abs(a - b)
            for one, two in zip(judged.chances, trained.chances, strict=True)
            for a, b in zip(one, two, strict=True)
        )
        < 1e-5
    )


def _script(folder: Path, text: str) -> Learner:
    script = folder / "worker.py"
    script.write_text(text)
    return Learner(sys.executable, script)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("""print('{"failed": "missing", "text": "sklearn"}')""", r"pip install 'moodroom-hub\[sorter\]'"),
        ("""import sys; sys.stdin.read(); print('{"failed": "memory", "text": ""}')""", "memory"),
        ("import os; os.kill(os.getpid(), 9)", "ended early"),
        ("print('no JSON')", "ended early"),
        ("""import sys; sys.stdin.read(); print('{"whole": true}')""", "broke off"),
    ],
)
async def test_what_can_go_wrong_is_said_with_the_mend(tmp_path: Path, text: str, word: str) -> None:
    with pytest.raises(Trouble, match=word) as caught:
        await _script(tmp_path, text).train(task(taught()))
    assert caught.value.code is TroubleCode.UNAVAILABLE


async def test_a_file_that_is_refused_is_said_with_the_mend(tmp_path: Path) -> None:
    learner = _script(tmp_path, """print('{"failed": "model", "text": "it was changed"}')""")
    with pytest.raises(Trouble, match="it was changed; train the layer anew") as caught:
        await learner.judge(task(), tmp_path / "moods.model")
    assert caught.value.code is TroubleCode.CONFLICT


async def test_no_python_is_said_too(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="could not be started"):
        await Learner(str(tmp_path / "no python")).train(task())


async def test_who_changes_their_mind_leaves_no_process_behind(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    learner = _script(tmp_path, f"import os, time; open({str(mark)!r}, 'w').write(str(os.getpid())); time.sleep(600)")
    training = asyncio.create_task(learner.train(task(taught())))
    async for _ in _until(lambda: mark.is_file() and mark.read_text() != ""):
        pass
    training.cancel()
    with pytest.raises(asyncio.CancelledError):
        await training
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)


async def _until(is_done: object) -> AsyncIterator[None]:
    assert callable(is_done)
    while not is_done():
        await asyncio.sleep(0.005)
        yield


def test_a_task_crosses_the_wire_whole() -> None:
    song = Song("u", "Ünïcode\n☃", ("A", "B"), "C", 1999, 1_000, True, ("g",), ("late CONFIRMED",), 3, 4, (0.5, 0.25))
    whole = TrainingTask(
        songs=(song, *(Song(f"u{n}", "x") for n in range(2 * PIECE))),
        lists=(SongList("", ()), SongList("long", tuple((f"s{n}", "a") for n in range(2_500)))),
        lessons=(Lesson(1, frozenset({0, 1}), frozenset({2})),),
        names=("a", "b", "c"),
        is_mutual=False,
        is_complete=True,
        vectors={f"artist {n}": (0.5, n / 4) for n in range(PIECE + 1)},
        seed=7,
        is_quick=True,
        layer="moods",
    )
    question = Question("train", whole, "/x")
    lines = list(write_question(question))
    assert read_question(lines) == question
    assert max(map(len, lines)) < 100_000
    with pytest.raises(ValueError, match="broke off"):
        read_question(lines[:-1])


def test_an_answer_crosses_the_wire_whole() -> None:
    rows = tuple((n / 1000, 0.5) for n in range(PIECE + 1))
    trained = Trained(rows, ("“why”",) * len(rows), rows[:3], "linear", (("linear", 0.5),), 0.5, 0.25, rows)
    answer = Answer()
    for line in write_trained(trained):
        answer.take(line.encode())
    assert answer.is_whole
    assert answer.trained() == trained
    assert {each.name for each in dataclasses.fields(Judged)} <= {each.name for each in dataclasses.fields(Trained)}
