"""Music that goes on in another zone takes its listens along, and finds those that were left there."""

from moodroom_hub.domain.models import DurationMs, EpochMs, Track, Uri, ZoneName
from moodroom_hub.domain.plays.joining import FORMER_KEPT
from moodroom_hub.domain.plays.models import Hearing, Tally
from moodroom_hub.domain.regrouping import moved
from moodroom_hub.domain.session import Session


def left(number: int, at_ms: int) -> Hearing:
    track = Track(Uri(f"spotify:track:{number}"), f"Song {number}", ("Somebody",), DurationMs(200_000))
    return Hearing(track, EpochMs(0), EpochMs(at_ms), DurationMs(90_000), heard_ms=DurationMs(at_ms))


def test_what_was_left_in_either_zone_may_still_go_on() -> None:
    came = Session(tally=Tally(former=(left(1, 500), left(2, 100))))
    there = Session(tally=Tally(former=(left(3, 400), left(1, 300))))
    former = moved(came, there, ZoneName("kitchen")).tally.former
    assert [(hearing.track.uri[-1], hearing.seen_at_ms) for hearing in former] == [("1", 500), ("3", 400), ("2", 100)]


def test_no_more_is_remembered_than_of_one_zone() -> None:
    many = tuple(left(number, 1_000 - 2 * number) for number in range(FORMER_KEPT))
    others = tuple(left(100 + number, 995 - 2 * number) for number in range(FORMER_KEPT))
    former = moved(Session(tally=Tally(former=many)), Session(tally=Tally(former=others)), ZoneName("k")).tally.former
    assert len(former) == FORMER_KEPT
    assert list(former) == sorted((*many, *others), key=lambda each: -each.seen_at_ms)[:FORMER_KEPT]
