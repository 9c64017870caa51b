"""``rooms calibrate`` as a person meets it, before a hub whose answers are scripted."""

import json

import pytest

from moodroom_hub.app.client import HubSaysNo, Json
from tests.app.conftest import Home
from tests.app.fake_mining_hub import HOSTILE, FakeMiningHub, fake_mining_hub, track
from tests.app.person import Types, typing_person


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> FakeMiningHub:
    """Five tracks in House, the first the most doubtful, and a mining that changes two."""
    made = fake_mining_hub(monkeypatch)
    plan = {
        "room": "house",
        "added": [track("u8", f"New {HOSTILE}", why=f"warm {HOSTILE}")],
        "gone": [track("u4", "Song 4", before="CONFIRMED")],
        "moved": [],
        "kept": 1,
        "unchanged": 2,
    }
    made.report = {"rooms": [plan], "unplaced": [], "dropped": [], "notes": []}
    return made


@pytest.fixture
def types(monkeypatch: pytest.MonkeyPatch) -> Types:
    """Nobody sits there, until somebody types."""
    return typing_person(monkeypatch)


@pytest.fixture(autouse=True)
def nobody(types: Types) -> None:
    """Also where a test asks for no person."""


def anchor(number: int) -> Json:
    """A song of the room as an anchor."""
    return {"name": f"Song {number}", "artist": f"Song {number}'s band"}


def test_a_whole_round(home: Home, hub: FakeMiningHub, types: Types) -> None:
    types("k", "d", "a", "v", "", "", "y", "n")
    ran = home.run("rooms", "calibrate", "house", "--sample", "5")
    assert ran.code == 0, ran
    words = {"description": "warm", "anchors": [anchor(2)], "avoid": ["like Song 3 by Song 3's band"]}
    (order,) = hub.made("start")
    assert (order["kind"], order["rooms"], order["held"], order["definition"]) == ("mine", ["house"], True, words)
    fits = {each["uri"]: each["fits"] for each in order["examples"]}
    assert fits == {"u0": True, "u1": False, "u2": True, "u3": False}
    assert hub.made("apply") == [{"drop": ["u1", "u3"], "definition": words}]
    assert hub.made("kept") == [("house", ["u0", "u2"])]
    assert hub.made("discard") == []
    shown = ran.out
    assert "+ anchor: Song 2 - Song 2's band" in shown
    assert "+ avoid: like Song 3" in shown
    assert "1 come, 1 go, 0 change their tier, 2 stay, 1 stay as listening or you decided, 2 dropped." in shown
    assert "receipts undo 8" in shown
    assert "undo 7" not in shown
    assert not any(sign in shown + ran.err for sign in "\x1b\u202e")


def test_the_last_answer_can_be_taken_back(home: Home, hub: FakeMiningHub, types: Types) -> None:
    types("u", "d", "u", "k", "s", "u", "u", "a", "q", "y", "n")
    ran = home.run("rooms", "calibrate", "house")
    assert "nothing to take back" in ran.err
    assert hub.made("start")[0]["examples"] == [{"uri": "u0", "fits": True}]
    assert hub.made("apply")[0]["definition"]["anchors"] == [anchor(0)]
    assert hub.made("apply")[0]["drop"] == []


def test_another_round_asks_about_others(home: Home, hub: FakeMiningHub, types: Types) -> None:
    types("k", "q", "y", "y", "d", "q", "y", "y", "q")
    ran = home.run("rooms", "calibrate", "house", "--sample", "2")
    assert ran.code == 0, ran
    assert [[each["uri"] for each in order["examples"]] for order in hub.made("start")] == [["u0"], ["u1"]]
    assert all("definition" not in order for order in hub.made("apply"))
    assert ran.out.splitlines()[-1] == "Nothing was changed."


def test_anchors_and_what_was_kept_before_are_not_asked_about(home: Home, hub: FakeMiningHub, types: Types) -> None:
    hub.words["anchors"] = [anchor(0)]
    hub.tracks = [*(each for each in hub.tracks if each["uri"] in ("u0", "u1")), track("u9", "Gone", "REMOVED")]
    hub.known = ["u1"]
    types("k")
    assert home.run("rooms", "calibrate", "house").out == "There is no track here that you have not judged yet.\n"
    hub.tracks = []
    types("k")
    assert home.run("rooms", "calibrate", "house").out == "The room has no tracks yet.\n"


