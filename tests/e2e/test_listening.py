"""What listening does: one fresh track for each that went by, skips that teach, and nobody else's music touched."""

import time
from typing import Any

import pytest

from moodroom_hub.simulator.commands import Commands
from moodroom_hub.simulator.items import album_id
from tests.e2e.conftest import MakeHouse
from tests.e2e.house import House, csv_rows, eventually, mixed_pool, song, songs
from tests.e2e.wire import Stream

AUDIBLE_S = 1.6
"""So long a listener listens before a skip counts as theirs."""
SHORT_MS = 5_000
DOWN = {"CONFIRMED": "SAFE_SIDE", "SAFE_SIDE": "REMOVED", "DISCOVERY": "REMOVED"}


def left_early(home: House, events: Stream) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Hear a little, skip over the API; gives what was skipped and the receipt, if there was one."""
    playing = home.state()["now_playing"]
    time.sleep(AUDIBLE_S)
    begin = len(events.seen)
    assert home.done("/api/player/next", {"uri": playing["uri"]}) == {"skipped": True}
    events.until("TOPPED_UP")
    came = events.seen[begin:]
    names = [each.name for each in came]
    assert names.index("SKIPPED") < names.index("TRACK_CHANGED") < names.index("TOPPED_UP")
    skipped = came[names.index("SKIPPED")].data["listen"]
    assert (skipped["uri"], skipped["verdict"]) == (playing["uri"], "SKIPPED")
    receipts = [each.data["receipt"] for each in came if each.name == "POOL_CHANGED"]
    receipts = [receipt for receipt in receipts if receipt["kind"] != "UNDO"]
    assert len(receipts) <= 1
    return playing, receipts[0] if receipts else None


def test_an_evening_of_skips(house: MakeHouse) -> None:
    items, rows = mixed_pool("house", "Evening", each=8)
    own = song("Something of my own", "Somebody Else")
    home = house([*items, own], config={"batch": {"confirmed": 1, "safe_side": 1, "discovery": 1}})
    home.settle_in(rows)
    untouched = home.get("/api/rooms/house/pool").json()
    with home.stream() as events:
        assert len(home.done("/api/rooms/house/activate")["batch"]) == 3
        events.until("TRACK_CHANGED")
        eventually(lambda: len(home.queued()) == 2, "the batch is queued")

        # Each tier once: one down, and an undo that restores exactly what was.
        newest: list[dict[str, Any]] = []
        for count in range(3):
            assert home.state()["now_playing"]["next_skip"] == DOWN[home.state()["now_playing"]["tier"]]
            skipped, receipt = left_early(home, events)
            assert receipt is not None
            assert (receipt["uri"], receipt["kind"], receipt["room"]) == (skipped["uri"], "SKIPPED", "house")
            assert (receipt["before"], receipt["after"]) == (skipped["tier"], DOWN[skipped["tier"]])
            assert 1_000 <= receipt["heard_ms"] < 30_000
            assert skipped["uri"] in home.tiers("house")[receipt["after"]]
            assert home.state()["receipts"][0]["id"] == receipt["id"]
            undone = home.done(f"/api/receipts/{receipt['id']}/undo")["receipt"]
            assert (undone["kind"], undone["undoes"]) == ("UNDO", [receipt["id"]])
            assert home.get("/api/rooms/house/pool").json() == untouched
            newest = home.get("/api/receipts?limit=2").json()["receipts"]
            assert [each["undone_by"] for each in newest] == [None, undone["id"]]
            assert len(home.queued()) == 3 + count
        assert {each["before"] for each in home.get("/api/receipts").json()["receipts"][1::2]} == set(DOWN)
        again = home.post(f"/api/receipts/{newest[1]['id']}/undo")
        assert (again.status, again.error["code"]) == (409, "conflict")

        # Guests: the next skip teaches nothing.
        assert home.done("/api/learning", {"enabled": False, "for": "3h"})["until"]
        assert home.state()["learning"] is False
        assert home.state()["now_playing"]["next_skip"] is None
        assert left_early(home, events)[1] is None
        assert home.get("/api/rooms/house/pool").json() == untouched
        assert home.get("/api/history?limit=1").json()["history"][0]["cause"] == "learning_off"
        assert home.done("/api/learning", {"enabled": True}) == {"learning": True, "until": None}
        left_early(home, events)

        # A skip at the player itself counts as well.
        playing = home.state()["now_playing"]
        time.sleep(AUDIBLE_S)
        home.listener(Commands.next)
        receipt = events.until("POOL_CHANGED").data["receipt"]
        assert (receipt["uri"], receipt["after"]) == (playing["uri"], DOWN[playing["tier"]])
        events.until("TOPPED_UP")

        # Exactly one fresh track for each that went by, none twice.
        assert len(home.queued()) == len(set(home.queued())) == 2 + 6

        # Something of one's own: the hub steps back, and says so.
        home.listener(Commands.play, context_uri=f"spotify:album:{album_id(own)}")
        assert events.until("TAKEOVER").data["track"]["uri"] == own.uri
        state = home.state()
        assert "takeover" in [trouble["code"] for trouble in state["troubles"]]
        assert (state["now_playing"]["uri"], state["now_playing"]["room"]) == (own.uri, None)
        assert home.get("/api/receipts?limit=1").json()["receipts"] == [receipt]
        row = home.get("/api/history").json()["history"][0]
        assert (row["verdict"], row["cause"]) == ("PARTIAL", "takeover")
        assert len(home.queued()) == 2 + 6


def test_next_means_the_track_that_was_seen(house: MakeHouse) -> None:
    items = songs("Next", 20)
    home = house(items)
    home.settle_in(csv_rows("rage", "CONFIRMED", items))
    batch = home.done("/api/rooms/rage/activate")["batch"]
    for other in (batch[1]["uri"], "spotify:track:0000000000000000000000"):
        assert home.done("/api/player/next", {"uri": other}) == {"skipped": False}
    assert home.true_uri() == batch[0]["uri"]
    assert home.done("/api/player/pause") == {"ok": True}
    assert not home.world.is_sounding
    assert home.done("/api/player/play") == {"ok": True}
    assert home.world.is_sounding
    eventually(lambda: home.queued(), "the first is queued")
    assert home.done("/api/player/next") == {"skipped": True}
    assert home.true_uri() == batch[1]["uri"]


def test_tracks_that_end_are_replaced_for_ever_and_discoveries_rise(house: MakeHouse) -> None:
    items = songs("Short", 30, SHORT_MS)
    home = house(items, config={"listening": {"completion_margin": "2s"}})
    home.settle_in(csv_rows("rage", "DISCOVERY", items))
    with home.stream() as events:
        batch = home.done("/api/rooms/rage/activate")["batch"]
        heard = events.until("COMPLETED").data["listen"]
        assert (heard["uri"], heard["cause"]) == (batch[0]["uri"], "natural_end")
        assert heard["heard_ms"] == pytest.approx(SHORT_MS, abs=600)
        assert events.until("TRACK_CHANGED").data["track"]["uri"] == batch[1]["uri"]
        events.until("TOPPED_UP")
        assert len(home.queued()) == 10
        assert len(home.state()["upcoming"]) == 9
        (receipt,) = [each.data["receipt"] for each in events.seen if each.name == "POOL_CHANGED"]
        assert (receipt["kind"], receipt["before"], receipt["after"]) == ("COMPLETED", "DISCOVERY", "SAFE_SIDE")
        assert home.tiers("rage")["SAFE_SIDE"] == {batch[0]["uri"]}
        (row,) = home.get("/api/history").json()["history"]
        assert (row["verdict"], row["sure"], row["tier"]) == ("COMPLETED", True, "DISCOVERY")

        # Off: what is queued plays on, nothing is added.
        home.done("/api/rooms/off")
        events.until("ROOM_DEACTIVATED")
        assert home.done("/api/player/next") == {"skipped": True}
        events.until("TRACK_CHANGED")
        time.sleep(0.5)
        assert len(home.queued()) == 10
        assert home.world.is_sounding
        assert home.get("/api/history?limit=1").json()["next"]

    with home.stream(Last_Event_ID="0") as replay:
        while replay.next().id < events.seen[-1].id:
            pass
    assert [each.id for each in replay.seen] == sorted({each.id for each in replay.seen})
    assert replay.seen[-len(events.seen) :] == events.seen
    with home.stream(Last_Event_ID=str(events.seen[-3].id)) as replay:
        assert [replay.next(), replay.next()] == events.seen[-2:]
    figures = home.get("/metrics")
    assert "moodroom_events_completed_total" in figures.text
    assert "Short" not in figures.text


def test_a_room_that_was_left_is_not_heard_and_teaches_nothing(house: MakeHouse) -> None:
    left, entered = songs("Left", 20), songs("Entered", 20, SHORT_MS)
    home = house([*left, *entered], config={"batch": {"confirmed": 4, "safe_side": 0, "discovery": 0}})
    home.settle_in(csv_rows("house", "CONFIRMED", left), csv_rows("rage", "CONFIRMED", entered))
    home.done("/api/rooms/house/activate")
    eventually(lambda: len(home.queued()) == 3, "the batch is queued")
    batch = home.done("/api/rooms/rage/activate")["batch"]
    assert home.true_uri() == batch[0]["uri"]
    switched_ms = home.world.at_ms
    eventually(lambda: home.true_uri() == batch[1]["uri"], "the tail is passed over")
    tail = {item.uri for item in left}
    heard_ms = sum(one.heard_ms for one in home.world.truth.listens if one.uri in tail and one.started_ms > switched_ms)
    assert heard_ms < 6_000
    assert home.get("/api/receipts").json()["receipts"] == []
    assert {row["cause"] for row in home.get("/api/history").json()["history"] if row["uri"] in tail} <= {
        "room_switch", "stale_tail", "unplayable",
    }  # fmt: skip


def test_next_does_not_claim_a_skip_where_nothing_followed(house: MakeHouse) -> None:
    items = songs("Two", 2)
    home = house(items, config={"listening": {"top_up": 0}})
    home.settle_in(csv_rows("house", "CONFIRMED", items))
    first, second = (track["uri"] for track in home.done("/api/rooms/house/activate")["batch"])
    eventually(lambda: home.queued() == [second], "the other one is queued")
    assert home.done("/api/player/next", {"uri": first}) == {"skipped": True}
    assert home.state()["now_playing"]["uri"] == second
    assert home.done("/api/player/next", {"uri": first}) == {"skipped": False}
    assert home.true_uri() == second
    assert home.done("/api/player/next", {"uri": second}) == {"skipped": False}
    assert not home.world.view().is_playing
