"""How long to wait before the next attempt to connect."""

from random import Random
from typing import Final

from moodroom_hub.plugins.mqtt.timings import Timings

UNSTEADY_AFTER: Final = 3


class Pauses:
    """Doubling pauses with a little chance in them, so that not everybody comes back at the same moment."""

    def __init__(self, timings: Timings, rng: Random) -> None:
        self._timings = timings
        self._rng = rng
        self._pause_s = timings.first_pause
        self._refused_s = timings.first_refused_pause
        self._is_greeted = False
        self._short_lives = 0

    @property
    def is_unsteady(self) -> bool:
        """Whether connections are made and lost again at once, time after time."""
        return self._short_lives >= UNSTEADY_AFTER

    def greeted(self) -> None:
        """The broker let us in."""
        self._is_greeted = True
        self._refused_s = self._timings.first_refused_pause

    def steady(self) -> None:
        """The connection has lasted."""
        self._short_lives = 0
        self._pause_s = self._timings.first_pause

    def after_loss(self) -> float:
        """Seconds to wait after a broker that is away, or was there and left."""
        self._short_lives += self._is_greeted
        longest_s = self._timings.longest_unsteady_pause if self._is_greeted else self._timings.longest_pause
        pause_s = min(self._pause_s, longest_s)
        self._pause_s = min(pause_s * 2, longest_s)
        self._is_greeted = False
        return self._some(pause_s)

    def after_refusal(self) -> float:
        """Seconds to wait after a refused login."""
        pause_s = self._refused_s
        self._refused_s = min(pause_s * 2, self._timings.longest_refused_pause)
        self._is_greeted = False
        return self._some(pause_s)

    def _some(self, pause_s: float) -> float:
        return pause_s * self._rng.uniform(0.8, 1.0)