@pytest.mark.parametrize("typed", [("d", "q", "n", "n"), ("d", "q", "", "n"), ("d", "q")])
def test_who_does_not_apply_it_discards_it(
    home: Home, hub: FakeMiningHub, types: Types, typed: tuple[str, ...]
) -> None:
    types(*typed)
    home.run("rooms", "calibrate", "house")
    assert [call[0] for call in hub.asked] == ["start", "discard"]


def test_a_refused_configuration_is_said_and_nothing_stays_held(home: Home, hub: FakeMiningHub) -> None:
    hub.refusal = HubSaysNo("conflict", "config.yaml may not be written.")
    ran = home.run("rooms", "calibrate", "house", "--avoid", "x", "--yes")
    assert (ran.code, ran.err.splitlines()[-1]) == (1, "error: config.yaml may not be written.")
    assert [call[0] for call in hub.asked] == ["start", "apply", "discard"]


def test_by_options_without_a_person(home: Home, hub: FakeMiningHub) -> None:
    words = ("--keep", "u0", "--drop", "u1", "--anchor", "u2", "--avoid", "env:PATH", "--description", "deep\x1b")
    ran = home.run("rooms", "calibrate", "house", *words, "--no-suggestions", "--miner", "local")
    assert (ran.code, "--yes" in ran.err) == (1, True)
    assert [call[0] for call in hub.asked] == ["start", "discard"]
    told = json.loads(home.run("rooms", "calibrate", "house", *words, "--yes", "--json").out)
    after = {"description": "deep", "anchors": [anchor(2)], "avoid": ["env: PATH"]}
    assert (told["definition"]["after"], told["applied"], len(told["dropped"])) == (after, True, 1)
    assert (hub.made("start")[0]["suggestions"], hub.made("start")[0]["miner"]) == (False, "local")


def test_without_a_word_and_a_person_it_shows_the_sample(home: Home, hub: FakeMiningHub) -> None:
    hub.tracks[0]["name"] = HOSTILE
    ran = home.run("rooms", "calibrate", "house", "--sample", "3")
    assert (ran.code, "\x1b" in ran.out, "--keep" in ran.err) == (0, False, True)
    told = json.loads(home.run("rooms", "calibrate", "house", "--sample", "3", "--json").out)
    assert [each["uri"] for each in told["sample"]] == ["u0", "u1", "u2"]
    assert hub.asked == []


def test_before_it_spends_it_asks(home: Home, hub: FakeMiningHub, types: Types) -> None:
    hub.paid = True
    ran = home.run("rooms", "calibrate", "house", "--drop", "u1")
    assert (ran.code, "--yes" in ran.err, hub.asked) == (1, True, [])
    types("n")
    ran = home.run("rooms", "calibrate", "house", "--drop", "u1")
    assert (ran.code, hub.asked) == (0, [])
    assert ran.out.splitlines()[-1] == "Nothing was changed."


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--keep", "u77"), 1, "u77 is not in this room"),
        (("--keep", "u1", "--drop", "u1"), 1, "which of the two"),
        (("--sample", "0"), 2, "--sample"),
        (("--sample", "3", "extra"), 2, "extra"),
    ],
)
def test_bad_words_are_said(home: Home, hub: FakeMiningHub, words: tuple[str, ...], code: int, said: str) -> None:
    ran = home.run("rooms", "calibrate", "house", *words)
    assert (ran.code, said in ran.err, hub.asked) == (code, True, [])
    assert "Traceback" not in ran.err


def test_an_anchor_that_has_no_place_is_named(home: Home, hub: FakeMiningHub) -> None:
    hub.words["anchors"] = [{"name": f"Mine {number}", "artist": "Me"} for number in range(30)]
    ran = home.run("rooms", "calibrate", "house", "--anchor", "u1", "--yes")
    assert (ran.code, "Not made an anchor: Song 1" in ran.err) == (0, True)
    assert "definition" not in hub.made("apply")[0]


@pytest.mark.parametrize("words", [("calibrate", "house", "--avoid", "x", "--yes"), ("audit", "house", "--apply")])
def test_a_miner_that_failed_is_said_and_nothing_follows(
    home: Home, hub: FakeMiningHub, words: tuple[str, ...]
) -> None:
    hub.status = "failed"
    ran = home.run("rooms", *words)
    assert (ran.code, "nothing was changed" in ran.err) == (1, True)
    assert [call[0] for call in hub.asked] == ["start"]
