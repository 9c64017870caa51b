"""The plugin's parts, put together. Imported late: this is what loads SoCo."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from moodroom_hub.core.context import PluginContext
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.ports import ZonePorts
from moodroom_hub.plugins.sonos.belongings import Belongings
from moodroom_hub.plugins.sonos.book import Known, SpeakerBook
from moodroom_hub.plugins.sonos.client import SonosClient
from moodroom_hub.plugins.sonos.config import SonosConfig
from moodroom_hub.plugins.sonos.discovery import search
from moodroom_hub.plugins.sonos.house import House
from moodroom_hub.plugins.sonos.keeping import SEARCH_WAIT_MS, Keeper
from moodroom_hub.plugins.sonos.places import Address
from moodroom_hub.plugins.sonos.player import SonosPlayer
from moodroom_hub.plugins.sonos.posting import Exchange, exchange
from moodroom_hub.plugins.sonos.reach import Reach
from moodroom_hub.plugins.sonos.source import SonosSource
from moodroom_hub.plugins.sonos.topology import Player

if TYPE_CHECKING:
    from moodroom_hub.plugins.sonos.events import Events

PATIENCE_S: Final = 1.5
EVENTS_MS: Final = 5_000
"""How often it is looked after that the right speakers tell their events."""
LONGEST_NAME: Final = 60

Search = Callable[[], Awaitable[Sequence[Address]]]


@dataclass(frozen=True, slots=True)
class Ways:
    """How the plugin gets at the world; tests give ways into a simulated household without sockets."""

    post: Exchange = exchange
    search: Search | None = None
    new_session: Callable[[float], Any] | None = None
    now_s: Callable[[], float] | None = None


class Parts:
    """Everything that the plugin is made of."""

    def __init__(self, context: PluginContext[SonosConfig], ways: Ways) -> None:
        """Make the parts and read what earlier runs left in the data folder. Blocking, quick; sends nothing."""
        self._context = context
        self._ways = ways
        config, clock = context.config, context.clock
        self.config = config
        self.book = SpeakerBook(context.data_dir / "sonos-speakers.json", config.zones)
        self.belongings = Belongings(context.data_dir / "sonos-queues.json")
        self.book.load()
        self.belongings.load()
        self.client = SonosClient(clock, config.timeout / 1000, ways.post, ways.now_s)
        self.house = House(self.client, clock, self.book, context.policy)
        self.events: Events | None = None
        self.keeper = Keeper(
            self.house,
            self.client,
            clock,
            self.book,
            config,
            search=ways.search or partial(search, config.interface, clock.real_seconds(SEARCH_WAIT_MS)),
            hears=self._hears,
            on_round=self.tell,
        )
        self._told: tuple[PluginStatus, str] | None = None
        self._notices: asyncio.Queue[str] = asyncio.Queue(maxsize=1)

    def ports(self, known: Known) -> ZonePorts:
        """One speaker's eyes and hands."""
        uid, label = known.uid, known.name[:LONGEST_NAME]
        reach = Reach(self.client, uid, lambda: self.house.topology, label)
        return ZonePorts(
            zone=known.zone,
            source=SonosSource(self.house, uid),
            player=SonosPlayer(reach, self.belongings, self._context.clock),
            queue_ahead=self.config.queue_ahead,
            label=label,
            owns_queue=True,
            leader=partial(self.house.leading_zone, uid),
        )

    def start(self) -> None:
        """Begin the loops."""
        context = self._context
        self.house.groups.on_new = self._add
        context.set_status(PluginStatus.WAITING, "looking for speakers")
        context.spawn("groups", self.keeper.keep_groups)
        context.spawn("looks", self.keeper.keep_looking)
        if self.config.events:
            # Late: the listener needs aiohttp.
            from moodroom_hub.plugins.sonos.events import Events

            self.events = Events(
                self.client,
                context.clock,
                host=self.config.event_host or self.config.interface,
                port=self.config.event_port,
                on_transport=self.keeper.look_soon,
                on_groups=self._hear_groups,
                new_session=self._ways.new_session,
            )
            context.spawn("events", self._keep_events)
            context.spawn("notices", self._keep_notices)

    async def close(self) -> None:
        """Let go of subscriptions, looks, threads and connections, within a few seconds. Idempotent."""
        if self.events is not None:
            await self.events.stop()
        await self.house.close()
        await self.client.close(PATIENCE_S)

    def tell(self) -> None:
        """Say how it is, where that changed."""
        told = self._status()
        if told != self._told:
            self._told = told
            self._context.set_status(*told)

    def _status(self) -> tuple[PluginStatus, str]:
        topology = self.house.topology
        if not topology.players:
            if self.keeper.is_refused and self.events is None:
                return PluginStatus.WAITING, "so many speakers tell their groups only by events: plugins.sonos.events"
            return PluginStatus.WAITING, "no speaker found yet"
        if not self.keeper.has_answer:
            return PluginStatus.WAITING, "no speaker answers"
        count, groups = len(topology.players), len(topology.groups)
        text = f"{count} speaker{'s' * (count != 1)}, {groups} group{'s' * (groups != 1)}"
        return PluginStatus.RUNNING, f"{text}; {self.about_events()}"

    def about_events(self) -> str:
        """How events are, in a few words."""
        events = self.events
        if events is None:
            return "events are off"
        if events.trouble:
            return f"no events: {events.trouble}"
        if events.are_flowing:
            return "events come"
        if events.is_deaf:
            return "no events arrive, so the speakers are asked more often (plugins.sonos.event_host, event_port)"
        return "waiting for events"

    def _hears(self, uid: str) -> bool:
        return self.events is not None and self.events.hears(uid)

    def _hear_groups(self, body: str) -> None:
        if self._notices.full():
            self._notices.get_nowait()  # the newer one tells all
        self._notices.put_nowait(body)

    async def _keep_notices(self) -> None:
        while True:
            await self.keeper.take_notice(await self._notices.get())

    async def _keep_events(self) -> None:
        events = self.events
        assert events is not None
        while True:
            topology = self.house.topology
            leaders = [topology.players[uid] for uid in sorted(topology.coordinators)]
            well = [player for player in leaders if self.house.watch(player.uid).trouble is None]
            refusing = self.keeper.refusing
            anybody = well or ([Player(str(refusing), str(refusing), refusing)] if refusing is not None else [])
            await events.keep_up(well, anybody)
            self.tell()
            await self._context.clock.sleep_ms(EVENTS_MS if topology.players else EVENTS_MS / 5)

    async def _add(self, fresh: Iterable[Known]) -> None:
        for known in fresh:
            await self._context.add_zone(self.ports(known))
