"""Reading refusals: never trusting a header or a body."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.core.errors import TroubleCode
from moodroom_hub.plugins.spotify.failures import Action, rate_limited, read_failure, read_retry_after, trouble_for

NOON = "Fri, 20 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Retry-After": "41"}, 41),
        ({"Retry-After": "0"}, 1),
        ({"Retry-After": "2.5"}, 2.5),
        ({"Retry-After": "-3"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": ""}, None),
        ({"Retry-After": "1e12"}, 7 * 86_400),
        ({"Retry-After": "Fri, 20 Nov 2026 12:01:30 GMT", "Date": NOON}, 90),
        ({"Retry-After": "Fri, 20 Nov 2026 12:01:30 GMT"}, None),
        ({"Retry-After": "Fri, 20 Nov 2020 12:01:30 GMT", "Date": NOON}, None),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], expected: float | None) -> None:
    assert read_retry_after(headers) == expected


@given(status=st.integers(300, 599), body=st.binary(max_size=60), header=st.text(max_size=10))
def test_any_refusal_becomes_a_trouble_that_quotes_nothing(status: int, body: bytes, header: str) -> None:
    failure = read_failure(status, {"Retry-After": header}, body)
    trouble = trouble_for(failure, Action("queue a track", is_command=True))
    assert trouble.code in set(TroubleCode)
    assert trouble.outcome_unknown is (status >= 500 or status == 408)
    assert trouble.status == status


def test_a_secret_in_spotifys_words_is_not_passed_on() -> None:
    body = b'{"error": {"status": 403, "message": "token BQsecret is odd", "reason": "secret lower"}}'
    failure = read_failure(403, {}, body)
    trouble = trouble_for(failure, Action("pause", is_command=True))
    assert "secret" not in trouble.message.casefold()
    assert failure.reason is None


@pytest.mark.parametrize(
    ("seconds", "says"),
    [(0.2, "1 s"), (41, "41 s"), (119.4, "119 s"), (120, "2 min"), (7_200, "2 h"), (52_531, "15 h")],
)
def test_waits_in_words(seconds: float, says: str) -> None:
    assert f"wait {says};" in rate_limited(seconds).message
