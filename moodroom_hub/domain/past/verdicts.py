"""What a play of the past was, by the hub's own rules, as far as the export tells."""

from moodroom_hub.domain.models import (
    Cause,
    DurationMs,
    EndInterval,
    EpochMs,
    Listen,
    ListeningRules,
    Track,
    Uri,
    Verdict,
    VerdictKind,
)
from moodroom_hub.domain.past.plays import PastPlay

PAST_ZONE = "past"
"""The zone of listens that no source of the hub saw."""
AUDIBLE_MS = 1_000
"""What sounded for less was jumped over, not heard: it says nothing about the song."""
TRACK_DONE = "trackdone"
BY_LISTENER = frozenset({"fwdbtn", "clickrow", "click-row"})
"""The listener moved on, to the next song or to one of their choice.

Not among them: the way back (``backbtn``), and all ends that came over the music as a whole.
"""
_CAUSES = {
    "trackerror": Cause.UNPLAYABLE,
    "remote": Cause.TRANSFERRED,
    "logout": Cause.DEVICE_LOST,
    "unexpected-exit": Cause.DEVICE_LOST,
    "unexpected-exit-while-paused": Cause.DEVICE_LOST,
}


def is_whole(play: PastPlay, rules: ListeningRules, length_ms: int | None) -> bool:
    """Whether the song was heard to its end: it ran out by itself, or all of its length but the margin was heard."""
    if length_ms is not None and play.heard_ms >= max(AUDIBLE_MS, length_ms - rules.completion_margin_ms):
        return True
    return play.reason_end == TRACK_DONE and play.heard_ms >= AUDIBLE_MS


def verdict_of(play: PastPlay, rules: ListeningRules, length_ms: int | None) -> Verdict:
    """The verdict. Where the export does not say who ended it (account data), the cause is ``UNCERTAIN``."""
    heard = DurationMs(play.heard_ms)
    end = EndInterval(heard, heard, heard)
    if is_whole(play, rules, length_ms):
        is_done = play.reason_end == TRACK_DONE
        known = Cause.LISTENER if play.reason_end in BY_LISTENER else Cause.UNCERTAIN
        return Verdict(VerdictKind.COMPLETED, Cause.NATURAL if is_done else known, end, is_sure=is_done)
    if play.heard_ms < AUDIBLE_MS:
        return Verdict(VerdictKind.PARTIAL, _CAUSES.get(play.reason_end or "", Cause.UNCERTAIN), end, is_sure=False)
    if play.reason_end in BY_LISTENER:
        is_skip = play.heard_ms < rules.skip_threshold_ms
        return Verdict(VerdictKind.SKIPPED if is_skip else VerdictKind.PARTIAL, Cause.LISTENER, end, is_sure=True)
    if play.reason_end is None and play.heard_ms < rules.skip_threshold_ms:
        return Verdict(VerdictKind.SKIPPED, Cause.UNCERTAIN, end, is_sure=False)
    return Verdict(VerdictKind.PARTIAL, _CAUSES.get(play.reason_end or "", Cause.UNCERTAIN), end, is_sure=False)


def listen_of(play: PastPlay, rules: ListeningRules, length_ms: int | None) -> Listen:
    """The play as a listen of the history; it was of no room. Its uri is empty where the export has none."""
    track = Track(
        uri=Uri(play.uri or ""),
        name=play.name,
        artists=(play.artist,) if play.artist else (),
        duration_ms=None if length_ms is None else DurationMs(length_ms),
        album=play.album or None,
    )
    return Listen(
        track=track,
        started_at_ms=EpochMs(play.ended_at_ms - play.heard_ms),
        ended_at_ms=EpochMs(play.ended_at_ms),
        verdict=verdict_of(play, rules, length_ms),
    )
