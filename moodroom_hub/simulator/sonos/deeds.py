"""What the people of the house do to its players."""

import contextlib
from collections.abc import Callable, Mapping
from enum import StrEnum
from random import Random

from moodroom_hub.simulator.items import ItemKind
from moodroom_hub.simulator.sonos.faults import TRANSITION_NOT_AVAILABLE, UpnpError
from moodroom_hub.simulator.sonos.music import MediaKind
from moodroom_hub.simulator.sonos.players import Reach, SimPlayer
from moodroom_hub.simulator.sonos.world import SonosWorld

MINUTE_MS = 60_000
_MOST_SONGS = 25


class Deed(StrEnum):
    """What they do."""

    MUSIC = "music"
    SKIP = "skip"
    BACK = "back"
    SEEK = "seek"
    RESTART = "restart"
    PAUSE = "pause"
    REPEAT_ONE = "repeat_one"
    AGAIN = "again"
    RADIO = "radio"
    TV = "tv"
    LINE_IN = "line_in"
    GROUP = "group"
    UNGROUP = "ungroup"
    MOVE = "move"
    VOLUME = "volume"
    UNPLUG = "unplug"
    REBOOT = "reboot"
    READDRESS = "readdress"
    SILENCE = "silence"
    SLOW = "slow"
    STALL = "stall"


