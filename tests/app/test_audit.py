"""``rooms audit`` as a person meets it, before a hub whose answers are scripted."""

import json

import pytest

from moodroom_hub.app.client import HubSaysNo
from tests.app.conftest import Home
from tests.app.fake_mining_hub import HOSTILE, FakeMiningHub, fake_mining_hub, track
from tests.app.person import Types, typing_person


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> FakeMiningHub:
    """Three misfits in House, and one track that could not be looked at."""
    made = fake_mining_hub(monkeypatch)
    made.status = "done"
    misfits = [track("u1", "One"), track("u2", "Two", reason=f"rage {HOSTILE}"), track("u3", f"Three {HOSTILE}")]
    left = track("u4", "Four", reason="the call failed", judged=False)
    made.report = {"room": "house", "misfits": misfits, "not_looked_at": [left], "notes": [f"odd {HOSTILE}"]}
    return made


@pytest.fixture
def types(monkeypatch: pytest.MonkeyPatch) -> Types:
    """Nobody sits there, until somebody types."""
    return typing_person(monkeypatch)


@pytest.fixture(autouse=True)
def nobody(types: Types) -> None:
    """Also where a test asks for no person."""


def test_without_a_terminal_it_only_lists(home: Home, hub: FakeMiningHub) -> None:
    ran = home.run("rooms", "audit", "House")
    assert ran.code == 0
    assert [name in ran.out for name in ("One", "too loud", "50%", "Four", "the call failed")] == [True] * 5
    assert "--apply" in ran.err
    assert not any(sign in ran.out + ran.err for sign in "\x1b\u202e")
    assert [call[0] for call in hub.asked] == ["start"]
    order = {"kind": "audit", "rooms": ["house"], "miner": None, "suggestions": False, "accepted": True, "all": False}
    assert hub.made("start") == [order]


def test_one_by_one_remove_keep_and_enter_keeps(home: Home, hub: FakeMiningHub, types: Types) -> None:
    types("R", "", "k")
    ran = home.run("rooms", "audit", "house", "--miner", "model", "--all")
    assert ran.code == 0
    assert hub.made("move") == [("house", "u1", "REMOVED", "audit: too loud")]
    assert hub.made("kept") == [("house", ["u2", "u3"])]
    assert "1 removed, 2 kept." in ran.out
    assert "receipts undo 42" in ran.out
    assert not any(sign in ran.out + ran.err for sign in "\x1b\u202e")
    assert (hub.made("start")[0]["miner"], hub.made("start")[0]["all"]) == ("model", True)


@pytest.mark.parametrize(("typed", "code"), [(("k", "s"), 0), (("k", "what", "?", "s"), 0), (("k",), 1)])
def test_who_stops_or_leaves_keeps_what_was_decided(
    home: Home, hub: FakeMiningHub, types: Types, typed: tuple[str, ...], code: int
) -> None:
    types(*typed)
    ran = home.run("rooms", "audit", "house")
    assert (ran.code, hub.made("move"), hub.made("kept")) == (code, [], [("house", ["u1"])])
    assert ("2 undecided" in ran.out) is (code == 0)


def test_apply_removes_all_and_asks_nothing(home: Home, hub: FakeMiningHub) -> None:
    ran = home.run("rooms", "audit", "house", "--apply")
    assert (ran.code, [call[1] for call in hub.made("move")]) == (0, ["u1", "u2", "u3"])
    told = json.loads(home.run("rooms", "audit", "house", "--apply", "--json").out)
    assert [receipt["after"] for receipt in told["removed"]] == ["REMOVED"] * 3
    assert (len(told["misfits"]), told["kept"]) == (3, [])


def test_json_asks_nothing_and_is_one_document(home: Home, hub: FakeMiningHub, types: Types) -> None:
    types("r", "r", "r")
    told = json.loads(home.run("rooms", "audit", "house", "--json").out)
    assert (told["removed"], [each["uri"] for each in told["misfits"]]) == ([], ["u1", "u2", "u3"])
    assert hub.made("move") == []


def test_before_it_spends_it_asks(home: Home, hub: FakeMiningHub, types: Types) -> None:
    hub.paid = True
    ran = home.run("rooms", "audit", "house")
    assert (ran.code, "--yes" in ran.err, hub.asked) == (1, True, [])
    types("")
    ran = home.run("rooms", "audit", "house")
    assert (ran.code, "$1.00" in ran.err, hub.asked) == (0, True, [])
    types("y", "s")
    assert home.run("rooms", "audit", "house").code == 0
    types("s")
    assert home.run("rooms", "audit", "house", "--yes").code == 0
    assert len(hub.made("start")) == 2


def test_nothing_amiss_is_said(home: Home, hub: FakeMiningHub) -> None:
    hub.report = {"room": "house", "misfits": [], "not_looked_at": [], "notes": []}
    assert home.run("rooms", "audit", "house").out == "Nothing in house looks out of place.\n"


def test_a_room_that_is_none_and_a_hub_that_says_no(home: Home, hub: FakeMiningHub) -> None:
    assert home.run("rooms", "audit", "attic").code == 1
    hub.refusal = HubSaysNo("conflict", "It is in REMOVED already.")
    ran = home.run("rooms", "audit", "house", "--apply")
    assert (ran.code, ran.err.splitlines()[-1]) == (1, "error: It is in REMOVED already.")
    assert home.run("rooms", "audit").code == 2
    assert "Example:" in home.run("rooms", "audit", "--help").out
