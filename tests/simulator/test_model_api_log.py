"""The make-believe model server's log proves what was paid, and that nothing was paid twice."""

import json
from pathlib import Path
from typing import Any

from moodroom_hub.simulator.model_api import (
    PRICED,
    Behaviour,
    FakeModel,
    ModelFault,
    ModelRule,
    OfferedModel,
    read_log,
    repeated_calls,
    repeated_songs,
)
from tests.simulator.model_prompts import CHAT, JSON_HEADERS, ask, audit, chat, place, room, track, tracks


class Steps:
    """A clock that moves on by a second each time it is read."""

    def __init__(self) -> None:
        self.now_s = 1_793_520_000.0

    def __call__(self) -> float:
        self.now_s += 1
        return self.now_s


def ticking(*rules: ModelRule, **more: Any) -> FakeModel:
    return FakeModel(Behaviour(models=(PRICED,), rules=rules), now_s=Steps(), **more)


def test_a_line_says_what_was_asked_and_what_became_of_it() -> None:
    fake = ticking()
    ask(fake, chat(place(tracks(2))))
    record = fake.requests[0]
    assert (record.number, record.endpoint, record.status, record.task) == (1, f"POST {CHAT}", 200, "place")
    assert record.rooms == ("late-night", "house", "rage")
    assert record.track_ids == ("t0", "t1")
    assert record.songs == ("made up t0 - nobody", "made up t1 - nobody")
    assert record.prompt_tokens > 0
    assert record.completion_tokens > 0
    assert (record.was_paid, record.was_right, record.was_delivered) == (True, True, True)
    assert record.duration_ms == 1000
    assert record.cost_usd > 0
    assert fake.log.cost_usd == record.cost_usd


def test_the_same_call_again_is_a_repeat() -> None:
    fake = ticking()
    for _ in range(2):
        ask(fake, chat(place(tracks(3))))
    assert fake.log.repeated_calls() == [fake.requests[1]]
    assert [song for _, song in fake.log.repeated_songs()] == list(fake.requests[1].songs)
    assert list(fake.log.paid_calls.values()) == [2]


def test_ids_and_order_make_no_other_call() -> None:
    fake = ticking()
    ask(fake, chat(place([track("a", "One"), track("b", "Two")])))
    ask(fake, chat(place([track("x", "Two"), track("y", "One")])))
    assert len(fake.log.repeated_calls()) == 1


def test_another_room_task_or_track_is_another_call() -> None:
    fake = ticking()
    asked = tracks(2)
    house = [room("house")]
    ask(fake, chat(place(asked, house)))
    ask(fake, chat(place(asked, [room("house", anchors=["One - A"])])))
    ask(fake, chat(place([track("t8")], house)))
    ask(fake, chat(audit("house", asked)))
    assert fake.log.repeated_calls() == []
    assert fake.log.repeated_songs() == []
    assert len(fake.log.paid_calls) == 4


def test_another_model_is_another_call() -> None:
    behaviour = Behaviour(models=(OfferedModel("one"), OfferedModel("two")))
    fake = FakeModel(behaviour, now_s=Steps())
    for model in ("one", "two", "one"):
        ask(fake, {**chat(place(tracks(2))), "model": model})
    assert fake.log.repeated_calls() == [fake.requests[2]]
    assert len(fake.log.repeated_songs()) == 2


def test_a_song_in_another_batch_is_a_repeat_of_the_song() -> None:
    fake = ticking()
    ask(fake, chat(place(tracks(3))))
    ask(fake, chat(place([track("t2"), track("t3")])))
    assert fake.log.repeated_calls() == []
    assert [song for _, song in fake.log.repeated_songs()] == ["made up t2 - nobody"]


def test_what_came_to_nothing_may_be_asked_again() -> None:
    faults = (ModelFault.SERVER_ERROR, ModelFault.RESET_AFTER, ModelFault.CUT_OFF, ModelFault.PARTIAL, ModelFault.NAN)
    rules = [ModelRule(fault, numbers=(number,)) for number, fault in enumerate(faults, start=1)]
    fake = ticking(*rules)
    for _ in range(6):
        ask(fake, chat(place(tracks(3))))
    assert [one.was_paid for one in fake.requests] == [False, True, True, True, True, True]
    assert fake.log.repeated_calls() == []
    ask(fake, chat(place(tracks(3))))
    assert fake.log.repeated_calls() == [fake.requests[6]]


def test_what_was_under_way_at_the_time_is_no_repeat() -> None:
    fake = ticking()
    body = chat_bytes()
    first = fake.receive("POST", CHAT, JSON_HEADERS, body)
    second = fake.receive("POST", CHAT, JSON_HEADERS, body)
    fake.finish(first, was_delivered=True)
    fake.finish(second, was_delivered=False)
    assert fake.log.repeated_calls() == []
    fake.handle("POST", CHAT, JSON_HEADERS, body)
    assert len(fake.log.repeated_calls()) == 1


def chat_bytes() -> bytes:
    return json.dumps(chat(place(tracks(3)))).encode()


def test_time_served_and_time_busy() -> None:
    fake = ticking()
    body = chat_bytes()
    first = fake.receive("POST", CHAT, JSON_HEADERS, body)  # at 1
    second = fake.receive("POST", CHAT, JSON_HEADERS, body)  # at 2
    fake.finish(first, was_delivered=True)  # at 3
    fake.finish(second, was_delivered=True)  # at 4
    assert (fake.log.served_ms, fake.log.busy_ms, fake.log.most_in_flight) == (4000, 3000, 2)


def test_the_file_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    fake = ticking(ModelRule(ModelFault.SURROGATE, numbers=(2,)), log_path=path)
    for name in ("One", "Two \u2028\n\ud83d", "Drei ü"):
        ask(fake, chat(place([track("t1", name)])))
    assert read_log(path) == fake.requests  # before it is closed: each line is out when its request is done
    fake.log.close()
    again = ticking(log_path=path)
    ask(again, chat(place([track("t1", "One")])))
    again.log.close()
    records = read_log(path)
    assert len(records) == 4
    assert [one.number for one in records] == [1, 2, 3, 1]
    assert repeated_calls(records) == []  # the second service's clock began anew: nothing was done before its call
    records[-1].at_s += 1_000
    assert repeated_calls(records) == [records[-1]]
    assert [song for _, song in repeated_songs(records)] == ["one - nobody"]
