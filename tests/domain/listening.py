"""A small language for the tests of listening: what a source sees while a listener does things."""

from dataclasses import dataclass, field, replace

from moodroom_hub.domain.models import (
    HOME,
    Cause,
    Device,
    DurationMs,
    EpochMs,
    PlaybackSnapshot,
    Playing,
    Track,
    Uri,
    Verdict,
)
from moodroom_hub.domain.models import ListeningRules as Rules
from moodroom_hub.domain.playback import Ended, OwnAct, PlaybackState, Transition, fold, judge

SPEAKER = Device("d1", "Kitchen", "Speaker", is_active=True)
RULES = Rules()
T0 = 1_700_000_000_000


def song(name: str, seconds: float = 200.0, isrc: str | None = None) -> Track:
    """A track of that name and length."""
    return Track(Uri(f"spotify:track:{name}"), name, ("Artist",), DurationMs(round(seconds * 1000)), isrc)


A, B, C = song("A"), song("B"), song("C")


def seen(
    at_s: float,
    track: Track | None,
    position_s: float = 0.0,
    *,
    is_playing: bool = True,
    playing: Playing | None = None,
    context: str | None = None,
    device: Device | None = SPEAKER,
) -> PlaybackSnapshot:
    """What a look at second ``at_s`` gives; no track: nothing answers, unless ``playing`` says otherwise."""
    kind = playing if playing is not None else (Playing.TRACK if track is not None else Playing.NOTHING)
    return PlaybackSnapshot(
        zone=HOME,
        at_ms=EpochMs(T0 + round(at_s * 1000)),
        playing=kind,
        track=track,
        position_ms=DurationMs(round(position_s * 1000)) if track is not None else None,
        is_playing=is_playing and track is not None,
        context_uri=context,
        device=device,
    )


@dataclass
class Trace:
    """Folds looks one after another and keeps what changed."""

    state: PlaybackState = field(default_factory=PlaybackState)
    changes: list[Transition] = field(default_factory=list)

    def look(self, *snapshots: PlaybackSnapshot, gap: Cause | None = None) -> "Trace":
        """Fold these looks."""
        for snapshot in snapshots:
            self.state, changes = fold(self.state, snapshot, gap)
            self.changes.extend(changes)
        return self

    def own_act(self, cause: Cause, at_s: float) -> "Trace":
        """The hub does something itself."""
        self.state = replace(self.state, own_act=OwnAct(cause, EpochMs(T0 + round(at_s * 1000))))
        return self

    @property
    def ended(self) -> list[Ended]:
        """The listens that ended so far."""
        return [change for change in self.changes if isinstance(change, Ended)]

    def verdicts(self, rules: Rules = RULES) -> list[Verdict]:
        """The verdicts on them."""
        return [judge(ended, rules) for ended in self.ended]

    def kinds(self) -> list[str]:
        """The verdicts as ``KIND cause``."""
        return [f"{verdict.kind} {verdict.cause}" for verdict in self.verdicts()]

    def names(self) -> list[str]:
        """The kinds of all changes, in order."""
        return [type(change).__name__ for change in self.changes]
