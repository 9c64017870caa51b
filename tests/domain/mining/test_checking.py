"""A miner's answer is held to what was asked, whatever it says."""

import math

from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.domain.mining.checking import LONGEST_WHY, sound_audited, sound_mined
from moodroom_hub.domain.mining.models import (
    Audited,
    AuditTask,
    Mined,
    MiningTask,
    Misfit,
    Placement,
    Suggestion,
    Unplaced,
)
from moodroom_hub.domain.models import Room, RoomSlug, Tier, Track, Uri

HOUSE = RoomSlug("house")
TRACKS = tuple(Track(Uri(f"u{number}"), f"Song {number}") for number in range(4))
TASK = MiningTask((Room(HOUSE, "House"),), TRACKS)

SHARES = st.floats() | st.sampled_from([0.0, 1.0, -0.1, 7.0, math.nan, math.inf])
NAMES = st.sampled_from(["u0", "u1", "u2", "u3", "foreign", ""]).map(Uri)
PLACEMENTS = st.builds(
    Placement, st.sampled_from(["house", "rage", ""]).map(RoomSlug), NAMES, SHARES, st.text(), st.sampled_from(Tier)
)


@given(st.lists(PLACEMENTS), st.lists(st.builds(Unplaced, NAMES, st.text(), st.booleans())))
def test_every_track_is_accounted_for_once_and_nothing_else_is_there(
    placements: list[Placement], unplaced: list[Unplaced]
) -> None:
    sound = sound_mined(Mined(tuple(placements), tuple(unplaced)), TASK)
    placed = {one.uri for one in sound.placements}
    left = [one.uri for one in sound.unplaced]
    assert placed.isdisjoint(left)
    assert sorted([*placed, *left]) == sorted(track.uri for track in TRACKS)
    assert all(one.room == HOUSE and 0 <= one.confidence <= 1 for one in sound.placements)
    assert all(one.why.isprintable() and len(one.why) <= LONGEST_WHY for one in sound.placements)


def test_a_track_that_the_miner_forgot_is_not_judged() -> None:
    sound = sound_mined(Mined((Placement(HOUSE, Uri("u0"), 0.9, ""),)), TASK)
    assert [(one.uri, one.is_judged) for one in sound.unplaced] == [("u1", False), ("u2", False), ("u3", False)]


def test_what_made_no_sense_is_told() -> None:
    mined = Mined(
        placements=(Placement(RoomSlug("rage"), Uri("u0"), 0.9, ""),),
        suggestions=(
            Suggestion(HOUSE, Tier.CONFIRMED, "A", "B"),
            Suggestion(HOUSE, Tier.DISCOVERY, " ", "B"),
            Suggestion(HOUSE, Tier.DISCOVERY, "A", "B", "why\nnot"),
        ),
        suggested_rooms=frozenset({HOUSE, RoomSlug("rage")}),
    )
    sound = sound_mined(mined, TASK)
    assert [one.why for one in sound.suggestions] == ["why not"]
    assert sound.suggested_rooms == {HOUSE}
    assert sound.notes == ("3 answers made no sense and were left out",)


def test_an_audit_speaks_only_of_what_it_was_asked() -> None:
    task = AuditTask(Room(HOUSE, "House"), TRACKS[:2])
    audited = Audited(
        (
            Misfit(Uri("u0"), "a\x1b[31mballad", 0.8),
            Misfit(Uri("u0"), "again", 0.9),
            Misfit(Uri("u3"), "not asked", 0.9),
            Misfit(Uri("u1"), "odd", math.nan),
        ),
        (Unplaced(Uri("u3"), "not asked"),),
    )
    assert sound_audited(audited, task) == Audited((Misfit(Uri("u0"), "a [31mballad", 0.8),))
