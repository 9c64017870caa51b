"""What the hub knows of the owner's music, as the sorter gets it, and who sorts."""

import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from moodroom_hub.core.config import load_config
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.mining.books import KEPT_FACT
from moodroom_hub.core.offline import offline_hub
from moodroom_hub.core.past import Past
from moodroom_hub.core.sorting import Heard, Material, SortingFace
from moodroom_hub.core.sorting_book import SortingBook
from moodroom_hub.core.store import Change
from moodroom_hub.domain.models import DurationMs, ListeningRules, PoolEntry, Room, RoomSlug, Tier
from moodroom_hub.domain.past.plays import PastPlay
from moodroom_hub.domain.plays.facts import FACTS_KIND, facts_key, facts_to_text
from moodroom_hub.domain.plays.models import TrackFacts
from moodroom_hub.domain.pools import moved
from tests.core.data_lab import NIGHT, Data, FakeAccount, data, liked, song
from tests.core.plugin_lab import Lab
from tests.core.store.builders import CALM, MOODS, label, place, skipped, version, write

HOUSE = RoomSlug("house")


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[tuple[Data, SortingBook]]:
    """The parts and the book over them."""
    async with data(folder) as parts:
        rooms = {slug: Room(slug, slug) for slug in (NIGHT, HOUSE)}
        past = Past(parts.store, parts.pools, parts.clock, ListeningRules(), rooms)
        yield parts, SortingBook(parts.store, parts.pools, past, parts.clock, rooms)


async def test_a_hub_that_knows_nothing_gives_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as (_, book):
        assert await book.material() == Material(tiers={NIGHT: {}, HOUSE: {}}, taught=frozenset())


async def test_all_that_is_known_of_the_music_is_there(tmp_path: Path) -> None:
    async with opened(tmp_path) as (parts, book):
        long = replace(song(3), duration_ms=DurationMs(200_000))
        await parts.library.sync(FakeAccount([2, 1], lists={"Evenings": [1, 8, 1], "Empty": []}))
        await parts.store.put_liked([replace(liked(3), track=long)])
        found = facts_to_text(TrackFacts(year=1999, genres=("house", "disco"), label="Trax"))
        await parts.store.findings.put(
            FACTS_KIND, facts_key(long) or "", found, parts.clock.now_ms(), DurationMs(10_000), 99
        )
        plays = [PastPlay(number * 200_000, 190_000, f"Song {number}", "Band") for number in (1, 2, 3)]
        await parts.store.put_past(plays)
        await parts.store.commit(Change(events=(skipped(2), skipped(3))))

        material = await book.material()
        assert material.liked == (replace(long, year=1999), song(2), song(1))
        assert [(each.id, each.name, each.snapshot) for each in material.lists] == [
            ("id-of-Evenings", "Evenings", "v1"),
            ("id-of-Empty", "Empty", "v1"),
        ]
        assert [each.tracks for each in material.lists] == [(song(1), song(8), song(1)), ()]
        assert material.sittings == ((("Song 1", "Band"), ("Song 2", "Band"), ("Song 3", "Band")),)
        assert (material.genres, material.record_labels) == (
            {long.uri: ("house", "disco")},
            {long.uri: "Trax"},
        )
        assert material.heard == {song(number).uri: Heard(0, 1) for number in (2, 3)}


