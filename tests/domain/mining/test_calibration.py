"""Which tracks a calibration asks about, and what the answers make of a room's words."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.core.config.models import RoomSection
from moodroom_hub.core.config.secret import is_reference
from moodroom_hub.domain.mining.calibration import (
    MOST_ANCHORS,
    MOST_AVOID,
    Feedback,
    examples,
    likeness,
    one_line,
    rewritten,
    sample,
)
from moodroom_hub.domain.mining.models import Definition, Example
from moodroom_hub.domain.models import Anchor, PoolEntry, RoomSlug, Tier, Track, Uri

HOUSE = RoomSlug("house")
OLD = Definition("warm", (Anchor("One More Time", "Daft Punk"),), ("drops",))


def entry(number: int, confidence: float | None, tier: Tier = Tier.CONFIRMED, artist: str = "") -> PoolEntry:
    track = Track(Uri(f"u{number}"), f"Song {number}", (artist or f"Band {number}",))
    return PoolEntry(track, tier, confidence=confidence)


def song(name: str, artist: str = "Band") -> Track:
    return Track(Uri(f"spotify:track:{name}"), name, (artist,))


def shown(entries: list[PoolEntry]) -> list[str]:
    return [each.track.uri for each in entries]


def test_the_doubtful_come_first_and_some_of_the_surest_last() -> None:
    room = [entry(number, number / 20) for number in range(20)]
    assert shown(sample(room, 8, Random(1))) == ["u0", "u1", "u2", "u3", "u4", "u5", "u19", "u18"]
    assert shown(sample(room, 8, Random(1), {Uri("u0"), Uri("u19")}))[::7] == ["u1", "u17"]
    assert len(sample(room, 50, Random(1))) == 20


def test_artists_and_tiers_come_in_turn() -> None:
    one_band = [entry(number, 0.1, artist="Loud") for number in range(9)]
    others = [entry(number, 0.9, Tier.SAFE_SIDE) for number in range(10, 13)]
    removed = [entry(number, 0.0, Tier.REMOVED) for number in range(20, 30)]
    found = sample([*one_band, *others, *removed], 4, Random(1))
    assert sorted(each.track.artists[0] for each in found) == ["Band 10", "Band 11", "Band 12", "Loud"]


def test_of_equally_sure_tracks_chance_decides() -> None:
    room = [entry(number, None) for number in range(50)]
    assert len({tuple(shown(sample(room, 5, Random(seed)))) for seed in range(5)}) == 5


def test_feedback_goes_behind_what_stands_there() -> None:
    told = Feedback(anchors=(song("Latch", "Disclosure"), song("one more time!", "Daft Punk")), avoid=("EDM", " Drops"))
    assert rewritten(OLD, told) == Definition("warm", (*OLD.anchors, Anchor("Latch", "Disclosure")), ("drops", "EDM"))
    assert rewritten(OLD, Feedback(description=" deep\n and warm ")).description == "deep and warm"


def test_a_song_without_an_artist_is_no_anchor() -> None:
    assert rewritten(OLD, Feedback(anchors=(Track(Uri("u"), "Alone"), song("\n")))) == OLD


def test_the_oldest_of_ours_make_room_and_never_the_owners() -> None:
    owners = tuple(Anchor(f"Owner {number}", "A") for number in range(28))
    ours = (Anchor("First", "B"), Anchor("Second", "B"))
    told = Feedback(anchors=(song("New"),))
    assert rewritten(Definition("", owners + ours, ()), told, ours).anchors == (*owners, ours[1], Anchor("New", "Band"))
    assert rewritten(Definition("", owners + ours, ()), told).anchors == owners + ours
    many = tuple(Anchor(f"Owner {number}", "A") for number in range(40))
    assert rewritten(Definition("", many, ()), told, ours).anchors == many


@pytest.mark.parametrize(
    ("title", "safe"),
    [
        ("env:SECRET", "env: SECRET"),
        ("file:/etc/passwd", "file: /etc/passwd"),
        ("a\n- b: c\x1b[2J", "a - b: c [2J"),
        ("\u202eevil\u2028x", "evil x"),
        ("Profile: x", "Profile: x"),
    ],
)
def test_a_hostile_title_becomes_one_harmless_line(title: str, safe: str) -> None:
    assert one_line(title) == safe
    assert rewritten(OLD, Feedback(anchors=(song(title),), avoid=(title,))).anchors[1] == Anchor(safe, "Band")
    assert likeness(song(title)) == f"like {safe} by Band"


def test_what_a_miner_learns_of_the_answers() -> None:
    told = Feedback(kept=(song("a"), song("b")), anchors=(song("c"),), dropped=(song("b"),))
    assert set(examples(HOUSE, told)) == {
        Example(HOUSE, song("a"), True),
        Example(HOUSE, song("b"), False),
        Example(HOUSE, song("c"), True),
    }


TEXTS = st.one_of(st.text(max_size=30), st.sampled_from(["env:X", "file:x", "A", "a", "", "\n", "x" * 300]))
LINES = TEXTS.map(one_line).filter(bool)
ANCHORS = st.lists(st.builds(Anchor, LINES, LINES), max_size=40).map(tuple)
DEFINITIONS = st.builds(Definition, st.text(max_size=50), ANCHORS, st.lists(LINES, max_size=70).map(tuple))
TRACKS = st.builds(Track, st.text(max_size=5).map(Uri), TEXTS, st.lists(TEXTS, max_size=2).map(tuple))
TRACK_LISTS = st.lists(TRACKS, max_size=6).map(tuple)
FEEDBACKS = st.builds(
    Feedback, TRACK_LISTS, TRACK_LISTS, TRACK_LISTS, st.lists(TEXTS, max_size=6).map(tuple), st.none() | TEXTS
)


@given(DEFINITIONS, FEEDBACKS, st.integers(0, 40))
def test_words_only_grow_within_their_limits_and_always_load(old: Definition, told: Feedback, since: int) -> None:
    ours = old.anchors[since:]
    new = rewritten(old, told, ours)
    assert rewritten(new, told, ours) == new
    assert set(old.anchors) - set(ours) <= set(new.anchors)
    assert new.avoid[: len(old.avoid)] == old.avoid
    assert len(new.anchors) <= max(MOST_ANCHORS, len(old.anchors))
    assert len(new.avoid) <= max(MOST_AVOID, len(old.avoid))
    anchors = [{"name": anchor.name, "artist": anchor.artist} for anchor in new.anchors]
    loaded = RoomSection.model_validate(
        {"name": "House", "description": new.description, "anchors": anchors, "avoid": list(new.avoid)}
    )
    read = tuple(Anchor(anchor.name, anchor.artist) for anchor in loaded.anchors)
    assert Definition(loaded.description, read, loaded.avoid) == new
    came = [*new.anchors[len(old.anchors) :], *(set(new.anchors) - set(old.anchors))]
    assert not any(is_reference(anchor.name) or is_reference(anchor.artist) for anchor in came)
    assert not any(map(is_reference, new.avoid[len(old.avoid) :]))


@given(DEFINITIONS, TRACK_LISTS)
def test_without_a_word_nothing_changes(old: Definition, tracks: tuple[Track, ...]) -> None:
    assert Feedback().is_empty
    assert rewritten(old, Feedback()) == old
    assert rewritten(old, Feedback(kept=tracks, dropped=tracks), old.anchors) == old


ENTRIES = st.lists(
    st.builds(
        entry,
        st.integers(0, 30),
        st.none() | st.floats(0, 1),
        st.sampled_from(Tier),
        st.sampled_from(["A", "B", "C", ""]),
    ),
    max_size=30,
    unique_by=lambda each: each.track.uri,
)


@given(ENTRIES, st.integers(0, 15), st.integers(), st.sets(st.integers(0, 30)))
def test_a_sample_is_of_the_room_each_once(room: list[PoolEntry], size: int, seed: int, numbers: set[int]) -> None:
    judged = {Uri(f"u{number}") for number in numbers}
    found = sample(room, size, Random(seed), judged)
    open_ones = [each for each in room if each.tier is not Tier.REMOVED and each.track.uri not in judged]
    assert len(found) == min(size, len(open_ones)) == len(set(shown(found)))
    assert all(each in open_ones for each in found)
    assert found == sample(room, size, Random(seed), judged)
