"""What a play takes from the other sources of the same playback."""

from dataclasses import replace
from datetime import UTC

from moodroom_hub.core.ids import Ids
from moodroom_hub.core.plays.deciding import Deciding
from moodroom_hub.core.store import LastIds
from moodroom_hub.domain.models import DurationMs, EpochMs, RoomSlug, Tier
from moodroom_hub.domain.plays.models import Hearing, Reached
from moodroom_hub.domain.plays.rules import SPINSTACK
from tests.domain.listening import T0, A
from tests.domain.plays.test_twins import BATH, HOME, KITCHEN, SOURCES


def test_the_first_of_two_sources_takes_the_room_from_the_other() -> None:
    deciding = Deciding(Ids(LastIds(0, 0, 0)), SPINSTACK, SOURCES.__getitem__, lambda: UTC)
    speaker = Hearing(A, EpochMs(T0), EpochMs(T0 + 100_000), DurationMs(100_000), DurationMs(100_000))
    account = replace(speaker, seen_at_ms=EpochMs(T0 + 90_000), position_ms=DurationMs(90_000))
    account = replace(account, room=RoomSlug("evening"), tier=Tier.CONFIRMED)
    reached = Reached(speaker, DurationMs(100_000), DurationMs(100_000), EpochMs(T0 + 100_000))
    assert deciding.decide(KITCHEN, reached, [(BATH, account)]).room is None, "another player"
    play = deciding.decide(KITCHEN, reached, [(HOME, account)])
    assert (play.room, play.tier) == (RoomSlug("evening"), Tier.CONFIRMED)


def test_the_first_of_two_sources_takes_the_names_from_the_one_that_knows_the_recording() -> None:
    deciding = Deciding(Ids(LastIds(0, 0, 0)), SPINSTACK, SOURCES.__getitem__, lambda: UTC)
    told = replace(A, artists=("One, Another",), isrc=None)
    speaker = Hearing(told, EpochMs(T0), EpochMs(T0 + 100_000), DurationMs(100_000), DurationMs(100_000))
    known = replace(A, artists=("One", "Another"), isrc="GBAYE0601498")
    account = replace(speaker, track=known, seen_at_ms=EpochMs(T0 + 90_000), position_ms=DurationMs(90_000))
    reached = Reached(speaker, DurationMs(100_000), DurationMs(100_000), EpochMs(T0 + 100_000))
    play = deciding.decide(KITCHEN, reached, [(HOME, account)])
    assert (play.track.artists, play.track.isrc) == (("One", "Another"), "GBAYE0601498")
