"""Ids that Spotify does not know any more: others take their place, and a room of nothing else says so."""

from moodroom_hub.simulator.truth import Actor
from tests.e2e.conftest import MakeHouse
from tests.e2e.house import House, csv_rows, eventually, songs


def asked(home: House, name: str) -> list[tuple[str, str | None]]:
    """The tracks that the hub asked Spotify to ``play`` or to ``queue``, each with why it was refused."""
    told = home.world.truth.commands
    return [(each.detail, each.refusal) for each in told if (each.by, each.name) == (Actor.HUB, name)]


def drawn(home: House) -> list[str]:
    """What the hub still holds back."""
    return [track["uri"] for track in home.state()["upcoming"] if track["status"] in {"drawn", "sending"}]


def test_dead_ids_at_the_head_and_in_the_middle_give_way(house: MakeHouse) -> None:
    alive, dead = songs("Alive", 8), songs("Dead", 4)
    home = house(alive, config={"batch": {"confirmed": 4, "safe_side": 0, "discovery": 0}})
    home.settle_in(csv_rows("house", "CONFIRMED", [*alive, *dead]))
    gone = {item.uri for item in dead}
    heads = middles = False
    for _ in range(12):
        batch = [track["uri"] for track in home.done("/api/rooms/house/activate")["batch"]]
        assert batch[0] not in gone
        assert home.true_uri() == batch[0]
        eventually(lambda: len(home.state()["upcoming"]) == 3 and not drawn(home), "three lie ahead")
        assert not {track["uri"] for track in home.state()["upcoming"]} & gone
        assert home.state()["troubles"] == []
        heads = heads or any(refusal for _, refusal in asked(home, "play"))
        middles = middles or any(refusal for _, refusal in asked(home, "queue"))
        if heads and middles:
            break
    assert (heads, middles) == (True, True)
    assert not gone & set(home.world.true_queue())


def test_a_room_of_dead_ids_alone_is_refused_and_asks_little(house: MakeHouse) -> None:
    alive, dead = songs("Alive", 12), songs("Dead", 30)
    home = house(alive)
    home.settle_in(csv_rows("rage", "CONFIRMED", dead), csv_rows("house", "CONFIRMED", alive))
    home.done("/api/rooms/house/activate")
    eventually(lambda: len(home.queued()) == 9, "the batch is queued")
    playing, ahead, before = home.true_uri(), home.state()["upcoming"], len(home.home.fake.requests)
    reply = home.post("/api/rooms/rage/activate")
    assert (reply.status, reply.error["code"]) == (409, "refused")
    assert "Rage" in reply.error["message"]
    assert len(home.home.fake.requests) - before <= 8
    state = home.state()
    assert (state["active_room"], home.true_uri()) == ("house", playing)
    assert [track["uri"] for track in state["upcoming"]] == [track["uri"] for track in ahead]
    assert {track["status"] for track in state["upcoming"]} == {"queued"}


def test_a_pool_that_dies_under_a_playing_room_is_not_asked_for_ever(house: MakeHouse) -> None:
    alive, dead = songs("Alive", 1), songs("Dead", 40)
    home = house(alive, config={"batch": {"confirmed": 1, "safe_side": 9, "discovery": 0}})
    home.settle_in(csv_rows("rage", "CONFIRMED", alive) + csv_rows("rage", "SAFE_SIDE", dead))
    eventually(lambda: home.post("/api/rooms/rage/activate").status == 200, "the one that lives is drawn early enough")
    eventually(lambda: home.state()["troubles"], "the player's refusal is told")
    assert home.state()["troubles"][0]["code"] == "refused"
    assert len(asked(home, "queue")) <= 12
    assert home.true_uri() == alive[0].uri
