"""What a listen says: a sure skip and a full play something, doubt nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.domain.models import (
    Cause,
    DurationMs,
    EndInterval,
    EpochMs,
    Listen,
    Track,
    Uri,
    Verdict,
    VerdictKind,
)
from moodroom_hub.domain.stations.hearing import THAT_COUNT, opinion, opinion_of_share
from moodroom_hub.domain.stations.models import VoteKind, VoteRule

LENGTH_MS = 200_000


def listen(
    kind: VerdictKind,
    cause: Cause,
    lo_ms: int,
    hi_ms: int | None = None,
    *,
    is_sure: bool = True,
    length_ms: int | None = LENGTH_MS,
) -> Listen:
    """One that ended between these."""
    hi_ms = lo_ms if hi_ms is None else hi_ms
    end = EndInterval(DurationMs(lo_ms), DurationMs((lo_ms + hi_ms) // 2), DurationMs(hi_ms))
    length = None if length_ms is None else DurationMs(length_ms)
    return Listen(
        track=Track(Uri("spotify:track:1"), "A", ("B",), length),
        started_at_ms=EpochMs(0),
        ended_at_ms=EpochMs(hi_ms),
        verdict=Verdict(kind, cause, end, is_sure),
    )


@pytest.mark.parametrize(
    ("heard", "by_skip", "by_share"),
    [
        (listen(VerdictKind.SKIPPED, Cause.LISTENER, 12_000), VoteKind.DISLIKE, VoteKind.DISLIKE),
        (listen(VerdictKind.SKIPPED, Cause.LISTENER, 12_000, is_sure=False), None, VoteKind.DISLIKE),
        (listen(VerdictKind.PARTIAL, Cause.LISTENER, 100_000), None, VoteKind.DISLIKE),
        (listen(VerdictKind.PARTIAL, Cause.LISTENER, 160_000), None, VoteKind.LIKE),
        (listen(VerdictKind.PARTIAL, Cause.LISTENER, 159_000, 161_000), None, None),
        (listen(VerdictKind.COMPLETED, Cause.NATURAL, 200_000), VoteKind.LIKE, VoteKind.LIKE),
        (listen(VerdictKind.COMPLETED, Cause.LISTENER, 193_000), VoteKind.LIKE, VoteKind.LIKE),
        (listen(VerdictKind.PARTIAL, Cause.LISTENER, 90_000, length_ms=None), None, None),
        (listen(VerdictKind.COMPLETED, Cause.NATURAL, 90_000, length_ms=None), VoteKind.LIKE, VoteKind.LIKE),
    ],
)
def test_what_a_listen_says(heard: Listen, by_skip: VoteKind | None, by_share: VoteKind | None) -> None:
    said = [opinion(heard, rule) for rule in (VoteRule.SKIP, VoteRule.SHARE)]
    assert [None if each is None else each.kind for each in said] == [by_skip, by_share]


def test_the_line_says_what_was_heard() -> None:
    skipped = opinion(listen(VerdictKind.SKIPPED, Cause.LISTENER, 12_900), VoteRule.SKIP)
    shared = opinion(listen(VerdictKind.PARTIAL, Cause.LISTENER, 159_999), VoteRule.SHARE)
    assert skipped is not None
    assert skipped.why == "skipped after 12 s"
    assert shared is not None
    assert (shared.kind, shared.why) == (VoteKind.DISLIKE, "79 % heard")


@given(
    kind=st.sampled_from(VerdictKind),
    cause=st.sampled_from(Cause),
    lo_ms=st.integers(0, 250_000),
    wide_ms=st.integers(0, 50_000),
    is_sure=st.booleans(),
    rule=st.sampled_from(VoteRule),
)
def test_only_the_listener_and_the_end_say_anything(
    kind: VerdictKind, cause: Cause, lo_ms: int, wide_ms: int, is_sure: bool, rule: VoteRule
) -> None:
    said = opinion(listen(kind, cause, lo_ms, lo_ms + wide_ms, is_sure=is_sure), rule)
    if cause not in THAT_COUNT:
        assert said is None
    if said is not None and rule is VoteRule.SHARE and kind is not VerdictKind.COMPLETED:
        assert (said.kind is VoteKind.LIKE) == (lo_ms >= 160_000)
    if kind is VerdictKind.COMPLETED and cause in THAT_COUNT:
        assert said is not None
        assert said.kind is VoteKind.LIKE


@given(st.floats(allow_nan=True, allow_infinity=True), st.floats(allow_nan=True, allow_infinity=True))
def test_lengths_of_strangers_are_lengths_or_nothing(heard: float, length: float) -> None:
    said = opinion_of_share(heard, length)
    if said is not None:
        assert heard >= 0
        assert length > 0
        share = heard / length
        assert abs(share - 0.8) < 1e-9 or said.kind is (VoteKind.LIKE if share > 0.8 else VoteKind.DISLIKE)
