"""How strict the make-believe Web API is, and how it misbehaves when it is told to."""

from typing import Any

import pytest

from moodroom_hub.simulator.devices import Presence, SimDevice
from moodroom_hub.simulator.faults import Fault, FaultPlan, FaultRule, Latency, StuckSpell
from moodroom_hub.simulator.items import Item, ItemKind
from moodroom_hub.simulator.library import Library, SimPlaylist
from moodroom_hub.simulator.session import WorldSettings
from moodroom_hub.simulator.spotify_api import Habits, Limits
from moodroom_hub.simulator.truth import Actor
from tests.simulator.fakes import Asker
from tests.simulator.homes import EPOCH_MS, SONGS, URIS, HandClock, small_world

HUB, LISTENER = Actor.HUB, Actor.LISTENER
QUEUE = "/me/player/queue"


@pytest.mark.parametrize(
    ("method", "path", "body", "query", "status"),
    [
        ("GET", "/search", None, {"q": "song", "type": "track", "limit": 11}, 400),
        ("GET", "/search", None, {"q": "song", "type": "track", "limit": 10}, 200),
        ("GET", "/search", None, {"q": "", "type": "track"}, 400),
        ("GET", "/search", None, {"q": "song"}, 400),
        ("GET", "/search", None, {"q": "song", "type": "tune"}, 400),
        ("GET", "/search", None, {"q": "song", "type": "track", "unknown": "x"}, 200),
        ("GET", "/me/tracks", None, {"limit": 51}, 400),
        ("GET", "/me/tracks", None, {"limit": 0}, 400),
        ("GET", "/me/tracks", None, {"limit": "x"}, 400),
        ("GET", "/me/tracks", None, {"market": "Germany"}, 400),
        ("GET", "/me/playlists", None, {"limit": 51}, 400),
        ("GET", "/me/player/recently-played", None, {"limit": 51}, 400),
        ("GET", "/me/player/recently-played", None, {"after": 1, "before": 2}, 400),
        ("POST", QUEUE, None, {}, 400),
        ("POST", QUEUE, None, {"uri": "spotify:local:a:b:c:1"}, 400),
        ("POST", QUEUE, None, {"uri": "spotify:track:short"}, 400),
        ("PUT", "/me/player", {"device_ids": ["a", "b"]}, {}, 400),
        ("PUT", "/me/player", {}, {}, 400),
        ("PUT", "/me/player", {"device_ids": ["gone"]}, {}, 404),
        ("PUT", "/me/player/play", {"uris": "no list"}, {}, 400),
        ("PUT", "/me/player/play", {"uris": [URIS[0]], "context_uri": "spotify:album:x"}, {}, 400),
        ("PUT", "/me/player/play", {"uris": [URIS[0]], "position_ms": -1}, {}, 400),
        ("PUT", "/me/player/play", {"context_uri": "spotify:artist:x", "offset": {"position": 1}}, {}, 400),
        ("PUT", "/me/player/play", {"context_uri": "spotify:playlist:37i9dQZF1EYkqdzj48dyYq"}, {}, 404),
        ("PUT", "/me/player/repeat", None, {"state": "one"}, 400),
        ("PUT", "/me/player/shuffle", None, {"state": "yes"}, 400),
        ("PUT", "/me/player/volume", None, {"volume_percent": 101}, 400),
        ("PUT", "/me/player/seek", None, {}, 400),
        ("PUT", "/me/player/pause", None, {}, 403),
        ("POST", "/me/playlists", {}, {}, 400),
        ("POST", "/me/playlists", {"name": "x", "collaborative": True}, {}, 400),
        ("GET", "/tracks/nonsense", None, {}, 400),
        ("GET", "/tracks", None, {"ids": "a,b"}, 403),
        ("GET", "/artists/a/top-tracks", None, {}, 403),
        ("GET", "/artists/a/related-artists", None, {}, 403),
        ("GET", f"/albums/{'a' * 22}/tracks", None, {}, 403),
        ("GET", "/recommendations", None, {}, 403),
        ("GET", "/audio-features/x", None, {}, 403),
        ("GET", "/playlists/x/tracks", None, {}, 403),
        ("POST", "/users/x/playlists", {"name": "x"}, {}, 403),
        ("PUT", "/me/tracks", None, {"ids": "x"}, 403),
        ("GET", "/nowhere", None, {}, 404),
        ("DELETE", "/me/player/queue", None, {}, 404),
        ("GET", "/me/library/contains", None, {}, 400),
        ("GET", "/me/library/contains", None, {"uris": ",".join([URIS[0]] * 41)}, 400),
    ],
)
def test_it_is_as_strict_as_the_real_one(method: str, path: str, body: Any, query: dict[str, Any], status: int) -> None:
    assert Asker().ask(method, path, body, **query).status == status


