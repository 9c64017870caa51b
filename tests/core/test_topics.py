"""Topics and filters by the rules of MQTT, against a reference that takes the standard word by word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.core.topics import LONGEST_BYTES, filter_problem, is_match, topic_problem

LEVEL = st.sampled_from(["", "a", "b", "$x", " ", "ü"])
TOPIC = st.lists(LEVEL, min_size=1, max_size=5).map("/".join)
FILTER = st.lists(LEVEL | st.sampled_from(["+", "#", "+a", "a#"]), min_size=1, max_size=5).map("/".join)


def reference(wanted: list[str], given: list[str]) -> bool:
    """Level by level, from the front."""
    if not wanted:
        return not given
    if wanted[0] == "#":
        return True
    if not given:
        return wanted == ["#"]
    return wanted[0] in ("+", given[0]) and (wanted[1:] == ["#"] or reference(wanted[1:], given[1:]))


@given(TOPIC, FILTER)
def test_matching_agrees_with_the_standard(topic: str, topic_filter: str) -> None:
    if topic_problem(topic) is not None or filter_problem(topic_filter) is not None:
        return
    is_hidden = topic.startswith("$") and topic_filter[0] in "+#"
    assert is_match(topic_filter, topic) is (not is_hidden and reference(topic_filter.split("/"), topic.split("/")))


@given(TOPIC)
def test_every_topic_matches_itself_and_is_a_sound_filter(topic: str) -> None:
    if topic_problem(topic) is None:
        assert filter_problem(topic) is None
        assert is_match(topic, topic)
        assert is_match(f"{topic}/#", topic)


@given(FILTER)
def test_a_filter_is_sound_where_its_wildcards_stand_alone(topic_filter: str) -> None:
    levels = topic_filter.split("/")
    stand_alone = all(level in ("+", "#") or not set("+#") & set(level) for level in levels)
    is_sound = bool(topic_filter) and stand_alone and "#" not in levels[:-1]
    assert (filter_problem(topic_filter) is None) is is_sound


@pytest.mark.parametrize(
    ("topic_filter", "topic", "expected"),
    [
        ("sport/tennis/player1/#", "sport/tennis/player1", True),
        ("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", True),
        ("sport/#", "sport", True),
        ("sport/tennis/+", "sport/tennis/player1/ranking", False),
        ("sport/+", "sport", False),
        ("sport/+", "sport/", True),
        ("+/+", "/finance", True),
        ("/+", "/finance", True),
        ("+", "/finance", False),
        ("#", "$SYS/uptime", False),
        ("+/monitor/Clients", "$SYS/monitor/Clients", False),
        ("$SYS/#", "$SYS/uptime", True),
        ("Sport", "sport", False),
    ],
)
def test_the_standards_own_examples(topic_filter: str, topic: str, expected: bool) -> None:
    assert is_match(topic_filter, topic) is expected


@pytest.mark.parametrize("text", ["", "a\0b", "\ud800", "x" * (LONGEST_BYTES + 1), "ü" * (LONGEST_BYTES // 2 + 1)])
def test_what_is_neither_topic_nor_filter(text: str) -> None:
    assert topic_problem(text) is not None
    assert filter_problem(text) is not None


@pytest.mark.parametrize("text", ["a/+", "#", "a+b", "c#"])
def test_nothing_is_published_to_a_wildcard(text: str) -> None:
    assert topic_problem(text) is not None
