"""A make-believe person at the phone: acts on the world directly, never through the hub."""

import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from random import Random

from moodroom_hub.domain.models import Tier, Track
from moodroom_hub.simulator.commands import Refused
from moodroom_hub.simulator.open_listen import OpenListen
from moodroom_hub.simulator.temperaments import (
    MINUTE_MS,
    TEMPERAMENTS,
    Deed,
    Planned,
    Planner,
    Tastes,
    Temperament,
)
from moodroom_hub.simulator.truth import Actor
from moodroom_hub.simulator.world import World

_DAY_MS = 24 * 60 * MINUTE_MS
_LONGEST_NAP_MS = MINUTE_MS
_BED_TIME = (22 * 60, 24 * 60)
_RISING_TIME = (30 * 60, 32 * 60)


class Listener:
    """A person with a temperament (a name of ``TEMPERAMENTS``, or temperaments that take turns).

    ``mood`` is the room that they want to hear; it decides how well a track fits. ``own`` are their songs, and
    ``own_context`` the playlist that they start when they take over. ``wants_room`` is called with the mood when they
    come back from that; without it they play again what they heard before.
    """

    def __init__(
        self,
        temperament: str | Sequence[Temperament] = "household",
        seed: int = 0,
        *,
        pools: Mapping[str, Sequence[tuple[Tier, Track]]] | None = None,
        own: Sequence[str] = (),
        own_context: str | None = None,
        wants_room: Callable[[str | None], None] | None = None,
    ) -> None:
        temperaments = TEMPERAMENTS[temperament] if isinstance(temperament, str) else tuple(temperament)
        self.tastes = Tastes(seed, pools or {})
        self.mood: str | None = None
        self._planner = Planner(temperaments, seed)
        self._rng = Random(f"listener:{seed}")
        self._own = tuple(own)
        self._own_context = own_context
        self._wants_room = wants_room
        self._world: World | None = None
        self._heard_before: str | None = None

    def attach(self, world: World) -> None:
        """Live in this world from now on: every deed stands in its agenda, so nothing has to run."""
        world.advance()
        self._world = world
        world.observe(self._hears)
        self._plan_night(world, world.at_ms // _DAY_MS * _DAY_MS)

    async def drive(self, world: World, sleep_ms: Callable[[float], Awaitable[None]]) -> None:
        """Keep the world up to date although nobody looks. ``sleep_ms`` takes world time; cancel to stop."""
        if self._world is None:
            self.attach(world)
        await keep_up(world, sleep_ms)

    def liking(self, uri: str) -> float:
        """How well this track fits the mood, 0 to 1."""
        return self.tastes.liking(uri, self.tastes.room_of(uri, self.mood))

    def _hears(self, listen: OpenListen) -> None:
        world = self._world
        if world is None or listen.item.id is None:
            return
        if listen.put_there_by is Actor.HUB:
            self._heard_before = listen.queued_uri
        liking = 1.0 if listen.put_there_by is Actor.LISTENER else self.liking(listen.queued_uri)
        for planned in self._planner.plan(listen.started_ms, listen.item.duration_ms, liking):
            self._note_down(world, listen.id, listen.started_ms, planned)

    def _note_down(self, world: World, listen_id: int, began_ms: int, planned: Planned) -> None:
        def act() -> None:
            if planned.even_later or world.open_listen_id == listen_id:
                with contextlib.suppress(Refused):
                    self._do(world, planned)

        world.schedule(began_ms + planned.after_ms, act)

    def _do(self, world: World, planned: Planned) -> None:
        me = Actor.LISTENER
        match planned.deed:
            case Deed.NEXT if world.is_sounding:
                world.next(me)
            case Deed.PAUSE:
                world.pause(me)
            case Deed.RESUME:
                world.resume(me)
            case Deed.SEEK:
                world.seek(me, planned.position_ms)
            case Deed.REPEAT_ON:
                world.set_repeat(me, "track")
            case Deed.REPEAT_OFF:
                world.set_repeat(me, "off")
            case Deed.QUEUE_OWN if self._own:
                world.queue(me, self._rng.choice(self._own))
            case Deed.TAKE_OVER if self._own_context is not None:
                world.play(me, context_uri=self._own_context)
            case Deed.COME_BACK if self._wants_room is not None:
                self._wants_room(self.mood)
            case Deed.COME_BACK if self._heard_before is not None:
                world.play(me, uris=[self._heard_before])
            case _:
                pass

    def _plan_night(self, world: World, midnight_ms: int) -> None:
        """Bed and rising of the day that began at ``midnight_ms``; plans the next one from there."""
        bed_ms = midnight_ms + self._rng.randint(*_BED_TIME) * MINUTE_MS
        rise_ms = midnight_ms + self._rng.randint(*_RISING_TIME) * MINUTE_MS
        sleeps = self._rng.random() < self._planner.temperament(bed_ms).night_rate

        def go_to_bed() -> None:
            if sleeps:
                with contextlib.suppress(Refused):
                    world.pause(Actor.LISTENER)
                world.schedule(rise_ms, rise)
            self._plan_night(world, midnight_ms + _DAY_MS)

        def rise() -> None:
            with contextlib.suppress(Refused):
                world.resume(Actor.LISTENER)

        world.schedule(bed_ms, go_to_bed)


async def keep_up(world: World, sleep_ms: Callable[[float], Awaitable[None]]) -> None:
    """Bring the world up to date at each of its changes, for ever. ``sleep_ms`` takes world time."""
    while True:
        world.advance()
        change_ms = world.next_change_ms()
        wait_ms = _LONGEST_NAP_MS if change_ms is None else change_ms - world.at_ms
        await sleep_ms(min(max(1, wait_ms), _LONGEST_NAP_MS))
