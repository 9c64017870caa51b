"""Small worlds with a hand-turned clock."""

from collections.abc import Sequence

from moodroom_hub.simulator.devices import Presence, SimDevice
from moodroom_hub.simulator.items import Item, isrc_of, uri_of
from moodroom_hub.simulator.library import Library
from moodroom_hub.simulator.session import WorldSettings
from moodroom_hub.simulator.world import World

EPOCH_MS = 1_793_600_000_000
MINUTE_MS = 60_000


class HandClock:
    """World time, turned by the test."""

    def __init__(self) -> None:
        self.now_ms = EPOCH_MS

    def __call__(self) -> int:
        return self.now_ms

    def turn(self, by_ms: float) -> None:
        """Let time pass."""
        self.now_ms += round(by_ms)


def song(name: str, duration_ms: int = 200_000, **more: object) -> Item:
    """One song by ``The Testers``."""
    facts: dict[str, object] = {"album": "First Tests", "year": 2011, "isrc": isrc_of(name, "The Testers", 2011)}
    return Item(uri_of(name, "The Testers"), name, ("The Testers",), duration_ms, **(facts | more))  # type: ignore[arg-type]  # the tests' own keywords


SONGS: tuple[Item, ...] = tuple(song(f"Song {number}", 180_000 + 10_000 * number) for number in range(12))
URIS: tuple[str, ...] = tuple(one.uri for one in SONGS)


def small_world(
    clock: HandClock,
    *,
    devices: Sequence[SimDevice] | None = None,
    items: Sequence[Item] = SONGS,
    settings: WorldSettings | None = None,
    library: Library | None = None,
    seed: int = 1,
) -> World:
    """A world of a few songs with a speaker that plays, a phone that idles and a sleeping television."""
    if devices is None:
        devices = (
            SimDevice("Kitchen", presence=Presence.ACTIVE),
            SimDevice("Phone", kind="Smartphone"),
            SimDevice("Television", kind="TV", presence=Presence.ASLEEP),
        )
    return World(clock, items, seed=seed, devices=devices, settings=settings, library=library)
