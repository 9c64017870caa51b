"""What the make-believe model answers at its best can be worked out by anybody who has its knowledge."""

import json
from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.domain.models import Tier
from moodroom_hub.simulator.catalogue import ROOM_SLUGS, demo_pools, songs
from moodroom_hub.simulator.model_api import DemoKnowledge, FakeModel, KnownSong, Suggestions
from tests.simulator.model_prompts import ask, audit, chat, content_of, place, room, suggest, track, tracks


def test_every_track_comes_once_with_the_rooms_that_are_known() -> None:
    answer = content_of(ask(FakeModel(), chat(place(tracks(50), [room(slug) for slug in ROOM_SLUGS]))))
    knowledge = DemoKnowledge()
    for number, placement in enumerate(answer["placements"]):
        assert placement["id"] == f"t{number}"
        found = {one["room"]: one["confidence"] for one in placement["rooms"]}
        known = knowledge.rooms_of(f"Made Up t{number}", ["Nobody"])
        assert found == {slug: round(confidence, 2) for slug, confidence in known.items()}
        assert all(0 < len(one["why"]) <= 160 for one in placement["rooms"])


def test_the_catalogue_is_known_by_heart() -> None:
    knowledge = DemoKnowledge()
    for slug, pool in demo_pools().items():
        assert all(0.8 <= knowledge.rooms_of(one.name, one.artists)[slug] < 1 for _, one in pool)
    elsewhere = [song for song in songs() if song.room is None]
    in_rooms = {(song.name, song.artists[0]) for song in songs() if song.room is not None}
    assert elsewhere
    for song in elsewhere:
        if (song.name, song.artists[0]) not in in_rooms:
            assert knowledge.rooms_of(song.name, song.artists) == {}


def test_ten_thousand_unknown_tracks_go_everywhere_and_nowhere() -> None:
    knowledge = DemoKnowledge(seed=3)
    found = [knowledge.rooms_of(f"Made Up {number}", ["Nobody"]) for number in range(10_000)]
    shares = [sum(len(places) == count for places in found) / 10_000 for count in (0, 1, 2)]
    assert all(abs(share - wanted) < 0.02 for share, wanted in zip(shares, (0.15, 0.7, 0.15), strict=True))
    assert {slug for places in found for slug in places} == set(ROOM_SLUGS)
    other = DemoKnowledge(seed=4)
    assert found != [other.rooms_of(f"Made Up {number}", ["Nobody"]) for number in range(10_000)]


@given(st.text(), st.lists(st.text(), max_size=3))
def test_a_guess_is_always_the_same_and_a_confidence(name: str, artists: list[str]) -> None:
    first = DemoKnowledge(seed=1).rooms_of(name, artists)
    assert first == DemoKnowledge(seed=1).rooms_of(name, artists)
    assert all(slug in ROOM_SLUGS and 0 <= confidence <= 1 for slug, confidence in first.items())


def test_what_the_owner_said_goes_before_what_is_known() -> None:
    rooms = [
        room("house", anchors=["One - A"], fits=[{"name": "Two", "artist": "B"}], does_not_fit=["Three - C"]),
        room("rage", avoid=["Four - D", "the e band"], anchors=[{"name": "One", "artists": ["A", "Z"]}]),
    ]

    class Everywhere:
        def rooms_of(self, name: str, artists: Sequence[str]) -> Mapping[str, float]:
            return {"house": 0.7, "rage": 0.6}

        def suggestions(self, room: str) -> Suggestions:
            return Suggestions()

    asked = [
        track("1", "One", "A"),
        track("2", "TWO", "B"),
        track("3", "Three", "C"),
        track("4", "Four", "D"),
        track("5", "Five", "The E Band"),
    ]
    answer = content_of(ask(FakeModel(knowledge=Everywhere()), chat(place(asked, rooms))))
    found = [{one["room"]: one["confidence"] for one in entry["rooms"]} for entry in answer["placements"]]
    assert found == [
        {"house": 0.99, "rage": 0.99},
        {"house": 0.99, "rage": 0.6},
        {"rage": 0.6},
        {"house": 0.7},
        {"house": 0.7},
    ]


