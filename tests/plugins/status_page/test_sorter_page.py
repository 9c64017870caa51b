"""The sorter's pages as plain HTML with plain forms: everything works without a script."""

import html
import re
from dataclasses import replace

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.sorting import SorterJob, SorterJobStatus
from moodroom_hub.domain.sorting.models import Sublist, SublistKey
from tests.plugins.sorter.fake_sorter import CALM, PARTY, TECHNO, FakeSorter, layer, song
from tests.plugins.status_page.conftest import HTML, Site

HOSTILE = '"><script>alert(1)</script>{{7*7}}\x1b[2J'


@pytest.fixture
def sorter(site: Site) -> FakeSorter:
    """A mutual layer, and one in which songs may lie in several lists."""
    made = FakeSorter(layer(), layer("moods", "Moods", is_mutual=False))
    site.hub.the_sorter = made
    return made


async def page(site: Site, path: str, status: int = 200) -> str:
    """The page's text."""
    answer = await site.get(path, headers=HTML)
    assert answer.status == status
    return await answer.text()


async def form(site: Site, path: str, **fields: str) -> str:
    """Send a form as a browser does; gives the text of the page where it leads."""
    answer = await site.post(path, data=fields)
    assert answer.status == 303, await answer.text()
    return await page(site, answer.headers["Location"])


async def test_the_way_there_is_shown_only_where_something_is_sorted(site: Site) -> None:
    assert 'href="/sorter"' not in await page(site, "/history")
    assert "plugins.sorter" in await page(site, "/sorter", 404)
    site.hub.the_sorter = FakeSorter()
    assert 'href="/sorter"' not in await page(site, "/history")
    assert "No layer is configured" in await page(site, "/sorter")
    site.hub.the_sorter = FakeSorter(layer())
    assert 'href="/sorter"' in await page(site, "/history")


async def test_layers_stand_there_with_counts_and_how_well_they_are_taught(site: Site, sorter: FakeSorter) -> None:
    text = await page(site, "/sorter")
    assert "6 songs of <bdi>liked songs</bdi> · each song in one at most" in text
    assert "logistic regression, 40 answers, expected 78 % (74 % to 82 %)" in text
    assert "Review 3" in text
    assert "Take the last write back" not in text
    sorter.ends = False
    text = await form(site, "/sorter/train", layer="energy")
    assert "reading: 3 of 6" in text
    assert "data-busy" in text
    text = await form(site, "/sorter/apply", layer="energy")
    assert "the sorter is at work already" in text
    text = await form(site, "/sorter/cancel", back="/sorter")
    assert "It can go on from here" in text
    sorter.view = SorterJob(SorterJobStatus.FAILED, "apply", error="Spotify said no")
    assert "Spotify said no" in await page(site, "/sorter")


async def test_one_tap_answers_and_the_next_song_stands_there(site: Site, sorter: FakeSorter) -> None:
    text = await page(site, "/sorter/energy")
    assert re.findall(r'name="sublist" value="(\w+)" data-key="(\d)"', text) == [
        ("techno", "1"), ("calm", "2"), ("party", "3"),
    ]  # fmt: skip
    assert 'data-key="u"' not in text
    text = await form(site, "/sorter/energy/answer", uri=song(1).uri, sublist="calm")
    assert "Song 2" in text
    assert "Last: Song 1: Calm" in text
    text = await form(site, "/sorter/energy/answer", uri=song(2).uri, none="1")
    assert "Last: Song 2: none of them" in text
    assert "2 answers · expected 78 % ± 4 · about 30 answers to 85 %" in text
    text = await form(site, "/sorter/energy/skip", uri=song(3).uri)
    assert "Song 4" in text
    text = await form(site, "/sorter/energy/take_back")
    assert "Last: Song 1: Calm" in text
    assert "Choose where the song belongs first." in await form(site, "/sorter/energy/answer", uri=song(4).uri)
    assert [each[0] for each in sorter.calls] == ["answer", "answer", "skip", "take_back"]
    for number in range(2, 7):
        sorter.skipped.append(song(number).uri)
    assert "Nothing is left to ask" in await page(site, "/sorter/energy")


