"""What the retained messages say: all from one look, complete, and only what is news."""

import json
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.core.face import NowPlaying, PluginStatus, PluginView, Quiet, RoomView, StateView
from moodroom_hub.core.ports import Check, CheckLevel, LoginState, LoginStatus
from moodroom_hub.domain.models import HOME, DurationMs, EpochMs, Room, RoomSlug, Tier, Track, Uri
from moodroom_hub.plugins.mqtt.pauses import Pauses
from moodroom_hub.plugins.mqtt.states import Look, retained_states, states_of_order
from moodroom_hub.plugins.mqtt.timings import Timings
from moodroom_hub.plugins.mqtt.topics import Topics

TOPICS = Topics("moodroom", "homeassistant")
ROOMS = {RoomSlug(f"room-{number}"): Room(RoomSlug(f"room-{number}"), f"Room {number}") for number in range(4)}
NOW = EpochMs(1_763_700_000_000)


@dataclass(frozen=True)
class No:
    """A refused order."""

    code: str
    message: str
    at_ms: EpochMs = NOW


def look(
    active: RoomSlug | None = None,
    playing: NowPlaying | None = None,
    *,
    health: tuple[Check, ...] = (Check("player", CheckLevel.OK, "home: answers"),),
    plugins: tuple[PluginView, ...] = (),
    refusals: dict[str, No] | None = None,
    now_ms: int = NOW,
) -> Look:
    state = StateView(
        version="1",
        zone=HOME,
        active_room=active,
        is_learning=True,
        learning_back_at_ms=None,
        login=LoginState(LoginStatus.OK, 12),
        now_playing=playing,
        upcoming=(),
        receipts=(),
        plugins=plugins,
        troubles=(Quiet("takeover", "You play something of your own."),),
    )
    rooms = [RoomView(room, slug == active, {Tier.CONFIRMED: 3}) for slug, room in ROOMS.items()]
    return Look(EpochMs(now_ms), NOW, state, rooms, health, {"queue_ahead": 9.0}, refusals or {})


def said(given_look: Look, topic: str) -> Any:
    """The JSON on a topic."""
    return json.loads(retained_states(given_look, TOPICS)[topic].payload)


playing = st.builds(
    NowPlaying,
    st.builds(
        Track,
        st.builds(Uri, st.text()),
        st.text(st.characters(), max_size=400),
        st.tuples(st.text(st.characters())),
        st.none() | st.integers(0, 10**9).map(DurationMs),
        album=st.none() | st.text(),
        artwork_url=st.none() | st.text(),
    ),
    st.integers(0, 10**7).map(DurationMs),
    st.just(NOW),
    st.booleans(),
    st.none() | st.sampled_from(list(ROOMS)),
    st.none() | st.sampled_from(list(Tier)),
)


@given(st.none() | st.sampled_from([*ROOMS, RoomSlug("gone")]), st.none() | playing)
def test_whatever_plays_at_most_one_room_is_on_and_all_is_complete(
    active: RoomSlug | None, plays: NowPlaying | None
) -> None:
    facts = retained_states(look(active, plays), TOPICS)
    on = [slug for slug in ROOMS if facts[TOPICS.room(slug)].payload == b"ON"]
    assert on == ([active] if active in ROOMS else [])
    assert facts[TOPICS.active_room].payload.decode() == (ROOMS[on[0]].name if on else "Off")
    told = json.loads(facts[TOPICS.now_playing].payload)
    assert set(told) == set(said(look(), TOPICS.now_playing))
    assert told["title"] is None or len(told["title"]) <= 255
    assert list(facts)[-1] == TOPICS.availability, "online is said when everything else is"


def test_time_is_no_news_but_a_pause_is() -> None:
    track = Track(Uri("spotify:track:1"), "A Song", ("A Band",), DurationMs(200_000))
    plays = NowPlaying(track, DurationMs(1_000), NOW, True)
    now = retained_states(look(None, plays), TOPICS)
    later = retained_states(look(None, plays, now_ms=NOW + 20_000), TOPICS)
    assert {topic: fact.mark for topic, fact in now.items()} == {topic: fact.mark for topic, fact in later.items()}
    assert now[TOPICS.now_playing].payload != later[TOPICS.now_playing].payload
    paused = retained_states(look(None, replace(plays, is_playing=False)), TOPICS)
    assert paused[TOPICS.now_playing].mark != now[TOPICS.now_playing].mark


def test_a_problem_is_what_needs_a_person() -> None:
    assert said(look(), TOPICS.health)["problem"] is False
    own = Check("broker", CheckLevel.FAILED, "not connected yet")
    assert said(look(health=(own,)), TOPICS.health)["problem"] is False
    lost = Check("player", CheckLevel.FAILED, "home: no device")
    told = said(look(health=(own, lost)), TOPICS.health)
    assert (told["problem"], told["player"]["status"]) == (True, "failed")
    failed = PluginView("sonos", PluginStatus.FAILED, "no speaker", True)
    assert said(look(plugins=(failed,)), TOPICS.health)["problems"] == ["sonos: no speaker"]


def test_a_refusal_stands_in_the_rooms_attributes() -> None:
    refused = look(refusals={"room-1": No("no_device", "No device is awake."), "player": No("conflict", "No.")})
    told = said(refused, TOPICS.room_attributes(RoomSlug("room-1")))
    assert (told["last_error"], told["last_error_code"]) == ("No device is awake.", "no_device")
    assert said(refused, TOPICS.room_attributes(RoomSlug("room-2")))["last_error"] is None
    assert said(refused, TOPICS.health)["player_refused"]["last_error_code"] == "conflict"


def test_every_order_is_answered_by_its_state() -> None:
    assert states_of_order(TOPICS, ROOMS, TOPICS.learning_set) == (TOPICS.learning,)
    assert states_of_order(TOPICS, ROOMS, TOPICS.active_room_set) == (TOPICS.active_room,)
    assert TOPICS.room(RoomSlug("room-1")) in states_of_order(TOPICS, ROOMS, TOPICS.room_set(RoomSlug("room-1")))
    assert states_of_order(TOPICS, ROOMS, "moodroom/room/elsewhere/set") == ()


def test_the_pauses_are_short_for_a_broker_that_is_away_and_long_for_one_that_refuses() -> None:
    timings = Timings()
    pauses = Pauses(timings, Random(1))
    away_s = [pauses.after_loss() for _ in range(50)]
    assert away_s[0] <= timings.first_pause
    assert max(away_s) + timings.settle < 5, "all is right within 5 s of the broker's return"
    refused_s = [pauses.after_refusal() for _ in range(10)]
    assert 20 <= refused_s[0] <= 30
    assert 200 <= refused_s[-1] <= 300
    for _ in range(20):
        pauses.greeted()
        unsteady_s = pauses.after_loss()
    assert pauses.is_unsteady
    assert 20 <= unsteady_s <= 30
    pauses.greeted()
    pauses.steady()
    assert not pauses.is_unsteady
    assert pauses.after_loss() <= timings.first_pause