def test_malformed_bodies_are_refused() -> None:
    asker = Asker()
    headers = {"Authorization": f"Bearer {asker.token}"}
    assert asker.fake.handle("PUT", "/v1/me/player/play", {}, headers, b"{").status == 400
    assert asker.ask("PUT", "/me/player/play", ["no", "object"]).status == 400


def test_commands_answer_now_204_now_a_string_that_is_no_json() -> None:
    asker = Asker()
    asker.world.play(LISTENER, uris=URIS)
    answers = [asker.ask("POST", QUEUE, uri=URIS[1]) for _ in range(30)]
    assert {answer.status for answer in answers} == {200, 204}
    for answer in answers:
        assert bool(answer.body) is (answer.status == 200)
        if answer.body:
            with pytest.raises(ValueError):
                answer.json()


def test_no_device_no_state_and_a_reason_that_one_knows() -> None:
    asker = Asker(world=None)
    asker.world.lose_device("Kitchen")
    assert asker.ask("GET", "/me/player").status == 204
    expected = (404, "Player command failed: No active device found", "NO_ACTIVE_DEVICE")
    assert asker.error("POST", QUEUE, uri=URIS[0]) == expected
    assert asker.error("PUT", "/me/player/play") == expected


def test_queueing_to_another_device_than_the_active_one_is_forbidden() -> None:
    asker = Asker()
    phone = asker.world.devices["Phone"].id
    asker.world.play(LISTENER, uris=[URIS[0]])
    assert asker.ask("POST", QUEUE, uri=URIS[1], device_id=phone).status == 403
    assert asker.ask("PUT", "/me/player/play", {"uris": [URIS[1]]}, device_id=phone).status in (200, 204)
    assert asker.world.view().device == asker.world.devices["Phone"]


def test_resuming_what_plays_is_a_violation() -> None:
    asker = Asker()
    asker.world.play(LISTENER, uris=[URIS[0]])
    violation = (403, "Player command failed: Restriction violated", "UNKNOWN")
    assert asker.error("PUT", "/me/player/play") == violation


def test_restricted_devices_have_no_id_and_are_not_listed() -> None:
    clock = HandClock()
    world = small_world(clock, devices=[SimDevice("Sonos", presence=Presence.ACTIVE, is_restricted=True)])
    asker = Asker(world=world, clock=clock)
    world.play(LISTENER, uris=[URIS[0]])
    assert asker.ask("GET", "/me/player").json()["device"] == {
        "id": None,
        "is_active": True,
        "is_private_session": False,
        "is_restricted": True,
        "name": "Sonos",
        "supports_volume": True,
        "type": "Speaker",
        "volume_percent": 50,
    }
    assert asker.ask("GET", "/me/player/devices").json() == {"devices": []}
    assert asker.error("POST", "/me/player/next")[0] == 403


def test_adverts_episodes_local_files_and_private_sessions() -> None:
    clock = HandClock()
    episode = Item("spotify:episode:" + "0" * 22, "News", ("Radio",), 600_000, kind=ItemKind.EPISODE)
    local = Item("spotify:local:Me:Mine:Demo:90", "Demo", ("Me",), 90_000, kind=ItemKind.LOCAL)
    world = small_world(clock, items=(*SONGS, episode, local), settings=WorldSettings(advert_every=2))
    asker = Asker(world=world, clock=clock)
    world.play(LISTENER, uris=[episode.uri, local.uri, URIS[0]])
    state = asker.ask("GET", "/me/player").json()
    assert (state["item"], state["currently_playing_type"]) == (None, "episode")
    shown = asker.ask("GET", "/me/player", additional_types="track,episode").json()["item"]
    assert (shown["type"], shown["name"]) == ("episode", "News")
    clock.turn(600_000)
    item = asker.ask("GET", "/me/player").json()["item"]
    assert (item["id"], item["is_local"], item["uri"]) == (None, True, local.uri)
    asker.fake.habits = Habits(local_is_bad_request=True)
    assert asker.error("GET", "/me/player") == (400, "invalid id", None)
    clock.turn(90_000)
    state = asker.ask("GET", "/me/player").json()
    assert (state["item"], state["currently_playing_type"]) == (None, "ad")
    assert asker.ask("POST", "/me/player/next").status == 403
    clock.turn(30_000)
    world.set_private("Kitchen", True)
    asker.fake.habits = Habits(private_shows="no_item")
    state = asker.ask("GET", "/me/player").json()
    assert (state["item"], state["device"]["is_private_session"]) == (None, True)
    asker.fake.habits = Habits(private_shows="nothing")
    assert asker.ask("GET", "/me/player").status == 204
    clock.turn(600_000)
    played = asker.ask("GET", "/me/player/recently-played").json()["items"]
    assert played == []


