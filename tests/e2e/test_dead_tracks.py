"""Ids that Spotify does not know any more: others take their place, and a room of nothing else says so."""

from moodroom_hub.simulator.truth import Actor
from tests.e2e.conftest import MakeHouse
from tests.e2e.house import House, csv_rows, eventually, songs

ROOMS = ("late-night", "throwback-pop", "house", "rage", "throwback-rap", "after-hours")


def asked(home: House, name: str) -> list[tuple[str, str | None]]:
    """The tracks that the hub asked Spotify to ``play`` or to ``queue``, each with why it was refused."""
    told = home.world.truth.commands
    return [(each.detail, each.refusal) for each in told if (each.by, each.name) == (Actor.HUB, name)]


def test_dead_ids_at_the_head_and_in_the_middle_give_way(house: MakeHouse) -> None:
    alive = {room: songs(f"Alive in {room}", 1) for room in ROOMS}
    dead = {room: songs(f"Dead in {room}", 4) for room in ROOMS}
    recipe = {"confirmed": 5, "safe_side": 0, "discovery": 0}
    home = house([song for one in alive.values() for song in one], config={"batch": recipe, "listening": {"top_up": 0}})
    home.settle_in("".join(csv_rows(room, "CONFIRMED", [*alive[room], *dead[room]]) for room in ROOMS))
    heads = middles = False
    for room in ROOMS:  # each batch is a whole pool, in an order of its own
        batch = [track["uri"] for track in home.done(f"/api/rooms/{room}/activate")["batch"]]
        assert batch[0] == alive[room][0].uri == home.true_uri()
        eventually(lambda: home.state()["upcoming"] == [], "the dead ones were passed over")
        assert home.state()["troubles"] == []
        heads = heads or any(refusal for _, refusal in asked(home, "play"))
        middles = middles or any(refusal for _, refusal in asked(home, "queue"))
        if heads and middles:
            break
    assert (heads, middles) == (True, True)
    assert not home.world.true_queue()


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
    # Six times in ten it is; each time takes a while.
    eventually(
        lambda: home.post("/api/rooms/rage/activate").status == 200, "the one that lives is drawn early enough", 90
    )
    eventually(lambda: home.state()["troubles"], "the player's refusal is told")
    assert home.state()["troubles"][0]["code"] == "refused"
    assert len(asked(home, "queue")) <= 12
    assert home.true_uri() == alive[0].uri
