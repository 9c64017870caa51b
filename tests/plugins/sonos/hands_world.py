"""A simulated household and one player's hands in it, over real sockets; time runs twenty times as fast."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from moodroom_hub.core.clock import SystemClock
from moodroom_hub.domain.models import Uri
from moodroom_hub.plugins.sonos.belongings import Belongings
from moodroom_hub.plugins.sonos.client import SonosClient
from moodroom_hub.plugins.sonos.looking import topology_at
from moodroom_hub.plugins.sonos.places import Address
from moodroom_hub.plugins.sonos.player import SonosPlayer
from moodroom_hub.plugins.sonos.reach import Reach
from moodroom_hub.simulator.items import Item, uri_of
from moodroom_hub.simulator.sonos.home import SimulatedSonos
from moodroom_hub.simulator.sonos.players import PlayerSpec
from moodroom_hub.simulator.sonos.session import SonosSettings
from moodroom_hub.simulator.sonos.world import SonosWorld

SPEED = 20
SPECS = (PlayerSpec("Kitchen", has_line_in=True), PlayerSpec("Living Room", is_soundbar=True), PlayerSpec("Bath"))


def songs(prefix: str, count: int = 12) -> list[Item]:
    """Songs of the simulated service."""
    names = [f"{prefix} {number}" for number in range(count)]
    return [Item(uri_of(name, "Band"), name, ("Band",), 200_000, album="Album") for name in names]


def uris(items: Sequence[Item]) -> list[Uri]:
    """Their uris."""
    return [Uri(item.uri) for item in items]


OURS, THEIRS = songs("Our"), songs("Their", 8)


@dataclass(frozen=True, slots=True)
class Scene:
    """The household, and the hands of its rooms."""

    sonos: SimulatedSonos
    client: SonosClient
    folder: Path

    @property
    def world(self) -> SonosWorld:
        """What really is."""
        return self.sonos.world

    async def hands(self, room: str = "Kitchen") -> SonosPlayer:
        """The hands of one room's zone, as after a start of the hub."""
        player = self.sonos.player(room)
        topology = (await topology_at(self.client, Address(*player.address))).value
        belongings = Belongings(self.folder / "sonos-queues.json")
        belongings.load()
        reach = Reach(self.client, player.uid, lambda: topology, room)
        return SonosPlayer(reach, belongings, SystemClock(SPEED))

    def queue(self, room: str = "Kitchen") -> list[str]:
        """The uris in the queue of the room's group."""
        with self.world.looked_at():
            deck = self.world.coordinator_of(room).deck
            return [entry.track.recording.uri for entry in deck.queue]

    def playing(self, room: str = "Kitchen") -> str | None:
        """The uri that really sounds there."""
        with self.world.looked_at():
            deck = self.world.coordinator_of(room).deck
            track = deck.track
            return track.recording.uri if track is not None and deck.is_running else None

    def heard(self) -> list[str]:
        """The uris that were really heard, in order."""
        return [listen.recording.uri for listen in self.world.truth.listens if listen.until(self.world.at_ms)]

    def asked(self, action: str, room: str = "Kitchen") -> int:
        """How often the room's speaker was asked this."""
        return self.sonos.fake.asked.get((self.sonos.player(room).uid, action), 0)


@asynccontextmanager
async def scene(folder: Path, *, settings: SonosSettings | None = None, timeout_s: float = 0.4) -> AsyncIterator[Scene]:
    """A household that is silent."""
    client = SonosClient(SystemClock(SPEED), timeout_s)
    everything = [*OURS, *THEIRS]
    try:
        async with SimulatedSonos(players=SPECS, items=everything, speed=SPEED, settings=settings) as sonos:
            yield Scene(sonos, client, folder)
    finally:
        await client.close(2)
