"""From what a broker says while somebody presses a button to the mapping of that button. Pure."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from moodroom_hub.core.topics import is_match
from moodroom_hub.plugins.buttons.mappings import device_of
from moodroom_hub.plugins.buttons.matching import EVERY, Path, document_of, format_path, scalar_text, text_of
from moodroom_hub.plugins.buttons.presets import PRESETS, Manner, Preset, PresetName, Way
from moodroom_hub.plugins.buttons.restraint import AT_REST
from moodroom_hub.plugins.buttons.vocabulary import names_of

LONGEST_TOPIC: Final = 300
LONGEST_WORD: Final = 60
MOST_THINGS: Final = 2_000
"""Topics and values that are kept in mind; a whole house talks while one button is pressed."""
MOST_LEAVES: Final = 60
_TELLING: Final = re.compile(r"action|event|click|press|button|gesture|scene|key|command", re.IGNORECASE)
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,30}")
_REFERENCE: Final = re.compile(r"(env|file):")
"""The configuration would look such a text up in place of taking it as it is."""
_RESTLESS: Final = 6
"""A place that takes so many values is a sensor and no button."""
_PLACES: Final = {PresetName.ESPHOME_EVENT: "event", PresetName.ESPHOME_BINARY_SENSOR: "binary_sensor"}
"""A level that the topics of a preset hold, where what they say could be anybody's."""


@dataclass(frozen=True, slots=True)
class Guess:
    """What may have been the button. With ``preset``: ``gestures``, the most pressed first; else ``value`` at ``path``.

    ``times``: how often it was pressed.
    """

    topic: str
    times: int
    preset: PresetName | None = None
    gestures: tuple[str, ...] = ()
    path: str | None = None
    value: str = ""

    def mapping(self, wish: dict[str, str]) -> dict[str, Any]:
        """The mapping as the configuration has it; ``wish`` is what a press shall do (``action``, ``room``, ...)."""
        if self.preset is None:
            path = {} if self.path is None else {"path": self.path}
            return {"topic": self.topic, **path, "value": self.value, **wish}
        return {"preset": str(self.preset), "topic": self.topic, "actions": {self.gestures[0]: wish}}


@dataclass(frozen=True, slots=True)
class Seen:
    """One press of a device that a preset knows; ``gesture`` is ``None`` for what is only a part of one."""

    preset: PresetName
    device: str
    way: int
    word: str
    gesture: str | None


@dataclass(slots=True)
class _Device:
    words: dict[PresetName, set[str]] = field(default_factory=dict)
    gestures: dict[PresetName, Counter[tuple[int, str]]] = field(default_factory=dict)
    last: int = 0


@dataclass(slots=True)
class _Place:
    values: Counter[str] = field(default_factory=Counter)
    last: int = 0