def test_playlists_hold_nulls_and_search_may() -> None:
    clock = HandClock()
    library = Library(playlists=[SimPlaylist("p" * 22, "Mine", uris=[URIS[0], None])])
    asker = Asker(world=small_world(clock, library=library), clock=clock, habits=Habits(null_rate=0.5))
    rows = asker.ask("GET", f"/playlists/{'p' * 22}/items").json()["items"]
    assert [row["item"] is None for row in rows] == [False, True]
    assert "track" not in rows[0]
    found = asker.ask("GET", "/search", q="song", type="track", limit=10).json()["tracks"]["items"]
    assert None in found
    assert any(found)


def test_the_window_of_thirty_seconds_rolls() -> None:
    asker = Asker(limits=Limits(per_window=5))
    assert [asker.ask("GET", "/me").status for _ in range(6)] == [200] * 5 + [429]
    asker.clock.turn(10_000)
    answer = asker.ask("GET", "/me")
    assert (answer.status, answer.headers["Retry-After"]) == (429, "20")
    assert "reason" not in answer.json()["error"]
    asker.clock.turn(20_000)
    assert asker.ask("GET", "/me").status == 200


def test_knocking_during_a_ban_makes_it_longer() -> None:
    asker = Asker(limits=Limits(per_window=1, knocking_s=30))
    waits = [asker.ask("GET", "/me").headers.get("Retry-After") for _ in range(4)]
    assert waits == [None, "30", "60", "90"]


def test_a_daily_quota_stops_only_its_group() -> None:
    asker = Asker(limits=Limits(per_window=None, per_day={"library": 3}))
    assert [asker.ask("GET", "/me/tracks").status for _ in range(4)] == [200, 200, 200, 429]
    answer = asker.ask("GET", "/me/tracks")
    assert answer.json()["error"]["reason"] == "QUOTA_EXCEEDED"
    assert int(answer.headers["Retry-After"]) == 86_400
    assert asker.ask("GET", "/me/player/devices").status == 200
    silent = Asker(limits=Limits(per_window=0, tells_wait=False))
    assert "Retry-After" not in silent.ask("GET", "/me").headers


@pytest.mark.parametrize(
    ("fault", "status", "reason", "takes_effect"),
    [
        (Fault.ERROR_BEFORE, 502, None, False),
        (Fault.ERROR_AFTER, 502, None, True),
        (Fault.ACCEPTED, 202, None, False),
        (Fault.GARBLED, 200, None, True),
        (Fault.FALSE_401, 401, None, False),
        (Fault.FALSE_403, 403, "PREMIUM_REQUIRED", False),
        (Fault.TOO_MANY, 429, None, False),
        (Fault.TOO_MANY_BARE, 429, None, False),
        (Fault.QUOTA, 429, "QUOTA_EXCEEDED", False),
        (Fault.BAD_REQUEST, 400, None, False),
        (Fault.NOT_FOUND, 404, None, False),
    ],
)
def test_faults_answer_and_take_effect_as_they_say(
    fault: Fault, status: int, reason: str | None, takes_effect: bool
) -> None:
    asker = Asker(faults=FaultPlan(rules=[FaultRule(fault, (f"POST {QUEUE}",), at_most=1)]))
    asker.world.play(LISTENER, uris=[URIS[0]])
    answer = asker.ask("POST", QUEUE, uri=URIS[1])
    assert answer.status == status
    assert asker.world.true_queue() == ((URIS[1],) if takes_effect else ())
    if reason is not None:
        assert answer.json()["error"]["reason"] == reason
    assert ("Retry-After" in answer.headers) is (fault in (Fault.TOO_MANY, Fault.QUOTA))
    assert asker.fake.requests[-1].fault == fault.value
    assert asker.ask("POST", QUEUE, uri=URIS[2]).status in (200, 204)


@pytest.mark.parametrize(
    ("fault", "drop", "takes_effect"),
    [
        (Fault.HANG_BEFORE, "hang", False),
        (Fault.HANG_AFTER, "hang", True),
        (Fault.RESET_BEFORE, "reset", False),
        (Fault.RESET_AFTER, "reset", True),
    ],
)
def test_dropped_answers(fault: Fault, drop: str, takes_effect: bool) -> None:
    asker = Asker(faults=FaultPlan(rules=[FaultRule(fault, (f"POST {QUEUE}",))]))
    asker.world.play(LISTENER, uris=[URIS[0]])
    assert asker.ask("POST", QUEUE, uri=URIS[1]).drop == drop
    assert bool(asker.world.true_queue()) is takes_effect


