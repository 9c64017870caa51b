"""Every way in which the make-believe model misbehaves, and when."""

import json
import math
from collections.abc import Callable
from typing import Any

import pytest

from moodroom_hub.simulator.catalogue import ROOM_SLUGS
from moodroom_hub.simulator.model_api import (
    HOSTILE_TITLES,
    Behaviour,
    FakeModel,
    ModelAnswer,
    ModelFault,
    ModelRule,
    hostile_title,
)
from tests.simulator.model_prompts import (
    PLACEMENTS,
    ask,
    audit,
    chat,
    content_of,
    message_of,
    place,
    room,
    schema_format,
    suggest,
    track,
    tracks,
)

ALL_ROOMS = [room(slug) for slug in ROOM_SLUGS]
PLACE = place(tracks(12), ALL_ROOMS)
AUDIT = audit("house", tracks(12))
SUGGEST = suggest("house", 4, 2, known=["Known Song - Somebody"], proven=[{"name": "Proven", "artists": ["A"]}])
RIGHT = {id(one): content_of(ask(FakeModel(), chat(one))) for one in (PLACE, AUDIT, SUGGEST)}


def misbehaving(fault: ModelFault, **more: Any) -> FakeModel:
    return FakeModel(Behaviour(rules=(ModelRule(fault, **more),)))


def text_of(fault: ModelFault, document: Any = PLACE) -> str:
    found = message_of(ask(misbehaving(fault), chat(document)))["content"]
    assert isinstance(found, str)
    return found


def answered(fault: ModelFault, document: Any = PLACE) -> Any:
    return json.loads(text_of(fault, document))


def placed(answer: Any) -> list[dict[str, Any]]:
    return [one for entry in answer["placements"] for one in entry["rooms"]]


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (ModelFault.SERVER_ERROR, 500, None),
        (ModelFault.UNAVAILABLE, 503, None),
        (ModelFault.NO_CREDIT, 402, 402),
        (ModelFault.LIMITED, 429, "rate_limit_exceeded"),
        (ModelFault.QUOTA, 429, "insufficient_quota"),
        (ModelFault.FALSE_401, 401, "invalid_api_key"),
        (ModelFault.MODERATED, 403, 403),
        (ModelFault.CONTEXT_LENGTH, 400, "context_length_exceeded"),
        (ModelFault.ERROR_IN_200, 200, 502),
    ],
)
def test_refusals_are_not_paid(fault: ModelFault, status: int, code: Any) -> None:
    fake = misbehaving(fault)
    answer = ask(fake, chat(PLACE))
    assert (answer.status, answer.json()["error"]["code"]) == (status, code)
    record = fake.requests[0]
    assert (record.status, record.faults, record.was_paid, record.error) == (status, (fault,), False, fault)
    assert record.track_ids[0] == "t0"
    assert ("Retry-After" in answer.headers) == (fault in (ModelFault.UNAVAILABLE, ModelFault.LIMITED))


def test_a_server_error_has_the_status_of_its_rule() -> None:
    assert ask(misbehaving(ModelFault.SERVER_ERROR, status=529), chat(PLACE)).status == 529


@pytest.mark.parametrize(
    ("fault", "drop", "is_paid"),
    [
        (ModelFault.RESET_BEFORE, "reset", False),
        (ModelFault.HANG, "hang", False),
        (ModelFault.RESET_AFTER, "reset", True),
        (ModelFault.CUT_BODY, "cut", True),
    ],
)
def test_lost_answers(fault: ModelFault, drop: str, is_paid: bool) -> None:
    fake = misbehaving(fault)
    answer = ask(fake, chat(PLACE))
    record = fake.requests[0]
    assert (answer.drop, record.was_paid, record.was_delivered, record.was_right) == (drop, is_paid, False, False)


def is_apology(answer: ModelAnswer) -> bool:
    return str(message_of(answer)["content"]).startswith("I'm sorry")


@pytest.mark.parametrize(
    ("fault", "holds"),
    [
        (ModelFault.HTML, lambda answer: answer.body.startswith(b"<!DOCTYPE")),
        (ModelFault.NO_CHOICES, lambda answer: answer.json()["choices"] == []),
        (ModelFault.NULL_CONTENT, lambda answer: message_of(answer)["content"] is None),
        (ModelFault.EMPTY_CONTENT, lambda answer: message_of(answer)["content"] == ""),
        (ModelFault.REFUSAL, lambda answer: message_of(answer)["refusal"] and message_of(answer)["content"] is None),
        (ModelFault.APOLOGY, is_apology),
        (ModelFault.CONTENT_FILTER, lambda answer: answer.json()["choices"][0]["finish_reason"] == "content_filter"),
        (ModelFault.CUT_OFF, lambda answer: answer.json()["choices"][0]["finish_reason"] == "length"),
        (ModelFault.BROKEN_JSON, lambda answer: answer.json()["choices"][0]["finish_reason"] == "stop"),
    ],
)
def test_answers_that_say_nothing_are_paid(fault: ModelFault, holds: Callable[[ModelAnswer], bool]) -> None:
    fake = misbehaving(fault)
    answer = ask(fake, chat(PLACE))
    assert answer.status == 200
    assert holds(answer)
    assert (fake.requests[0].was_paid, fake.requests[0].was_right) == (True, False)