class Learner:
    """Hears live messages and guesses which of them were the button."""

    def __init__(self) -> None:
        self._devices: dict[str, _Device] = {}
        self._places: dict[tuple[str, Path | None], _Place] = {}
        self.heard = 0

    def hear(self, topic: str, payload: bytes) -> str | None:
        """Hear one message. Gives what it was taken for where a known device was pressed: ``topic: gesture``."""
        self.heard += 1
        if len(topic) > LONGEST_TOPIC or _REFERENCE.match(topic):
            return None
        seen = list(recognised(topic, payload))
        for each in seen:
            self._note(each)
        if not seen:
            self._note_places(topic, payload)
        pressed = [each for each in seen if each.gesture is not None]
        return f"{topic}: {pressed[0].gesture}" if pressed else None

    def guesses(self, most: int = 5) -> list[Guess]:
        """The likeliest first. Where a known device was pressed, nothing else is guessed."""
        known = sorted(
            ((self._guess(name, device), device.last) for name, device in self._devices.items()),
            key=lambda each: (-each[0].times, -each[1]),
        )
        found = [guess for guess, _ in known if guess.gestures]
        return (found or self._other_guesses())[:most]

    def _note(self, seen: Seen) -> None:
        if seen.device not in self._devices and len(self._devices) >= MOST_THINGS:
            return
        device = self._devices.setdefault(seen.device, _Device())
        device.last = self.heard
        device.words.setdefault(seen.preset, set()).add(seen.word)
        counts = device.gestures.setdefault(seen.preset, Counter())
        if seen.gesture is not None:
            counts[seen.way, seen.gesture] += 1

    def _guess(self, topic: str, device: _Device) -> Guess:
        """The preset that knows most of the device's words; the plainest where several do."""
        order = list(PresetName)
        preset = min(device.words, key=lambda name: (-len(device.words[name]), order.index(name)))
        times: Counter[str] = Counter()
        for (_, gesture), count in device.gestures[preset].items():
            times[gesture] = max(times[gesture], count)  # what came in two ways was one press
        gestures = tuple(gesture for gesture, _ in times.most_common())
        return Guess(topic, max(times.values(), default=0), preset, gestures)

    def _note_places(self, topic: str, payload: bytes) -> None:
        for path, word in _leaves_of(payload):
            key = (topic, path)
            if key not in self._places and len(self._places) >= MOST_THINGS:
                return
            place = self._places.setdefault(key, _Place())
            place.last = self.heard
            if len(place.values) < _RESTLESS or word in place.values:
                place.values[word] += 1

    def _other_guesses(self) -> list[Guess]:
        rated = []
        for (topic, path), place in self._places.items():
            word, times = place.values.most_common(1)[0]
            key = path[-1] if path else topic.rpartition("/")[2]
            score = 3 * bool(_TELLING.search(key)) + 2 * bool(_WORD.fullmatch(word)) + (times > 1)
            if len(place.values) < _RESTLESS and score >= 2:
                guess = Guess(topic, times, path=None if path is None else format_path(path), value=word)
                rated.append((-score, -times, -place.last, guess))
        return [guess for *_, guess in sorted(rated, key=lambda each: each[:3])]


def recognised(topic: str, payload: bytes) -> Iterator[Seen]:
    """What every preset makes of a message; never raises, whatever it holds."""
    levels = topic.split("/")
    for name, preset in PRESETS.items():
        if name in _PLACES and _PLACES[name] not in levels:
            continue
        for number, way in enumerate(preset.ways):
            if _is_way(way, levels):
                yield from _seen(name, preset, number, way, topic, payload)


def _is_way(way: Way, levels: list[str]) -> bool:
    tail = way.suffix.split("/")[1:]
    return not tail or (len(levels) > len(tail) and is_match("/".join(tail), "/".join(levels[-len(tail) :])))


def _seen(name: PresetName, preset: Preset, number: int, way: Way, topic: str, payload: bytes) -> Iterator[Seen]:
    words = {word: gesture for gesture, said in preset.words.items() for word in said}
    words |= {short.press: gesture for gesture, short in preset.shorts.items()}
    parts = {short.release for short in preset.shorts.values()} | set(preset.ends)
    for sign in way.read(topic, payload):
        gesture = sign.word if preset.is_open else words.get(sign.word)
        if not _can_stand(sign.word) or (gesture is None and sign.word not in parts):
            continue
        if gesture is not None:
            gesture = names_of(sign, gesture)[0]
        if way.manner is Manner.STATE and sign.word == AT_REST:
            gesture = None
        yield Seen(name, device_of(topic, way), number, sign.word, gesture)


def _leaves_of(payload: bytes) -> Iterator[tuple[Path | None, str]]:
    document = document_of(payload)
    if isinstance(document, dict | list):
        for count, (path, word) in enumerate(_leaves(document, ())):
            if count >= MOST_LEAVES:
                return
            if _can_stand(word) and EVERY not in path:
                yield path, word
        return
    text = text_of(payload)
    if text is not None and _can_stand(text):
        yield None, text


def _can_stand(word: str) -> bool:
    return len(word) <= LONGEST_WORD and not _REFERENCE.match(word)


def _leaves(document: Any, above: Path) -> Iterator[tuple[Path, str]]:
    if len(above) > 8:
        return
    items = document.items() if isinstance(document, dict) else enumerate(document)
    for key, child in items:
        steps = (*above, str(key))
        if isinstance(child, dict | list):
            yield from _leaves(child, steps)
        elif key != "" and (word := scalar_text(child)) is not None:
            yield steps, word
