"""``moodroom-hub station`` as a person meets it, before a radio in memory: over HTTP, and straight."""

import asyncio
import io
import json
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from moodroom_hub.app import station_watch
from moodroom_hub.app.client import HttpClient, HubSaysNo
from moodroom_hub.app.offline import NO_HUB
from moodroom_hub.app.shared import Shared
from moodroom_hub.app.station_client import StationsClient
from moodroom_hub.app.station_offline import OfflineStations
from moodroom_hub.core.errors import StartError, Trouble, TroubleCode
from moodroom_hub.core.stations import ModelView, NewStation, StationJob, StationJobStatus
from moodroom_hub.domain.models import HOME, RoomSlug
from moodroom_hub.domain.stations.models import Seed, VoteKind
from moodroom_hub.plugins.status_page import Plugin
from tests.app.conftest import Home
from tests.app.person import Types, typing_person
from tests.plugins.radio.fake_radio import FRIDAY, UNTRAINED, FakeRadio, song, station
from tests.plugins.status_page.conftest import make_context

HOSTILE = "\x1b[2J\u202eevil"


@pytest.fixture
def radio() -> FakeRadio:
    """Three stations, two of one name."""
    return FakeRadio(station(), station("friday-2", "Twice"), station("third", "Twice", room="late-night"))


class Reached:
    """As much of ``client.Client`` as these commands ask."""

    def __init__(self, stations: StationsClient) -> None:
        self.stations = stations

    def rooms(self) -> list[dict[str, Any]]:
        """The hub's rooms."""
        return [{"slug": "late-night", "name": "Late Night"}]


