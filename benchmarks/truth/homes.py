"""The simulated homes: who lives there, what plays there, and everything that goes wrong there. Decided by seed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from random import Random

from moodroom_hub.domain.models import DurationMs, PoolEntry, Tier, Track, Uri
from moodroom_hub.simulator.catalogue import ROOM_SLUGS, own_playlist_uris, songs
from moodroom_hub.simulator.devices import Presence, SimDevice
from moodroom_hub.simulator.faults import Fault, FaultPlan, FaultRule, Latency
from moodroom_hub.simulator.items import Item, uri_of
from moodroom_hub.simulator.library import Library
from moodroom_hub.simulator.listener import Listener
from moodroom_hub.simulator.session import WorldSettings
from moodroom_hub.simulator.world import World

EPOCH_MS = 1_793_550_000_000
"""Where every home's time begins: 2026-11-01T16:20:00Z, so that a day holds an evening and a night."""
HOUR_MS, MINUTE_MS, SECOND_MS = 3_600_000, 60_000, 1_000
TAKES = ("", " II", " III")
"""Each song of the catalogue stands for three, so that a day of hunting empties no pool."""
TEMPERAMENTS = (
    "household",
    "hunter",
    "patient",
    "seeker",
    "household",
    "hunter",
    "repeater",
    "browser",
    "sleeper",
    "patient",
)
RELINKED_SHARE = 0.04
SPEAKER = "Kitchen"


@dataclass(frozen=True, slots=True)
class HomePlan:
    """One home. Times are milliseconds since its beginning.

    ``orders`` are the rooms that its owner wants, and when; ``losses`` when the speaker vanishes and is back.
    """

    number: int
    seed: int
    length_ms: int
    temperament: str
    weather: str
    crossfade_ms: int
    automix_max_ms: int
    advert_every: int
    orders: tuple[tuple[int, str], ...]
    losses: tuple[tuple[int, int], ...]


def plan_home(number: int, seed: int, hours: float) -> HomePlan:
    """The home ``number`` of a benchmark with this ``seed``."""
    rng = Random(f"home:{seed}:{number}")
    length_ms = round(hours * HOUR_MS)
    device = rng.random()
    return HomePlan(
        number=number,
        seed=seed * 10_000 + number,
        length_ms=length_ms,
        temperament=TEMPERAMENTS[number % len(TEMPERAMENTS)],
        weather="stormy" if number % 8 == 5 else "everyday",
        crossfade_ms=rng.choice((3, 5, 8)) * SECOND_MS if device < 0.12 else 0,
        automix_max_ms=6 * SECOND_MS if 0.12 <= device < 0.24 else 0,
        advert_every=14 if number % 10 == 7 else 0,
        orders=_orders(rng, length_ms),
        losses=_losses(rng, length_ms) if number % 4 == 1 else (),
    )


def _orders(rng: Random, length_ms: int) -> tuple[tuple[int, str], ...]:
    """A room at once; then another one (at times the same, for a fresh batch) every few hours."""
    orders = [(2 * SECOND_MS, rng.choice(ROOM_SLUGS))]
    while True:
        at_ms = orders[-1][0] + round(rng.triangular(20, 330, 60) * MINUTE_MS)
        if at_ms >= length_ms - 5 * MINUTE_MS:
            return tuple(orders)
        others = [slug for slug in ROOM_SLUGS if slug != orders[-1][1]]
        orders.append((at_ms, orders[-1][1] if rng.random() < 0.1 else rng.choice(others)))


def _losses(rng: Random, length_ms: int) -> tuple[tuple[int, int], ...]:
    count = max(1, round(length_ms / (12 * HOUR_MS)))
    begins = sorted(rng.randint(30 * MINUTE_MS, max(31 * MINUTE_MS, length_ms - 30 * MINUTE_MS)) for _ in range(count))
    return tuple((at_ms, at_ms + rng.randint(1, 12) * MINUTE_MS) for at_ms in begins)


