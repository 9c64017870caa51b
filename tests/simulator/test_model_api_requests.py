"""The make-believe model server refuses what a strict one would refuse, and says why in OpenAI's shape."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from moodroom_hub.simulator.model_api import MODEL_ID, PRICED, Behaviour, FakeModel, OfferedModel
from tests.simulator.model_prompts import (
    CHAT,
    JSON_HEADERS,
    NUMBER,
    PLACEMENTS,
    TEXT,
    an_object,
    ask,
    chat,
    content_of,
    place,
    schema_format,
    suggest,
    tracks,
)

TASK = place(tracks(2))


def refusal(behaviour: Behaviour, request: Any, status: int = 400) -> dict[str, Any]:
    answer = ask(FakeModel(behaviour), request)
    assert answer.status == status, answer.body
    error: dict[str, Any] = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    return error


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"think_hard": True}, "Unrecognized request argument supplied: think_hard"),
        ({"provider": {}}, "Unrecognized request argument supplied: provider"),
        ({"model": None}, "you must provide a model"),
        ({"messages": []}, "empty array"),
        ({"messages": "hello"}, "Invalid type for 'messages'"),
        ({"messages": ["hello"]}, "Invalid type for 'messages[0]'"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "Invalid value: 'robot'"),
        ({"messages": [{"role": "user", "content": None}]}, "Invalid type for 'messages[0].content'"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "only text is read"),
        ({"messages": [{"role": "user", "content": "x", "mood": 1}]}, "Unrecognized key in messages[0]: mood"),
        ({"temperature": "0"}, "Invalid type for 'temperature'"),
        ({"temperature": 3}, "Invalid 'temperature'"),
        ({"max_tokens": 0}, "Invalid 'max_tokens'"),
        ({"max_tokens": 10.5}, "Invalid type for 'max_tokens'"),
        ({"max_tokens": 10, "max_completion_tokens": 10}, "at the same time"),
        ({"n": 2}, "More than one choice"),
        ({"seed": True}, "Invalid type for 'seed'"),
        ({"user": 7}, "Invalid type for 'user'"),
        ({"stream": True}, "Streaming is not offered"),
        ({"response_format": "json"}, "Invalid value: None"),
        ({"response_format": {"type": "yaml"}}, "Invalid value: 'yaml'"),
        ({"response_format": {"type": "json_schema"}}, "Invalid type for 'response_format.json_schema'"),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "a b", "schema": {}}}},
            "json_schema.name",
        ),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {}, "mode": 1}}},
            "Unknown parameter: 'response_format.json_schema.mode'",
        ),
        ({"response_format": {"type": "json_schema", "json_schema": {"name": "a"}}}, "json_schema.schema"),
    ],
)
def test_a_wrong_request_is_refused_by_name(change: dict[str, Any], words: str) -> None:
    assert words in refusal(Behaviour(), {**chat(TASK), **change})["message"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b'{"temperature": NaN}'])
def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    assert "body of your request" in refusal(Behaviour(), body)["message"]


def test_a_body_of_another_type_is_refused() -> None:
    answer = FakeModel().handle("POST", CHAT, {"content-type": "text/plain"}, json.dumps(chat(TASK)).encode())
    assert answer.status == 400


def test_an_unknown_model_is_not_found() -> None:
    assert refusal(Behaviour(), {**chat(TASK), "model": "gpt-9"}, 404)["code"] == "model_not_found"


@pytest.mark.parametrize(
    "endpoint",
    [
        ("GET", "/"),
        ("GET", "/v1"),
        ("GET", CHAT),
        ("POST", "/v1/models"),
        ("POST", "/v1/responses"),
        ("GET", "/models"),
    ],
)
def test_everything_else_is_not_found(endpoint: tuple[str, str]) -> None:
    answer = FakeModel().handle(*endpoint, JSON_HEADERS, b"{}")
    assert (answer.status, answer.json()["error"]["code"]) == (404, "unknown_url")


@pytest.mark.parametrize("given", [{}, {"Authorization": "Bearer no"}, {"Authorization": "right"}])
def test_a_wrong_key_is_refused(given: dict[str, str]) -> None:
    fake = FakeModel(Behaviour(api_key="right"))
    assert ask(fake, chat(TASK), given).status == 401
    assert fake.handle("GET", "/v1/models", given).status == 401
    assert ask(fake, chat(TASK), {"authorization": "Bearer right"}).status == 200


def test_keys_of_other_houses_are_taken_where_they_are_offered() -> None:
    request = chat(TASK, provider={"order": ["x"]}, usage={"include": True})
    assert ask(FakeModel(Behaviour(extra_keys=("provider", "usage"))), request).status == 200


def without(schema: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name != key}


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "array", "items": TEXT}, 'type: "object"\', got'),
        ({"anyOf": [an_object(a=TEXT)]}, 'type: "object"\', got'),
        (without(an_object(a=TEXT), "additionalProperties"), "In context=(), 'additionalProperties' is required"),
        ({**an_object(a=TEXT), "additionalProperties": True}, "'additionalProperties' is required"),
        ({**an_object(a=TEXT, b=TEXT), "required": ["a"]}, "Missing 'b'"),
        (without(an_object(a=TEXT), "required"), "'required' is required"),
        ({**an_object(a=TEXT), "minProperties": 1}, "'minProperties' is not permitted"),
        (an_object(a={"type": "string", "maxLength": 160}), "'maxLength' is not permitted"),
        (an_object(a={"type": "string", "default": ""}), "'default' is not permitted"),
        (an_object(a={"type": "array", "items": TEXT, "uniqueItems": True}), "'uniqueItems' is not permitted"),
        (an_object(a={"type": "array"}), "array schema missing items"),
        (an_object(a={"oneOf": [TEXT]}), "must have a 'type' key"),
        (an_object(a={"type": "text"}), "'text' is not a valid type"),
        (an_object(a={}), "must have a 'type' key"),
        (an_object(a={"type": "array", "items": {"type": "object"}}), "In context=('properties', 'a', 'items')"),
        (an_object(a={"type": "string", "enum": []}), "enum must be a list"),
        (an_object(a={"enum": [*range(1001)]}), "more than 1000 enum values"),
    ],
)
def test_strict_mode_refuses_what_it_cannot_promise(schema: dict[str, Any], words: str) -> None:
    error = refusal(Behaviour(), chat(TASK, response_format=schema_format(schema)))
    assert words in error["message"]
    assert error["message"].startswith("Invalid schema for response_format 'answer': ")
    assert error["param"] == "response_format"


def test_strict_mode_bounds_the_nesting() -> None:
    schema: dict[str, Any] = TEXT
    for _ in range(11):
        schema = an_object(deeper=schema)
    assert "10 levels" in refusal(Behaviour(), chat(TASK, response_format=schema_format(schema)))["message"]


def test_a_schema_that_the_answer_fits_is_taken() -> None:
    bounded = json.loads(json.dumps(PLACEMENTS))
    placed = bounded["properties"]["placements"]["items"]["properties"]["rooms"]["items"]
    placed["properties"]["confidence"] = {**NUMBER, "minimum": 0, "maximum": 1}
    bounded["properties"]["placements"].update(minItems=2, maxItems=2, description="Each track once.")
    bounded["$defs"] = {"unused": TEXT}
    for schema in (PLACEMENTS, bounded):
        answer = content_of(ask(FakeModel(), chat(TASK, response_format=schema_format(schema))))
        assert [one["id"] for one in answer["placements"]] == ["t0", "t1"]


def by_reference() -> dict[str, Any]:
    inner = PLACEMENTS["properties"]["placements"]["items"]
    listed = {"type": ["array", "null"], "items": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/entry"}]}}
    return {**an_object(placements=listed), "$defs": {"entry": inner}}


def test_references_and_choices_are_understood() -> None:
    request = chat(TASK, response_format=schema_format(by_reference()))
    assert len(content_of(ask(FakeModel(), request))["placements"]) == 2
    broken = by_reference()
    broken["$defs"]["entry"] = an_object(id=NUMBER, rooms={"type": "array", "items": TEXT})
    assert refusal(Behaviour(), chat(TASK, response_format=schema_format(broken)))["code"] == "schema_misfit"


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: entry["properties"].update(mood=TEXT) or entry["required"].append("mood"),
        lambda entry: entry["properties"].update(id={"type": "string", "pattern": "^x"}),
        lambda entry: entry["properties"].update(id={"type": "string", "enum": ["t0", "t9"]}),
        lambda entry: entry["properties"]["rooms"].update(maxItems=0, minItems=0),
        lambda entry: entry["properties"]["rooms"]["items"]["properties"].update(confidence={**NUMBER, "maximum": 0}),
    ],
)
def test_a_schema_that_no_right_answer_fits_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    schema = json.loads(json.dumps(PLACEMENTS))
    change(schema["properties"]["placements"]["items"])
    error = refusal(Behaviour(), chat(place(tracks(12)), response_format=schema_format(schema)))
    assert error["code"] == "schema_misfit"


def test_a_loose_schema_is_no_promise() -> None:
    loose = {"type": "object", "properties": {"placements": {"type": "array", "uniqueItems": True}}}
    assert ask(FakeModel(), chat(TASK, response_format=schema_format(loose, strict=False))).status == 200


def test_formats_that_are_not_offered_are_refused() -> None:
    plain = Behaviour(offers_json_schema=False, offers_json_object=False)
    words = refusal(plain, chat(TASK, response_format=schema_format(PLACEMENTS)))["message"]
    assert words == "response_format json_schema is not supported"
    words = refusal(plain, chat(TASK, response_format={"type": "json_object"}))["message"]
    assert words == "response_format json_object is not supported"
    assert ask(FakeModel(plain), chat(TASK, response_format={"type": "text"})).status == 200


def test_json_mode_wants_the_word() -> None:
    request = chat(TASK, response_format={"type": "json_object"})
    assert ask(FakeModel(), request).status == 200
    request["messages"][0]["content"] = "You sort songs."
    assert "must contain the word 'json'" in refusal(Behaviour(), request)["message"]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("no task at all", "no user message"),
        ({"job": "place"}, "no user message"),
        ({"task": "dance"}, "'dance' is none of"),
        ({"task": "place", "rooms": [], "tracks": tracks(1)}, "'rooms' is empty"),
        (place([]), "'tracks' is empty"),
        (place([*tracks(1), *tracks(1)]), "an id stands twice"),
        (place([{"id": 1, "name": "x", "artists": []}]), "'id' is not a text"),
        (place([{"id": "t1", "name": "x", "artists": "y"}]), "track t1: 'artists'"),
        (place(tracks(1), [{"name": "House"}]), "'room', its slug"),
        ({"task": "audit", "tracks": tracks(1)}, "'room', its slug"),
        (suggest("house", -1, 1), "'safe_side' is not a whole number"),
        ({**suggest("house", 1, 1), "proven": [3]}, "neither a text nor an object"),
    ],
)
def test_a_task_that_cannot_be_read_is_refused(document: Any, words: str) -> None:
    error = refusal(Behaviour(), chat(document))
    assert error["code"] == "unreadable_task"
    assert words in error["message"]


def test_a_prompt_beyond_the_context_is_refused() -> None:
    small = Behaviour(models=(OfferedModel(context_length=600),))
    assert ask(FakeModel(small), chat(place(tracks(2)))).status == 200
    assert refusal(small, chat(place(tracks(60))))["code"] == "context_length_exceeded"
    assert refusal(small, chat(place(tracks(2)), max_tokens=590))["code"] == "context_length_exceeded"


@pytest.mark.parametrize("key", ["max_tokens", "max_completion_tokens"])
def test_an_answer_is_cut_off_at_the_tokens_it_may_have(key: str) -> None:
    fake = FakeModel()
    answer = ask(fake, chat(place(tracks(20)), **{key: 30})).json()
    assert answer["choices"][0]["finish_reason"] == "length"
    assert len(answer["choices"][0]["message"]["content"].encode()) == 120
    assert answer["usage"]["completion_tokens"] == 30
    assert (fake.requests[0].was_paid, fake.requests[0].was_right) == (True, False)


def test_usage_counts_four_bytes_a_token() -> None:
    fake = FakeModel(Behaviour(models=(PRICED,), reports_cost=True))
    request = chat(TASK)
    usage = ask(fake, request).json()["usage"]
    expected = sum(-(-len(one["content"].encode()) // 4) + 4 for one in request["messages"])
    assert usage["prompt_tokens"] == expected
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert usage["cost"] == pytest.approx(expected * 0.15e-6 + usage["completion_tokens"] * 0.6e-6)
    assert fake.log.cost_usd == pytest.approx(usage["cost"])


def test_the_list_of_models_shows_prices_where_there_are_any() -> None:
    local = OfferedModel("local", shows_context=False)
    listed = FakeModel(Behaviour(models=(PRICED, local))).handle("GET", "/v1/models", {}).json()
    assert listed["object"] == "list"
    priced, bare = listed["data"]
    assert priced["id"] == MODEL_ID
    assert priced["pricing"] == {"prompt": "0.00000015", "completion": "0.0000006"}
    assert priced["context_length"] == 128_000
    assert bare["id"] == "local"
    assert not {"pricing", "context_length"} & bare.keys()


def test_content_may_come_in_parts() -> None:
    request = chat(TASK)
    text = request["messages"][1]["content"]
    request["messages"][1]["content"] = [{"type": "text", "text": text[:40]}, {"type": "text", "text": text[40:]}]
    assert ask(FakeModel(), request).status == 200
