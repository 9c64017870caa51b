"""What the fold remembers between two snapshots, and what it tells when something changed."""

from dataclasses import dataclass
from statistics import median_low

from moodroom_hub.domain.models import Cause, DurationMs, EndInterval, EpochMs, Track

OUTDATED_ANSWER_MS = 2_500
"""Spotify may go on showing a track for so long after it gave way."""
EARLY_ENDS_KEPT = 9
EARLY_ENDS_NEEDED = 3
STEADY_MS = 1_500
"""Early ends that lie closer together than this are a crossfade: the next one comes at the same place."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One look at a listen: the position at a moment, each within ``uncertainty_ms``."""

    at_ms: EpochMs
    position_ms: DurationMs
    is_playing: bool
    uncertainty_ms: DurationMs = DurationMs(0)

    @property
    def offset_ms(self) -> int:
        """Position minus time: constant while the track plays undisturbed."""
        return self.position_ms - self.at_ms


@dataclass(frozen=True, slots=True)
class Listening:
    """The listen under way.

    ``high_offset_ms`` bounds from above where the track can be: position ≤ time + high_offset_ms. It comes down
    only after two looks agree, so that one outdated answer can't make a listen look shorter than it was.
    ``began_at_ms`` is when it started (reckoned back from its first sighting).
    """

    track: Track
    began_at_ms: EpochMs
    last: Sighting
    high_offset_ms: int
    device: str | None = None
    context_uri: str | None = None
    heard_ms: DurationMs = DurationMs(0)


@dataclass(frozen=True, slots=True)
class OwnAct:
    """Something that the hub did to the player of its own accord, and that will end the current listen.

    ``at_ms`` is the moment of its last command; ``has_shown``: a change was seen since.
    """

    cause: Cause
    at_ms: EpochMs
    has_shown: bool = False

    @property
    def may_be_unseen(self) -> bool:
        """Whether it may have hit a track that answers still show. A room's first track is verified to play."""
        return self.cause is Cause.STALE_TAIL

    @property
    def settled_at_ms(self) -> EpochMs:
        """From when on an answer surely shows the world after the act."""
        return EpochMs(self.at_ms + OUTDATED_ANSWER_MS)


@dataclass(frozen=True, slots=True)
class PlaybackState:
    """One zone's fold. Serialised with every change, so that a crash forgets nothing.

    ``former`` is the listen that ended last, kept to recognise an outdated answer that shows it again;
    ``doubted`` is such an answer, waiting to be confirmed. ``finished_uri`` is the track at whose end the player
    stopped. ``is_lost``: no player answers since ``nothing_since_ms``; ``is_idle``: one does, and has nothing to play.
    ``is_input``: a television or a line-in sounds instead. ``early_ends_ms`` are how much before their end the last
    tracks gave way (crossfade, automix).
    """

    listening: Listening | None = None
    former: Listening | None = None
    changed_at_ms: EpochMs = EpochMs(0)
    doubted: Sighting | None = None
    own_act: OwnAct | None = None
    nothing_since_ms: EpochMs | None = None
    is_lost: bool = False
    is_idle: bool = False
    finished_uri: str | None = None
    is_advert: bool = False
    is_input: bool = False
    early_ends_ms: tuple[int, ...] = ()

    @property
    def early_end_ms(self) -> DurationMs:
        """How much before their end tracks usually give way here."""
        if len(self.early_ends_ms) < EARLY_ENDS_NEEDED:
            return DurationMs(0)
        return DurationMs(max(0, median_low(self.early_ends_ms)))

    @property
    def earliest_end_ms(self) -> DurationMs:
        """How much before its end the next track may well give way: more than usual where that varies (automix)."""
        if len(self.early_ends_ms) < EARLY_ENDS_NEEDED:
            return DurationMs(0)
        # Not the very earliest: that may have been the listener, who left just before the end.
        return self.early_end_ms if self._is_steady else DurationMs(max(0, sorted(self.early_ends_ms)[-2]))

    @property
    def latest_end_ms(self) -> DurationMs:
        """How much before its end the next track gives way at the latest: where that varies, perhaps not at all."""
        return self.early_end_ms if self._is_steady else DurationMs(0)

    @property
    def _is_steady(self) -> bool:
        if len(self.early_ends_ms) < EARLY_ENDS_NEEDED:
            return True
        ordered = sorted(self.early_ends_ms)
        return ordered[-2] - ordered[1] <= STEADY_MS


@dataclass(frozen=True, slots=True)
class Ended:
    """A listen is over. ``forced`` is the cause where something other than listener or track ended it.

    ``unseen_ms`` is how long nobody looked before the end.
    """

    listening: Listening
    at_ms: EpochMs
    end: EndInterval
    unseen_ms: DurationMs
    forced: Cause | None = None
    early_end_ms: DurationMs = DurationMs(0)


@dataclass(frozen=True, slots=True)
class Started:
    """Another listen began. ``is_repeat``: of the same track, by the player's repeat."""

    listening: Listening
    is_repeat: bool = False


@dataclass(frozen=True, slots=True)
class PausedAt:
    """The player stands still."""

    track: Track
    position_ms: DurationMs


@dataclass(frozen=True, slots=True)
class ResumedAt:
    """The player goes on."""

    track: Track
    position_ms: DurationMs


@dataclass(frozen=True, slots=True)
class Stopped:
    """The last track came to its end and nothing follows."""

    track: Track


@dataclass(frozen=True, slots=True)
class Lost:
    """No player answers."""


@dataclass(frozen=True, slots=True)
class Back:
    """A player answers again."""


Transition = Ended | Started | PausedAt | ResumedAt | Stopped | Lost | Back


def position_at(listening: Listening, at_ms: EpochMs) -> DurationMs:
    """Where the track should be at ``at_ms``, from the last sighting; never past its duration."""
    position = listening.last.position_ms
    if listening.last.is_playing:
        position = DurationMs(position + max(0, at_ms - listening.last.at_ms))
    duration = listening.track.duration_ms
    return position if duration is None else DurationMs(min(position, duration))


def settled_at_ms(state: PlaybackState) -> EpochMs | None:
    """When to look whether the track that plays outlived the hub's own act; ``None``: that is known."""
    act, listening = state.own_act, state.listening
    if act is None or listening is None or not act.may_be_unseen or listening.began_at_ms > act.at_ms:
        return None
    return act.settled_at_ms if listening.last.at_ms <= act.settled_at_ms else None


def expected_end_ms(state: PlaybackState) -> EpochMs | None:
    """From when on the current track should give way, if it plays on undisturbed."""
    return _end_ms(state, state.earliest_end_ms)


def latest_end_ms(state: PlaybackState) -> EpochMs | None:
    """By when the current track should have given way: later than expected where that varies (automix)."""
    return _end_ms(state, state.latest_end_ms)


def _end_ms(state: PlaybackState, early_ms: DurationMs) -> EpochMs | None:
    listening = state.listening
    if listening is None or not listening.last.is_playing or listening.track.duration_ms is None:
        return None
    left = listening.track.duration_ms - early_ms - listening.last.position_ms
    return EpochMs(listening.last.at_ms + left)