async def test_a_miners_guess_teaches_nothing_until_somebody_agrees(tmp_path: Path) -> None:
    async with opened(tmp_path) as (parts, book):
        entries = [PoolEntry(song(number), Tier.CONFIRMED, source="mined:sorter") for number in (1, 2, 3)]
        entries += [PoolEntry(song(4), Tier.SAFE_SIDE, source="moods.csv"), PoolEntry(song(5), Tier.REMOVED)]
        await parts.pools.put_base(NIGHT, entries, replace_all=True)
        change = moved(await parts.pools.pool(NIGHT), song(2), Tier.SAFE_SIDE, parts.clock.now_ms())
        assert change is not None
        await parts.pools.change(NIGHT, [change])
        await parts.store.commit(Change(facts={f"{KEPT_FACT}:{NIGHT}": f'["{song(3).uri}", "{song(9).uri}"]'}))

        material = await book.material()
        assert set(material.taught) == {(NIGHT, song(number).uri) for number in (2, 3, 4, 5)}
        assert material.tiers[NIGHT] == {
            song(1).uri: Tier.CONFIRMED,
            song(2).uri: Tier.SAFE_SIDE,
            song(3).uri: Tier.CONFIRMED,
            song(4).uri: Tier.SAFE_SIDE,
            song(5).uri: Tier.REMOVED,
        }


async def test_what_the_sorter_remembers_goes_through(tmp_path: Path) -> None:
    async with opened(tmp_path) as (_, plain):
        book: SortingFace = plain
        await book.put_labels(MOODS, [])
        await book.put_labels(MOODS, [label(1, CALM)])
        await book.put_places(MOODS, [place(1, CALM)])
        made = await book.add_version(version())
        (begun,) = await book.put_writes([write(1)])
        assert list(await book.labels(MOODS)) == [label(1, CALM)]
        assert list(await book.places(MOODS)) == [place(1, CALM)]
        assert list(await book.versions(MOODS)) == [made]
        assert list(await book.writes()) == list(await book.writes(MOODS)) == [begun]
        assert await book.put_writes([]) == ()
        assert await book.take_back_label(MOODS) == label(1, CALM)


CALLS: dict[str, Callable[[SortingBook], object]] = {
    "material": lambda book: book.material(),
    "labels": lambda book: book.labels(MOODS),
    "put_labels": lambda book: book.put_labels(MOODS, [label(1, CALM)]),
    "take_back_label": lambda book: book.take_back_label(MOODS),
    "places": lambda book: book.places(MOODS),
    "put_places": lambda book: book.put_places(MOODS, []),
    "versions": lambda book: book.versions(MOODS),
    "add_version": lambda book: book.add_version(version()),
    "writes": lambda book: book.writes(),
    "put_writes": lambda book: book.put_writes([write(1)]),
}


async def test_a_database_that_is_away_is_a_trouble_with_its_reason(tmp_path: Path) -> None:
    async with opened(tmp_path) as (parts, book):
        await parts.store.close()
        for name, call in CALLS.items():
            with pytest.raises(Trouble) as caught:
                await call(book)  # type: ignore[misc] # each gives its own kind of awaitable
            assert caught.value.code is TroubleCode.UNAVAILABLE, name


PLUGIN = """
class Plugin(Base):
    name = "{name}"

    @hookimpl
    def register_sorters(self):
        return ["{name}"]
"""


async def test_the_first_sorter_counts_with_or_without_a_running_hub(lab: Lab, tmp_path: Path) -> None:
    for name in ("first", "second"):
        lab.module(name, PLUGIN.format(name=name))
    file = tmp_path / "config.yaml"
    file.write_text(f"hub: {{data_dir: {tmp_path / 'data'}}}", encoding="utf-8")
    loaded = load_config(file, {})
    async with offline_hub(loaded, builtins=("first", "second"), is_reading=False) as hub:
        assert hub.commands.sorter == "first"  # type: ignore[comparison-overlap] # its name stands for it here
        assert list(await hub.commands.sorting.labels(MOODS)) == []
    async with offline_hub(loaded, builtins=(), is_reading=True) as hub:
        with pytest.raises(Trouble, match=r"plugins\.sorter\.layers in the configuration") as caught:
            _ = hub.commands.sorter
        assert caught.value.code is TroubleCode.NOT_FOUND


def test_a_hub_that_sorts_nothing_does_without_the_sorters_words() -> None:
    told = "import sys, moodroom_hub.core.hub; print([name for name in sys.modules if 'sort' in name.split('.')[-1]])"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