def test_usage_may_be_missing() -> None:
    assert "usage" not in ask(misbehaving(ModelFault.NO_USAGE), chat(PLACE)).json()


@pytest.mark.parametrize(
    "fault", [ModelFault.CUT_OFF, ModelFault.BROKEN_JSON, ModelFault.CONTENT_FILTER, ModelFault.DEEP]
)
def test_some_json_is_none(fault: ModelFault) -> None:
    with pytest.raises((ValueError, RecursionError)):
        json.loads(text_of(fault))


def test_a_number_may_be_more_than_python_reads() -> None:
    for document in (PLACE, AUDIT, SUGGEST):
        with pytest.raises(ValueError, match="integer string conversion"):
            json.loads(text_of(ModelFault.HUGE_NUMBER, document))


@pytest.mark.parametrize("fault", [ModelFault.FENCED, ModelFault.PROSE_AROUND, ModelFault.THINKING])
def test_wrapping_round_a_right_answer(fault: ModelFault) -> None:
    text = text_of(fault)
    assert json.dumps(RIGHT[id(PLACE)], ensure_ascii=False) in text
    with pytest.raises(ValueError):
        json.loads(text)
    strict = chat(PLACE, response_format=schema_format(schema_of_all_rooms()))
    assert content_of(ask(misbehaving(fault), strict)) == RIGHT[id(PLACE)]
    stubborn = message_of(ask(misbehaving(fault, even_with_schema=True), strict))["content"]
    assert stubborn == text


def schema_of_all_rooms() -> Any:
    schema = json.loads(json.dumps(PLACEMENTS))
    placed_in = schema["properties"]["placements"]["items"]["properties"]["rooms"]["items"]
    placed_in["properties"]["room"]["enum"] = [*ROOM_SLUGS]
    return schema


def test_a_huge_answer_is_huge_and_holds_the_right_one() -> None:
    fake = misbehaving(ModelFault.HUGE)
    answer = ask(fake, chat(PLACE, max_tokens=4000))
    assert len(answer.body) > 5_000_000
    assert content_of(answer)["placements"] == RIGHT[id(PLACE)]["placements"]


@pytest.mark.parametrize("document", [PLACE, AUDIT, SUGGEST], ids=["place", "audit", "suggest"])
@pytest.mark.parametrize("fault", [ModelFault.WRONG_SHAPE, ModelFault.TOP_LIST, ModelFault.WRONG_TYPES])
def test_wrong_shapes_are_valid_json(fault: ModelFault, document: Any) -> None:
    assert answered(fault, document) != RIGHT[id(document)]


@pytest.mark.parametrize(
    ("fault", "value"),
    [
        (ModelFault.CONFIDENCE_7, 7),
        (ModelFault.CONFIDENCE_NEGATIVE, -0.4),
        (ModelFault.CONFIDENCE_WORD, "high"),
        (ModelFault.CONFIDENCE_BOOL, True),
    ],
)
def test_wrong_confidences(fault: ModelFault, value: Any) -> None:
    assert {one["confidence"] for one in placed(answered(fault))} == {value}
    assert {one["confidence"] for one in answered(fault, AUDIT)["misfits"]} == {value}


def test_not_a_number() -> None:
    assert "NaN" in text_of(ModelFault.NAN)
    assert all(math.isnan(one["confidence"]) for one in placed(answered(ModelFault.NAN)))


def test_keys_too_few_and_too_many() -> None:
    assert all(set(one) == {"room"} for one in placed(answered(ModelFault.MISSING_KEYS)))
    more = answered(ModelFault.EXTRA_KEYS)
    assert more["run"]
    assert all(one["delete_pool"] for one in placed(more))


