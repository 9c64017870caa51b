"""Where the pieces of a training are worked on: here, one after the other, or on the machines of a cluster."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


class Engine(Protocol):
    """Works on pieces that know nothing of each other."""

    def map(self, work: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[Result]:
        """The results in the order of the tasks; few of them exist at a time. ``work`` is a function of a module."""
        ...


class LocalEngine:
    """In this process: the next piece is begun when the last one's result was taken."""

    def map(self, work: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[Result]:
        """See ``Engine``."""
        return map(work, tasks)
