"""Why it is quiet: at most one link is broken, it is the first, and what lies behind it is not looked at."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.domain.models import EpochMs
from moodroom_hub.domain.quiet import Hindrance, LinkName, LinkStatus, QuietFacts, walk

ORDER = list(LinkName)
FINE = QuietFacts(room="House", ahead=9, playable=40)
BREAKS: dict[LinkName, dict[str, Any]] = {
    LinkName.LOGIN: {"login_problem": "Not logged in."},
    LinkName.DEVICE: {"device_problem": "No device is awake."},
    LinkName.RESTRICTION: {"hindrance": Hindrance.RATE_LIMITED, "hindrance_line": "Wait.", "ends_at_ms": EpochMs(7)},
    LinkName.QUEUE: {"room": "House", "is_yielding": True},
    LinkName.POOL: {"room": "House", "playable": 0, "ahead": 0, "tops_up": True, "is_yielding": False},
}
FACTS = st.builds(
    QuietFacts,
    is_playing=st.booleans(),
    login_problem=st.sampled_from(["", "Not logged in."]),
    device=st.sampled_from(["", "Kitchen"]),
    device_problem=st.sampled_from(["", "No device is awake."]),
    hindrance=st.none() | st.sampled_from(Hindrance),
    hindrance_line=st.sampled_from(["", "Spotify says no."]),
    ends_at_ms=st.none() | st.just(EpochMs(99)),
    room=st.none() | st.just("House"),
    is_yielding=st.booleans(),
    tops_up=st.booleans(),
    ahead=st.integers(0, 3),
    playable=st.integers(0, 12),
    removed=st.integers(0, 3),
)


@given(FACTS)
def test_fine_links_then_at_most_one_broken_then_none_looked_at(facts: QuietFacts) -> None:
    walked = walk(facts)
    assert [link.name for link in walked.links] == ORDER
    statuses = [link.status for link in walked.links]
    broken = [link for link in walked.links if link.status is LinkStatus.BROKEN]
    assert [link.name for link in broken] == ([] if walked.broken is None else [walked.broken])
    first = len(ORDER) if walked.broken is None else ORDER.index(walked.broken)
    assert statuses == [LinkStatus.FINE] * first + [LinkStatus.BROKEN] * len(broken) + [LinkStatus.NOT_LOOKED_AT] * (
        len(ORDER) - first - len(broken)
    )
    assert walked.conclusion
    assert all(link.message and link.mend for link in broken)
    assert all(not link.mend for link in walked.links if link.status is not LinkStatus.BROKEN)
    assert (walked.ends_at_ms is None) or walked.broken is LinkName.RESTRICTION


@given(st.sets(st.sampled_from(ORDER), min_size=1))
def test_of_all_that_is_broken_exactly_the_first_is_named(names: set[LinkName]) -> None:
    facts = FINE
    for name in sorted(names, key=ORDER.index, reverse=True):  # an earlier break may not undo a later one
        facts = replace(facts, **BREAKS[name])
    assert walk(facts).broken is min(names, key=ORDER.index)


@pytest.mark.parametrize(
    ("facts", "broken", "words"),
    [
        (FINE, None, "stands still in House"),
        (replace(FINE, is_playing=True), None, "music plays"),
        (replace(FINE, room=None, ahead=0), None, "no room is on"),
        (replace(FINE, ahead=0, tops_up=False), LinkName.QUEUE, "topping up is off"),
        (replace(FINE, ahead=0), LinkName.QUEUE, "Nothing of House waits"),
        (replace(FINE, is_yielding=True), LinkName.QUEUE, "something of your own"),
        (replace(FINE, room=None, ahead=0, playable=0), LinkName.POOL, "no track in any room"),
        (replace(FINE, ahead=0, playable=0), LinkName.POOL, "no track in House"),
        (replace(FINE, ahead=0, playable=0, removed=3), LinkName.POOL, "All tracks of House were removed"),
        (replace(FINE, hindrance=Hindrance.RESTRICTED_DEVICE), LinkName.RESTRICTION, "does not let the hub play"),
    ],
)
def test_the_answer_in_one_line(facts: QuietFacts, broken: LinkName | None, words: str) -> None:
    walked = walk(facts)
    assert walked.broken is broken
    assert words in walked.conclusion
