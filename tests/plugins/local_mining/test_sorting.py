"""The learning part by itself."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodroom_hub.plugins.local_mining.features import Library
from moodroom_hub.plugins.local_mining.songs import Label, Song, SongList
from moodroom_hub.plugins.local_mining.sorting import audit, sort
from tests.plugins.local_mining.made_up import labels, library, lists

texts = st.text(max_size=20)
songs_of_all_kinds = st.builds(
    Song,
    texts,
    st.lists(texts, max_size=2).map(tuple),
    texts,
    st.none() | st.integers(-5, 9999),
    st.none() | st.integers(-1, 10**9),
    st.lists(texts, max_size=2).map(tuple),
)


@pytest.mark.parametrize("each", [1, 3, 8])
@pytest.mark.parametrize("with_lists", [False, True])
def test_clear_rooms_are_told_apart(each: int, with_lists: bool) -> None:
    songs, truth = library()
    verdicts = sort(Library(songs, lists(songs, truth) if with_lists else ()), labels(truth, each), 2)
    right = sum(verdict.best == room for verdict, room in zip(verdicts, truth, strict=True))
    assert right >= 0.95 * len(truth)


def test_songs_unlike_every_label_are_less_sure() -> None:
    songs, truth = library(per_room=40, void=80)
    given = labels(truth, 15)
    verdicts = sort(Library(songs), given, 2)
    labelled = {label.song for label in given}
    inside = [max(v.probabilities) for i, v in enumerate(verdicts) if truth[i] >= 0 and i not in labelled]
    outside = [max(v.probabilities) for i, v in enumerate(verdicts) if truth[i] < 0]
    assert sum(inside) / len(inside) > sum(outside) / len(outside) + 0.2
    assert sum(value >= 0.6 for value in outside) <= 0.05 * len(outside)


def test_a_room_without_songs_gets_none() -> None:
    songs, truth = library()
    verdicts = sort(Library(songs), labels(truth, 3), 3)
    assert all(verdict.probabilities[2] == 0 for verdict in verdicts)


def test_without_any_label_nothing_is_placed() -> None:
    songs, _ = library()
    assert all(verdict.probabilities == (0.0, 0.0) for verdict in sort(Library(songs), [], 2))


def test_one_room_with_few_songs_is_never_surer_than_a_guess() -> None:
    songs, _ = library()
    verdicts = sort(Library(songs), [Label(0, 0), Label(1, 0)], 1)
    assert max(verdict.probabilities[0] for verdict in verdicts[2:]) < 0.5


def test_what_does_not_fit_is_learnt_from() -> None:
    songs, truth = library()
    given = labels(truth, 4)
    before = sort(Library(songs), given, 2)[15].probabilities[0]
    refused = [Label(song, 0, False) for song in (10, 5, 11)]
    after = sort(Library(songs), [*given, *refused], 2)
    assert after[15].probabilities[0] < before
    assert after[10].probabilities[0] == 0


def test_a_label_is_kept() -> None:
    songs, truth = library()
    assert sort(Library(songs), [*labels(truth, 4), Label(30, 0)], 2)[30].probabilities[0] == 1


def test_the_order_of_the_library_changes_nothing() -> None:
    songs, truth = library(per_room=15, void=30)
    given = labels(truth, 6)
    order = list(range(len(songs)))
    random.Random(4).shuffle(order)
    place = {song: new for new, song in enumerate(order)}
    straight = sort(Library(songs, lists(songs, truth)), given, 2)
    mixed = sort(
        Library([songs[song] for song in order], lists(songs, truth)),
        [Label(place[label.song], label.room) for label in given],
        2,
    )
    for song, verdict in enumerate(straight):
        assert mixed[place[song]].probabilities == pytest.approx(verdict.probabilities, abs=2e-3)


def test_the_same_question_gets_the_same_answer() -> None:
    songs, truth = library()
    assert sort(Library(songs, lists(songs, truth)), labels(truth, 5), 2) == sort(
        Library(songs, lists(songs, truth)), labels(truth, 5), 2
    )


@settings(max_examples=25, deadline=None)
@given(data=st.data(), songs=st.lists(songs_of_all_kinds, min_size=1, max_size=12))
def test_whatever_the_names_probabilities_are_probabilities(data: st.DataObject, songs: list[Song]) -> None:
    numbers = st.integers(0, len(songs) - 1)
    given_labels = data.draw(st.lists(st.builds(Label, numbers, st.integers(0, 2), st.booleans()), max_size=14))
    given_lists = data.draw(
        st.lists(st.builds(SongList, texts, st.lists(st.tuples(texts, texts), max_size=4).map(tuple)), max_size=4)
    )
    verdicts = sort(Library(songs, given_lists), given_labels, 3)
    assert len(verdicts) == len(songs)
    for verdict in verdicts:
        assert all(0 <= chance <= 1 for chance in verdict.probabilities)
        assert "\n" not in verdict.why


def test_an_audit_finds_what_does_not_fit() -> None:
    songs, truth = library()
    audited = [*range(12), 25, 30]
    given = [Label(song, 1) for song in (20, 21, 22, 23, 24)]
    misfits = audit(Library(songs, lists(songs, truth)), given, ("Old", "New"), 0, audited)
    assert 25 in {misfit.song for misfit in misfits} <= {10, 11, 25, 30}  # ten and eleven are of the other kind, too
    assert misfits[0].probability > 0.6
    assert "New" in misfits[0].why


def test_an_audit_judges_no_song_that_is_known_to_fit() -> None:
    songs, truth = library()
    known = [*labels(truth, 4), Label(30, 0)]
    misfits = audit(Library(songs, lists(songs, truth)), known, ("Old", "New"), 0, [0, 30, 31, 8, 9])
    assert {misfit.song for misfit in misfits} == {31}


def test_of_a_song_of_which_nothing_is_known_an_audit_says_nothing() -> None:
    songs, truth = library()
    strangers = [Song(f"Nobody {number}", (f"Unheard of {number}",)) for number in range(3)]
    audited = [*range(8), *range(len(songs), len(songs) + 3)]
    library_of_all = Library([*songs, *strangers], lists(songs, truth))
    assert audit(library_of_all, labels(truth, 4), ("Old", "New"), 0, audited) == []


def test_reasons_name_what_is_shared() -> None:
    songs, truth = library()
    verdicts = sort(Library(songs, lists(songs, truth)), labels(truth, 5), 2)
    assert "same artist (Jazz Player 0)" in verdicts[10].why
    assert "playlists or sittings" in verdicts[10].why or "a playlist or sitting" in verdicts[10].why