def test_rooms_that_do_not_exist() -> None:
    assert {one["room"] for one in placed(answered(ModelFault.UNKNOWN_ROOM))} == {"no-such-room"}
    beside = answered(ModelFault.INVENTED_ROOM)
    for entry, right in zip(beside["placements"], RIGHT[id(PLACE)]["placements"], strict=True):
        assert entry["rooms"][: len(right["rooms"])] == right["rooms"]
        assert len(entry["rooms"]) == len(right["rooms"]) + bool(right["rooms"])


def test_a_room_twice_with_two_confidences() -> None:
    entry = next(one for one in answered(ModelFault.SAME_ROOM_TWICE)["placements"] if one["rooms"])
    half = len(entry["rooms"]) // 2
    assert [one["room"] for one in entry["rooms"][:half]] == [one["room"] for one in entry["rooms"][half:]]


def test_tracks_left_out_doubled_and_made_up() -> None:
    asked = [f"t{number}" for number in range(12)]
    ids = [one["id"] for one in answered(ModelFault.PARTIAL)["placements"]]
    assert ids == [one for place, one in enumerate(asked) if place % 3]
    assert answered(ModelFault.PARTIAL, place(tracks(1)))["placements"] == []
    ids = [one["id"] for one in answered(ModelFault.DUPLICATES)["placements"]]
    assert ids == [*asked, "t0", "t4", "t8"]
    for document, key in ((PLACE, "placements"), (AUDIT, "misfits")):
        ids = [one["id"] for one in answered(ModelFault.INVENTED_IDS, document)[key]]
        assert [one for one in ids if one not in asked] == ["invented-0", "invented-1", "invented-2"]
    ids = [one["id"] for one in answered(ModelFault.SWAPPED_IDS)["placements"]]
    assert ids[:2] == [" T0", " T1"]


def test_suggestions_that_are_none() -> None:
    invented = answered(ModelFault.INVENTED_SONGS, SUGGEST)
    assert [len(invented[key]) for key in ("safe_side", "discovery")] == [4, 2]
    assert {one["artist"] for one in invented["discovery"]} == {"Nobody at All"}
    known = answered(ModelFault.KNOWN_SONGS, SUGGEST)
    assert [one["name"] for one in known["discovery"]] == ["known song", "proven"]
    assert len(answered(ModelFault.TOO_MANY_SONGS, SUGGEST)["safe_side"]) == 40


@pytest.mark.parametrize("document", [PLACE, AUDIT, SUGGEST], ids=["place", "audit", "suggest"])
def test_texts_that_are_nasty_long_or_no_utf_8(document: Any) -> None:
    nasty = text_of(ModelFault.NASTY_TEXT, document)
    for needle in ("<script>", "\\u001b[31m", "\\r\\n", "\\u0000", "\u202e"):
        assert needle in nasty
    assert len(text_of(ModelFault.LONG_TEXT, document)) > 3_000
    with pytest.raises(UnicodeEncodeError):
        text_of(ModelFault.SURROGATE, document).encode()


@pytest.mark.parametrize("kind", HOSTILE_TITLES)
def test_an_obedient_model_does_for_the_whole_batch_what_a_title_says(kind: str) -> None:
    asked = [*tracks(5), track("x", hostile_title(kind, "rage"))]
    answer = answered(ModelFault.OBEDIENT, place(asked))
    assert [(entry["id"], entry["rooms"][0]["room"]) for entry in answer["placements"]] == [
        (one["id"], "rage") for one in asked
    ]
    assert {one["confidence"] for one in placed(answer)} == {1.0}


def test_orders_reach_audits_and_suggestions() -> None:
    hostile = hostile_title("german", "rage")
    everything = answered(ModelFault.OBEDIENT, audit("house", [*tracks(3), track("x", hostile)]))
    assert len(everything["misfits"]) == 4
    nothing = answered(ModelFault.OBEDIENT, audit("rage", [*tracks(3), track("x", hostile)]))
    assert nothing["misfits"] == []
    own = answered(ModelFault.OBEDIENT, suggest("rage", 2, 1, proven=[{"name": hostile, "artists": ["X"]}]))
    assert [len(own["safe_side"]), len(own["discovery"])] == [2, 1]


def test_an_obedient_model_is_right_where_nobody_orders() -> None:
    fake = misbehaving(ModelFault.OBEDIENT)
    assert content_of(ask(fake, chat(PLACE))) == RIGHT[id(PLACE)]
    assert fake.requests[0].was_right
    ask(fake, chat(place([track("x", hostile_title("system", "attic"))])))
    assert fake.requests[1].was_right


def test_a_model_that_is_not_obedient_reads_titles_as_titles() -> None:
    asked = place([track("x", hostile_title("ignore", "rage")), *tracks(3)])
    fake = FakeModel()
    ask(fake, chat(asked))
    assert fake.requests[0].was_right
