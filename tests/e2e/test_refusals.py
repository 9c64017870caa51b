"""Why a room does not play, told so that a person can act on it."""

from moodroom_hub.simulator.commands import Commands
from moodroom_hub.simulator.devices import Presence, SimDevice
from moodroom_hub.simulator.faults import Fault, FaultRule
from tests.e2e.conftest import MakeHouse
from tests.e2e.house import HEADER, House, csv_rows, eventually, songs
from tests.e2e.wire import Reply


def activate(home: House, room: str = "house") -> Reply:
    """Ask for a room that is refused; nothing must have come of it."""
    reply = home.post(f"/api/rooms/{room}/activate")
    assert reply.status == 409, reply.text
    assert home.state()["active_room"] is None
    assert home.state()["upcoming"] == []
    assert len(reply.error["message"]) > 20
    return reply


def test_each_refusal_has_its_code_and_the_music_comes_when_it_is_mended(house: MakeHouse) -> None:
    items = songs("Any", 12)
    home = house(items, devices=[SimDevice("Kitchen", presence=Presence.LOST)])
    home.start()
    home.fill(csv_rows("house", "CONFIRMED", items))

    assert activate(home).error["code"] == "login_needed"
    assert "login" in activate(home).error["message"]
    home.log_in()
    assert activate(home, "rage").error["code"] == "empty_pool"
    assert "pool import" in activate(home, "rage").error["message"]
    assert activate(home).error["code"] == "no_device"

    home.world.return_device("Kitchen")
    home.listener(Commands.play, uris=[items[0].uri])
    home.world.devices["Kitchen"].is_restricted = True
    assert activate(home).error["code"] == "restricted_device"
    home.world.devices["Kitchen"].is_restricted = False

    with home.trouble(FaultRule(Fault.TOO_MANY, ("*",), retry_after_s=3, at_most=1)):
        limited = activate(home)
    assert limited.error["code"] == "rate_limited"
    assert 1 <= limited.error["retry_after"] <= 3
    assert limited.headers["Retry-After"] == str(limited.error["retry_after"])
    trouble = home.state()["troubles"][0]
    assert (trouble["code"], bool(trouble["retry_at"])) == ("rate_limited", True)
    asked = len(home.home.fake.requests)
    assert activate(home).error["code"] == "rate_limited"
    assert len(home.home.fake.requests) == asked  # while Spotify says wait, it is not asked

    eventually(lambda: home.post("/api/rooms/house/activate").status == 200, "it plays after the wait")
    eventually(lambda: home.state()["troubles"] == [], "all is well again")
    assert home.get("/readyz").status == 200


def test_a_spotify_that_is_away_is_503(house: MakeHouse) -> None:
    items = songs("Any", 12)
    home = house(items)
    home.settle_in(csv_rows("house", "CONFIRMED", items))
    with home.trouble(FaultRule(Fault.ERROR_BEFORE, ("*/me/player*",))):
        reply = home.post("/api/rooms/house/activate")
        assert (reply.status, reply.error["code"]) == (503, "unavailable")
        assert home.state()["active_room"] is None


def test_an_unclear_answer_of_the_queue_is_never_sent_again(house: MakeHouse) -> None:
    items = songs("Once", 12)
    home = house(items)
    home.settle_in(csv_rows("house", "CONFIRMED", items))
    with home.trouble(FaultRule(Fault.ERROR_AFTER, ("POST /me/player/queue",), at_most=1)):
        batch = home.done("/api/rooms/house/activate")["batch"]
        eventually(lambda: len(home.queued()) == 9, "the batch is queued")
    assert home.queued() == [track["uri"] for track in batch[1:]]
    eventually(lambda: home.state()["troubles"] == [], "no trouble is left")


def test_a_pool_file_without_tracks_is_one_clear_refusal(house: MakeHouse) -> None:
    home = house()
    home.start()
    for text, said in (("", "empty"), ("\r\n", "empty"), (HEADER, "no tracks"), ("a,b\r\n1,2\r\n", "header")):
        reply = home.post("/api/pool/import", {"format": "csv", "text": text})
        assert (reply.status, reply.error["code"]) == (400, "bad_request"), text
        assert said in reply.error["message"]
    missing = home.post("/api/pool/import")
    assert (missing.status, missing.error["code"]) == (400, "bad_request")
