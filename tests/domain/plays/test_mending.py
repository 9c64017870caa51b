"""What a person may change of a delivery, whatever state it is in."""

from hypothesis import given, settings
from hypothesis import strategies as st

from moodroom_hub.domain.models import EpochMs, Track, Uri
from moodroom_hub.domain.plays.mending import BY_HAND, edited, left_out, retried
from moodroom_hub.domain.plays.models import Delivery, DeliveryStatus, Edit

NOW = EpochMs(77)
SONG = Track(Uri("u"), "Song", ("Band",))
NAMELESS = Track(Uri("u"), "Song")

names = st.one_of(st.none(), st.text(min_size=1, max_size=5))
edits = st.builds(Edit, names, names, names)
deliveries = st.builds(
    Delivery,
    st.just(1),
    st.just("lastfm"),
    st.sampled_from(DeliveryStatus),
    st.just(EpochMs(5)),
    st.integers(0, 9),
    st.just(EpochMs(900)),
    st.sampled_from(["", "no artist", BY_HAND]),
    st.one_of(st.none(), edits),
)


@settings(max_examples=80)
@given(deliveries, edits, st.sampled_from([SONG, NAMELESS]))
def test_what_was_sent_or_is_on_its_way_stays(delivery: Delivery, edit: Edit, track: Track) -> None:
    if delivery.status in (DeliveryStatus.SENT, DeliveryStatus.SENDING):
        assert retried(delivery, NOW) is edited(delivery, track, edit, NOW) is left_out(delivery, NOW) is None


@settings(max_examples=80)
@given(deliveries, edits, st.sampled_from([SONG, NAMELESS]))
def test_what_changes_waits_in_its_turn_or_anew_or_is_left_out(delivery: Delivery, edit: Edit, track: Track) -> None:
    for after in (retried(delivery, NOW), edited(delivery, track, edit, NOW)):
        if after is not None and delivery.status is DeliveryStatus.WAITING:
            assert (after.status, after.tries, after.next_try_ms) == (DeliveryStatus.WAITING, delivery.tries, 900)
        elif after is not None:
            assert (after.status, after.tries, after.next_try_ms) == (DeliveryStatus.WAITING, 0, 0)
            assert (after.reason, after.at_ms) == ("", NOW)
    out = left_out(delivery, NOW)
    if out is not None:
        assert (out.status, out.reason, out.edit) == (DeliveryStatus.LEFT_OUT, BY_HAND, delivery.edit)
        assert left_out(out, NOW) is None


@settings(max_examples=80)
@given(edits, edits)
def test_a_later_correction_leaves_what_it_does_not_name(first: Edit, second: Edit) -> None:
    dead = Delivery(1, "lastfm", DeliveryStatus.DEAD, NOW)
    once = edited(dead, SONG, first, NOW)
    assert once is not None
    twice = edited(once, SONG, second, NOW)
    assert twice is not None
    assert twice.edit == Edit(second.name or first.name, second.artist or first.artist, second.album or first.album)


def test_only_the_dead_are_sent_again() -> None:
    for status in DeliveryStatus:
        again = retried(Delivery(1, "lastfm", status, NOW), NOW)
        assert (again is not None) is (status is DeliveryStatus.DEAD)


def test_what_a_person_left_out_is_taken_up_where_it_is_named() -> None:
    dead = Delivery(1, "lastfm", DeliveryStatus.DEAD, NOW, tries=3, edit=Edit("Right"))
    out = left_out(dead, NOW)
    assert out is not None
    assert retried(out, NOW) is None
    again = retried(out, NOW, is_named=True)
    assert again is not None
    assert (again.status, again.tries, again.reason, again.edit) == (DeliveryStatus.WAITING, 0, "", Edit("Right"))
    nameless = Delivery(1, "lastfm", DeliveryStatus.LEFT_OUT, NOW, reason="it has no artist")
    assert retried(nameless, NOW, is_named=True) is None


def test_a_play_without_an_artist_is_taken_up_once_it_has_one() -> None:
    out = Delivery(1, "lastfm", DeliveryStatus.LEFT_OUT, NOW, reason="no artist")
    assert edited(out, NAMELESS, Edit(name="Song"), NOW) is None
    assert edited(out, SONG, Edit(artist="Band"), NOW) is None, "it was left out for another reason"
    mended = edited(out, NAMELESS, Edit(artist="Band"), NOW)
    assert mended is not None
    assert mended.status is DeliveryStatus.WAITING
    by_hand = Delivery(1, "lastfm", DeliveryStatus.LEFT_OUT, NOW, reason=BY_HAND)
    assert edited(by_hand, NAMELESS, Edit(artist="Band"), NOW) is None, "somebody wished it so"
