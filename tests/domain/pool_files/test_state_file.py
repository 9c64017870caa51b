"""The original Moodroom's state: reading it, hostile shapes, and what it changes in today's pools."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodroom_hub.domain.models import EpochMs, PoolEntry, ReceiptKind, Room, RoomSlug, Tier, Track, Uri
from moodroom_hub.domain.pool_files import (
    FileProblem,
    PoolFileError,
    SeedMove,
    SeedState,
    SeedStrikes,
    StateImport,
    changes_from_state,
    parse_state_json,
)
from moodroom_hub.domain.pools import Pool, project

LATE, HOUSE = RoomSlug("late-night"), RoomSlug("house")
ROOMS = (Room(LATE, "Late Night"), Room(HOUSE, "House"))
NOW = EpochMs(7_000)


def test_a_whole_file() -> None:
    state = parse_state_json(
        json.dumps(
            {
                "skip_counts": {"Late Night::Trophies::Drake": 2, "House::One::Two": 0},
                "demoted": {"Late Night": [["Trophies", "Drake"], ["Trophies", "Drake"]]},
                "removed": {"House": [["Around the World", "Daft Punk"]]},
                "promoted_safe": {"House": [["Music", "Somebody"]], "Rage": []},
                "active_mood": "House",
                "events": [{"anything": 1}],
            }
        )
    )
    assert state == SeedState(
        skip_counts=(SeedStrikes("Late Night", "Trophies", "Drake", 2),),
        demoted=(SeedMove("Late Night", "Trophies", "Drake"),),
        removed=(SeedMove("House", "Around the World", "Daft Punk"),),
        promoted_safe=(SeedMove("House", "Music", "Somebody"),),
        active_mood="House",
    )


def test_a_name_may_hold_the_mark_itself() -> None:
    state = parse_state_json('\ufeff{"skip_counts": {"House::a::b::c::d": 1}}')
    assert state.skip_counts == (SeedStrikes("House", "a::b::c", "d", 1),)


@pytest.mark.parametrize("text", ["{}", '{"active_mood": null}', '{"demoted": null, "events": null}'])
def test_an_empty_state_is_a_state(text: str) -> None:
    assert parse_state_json(text) == SeedState()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "this is not JSON: Expecting value in line 1, column 1"),
        ("{", "this is not JSON: Expecting property name enclosed in double quotes in line 1, column 2"),
        ("[]", "this is not a state.json: it holds a list instead of an object"),
        ("null", "this is not a state.json: it holds null instead of an object"),
        ("3", "this is not a state.json: it holds a number instead of an object"),
        ('"x"', "this is not a state.json: it holds a text instead of an object"),
        ("true", "this is not a state.json: it holds true or false instead of an object"),
        ('{"tracks": []}', "this is not a state.json: it has none of the keys skip_counts, demoted"),
        ("[" * 200_000, "this is not a state.json: it is nested too deeply"),
        ('{"skip_counts": {"a::b::c": NaN}}', "this is not a state.json: NaN is not a number"),
        ('{"skip_counts": {"a::b::c": ' + "9" * 5_000 + "}}", "this is not a state.json: Exceeds the limit"),
    ],
)
def test_what_is_no_state_is_refused_with_one_clear_line(text: str, reason: str) -> None:
    with pytest.raises(PoolFileError) as refused:
        parse_state_json(text)
    assert str(refused.value).startswith(reason)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ({"skip_counts": [1]}, "skip_counts: is a list instead of an object"),
        ({"skip_counts": {"House": 1}}, "skip_counts[“House”]: is not “mood::name::artist”"),
        ({"skip_counts": {"House::x": 1}}, "skip_counts[“House::x”]: is not “mood::name::artist”"),
        ({"skip_counts": {"::x::y": 1}}, "skip_counts[“::x::y”]: is not “mood::name::artist”"),
        ({"skip_counts": {"a::b::c": "2"}}, "skip_counts[“a::b::c”]: is a text instead of a number of skips"),
        (
            {"skip_counts": {"a::b::c": True}},
            "skip_counts[“a::b::c”]: is true or false instead of a number of skips",
        ),
        ({"skip_counts": {"a::b::c": 1.5}}, "skip_counts[“a::b::c”]: is a number instead of a number of skips"),
        ({"skip_counts": {"a::b::c": -1}}, "skip_counts[“a::b::c”]: is no number of skips from 0 to 1000000"),
        ({"demoted": "House"}, "demoted: is a text instead of an object"),
        ({"demoted": {"House": {"a": "b"}}}, "demoted[“House”]: is an object instead of a list of [name, artist]"),
        ({"demoted": {" ": []}}, "demoted[“ ”]: has no mood's name"),
        ({"removed": {"House": [["a"]]}}, "removed[“House”], item 1: is not [name, artist]"),
        ({"removed": {"House": [["a", "b", "c"]]}}, "removed[“House”], item 1: is not [name, artist]"),
        ({"removed": {"House": [["a", 1]]}}, "removed[“House”], item 1: is not [name, artist]"),
        ({"removed": {"House": [None]}}, "removed[“House”], item 1: is not [name, artist]"),
        ({"removed": {"House": [["", "b"]]}}, "removed[“House”], item 1: is not [name, artist]"),
        ({"active_mood": 3}, "active_mood: is a number instead of a mood's name"),
        ({"demoted": {}, "e\nvil": 1}, "“e\\nvil”: is no key of a state.json; not read"),
    ],
)
def test_a_bad_item_is_one_problem_and_nothing_else(content: object, problem: str) -> None:
    state = parse_state_json(json.dumps(content))
    assert [str(each) for each in state.problems] == [problem]
    assert (state.skip_counts, state.demoted, state.removed, state.active_mood) == ((), (), (), None)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
_parts = st.sampled_from(["skip_counts", "demoted", "removed", "promoted_safe", "active_mood", "events", "x"])


@given(st.text(max_size=60) | st.dictionaries(_parts, _json, max_size=5).map(json.dumps))
@settings(max_examples=200)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        state = parse_state_json(text)
    except PoolFileError as refused:
        told = [str(refused)]
    else:
        told = [str(problem) for problem in state.problems]
        pools = {LATE: pool(LATE), HOUSE: pool(HOUSE)}
        assert changes_from_state(state, pools, ROOMS, NOW).changes == ()
    assert not any("\n" in line for line in told)


def entry(number: int, name: str, tier: Tier, *artists: str, strikes: int = 0) -> PoolEntry:
    return PoolEntry(Track(Uri(f"spotify:track:{number}"), name, artists), tier, strikes, EpochMs(1), "mined")


def pool(room: RoomSlug, *entries: PoolEntry) -> Pool:
    return project(room, entries, [])


def imported(state: SeedState, *entries: PoolEntry) -> StateImport:
    return changes_from_state(state, {HOUSE: pool(HOUSE, *entries)}, ROOMS, NOW)


def test_each_part_of_the_state_moves_what_it_means() -> None:
    state = SeedState(
        skip_counts=(SeedStrikes("house", "A", "X", 1), SeedStrikes("House", "D", "X", 2)),
        demoted=(SeedMove("House", "A", "X"),),
        removed=(SeedMove("HOUSE", "B", "X"),),
        promoted_safe=(SeedMove("House", "C", "X"),),
    )
    before = [
        entry(1, "A", Tier.CONFIRMED, "X"),
        entry(2, "B", Tier.SAFE_SIDE, "X"),
        entry(3, "C", Tier.DISCOVERY, "X"),
        entry(4, "D", Tier.CONFIRMED, "X", strikes=1),
    ]
    result = imported(state, *before)
    assert result.unmatched == ()
    after = {change.track.name: change for change in result.changes}
    told = {name: (c.after.tier, c.after.strikes, c.after.since_ms) for name, c in after.items() if c.after}
    assert told == {
        "A": (Tier.SAFE_SIDE, 1, NOW),
        "B": (Tier.REMOVED, 0, NOW),
        "C": (Tier.SAFE_SIDE, 0, NOW),
        "D": (Tier.CONFIRMED, 2, 1),
    }
    assert {change.kind for change in result.changes} == {ReceiptKind.IMPORTED}
    assert [after[each.track.name].before for each in before] == before
    assert after["A"].why == "imported from the original Moodroom · demoted, skips: 1 · CONFIRMED → SAFE_SIDE"
    assert after["D"].why == "imported from the original Moodroom · skips: 2 · stays CONFIRMED"


def test_a_track_demoted_and_then_removed_is_one_change() -> None:
    state = SeedState(demoted=(SeedMove("House", "A", "X"),), removed=(SeedMove("House", "A", "X"),))
    (change,) = imported(state, entry(1, "A", Tier.CONFIRMED, "X")).changes
    assert change.why.endswith("demoted, removed · CONFIRMED → REMOVED")


def test_what_has_no_place_is_listed_and_changes_nothing() -> None:
    state = SeedState(
        skip_counts=(SeedStrikes("Attic", "A", "X", 1),),
        demoted=(SeedMove("House", "Unknown", "X"), SeedMove("House", "D", "X"), SeedMove("Late Night", "A", "X")),
        removed=(SeedMove("House", "A", "Other"),),
    )
    result = imported(state, entry(1, "A", Tier.CONFIRMED, "X"), entry(2, "D", Tier.DISCOVERY, "X"))
    assert result.changes == ()
    assert result.unmatched == (
        FileProblem("demoted: “Unknown” by “X”", "not in the pool of House"),
        FileProblem("demoted: “D” by “X”", "is a DISCOVERY in House, not CONFIRMED"),
        FileProblem("demoted: “A” by “X”", "not in the pool of Late Night"),
        FileProblem("removed: “A” by “Other”", "not in the pool of House"),
        FileProblem("skip_counts: “A” by “X”", "no room is called “Attic”"),
    )


@pytest.mark.parametrize(
    ("name", "artist"),
    [
        ("Sunset Lover (feat. Somebody)", "Petit Biscuit"),
        ("sunset lover", "PETIT BISCUIT"),
        ("Sunset Lover - Radio Edit", "Petit Biscuit feat. Other"),
        ("Sunset Lover", "Petit Biscuit, Guest"),
    ],
)
def test_tracks_are_found_by_normalised_name_and_artist(name: str, artist: str) -> None:
    state = SeedState(removed=(SeedMove("House", name, artist),))
    result = imported(state, entry(1, "Sunset Lover", Tier.CONFIRMED, "Petit Biscuit", "Guest"))
    assert [change.track.name for change in result.changes] == ["Sunset Lover"]


def test_a_name_as_written_goes_before_one_that_is_merely_alike() -> None:
    state = SeedState(removed=(SeedMove("House", "Levels - Radio Edit", "Avicii"),))
    listings = [entry(1, "Levels", Tier.CONFIRMED, "Avicii"), entry(2, "Levels - Radio Edit", Tier.CONFIRMED, "Avicii")]
    assert [change.track.uri for change in imported(state, *listings).changes] == ["spotify:track:2"]
    alike = SeedState(removed=(SeedMove("House", "Levels - Original Mix", "Avicii"),))
    assert len(imported(alike, *listings).changes) == 2


def test_titles_of_another_script_find_only_themselves() -> None:
    state = SeedState(removed=(SeedMove("House", "光年之外", "鄧紫棋"),))
    result = imported(state, entry(1, "泡沫", Tier.CONFIRMED, "鄧紫棋"), entry(2, "光年之外", Tier.CONFIRMED, "鄧紫棋"))
    assert [change.track.uri for change in result.changes] == ["spotify:track:2"]


_names = st.sampled_from(["A", "B", "C"])
_moves = st.lists(st.builds(SeedMove, st.just("House"), _names, st.just("X")), max_size=4).map(tuple)
_strikes = st.lists(st.builds(SeedStrikes, st.just("House"), _names, st.just("X"), st.integers(1, 4)), max_size=4).map(
    tuple
)


@given(
    st.builds(SeedState, _strikes, _moves, _moves, _moves),
    st.lists(st.tuples(_names, st.sampled_from(Tier), st.integers(0, 3)), max_size=6),
)
def test_laying_the_same_state_twice_changes_nothing_more(
    state: SeedState, contents: list[tuple[str, Tier, int]]
) -> None:
    entries = [entry(n, name, tier, "X", strikes=strikes) for n, (name, tier, strikes) in enumerate(contents)]
    house = pool(HOUSE, *entries)
    first = changes_from_state(state, {HOUSE: house}, ROOMS, NOW)
    assert len({change.track.uri for change in first.changes}) == len(first.changes)
    for change in first.changes:
        house = change.applied_to(house)
    again = changes_from_state(state, {HOUSE: house}, ROOMS, EpochMs(NOW + 1))
    assert again.changes == ()
    assert all(change.before != change.after for change in first.changes)
