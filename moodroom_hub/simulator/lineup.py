"""The order of a context (a playlist, an album, a list of uris) and where in it the player stands."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random


@dataclass(slots=True)
class Lineup:
    """``order`` holds indices into ``uris``; ``at`` is the place in ``order`` that played last (-1: none yet)."""

    uris: tuple[str, ...] = ()
    context_uri: str | None = None
    order: list[int] = field(default_factory=list)
    at: int = -1

    @classmethod
    def begin(cls, uris: Sequence[str], context_uri: str | None, start: int, shuffle: bool, rng: Random) -> "Lineup":
        """A line-up whose next step gives the item at ``start`` of the unshuffled list."""
        lineup = cls(tuple(uris), context_uri, list(range(len(uris))), start - 1)
        if shuffle:
            lineup.at = start
            lineup.set_shuffle(True, rng)
            lineup.at = -1
        return lineup

    def step(self, wraps: bool) -> str | None:
        """Move on; gives what plays now, ``None`` at the end (where the place stays)."""
        if self.at + 1 >= len(self.order):
            if not wraps or not self.order:
                return None
            self.at = -1
        self.at += 1
        return self.uris[self.order[self.at]]

    def back(self) -> str | None:
        """Move one back; ``None`` at the beginning."""
        if self.at <= 0:
            return None
        self.at -= 1
        return self.uris[self.order[self.at]]

    def upcoming(self, wraps: bool, limit: int) -> list[str]:
        """What comes next."""
        rest = self.order[self.at + 1 :]
        if wraps:
            rest = rest + self.order[: self.at + 1]
        return [self.uris[index] for index in rest[:limit]]

    def set_shuffle(self, is_on: bool, rng: Random) -> None:
        """Shuffle what is left behind the present item, or go back to the list's own order."""
        if not self.order:
            return
        current = self.order[self.at] if 0 <= self.at < len(self.order) else None
        if not is_on:
            self.order = list(range(len(self.uris)))
            self.at = -1 if current is None else current
            return
        rest = [index for index in range(len(self.uris)) if index != current]
        rng.shuffle(rest)
        self.order = rest if current is None else [current, *rest]
        self.at = -1 if current is None else 0
