"""``moodroom-hub sorter`` as a person meets it, before a sorter in memory: over HTTP, and straight."""

import asyncio
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import click
import pytest

from moodroom_hub.app import sorter_watch
from moodroom_hub.app.client import HttpClient, HubSaysNo
from moodroom_hub.app.shared import Shared
from moodroom_hub.app.sorter_client import SorterClient
from moodroom_hub.app.sorter_offline import OfflineSorter
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import SyncReport
from moodroom_hub.core.sorting import Preview, SorterJob, SorterJobStatus
from moodroom_hub.core.wire.views import synced
from moodroom_hub.domain.sorting.models import LayerKey
from moodroom_hub.plugins.status_page import Plugin
from tests.app.conftest import Home
from tests.app.person import Types, typing_person
from tests.plugins.sorter.fake_sorter import CALM, PARTY, TECHNO, FakeSorter, layer, song
from tests.plugins.status_page.conftest import make_context

HOSTILE = "\x1b[2J\u202eevil"


@pytest.fixture
def sorter() -> FakeSorter:
    """A mutual layer, and one in which songs may lie in several lists."""
    return FakeSorter(layer(), layer("moods", "Moods", is_mutual=False, is_complete=True))


class Reached:
    """As much of ``client.Client`` as these commands ask."""

    def __init__(self, asked: SorterClient, synced: SyncReport) -> None:
        self.sorter = asked
        self._synced = synced

    def sync_library(self) -> dict[str, Any]:
        """As a library sync that has begun the sorter's, where it did."""
        if self._synced.is_sorting:
            self.sorter.begin("sync", {})
        return synced(self._synced).model_dump(mode="json")


@pytest.fixture
def reports() -> list[SyncReport]:
    """What the library syncs give, the next one last."""
    return [SyncReport(5, 120, playlists=1, is_sorting=True)]


