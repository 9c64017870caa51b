"""The commands' own way to the Sonos speakers: through the plugin's parts, beside whatever hub may run."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from moodroom_hub.app.client import Json
from moodroom_hub.core.clock import SystemClock
from moodroom_hub.core.config import LoadedConfig, plugin_config
from moodroom_hub.core.errors import MoodroomError, Trouble
from moodroom_hub.plugins.sonos import volume as loudness
from moodroom_hub.plugins.sonos.belongings import Belongings
from moodroom_hub.plugins.sonos.book import SpeakerBook
from moodroom_hub.plugins.sonos.client import SonosClient
from moodroom_hub.plugins.sonos.config import SonosConfig
from moodroom_hub.plugins.sonos.discovery import search
from moodroom_hub.plugins.sonos.looking import topology_at
from moodroom_hub.plugins.sonos.places import Address
from moodroom_hub.plugins.sonos.player import SonosPlayer
from moodroom_hub.plugins.sonos.queue import read_standing
from moodroom_hub.plugins.sonos.reach import Reach
from moodroom_hub.plugins.sonos.topology import Topology

MEND = (
    "Are they on, and in this network? Where a search does not reach them, name one in the configuration: "
    "plugins.sonos.addresses: [192.168.1.20]."
)
PATIENCE_S = 4.0
SEARCH_S = 2.0
MOST_ASKED = 4
BOOK = "sonos-speakers.json"
STATES = {"PLAYING": "plays", "TRANSITIONING": "plays", "PAUSED_PLAYBACK": "paused", "STOPPED": "stopped"}


@dataclass(frozen=True, slots=True)
class House:
    """The household as it is now. ``zones``: the name of each speaker's zone, by the speaker's uid."""

    client: SonosClient
    topology: Topology
    zones: Mapping[str, str]

    def player(self, zone: str) -> SonosPlayer:
        """The hands of a zone (or speaker), by its name. Raises ``MoodroomError``."""
        reach = Reach(self.client, self._uid(zone), lambda: self.topology, zone)
        return SonosPlayer(reach, Belongings(Path("/nonexistent")), SystemClock())

    def zone_of(self, name: str) -> str:
        """The zone that is called so. Raises ``MoodroomError``."""
        return self.zones[self._uid(name)]

    def leader_uid(self, name: str) -> str:
        """Who leads the group of this speaker. Raises ``MoodroomError``."""
        uid = self._uid(name)
        return self.topology.coordinator_of(uid) or uid

    async def speakers(self) -> list[Json]:
        """Every speaker, sorted by name."""
        players = sorted(self.topology.players.values(), key=lambda player: player.name.casefold())
        return list(await asyncio.gather(*(self._speaker(player.uid) for player in players)))

    async def groups(self) -> list[Json]:
        """Every group."""
        return list(await asyncio.gather(*(self._group(group.coordinator) for group in self.topology.groups)))

    async def queue(self, zone: str) -> Json:
        """A zone's queue."""
        standing, page = await self.player(zone).contents()
        number = standing.number if standing.is_on_queue else 0
        entries = [
            {"number": item.number, "title": item.title, "uri": str(item.track), "on": item.number == number}
            for item in page.items
        ]
        return {"zone": self.zone_of(zone), "total": page.total, "is_on": standing.is_on_queue, "entries": entries}

    async def _speaker(self, uid: str) -> Json:
        player = self.topology.players[uid]
        leader = self.topology.coordinator_of(uid) or uid
        row: Json = {
            "name": player.name,
            "zone": self.zones[uid],
            "address": str(player.address),
            "uid": uid,
            "plays_with": None if leader == uid else self.topology.players[leader].name,
            "volume": None,
            "muted": None,
        }
        try:
            row["volume"] = (await self.client.run(player.address, loudness.read_volume)).value
            row["muted"] = (await self.client.run(player.address, loudness.read_mute)).value
        except Trouble:
            return row  # the rest of the household is told all the same
        return row

    async def _group(self, uid: str) -> Json:
        leader = self.topology.players[uid]
        names = [self.topology.players[each].name for each in self.topology.members_of(uid)]
        row: Json = {"zone": self.zones[uid], "leads": leader.name, "speakers": names}
        try:
            standing = (await self.client.run(leader.address, read_standing)).value
            row["state"] = STATES.get(standing.state, standing.state.lower())
            row["volume"] = (await self.client.run(leader.address, loudness.read_group_volume)).value
        except Trouble:
            row |= {"state": "does not answer", "volume": None}
        return row

    def _uid(self, name: str) -> str:
        wanted = name.strip().casefold()
        for uid, player in self.topology.players.items():
            if wanted in {uid.casefold(), self.zones[uid].casefold(), player.name.casefold()}:
                return uid
        raise MoodroomError(f"There is no Sonos zone {name!r}. Known: {', '.join(sorted(self.zones.values()))}.")


