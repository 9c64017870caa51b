"""Who is like whom at ListenBrainz: two services asked politely, and never trouble for whoever asks."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from moodroom_hub.plugins.metadata import Plugin
from moodroom_hub.plugins.metadata.answers import Artist, OddAnswer, artists, only_artist
from moodroom_hub.plugins.metadata.similar import _read
from moodroom_hub.simulator.music_facts import Mood, made_up_mbid
from tests.plugins.metadata.lab import DAY_MS, Lab, lab, virtually


@asynccontextmanager
async def asking(made: Lab, **section: Any) -> AsyncIterator[Plugin]:
    """The plugin, started."""
    given = {"similar": True, "similar_url": made.server.labs_url, **section}
    plugin = Plugin(made.context("metadata", made.metadata(**given)))
    await plugin.start()
    try:
        yield plugin
    finally:
        await plugin.stop()


async def find(plugin: Plugin, made: Lab, artist: str) -> tuple[str, ...] | None:
    """With patience: what is not known in time is known the next time."""
    found = await plugin.find_similar(artist)
    if found is None:
        await made.clock.sleep_ms(5_000)
        found = await plugin.find_similar(artist)
    return None if found is None else tuple(found)


@pytest.mark.parametrize("is_tabular", [False, True])
def test_the_nearest_first_and_kept_for_a_month(is_tabular: bool) -> None:
    async def run() -> None:
        async with lab() as made:
            made.server.labs.is_tabular = is_tabular
            async with asking(made) as plugin:
                found = await find(plugin, made, "Disclosure")
                assert found is not None
                assert 10 < len(found) <= 50
                assert "Disclosure" not in found
                assert {"Daft Punk", "Duke Dumont", "Calvin Harris"} & set(found)
                assert made.server.labs.requests == [made_up_mbid("artist", "Disclosure")]
                assert await plugin.find_similar("DISCLOSURE ") == found
            async with asking(made) as plugin:
                assert await plugin.find_similar("disclosure") == found
                assert len(made.server.labs.requests) == 1
                await made.clock.sleep_ms(31 * DAY_MS)
                assert await find(plugin, made, "disclosure") == found
            assert len(made.server.labs.requests) == 2
            assert made.server.broken == []

    virtually(run)


def test_who_is_not_known_or_not_the_only_one_is_nobody() -> None:
    async def run() -> None:
        async with lab() as made:
            made.knowledge.namesakes += [(made_up_mbid("other"), "Disclosure"), (made_up_mbid("third"), "DISCLOSURE")]
            async with asking(made) as plugin:
                for name in ("Nobody at All", "Disclosure", 'A "quoted\\ one', " ", ""):
                    assert await find(plugin, made, name) is None
                assert made.server.labs.requests == []
                asked = made.server.requests
                assert await find(plugin, made, "nobody at all") is None
                assert made.server.requests == asked
            assert made.server.broken == []

    virtually(run)


@pytest.mark.parametrize("mood", [Mood.DOWN, Mood.BUSY, Mood.GONE, Mood.GARBAGE, Mood.OTHER_SHAPE, Mood.DEEP])
@pytest.mark.parametrize("service", ["musicbrainz", "labs"])
def test_what_goes_wrong_is_nothing_and_passes(service: str, mood: Mood) -> None:
    async def run() -> None:
        async with lab() as made:
            is_read_as_nothing = (service, mood) == ("labs", Mood.OTHER_SHAPE)
            async with asking(made) as plugin:
                getattr(made.server, service).mood = mood
                assert await find(plugin, made, "Disclosure") is None
                getattr(made.server, service).mood = Mood.WELL
                await made.clock.sleep_ms(10 * DAY_MS if is_read_as_nothing else 130_000)
                assert await find(plugin, made, "Disclosure") is not None
            assert made.server.broken == []

    virtually(run)


def test_many_at_once_go_one_by_one() -> None:
    async def run() -> None:
        async with lab() as made:
            async with asking(made) as plugin:
                names = ["Disclosure", "Drake", "Daft Punk", "Nas", "Katy Perry"]
                began_ms = made.clock.now_ms()
                await asyncio.gather(*(plugin.find_similar(name) for name in names))
                assert made.clock.now_ms() - began_ms < 5_000
                await made.clock.sleep_ms(20_000)
                for name in names:
                    assert await plugin.find_similar(name)
            assert made.server.broken == []

    virtually(run)


def test_unless_it_is_wished_nobody_is_asked() -> None:
    async def run() -> None:
        async with lab() as made:
            for section in ({"similar": False}, {"contact": None}):
                async with asking(made, **section) as plugin:
                    assert await plugin.find_similar("Disclosure") is None
            assert made.server.requests == 0

    virtually(run)


def test_namesakes_are_told_apart_by_their_very_spelling_or_not_at_all() -> None:
    one, other, third = (Artist(str(number), name, names) for number, name, names in (
        (1, "Prince", ()), (2, "PRINCE", ()), (3, "The Artist", ("Prince", "TAFKAP")),
    ))  # fmt: skip
    assert only_artist([one, other, third], "Prince") == "1"
    assert only_artist([other, third], "Prince") == "2"
    assert only_artist([third], "prince") == "3"
    assert only_artist([one, one], "Prince") is None
    assert only_artist([], "Prince") is None


@pytest.mark.parametrize("rows", [[], [None, 7, []], [{"name": 5}, {"data": [{"data": []}, None]}], [{"score": 1}]])
def test_hostile_lists_are_nobody(rows: Any) -> None:
    assert _read(json.dumps(rows).encode()) == []
    assert artists(json.dumps({"artists": rows}).encode()) == []


def test_scores_of_other_shapes_come_last() -> None:
    rows = [{"name": "odd", "score": "9"}, {"name": "low", "score": 1}, {"name": "high", "score": 7.5}]
    assert [each.name for each in _read(json.dumps(rows).encode())] == ["high", "low", "odd"]
    with pytest.raises(OddAnswer):
        _read(b"{}")
    with pytest.raises(OddAnswer):
        artists(b'{"artists": {}}')
