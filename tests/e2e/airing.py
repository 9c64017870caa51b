"""A whole hub that plays stations in a simulated home: real sockets to Spotify, a model, virtual time."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

from moodroom_hub.core.clock import LoopClock
from moodroom_hub.core.config import load_config
from moodroom_hub.core.events import Event
from moodroom_hub.core.face import HubFace, NowPlaying
from moodroom_hub.core.hub import Hub
from moodroom_hub.core.stations import NextTrack, Radio
from moodroom_hub.domain.models import EpochMs, PoolEntry, RoomSlug, Uri
from moodroom_hub.domain.stations.models import Station, StationKey, Vote
from moodroom_hub.plugins.radio.training.order import Order
from moodroom_hub.plugins.radio.training.process import train_apart
from moodroom_hub.plugins.spotify.token_file import Login
from moodroom_hub.simulator.catalogue import ROOM_SLUGS, demo_items, demo_pools
from moodroom_hub.simulator.catalogue.stations import (
    FRIDAY,
    as_slice,
    friday_uris,
    scene_artists,
    station_items,
    strangers_playlists,
)
from moodroom_hub.simulator.faults import FaultRule
from moodroom_hub.simulator.home import EPOCH_MS, SimulatedHome
from moodroom_hub.simulator.items import Item
from moodroom_hub.simulator.virtual_time import run_virtual

BUILTINS = tuple(f"moodroom_hub.plugins.{name}" for name in ("sampling", "demotion", "top_up", "spotify", "radio"))
FRIDAY_KEY = StationKey("friday")
STAND_IN = RoomSlug("after-hours")
"""The one room that is full: what stations fall back to, and of no scene that Friday is of."""
SONG_S = 120.0
SKIP_S = 10.0
LEAVE_S = 60.0
"""Too late for a skip, too early for an end."""
PATIENCE = 400
ITEMS = {
    item.uri: replace(item, duration_ms=round(SONG_S * 1000))
    if item.id and item.uri.startswith("spotify:track:")
    else item
    for item in (*demo_items(), *station_items())
}


def train_model(folder: Path) -> Path:
    """What strangers' playlists teach, as ``station train`` makes it; gives the model's file."""
    lists, model = folder / "strangers", folder / "model.radio"
    lists.mkdir()
    (lists / "mpd.slice.0-599.json").write_text(as_slice(strangers_playlists()), encoding="utf-8")
    asyncio.run(train_apart(Order(model, (lists,))))
    return model


def scene_of(artist: str) -> str:
    """The scene that most of the artist's songs are of."""
    return max(ROOM_SLUGS, key=lambda scene: scene_artists(scene).get(artist, 0))


def share(artists: Iterable[str], scene: str) -> float:
    """Which share of them is of this scene."""
    scenes = [scene_of(artist) for artist in artists]
    return scenes.count(scene) / len(scenes)


