"""Every way in which a service says when to come again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.plugins.llm_mining.failures import Cure, failure_of
from moodroom_hub.plugins.llm_mining.waits import LONGEST_WAIT_S, used_up_s, wait_s

NOW_S = 1_795_000_000.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "Wed, 18 Nov 2026 11:06:50 GMT"}, 11.0),
        ({"retry-after": "Wed, 18 Nov 2026 11:06:00 GMT"}, 0.0),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "9" * 400}, LONGEST_WAIT_S),
        ({"x-ratelimit-reset-requests": "6m0s"}, 360.0),
        ({"x-ratelimit-reset-requests": "20ms", "x-ratelimit-reset-tokens": "1.5s"}, 0.02),
        (
            {
                "x-ratelimit-reset-requests": "20ms",
                "x-ratelimit-reset-tokens": "1m2s",
                "x-ratelimit-remaining-tokens": "0",
            },
            62.0,
        ),
        ({"x-ratelimit-reset": str(int((NOW_S + 30) * 1000))}, 30.0),
        ({"x-ratelimit-reset": str(int(NOW_S + 30))}, 30.0),
        ({"x-ratelimit-reset": "12"}, 12.0),
        ({"x-ratelimit-reset": "1 day"}, None),
    ],
)
def test_waits(headers: dict[str, str], seconds: float | None) -> None:
    assert wait_s(headers, NOW_S) == (None if seconds is None else pytest.approx(seconds))


@given(st.dictionaries(st.sampled_from(["retry-after", "retry-after-ms", "x-ratelimit-reset"]), st.text(max_size=30)))
def test_no_header_breaks_it(headers: dict[str, str]) -> None:
    found = wait_s(headers, NOW_S)
    assert found is None or 0 <= found <= LONGEST_WAIT_S


def test_a_good_answer_may_say_that_nothing_is_left() -> None:
    assert used_up_s({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "2s"}, NOW_S) == 2.0
    assert used_up_s({"x-ratelimit-remaining-requests": "9", "x-ratelimit-reset-requests": "2s"}, NOW_S) is None


@pytest.mark.parametrize(
    ("status", "body", "cure"),
    [
        (400, '{"error": {"message": "response_format of type json_schema is not supported"}}', Cure.PLAINER),
        (404, '{"error": {"message": "No endpoints found for response_format", "code": 404}}', Cure.PLAINER),
        (400, "{\"error\": {\"message\": \"Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens'\"}}",
         Cure.OTHER_TOKENS),
        (400, '{"object": "error", "message": "This model\'s maximum context length is 8192 tokens"}', Cure.SMALLER),
        (400, '{"error": {"message": "temperature does not support 0 with this model"}}', Cure.NO_TEMPERATURE),
        (404, '{"error": {"message": "model \'x\' not found, try pulling it first"}}', Cure.END),
        (404, "404 page not found", Cure.END),
        (302, "", Cure.END),
        (418, "", Cure.END),
        (403, '{"error": {"message": "Your input was flagged by moderation"}}', Cure.NONE),
        (403, "{}", Cure.END),
        (429, '{"error": {"code": "insufficient_quota"}}', Cure.END),
        (429, "", Cure.WAIT),
        (529, "", Cure.AGAIN),
        (200, '{"error": {"message": "Provider returned error", "code": 429}}', Cure.WAIT),
        (200, '{"error": {"message": "oops"}}', Cure.AGAIN),
    ],
)  # fmt: skip
def test_cures(status: int, body: str, cure: Cure) -> None:
    failure = failure_of(status, {}, body.encode(), NOW_S)
    assert failure is not None
    assert failure.cure is cure
    assert failure.reason.isprintable()
