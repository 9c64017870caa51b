"""The configured mappings made ready: which topics to hear, and what a message on one of them asks for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from moodroom_hub.core.actions import Action, find_room
from moodroom_hub.core.config import ConfigError
from moodroom_hub.core.config.problems import Problem, closest, did_you_mean, printable
from moodroom_hub.core.topics import covers, is_match
from moodroom_hub.domain.models import DurationMs, Room, RoomSlug, ZoneName
from moodroom_hub.plugins.buttons.config import MappingSection, Wish
from moodroom_hub.plugins.buttons.matching import Path, words_at
from moodroom_hub.plugins.buttons.presets import PRESETS, Manner, Preset, Way
from moodroom_hub.plugins.buttons.vocabulary import names_of, vocabulary


@dataclass(frozen=True, slots=True)
class Heard:
    """One word of a device that a mapping may care for.

    ``device``: the topic without what the way adds, equal for all ways of one device. ``way``: which way it came.
    ``gesture``: what of the mapping it asks for, ``None`` where it only ends holds or tells how things stand.
    ``hold``: which hold it begins or goes on with; ``ends``: which ones may be over now.
    """

    device: str
    way: int
    word: str
    manner: Manner = Manner.PRESS
    gesture: str | None = None
    buttons: tuple[str, ...] = ()
    count: int | None = None
    hold: str | None = None
    ends: tuple[str, ...] = ()


class Mapped:
    """One mapping, ready. ``number`` is its place in the configuration."""

    def __init__(self, number: int, section: MappingSection, actions: Mapping[str, Action]) -> None:
        self.number = number
        self.debounce_ms: int = section.debounce
        self.actions = actions
        self._preset = PRESETS[section.preset] if section.preset is not None else None
        self._topic = section.topic
        self._values = frozenset(section.value)
        self._path: Path | None = section.steps
        self._ways = ways_of(section.topic, self._preset) if self._preset is not None else ()
        self._words = vocabulary(self._preset, actions) if self._preset is not None else {}

    @property
    def filters(self) -> tuple[str, ...]:
        """The topic filters that it wants to hear."""
        return tuple(topic for topic, _ in self._ways) if self._preset is not None else (self._topic,)

    @property
    def name(self) -> str:
        """Its key in the configuration."""
        return f"mappings[{self.number}]"

    def hear(self, topic: str, payload: bytes) -> Iterator[Heard]:
        """What a message says to this mapping; never raises, whatever it holds."""
        if self._preset is None:
            if is_match(self._topic, topic):
                yield from (
                    Heard(topic, 0, word, gesture="") for word in words_at(payload, self._path) if word in self._values
                )
            return
        for number, (topic_filter, way) in enumerate(self._ways):
            if is_match(topic_filter, topic):
                yield from self._signs(number, way, topic, payload, self._preset)
                return

    def _signs(self, number: int, way: Way, topic: str, payload: bytes, preset: Preset) -> Iterator[Heard]:
        device = device_of(topic, way)
        for sign in way.read(topic, payload):
            base = sign.word if preset.is_open else self._words.get(sign.word)
            names = [] if base is None else names_of(sign, base)
            gesture = next((name for name in names if name in self.actions), None)
            ends = preset.ends.get(sign.word, ())
            is_telling = way.manner is Manner.COUNTED or (way.manner is Manner.STATE and base is not None)
            if gesture is not None or ends or is_telling:
                hold = base if base in preset.holds else None
                yield Heard(device, number, sign.word, way.manner, gesture, sign.buttons, sign.count, hold, ends)


def ways_of(topic: str, preset: Preset) -> tuple[tuple[str, Way], ...]:
    """The filters of a device's ways. A topic that ends as one of them does is taken to mean that one alone."""
    levels = topic.split("/")
    for way in preset.ways:
        tail = way.suffix.split("/")[1:]
        if tail and len(levels) > len(tail) and is_match("/".join(tail), "/".join(levels[-len(tail) :])):
            return ((topic, way),)
    return tuple((topic + way.suffix, way) for way in preset.ways)


def device_of(topic: str, way: Way) -> str:
    """The device's own topic."""
    added = way.suffix.count("/")
    return "/".join(topic.split("/")[:-added]) if added else topic


def make_mappings(
    sections: Sequence[MappingSection], rooms: Mapping[RoomSlug, Room], base_topic: str = "moodroom"
) -> tuple[Mapped, ...]:
    """Every mapping, ready. ``base_topic``: what the hub's own topics begin with.

    Raises ``ConfigError`` with every room that there is not, and every topic that only the hub speaks on.
    """
    problems: list[Problem] = []
    made = []
    for number, section in enumerate(sections):
        if covers(f"{base_topic}/#", section.topic):
            problems.append(
                Problem(
                    "",
                    f"plugins.buttons.mappings[{number}].topic",
                    f"expected the topic of a button; all below {printable(base_topic)} is the hub's own",
                    "",
                )
            )
        actions: dict[str, Action] = {}
        for gesture, wish in section.wishes.items():
            key = f"plugins.buttons.mappings[{number}]" + (f".actions.{printable(gesture)}" if gesture else "")
            room = None
            if wish.room is not None:
                room = find_room(rooms, wish.room)
                if room is None:
                    problems.append(_no_room(f"{key}.room", wish.room, rooms))
            actions[gesture] = _action(wish, room)
        made.append(Mapped(number, section, actions))
    if problems:
        raise ConfigError(problems)
    return tuple(made)


def clashes(sections: Sequence[MappingSection]) -> Iterator[str]:
    """Mappings without a preset that one press asks for different things: what to say of each pair."""
    seen: dict[tuple[str, str | None, str], tuple[int, dict[str, Wish]]] = {}
    for number, section in enumerate(sections):
        for value in section.value:
            first, wishes = seen.setdefault((section.topic, section.path, value), (number, section.wishes))
            if wishes != section.wishes:
                yield (
                    f"mappings[{first}] and mappings[{number}] both hear {printable(value)} on "
                    f"{printable(section.topic)} and do different things: one press does both"
                )


def _action(wish: Wish, room: RoomSlug | None) -> Action:
    zone = ZoneName(wish.zone) if wish.zone is not None else None
    for_ms = DurationMs(wish.for_ms) if wish.for_ms is not None else None
    return Action(wish.action, room, zone, for_ms)


def _no_room(key: str, said: str, rooms: Mapping[RoomSlug, Room]) -> Problem:
    message = f"there is no room {printable(said)}; known: {', '.join(rooms)}"
    return Problem("", key, message, did_you_mean(closest(said, list(rooms))))
