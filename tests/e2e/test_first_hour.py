"""From an empty folder to a room that plays, as somebody meets it who has only the README."""

from urllib.parse import parse_qs, urlsplit

from tests.e2e.conftest import MakeHouse
from tests.e2e.house import HEADER, RECIPE, csv_rows, eventually, mixed_pool, song
from tests.e2e.wire import ask

STATE_FIELDS = {
    "version", "zone", "active_room", "learning", "login", "now_playing", "upcoming", "receipts", "plugins", "troubles",
    "leader", "zones", "active_station",
}  # fmt: skip
NOW_FIELDS = {
    "uri", "name", "artists", "album", "artwork_url", "room", "tier", "position_ms", "duration_ms", "is_playing",
    "next_skip", "station",
}  # fmt: skip
ROOMS = ["late-night", "throwback-pop", "house", "rage", "throwback-rap", "after-hours"]


def test_from_nothing_to_a_playing_room(house: MakeHouse) -> None:
    items, rows = mixed_pool("late-night", "Night")
    found_by_search = song("Only By Name", "Some Artist")
    home = house([*items, found_by_search])
    home.start()

    # Nothing is set up yet: the hub says so, and lives.
    state = home.state()
    assert set(state) == STATE_FIELDS
    assert state["login"]["status"] == "needed"
    assert (state["now_playing"], state["active_room"], state["learning"]) == (None, None, True)
    assert (state["upcoming"], state["receipts"], state["zone"]) == ([], [], "home")
    assert {plugin["name"]: plugin["status"] for plugin in state["plugins"]}["status_page"] == "running"
    assert home.get("/livez").json()["status"] == "alive"
    ready = home.get("/readyz")
    assert ready.status == 503
    assert "login" in {check["name"] for check in ready.json()["checks"] if check["level"] == "failed"}
    assert [room["slug"] for room in home.get("/api/rooms").json()["rooms"]] == ROOMS
    refused = home.post("/api/rooms/late-night/activate")
    assert (refused.status, refused.error["code"]) == (409, "empty_pool")

    # A login as a browser does it.
    begun = ask(f"{home.url}/login", headers=home.bearer)
    question = parse_qs(urlsplit(begun.headers["Location"]).query)
    assert question["code_challenge_method"] == ["S256"]
    assert question["redirect_uri"] == [f"{home.url}/callback"]
    assert home.log_in().status in (200, 303)
    assert "Choose a room" in home.get("/").text
    login = home.state()["login"]
    assert login["status"] == "ok"
    assert 150 <= login["days_left"] <= 184

    # Pools by the command line, while the hub runs.
    file = home.folder / "pools.csv"
    by_name = "late-night,DISCOVERY,Only By Name,Some Artist,\r\nlate-night,DISCOVERY,Nobody Knows It,Nobody,\r\n"
    file.write_text(HEADER + rows + by_name + "attic,DISCOVERY,X,Y,\r\n", encoding="utf-8")
    ran = home.run("pool", "import", str(file))
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("37 added")
    assert "Nobody Knows It" in ran.stderr
    assert "attic" in ran.stderr
    assert found_by_search.uri in home.tiers("late-night")["DISCOVERY"]

    # A room.
    with home.stream() as events:
        batch = home.done("/api/rooms/late-night/activate")["batch"]
        assert {tier: sum(track["tier"] == tier for track in batch) for tier in RECIPE} == RECIPE
        assert len({track["uri"] for track in batch}) == 10
        assert set(batch[0]) == {"uri", "name", "artists", "tier"}
        assert events.until("ROOM_ACTIVATED").data["room"] == "late-night"
        events.until("TRACK_CHANGED")
    assert home.true_uri() == batch[0]["uri"]
    eventually(lambda: len(home.queued()) == 9, "the batch is queued")
    assert home.queued() == [track["uri"] for track in batch[1:]]
    state = home.state()
    now = state["now_playing"]
    assert set(now) == NOW_FIELDS
    assert (now["uri"], now["room"], now["tier"]) == (batch[0]["uri"], "late-night", batch[0]["tier"])
    assert (now["is_playing"], now["duration_ms"], now["album"]) == (True, 210_000, "Album")
    assert 0 <= now["position_ms"] < 30_000
    assert now["next_skip"] == {"CONFIRMED": "SAFE_SIDE"}.get(now["tier"], "REMOVED")
    assert state["active_room"] == "late-night"
    assert [track["uri"] for track in state["upcoming"]] == [track["uri"] for track in batch[1:]]
    assert home.get("/readyz").status == 200
    active = [room["slug"] for room in home.get("/api/rooms").json()["rooms"] if room["active"]]
    assert active == ["late-night"]

    # A fresh batch on the same room; the old one is passed over.
    again = home.done("/api/rooms/late-night/activate")["batch"]
    assert not {track["uri"] for track in again} & {track["uri"] for track in batch}
    eventually(lambda: home.true_uri() == again[0]["uri"], "the fresh batch plays")

    # Off: what plays goes on.
    home.done("/api/rooms/off")
    assert home.state()["active_room"] is None
    assert home.world.is_sounding
    assert home.stop()[0] == 0
    assert [line for line in home.logged() if line["level"] in ("error", "critical")] == []


def test_a_login_by_pasting(house: MakeHouse) -> None:
    home = house()
    home.start()
    begun = ask(f"{home.url}/login", headers=home.bearer)
    landed = ask(begun.headers["Location"]).headers["Location"]
    assert home.done("/api/login/paste", {"url": f"  {landed}\n"})["login"]["status"] == "ok"
    assert home.state()["login"]["status"] == "ok"
    again = home.post("/api/login/paste", {"url": landed})
    assert (again.status, again.error["code"]) == (409, "conflict")
    wrong = home.post("/api/login/paste", {"url": "http://127.0.0.1/callback?code=x&state=y"})
    assert (wrong.status, wrong.error["code"]) == (400, "bad_request")
    code = parse_qs(urlsplit(landed).query)["code"][0]
    assert home.stop()[0] == 0
    assert code not in home.log.read_text()


def test_what_cannot_be_a_pool_file_is_400_with_a_reason(house: MakeHouse) -> None:
    home = house()
    home.start()
    for form, text in (("csv", "a,b\n1,2\n"), ("csv", "\0\0"), ("state", "{"), ("state", "[]")):
        reply = home.post("/api/pool/import", {"format": form, "text": text})
        assert (reply.status, reply.error["code"]) == (400, "bad_request"), text
        assert reply.error["message"]
    file = home.folder / "state.json"
    file.write_text("{")
    ran = home.run("pool", "import", str(file))
    assert (ran.returncode, ran.stderr.count("\n")) == (1, 1)
    sync = home.post("/api/library/sync")
    assert (sync.status, sync.error["code"]) == (409, "login_needed")
    home.log_in()
    assert home.done("/api/library/sync") == {
        "new": 0, "total": 0, "moved": 0, "gone": 0, "playlists": 1, "sorting": False, "not_sorted": "",
    }  # fmt: skip
    assert csv_rows("house", "CONFIRMED", [song("A")]).startswith('"house"')