def at_home(loaded: LoadedConfig, deed: Callable[[House], Awaitable[None]]) -> None:
    """Find the household and do something there. Raises ``MoodroomError``."""

    async def run() -> None:
        async with _house(loaded, SEARCH_S) as house:
            await deed(house)

    asyncio.run(run())


def found_now(loaded: LoadedConfig, search_s: float) -> list[Json]:
    """Search, and tell of every speaker that there is: name, zone, address, uid. Raises ``MoodroomError``."""

    async def run() -> list[Json]:
        async with _house(loaded, search_s, is_searching=True) as house:
            players = sorted(house.topology.players.values(), key=lambda player: player.name.casefold())
            return [
                {
                    "name": player.name,
                    "zone": house.zones[player.uid],
                    "address": str(player.address),
                    "uid": player.uid,
                    "plays_with": None if leader == player.uid else house.topology.players[leader].name,
                }
                for player in players
                if (leader := house.leader_uid(player.uid))
            ]

    return asyncio.run(run())


def pasted(rows: Sequence[Json]) -> list[str]:
    """The section to paste. Names are hostile: they are written as JSON strings, which YAML reads."""
    count = "1 speaker" if len(rows) == 1 else f"{len(rows)} speakers"
    lines = [f"# {count} found. Into your configuration, under plugins:", "plugins:", "  sonos:"]
    lines += ["    addresses:", *(f"      - {json.dumps(row['address'])}" for row in rows)]
    lines += ["    # The zones' names are yours to choose; without this part they are these.", "    zones:"]
    is_twice = len({row["name"].casefold() for row in rows}) < len(rows)
    return lines + [f"      {row['zone']}: {json.dumps(row['uid'] if is_twice else row['name'])}" for row in rows]


@asynccontextmanager
async def _house(loaded: LoadedConfig, search_s: float, *, is_searching: bool = False) -> AsyncIterator[House]:
    config = plugin_config(loaded, "sonos", SonosConfig)
    client = SonosClient(SystemClock(), PATIENCE_S)
    book = SpeakerBook(loaded.settings.hub.data_dir / BOOK, config.zones)
    book.load()
    try:
        found = await search(config.interface, search_s) if is_searching or not config.fixed else ()
        addresses = [*config.fixed, *found, *(known.address for known in book.all())]
        topology = await _topology(client, list(dict.fromkeys(addresses)))
        book.note(topology.players)
        yield House(client, topology, {uid: str(book.zone(uid)) for uid in topology.players})
    finally:
        await client.close(PATIENCE_S)


async def _topology(client: SonosClient, addresses: Sequence[Address]) -> Topology:
    """What the first one that answers tells. Raises ``MoodroomError``."""
    trouble: Trouble | None = None
    for address in addresses[:MOST_ASKED]:
        try:
            return (await topology_at(client, address)).value
        except Trouble as problem:
            trouble = problem
    raise MoodroomError(f"No Sonos speaker was found. {MEND}" if trouble is None else f"{trouble.message} {MEND}")
