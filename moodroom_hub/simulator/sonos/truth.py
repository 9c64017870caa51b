"""What was really listened to in the household, and how often that makes a play by any rule."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from moodroom_hub.simulator.sonos.music import MediaKind, Recording

GOES_ON_WITHIN_MS = 10_000
"""A recording that sounds again this near to where it was left goes on; elsewhere it is listened to anew."""
VERY_START_MS = 3_000
STREAM_GOES_ON_WITHIN_MS = 600_000
"""A stream that tells nothing is the same listen after a break as long as this; after a longer one it is another."""
_REMEMBERED = 8

Threshold = Callable[[int | None], int | None]
"""How long must be heard (ms) for a duration (ms; ``None``: unknown) to count; ``None``: never."""


class Began(StrEnum):
    """How a listen began."""

    START = "start"
    """Somebody started it, or what led to it."""
    FOLLOWED = "followed"
    """It was its turn in the queue, or on the air."""
    REPEAT = "repeat"
    """The same recording had just come to its end."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which it sounded without a break, on these players. Wall times and positions in milliseconds.

    ``is_restart``: somebody had just put the needle back to the very start.
    """

    from_ms: int
    to_ms: int
    from_position_ms: int
    to_position_ms: int
    players: tuple[str, ...]
    is_restart: bool = False

    @property
    def heard_ms(self) -> int:
        """How long it sounded."""
        return self.to_ms - self.from_ms


@dataclass(slots=True)
class SonosListen:
    """One listen of one recording, whatever interrupted it: pauses, television, other groups, other rooms.

    ``id`` counts from 1. ``has_finished``: it came to its own end. ``is_mirrored``: the simulated Spotify plays it.
    """

    id: int
    recording: Recording
    kind: MediaKind
    began: Began
    stretches: list[Stretch] = field(default_factory=list)
    has_finished: bool = False
    is_mirrored: bool = False
    _since: tuple[int, int, tuple[str, ...]] | None = None
    _restarts: bool = False

    @property
    def heard_ms(self) -> int:
        """How long it sounded in all."""
        return sum(stretch.heard_ms for stretch in self.stretches)

    @property
    def is_sounding(self) -> bool:
        """Whether it sounds (or is about to) now."""
        return self._since is not None

    def sound(self, from_ms: int, position_ms: int, players: tuple[str, ...]) -> None:
        """It sounds from then on."""
        self._since = (from_ms, position_ms, players)

    def hush(self, at_ms: int) -> None:
        """It is silent from now on."""
        since, self._since = self._since, None
        if since is None:
            return
        from_ms, position_ms, players = since
        if at_ms > from_ms:
            to_position_ms = position_ms + at_ms - from_ms
            self.stretches.append(Stretch(from_ms, at_ms, position_ms, to_position_ms, players, self._restarts))
            self._restarts = False

    def restart(self) -> None:
        """The needle is put back to the very start."""
        self._restarts = bool(self.stretches)

    def until(self, at_ms: int) -> list[Stretch]:
        """All stretches, the one under way cut off at ``at_ms``."""
        if self._since is None or at_ms <= self._since[0]:
            return list(self.stretches)
        from_ms, position_ms, players = self._since
        under_way = Stretch(from_ms, at_ms, position_ms, position_ms + at_ms - from_ms, players, self._restarts)
        return [*self.stretches, under_way]


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that somebody did in the household."""

    at_ms: int
    name: str
    player: str
    detail: str = ""


