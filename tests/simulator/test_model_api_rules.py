"""When the make-believe model misbehaves: by number, track, task, size and chance."""

import json
from random import Random
from typing import Any

import pytest

from moodroom_hub.simulator.model_api import Behaviour, FakeModel, Latency, ModelFault, ModelRule, behaviour_from_json
from moodroom_hub.simulator.model_api.protocol import read_task
from tests.simulator.model_prompts import ask, audit, chat, message_of, place, suggest, track, tracks

PLACE = place(tracks(12))
AUDIT = audit("house", tracks(12))
SUGGEST = suggest("house", 4, 2)


def struck(rule: ModelRule, documents: list[Any]) -> list[bool]:
    fake = FakeModel(Behaviour(rules=(rule,)))
    return [ask(fake, chat(one)).status != 200 for one in documents]


def test_when_a_rule_strikes() -> None:
    error = ModelFault.SERVER_ERROR
    small, large = place(tracks(2)), place(tracks(9))
    assert struck(ModelRule(error, numbers=(2, 4)), [small] * 4) == [False, True, False, True]
    assert struck(ModelRule(error, tracks=("t7",)), [small, large]) == [False, True]
    assert struck(ModelRule(error, tracks=("Made Up t1",)), [small, place(tracks(1))]) == [True, False]
    assert struck(ModelRule(error, min_tracks=3), [small, large]) == [False, True]
    assert struck(ModelRule(error, max_tracks=3), [small, large]) == [True, False]
    assert struck(ModelRule(error, tasks=("audit",)), [small, AUDIT, SUGGEST]) == [False, True, False]
    assert struck(ModelRule(error, at_most=1), [small, small, large]) == [True, False, False]
    assert struck(ModelRule(error, at_most_each=1), [small, small, large, large]) == [True, False, True, False]
    repair = {**small, "repair": True}
    assert struck(ModelRule(error, repairs=False), [small, repair]) == [True, False]
    assert struck(ModelRule(error, repairs=True), [small, repair]) == [False, True]


def test_chance_knows_no_order_of_arrival() -> None:
    rule = ModelRule(ModelFault.SERVER_ERROR, rate=0.4)
    documents = [place([track(f"t{number}")]) for number in range(200)]
    in_order = struck(rule, documents)
    places = list(range(200))
    Random(1).shuffle(places)
    shuffled = dict(zip(places, struck(rule, [documents[one] for one in places]), strict=True))
    assert [shuffled[one] for one in range(200)] == in_order
    assert 50 < sum(in_order) < 110
    fake = FakeModel(Behaviour(rules=(rule,)))
    assert {ask(fake, chat(documents[0])).status for _ in range(20)} == {200, 500}


def test_latency_is_drawn_by_the_content() -> None:
    slow = Behaviour(latency=Latency(50, 200, 3_000, slow_rate=0.1))
    documents = [place([track(f"t{number}")]) for number in range(100)]
    fake, again = FakeModel(slow), FakeModel(slow)
    delays = [ask(fake, chat(one)).delay_ms for one in documents]
    assert delays == [ask(again, chat(one)).delay_ms for one in reversed(documents)][::-1]
    assert all(50 <= one <= 3_000 for one in delays)
    assert max(delays) > 400
    fixed = FakeModel(Behaviour(latency=Latency(50, 50)))
    assert ask(fixed, chat(PLACE)).delay_ms == 50


def test_one_call_may_be_slower_than_the_others() -> None:
    fake = FakeModel(Behaviour(rules=(ModelRule(ModelFault.SLOW, numbers=(2,), delay_ms=700),)))
    assert [ask(fake, chat(PLACE)).delay_ms for _ in range(2)] == [0, 700]
    assert fake.requests[1].was_right


def test_the_behaviour_may_change_while_it_runs() -> None:
    fake = FakeModel()
    assert ask(fake, chat(PLACE)).status == 200
    fake.behaviour = Behaviour(rules=(ModelRule(ModelFault.NO_CREDIT),))
    assert ask(fake, chat(PLACE)).status == 402


def test_several_faults_at_once() -> None:
    rules = (ModelRule(ModelFault.NASTY_TEXT), ModelRule(ModelFault.FENCED), ModelRule(ModelFault.CUT_OFF))
    fake = FakeModel(Behaviour(rules=rules))
    text = message_of(ask(fake, chat(PLACE)))["content"]
    assert text.startswith("```json")
    assert "<script>" in text
    assert not text.endswith("```")
    assert fake.requests[0].faults == ("nasty_text", "fenced", "cut_off")


def test_a_behaviour_from_plain_values() -> None:
    values = {
        "api_key": "k",
        "latency": {"fastest_ms": 1, "usual_ms": 2},
        "models": [{"id": "m"}],
        "limit_style": "bare",
        "extra_keys": ["usage"],
        "rules": [{"fault": "limited", "numbers": [1, 3], "limit_style": "reset"}],
    }
    behaviour = behaviour_from_json(json.loads(json.dumps(values)))
    task, _ = read_task([("user", json.dumps(PLACE))])
    assert [behaviour.rules[0].fits(number, task, False) for number in (1, 2, 3)] == [True, False, True]
    assert hash(behaviour) == hash(behaviour_from_json(values))
    with pytest.raises(ValueError, match="unknown settings: speed"):
        behaviour_from_json({"speed": 3})
    with pytest.raises(ValueError, match="gremlins"):
        behaviour_from_json({"rules": [{"fault": "gremlins"}]})
