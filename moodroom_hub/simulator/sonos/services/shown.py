"""What a player shows of its transport: the words for answers and events."""

from collections.abc import Mapping
from dataclasses import dataclass

from moodroom_hub.simulator.sonos.didl import clock_time, didl, stream_metadata, track_item
from moodroom_hub.simulator.sonos.music import MediaKind
from moodroom_hub.simulator.sonos.players import Deck, SimPlayer
from moodroom_hub.simulator.sonos.world import SonosWorld

NOT_IMPLEMENTED = "NOT_IMPLEMENTED"
_ACTIONS = {
    MediaKind.NOTHING: "Set, Play",
    MediaKind.QUEUE: "Set, Stop, Pause, Play, X_DLNA_SeekTime, Next, Previous, X_DLNA_SeekTrackNr",
    MediaKind.FILE: "Set, Stop, Pause, Play, X_DLNA_SeekTime",
    MediaKind.RADIO: "Set, Stop, Play",
    MediaKind.TV: "Set, Stop, Play",
    MediaKind.LINE_IN: "Set, Stop, Play",
    MediaKind.CONNECT: "Set, Stop, Pause, Play, X_DLNA_SeekTime, Next, Previous",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One moment of a transport, in the words of UPnP."""

    state: str
    number: int
    count: int
    uri: str
    metadata: str
    duration: str
    position: str
    media_uri: str
    media_metadata: str
    actions: str
    play_mode: str
    is_crossfading: bool

    def position_info(self) -> Mapping[str, object]:
        """The answer of ``GetPositionInfo``."""
        return {
            "Track": self.number,
            "TrackDuration": self.duration,
            "TrackMetaData": self.metadata,
            "TrackURI": self.uri,
            "RelTime": self.position,
            "AbsTime": NOT_IMPLEMENTED,
            "RelCount": 2**31 - 1,
            "AbsCount": 2**31 - 1,
        }


def show(world: SonosWorld, player: SimPlayer, at_ms: int) -> Shown:
    """What this player tells of itself now; one that follows tells whom."""
    if player.bonded_to is not None or not world.is_coordinator(player.uid):
        leader = world.coordinator_of(player.uid)
        uri = f"x-rincon:{leader.uid}"
        state = leader.deck.shown_state.value
        return Shown(
            state, 1, 1, uri, "", "0:00:00", "0:00:00", uri, "", "Set, Stop, Pause, Play", player.deck.play_mode, False
        )
    deck = player.deck
    uri, metadata, duration = _track(deck, at_ms)
    has_position = deck.media.kind not in (MediaKind.TV, MediaKind.LINE_IN, MediaKind.NOTHING)
    is_queue = deck.media.kind is MediaKind.QUEUE
    return Shown(
        state=deck.shown_state.value,
        number=deck.track_number if is_queue else int(deck.media.kind is not MediaKind.NOTHING),
        count=len(deck.queue) if is_queue else int(deck.media.kind is not MediaKind.NOTHING),
        uri=uri,
        metadata=metadata,
        duration=duration,
        position=clock_time(deck.position_at(at_ms)) if has_position else NOT_IMPLEMENTED,
        media_uri=deck.media.uri,
        media_metadata=deck.media.metadata,
        actions=_ACTIONS[deck.media.kind],
        play_mode=deck.play_mode,
        is_crossfading=deck.is_crossfading,
    )


def _track(deck: Deck, at_ms: int) -> tuple[str, str, str]:
    """Uri, metadata and duration of what is on."""
    if deck.media.kind is MediaKind.RADIO and deck.station is not None:
        station = deck.station
        content = station.airing(max(at_ms, deck.anchor_ms)).content if deck.is_running and not deck.is_loading else ""
        duration = "0:00:00" if station.tells_duration else NOT_IMPLEMENTED
        return station.stream_uri, stream_metadata(station.stream_uri, content), duration
    if deck.media.kind in (MediaKind.TV, MediaKind.LINE_IN):
        return deck.media.uri, NOT_IMPLEMENTED, NOT_IMPLEMENTED
    track = deck.track
    if track is None:
        return "", "", "0:00:00"
    uri = deck.media.uri if deck.media.kind is MediaKind.CONNECT else track.uri
    return uri, didl(track_item(track)), clock_time(track.recording.duration_ms)
