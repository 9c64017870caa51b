"""Whatever a listener does, what counted is what truly was heard: nothing missing, nothing twice, over any restart."""

from random import Random

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from moodroom_hub.domain.plays.models import CountingRules
from moodroom_hub.domain.plays.rules import LASTFM, LISTENBRAINZ, SPINSTACK
from tests.domain.plays.lab import Counter
from tests.domain.plays.player import KINDS, Player, Step

STAY_S = st.floats(7, 150)
"""Longer than the rarest looks: what nobody saw at all, nobody can tell."""
STEPS = st.lists(st.builds(Step, st.sampled_from(KINDS), st.floats(0, 1), STAY_S), min_size=3, max_size=14)
RULES = st.sampled_from([SPINSTACK, LASTFM, LISTENBRAINZ])


def played(steps: list[Step], rules: CountingRules, gap_s: float) -> Player:
    """A player at which all this was done, clear enough to be judged."""
    player = Player(rules, gap_s, Random(1))
    for step in steps:
        player.do(step)
    assume(player.is_clear)
    return player


@settings(max_examples=80, deadline=None, derandomize=True)
@given(STEPS, RULES, st.floats(2, 6), st.integers(0, 2**32))
def test_plays_are_the_truth(steps: list[Step], rules: CountingRules, gap_s: float, seed: int) -> None:
    player = played(steps, rules, gap_s)
    assert Counter(rules).look(*player.looks(seed, noise_ms=300)).names() == player.plays


@settings(max_examples=40, deadline=None, derandomize=True)
@given(STEPS, RULES, st.floats(2, 6), st.integers(0, 2**32), st.sets(st.integers(0, 150), max_size=20))
def test_a_restart_at_any_moment_changes_nothing(
    steps: list[Step], rules: CountingRules, gap_s: float, seed: int, restarts: set[int]
) -> None:
    player = played(steps, rules, gap_s)
    steady, restarted = Counter(rules), Counter(rules)
    for number, snapshot in enumerate(player.looks(seed, noise_ms=300)):
        steady.look(snapshot)
        restarted.look(snapshot)
        if number in restarts:
            restarted.restart()
    assert restarted.told == steady.told
    assert restarted.session == steady.session