class Deeds:
    """All deeds, each on a player that leads its group; chance is ``rng``."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng

    def do(self, deed: Deed, world: SonosWorld, player: SimPlayer) -> bool:
        """Whether the players let them."""
        return self.attempt(lambda: _DO[deed](self, world, player))

    def attempt(self, act: Callable[[], None]) -> bool:
        """Whether the players let them."""
        with contextlib.suppress(UpnpError):
            act()
            return True
        return False

    def leaders(self, world: SonosWorld) -> list[SimPlayer]:
        """The players that play for their groups and have power."""
        return [
            world.players[group.coordinator] for group in world.groups if world.players[group.coordinator].is_powered
        ]

    def _later(self, world: SonosWorld, minutes: tuple[float, float], act: Callable[[], None]) -> None:
        after_ms = round(self._rng.uniform(*minutes) * MINUTE_MS)
        world.schedule(world.at_ms + after_ms, lambda: void(self.attempt(act)))

    def go_on(self, world: SonosWorld, name: str) -> None:
        """Whoever leads this room now plays on, if it stands paused."""
        self.attempt(lambda: world.play(world.coordinator_of(name).uid))

    def _music(self, world: SonosWorld, player: SimPlayer) -> None:
        songs = [uri for uri, item in world.items.items() if item.kind is ItemKind.TRACK]
        count = min(len(songs), self._rng.randint(3, _MOST_SONGS))
        world.set_play_mode(player.uid, self._rng.choice(("NORMAL", "NORMAL", "REPEAT_ALL", "SHUFFLE_NOREPEAT")))
        world.set_crossfade(player.uid, self._rng.random() < 0.2)
        world.play_songs(player.uid, self._rng.sample(songs, count))

    def _skip(self, world: SonosWorld, player: SimPlayer) -> None:
        world.next(player.uid)
        if self._rng.random() < 0.3:  # and again: neither was it
            self._later(world, (0.05, 0.6), lambda: world.next(world.coordinator_of(player.uid).uid))

    def _back(self, world: SonosWorld, player: SimPlayer) -> None:
        world.previous(player.uid)

    def _seek(self, world: SonosWorld, player: SimPlayer) -> None:
        track = player.deck.track
        if track is not None and track.recording.duration_ms is not None:
            target_ms = round(self._rng.uniform(0.05, 0.95) * track.recording.duration_ms)
            world.seek(player.uid, target_ms // 1000 * 1000)

    def _restart(self, world: SonosWorld, player: SimPlayer) -> None:
        world.seek(player.uid, 0)

    def _pause(self, world: SonosWorld, player: SimPlayer) -> None:
        world.pause(player.uid)
        self._later(world, (0.1, 45), lambda: world.play(world.coordinator_of(player.uid).uid))

    def _repeat_one(self, world: SonosWorld, player: SimPlayer) -> None:
        world.set_play_mode(player.uid, "REPEAT_ONE")
        self._later(world, (4, 25), lambda: world.set_play_mode(world.coordinator_of(player.uid).uid, "NORMAL"))

    def _again(self, world: SonosWorld, player: SimPlayer) -> None:
        """The same song once more, right behind itself."""
        track, place = player.deck.track, player.deck.track_number
        if track is not None and player.deck.media.kind is MediaKind.QUEUE:
            world.insert(player.uid, [track], place + 1, is_next=True)

    def _radio(self, world: SonosWorld, player: SimPlayer) -> None:
        if not world.stations:
            raise UpnpError(TRANSITION_NOT_AVAILABLE)
        world.play_radio(player.uid, self._rng.choice(sorted(world.stations)))
        self._later(world, (3, 90), lambda: self._back_to_music(world, player))

    def _tv(self, world: SonosWorld, player: SimPlayer) -> None:
        bars = [each for each in _rooms(world) if each.spec.is_soundbar]
        if not bars:
            raise UpnpError(TRANSITION_NOT_AVAILABLE)
        bar = self._rng.choice(bars)
        world.turn_tv_on(bar.uid)

        def over() -> None:
            world.turn_tv_off(bar.uid)
            self._back_to_music(world, bar)

        self._later(world, (5, 120), over)

    def _line_in(self, world: SonosWorld, player: SimPlayer) -> None:
        sources = [each for each in _rooms(world) if each.spec.has_line_in]
        if not sources:
            raise UpnpError(TRANSITION_NOT_AVAILABLE)
        world.play_line_in(player.uid, self._rng.choice(sources).uid)
        self._later(world, (3, 40), lambda: self._back_to_music(world, player))

    def _back_to_music(self, world: SonosWorld, player: SimPlayer) -> None:
        deck = world.coordinator_of(player.uid).deck
        if deck.media.kind in (MediaKind.TV, MediaKind.RADIO, MediaKind.LINE_IN) and deck.queue:
            world.back_to_queue(player.uid)

    def _group(self, world: SonosWorld, player: SimPlayer) -> None:
        others = [uid for group in world.groups for uid in group.members if group.coordinator != player.uid]
        others = [uid for uid in others if world.players[uid].is_powered]
        if not others:
            raise UpnpError(TRANSITION_NOT_AVAILABLE)
        world.join(self._rng.choice(others), player.uid)

    def _ungroup(self, world: SonosWorld, player: SimPlayer) -> None:
        groups = [group for group in world.groups if len(group.members) > 1]
        if not groups:
            raise UpnpError(TRANSITION_NOT_AVAILABLE)
        world.leave(self._rng.choice(self._rng.choice(groups).members))

    def _move(self, world: SonosWorld, player: SimPlayer) -> None:
        others = [each.uid for each in self.leaders(world) if each is not player]
        if not others:
            raise UpnpError(TRANSITION_NOT_AVAILABLE)
        world.move_music(player.uid, self._rng.choice(others))

    def _volume(self, world: SonosWorld, player: SimPlayer) -> None:
        world.set_volume(player.uid, self._rng.randint(5, 60))

    def _unplug(self, world: SonosWorld, player: SimPlayer) -> None:
        victim = self._rng.choice(_rooms(world))
        world.unplug(victim.uid)
        self._later(world, (0.5, 60), lambda: world.plug_in(victim.uid))

    def _reboot(self, world: SonosWorld, player: SimPlayer) -> None:
        world.reboot(player.uid)

    def _readdress(self, world: SonosWorld, player: SimPlayer) -> None:
        world.readdress(player.uid)

    def _silence(self, world: SonosWorld, player: SimPlayer) -> None:
        world.set_reach(player.uid, self._rng.choice((Reach.SILENT, Reach.REFUSED)))

        def over() -> None:
            if player.is_powered:
                world.set_reach(player.uid, Reach.ANSWERS)

        self._later(world, (0.1, 4), over)

    def _slow(self, world: SonosWorld, player: SimPlayer) -> None:
        world.slow_down(player.uid, self._rng.randint(200, 5_000))
        self._later(world, (1, 20), lambda: world.slow_down(player.uid, 0))

    def _stall(self, world: SonosWorld, player: SimPlayer) -> None:
        world.stall(player.uid, self._rng.randint(500, 12_000))


def _rooms(world: SonosWorld) -> list[SimPlayer]:
    return [each for each in world.players.values() if each.is_powered and each.bonded_to is None]


def void(_: object) -> None:
    """Take a value and leave it."""


_DO: Mapping[Deed, Callable[[Deeds, SonosWorld, SimPlayer], None]] = {
    Deed.MUSIC: Deeds._music,
    Deed.SKIP: Deeds._skip,
    Deed.BACK: Deeds._back,
    Deed.SEEK: Deeds._seek,
    Deed.RESTART: Deeds._restart,
    Deed.PAUSE: Deeds._pause,
    Deed.REPEAT_ONE: Deeds._repeat_one,
    Deed.AGAIN: Deeds._again,
    Deed.RADIO: Deeds._radio,
    Deed.TV: Deeds._tv,
    Deed.LINE_IN: Deeds._line_in,
    Deed.GROUP: Deeds._group,
    Deed.UNGROUP: Deeds._ungroup,
    Deed.MOVE: Deeds._move,
    Deed.VOLUME: Deeds._volume,
    Deed.UNPLUG: Deeds._unplug,
    Deed.REBOOT: Deeds._reboot,
    Deed.READDRESS: Deeds._readdress,
    Deed.SILENCE: Deeds._silence,
    Deed.SLOW: Deeds._slow,
    Deed.STALL: Deeds._stall,
}
