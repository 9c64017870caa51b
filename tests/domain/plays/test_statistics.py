"""What was played most: no play lost, none counted twice, whatever order they come in."""

from dataclasses import replace
from datetime import UTC, timedelta, timezone
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from moodroom_hub.domain.models import DurationMs, EpochMs, RoomSlug, Track, Uri, ZoneName
from moodroom_hub.domain.plays.models import Play
from moodroom_hub.domain.plays.statistics import MOST_SHOWN, PlayTally, Ranking
from moodroom_hub.domain.recording import is_same_recording

HOUR_MS = 3_600_000


def play(
    play_id: int,
    uri: str = "u",
    name: str = "Song",
    artist: str = "Band",
    isrc: str | None = None,
    room: str | None = None,
    zone: str = "home",
    at_ms: int = 0,
    twin_of: int | None = None,
) -> Play:
    """A play of so long."""
    return Play(
        id=play_id,
        zone=ZoneName(zone),
        track=Track(Uri(uri), name, (artist,) if artist else (), DurationMs(200_000), isrc=isrc),
        began_at_ms=EpochMs(at_ms),
        counted_at_ms=EpochMs(at_ms + 100_000),
        heard_ms=DurationMs(100_000),
        threshold_ms=DurationMs(100_000),
        offset_ms=0,
        rules="spinstack",
        why="",
        twin_of=twin_of,
        room=None if room is None else RoomSlug(room),
    )


plays = st.lists(
    st.builds(
        play,
        st.just(0),
        st.sampled_from(["", "u1", "u2", "u3"]),
        st.sampled_from(["Song", "Song (Remastered 2011)", "Other", ""]),
        st.sampled_from(["Band", "BAND", "Else", ""]),
        st.sampled_from([None, "GBDUW0000053", "gb-duw-00-00053", "USRC17607839"]),
        st.sampled_from([None, "house", "rage"]),
        st.sampled_from(["home", "kitchen"]),
        st.integers(0, 10**12),
        st.sampled_from([None, None, 1]),
    ),
    max_size=25,
).map(lambda found: [_numbered(each, number) for number, each in enumerate(found, 1)])


def _numbered(given_play: Play, number: int) -> Play:
    return replace(given_play, id=number)


def ranked(given_plays: list[Play]) -> Ranking:
    """Their ranking, in UTC."""
    tally = PlayTally(UTC)
    for each in given_plays:
        tally.take(each)
    return tally.ranking({RoomSlug("house"): "House"})


@settings(max_examples=60)
@given(plays)
def test_no_play_is_lost_and_none_counts_twice(given_plays: list[Play]) -> None:
    found = ranked(given_plays)
    counting = [each for each in given_plays if each.twin_of is None]
    assert found.plays == len(counting) == sum(found.hours) == sum(each.plays for each in found.zones)
    assert found.heard_ms == 100_000 * len(counting)
    assert sum(each.plays for each in found.rooms) == sum(each.room is not None for each in counting)
    if len(found.tracks) < MOST_SHOWN:
        assert sum(each.plays for each in found.tracks) == len(counting)
        assert sum(each.heard_ms for each in found.tracks) == found.heard_ms
    for lines in (found.tracks, found.artists, found.rooms, found.zones):
        assert [each.plays for each in lines] == sorted((each.plays for each in lines), reverse=True)


@settings(max_examples=60)
@given(plays, st.integers(0, 99))
def test_the_order_in_which_they_come_changes_nothing(given_plays: list[Play], seed: int) -> None:
    mixed = list(given_plays)
    Random(seed).shuffle(mixed)
    assert ranked(mixed) == ranked(given_plays)


@settings(max_examples=60)
@given(plays)
def test_plays_of_one_recording_count_together(given_plays: list[Play]) -> None:
    counting = [each for each in given_plays if each.twin_of is None]
    groups: list[set[int]] = []
    for each in counting:
        alike = {other.id for other in counting if is_same_recording(each.track, other.track)} | {each.id}
        joined = [group for group in groups if group & alike]
        groups = [group for group in groups if not group & alike] + [alike.union(*joined)]
    sizes = sorted((len(group) for group in groups), reverse=True)
    assert [each.plays for each in ranked(given_plays).tracks] == sizes[:MOST_SHOWN]


def test_a_line_is_called_as_its_newest_play_calls_it() -> None:
    found = ranked([play(2, "u1", "Song (Remastered)", "BAND", at_ms=9), play(1, "u2", "Song", "Band", at_ms=3)])
    assert [(each.name, each.detail, each.plays) for each in found.tracks] == [("Song (Remastered)", "BAND", 2)]
    assert [(each.name, each.plays) for each in found.artists] == [("BAND", 2)]


def test_rooms_have_their_names_and_those_that_are_gone_their_slugs() -> None:
    found = ranked([play(1, room="house"), play(2, room="house"), play(3, room="attic"), play(4)])
    assert [(each.name, each.detail, each.plays) for each in found.rooms] == [
        ("House", "house", 2),
        ("attic", "attic", 1),
    ]


def test_hours_are_those_of_the_house() -> None:
    tally = PlayTally(timezone(timedelta(hours=5, minutes=30)))
    tally.take(play(1, at_ms=20 * HOUR_MS))
    assert [hour for hour, count in enumerate(tally.ranking({}).hours) if count] == [1]