@dataclass
class Airing:
    """The home, the hub in it, and every event that it told."""

    home: SimulatedHome
    hub: Hub
    events: list[Event] = field(default_factory=list)

    @property
    def commands(self) -> HubFace:
        """What faces ask."""
        return self.hub.commands

    @property
    def radio(self) -> Radio:
        """The hub's."""
        return self.hub.commands.radio

    def votes(self, key: StationKey = FRIDAY_KEY) -> Sequence[Vote]:
        """Oldest first."""
        return self.commands.stations.votes(key)

    async def station(self, key: StationKey = FRIDAY_KEY) -> Station:
        """The station, as soon as its playlist was read."""
        for _ in range(PATIENCE):
            found = self.commands.stations.get(key)
            if found is not None:
                return found
            await asyncio.sleep(1)
        raise AssertionError(f"no station {key}")

    async def now(self) -> NowPlaying:
        """What the hub says that plays."""
        for _ in range(PATIENCE):
            found = (await self.commands.state()).now_playing
            if found is not None:
                return found
            await asyncio.sleep(1)
        raise AssertionError("nothing plays")

    def true_uri(self) -> str:
        """What really plays."""
        item = self.home.world.view().item
        assert item is not None
        return item.uri

    async def begun(self, after: str) -> Item:
        """Wait until another track plays, and the hub has seen it and queued the one after it."""
        for _ in range(PATIENCE):
            uri = self.true_uri()
            if uri != after and (await self.now()).track.uri == uri and self.home.world.true_queue():
                return ITEMS[uri]
            await asyncio.sleep(1)
        raise AssertionError("nothing else has begun")

    async def skip(self, after_s: float = SKIP_S) -> Item:
        """The listener hears so much more of what plays, and leaves it by the hub's button; gives it."""
        left = ITEMS[self.true_uri()]
        await asyncio.sleep(after_s)
        assert self.true_uri() == left.uri
        assert await self.commands.next(Uri(left.uri))
        await self.begun(left.uri)
        return left

    async def hear(self, count: int) -> list[Item]:
        """``count`` tracks to their ends; gives them."""
        heard = []
        for _ in range(count):
            heard.append(ITEMS[self.true_uri()])
            await self.begun(heard[-1].uri)
        return heard

    async def next(self, count: int, key: StationKey = FRIDAY_KEY) -> Sequence[NextTrack]:
        """What the station would play now, once that is at hand."""
        found: Sequence[NextTrack] = ()
        for _ in range(PATIENCE):
            found = (await self.radio.why(key, count)).next
            if len(found) >= count:
                return found[:count]
            await asyncio.sleep(2)
        raise AssertionError(f"only {len(found)} of {count}")


def artists_of(tracks: Iterable[NextTrack]) -> list[str]:
    """The first artist of each."""
    return [each.track.artists[0] for each in tracks]


@asynccontextmanager
async def airing(
    folder: Path,
    model: Path | None,
    *,
    rules: Sequence[FaultRule] = (),
    playlists: Collection[tuple[str, Sequence[str]]] = ((FRIDAY, tuple(friday_uris())),),
    pools: Collection[RoomSlug] = (STAND_IN,),
    plugins: Sequence[str] = (),
    **sections: Any,
) -> AsyncIterator[Airing]:
    """A hub that somebody is logged in to. A folder that a hub left is taken up; ``sections`` are ``plugins``' own."""
    clock = LoopClock(EpochMs(EPOCH_MS))
    async with SimulatedHome(listener=None, items=list(ITEMS.values()), liked=[]) as home:
        home.fake.faults.rules.extend(rules)
        for name, uris in playlists:
            home.world.library.make_playlist(name, home.now_ms(), uris)
        _log_in(folder / "data", home, clock.now_ms())
        config = {
            "hub": {"data_dir": str(folder / "data")},
            "plugins": {
                "spotify": {
                    "client_id": home.client_id,
                    "api_url": home.api_url,
                    "accounts_url": home.accounts_url,
                },
                "radio": {"model": str(model)} if model is not None else {},
                **sections,
            },
        }
        path = folder / "config.yaml"
        path.write_text(json.dumps(config), encoding="utf-8")
        loaded = load_config(path, {})
        async with Hub(loaded, clock=clock, rng=Random(1), builtins=(*BUILTINS, *plugins), with_foreign=False) as hub:
            made = demo_pools()
            for slug in pools:
                entries = [PoolEntry(track, tier) for tier, track in made[slug]]
                await hub.pools.put_base(slug, entries, replace_all=True)
            yield Airing(home, hub)


def aired(scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a test in virtual time."""
    run_virtual(scenario)


def uris_of(tracks: Iterable[NextTrack]) -> list[Uri]:
    """In their order."""
    return [each.track.uri for each in tracks]


def _log_in(data_dir: Path, home: SimulatedHome, now_ms: int) -> None:
    """As if somebody had logged in a moment ago."""
    tokens = home.issue_tokens()
    login = Login(
        client_id=home.client_id,
        access_token=tokens["access_token"],
        refresh_token=tokens["refresh_token"],
        obtained_at_ms=now_ms,
        expires_at_ms=now_ms + 3_600_000,
        authorised_at_ms=now_ms,
        scope=tokens["scope"],
    )
    data_dir.mkdir(mode=0o700, exist_ok=True)
    file = data_dir / "spotify-token.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(asdict(login)))
