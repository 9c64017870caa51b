"""What the owner moved is understood."""

from collections.abc import Mapping, Sequence

from moodroom_hub.domain.models import EpochMs, Uri
from moodroom_hub.domain.sorting.correcting import Corrections, Left, corrections, without_corrected
from moodroom_hub.domain.sorting.models import Label, LabelOrigin, SublistKey
from moodroom_hub.domain.sorting.steps import UNKNOWN

A, B, C = SublistKey("a"), SublistKey("b"), SublistKey("c")
S = [Uri(f"spotify:track:{n}") for n in range(9)]
NOW = EpochMs(7)


def left(rows: Sequence[Uri], ours: Sequence[Uri] = ()) -> Left:
    """A list as it was left."""
    return Left(tuple(rows), tuple(ours))


def found(
    before: Mapping[SublistKey, Left],
    now: Mapping[SublistKey, Sequence[Uri]],
    *said: Label,
    is_mutual: bool = True,
    same: Mapping[Uri, Uri] | None = None,
) -> Corrections:
    """What is concluded."""
    known = {label.uri: label for label in said}
    return corrections(before, now, known, is_mutual=is_mutual, at_ms=NOW, same=same or {})


def label(uri: Uri, fits: set[SublistKey], misfits: set[SublistKey]) -> Label:
    """A correction."""
    return Label(uri, frozenset(fits), frozenset(misfits), LabelOrigin.CORRECTED, NOW)


def test_moved_gone_and_new() -> None:
    before = {A: left(S[:3], S[:3]), B: left([S[3]], [S[3]])}
    now = {A: [S[0], S[4]], B: [S[3], S[1], UNKNOWN, Uri("spotify:local:x")]}
    assert found(before, now).labels == (
        label(S[4], {A}, set()),
        label(S[1], {B}, {A}),
        label(S[2], set(), {A}),
    )


def test_nothing_moved_says_nothing() -> None:
    before = {A: left(S[:3], S[:3]), B: left([])}
    assert found(before, {A: S[2::-1], B: []}).labels == ()
    assert found(before, {}).labels == ()


def test_another_uri_of_the_recording_is_the_same_song() -> None:
    same = {S[8]: S[0]}
    assert found({A: left([S[0]], [S[0]])}, {A: [S[8]]}, same=same).labels == ()
    assert found({A: left([])}, {A: [S[8]]}, same=same).labels == (label(S[0], {A}, set()),)


def test_a_song_in_two_new_lists_says_nothing_where_it_can_be_in_one() -> None:
    before = {A: left([]), B: left([])}
    now = {A: [S[0]], B: [S[0]]}
    assert found(before, now).labels == ()
    assert found(before, now, is_mutual=False).labels == (label(S[0], {A, B}, set()),)


def test_what_was_said_of_other_lists_is_kept() -> None:
    asked = Label(S[0], frozenset({A, C}), frozenset({B}))
    before = {A: left([S[0]], [S[0]]), B: left([]), C: left([S[0]], [S[0]])}
    now: dict[SublistKey, list[Uri]] = {A: [], B: [S[0]], C: [S[0]]}
    assert found(before, now, asked, is_mutual=False).labels == (label(S[0], {B, C}, {A}),)
    asked = Label(S[0], frozenset({A}), frozenset({B, C}))
    assert found(before, now, asked).labels == (label(S[0], {B}, {A, C}),)


def test_what_a_person_said_already_is_no_news() -> None:
    before = {A: left([S[0]], [S[0]])}
    assert found(before, {A: []}, Label(S[0], frozenset(), frozenset({A}))).labels == ()
    lay = Label(S[0], frozenset(), frozenset({A}), LabelOrigin.PLAYLIST)
    assert found(before, {A: []}, lay).labels == (label(S[0], set(), {A}),)


def test_an_emptied_list_says_nothing_of_its_songs() -> None:
    before = {A: left(S[:6], S[:6]), B: left([])}
    assert found(before, {A: [], B: [S[0]]}) == Corrections((label(S[0], {B}, set()),), (A,))
    assert len(found(before, {A: S[:1], B: []}).labels) == 5


def test_targets_follow_corrections() -> None:
    targets = {A: S[:4], B: S[:4]}
    labels = (label(S[0], {B}, {A}), label(S[1], {B}, set()), label(S[2], set(), {B}))
    assert without_corrected(targets, labels, is_mutual=True) == {A: (S[2], S[3]), B: (S[0], S[1], S[3])}
    assert without_corrected(targets, labels, is_mutual=False) == {A: (S[1], S[2], S[3]), B: (S[0], S[1], S[3])}
