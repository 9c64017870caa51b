"""What looks like a press and is none: repetitions, echoes, bouncing contacts, a held button."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from moodroom_hub.domain.models import EpochMs
from moodroom_hub.plugins.buttons.mappings import Heard, Mapped
from moodroom_hub.plugins.buttons.presets import Manner

HOLD_PAUSE_MS: Final = 2_000
"""A held button repeats itself about once a second: what comes within this of the last is the same hold."""
ECHO_MS: Final = 2_000
"""So late a device may say the same press in its other way."""
UPDATE_MS: Final = 35_000
"""Counting devices repeat their last press every 30 s: until then it cannot be told whether a first one is new."""
AT_REST: Final = "OFF"
REMEMBERED: Final = 2_000

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")


class _Memory(OrderedDict[KeyT, ValueT], Generic[KeyT, ValueT]):
    """Remembers the newest of what it was told: topics come from outside, and there may be any number of them."""

    def note(self, key: KeyT, value: ValueT) -> None:
        self[key] = value
        self.move_to_end(key)
        while len(self) > REMEMBERED:
            self.popitem(last=False)


@dataclass(slots=True)
class _Unpaired:
    way: int
    times: int
    at_ms: EpochMs


class Restraint:
    """Decides which words are presses. ``began_ms``: since when it listens."""

    def __init__(self, began_ms: EpochMs) -> None:
        self._began_ms = began_ms
        self._counts: _Memory[Hashable, int] = _Memory()
        self._states: _Memory[Hashable, str] = _Memory()
        self._unpaired: _Memory[Hashable, _Unpaired] = _Memory()
        self._pressed: _Memory[Hashable, EpochMs] = _Memory()
        self._held: _Memory[Hashable, EpochMs] = _Memory()

    def is_press(self, mapped: Mapped, heard: Heard, at_ms: EpochMs, *, is_retained: bool) -> bool:
        """Whether this is one. Old messages never are, but what they say of counts and states is learned."""
        source = (mapped.number, heard.device, heard.buttons)
        is_news = self._is_news(source, heard, at_ms, is_retained=is_retained)
        if is_retained or not is_news:
            return False
        if self._is_echo((mapped.number, heard.device, heard.word), heard.way, at_ms):
            return False
        for hold in heard.ends:
            self._held.pop((*source, hold), None)
        if heard.gesture is None:
            return False
        if heard.hold is not None and self._is_held_on((*source, heard.hold), at_ms):
            return False
        return not self._bounces((*source, heard.gesture), at_ms, mapped.debounce_ms)

    def _is_news(self, source: Hashable, heard: Heard, at_ms: EpochMs, *, is_retained: bool) -> bool:
        """Whether a device that repeats itself says something new."""
        if heard.manner is Manner.STATE:
            before = self._states.get(source)
            self._states.note(source, heard.word)
            # A button that is first heard of while it is up has told how it stands, and no more.
            return before != heard.word and (before, heard.word) != (None, AT_REST)
        if heard.manner is Manner.COUNTED and heard.count is not None:
            known = self._counts.get(source)
            self._counts.note(source, heard.count)
            is_early = not is_retained and 0 <= at_ms - self._began_ms < UPDATE_MS
            return known != heard.count and not (known is None and is_early)
        return True

    def _is_echo(self, key: Hashable, way: int, at_ms: EpochMs) -> bool:
        """Whether this is the second telling, in another way, of a press that is known: each pairs with one."""
        known = self._unpaired.get(key)
        if known is None or not 0 <= at_ms - known.at_ms <= ECHO_MS or known.times == 0:
            self._unpaired.note(key, _Unpaired(way, 1, at_ms))
            return False
        if known.way != way:
            known.times -= 1
            return True
        known.times += 1
        known.at_ms = at_ms
        return False

    def _is_held_on(self, key: Hashable, at_ms: EpochMs) -> bool:
        last_ms = self._held.get(key)
        self._held.note(key, at_ms)
        return last_ms is not None and 0 <= at_ms - last_ms < HOLD_PAUSE_MS

    def _bounces(self, key: Hashable, at_ms: EpochMs, debounce_ms: int) -> bool:
        last_ms = self._pressed.get(key)
        if last_ms is not None and 0 <= at_ms - last_ms < debounce_ms:
            return True
        self._pressed.note(key, at_ms)
        return False
