"""Where single songs go, and the words that say why."""

import pytest

from moodroom_hub.domain.models import Uri
from moodroom_hub.domain.sorting.models import Chances, Label, LabelOrigin, Layer, Place, Standing, SublistKey
from moodroom_hub.domain.sorting.placing import place
from tests.domain.sorting.worlds import fits, layer_of, misfits, row, uri

SONG, TWIN, OTHER = uri(1), uri(2), uri(3)
LATE, POP, HOUSE = map(SublistKey, ("late", "pop", "house"))
BARS = {LATE: 0.8, POP: 0.8, HOUSE: 0.8}
MUTUAL = layer_of("late", "pop", "house")
PARTITION = layer_of("late", "pop", "house", complete=True)
FREE = layer_of("late", "pop", "house", mutual=False)
COVER = layer_of("late", "pop", "house", mutual=False, complete=True)


def one(layer: Layer, *values: float, why: str = "", label: Label | None = None) -> Place:
    """The only song's place."""
    chances = {SONG: row(SONG, *values, why=why)} if values else {}
    (found,) = place(layer, [SONG], chances, {} if label is None else {SONG: label}, BARS)
    return found


def test_a_sure_song_says_how_sure_and_why() -> None:
    found = one(MUTUAL, 0.94, 0.03, 0.0, why="you put 6 songs of Drake there")
    assert found == Place(SONG, (LATE,), Standing.SURE, 0.94, why="sure: 94 % Late; you put 6 songs of Drake there")


def test_a_chance_of_nearly_one_is_not_called_certain() -> None:
    assert one(MUTUAL, 0.9996, 0.0, 0.0).why == "sure: 99 % Late"
    assert one(MUTUAL, 0.948, 0.0, 0.0).why == "sure: 94 % Late"
    assert one(MUTUAL, 1.0, 0.0, 0.0).why == "sure: 100 % Late"


def test_a_doubtful_song_names_the_likeliest_first_and_lies_in_none() -> None:
    found = one(MUTUAL, 0.3, 0.45, 0.1)
    assert found == Place(SONG, (), Standing.DOUBTFUL, 0.45, (POP, LATE), "doubtful: 45 % Pop, 30 % Late")


def test_in_a_complete_layer_a_doubtful_song_lies_in_its_likeliest_sublist_meanwhile() -> None:
    found = one(PARTITION, 0.3, 0.5, 0.2)
    assert (found.sublists, found.standing, found.likely) == ((POP,), Standing.DOUBTFUL, (POP, LATE))


def test_what_is_likelier_somewhere_than_nowhere_is_doubtful_though_nothing_leads() -> None:
    assert one(MUTUAL, 0.2, 0.2, 0.2).standing is Standing.DOUBTFUL
    assert one(MUTUAL, 0.2, 0.1, 0.1).standing is Standing.VOID


def test_two_equally_likely_sublists_of_a_mutual_layer_are_a_doubt_however_low_the_threshold() -> None:
    (found,) = place(MUTUAL, [SONG], {SONG: row(SONG, 0.5, 0.5, 0.0)}, {}, dict.fromkeys(BARS, 0.3))
    assert (found.standing, found.likely) == (Standing.DOUBTFUL, (LATE, POP))


def test_the_void_says_how_unlikely_everything_is() -> None:
    assert one(MUTUAL, 0.04, 0.1, 0.0).why == "in none: 10 % Pop at most"


def test_a_non_mutual_layer_takes_every_sublist_that_is_sure() -> None:
    found = one(FREE, 0.9, 0.5, 0.85)
    assert (found.sublists, found.standing, found.chance) == ((LATE, HOUSE), Standing.SURE, 0.9)
    assert one(FREE, 0.3, 0.5, 0.1).standing is Standing.DOUBTFUL
    assert one(FREE, 0.39, 0.39, 0.39).standing is Standing.VOID
    assert one(COVER, 0.1, 0.3, 0.1).sublists == (POP,)


def test_a_label_wins_over_any_chance() -> None:
    found = one(MUTUAL, 0.99, 0.0, 0.0, label=fits(SONG, "house", origin=LabelOrigin.CORRECTED))
    assert found == Place(SONG, (HOUSE,), Standing.SAID, 1.0, why="you moved it: House")


def test_a_label_for_the_void_keeps_a_song_out() -> None:
    void = misfits(SONG, "late", "pop", "house")
    assert one(MUTUAL, 0.99, 0.0, 0.0, label=void) == Place(SONG, (), Standing.SAID, 0.0, why="you said: none of these")
    found = one(PARTITION, 0.9, 0.1, 0.0, label=void)
    assert (found.sublists, found.standing) == ((LATE,), Standing.DOUBTFUL)
    assert found.why == "you said: none of these, but every song lies in some: 90 % Late"


