"""From snapshots to verdicts: what was heard, where it ended, and how sure that is."""

from moodroom_hub.domain.playback.fold import fold
from moodroom_hub.domain.playback.interval import end_interval
from moodroom_hub.domain.playback.state import (
    Back,
    Ended,
    Listening,
    Lost,
    OwnAct,
    PausedAt,
    PlaybackState,
    ResumedAt,
    Sighting,
    Started,
    Stopped,
    Transition,
    expected_end_ms,
    latest_end_ms,
    position_at,
    settled_at_ms,
)
from moodroom_hub.domain.playback.verdict import judge

__all__ = [
    "Back",
    "Ended",
    "Listening",
    "Lost",
    "OwnAct",
    "PausedAt",
    "PlaybackState",
    "ResumedAt",
    "Sighting",
    "Started",
    "Stopped",
    "Transition",
    "end_interval",
    "expected_end_ms",
    "fold",
    "judge",
    "latest_end_ms",
    "position_at",
    "settled_at_ms",
]
