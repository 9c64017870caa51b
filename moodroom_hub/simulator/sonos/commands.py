"""The buttons of a player: what plays, where the needle stands, how loud."""

from collections.abc import Sequence

from moodroom_hub.simulator.sonos.faults import TRANSITION_NOT_AVAILABLE, Code, UpnpError
from moodroom_hub.simulator.sonos.music import Media, MediaKind, SonosTrack, Station, track_of
from moodroom_hub.simulator.sonos.players import Deck, SimPlayer, State
from moodroom_hub.simulator.sonos.queues import Queues
from moodroom_hub.simulator.sonos.session import PLAY_MODES, SHUFFLES
from moodroom_hub.simulator.sonos.truth import VERY_START_MS, Began, Deed

_CAN_PAUSE = (MediaKind.QUEUE, MediaKind.FILE, MediaKind.CONNECT)


class Commands(Queues):
    """The queues with the transport's buttons. They are for coordinators: others raise ``UpnpError`` 800."""

    def set_media(
        self, name: str, media: Media, *, station: Station | None = None, track: SonosTrack | None = None
    ) -> None:
        """Set the transport to something else; what played stops. Setting the queue again changes nothing."""
        with self.looked_at():
            player = self._leader(name)
            deck = player.deck
            if media.kind is MediaKind.QUEUE and deck.media.kind is MediaKind.QUEUE:
                return
            self._take_over(player)
            deck.media, deck.station, deck.file = media, station, track
            deck.position_ms, deck.anchor_ms = 0, self._at_ms
            if media.kind is MediaKind.QUEUE:
                deck.entry_id = deck.queue[0].id if deck.queue else None
            self._note(player.uid, "AVTransport")

    def play(self, name: str) -> None:
        """Sound from where it stands."""
        with self.looked_at():
            player = self._leader(name)
            deck = player.deck
            self._did("play", player)
            if deck.is_running:
                return
            if deck.media.kind is MediaKind.CONNECT:
                self._pass_on(player, "play")
                return
            if deck.media.kind is MediaKind.NOTHING and deck.queue:
                deck.media = self._queue_media(player)
            if deck.media.kind is MediaKind.NOTHING or (deck.media.kind is MediaKind.QUEUE and deck.track is None):
                raise UpnpError(TRANSITION_NOT_AVAILABLE)
            self._skip_refused(deck)
            self._sound(player.uid, Began.START)

    def pause(self, name: str) -> None:
        """Stand still; streams and inputs cannot."""
        with self.looked_at():
            player = self._leader(name)
            self._did("pause", player)
            if not player.deck.is_running or player.deck.media.kind not in _CAN_PAUSE:
                raise UpnpError(TRANSITION_NOT_AVAILABLE)
            if player.deck.media.kind is MediaKind.CONNECT:
                self._pass_on(player, "pause")
                return
            self._hush(player.uid, State.PAUSED)

    def stop(self, name: str) -> None:
        """Silence; the needle goes back to the start of the track."""
        with self.looked_at():
            player = self._leader(name)
            self._did("stop", player)
            if player.deck.media.kind is MediaKind.NOTHING:
                raise UpnpError(TRANSITION_NOT_AVAILABLE)
            self._hush(player.uid, State.STOPPED)
            self._drop_listen(player.uid)
            player.deck.position_ms = 0

    def next(self, name: str) -> None:
        """To the next track, and play."""
        self._step(name, 1)

    def previous(self, name: str) -> None:
        """To the track before, and play."""
        self._step(name, -1)

    def seek_track(self, name: str, place: int) -> None:
        """To this place of the queue; plays on if it played."""
        with self.looked_at():
            player = self._leader(name)
            deck = player.deck
            self._did("seek_track", player, str(place))
            if deck.media.kind is not MediaKind.QUEUE:
                raise UpnpError(TRANSITION_NOT_AVAILABLE)
            if not 1 <= place <= len(deck.queue):
                raise UpnpError(Code.ILLEGAL_SEEK_TARGET)
            self._go_to(player, deck.queue[place - 1].id, must_play=deck.is_running)

    def seek(self, name: str, position_ms: int) -> None:
        """Put the needle elsewhere in the track; plays on if it played."""
        with self.looked_at():
            player = self._leader(name)
            deck = player.deck
            self._did("seek", player, str(position_ms))
            track = deck.track
            if track is None or deck.media.kind not in _CAN_PAUSE:
                raise UpnpError(TRANSITION_NOT_AVAILABLE)
            duration_ms = track.recording.duration_ms
            if position_ms < 0 or duration_ms is None or position_ms > duration_ms:
                raise UpnpError(Code.ILLEGAL_SEEK_TARGET)
            if deck.media.kind is MediaKind.CONNECT:
                self._pass_on(player, "seek", position_ms)
                return
            self._put_needle(player, position_ms)

    def set_play_mode(self, name: str, mode: str) -> None:
        """One of ``PLAY_MODES``."""
        with self.looked_at():
            player = self._leader(name)
            if mode not in PLAY_MODES:
                raise UpnpError(Code.PLAY_MODE)
            if mode in SHUFFLES and player.deck.play_mode not in SHUFFLES:
                self._shuffle(player.deck)
            player.deck.play_mode = mode
            self._did("play_mode", player, mode)
            self._note(player.uid, "AVTransport")

    def set_crossfade(self, name: str, is_on: bool) -> None:
        """Whether tracks fade into one another."""
        with self.looked_at():
            player = self._leader(name)
            player.deck.is_crossfading = is_on
            self._note(player.uid, "AVTransport")

    def set_volume(self, name: str, percent: int) -> None:
        """0 to 100; what is beyond is cut off."""
        with self.looked_at():
            player = self.player(name)
            player.volume = max(0, min(100, percent))
            self._note(player.uid, "RenderingControl")
            self._note(self.coordinator_of(name).uid, "GroupRenderingControl")

    def set_mute(self, name: str, is_muted: bool) -> None:
        """Silence that stops nothing."""
        with self.looked_at():
            player = self.player(name)
            player.is_muted = is_muted
            self._note(player.uid, "RenderingControl")

    def stall(self, name: str, duration_ms: int) -> None:
        """The network is slow: silence for so long in the middle of a track (world only)."""
        with self.looked_at():
            player = self.coordinator_of(name)
            deck = player.deck
            if deck.is_running:
                self._did("stall", player, str(duration_ms))
                self._hush(player.uid, State.STOPPED)
                self._sound(player.uid, Began.START, load_ms=duration_ms)

    # what the above is made of

    def tracks(self, uris: Sequence[str]) -> list[SonosTrack]:
        """What the players make of these songs of the service. Raises ``KeyError``."""
        return [track_of(self.items[uri], self.settings.serial) for uri in uris]

    def _leader(self, name: str) -> SimPlayer:
        player = self.player(name)
        if not player.is_powered:
            raise UpnpError(Code.ACTION_FAILED)
        if not self.is_coordinator(player.uid):
            raise UpnpError(Code.NOT_COORDINATOR)
        return player

    def _queue_media(self, player: SimPlayer) -> Media:
        return Media(MediaKind.QUEUE, f"x-rincon-queue:{player.uid}#0")

    def _take_over(self, player: SimPlayer) -> None:
        """Something else takes the deck: remember where the queue stood."""
        deck = player.deck
        self._hush(player.uid, State.STOPPED)
        if deck.media.kind is MediaKind.QUEUE and deck.entry_id is not None:
            deck.left_at = (deck.entry_id, deck.position_ms)
        deck.left = deck.listen = None

    def _step(self, name: str, step: int) -> None:
        with self.looked_at():
            player = self._leader(name)
            deck = player.deck
            self._did("next" if step > 0 else "previous", player)
            if deck.media.kind is MediaKind.CONNECT:
                self._pass_on(player, "next" if step > 0 else "previous")
                return
            if deck.media.kind is not MediaKind.QUEUE:
                raise UpnpError(TRANSITION_NOT_AVAILABLE)
            following = self._following(deck, step)
            if following is None:
                raise UpnpError(Code.ILLEGAL_SEEK_TARGET)
            self._go_to(player, following, must_play=True)

    def _go_to(self, player: SimPlayer, entry_id: int, *, must_play: bool) -> None:
        deck = player.deck
        if entry_id == deck.entry_id:
            self._put_needle(player, 0)
        else:
            self._hush(player.uid, State.PLAYING if deck.is_running else deck.state)
            deck.left, deck.listen = deck.listen or deck.left, None
            deck.entry_id = entry_id
            deck.position_ms = 0
        self._skip_refused(deck)
        if must_play:
            self._sound(player.uid, Began.START)
        else:
            self._note(player.uid, "AVTransport")

    def _put_needle(self, player: SimPlayer, position_ms: int) -> None:
        deck = player.deck
        was_running, state = deck.is_running, deck.state
        self._hush(player.uid, state)
        deck.position_ms, deck.anchor_ms = position_ms, self._at_ms
        if deck.listen is not None and position_ms <= VERY_START_MS:
            deck.listen.restart()
        if was_running:
            self._sound(player.uid, Began.START)

    def _skip_refused(self, deck: Deck) -> None:
        track = deck.track
        if track is not None and track.is_refused:
            following = self._following(deck)
            if following is None:
                raise UpnpError(Code.NO_RESOURCE)
            deck.entry_id, deck.position_ms = following, 0

    def _did(self, deed: str, player: SimPlayer, detail: str = "") -> None:
        self._truth.deeds.append(Deed(self._at_ms, deed, player.name, detail))
