"""A household with everything that the people in it do: whole deeds, made of the buttons that they press."""

from collections.abc import Callable, Iterable, Sequence

from moodroom_hub.simulator.items import Item
from moodroom_hub.simulator.sonos.didl import station_metadata
from moodroom_hub.simulator.sonos.grouping import Grouping
from moodroom_hub.simulator.sonos.music import Media, MediaKind, Station
from moodroom_hub.simulator.sonos.players import PlayerSpec, State, build_players
from moodroom_hub.simulator.sonos.session import SonosSettings


class SonosWorld(Grouping):
    """Named players, their groups and decks, in ``now_ms`` (epoch milliseconds of world time).

    Each deed takes a room's name (or a uid) and acts on its group's deck, as a person with the app does; those that
    the players refuse raise ``UpnpError``. Whatever is due by now has happened before the deed does.
    """

    def __init__(
        self,
        now_ms: Callable[[], int],
        players: Sequence[PlayerSpec | str],
        items: Iterable[Item],
        *,
        stations: Iterable[Station] = (),
        settings: SonosSettings | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__(now_ms, build_players(tuple(players)), items, stations, settings or SonosSettings(), seed)

    def play_songs(self, name: str, uris: Sequence[str], start: int = 1) -> None:
        """Empty the queue, fill it with these songs (``spotify:track:...``) and play from ``start`` on."""
        with self.looked_at():
            leader = self.coordinator_of(name)
            self.clear(leader.uid)
            self.insert(leader.uid, self.tracks(uris))
            self.play_queue(leader.uid, start)

    def play_queue(self, name: str, start: int = 1, position_ms: int = 0) -> None:
        """Play the queue from this place and position on."""
        with self.looked_at():
            leader = self.coordinator_of(name)
            if leader.deck.media.kind is not MediaKind.QUEUE:
                self.set_media(leader.uid, self._queue_media(leader))
            self.seek_track(leader.uid, start)
            if position_ms:
                self.seek(leader.uid, position_ms)
            self.play(leader.uid)

    def enqueue(self, name: str, uris: Sequence[str], place: int = 0) -> None:
        """Put songs into the queue of the group, behind the last or at ``place``."""
        with self.looked_at():
            self.insert(self.coordinator_of(name).uid, self.tracks(uris), place)

    def play_radio(self, name: str, station: str) -> None:
        """Tune in to a station by its name."""
        with self.looked_at():
            leader = self.coordinator_of(name)
            found = self.stations[station]
            media = Media(MediaKind.RADIO, found.uri, station_metadata(found.name))
            self.set_media(leader.uid, media, station=found)
            self.play(leader.uid)

    def turn_tv_on(self, name: str) -> None:
        """The television takes its soundbar; one that only follows a group leaves it first."""
        with self.looked_at():
            player = self.player(name)
            if not self.is_coordinator(player.uid):
                self.leave(name)
            self._did("tv_on", player)
            self.set_media(player.uid, Media(MediaKind.TV, f"x-sonos-htastream:{player.uid}:spdif"))
            self._start_input(player.uid)

    def turn_tv_off(self, name: str) -> None:
        """Silence; the transport stays set to the television."""
        with self.looked_at():
            player = self.player(name)
            self._did("tv_off", player)
            if player.deck.media.kind is MediaKind.TV:
                self._hush(player.uid, State.STOPPED)

    def play_line_in(self, name: str, source: str | None = None) -> None:
        """Play what is plugged into a player (this one, or another one)."""
        with self.looked_at():
            leader = self.coordinator_of(name)
            uid = self.player(source or name).uid
            self._did("line_in", leader)
            self.set_media(leader.uid, Media(MediaKind.LINE_IN, f"x-rincon-stream:{uid}"))
            self._start_input(leader.uid)

    def back_to_queue(self, name: str) -> None:
        """After television, radio or line-in: the queue goes on where it was left (whole seconds)."""
        with self.looked_at():
            leader = self.coordinator_of(name)
            entry_id, position_ms = leader.deck.left_at or (None, 0)
            place = next((n for n, entry in enumerate(leader.deck.queue, 1) if entry.id == entry_id), 1)
            self.play_queue(leader.uid, place, position_ms // 1000 * 1000)

    def is_playing(self, name: str) -> bool:
        """Whether the group of this room plays now."""
        with self.looked_at():
            return self.coordinator_of(name).deck.is_running

    def close(self) -> None:
        """End what sounds; the truth is complete."""
        with self.looked_at():
            for group in self.groups:
                self._hush(group.coordinator, State.STOPPED)

    def _start_input(self, uid: str) -> None:
        deck = self.players[uid].deck
        deck.state, deck.anchor_ms = State.PLAYING, self._at_ms
        self._note(uid, "AVTransport")
