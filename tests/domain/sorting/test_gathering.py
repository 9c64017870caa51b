"""One label a song, of all that hands, rooms and playlists say."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.domain.models import RoomSlug, Tier, Uri
from moodroom_hub.domain.sorting.gathering import Gathered, gathered
from moodroom_hub.domain.sorting.models import Label, LabelOrigin, SublistKey
from moodroom_hub.domain.sorting.reading import recording, said
from tests.domain.sorting.worlds import NAMES, fits, layer_of, misfits, random_label, random_layer, uri

SONG, TWIN, OTHER = uri(1), uri(2), uri(3)
LATE, POP = SublistKey("late"), SublistKey("pop")
MUTUAL = layer_of("late", "pop", "house")
FREE = layer_of("late", "pop", "house", mutual=False)
ROOM = RoomSlug("late")


def spoken(found: Gathered) -> list[tuple[str, list[str], list[str], str]]:
    """The labels, readable."""
    return [(each.uri[-1], sorted(each.fits), sorted(each.misfits), each.origin.value) for each in found.labels]


def test_a_persons_word_wins_over_a_room_and_that_over_a_playlist() -> None:
    rooms = {ROOM: {SONG: Tier.CONFIRMED, OTHER: Tier.CONFIRMED}}
    taught = [(ROOM, SONG), (ROOM, OTHER)]
    playlists = {POP: [SONG, OTHER, TWIN]}
    found = gathered(MUTUAL, [fits(SONG, "house")], playlists, rooms, taught)
    assert spoken(found) == [
        ("1", ["house"], ["late", "pop"], "asked"),
        ("3", ["late"], ["house", "pop"], "room"),
        ("2", ["pop"], ["house", "late"], "playlist"),
    ]
    assert found.notes == found.set_aside == ()


def test_only_what_a_person_decided_in_a_room_counts() -> None:
    rooms = {
        ROOM: {SONG: Tier.CONFIRMED, TWIN: Tier.SAFE_SIDE, OTHER: Tier.REMOVED, uri(4): Tier.DISCOVERY},
        RoomSlug("elsewhere"): {SONG: Tier.CONFIRMED},
    }
    found = gathered(FREE, [], {}, rooms, [(ROOM, TWIN), (ROOM, OTHER), (ROOM, uri(4)), (RoomSlug("elsewhere"), SONG)])
    assert spoken(found) == [("3", [], ["late"], "room")]


def test_a_song_in_two_playlists_of_a_mutual_layer_is_set_aside_with_a_note() -> None:
    playlists = {LATE: [SONG, OTHER, uri(4)], POP: [SONG, uri(4)]}
    found = gathered(MUTUAL, [fits(uri(4), "pop")], playlists)
    assert spoken(found) == [
        ("4", ["pop"], ["house", "late"], "asked"),
        ("3", ["late"], ["house", "pop"], "playlist"),
    ]
    assert found.set_aside == (SONG,)
    assert found.notes == ("1 song set aside: in Late and Pop at once, and a song lies in one sublist of Moods only",)


def test_a_song_in_two_playlists_of_a_non_mutual_layer_fits_both_and_the_others_are_open() -> None:
    assert spoken(gathered(FREE, [], {LATE: [SONG], POP: [SONG, SONG]})) == [("1", ["late", "pop"], [], "playlist")]


def test_a_room_that_a_song_was_taken_out_of_settles_what_two_playlists_contradict() -> None:
    found = gathered(MUTUAL, [], {LATE: [SONG], POP: [SONG]}, {ROOM: {SONG: Tier.REMOVED}}, [(ROOM, SONG)])
    assert spoken(found) == [("1", ["pop"], ["house", "late"], "playlist")]
    assert found.notes == ()


def test_what_a_stronger_label_left_open_a_weaker_one_may_fill() -> None:
    found = gathered(FREE, [misfits(SONG, "late")], {LATE: [SONG], POP: [SONG]})
    assert spoken(found) == [("1", ["pop"], ["late"], "playlist")]


def test_of_two_answers_the_last_one_holds() -> None:
    found = gathered(
        MUTUAL, [fits(SONG, "late", at_ms=5), fits(SONG, "pop", at_ms=5), fits(SONG, "house", at_ms=1)], {}
    )
    assert [sorted(each.fits) for each in found.labels] == [["pop"]]


def test_one_recording_has_one_label() -> None:
    same = {TWIN: SONG}
    assert spoken(gathered(FREE, [], {LATE: [SONG], POP: [TWIN]}, same=same)) == [
        ("2", ["late", "pop"], [], "playlist")
    ]
    torn = gathered(MUTUAL, [], {LATE: [SONG], POP: [TWIN]}, same=same)
    assert (torn.labels, torn.set_aside) == ((), (SONG,))


def test_labels_of_a_case_that_the_layer_had_once_are_set_aside() -> None:
    complete = layer_of("late", "pop", complete=True)
    found = gathered(complete, [misfits(SONG, "late", "pop"), fits(OTHER, "late", "pop"), fits(TWIN, "gone")], {})
    assert found.labels == ()
    assert found.notes == (
        "1 song set aside: said to lie in none of Moods, where every song lies in some",
        "1 song set aside: in Late and Pop at once, and a song lies in one sublist of Moods only",
    )


def test_nothing_says_nothing() -> None:
    assert gathered(MUTUAL, [Label(SONG, frozenset())], {LATE: []}) == Gathered(())


@given(st.randoms(use_true_random=False))
def test_whatever_is_said_each_recording_has_one_label_that_its_case_allows(rng: Random) -> None:
    layer = random_layer(rng)
    songs = [uri(number) for number in range(8)]
    by_hand = [random_label(layer, song, rng) for song in rng.choices(songs, k=4)]
    playlists = {SublistKey(name): rng.sample(songs, rng.randrange(4)) for name in NAMES}
    tiers = {RoomSlug(name): {song: rng.choice(tuple(Tier)) for song in rng.sample(songs, 3)} for name in NAMES}
    taught = [(room, song) for room, of_room in tiers.items() for song in of_room if rng.random() < 0.7]
    same: dict[Uri, Uri] = {song: rng.choice(songs) for song in songs if rng.random() < 0.2}
    found = gathered(layer, by_hand, playlists, tiers, taught, same)
    recordings = [recording(label.uri, same) for label in found.labels]
    assert len(recordings) == len(set(recordings))
    for label in found.labels:
        assert label.fits.isdisjoint(label.misfits)
        assert label.fits | label.misfits
        assert label.fits | label.misfits <= {*layer.keys}
        assert not layer.is_mutual or len(label.fits) <= 1
        assert not layer.is_complete or label.misfits != {*layer.keys}
    assert bool(found.notes) == bool(found.set_aside)
    first = next((label for label in by_hand if not said(layer, label).is_nothing), None)
    hands = [label for label in by_hand if first is not None and label.uri == first.uri]
    is_only_word = not same and len(hands) == 1 and first is not None
    if is_only_word and first is not None and first.origin in (LabelOrigin.ASKED, LabelOrigin.CORRECTED):
        word = said(layer, first)
        mine = next((label for label in found.labels if label.uri == first.uri), None)
        if mine is not None and not (layer.is_mutual and len(word.fits) > 1):
            assert mine.fits >= word.fits
            assert mine.misfits >= word.misfits
