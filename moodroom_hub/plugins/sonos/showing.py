"""From looks at one speaker to what its zone's source shows. Pure, but for remembering the last look."""

from dataclasses import dataclass, replace
from typing import Final

from moodroom_hub.domain.models import DurationMs, EpochMs, PlaybackSnapshot, Playing, ZoneName
from moodroom_hub.plugins.sonos.household import Music
from moodroom_hub.plugins.sonos.looking import Kept, Look
from moodroom_hub.plugins.sonos.uris import Kind, kind_of

END_SLACK_MS: Final = 6_000
"""So near its end, by reckoning, a track counts as over when the speaker stands still at another one."""
LEAP_MS: Final = 2_500
"""So far from where it should stand somebody moved it: speakers tell whole seconds."""


@dataclass(slots=True)
class Shown:
    """What is known of one speaker: the newest look, and what became of it.

    ``song_ms``: how long the running song of a station was heard. ``touches``: see ``SonosClient.touches``.
    ``leapt_after_ms``: see ``PlaybackSnapshot``.
    """

    kept: Kept | None = None
    look: Look | None = None
    snapshot: PlaybackSnapshot | None = None
    music: Music | None = None
    song_ms: int = 0
    touches: int = -1
    leapt_after_ms: EpochMs | None = None

    def take(self, look: Look, zone: ZoneName) -> bool:
        """Take in the next look; whether something else plays (or stands) now than before, or elsewhere in it."""
        before = self.snapshot
        snapshot = self._snapshot(look, zone)
        is_same = before is not None and _uri(before) == _uri(snapshot)
        has_leapt = False
        if before is None or not is_same:
            self.leapt_after_ms = None
        elif not look.seen.is_stream and _has_leapt(before, snapshot):
            has_leapt, self.leapt_after_ms = True, before.at_ms
        snapshot = replace(snapshot, leapt_after_ms=self.leapt_after_ms)
        self.kept, self.look, self.snapshot = look.kept, look, snapshot
        self.music = music_of(look)
        if before is None:
            return True
        return (
            before.playing is not snapshot.playing
            or before.is_playing is not snapshot.is_playing
            or not is_same
            or has_leapt
        )

    def give_to(self, other: "Shown", zone: ZoneName) -> None:
        """The music goes on there, in that zone: what was known of it goes along."""
        other.music, other.song_ms, other.look = self.music, self.song_ms, self.look
        other.snapshot = None if self.snapshot is None else replace(self.snapshot, zone=zone)
        other.leapt_after_ms, self.leapt_after_ms = self.leapt_after_ms, None
        other.kept, other.touches = None, -1
        self.kept = self.look = self.snapshot = self.music = None

    def _snapshot(self, look: Look, zone: ZoneName) -> PlaybackSnapshot:
        seen = look.seen
        if seen.track is None:
            return PlaybackSnapshot(
                zone, look.at_ms, seen.playing, is_playing=seen.is_playing, uncertainty_ms=look.uncertainty_ms
            )
        over = self._over(look)
        if over is not None:
            return over
        return PlaybackSnapshot(
            zone,
            look.at_ms,
            seen.playing,
            seen.track,
            self._position(look),
            is_playing=seen.is_playing,
            # Of the tracks in a queue nobody knows who put them there; a station was tuned in.
            context_uri=seen.uri.partition("?")[0] if kind_of(seen.uri) in {Kind.STREAM, Kind.LINK} else None,
            uncertainty_ms=look.uncertainty_ms,
        )

    def _position(self, look: Look) -> DurationMs | None:
        seen = look.seen
        if not seen.is_stream or seen.track is None:
            return seen.position_ms
        if "#" not in seen.track.uri and seen.position_ms is not None:
            return seen.position_ms  # the station itself: how long it has been on
        before = self.look
        if before is None or before.seen.track is None or before.seen.track.uri != seen.track.uri:
            self.song_ms = self._tuned_in_ms(look)
        elif before.seen.is_playing:
            self.song_ms += max(0, look.at_ms - before.at_ms)
        return DurationMs(self.song_ms)

    def _tuned_in_ms(self, look: Look) -> int:
        """How long a song that was not seen before has been on: from the start, where the station was tuned in since.

        Speakers tell how long they have played a station; a silent one is looked at now and then only.
        """
        before, position_ms = self.look, look.seen.position_ms
        if before is None or position_ms is None or not look.seen.is_playing:
            return 0
        if before.seen.uri == look.seen.uri and before.seen.is_playing:
            return 0  # another song came on
        since_ms = look.at_ms - before.at_ms
        return position_ms if position_ms <= since_ms else 0

    def _over(self, look: Look) -> PlaybackSnapshot | None:
        """A queue that came to its end: the speaker stands at its first track, and the last one is over."""
        before = self.snapshot
        if not look.seen.is_stopped or before is None or before.track is None or look.seen.track is None:
            return None
        length = before.track.duration_ms
        if before.track.uri == look.seen.track.uri or length is None or before.position_ms is None:
            return None
        passed_ms = look.at_ms - before.at_ms if before.is_playing else 0
        if before.position_ms + passed_ms < length - END_SLACK_MS:
            return None
        return PlaybackSnapshot(
            before.zone,
            look.at_ms,
            before.playing,
            before.track,
            length,
            context_uri=before.context_uri,
            uncertainty_ms=look.uncertainty_ms,
        )


def music_of(look: Look) -> Music | None:
    """What a speaker has, for telling whether it went elsewhere."""
    seen = look.seen
    if seen.track is None or seen.playing not in {Playing.TRACK, Playing.EPISODE}:
        return None
    return Music(seen.track.uri, seen.position_ms, look.at_ms, seen.is_playing, seen.is_stream)


def nothing(zone: ZoneName, at_ms: EpochMs) -> PlaybackSnapshot:
    """For a zone whose speaker is joined to another, or gone."""
    return PlaybackSnapshot(zone, at_ms, Playing.NOTHING)


def _uri(snapshot: PlaybackSnapshot) -> str | None:
    return None if snapshot.track is None else str(snapshot.track.uri)


def _has_leapt(before: PlaybackSnapshot, now: PlaybackSnapshot) -> bool:
    if before.position_ms is None or now.position_ms is None:
        return False
    ran_ms = now.at_ms - before.at_ms if before.is_playing else 0
    return abs(now.position_ms - before.position_ms - ran_ms) > LEAP_MS
