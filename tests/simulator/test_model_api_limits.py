"""The make-believe model server lets through what it says, and notices who does not wait."""

import re
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from moodroom_hub.simulator.model_api import Behaviour, FakeModel, LimitStyle, ModelFault, ModelRule
from tests.simulator.model_prompts import CHAT, JSON_HEADERS, ask, chat, place, tracks

TASK = chat(place(tracks(1)))
START_S = 1_793_520_000.0


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now_s = START_S

    def __call__(self) -> float:
        return self.now_s


def limited(**behaviour: Any) -> tuple[FakeModel, Clock]:
    clock = Clock()
    return FakeModel(Behaviour(**behaviour), now_s=clock), clock


def test_so_many_a_minute_and_no_more() -> None:
    fake, clock = limited(requests_per_minute=3)
    statuses = []
    for _ in range(5):
        statuses.append(ask(fake, TASK).status)
        clock.now_s += 10
    assert statuses == [200, 200, 200, 429, 429]
    clock.now_s = START_S + 60
    assert ask(fake, TASK).status == 200
    assert ask(fake, TASK).status == 429
    assert fake.log.by_status == {200: 4, 429: 3}


def test_the_list_of_models_is_not_counted() -> None:
    fake, _ = limited(requests_per_minute=1)
    assert [fake.handle("GET", "/v1/models", {}).status for _ in range(3)] == [200, 200, 200]
    assert ask(fake, TASK).status == 200


def refused_after(wait_s: float, style: LimitStyle) -> tuple[dict[str, str], Any]:
    fake, clock = limited(requests_per_minute=1, limit_style=style)
    ask(fake, TASK)
    clock.now_s += 60 - wait_s
    answer = ask(fake, TASK)
    assert answer.status == 429
    return {name: value for name, value in answer.headers.items() if name != "Content-Type"}, answer.json()


@pytest.mark.parametrize(
    ("style", "wait_s", "headers"),
    [
        (LimitStyle.SECONDS, 41.5, {"Retry-After": "42"}),
        (LimitStyle.OPENROUTER, 0.25, {"Retry-After": "1"}),
        (LimitStyle.MILLISECONDS, 41.5, {"retry-after-ms": "41500"}),
        (LimitStyle.RESET, 0.25, {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "250ms"}),
        (LimitStyle.RESET, 41.5, {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "41.5s"}),
        (LimitStyle.RESET, 60, {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m0s"}),
        (LimitStyle.BARE, 41.5, {}),
    ],
)
def test_how_a_wait_is_told(style: LimitStyle, wait_s: float, headers: dict[str, str]) -> None:
    assert refused_after(wait_s, style)[0] == headers


def test_a_wait_as_a_date() -> None:
    headers, _ = refused_after(41.5, LimitStyle.DATE)
    assert parsedate_to_datetime(headers["Retry-After"]).timestamp() == pytest.approx(START_S + 60, abs=1)


def test_bodies_of_refusals() -> None:
    openai = refused_after(10, LimitStyle.SECONDS)[1]["error"]
    assert (openai["type"], openai["code"]) == ("requests", "rate_limit_exceeded")
    assert re.search(r"try again in 10\.000s", openai["message"])
    router = refused_after(10, LimitStyle.OPENROUTER)[1]["error"]
    assert router["code"] == 429
    assert "rate-limited" in router["metadata"]["raw"]


def test_so_many_at_once_and_no_more() -> None:
    fake, _ = limited(max_in_flight=2)
    body = b'{"model": "x"}'
    calls = [fake.receive("POST", CHAT, JSON_HEADERS, body) for _ in range(3)]
    assert [call.answer.status for call in calls] == [404, 404, 429]
    fake.finish(calls[0], was_delivered=True)
    fake.finish(calls[2], was_delivered=True)
    assert fake.receive("POST", CHAT, JSON_HEADERS, body).answer.status == 404
    assert fake.log.most_in_flight == 3


@pytest.mark.parametrize("style", [style for style in LimitStyle if style is not LimitStyle.BARE])
def test_who_comes_too_early_is_noticed(style: LimitStyle) -> None:
    rule = ModelRule(ModelFault.LIMITED, numbers=(1,), retry_after_s=5, limit_style=style)
    fake, clock = limited(rules=(rule,))
    for pause_s in (0, 0.1, 2, 2.95):
        clock.now_s += pause_s
        ask(fake, TASK)
    assert [one.came_too_early for one in fake.requests] == [False, False, True, False]
    assert fake.log.too_early == 1


def test_a_bare_refusal_asks_nobody_to_wait() -> None:
    rule = ModelRule(ModelFault.LIMITED, numbers=(1,), retry_after_s=5, limit_style=LimitStyle.BARE)
    fake, clock = limited(rules=(rule,))
    ask(fake, TASK)
    clock.now_s += 1
    ask(fake, TASK)
    assert fake.log.too_early == 0


def test_a_used_up_quota_never_passes() -> None:
    fake, clock = limited(rules=(ModelRule(ModelFault.QUOTA),))
    for _ in range(3):
        answer = ask(fake, TASK)
        assert (answer.status, answer.json()["error"]["code"]) == (429, "insufficient_quota")
        assert "Retry-After" not in answer.headers
        clock.now_s += 3_600