async def test_several_lists_are_ticked_before_it_is_done(site: Site, sorter: FakeSorter) -> None:
    text = await page(site, "/sorter/moods")
    assert re.findall(r'name="fit-(\w+)"', text) == ["techno", "calm", "party"]
    assert 'id="done"' in text
    ticked = {"uri": song(1).uri, "fit-techno": "1", "fit-party": "1", "fit-nowhere": "1"}
    text = await form(site, "/sorter/moods/answer", **ticked)
    assert sorter.calls == [("answer", "moods", song(1).uri, (TECHNO, PARTY))]
    assert "Last: Song 1: Techno, Party" in text


async def test_every_list_of_a_large_layer_can_be_ticked(site: Site) -> None:
    large = replace(layer(is_mutual=False), sublists=tuple(Sublist(SublistKey(f"l{n}"), f"L{n}") for n in range(100)))
    sorter = site.hub.the_sorter = FakeSorter(large)
    ticked = {"uri": song(1).uri, "back": "/sorter/energy", **{f"fit-{key}": "1" for key in large.keys}}
    for path in ("answer", "move"):
        await form(site, f"/sorter/energy/{path}", **ticked)
    assert sorter.calls == [(path, "energy", song(1).uri, large.keys) for path in ("answer", "move")]
    more = {f"fit-more-{n}": "1" for n in range(10)}
    assert (await site.post("/sorter/energy/answer", data={**ticked, **more})).status == 400


async def test_a_complete_layer_knows_no_none(site: Site) -> None:
    site.hub.the_sorter = FakeSorter(layer(is_complete=True))
    assert 'name="none"' not in await page(site, "/sorter/energy")
    text = await form(site, "/sorter/energy/answer", uri=song(1).uri, none="1")
    assert "exactly one list" in text


async def test_doubtful_songs_are_placed_with_one_tap(site: Site, sorter: FakeSorter) -> None:
    text = await page(site, "/sorter/energy/review")
    assert text.count("Techno or Calm") == 3
    back = "/sorter/energy/review"
    text = await form(site, "/sorter/energy/move", uri=song(2).uri, sublist="calm", back=back)
    assert "Song 2: Calm." in text
    assert text.count("Techno or Calm") == 2
    text = await form(site, "/sorter/moods/move", uri=song(2).uri, **{"fit-techno": "1", "fit-calm": "1"})
    assert sorter.calls[-1] == ("move", "moods", song(2).uri, (TECHNO, CALM))
    for number in (4, 6):
        await form(site, "/sorter/energy/move", uri=song(number).uri, none="1")
    assert "Nothing is in doubt" in await page(site, "/sorter/energy/review")


async def test_what_would_change_is_shown_before_it_is_written(site: Site, sorter: FakeSorter) -> None:
    text = await page(site, "/sorter/energy/preview")
    assert "a new private playlist · 3 more · 1 fewer · 2 as before" in text
    assert "heard beside Techno" in text
    assert "91 %" in text
    text = await form(site, "/sorter/apply", layer="energy")
    assert sorter.calls == [("apply", "energy")]
    assert "Writing playlists" in text
    assert "Take the last write back" in text
    assert "The playlists are as they should be" in await page(site, "/sorter/energy/preview")
    await form(site, "/sorter/rollback", layer="energy", force="1")
    assert sorter.calls[-1] == ("rollback", "energy", True)
    sorter.trouble = Trouble(TroubleCode.UNAVAILABLE, "Spotify is away; try again later")
    text = await page(site, "/sorter/energy/preview")
    assert "Spotify is away" in text
    assert "Write the playlists" not in text


async def test_hostile_names_are_text(site: Site) -> None:
    hostile = layer("energy", HOSTILE)
    site.hub.the_sorter = FakeSorter(hostile, songs=[song(1, HOSTILE), song(2, HOSTILE)])
    await site.post("/sorter/energy/answer", data={"uri": song(1).uri, "sublist": "calm"})
    for path in ("/sorter", "/sorter/energy", "/sorter/energy/review", "/sorter/energy/preview"):
        text = await page(site, path)
        assert "<script>alert" not in text
        assert html.escape("<script>alert(1)</script>{{7*7}}", quote=False) in text
        assert "\x1b" not in text


async def test_unknown_layers_are_404(site: Site, sorter: FakeSorter) -> None:
    for path in ("/sorter/nowhere", "/sorter/nowhere/review", "/sorter/nowhere/preview"):
        await page(site, path, 404)
    assert (await site.post("/sorter/nowhere/answer", data={"uri": "x", "sublist": "calm"})).status == 404
    assert "there is no such" in await form(site, "/sorter/energy/answer", uri="x", sublist="calm")