def test_faults_keep_to_their_hours_and_rates() -> None:
    rule = FaultRule(Fault.BLIP_204, ("GET /me/player",), rate=0.5, from_ms=EPOCH_MS, until_ms=EPOCH_MS + 60_000)
    asker = Asker(faults=FaultPlan(3, [rule]), limits=Limits(per_window=None))
    asker.world.play(LISTENER, uris=[URIS[0]])
    during = [asker.ask("GET", "/me/player").status for _ in range(100)]
    assert 30 < during.count(204) < 70
    asker.clock.turn(60_000)
    assert [asker.ask("GET", "/me/player").status for _ in range(20)] == [200] * 20


def test_read_after_write_lag_shows_the_former_state_going_on() -> None:
    asker = Asker(faults=FaultPlan(read_lag_ms=(1_000, 1_000)))
    asker.world.play(LISTENER, uris=URIS[:3])
    asker.clock.turn(20_000)
    asker.ask("POST", "/me/player/next")
    asker.clock.turn(900)
    late = asker.ask("GET", "/me/player").json()
    assert (late["item"]["uri"], late["progress_ms"]) == (URIS[0], 20_900)
    asker.clock.turn(100)
    fresh = asker.ask("GET", "/me/player").json()
    assert (fresh["item"]["uri"], fresh["progress_ms"]) == (URIS[1], 1_000)


def test_a_stuck_state_stands_still() -> None:
    spell = StuckSpell(EPOCH_MS + 10_000, EPOCH_MS + 600_000)
    asker = Asker(faults=FaultPlan(stuck=[spell]))
    asker.world.play(LISTENER, uris=URIS[:3])
    asker.clock.turn(10_000)
    asker.world.view()
    asker.clock.turn(300_000)
    state = asker.ask("GET", "/me/player").json()
    assert (state["item"]["uri"], state["progress_ms"], state["is_playing"]) == (URIS[0], 10_000, True)
    asker.clock.turn(300_000)
    assert asker.ask("GET", "/me/player").json()["item"]["uri"] == URIS[2]


def test_the_queue_is_padded_and_stale() -> None:
    rule = FaultRule(Fault.STALE_QUEUE, (f"GET {QUEUE}",), stale_ms=5_000)
    asker = Asker(faults=FaultPlan(rules=[rule]))
    asker.world.play(LISTENER, uris=[URIS[0]])
    asker.clock.turn(10_000)
    asker.ask("POST", QUEUE, uri=URIS[1])
    asker.clock.turn(4_000)
    assert asker.ask("GET", QUEUE).json()["queue"] == []
    asker.clock.turn(1_000)
    assert [row["uri"] for row in asker.ask("GET", QUEUE).json()["queue"]] == [URIS[1]] * 10


def test_latency_lies_between_its_bounds_and_both_ways_have_a_share() -> None:
    plan = FaultPlan(1, latency=Latency(40, 120, 900, slow_rate=0.1))
    trips = [plan.round_trip_ms() for _ in range(500)]
    assert all(40 <= there + back <= 900 for there, back in trips)
    assert any(there + back > 300 for there, back in trips)
    assert all(there > 0 and back > 0 for there, back in trips)


def test_null_items_and_blips_leave_the_rest_of_the_state() -> None:
    asker = Asker(faults=FaultPlan(rules=[FaultRule(Fault.NULL_ITEM, ("GET /me/player",), at_most=1)]))
    asker.world.play(LISTENER, uris=[URIS[0]])
    state = asker.ask("GET", "/me/player").json()
    assert (state["item"], state["currently_playing_type"], state["is_playing"]) == (None, "unknown", True)
    assert asker.ask("GET", "/me/player").json()["item"]["uri"] == URIS[0]


def test_the_log_holds_no_secrets() -> None:
    asker = Asker()
    asker.redeem(code=asker.code())
    asker.ask("GET", "/me/tracks")
    log = repr(asker.fake.requests)
    assert asker.token not in log
    assert "code" not in log.replace("ms", "")


def test_a_fault_may_spare_the_first_requests() -> None:
    plan = FaultPlan(rules=[FaultRule(Fault.ERROR_BEFORE, at_most=1, spared=2), FaultRule(Fault.NOT_FOUND, at_most=1)])
    struck = [plan.strike("GET /me", 0) for _ in range(5)]
    assert [None if rule is None else rule.fault for rule in struck] == [
        Fault.NOT_FOUND,
        None,
        Fault.ERROR_BEFORE,
        None,
        None,
    ]
