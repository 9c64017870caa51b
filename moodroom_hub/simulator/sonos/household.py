"""The people of the house, by seed: they act on the players directly, in world time, never through the hub."""

from collections.abc import Mapping
from functools import partial
from random import Random

from moodroom_hub.simulator.sonos.deeds import MINUTE_MS, Deed, Deeds
from moodroom_hub.simulator.sonos.music import MediaKind
from moodroom_hub.simulator.sonos.world import SonosWorld

DAY_MS = 24 * 60 * MINUTE_MS


WEIGHTS: Mapping[Deed, int] = {
    Deed.MUSIC: 6,
    Deed.SKIP: 14,
    Deed.BACK: 2,
    Deed.SEEK: 8,
    Deed.RESTART: 3,
    Deed.PAUSE: 8,
    Deed.REPEAT_ONE: 3,
    Deed.AGAIN: 3,
    Deed.RADIO: 3,
    Deed.TV: 3,
    Deed.LINE_IN: 1,
    Deed.GROUP: 6,
    Deed.UNGROUP: 5,
    Deed.MOVE: 4,
    Deed.VOLUME: 3,
    Deed.UNPLUG: 2,
    Deed.REBOOT: 1,
    Deed.READDRESS: 1,
    Deed.SILENCE: 1,
    Deed.SLOW: 1,
    Deed.STALL: 2,
}


_NEED_MUSIC = frozenset(
    (
        Deed.SKIP,
        Deed.BACK,
        Deed.SEEK,
        Deed.RESTART,
        Deed.PAUSE,
        Deed.REPEAT_ONE,
        Deed.AGAIN,
        Deed.GROUP,
        Deed.MOVE,
        Deed.STALL,
        Deed.REBOOT,
        Deed.SILENCE,
    )
)


class Household:
    """People who do something every ``every_ms`` (from, to) while they are awake.

    ``weights`` says how often they do what (absent: never). Between ``bed`` and ``rise`` (minutes of the day, UTC)
    they sleep; some nights the music is paused and goes on in the morning, on others it just plays on.
    """

    def __init__(
        self,
        seed: int = 0,
        *,
        weights: Mapping[Deed, int] = WEIGHTS,
        every_ms: tuple[int, int] = (2 * MINUTE_MS, 14 * MINUTE_MS),
        bed: int = 23 * 60,
        rise: int = 7 * 60,
    ) -> None:
        self._rng = Random(f"household:{seed}")
        self._hands = Deeds(self._rng)
        self._deeds = [deed for deed, weight in weights.items() if weight > 0]
        self._weights = [weights[deed] for deed in self._deeds]
        self._every_ms = every_ms
        self._bed, self._rise = bed, rise
        self._world: SonosWorld | None = None
        self.done: dict[Deed, int] = {}
        """How often each deed was really done."""

    def attach(self, world: SonosWorld) -> None:
        """Live in this household from now on; every deed stands in its agenda, so nothing has to run."""
        world.advance()
        self._world = world
        self._plan(world)
        self._plan_night(world, world.at_ms // DAY_MS * DAY_MS)

    # when

    def _plan(self, world: SonosWorld) -> None:
        at_ms = world.at_ms + self._rng.randint(*self._every_ms)
        minute = at_ms % DAY_MS // MINUTE_MS
        if minute >= self._bed or minute < self._rise:
            day_ms = at_ms // DAY_MS * DAY_MS + (DAY_MS if minute >= self._bed else 0)
            at_ms = day_ms + self._rise * MINUTE_MS + self._rng.randint(*self._every_ms)

        def act() -> None:
            self._act(world)
            self._plan(world)

        world.schedule(at_ms, act)

    def _plan_night(self, world: SonosWorld, midnight_ms: int) -> None:
        bed_ms = midnight_ms + self._bed * MINUTE_MS + self._rng.randint(0, 30 * MINUTE_MS)
        rise_ms = midnight_ms + DAY_MS + self._rise * MINUTE_MS + self._rng.randint(0, 30 * MINUTE_MS)

        def go_to_bed() -> None:
            for player in self._hands.leaders(world):
                if self._rng.random() < 0.7 and self._hands.attempt(partial(world.pause, player.uid)):
                    world.schedule(rise_ms, partial(self._hands.go_on, world, player.uid))
                elif player.deck.media.kind is MediaKind.RADIO:
                    self._hands.attempt(partial(world.stop, player.uid))
            self._plan_night(world, midnight_ms + DAY_MS)

        world.schedule(bed_ms, go_to_bed)

    # what

    def _act(self, world: SonosWorld) -> None:
        deed = self._rng.choices(self._deeds, self._weights)[0]
        leaders = self._hands.leaders(world)
        playing = [player for player in leaders if player.deck.is_running]
        if not playing and deed in _NEED_MUSIC:
            deed = Deed.MUSIC if Deed.MUSIC in self._deeds else deed
        if not leaders:
            return
        player = self._rng.choice(playing if playing and deed in _NEED_MUSIC else leaders)
        if deed is Deed.MUSIC and playing and len(playing) < len(leaders):
            player = self._rng.choice([each for each in leaders if not each.deck.is_running])
        if self._hands.do(deed, world, player):
            self.done[deed] = self.done.get(deed, 0) + 1
