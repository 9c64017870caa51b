"""The learning runs in this process here: on one thread, as in its own; and with all its models only once."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from threadpoolctl import threadpool_limits

from moodroom_hub.plugins.sorter.learning.task import Trained, TrainingTask
from moodroom_hub.plugins.sorter.learning.training import Model, train
from tests.plugins.sorter.learning.made_up import task, taught


@dataclass
class WholeTraining:
    """One as at night. ``steps``: how far it said that it was, one after the other."""

    task: TrainingTask = field(default_factory=lambda: task(taught(), is_quick=False))
    steps: list[tuple[int, int]] = field(default_factory=list)
    trained: Trained = field(init=False)
    model: Model = field(init=False)


@pytest.fixture(scope="session")
def whole_training() -> WholeTraining:
    """With every model, of a few clear labels."""
    done = WholeTraining()
    with threadpool_limits(1):
        done.trained, done.model = train(done.task, lambda *step: done.steps.append(step))
    return done


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Several only get in each other's way on a busy machine."""
    with threadpool_limits(1):
        yield
