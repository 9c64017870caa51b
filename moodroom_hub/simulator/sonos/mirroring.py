"""One playback shown twice: the simulated Spotify plays on one of the players (Spotify Connect)."""

from collections.abc import Callable

from moodroom_hub.simulator.commands import Refused
from moodroom_hub.simulator.sonos.music import Media, MediaKind, track_of
from moodroom_hub.simulator.sonos.players import SimPlayer, State
from moodroom_hub.simulator.sonos.truth import Began
from moodroom_hub.simulator.sonos.world import SonosWorld
from moodroom_hub.simulator.truth import Actor
from moodroom_hub.simulator.views import PlayerView
from moodroom_hub.simulator.world import World

_LOOKS_EVERY_MS = 1_000
_OFF_BY_MS = 400


class Mirror:
    """Lets a player show what the account's world plays while that plays on a device of the player's name.

    The players' buttons act on the account, as with the real thing. Both worlds must have the same time.
    """

    def __init__(self, world: SonosWorld, account: World, name: str) -> None:
        self._world = world
        self._account = account
        self._player = world.player(name)
        self._seen_ms = -1
        self._looked_ms = world.at_ms
        self._is_planned = False
        world.follow(self._player.uid, self)

    def press(self, button: str, position_ms: int = 0) -> bool:
        """A transport button of the player; whether the account did it."""
        buttons: dict[str, Callable[[], None]] = {
            "play": lambda: self._account.resume(Actor.LISTENER),
            "pause": lambda: self._account.pause(Actor.LISTENER),
            "next": lambda: self._account.next(Actor.LISTENER),
            "previous": lambda: self._account.previous(Actor.LISTENER),
            "seek": lambda: self._account.seek(Actor.LISTENER, position_ms),
        }
        try:
            buttons[button]()
        except Refused:
            return False
        self.look(self._world.at_ms)
        return True

    def look(self, at_ms: int) -> None:
        """Bring the player up to what the account plays; the world calls this whenever it is brought up to now."""
        view = self._account.view()
        player = self._player
        is_here = view.device is not None and view.device.name == player.name and view.item is not None
        is_shown = player.deck.media.kind is MediaKind.CONNECT
        is_new = view.changed_ms > self._seen_ms
        since_ms = min(at_ms, max(view.changed_ms, self._looked_ms))
        self._looked_ms = at_ms
        if is_here and player.is_powered and (is_shown or (is_new and view.is_playing)):
            self._seen_ms = view.changed_ms
            self._show(player, view, since_ms)
        elif is_shown:
            self._world.follow_stop(player.uid, since_ms)
        elif is_here and view.is_playing and not is_new:
            self.press("pause")  # something else has taken the player over
        self._plan(at_ms, is_here)

    def _show(self, player: SimPlayer, view: PlayerView, since_ms: int) -> None:
        deck, item = player.deck, view.item
        if item is None:
            return
        track = track_of(item)
        is_same = deck.media.kind is MediaKind.CONNECT and deck.file == track
        position_ms = view.position_at(since_ms)
        is_on_time = abs(deck.position_at(since_ms) - position_ms) <= _OFF_BY_MS
        if is_same and deck.is_running == view.is_playing and is_on_time:
            return
        media = Media(MediaKind.CONNECT, f"x-sonos-vli:{player.uid}:2,spotify:{item.id or 'unknown'}")
        state = State.PLAYING if view.is_playing else State.PAUSED
        began = Began.START if not is_same else Began.FOLLOWED
        self._world.follow_show(player.uid, media, track, state, position_ms, since_ms, began)

    def _plan(self, at_ms: int, is_here: bool) -> None:
        if self._is_planned:
            return
        change_ms = self._account.next_change_ms()
        due_ms = at_ms + (_LOOKS_EVERY_MS if is_here else 5 * _LOOKS_EVERY_MS)
        due_ms = due_ms if change_ms is None else min(due_ms, max(change_ms, at_ms + 1))
        self._is_planned = True

        def planned() -> None:
            self._is_planned = False

        self._world.schedule(due_ms, planned)
