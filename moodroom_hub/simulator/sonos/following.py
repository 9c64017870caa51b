"""Players that show a playback of somebody else's (Spotify Connect)."""

from collections.abc import Callable, Iterable
from typing import Protocol

from moodroom_hub.simulator.items import Item
from moodroom_hub.simulator.sonos.faults import TRANSITION_NOT_AVAILABLE, UpnpError
from moodroom_hub.simulator.sonos.music import NOTHING, Media, SonosTrack, Station
from moodroom_hub.simulator.sonos.players import SimPlayer, State
from moodroom_hub.simulator.sonos.session import SonosSession, SonosSettings
from moodroom_hub.simulator.sonos.truth import VERY_START_MS, Began


class Followed(Protocol):
    """What a player shows the playback of."""

    def press(self, button: str, position_ms: int = 0) -> bool:
        """A button of the player; whether it was done there."""

    def look(self, at_ms: int) -> None:
        """The world has been brought up to this moment."""


class Following(SonosSession):
    """The session with players that follow a playback elsewhere."""

    def __init__(
        self,
        now_ms: Callable[[], int],
        players: Iterable[SimPlayer],
        items: Iterable[Item],
        stations: Iterable[Station],
        settings: SonosSettings,
        seed: int,
    ) -> None:
        super().__init__(now_ms, players, items, stations, settings, seed)
        self._followed: dict[str, Followed] = {}

    def follow(self, uid: str, followed: Followed) -> None:
        """From now on this player shows what that plays."""
        with self.looked_at():
            self._followed[uid] = followed
            self._followers.append(followed.look)
            followed.look(self._at_ms)

    def follow_show(
        self,
        uid: str,
        media: Media,
        track: SonosTrack,
        state: State,
        position_ms: int,
        at_ms: int,
        began: Began,
    ) -> None:
        """Since ``at_ms`` it is this, there."""
        player = self.players[uid]
        deck = player.deck
        if not self.is_coordinator(uid):
            return
        now_ms, self._at_ms = self._at_ms, at_ms
        is_other = deck.listen is not None and deck.listen.recording != track.recording
        self._hush(uid, State.STOPPED)
        if is_other and deck.listen is not None:
            recording = deck.listen.recording
            deck.listen.has_finished = deck.position_ms >= (recording.duration_ms or 0) - VERY_START_MS
            deck.listen = None
        deck.media, deck.station, deck.file = media, None, track
        deck.position_ms, deck.anchor_ms, deck.state = position_ms, at_ms, state
        if deck.listen is not None and position_ms <= VERY_START_MS:
            deck.listen.restart()
        if state is State.PLAYING:
            listen = self._sound(uid, began, load_ms=0)
            if listen is not None:
                listen.is_mirrored = True
        self._at_ms = now_ms
        self._note(uid, "AVTransport")

    def follow_stop(self, uid: str, at_ms: int) -> None:
        """Since ``at_ms`` it plays nothing of that any more."""
        now_ms, self._at_ms = self._at_ms, at_ms
        self._hush(uid, State.STOPPED)
        self._at_ms = now_ms
        deck = self.players[uid].deck
        deck.media, deck.file, deck.listen = NOTHING, None, None

    def _pass_on(self, player: SimPlayer, button: str, position_ms: int = 0) -> None:
        """A button pressed on a player that shows something else's playback. Raises ``UpnpError`` 701."""
        followed = self._followed.get(player.uid)
        if followed is None or not followed.press(button, position_ms):
            raise UpnpError(TRANSITION_NOT_AVAILABLE)