def test_an_audit_flags_what_belongs_elsewhere() -> None:
    fits = next(song for song in songs() if song.room == "house")
    knowledge = DemoKnowledge()
    wrong = next(song for song in songs() if "house" not in knowledge.rooms_of(song.name, song.artists))
    asked = [track("ok", fits.name, fits.artists[0]), track("bad", wrong.name, wrong.artists[0])]
    answer = content_of(ask(FakeModel(), chat(audit("house", asked))))
    assert [one["id"] for one in answer["misfits"]] == ["bad"]
    assert wrong.room is not None
    assert wrong.room in answer["misfits"][0]["reason"]
    kept = audit("house", asked, fits=[f"{wrong.name} - {wrong.artists[0]}"])
    assert content_of(ask(FakeModel(), chat(kept))) == {"misfits": []}


def test_suggestions_are_the_catalogues_and_never_what_is_known() -> None:
    pool = demo_pools()["house"]
    safe = [one for tier, one in pool if tier is Tier.SAFE_SIDE]
    document = suggest(
        "house",
        20,
        10,
        known=[f"{safe[0].name} - {safe[0].artists[0]}"],
        proven=[{"name": safe[1].name, "artists": [*safe[1].artists]}],
    )
    answer = content_of(ask(FakeModel(), chat(document)))
    assert [one["name"] for one in answer["safe_side"]] == [one.name for one in safe[2:22]]
    discovery = {one.name for tier, one in pool if tier is Tier.DISCOVERY}
    assert len(answer["discovery"]) == 10
    assert {one["name"] for one in answer["discovery"]} <= discovery
    assert all(set(one) == {"name", "artist", "why"} for one in answer["safe_side"] + answer["discovery"])


def test_knowledge_may_be_anybodys() -> None:
    class OneSong:
        def rooms_of(self, name: str, artists: Sequence[str]) -> Mapping[str, float]:
            return {"house": 0.5} if name == "Yes" else {}

        def suggestions(self, room: str) -> Suggestions:
            return Suggestions((KnownSong("Near", "A"),), (KnownSong("Far", "B"),))

    fake = FakeModel(knowledge=OneSong())
    answer = content_of(ask(fake, chat(place([track("1", "Yes"), track("2", "No")]))))
    assert [[one["room"] for one in entry["rooms"]] for entry in answer["placements"]] == [["house"], []]
    songs_found = content_of(ask(fake, chat(suggest("anything", 5, 0))))
    assert [one["name"] for one in songs_found["safe_side"]] == ["Near"]
    assert songs_found["discovery"] == []


def test_the_newest_task_is_answered_and_a_repair_is_told_apart() -> None:
    fake = FakeModel()
    request = chat(place(tracks(1)))
    ask(fake, request)
    request["messages"] += [
        {"role": "assistant", "content": "{}"},
        {"role": "user", "content": "Wrong: {not json} " + json.dumps(place([track("t7")])) + " please."},
    ]
    assert content_of(ask(fake, request))["placements"][0]["id"] == "t7"
    request["messages"][-1]["content"] = "That was not what I asked for. Once more, please."
    assert content_of(ask(fake, request))["placements"][0]["id"] == "t0"
    ask(fake, chat({**place(tracks(1)), "repair": ["t0 is missing"]}))
    assert [one.is_repair for one in fake.requests] == [False, True, True, True]


def test_two_services_of_one_seed_answer_byte_for_byte_the_same() -> None:
    documents = [chat(place(tracks(30))), chat(audit("rage", tracks(9))), chat(suggest("rage", 3, 3))]
    first, second = FakeModel(seed=5), FakeModel(seed=5)
    assert [ask(first, one).body for one in documents] == [ask(second, one).body for one in documents]