@pytest.fixture(autouse=True)
def hub(sorter: FakeSorter, reports: list[SyncReport], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every command reaches this sorter, as it does without a running hub."""
    with asyncio.Runner() as runner:

        def reached(_shared: Shared) -> AbstractContextManager[Reached]:
            return nullcontext(Reached(OfflineSorter(sorter, runner.run), reports[-1]))

        monkeypatch.setattr(Shared, "changing", reached)
        monkeypatch.setattr(Shared, "reading", reached)
        monkeypatch.setattr(sorter_watch, "POLL_S", 0.0)
        yield


@pytest.fixture
def types(monkeypatch: pytest.MonkeyPatch) -> Types:
    """Nobody sits there, until somebody types."""
    return typing_person(monkeypatch)


@pytest.fixture(autouse=True)
def nobody(types: Types) -> None:
    """Also where a test asks for no person."""


@pytest.fixture
def press(types: Types, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """A person at a terminal who presses these keys; then the input ends."""

    def press_keys(keys: str) -> None:
        types()
        given = iter(keys)

        def getchar(echo: bool = False) -> str:
            for key in given:
                return key
            raise EOFError

        monkeypatch.setattr(click, "getchar", getchar)

    return press_keys


def read(home: Home, *words: str) -> Any:
    """What the command prints as JSON."""
    ran = home.run("sorter", *words, "--json")
    assert ran.code == 0, ran
    return json.loads(ran.out)


def test_layers_are_listed(home: Home, sorter: FakeSorter) -> None:
    told = home.run("sorter", "layers").out
    assert "Energy (energy): 6 songs, 3 to review" in told
    assert "logistic regression, 40 answers, expected 78 % (74 % to 82 %)" in told
    assert [each["key"] for each in read(home, "layers")["layers"]] == ["energy", "moods"]
    sorter.known = []
    assert "plugins.sorter.layers" in home.run("sorter", "layers").out


def test_songs_are_labelled_with_a_key_each(home: Home, sorter: FakeSorter, press: Callable[[str], None]) -> None:
    sorter.songs[0] = song(1, f"One {HOSTILE}")
    press("u2x0s1uq")
    ran = home.run("sorter", "label", "Energy")
    assert ran.code == 0, ran
    assert sorter.calls == [
        ("answer", "energy", song(1).uri, (CALM,)),
        ("answer", "energy", song(2).uri, ()),
        ("skip", "energy", song(3).uri),
        ("answer", "energy", song(4).uri, (TECHNO,)),
        ("take_back", "energy"),
    ]
    assert "Nothing to undo." in ran.out
    assert "1  Techno  50%" in ran.out
    assert "2 answers · expected 78 % ± 4 · about 30 answers to 85 %" in ran.out
    assert ran.out.endswith("2 answers remembered.\n")
    assert not any(sign in ran.out for sign in "\x1b\u202e")


def test_an_undo_names_what_it_takes_back(home: Home, press: Callable[[str], None]) -> None:
    press("12q")
    home.run("sorter", "label", "energy")
    press("1uuq")
    told = home.run("sorter", "label", "energy").out
    assert "  Taken back: Song 3 -> Techno\n" in told
    assert "  Taken back: Song 2 -> Calm (said in an earlier sitting)\n" in told
    assert told.endswith("0 answers remembered.\n")


def test_several_lists_are_chosen_before_enter(home: Home, sorter: FakeSorter, press: Callable[[str], None]) -> None:
    press("0\r1322\r")
    ran = home.run("sorter", "label", "moods")
    assert ran.code == 0, ran
    assert sorter.calls == [("answer", "moods", song(1).uri, (TECHNO, PARTY))]
    assert "Choose one list or more first." in ran.out


def test_labelling_ends_where_nothing_is_left(home: Home, sorter: FakeSorter, press: Callable[[str], None]) -> None:
    press("1" * 9)
    assert "Nothing is left to ask" in home.run("sorter", "label", "energy").out
    assert len(sorter.calls) == 6


def test_nobody_there_is_a_clear_error(home: Home, sorter: FakeSorter) -> None:
    ran = home.run("sorter", "label", "energy")
    assert (ran.code, "Nobody can be asked here" in ran.err, ran.err.count("\n")) == (1, True, 1)
    assert read(home, "label", "energy")["song"]["name"] == "Song 1"
    for words in (("apply",), ("rollback", "energy")):
        ran = home.run("sorter", *words)
        assert (ran.code, "--yes" in ran.err) == (1, True)
    assert sorter.calls == []


def test_what_is_not_there_is_named(home: Home, sorter: FakeSorter) -> None:
    ran = home.run("sorter", "train", "nowhere")
    assert (ran.code, ran.err) == (1, "error: There is no layer 'nowhere'. Known: energy, moods.\n")
    ran = home.run("sorter", "preview", "energy", "--sublist", "rock")
    assert (ran.code, ran.err) == (1, "error: There is no list 'rock' in energy. Known: techno, calm, party.\n")
    ran = home.run("sorter", "review", "energy", "--place", "spotify:track:x", "calm")
    assert (ran.code, "no such song" in ran.err) == (1, True)
    assert home.run("sorter", "history").code == 2


def test_training_is_watched_and_told(home: Home, sorter: FakeSorter) -> None:
    ran = home.run("sorter", "train", "energy")
    assert (ran.code, ran.err) == (0, "Note: a note\n")
    assert "Energy: logistic regression" in ran.out
    told = read(home, "train")
    assert (told["job"]["status"], len(told["layers"])) == ("done", 2)
    assert sorter.calls == [("train", "energy"), ("train", None)]
    sorter.trouble = None
    assert "logistic regression" in home.run("sorter", "history", "energy").out
    assert read(home, "history", "energy")["versions"][0]["accuracy"] == 0.78


@pytest.mark.parametrize(
    ("status", "said"), [(SorterJobStatus.FAILED, "out of memory"), (SorterJobStatus.CANCELLED, "goes on from there")]
)
def test_work_that_ends_badly_is_an_error(
    home: Home, sorter: FakeSorter, monkeypatch: pytest.MonkeyPatch, status: SorterJobStatus, said: str
) -> None:
    error = "out of memory" if status is SorterJobStatus.FAILED else ""
    monkeypatch.setattr(sorter, "job", lambda: SorterJob(status, "sync", error=error))
    ran = home.run("sorter", "sync")
    assert (ran.code, ran.out, said in ran.err) == (1, "", True)


def test_who_stops_the_work_is_told_so_once(home: Home, sorter: FakeSorter, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> SorterJob:
        raise KeyboardInterrupt

    monkeypatch.setattr(sorter, "job", interrupted)
    ran = home.run("sorter", "train")
    assert (ran.code, ran.err.count("Stopped."), sorter.calls) == (1, 1, [("train", None), ("cancel",)])


def test_how_sure_it_is_is_said_once_and_rounded_down(capsys: pytest.CaptureFixture[str]) -> None:
    at = {"song": {"name": "One", "artists": []}, "standing": "sure"}
    added = [{**at, "chance": 0.996, "why": "sure: 99 % Late"}, {**at, "chance": 0.996, "why": "as One"}]
    change = {"sublist": "late", "name": "Late", "new": False, "kept_by_hand": 0, "added": added, "removed": []}
    sorter_watch.tell_preview({"changes": [{**change, "unchanged": 0}], "counts": {}, "notes": []})
    assert capsys.readouterr().out.splitlines()[1:3] == ["  + One: sure: 99 % Late", "  + One (99%): as One"]


def test_a_library_sync_stays_until_the_new_likes_are_placed(
    home: Home, sorter: FakeSorter, reports: list[SyncReport], monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = home.run("library", "sync")
    read_line = "5 new liked songs, 120 in all; 1 playlist read.\n"
    placed = f"{read_line}5 new likes are being placed by the sorter.\n  a note\n"
    assert (ran.code, ran.out, ran.err) == (0, placed, "")
    assert sorter.view.status is SorterJobStatus.DONE
    told = json.loads(home.run("library", "sync", "--json").out)
    assert (told["new"], told["sorting"], told["sorted"]["status"]) == (5, True, "done")
    reports.append(SyncReport(5, 120, playlists=1, not_sorted="The sorter is busy (train)."))
    ran = home.run("library", "sync")
    assert (ran.code, ran.out) == (0, read_line)
    assert "not sorted yet: The sorter is busy (train). Then: moodroom-hub sorter sync\n" in ran.err
    reports.append(SyncReport(0, 120, playlists=1, is_sorting=True))
    monkeypatch.setattr(sorter, "job", lambda: SorterJob(SorterJobStatus.FAILED, "sync", error="Spotify is away"))
    ran = home.run("library", "sync")
    assert (ran.code, "being placed" in ran.out) == (0, False)
    assert ran.err == "The sorter did not come to its end: Spotify is away. Again with: moodroom-hub sorter sync\n"


def test_what_would_change_is_shown_and_asked_for(home: Home, sorter: FakeSorter, types: Types) -> None:
    told = home.run("sorter", "apply", "energy", "--dry-run").out
    assert "Techno (new, private): 3 more, 1 fewer, 2 as before, 1 placed by you" in told
    assert "  + Song 1 - Band 1 (91%): heard beside Techno" in told
    assert len(read(home, "apply", "--dry-run")["previews"]) == 2
    types("n")
    assert home.run("sorter", "apply", "energy").out.endswith("Nothing was written.\n")
    assert sorter.calls == []
    types("y")
    assert home.run("sorter", "apply", "energy").out.endswith("moodroom-hub sorter rollback\n")
    assert "nothing was written" in home.run("sorter", "apply", "energy", "--yes").out
    assert read(home, "rollback", "--yes", "--force")["job"]["what"] == "rollback"
    assert sorter.calls == [("apply", "energy"), ("rollback", None, True)]


def test_a_layer_that_cannot_be_previewed_keeps_no_other_from_it(
    home: Home, sorter: FakeSorter, monkeypatch: pytest.MonkeyPatch
) -> None:
    preview, ill = sorter.preview, {"energy": TroubleCode.CONFLICT}

    async def ailing(key: LayerKey) -> Preview:
        if key in ill:
            raise Trouble(ill[str(key)], "it was not trained yet")
        return await preview(key)

    monkeypatch.setattr(sorter, "preview", ailing)
    ran = home.run("sorter", "apply", "--dry-run")
    assert (ran.code, ran.err) == (0, "Left out: Energy: it was not trained yet.\n")
    assert ("Layer moods:" in ran.out, "Layer energy:" in ran.out) == (True, False)
    assert home.run("sorter", "apply", "energy", "--dry-run").code == 1
    ill["moods"] = TroubleCode.NOT_FOUND
    ran = home.run("sorter", "apply", "--yes")
    assert (ran.code, ran.err.splitlines()[-1]) == (1, "error: None of your layers can be written now.")
    assert sorter.calls == []
    ill["moods"] = TroubleCode.UNAVAILABLE  # may have passed when it is written, and nobody would have seen it
    assert home.run("sorter", "apply", "--yes").err.splitlines()[-1] == "error: it was not trained yet"
    assert sorter.calls == []
    del ill["moods"]
    assert home.run("sorter", "apply", "--yes").code == 0
    assert sorter.calls == [("apply", None)]


def test_a_preview_of_one_list_is_whole(home: Home) -> None:
    told = home.run("sorter", "preview", "energy", "--sublist", "Techno").out
    assert ("Calm (" in told, told.count("  + ")) == (False, 3)
    assert [each["sublist"] for each in read(home, "preview", "energy", "--sublist", "calm")["changes"]] == ["calm"]


def test_doubtful_songs_are_listed_and_placed(home: Home, sorter: FakeSorter) -> None:
    told = home.run("sorter", "review", "energy").out
    assert ("Song 2 - Band 2" in told, "Techno, Calm" in told, "45%" in told) == (True, True, True)
    ran = home.run("sorter", "review", "energy", "--place", song(2).uri, "Calm", "--place", song(4).uri, "none")
    assert ran.out == "Song 2 - Band 2: Calm\nSong 4 - Band 1: none of them\n"
    both = ("--place", song(6).uri, "calm", "--place", song(6).uri, "techno")
    assert read(home, "review", "moods", *both)["places"][0]["sublists"] == ["techno", "calm"]
    assert len(sorter.calls) == 3


def test_what_the_sorter_cannot_do_is_one_line_with_the_mend(home: Home, sorter: FakeSorter) -> None:
    sorter.trouble = Trouble(TroubleCode.UNAVAILABLE, "install it: pip install 'moodroom-hub[sorter]'")
    ran = home.run("sorter", "layers")
    assert (ran.code, ran.err) == (1, "error: install it: pip install 'moodroom-hub[sorter]'\n")


QUESTIONS: tuple[Callable[[SorterClient], Any], ...] = (
    lambda one: one.overview(),
    lambda one: one.question("energy"),
    lambda one: one.places("energy"),
    lambda one: one.places("energy", "doubtful"),
    lambda one: one.preview("energy"),
    lambda one: one.history("energy"),
)


def test_a_running_hub_answers_the_same(tmp_path: Path, sorter: FakeSorter) -> None:
    context, hub, _, _ = make_context(tmp_path, {})
    hub.the_sorter = sorter
    plugin = Plugin(context)
    with asyncio.Runner() as runner, ThreadPoolExecutor(1) as caller:
        runner.run(plugin.start())
        over_http = HttpClient(plugin.address, tmp_path).sorter
        straight = OfflineSorter(sorter, runner.run)

        def asked(ask: Callable[[SorterClient], Any]) -> Any:
            async def answered() -> Any:
                return await asyncio.get_running_loop().run_in_executor(caller, ask, over_http)

            return runner.run(answered())

        try:
            for question in QUESTIONS:
                assert asked(question) == question(straight)
            uri = song(1).uri
            assert asked(lambda one: one.answer("energy", uri, ["calm"]))["last"]["uri"] == uri
            assert asked(lambda one: one.take_back("energy"))["song"]["uri"] == uri
            assert asked(lambda one: one.skip("energy", uri))["song"]["name"] == "Song 2"
            assert asked(lambda one: one.move("energy", uri, []))["standing"] == "said"
            assert asked(lambda one: one.begin("sync", {}))["status"] == "running"
            assert asked(lambda one: one.cancel())["status"] == "cancelled"
            assert asked(lambda one: one.job())["what"] == "sync"
            with pytest.raises(HubSaysNo, match="no such layer"):
                asked(lambda one: one.question("a/../b?c"))
        finally:
            runner.run(plugin.stop())