@pytest.fixture(autouse=True)
def hub(radio: FakeRadio, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every command reaches this radio, as it does without a running hub."""
    with asyncio.Runner() as runner:

        def reached(_shared: Shared) -> AbstractContextManager[Reached]:
            return nullcontext(Reached(OfflineStations(radio, runner.run, NO_HUB)))

        monkeypatch.setattr(Shared, "changing", reached)
        monkeypatch.setattr(Shared, "reading", reached)
        monkeypatch.setattr(station_watch, "POLL_S", 0.0)
        yield


@pytest.fixture(autouse=True)
def types(monkeypatch: pytest.MonkeyPatch) -> Types:
    """Nobody sits there, until somebody types."""
    return typing_person(monkeypatch)


def read(home: Home, *words: str) -> Any:
    """What the command prints as JSON."""
    ran = home.run("station", *words, "--json")
    assert ran.code == 0, ran
    return json.loads(ran.out)


def test_stations_are_listed(home: Home, radio: FakeRadio) -> None:
    radio.unknown = ("Nobody",)
    radio.playing = {FRIDAY: (HOME,)}
    ran = home.run("station", "list")
    assert (ran.code, ran.err) == (0, "")
    assert "Friday (friday): Drake, The Weeknd" in ran.out
    assert "0 likes, 0 dislikes; drift 12 % of at most 50 %" in ran.out
    assert "1 of 2 artists known; not: Nobody" in ran.out
    assert "plays in home" in ran.out
    assert [each["id"] for each in read(home, "list")["stations"]] == ["friday", "friday-2", "third"]
    radio.known.clear()
    radio.played_from = ModelView(trouble=UNTRAINED)
    ran = home.run("station", "list")
    assert ("station new NAME" in ran.out, ran.err) == (True, f"{UNTRAINED}\n")


def test_one_is_made_of_artists_and_tracks_a_playlist_or_a_room(home: Home, radio: FakeRadio) -> None:
    words = ("--artist", "Drake", "--artist", "The Weeknd", "--track", "A - B - Drake", "--adventure", "0.8")
    ran = home.run("station", "new", "Friday night", *words, "--rule", "share")
    assert (ran.code, "moodroom-hub station play friday-night" in ran.out) == (0, True)
    seeds = (Seed("Drake"), Seed("The Weeknd"), Seed("Drake", "A - B"))
    changes = {"adventure": 0.8, "rule": "share"}
    assert radio.calls == [("new", NewStation("Friday night", seeds)), ("tune", "friday-night", changes)]
    home.run("station", "new", "--playlist", "radio: Friday")
    assert read(home, "new", "--room", "Late Night")["station"]["room"] == "late-night"
    assert radio.calls[2:] == [
        ("new", NewStation(playlist="radio: Friday")), ("new", NewStation(room=RoomSlug("late-night"))),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("new", "x"), 2, "Say what it is made of"),
        (("new", "--artist", "a", "--room", "b"), 2, "Say what it is made of"),
        (("new", "--track", "Trophies"), 2, "as in 'Trophies - Drake'"),
        (("new", "--room", "attic"), 1, "There is no room 'attic'. Known: late-night."),
        (("new", "--artist", " "), 1, "error: artists, number 1: expected a name that can be seen\n"),
        (("new", "x" * 101, "--artist", "a"), 1, "error: name: expected at most 100 characters\n"),
        (("rename", "friday", ""), 1, "error: name: expected a text that is not empty\n"),
        (("tune", "friday", "--adventure", "1.1"), 2, "--adventure"),
        (("tune", "friday", "--likes", "nan"), 2, "not a number"),
        (("tune", "friday", "--rule", "often"), 2, "--rule"),
        (("why",), 2, "Missing argument"),
        (("why", "nowhere"), 1, "There is no station 'nowhere'. Known: friday, friday-2, third."),
        (("why", "twice"), 1, "2 stations are called 'twice'. Say which: friday-2, third."),
        (("like", "friday"), 1, "This station does not play."),
        (("undo", "friday"), 1, "There is no vote to take back."),
        (("remove", "friday"), 1, "Add --yes"),
        (("reset", "friday"), 1, "Add --yes"),
        (("play", "friday"), 1, "Playing a station needs a running hub. Start it with: moodroom-hub run."),
        (("train", "not-there"), 2, "There is no "),
        (("train", "--seed", "-1"), 2, "--seed"),
        (("import", "not-there.json"), 1, "No such file"),
    ],
)
def test_what_is_wrong_is_one_line(home: Home, radio: FakeRadio, words: tuple[str, ...], code: int, says: str) -> None:
    ran = home.run("station", *words)
    assert (ran.code, ran.out, ran.err.count("\n"), says in ran.err) == (code, "", 1, True), ran
    assert not any(call[0] in ("new", "tune", "remove", "clear", "train") for call in radio.calls)


def test_why_tells_all_there_is_and_steers_no_terminal(home: Home, radio: FakeRadio) -> None:
    radio.titles[1] = HOSTILE
    radio.drift = 0.5
    home.run("station", "like", "friday", "--uri", song(3).uri)
    ran = home.run("station", "why", "FRIDAY")
    assert ran.out.count("near Trophies") == 10
    assert "drift 50 % of at most 50 %, held back by the limit" in ran.out
    assert "1 like, 0 dislikes" in ran.out
    assert "like  Song 3 - Drake" in ran.out
    assert ran.err == "Note: a note\n"
    assert not any(sign in ran.out for sign in "\x1b\u202e")
    assert len(read(home, "why", "friday")["next"]) == 10


def test_it_is_tuned_voted_on_and_renamed(home: Home, radio: FakeRadio) -> None:
    assert "adventure 0.5" in home.run("station", "tune", "friday").out
    assert radio.calls == []
    told = read(home, "tune", "friday", "--adventure", "0.8", "--likes", "1.5", "--rule", "share")
    assert (told["station"]["tuning"]["likes"], told["station"]["tuning"]["rule"]) == (1.5, "share")
    assert read(home, "dislike", "friday", "--uri", song(1).uri)["station"]["dislikes"] == 1
    assert "0 dislikes" in home.run("station", "undo", "friday").out
    assert home.run("station", "rename", "friday", "Saturday").out.startswith("Saturday (friday):")
    assert [call[0] for call in radio.calls] == ["tune", "vote", "take_back", "rename"]
    assert radio.calls[1] == ("vote", FRIDAY, VoteKind.DISLIKE, song(1).uri)


def test_what_is_forgotten_is_asked_for(home: Home, radio: FakeRadio, types: Types) -> None:
    types("n")
    assert home.run("station", "remove", "friday").out == "Nothing was changed.\n"
    types("n")
    assert home.run("station", "reset", "friday").out == "Nothing was changed.\n"
    assert radio.calls == []
    types("y")
    assert home.run("station", "reset", "friday").code == 0
    assert home.run("station", "remove", "friday", "--yes").out == "Friday is gone.\n"
    assert radio.calls == [("clear", FRIDAY), ("remove", FRIDAY)]


def test_cards_are_written_and_read(home: Home, radio: FakeRadio, monkeypatch: pytest.MonkeyPatch) -> None:
    card = home.folder / "friday.json"
    assert home.run("station", "export", "friday", str(card)).out == f"Friday was written to {card}.\n"
    assert card.read_text() == '{"card": "friday"}\n'
    ran = home.run("station", "export", "friday", str(card))
    assert (ran.code, "--force" in ran.err) == (1, True)
    assert home.run("station", "export", "friday", str(card), "--jspf", "--force").code == 0
    assert home.run("station", "export", "friday", "-", "--jspf").out == card.read_text() == '{"jspf": "friday"}\n'
    ran = home.run("station", "import", str(card), "--name", "Theirs")
    assert "Theirs (theirs): Nobody, Drake" in ran.out
    assert "Signed by Ada. 50 % of its artists are known here." in ran.out
    assert ran.err == "Note: one artist is not known here\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf{}")))
    assert read(home, "import", "-")["signer"] == "Ada"
    for content, says in (
        (b"{" * 530_000, "larger than 512 kB"),
        (b"\xff\xfe", "no UTF-8 text"),
        (b"no card", "This is no station card."),
        (b"", "text: "),
    ):
        card.write_bytes(content)
        ran = home.run("station", "import", str(card))
        assert (ran.code, ran.out, ran.err.count("\n"), says in ran.err) == (1, "", 1, True), ran


def test_training_is_watched_and_told(home: Home, radio: FakeRadio) -> None:
    lists = home.folder / "lists"
    lists.mkdir()
    ran = home.run("station", "train", "lists", "--seed", "7")
    assert (ran.code, ran.out, ran.err) == (
        0, "Learned: 20,000 artists of 50,012 playlists, 12 more than before.\n", "Note: a note\n",
    )  # fmt: skip
    ran = home.run("station", "train", "lists", "--anew")
    assert ran.out == "Learned: 20,000 artists of 50,024 playlists.\n"
    assert radio.calls == [("train", str(lists), 7), ("train", str(lists), "anew")]
    assert read(home, "train")["status"] == "done"
    ran = home.run("station", "refill", "Late Night")
    assert ran.out.startswith("late-night: 1 new track (12 of 20: nothing more is near)\n")
    assert "Song 7 - Drake  near Trophies" in ran.out
    assert "To undo it: moodroom-hub receipts undo --group radio-4\n" in ran.err
    assert radio.calls[-1] == ("refill", "late-night")


@pytest.mark.parametrize("status", [StationJobStatus.FAILED, StationJobStatus.CANCELLED])
def test_work_that_ends_badly_is_an_error(
    home: Home, radio: FakeRadio, monkeypatch: pytest.MonkeyPatch, status: StationJobStatus
) -> None:
    error = "out of memory" if status is StationJobStatus.FAILED else ""
    monkeypatch.setattr(radio, "job", lambda: StationJob(status, "train", error=error))
    ran = home.run("station", "train")
    assert (ran.code, ran.out, ran.err) == (1, "", f"error: {error or 'It was stopped.'}\n")


def test_who_stops_the_work_is_told_what_stands(home: Home, radio: FakeRadio, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> StationJob:
        if radio.calls:
            raise KeyboardInterrupt
        return radio.view

    monkeypatch.setattr(radio, "job", interrupted)
    monkeypatch.setattr(radio, "model", ModelView)
    ran = home.run("station", "train")
    assert (ran.code, "from before stands" in ran.err, radio.calls) == (1, True, [("train",), ("cancel",)])


def test_without_a_hub_nothing_plays(radio: FakeRadio) -> None:
    with pytest.raises(StartError, match="No hub runs here"):
        OfflineStations(radio, asyncio.run, NO_HUB).play("friday", None)


def changed(what: str, order: dict[str, Any], one: StationsClient) -> Any:
    """Change the station ``drake``."""
    return one.change("drake", what, order)


QUESTIONS: tuple[Callable[[StationsClient], Any], ...] = (
    lambda one: one.overview(),
    lambda one: one.station("friday"),
    lambda one: one.card("friday", "card"),
    lambda one: one.card("friday", "jspf"),
    lambda one: one.job(),
)


def test_a_running_hub_answers_the_same(tmp_path: Path, radio: FakeRadio) -> None:
    context, hub, _, _ = make_context(tmp_path, {})
    hub.the_radio = radio
    plugin = Plugin(context)
    with asyncio.Runner() as runner, ThreadPoolExecutor(1) as caller:
        runner.run(plugin.start())
        over_http = HttpClient(plugin.address, tmp_path).stations
        straight = OfflineStations(radio, runner.run, NO_HUB)

        def asked(ask: Callable[[StationsClient], Any]) -> Any:
            async def answered() -> Any:
                return await asyncio.get_running_loop().run_in_executor(caller, ask, over_http)

            return runner.run(answered())

        try:
            for question in QUESTIONS:
                assert asked(question) == question(straight)
            made = asked(lambda one: one.new({"artists": ["Drake"], "tuning": {"drift": 0.1}}))
            assert (made["id"], made["tuning"]["drift"]) == ("drake", 0.1)
            for what, order in (("tune", {"style": 2}), ("vote", {"kind": "like", "uri": song(1).uri}),
                                ("take_back", {}), ("clear", {}), ("rename", {"name": "X"})):  # fmt: skip
                assert asked(partial(changed, what, order))["id"] == "drake"
            assert len(asked(lambda one: one.play("drake", None))["batch"]) == 2
            assert asked(lambda one: one.import_card({"text": "{\u2028}", "name": ""}))["signer"] == "Ada"
            assert asked(lambda one: one.begin("train", {"folders": ["/x"]}))["status"] == "running"
            assert asked(lambda one: one.cancel())["status"] == "cancelled"
            asked(lambda one: one.remove("drake"))
            with pytest.raises(HubSaysNo, match="no such station"):
                asked(lambda one: one.station("a/../b?c"))
            radio.trouble = Trouble(TroubleCode.UNAVAILABLE, UNTRAINED)
            with pytest.raises(HubSaysNo, match="Nothing is learned yet"):
                asked(lambda one: one.overview())
        finally:
            runner.run(plugin.stop())
