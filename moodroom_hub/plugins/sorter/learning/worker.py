"""A process of its own for the learning, so that the hub's loop never waits.

Reads one question from its input, writes progress and the answer as lines, and ends. It opens nothing but the model's
file; whoever wants it to stop kills it.
"""

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from moodroom_hub import __version__
from moodroom_hub.plugins.sorter.learning.model_file import (
    FORMAT,
    Manifest,
    ModelFileError,
    check_model,
    feature_settings,
    read_model,
    write_model,
)
from moodroom_hub.plugins.sorter.learning.task import Trained, TrainingTask
from moodroom_hub.plugins.sorter.learning.training import judge, train
from moodroom_hub.plugins.sorter.learning.wire import (
    TRAIN,
    Question,
    read_question,
    write_failure,
    write_judged,
    write_progress,
    write_trained,
)

BETWEEN_NEWS_S = 0.2


def work(lines: Iterable[bytes], out: TextIO, clock_s: Callable[[], float] = time.monotonic) -> None:
    """Answer the question of these lines on ``out``."""
    question = read_question(lines)
    try:
        answer = _trained(question, out, clock_s) if question.what == TRAIN else _judged(question)
    except ModelFileError as error:
        answer = [write_failure("model", str(error))]
    except MemoryError:
        answer = [write_failure("memory")]
    for line in answer:
        out.write(line + "\n")
    out.flush()


def _trained(question: Question, out: TextIO, clock_s: Callable[[], float]) -> Iterable[str]:
    last_s = clock_s()

    def tell(done: int, total: int) -> None:
        nonlocal last_s
        if clock_s() - last_s >= BETWEEN_NEWS_S:
            last_s = clock_s()
            out.write(write_progress(done, total) + "\n")
            out.flush()

    trained, model = train(question.task, tell)
    if question.path:
        try:
            write_model(Path(question.path), model, manifest_of(question.task, trained, datetime.now(UTC)))
        except OSError as error:
            raise ModelFileError(f"the model file can't be written ({error.strerror})") from None
    return write_trained(trained)


def _judged(question: Question) -> Iterable[str]:
    task = question.task
    model, manifest = read_model(Path(question.path))
    check_model(manifest, task.layer, task.names, task.is_mutual, task.is_complete)
    return write_judged(judge(model, task))


def manifest_of(task: TrainingTask, trained: Trained, now: datetime) -> Manifest:
    """What a file says of this training."""
    return Manifest(
        format=FORMAT,
        package=__version__,
        layer=task.layer,
        sublists=task.names,
        is_mutual=task.is_mutual,
        is_complete=task.is_complete,
        features=feature_settings(),
        trained_at=now.isoformat(timespec="seconds"),
        songs=len(task.songs),
        lessons=len(task.lessons),
        metrics={"accuracy": trained.accuracy, "calibration_error": trained.calibration_error} | dict(trained.scores),
    )
