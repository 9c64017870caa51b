"""Fifty hands on fifty switches: the house plays what was wanted last, and Spotify hears of hardly anything else."""

from http.client import HTTPConnection

from moodroom_hub.simulator.truth import Actor
from tests.e2e.conftest import MakeHouse
from tests.e2e.house import House, csv_rows, eventually, songs
from tests.e2e.wire import PATIENCE_S, Reply

ROOMS = ("late-night", "throwback-pop", "house", "rage", "throwback-rap", "after-hours")


def send(home: House, path: str) -> HTTPConnection:
    """A POST whose answer nobody reads yet."""
    connection = HTTPConnection("127.0.0.1", home.port, timeout=PATIENCE_S)
    connection.request("POST", path, headers=home.bearer)
    return connection


def answer(connection: HTTPConnection) -> Reply:
    """The answer that came."""
    try:
        told = connection.getresponse()
        return Reply(told.status, dict(told.getheaders()), told.read())
    finally:
        connection.close()


def played(home: House) -> list[str]:
    """What the hub told Spotify to play."""
    return [each.detail for each in home.world.truth.commands if (each.by, each.name) == (Actor.HUB, "play")]


def settled(house: MakeHouse) -> tuple[House, dict[str, set[str]]]:
    """A house with a pool for each room; they have no song in common. And each room's uris."""
    pools = {room: songs(f"Of {room}", 20) for room in ROOMS}
    home = house([item for items in pools.values() for item in items])
    home.settle_in("".join(csv_rows(room, "CONFIRMED", items) for room, items in pools.items()))
    return home, {room: {item.uri for item in items} for room, items in pools.items()}


def test_fifty_activations_at_once_end_with_the_last_one(house: MakeHouse) -> None:
    home, uris = settled(house)
    under_way = [send(home, f"/api/rooms/{ROOMS[number % len(ROOMS)]}/activate") for number in range(49)]
    replies = [answer(each) for each in under_way[:-1]]
    last = home.done("/api/rooms/house/activate")
    replies.append(answer(under_way[-1]))

    refused = [reply for reply in replies if reply.status != 200]
    assert {(reply.status, reply.error["code"]) for reply in refused} == {(409, "superseded")}
    assert len(refused) >= 40
    assert len(played(home)) == 1 + len(replies) - len(refused), "each play was somebody's who was told so"
    first = last["batch"][0]["uri"]
    assert played(home)[-1] == home.true_uri() == first
    assert home.state()["active_room"] == "house"
    assert home.state()["now_playing"]["uri"] == first
    wanted = [track["uri"] for track in last["batch"][1:]]
    eventually(lambda: home.queued()[-9:] == wanted, "the batch is queued")
    assert set(home.queued()) <= uris["house"], "nothing of a room that gave way"
    assert home.state()["troubles"] == []


def test_off_takes_back_a_burst(house: MakeHouse) -> None:
    home, _ = settled(house)
    under_way = [send(home, f"/api/rooms/{room}/activate") for room in ROOMS]
    off = send(home, "/api/rooms/off")
    assert answer(off).json() == {"ok": True}
    codes = [reply.status for reply in map(answer, under_way)]
    assert home.state()["active_room"] is None
    assert home.state()["upcoming"] == []
    assert codes.count(200) == len(played(home)) <= 1
