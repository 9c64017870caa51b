"""A whole hub sorts in a simulated home: labels, playlists, new likes, a correction, and all of it taken back."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from moodroom_hub.app.demo import log_in
from moodroom_hub.core.clock import SystemClock
from moodroom_hub.core.config import load_config
from moodroom_hub.core.hub import Hub
from moodroom_hub.core.sorting import Sorter, SorterJob, SorterJobStatus
from moodroom_hub.domain.models import Uri
from moodroom_hub.domain.sorting.models import LabelOrigin, LayerKey, Standing, SublistKey
from moodroom_hub.plugins import BUILTIN_PLUGINS
from moodroom_hub.simulator.home import SimulatedHome
from moodroom_hub.simulator.items import Item, uri_of
from moodroom_hub.simulator.library import Liked, SimPlaylist

SPEED = 60
MOODS = LayerKey("moods")
CALM, WILD = SublistKey("calm"), SublistKey("wild")
KINDS = {"calm": 1962, "wild": 2016, "odd": 1987}


def song(kind: str, number: int) -> Item:
    """A song whose artist, album, year and length tell of its kind."""
    artist = f"{kind.title()} Band {number % 6}"
    name = f"{kind} tune {number}"
    length_ms = 150_000 + 10_000 * len(kind) * (number % 3)
    return Item(uri_of(name, artist), name, (artist,), length_ms, f"{kind} years", KINDS[kind] + number % 4)


SONGS = {kind: [song(kind, number) for number in range(45)] for kind in KINDS}
KIND_OF = {Uri(item.uri): kind for kind, items in SONGS.items() for item in items}
OLD, NEW = slice(0, 40), slice(40, 45)


@dataclass
class Sorted:
    """The home, and the sorter of the hub in it."""

    home: SimulatedHome
    hub: Hub

    @property
    def sorter(self) -> Sorter:
        """The hub's."""
        return self.hub.commands.sorter

    def playlist(self, name: str) -> SimPlaylist:
        """The owner's playlist of this name."""
        (found,) = [one for one in self.home.world.library.playlists.values() if one.name == name and one.is_listed]
        return found

    async def done(self, job: SorterJob) -> SorterJob:
        """Wait for the work."""
        while (job := self.sorter.job()).status is SorterJobStatus.RUNNING:  # noqa: ASYNC110 -- as faces do
            await asyncio.sleep(0.01)
        assert job.status is SorterJobStatus.DONE, job
        return job

    async def answer(self, count: int) -> None:
        """The owner knows every song's kind."""
        asked = await self.sorter.question(MOODS)
        for _ in range(count):
            assert asked.track is not None
            kind = KIND_OF[asked.track.uri]
            asked = await self.sorter.answer(MOODS, asked.track.uri, [] if kind == "odd" else [SublistKey(kind)])

    def like(self, *items: Item) -> None:
        """New songs are liked in the app."""
        for item in items:
            self.home.world.library.like(item.uri, self.home.now_ms())


@asynccontextmanager
async def sorted_home(folder: Path) -> AsyncIterator[Sorted]:
    """A hub over sockets; all but the newest songs are liked."""
    clock = SystemClock(SPEED)
    items = [item for some in SONGS.values() for item in some]
    liked = [Liked(item.uri, clock.now_ms() - 60_000 * at) for at, item in enumerate(items) if item in _old()]
    async with SimulatedHome(1, speed=SPEED, now_ms=clock.now_ms, listener=None, items=items, liked=liked) as home:
        config = {
            "hub": {"data_dir": str(folder / "data")},
            "web": {"port": 0},
            "plugins": {
                "spotify": {
                    "client_id": home.client_id,
                    "api_url": home.api_url,
                    "accounts_url": home.accounts_url,
                },
                "sorter": {"layers": {"moods": {"sublists": {"calm": {}, "wild": {"playlist": "Wild nights"}}}}},
            },
        }
        path = folder / "config.yaml"
        path.write_text(json.dumps(config), encoding="utf-8")
        loaded = load_config(path, {})
        async with Hub(loaded, clock=clock, rng=Random(1), builtins=BUILTIN_PLUGINS, with_foreign=False) as hub:
            await log_in(hub.commands.accounts[0])
            yield Sorted(home, hub)


def _old() -> list[Item]:
    return [item for some in SONGS.values() for item in some[OLD]]


async def test_thirty_labels_keep_the_playlists_and_all_can_be_taken_back(tmp_path: Path) -> None:
    async with sorted_home(tmp_path) as here:
        by_hand = [SONGS["wild"][7].uri, SONGS["odd"][3].uri, SONGS["wild"][2].uri]
        owners = here.home.world.library.make_playlist("Wild nights", here.home.now_ms(), by_hand)
        await here.hub.commands.sync_library()
        await here.done(here.sorter.job())
        await here.answer(30)
        await here.done(here.sorter.start_training())
        (view,) = await here.sorter.overview()
        assert view.version is not None
        assert view.labels >= 33
        assert (view.songs, view.trouble) == (120, "")

        # What the preview says is what is written, beside what the owner had put there.
        preview = await here.sorter.preview(MOODS)
        added = {each.sublist: [one.track.uri for one in each.added] for each in preview.changes}
        assert [each.is_new for each in preview.changes] == [True, False]
        assert preview.changes[1].kept_by_hand == 3
        right = [KIND_OF[uri] == key for key, uris in added.items() for uri in uris]
        assert len(right) > 40
        assert sum(right) / len(right) > 0.9
        await here.done(here.sorter.start_applying(MOODS))
        calm = here.playlist("Calm")
        assert not calm.is_public
        assert calm.uris == added[CALM]
        assert owners.uris == [*by_hand, *added[WILD]]
        assert all(not each.added and not each.removed for each in (await here.sorter.preview(MOODS)).changes)

        # Taken back, to the very order; and written once more.
        written = list(owners.uris)
        await here.done(here.sorter.start_rollback())
        assert owners.uris == by_hand
        assert here.playlist("Calm").uris == []
        await here.done(here.sorter.start_applying())
        assert owners.uris == written

        # Five new likes: sure ones are placed and written, the others wait to be reviewed.
        before = len(calm.uris) + len(owners.uris)
        new = [SONGS["calm"][40], SONGS["calm"][41], SONGS["wild"][40], SONGS["wild"][41], SONGS["odd"][40]]
        here.like(*new)
        report = await here.hub.commands.sync_library()
        assert (report.new, report.is_sorting) == (5, True)
        job = await here.done(here.sorter.job())
        calm = here.playlist("Calm")
        assert any("5 new songs" in note for note in job.notes)
        placed = {each.track.uri: each.place for each in await here.sorter.places(MOODS)}
        sure = {item.uri for item in new if placed[Uri(item.uri)].standing is Standing.SURE}
        assert len(sure) >= 2
        assert {
            uri for uri in [*calm.uris, *owners.uris] if uri is not None and uri in {item.uri for item in new}
        } == sure
        assert len(calm.uris) + len(owners.uris) == before + len(sure)

        # The owner moves a song in the app: that is a label, and nobody moves it back.
        moved = added[CALM][0]
        calm.hold([uri for uri in calm.uris if uri != moved])
        owners.hold([*owners.uris, moved])
        await here.done(here.sorter.start_sync())
        labels = {label.uri: label for label in await here.hub.commands.sorting.labels(MOODS)}
        assert (labels[moved].origin, labels[moved].fits) == (LabelOrigin.CORRECTED, frozenset({WILD}))
        assert moved in owners.uris
        assert moved not in calm.uris