def test_in_a_non_mutual_layer_what_a_label_left_open_is_judged_by_chances() -> None:
    label = Label(SONG, frozenset({POP}), frozenset({LATE}), LabelOrigin.PLAYLIST)
    found = one(FREE, 0.99, 0.0, 0.9, label=label)
    assert (found.sublists, found.standing) == ((POP, HOUSE), Standing.SAID)
    assert found.why == "it lay in your playlist: Pop; sure: 90 % House"


def test_what_a_song_is_not_makes_the_rest_likelier_in_a_mutual_layer_only() -> None:
    out = misfits(SONG, "late", origin=LabelOrigin.ROOM)
    assert one(MUTUAL, 0.5, 0.45, 0.05, label=out).sublists == (POP,)
    assert one(FREE, 0.5, 0.45, 0.05, label=out).standing is Standing.DOUBTFUL
    assert one(MUTUAL, 1.0, 0.0, 0.0, label=out).standing is Standing.VOID


def test_the_only_sublist_left_of_a_complete_layer_is_said() -> None:
    found = one(PARTITION, 0.9, 0.1, 0.0, label=misfits(SONG, "late", "pop"))
    assert (found.sublists, found.standing, found.why) == ((HOUSE,), Standing.SAID, "you said: none of the others")


def test_two_fits_in_a_mutual_layer_are_a_doubt_between_the_two() -> None:
    both = fits(SONG, "late", "house")
    found = one(MUTUAL, 0.1, 0.7, 0.2, label=both)
    assert (found.sublists, found.standing, found.likely) == ((), Standing.DOUBTFUL, (HOUSE, LATE))
    assert found.why == "you said: Late, House, and only one can be: 20 % House, 10 % Late"
    assert one(PARTITION, label=both).sublists == (LATE,)
    assert one(MUTUAL, label=both).likely == (LATE, HOUSE)


@pytest.mark.parametrize(
    "values",
    [(), (0.9,), (0.9, 0.0, 0.0, 0.0), (float("nan"), 0.9, 0.0), (float("inf"), 0.0, 0.0), (-0.5, 0.9, 0.0), (1, 1, 1)],
)
def test_a_row_that_cannot_be_read_is_no_row(values: tuple[float, ...]) -> None:
    chances = {SONG: Chances(SONG, values)}
    assert place(MUTUAL, [SONG], chances, {}, BARS) == place(MUTUAL, [SONG], {}, {}, BARS)
    assert one(MUTUAL) == Place(SONG, (), Standing.VOID, 0.0, why="nothing is known of it yet")


def test_rounding_of_single_precision_is_no_mistake() -> None:
    assert one(MUTUAL, 1.0000001, -0.0000001, 0.0).chance == 1.0


def test_in_a_complete_layer_an_unknown_song_waits_in_the_sublist_with_the_most_labels() -> None:
    labels = {OTHER: fits(OTHER, "pop")}
    (found,) = place(PARTITION, [SONG], {}, labels, BARS)
    assert (found.sublists, found.standing, found.chance) == ((POP,), Standing.DOUBTFUL, 0.0)
    assert found.why == "nothing is known of it yet; Pop has the most labels"


def test_recordings_under_two_uris_go_the_same_way_by_the_strongest_label() -> None:
    same = {TWIN: SONG}
    labels = {
        SONG: fits(SONG, "late", origin=LabelOrigin.PLAYLIST, at_ms=9),
        TWIN: fits(TWIN, "pop", origin=LabelOrigin.ASKED, at_ms=1),
    }
    for songs in ([SONG, TWIN], [TWIN], [SONG]):
        assert {each.sublists for each in place(MUTUAL, songs, {}, labels, BARS, same)} == {(POP,)}
    places = place(MUTUAL, [TWIN, SONG], {TWIN: row(TWIN, 0.9, 0.0, 0.0)}, {}, BARS, same)
    assert [(each.uri, each.sublists) for each in places] == [(TWIN, (LATE,)), (SONG, (LATE,))]


def test_no_songs_no_sublists_nothing_at_all() -> None:
    assert place(MUTUAL, [], {}, {}, {}) == ()
    (found,) = place(layer_of(complete=True), [SONG], {SONG: Chances(SONG, ())}, {SONG: fits(SONG, "late")}, {})
    assert (found.sublists, found.standing) == ((), Standing.VOID)


def test_without_a_threshold_the_wish_itself_is_one() -> None:
    rows = {SONG: row(SONG, 0.9, 0.0, 0.0)}
    (careful,) = place(layer_of("late", "pop", "house", eagerness=0.0), [SONG], rows, {}, {})
    (eager,) = place(layer_of("late", "pop", "house", eagerness=1.0), [SONG], rows, {}, {LATE: float("nan")})
    assert (careful.standing, eager.standing) == (Standing.DOUBTFUL, Standing.SURE)


def test_five_thousand_songs_keep_their_order_and_stand_once() -> None:
    songs = [Uri(f"u{number % 5000}") for number in range(6000)]
    places = place(MUTUAL, songs, {song: row(song, 0.9, 0.0, 0.0) for song in songs}, {}, BARS)
    assert [each.uri for each in places] == songs[:5000]
