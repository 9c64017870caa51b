"""What the benchmark of plays counts: each mistake on a household that was really lived in, and none of the hub's."""

from dataclasses import replace

import pytest

from benchmarks.counting.drive import Record, drive
from benchmarks.counting.houses import plan_house
from benchmarks.counting.score import RULES, Score, score, told_by_hub
from benchmarks.counting.seed_system import Told
from moodroom_hub.simulator.sonos.music import MediaKind, Recording
from moodroom_hub.simulator.sonos.truth import Began, SonosListen, SonosTruth, Stretch

SPINSTACK = RULES["spinstack"]


@pytest.fixture(scope="module")
def record() -> Record:
    """Most of an hour, a kill in it."""
    return drive(plan_house(0, 3, 0.8, "spinstack"))


def told(record: Record) -> list[Told]:
    return told_by_hub(record.plays, [player.name for player in record.house.players])


def figures(found: Score) -> tuple[int, int, int]:
    return len(found.false), len(found.missed), len(found.duplicates)


def test_the_hub_makes_no_mistake(record: Record) -> None:
    found = score(record, told(record), SPINSTACK)
    assert found.true_plays >= 4
    assert figures(found) == (0, 0, 0)
    assert found.right + found.near + found.unseen >= found.true_plays


def test_every_kind_of_mistake_is_seen(record: Record) -> None:
    plays = told(record)
    assert len(score(record, plays[1:], SPINSTACK).missed) == 1
    assert len(score(record, [*plays, replace(plays[0], at_ms=plays[0].at_ms + 1)], SPINSTACK).duplicates) == 1
    assert len(score(record, [*plays, replace(plays[0], title="Never played")], SPINSTACK).false) == 1
    elsewhere = replace(plays[0], room="Nowhere")
    assert figures(score(record, [elsewhere, *plays[1:]], SPINSTACK)) == (1, 1, 0)


@pytest.mark.parametrize(("gap_s", "missed"), [((70, 220), 1), ((10, 220), 0), ((150, 320), 0)])
def test_a_gap_in_the_middle_of_what_went_on_undisturbed_excuses_nothing(gap_s: tuple[int, int], missed: int) -> None:
    """Five minutes without a break: where it stands after the gap tells that it sounded through it."""
    track = Recording("x:1", "Long", duration_ms=360_000)
    listen = SonosListen(1, track, MediaKind.QUEUE, Began.START, [Stretch(0, 300_000, 0, 300_000, ("Kitchen",))])
    gap = gap_s[0] * 1000, gap_s[1] * 1000
    truth = SonosTruth([listen], at_ms=400_000)
    one = Record(plan_house(0, 1, 1, "spinstack"), truth, [], [], [], [gap], {}, {}, 0, 0)
    found = score(one, [], SPINSTACK)
    assert (len(found.missed), found.unseen) == (missed, 1 - missed)
