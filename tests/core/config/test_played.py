"""``listening.played``: profiles, the numbers of one's own, and what is refused."""

import pytest

from moodroom_hub.core.config import Settings
from moodroom_hub.domain.models import DurationMs
from moodroom_hub.domain.plays.models import CountingRules
from moodroom_hub.domain.plays.rules import LASTFM, LISTENBRAINZ, SPINSTACK
from tests.core.config.conftest import Load, Problems


def test_without_a_word_it_is_spinstack() -> None:
    assert Settings().counting_rules() == SPINSTACK


@pytest.mark.parametrize(
    ("name", "rules"),
    [("spinstack", SPINSTACK), ("LastFM", LASTFM), ("listenbrainz", LISTENBRAINZ)],
)
def test_a_profile_by_its_name(load: Load, name: str, rules: CountingRules) -> None:
    assert load(f"listening: {{played: {{profile: {name}}}}}").settings.counting_rules() == rules


def test_numbers_of_ones_own(load: Load) -> None:
    text = """\
listening:
  played: {profile: custom, minimum: 20s, share: 0.75, at_least: 15, at_most: 5m, without_length: 2m}
"""
    assert load(text).settings.counting_rules() == CountingRules(
        "custom",
        share=0.75,
        minimum_ms=DurationMs(20_000),
        at_least_ms=DurationMs(15_000),
        at_most_ms=DurationMs(300_000),
        without_length_ms=DurationMs(120_000),
    )


def test_seconds_alone_are_a_rule_too(load: Load) -> None:
    rules = load("listening: {played: {profile: custom, at_most: 90s}}").settings.counting_rules()
    assert (rules.share, rules.at_most_ms, rules.without_length_ms) == (1.0, 90_000, 240_000)


@pytest.mark.parametrize(
    ("section", "told"),
    [
        (
            "{profile: custom}",
            "expected profile custom to have a share (such as 0.5), or at_most (such as 4m), or both",
        ),
        ("{profile: custom, minimum: 30s}", "expected profile custom to have a share"),
        ("{share: 0.5}", "they belong to profile: custom"),
        ("{profile: lastfm, at_most: 2m}", "they belong to profile: custom"),
        ("{profile: custom, share: 0}", "listening.played.share: expected"),
        ("{profile: custom, share: 1.5}", "listening.played.share: expected at most 1"),
        ("{profile: custom, share: 0.5, at_least: 5m, at_most: 4m}", "expected at_least to be no longer than at_most"),
        ("{profile: lastfn}", "did you mean lastfm?"),
        ("{profile: custom, share: 0.5, minimum: soon}", "listening.played.minimum: expected a duration"),
    ],
)
def test_what_cannot_be_meant_is_refused(problems: Problems, section: str, told: str) -> None:
    found = problems(f"listening:\n  played: {section}\n", {})
    assert len(found) == 1
    assert told in found[0]