@cache
def pools() -> dict[str, tuple[PoolEntry, ...]]:
    """Each room's pool at the beginning of every home."""
    made: dict[str, list[PoolEntry]] = {slug: [] for slug in ROOM_SLUGS}
    for song in songs():
        if song.room is None or song.tier is None:
            continue
        for take in TAKES:
            name = song.name + take
            uri = Uri(uri_of(name, song.artists[0]))
            made[song.room].append(PoolEntry(Track(uri, name, song.artists, DurationMs(song.duration_ms)), song.tier))
    return {slug: tuple(entries) for slug, entries in made.items()}


@cache
def items() -> tuple[Item, ...]:
    """Everything that can play. Some songs sound under another id than the one that was queued."""
    rng = Random("relinked")
    found: dict[str, Item] = {}
    for song in songs():
        for take in TAKES if song.room is not None else ("",):
            name = song.name + take
            item = replace(song.item(), name=name, uri=uri_of(name, song.artists[0]), isrc=None)
            if item.uri in found:
                continue
            if song.room is not None and rng.random() < RELINKED_SHARE:
                other = replace(item, uri=uri_of(f"{name} (relinked)", song.artists[0]))
                found[other.uri] = other
                item = replace(item, plays_as=other.uri)
            found[item.uri] = item
    return tuple(found.values())


@dataclass(slots=True)
class Home:
    """A plan come to life: the world and the person in it."""

    plan: HomePlan
    world: World
    listener: Listener


def make_home(plan: HomePlan, now_ms: Callable[[], int], wants_room: Callable[[str | None], None]) -> Home:
    """Build the world at this moment. ``wants_room`` is called when the listener comes back from music of their own."""
    library = Library()
    own: Sequence[str] = own_playlist_uris()
    playlist = library.make_playlist("Not for any room", now_ms(), list(own))
    speaker = SimDevice(
        SPEAKER,
        presence=Presence.ACTIVE,
        crossfade_ms=plan.crossfade_ms,
        automix_max_ms=plan.automix_max_ms,
    )
    world = World(
        now_ms,
        items(),
        seed=plan.seed,
        devices=[speaker, SimDevice("Phone", kind="Smartphone")],
        settings=WorldSettings(advert_every=plan.advert_every),
        library=library,
    )
    tastes: dict[str, list[tuple[Tier, Track]]] = {
        slug: [(entry.tier, entry.track) for entry in entries] for slug, entries in pools().items()
    }
    listener = Listener(
        plan.temperament, plan.seed, pools=tastes, own=own, own_context=playlist.uri, wants_room=wants_room
    )
    listener.attach(world)
    return Home(plan, world, listener)


def faults_of(plan: HomePlan) -> FaultPlan:
    """What goes wrong between this home and its Spotify."""
    if plan.weather == "stormy":
        return FaultPlan.stormy(plan.seed, from_ms=EPOCH_MS)
    rules = (
        FaultRule(Fault.ERROR_BEFORE, rate=0.002, status=502),
        FaultRule(Fault.BLIP_204, ("GET /me/player",), rate=0.002),
        FaultRule(Fault.NULL_ITEM, ("GET /me/player",), rate=0.002),
        FaultRule(Fault.ERROR_AFTER, ("POST /me/player/queue", "PUT /me/player/play"), rate=0.006, status=502),
        FaultRule(Fault.HANG_AFTER, ("POST /me/player/queue",), rate=0.004),
        FaultRule(Fault.HANG_BEFORE, rate=0.0005),
        FaultRule(Fault.FALSE_401, rate=0.0005),
        FaultRule(Fault.TOO_MANY, rate=0.0003, retry_after_s=15),
    )
    latency = Latency(40, 120, 900, slow_rate=0.02)
    return FaultPlan(plan.seed, rules, latency=latency, read_lag_ms=(0, 800), queue_lag_ms=(0, 6_000))