@dataclass(slots=True)
class SonosTruth:
    """The household's own record, up to ``at_ms``. ``listens`` in the order of their beginnings."""

    listens: list[SonosListen] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)
    at_ms: int = 0
    _latest: dict[Recording, list[SonosListen]] = field(default_factory=dict)

    def begin(
        self,
        recording: Recording,
        kind: MediaKind,
        began: Began,
        position_ms: int,
        at_ms: int,
        players: tuple[str, ...],
        left: SonosListen | None = None,
    ) -> SonosListen:
        """The listen that a sound of this recording belongs to: the interrupted one that goes on here, or a new one.

        A stream has no place to go on from: somebody who tunes in at a player that did not sound then listens anew,
        whoever plays along with it (``players``, the leading one first). ``left`` is what sounded there before: the
        same recording is that listen, whose place somebody moved; from its very start it is a restart of it.
        """
        if left is not None and left.recording == recording and _was_left(left):
            if position_ms <= VERY_START_MS:
                left.restart()
            return left
        latest = self._latest.setdefault(recording, [])
        for former in reversed(latest):
            if not former.is_sounding and _goes_on(former, position_ms, at_ms, players):
                return former
        listen = SonosListen(len(self.listens) + 1, recording, kind, began)
        self.listens.append(listen)
        latest.append(listen)
        del latest[:-_REMEMBERED]
        return listen


@dataclass(frozen=True, slots=True)
class TruePlay:
    """A listen (or, after a restart once it had counted, a further part of it) and how it stands to the threshold.

    ``counted_ms``: the moment it passed (``None``: never). ``margin_ms``: heard minus threshold; below 0 it is none.
    ``players``: where it sounded when it passed, or at last.
    """

    listen_id: int
    recording: Recording
    began_ms: int
    ended_ms: int
    heard_ms: int
    threshold_ms: int | None
    counted_ms: int | None
    players: tuple[str, ...]

    @property
    def margin_ms(self) -> int:
        """How far the heard time was from the threshold; where nothing ever counts: minus what was heard."""
        return -self.heard_ms if self.threshold_ms is None else self.heard_ms - self.threshold_ms


def judged(truth: SonosTruth, threshold: Threshold) -> list[TruePlay]:
    """Every listen, counted or not, in the order of their beginnings."""
    plays: list[TruePlay] = []
    for listen in truth.listens:
        limit_ms = threshold(listen.recording.duration_ms)
        plays.extend(_judge(listen, part, limit_ms) for part in _parts(listen.until(truth.at_ms), limit_ms))
    return sorted(plays, key=lambda play: play.began_ms)


def true_plays(truth: SonosTruth, threshold: Threshold) -> list[TruePlay]:
    """The plays that were true by this rule, in the order in which they passed it."""
    counted = [play for play in judged(truth, threshold) if play.counted_ms is not None]
    return sorted(counted, key=lambda play: play.counted_ms or 0)


def _goes_on(former: SonosListen, position_ms: int, at_ms: int, players: tuple[str, ...]) -> bool:
    if former.has_finished or not former.stretches:
        return False
    if former.recording.duration_ms is None and players[0] not in former.stretches[-1].players:
        return False
    if former.recording.airing_ms is not None:
        return True
    if former.recording.duration_ms is None:
        return at_ms - former.stretches[-1].to_ms <= STREAM_GOES_ON_WITHIN_MS
    left_ms = former.stretches[-1].to_position_ms
    return position_ms > VERY_START_MS and abs(position_ms - left_ms) <= GOES_ON_WITHIN_MS


def _was_left(left: SonosListen) -> bool:
    is_stream = left.recording.duration_ms is None
    return not (is_stream or left.has_finished or left.is_sounding)


def _parts(stretches: list[Stretch], limit_ms: int | None) -> Iterator[list[Stretch]]:
    part: list[Stretch] = []
    heard_ms = 0
    for stretch in stretches:
        if stretch.is_restart and limit_ms is not None and heard_ms >= limit_ms:
            yield part
            part, heard_ms = [], 0
        part.append(stretch)
        heard_ms += stretch.heard_ms
    if part:
        yield part


def _judge(listen: SonosListen, part: list[Stretch], limit_ms: int | None) -> TruePlay:
    heard_ms = 0
    counted_ms, players = None, part[-1].players
    for stretch in part:
        if counted_ms is None and limit_ms is not None and heard_ms + stretch.heard_ms >= limit_ms:
            counted_ms, players = stretch.from_ms + limit_ms - heard_ms, stretch.players
        heard_ms += stretch.heard_ms
    return TruePlay(
        listen.id, listen.recording, part[0].from_ms, part[-1].to_ms, heard_ms, limit_ms, counted_ms, players
    )
