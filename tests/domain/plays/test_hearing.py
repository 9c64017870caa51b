"""What counts as played, told from what was seen: one small trace per rule of counting."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest

from moodroom_hub.domain.ledger import Ledger
from moodroom_hub.domain.models import (
    HOME,
    DurationMs,
    EpochMs,
    LedgerEntry,
    LedgerStatus,
    PlaybackSnapshot,
    Playing,
    RoomSlug,
    Tier,
    Track,
    Uri,
)
from moodroom_hub.domain.plays.hearing import counts_in_ms
from moodroom_hub.domain.plays.models import CountingRules, Tally
from moodroom_hub.domain.plays.rules import LASTFM, LISTENBRAINZ, SPINSTACK
from moodroom_hub.domain.session import Changed, Listened
from tests.domain.listening import T0, A, B, C, seen, song
from tests.domain.plays.lab import SESSION, Counter

STREAM = Track(Uri("x-rincon-mp3radio://radio"), "Radio", (), None)


def run(
    track: Track, since_s: float, until_s: float, position_s: float = 0, every_s: float = 5
) -> Iterator[PlaybackSnapshot]:
    """Looks at a track that plays undisturbed; ``position_s`` is where it stands at ``since_s``."""
    at_s = since_s
    while at_s <= until_s:
        yield seen(at_s, track, position_s + at_s - since_s)
        at_s += every_s


def count(*parts: Iterable[PlaybackSnapshot] | PlaybackSnapshot, rules: CountingRules = SPINSTACK) -> Counter:
    """A zone that was looked at so."""
    counter = Counter(rules)
    for part in parts:
        counter.look(*([part] if isinstance(part, PlaybackSnapshot) else part))
    return counter


def test_half_of_a_track_counts_once_and_when_it_was_heard() -> None:
    counter = count(run(A, 0, 95))
    assert counter.names() == []
    counter.look(seen(100, A, 100))
    (reached,) = counter.reached
    assert (reached.threshold_ms, reached.hearing.heard_when_counted_ms, reached.at_ms) == (
        100_000,
        100_000,
        T0 + 100_000,
    )
    counter.look(*run(A, 105, 195, 105), seen(200.5, B, 0.5))
    assert counter.names() == ["A"]


@pytest.mark.parametrize(
    ("seconds", "rules", "counts"),
    [
        (29.9, SPINSTACK, False),
        (30.0, SPINSTACK, True),
        (31, SPINSTACK, True),
        (59, SPINSTACK, True),
        (481, SPINSTACK, True),
        (30.0, LASTFM, False),
        (31, LASTFM, True),
        (59, LASTFM, True),
        (481, LASTFM, True),
        (20, LISTENBRAINZ, True),
    ],
)
def test_a_track_heard_whole(seconds: float, rules: CountingRules, counts: bool) -> None:
    track = song("Whole", seconds)
    counter = count(seen(-3, None), run(track, 1, seconds - 1, 1, 4), seen(seconds + 1, B, 1), rules=rules)
    assert counter.names() == (["Whole"] if counts else [])


@pytest.mark.parametrize(
    ("rules", "heard_s", "counts"),
    [(LASTFM, 235, False), (LASTFM, 240, True), (SPINSTACK, 240, False), (SPINSTACK, 245, True)],
)
def test_the_corner_of_four_minutes(rules: CountingRules, heard_s: int, counts: bool) -> None:
    assert len(count(run(song("Long", 481), 0, heard_s), rules=rules).reached) == counts


def test_what_is_known_at_the_end_only_is_told_before_the_verdict() -> None:
    counter = count(run(A, 0, 85), seen(110, B, 5))
    assert [type(each) for each in counter.told[1:]] == [type(counter.reached[0]), Listened, Changed]
    assert counter.reached[0].at_ms == T0 + 105_000


def test_leaping_forward_adds_nothing() -> None:
    assert count(run(A, 0, 60), run(A, 65, 85, 170)).names() == []
    assert count(run(A, 0, 60), run(A, 65, 85, 170), seen(96, B, 1)).names() == []


def test_a_pause_of_a_night_adds_nothing_and_parts_nothing() -> None:
    night = 8 * 3600
    counter = count(run(A, 0, 60), seen(65, A, 62, is_playing=False), seen(night, A, 62, is_playing=False))
    assert counter.heard_s == 62
    counter.restart().look(*run(A, night + 10, night + 40, 65))
    assert counter.names() == []
    counter.look(*run(A, night + 45, night + 125, 100), seen(night + 146, B, 1))
    assert counter.names() == ["A"]


def test_scrubbing_about_in_the_middle_is_one_play() -> None:
    """296 % listened, never from the start again."""
    counter = Counter()
    for turn in range(6):
        counter.look(*run(A, turn * 100, turn * 100 + 95, 80))
    assert counter.heard_s == pytest.approx(2.96 * 200, rel=0.2)
    assert counter.names() == ["A"]


def test_three_times_through_are_three_plays() -> None:
    counter = Counter()
    for turn in range(3):
        counter.look(*run(A, turn * 200 + 1, turn * 200 + 197, 1))
    assert counter.names() == ["A"] * 3


def test_a_crossfade_that_nobody_knew_of_parts_two_plays_though_nobody_looked() -> None:
    """It gives way six seconds early, while no hub runs: that is no leap back to the start."""
    counter = count(run(A, 0, 80), run(A, 85, 155, 120))
    assert counter.names() == ["A"]
    again = counter.restart().look(*run(A, 185, 240, 26))  # began at 159, where A stood at 194 of 200 s
    assert again.names() == ["A"]
    again.look(*run(A, 245, 262, 86))
    assert again.names() == ["A", "A"]


def test_leaping_back_between_two_looks_loses_nothing() -> None:
    """Looks are twenty seconds apart where nothing is about to happen; the needle went back to the start meanwhile."""
    counter = count(run(A, 0, 80, every_s=20), run(A, 100, 120, 17, every_s=20))
    assert counter.names() == ["A"]
    assert count(run(A, 0, 80, every_s=20), run(A, 140, 140, 17)).names() == [], "who knows what was in that minute"


def test_what_was_heard_before_a_crossfade_is_not_heard_of_the_next_round() -> None:
    counter = count(run(A, 0, 50), run(A, 55, 75, 170), run(A, 95, 150, 16))
    assert counter.names() == []
    assert counter.heard_s == 71


def test_six_times_in_a_row_are_six_plays_over_restarts() -> None:
    counter = Counter()
    for turn in range(6):
        counter.look(*run(A, turn * 200 + 1, turn * 200 + 197, 1)).restart()
    assert counter.names() == ["A"] * 6


def test_going_back_to_the_start_counts_again_only_after_it_counted() -> None:
    again = count(run(A, 0, 130), run(A, 135, 240, 2))
    assert again.names() == ["A", "A"]
    before = count(run(A, 0, 60), run(A, 65, 160, 2))
    assert before.names() == ["A"]
    assert before.heard_s == pytest.approx(160, abs=5)


def test_going_back_within_the_track_after_it_counted_is_no_second_play() -> None:
    assert count(run(A, 0, 130), run(A, 135, 270, 60)).names() == ["A"]


@pytest.mark.parametrize("playing", [Playing.ADVERT, Playing.INPUT])
@pytest.mark.parametrize("minutes", [1, 600])
def test_what_interrupts_a_listen_does_not_part_it(playing: Playing, minutes: int) -> None:
    later = 60 + 60 * minutes
    counter = count(run(A, 0, 60), seen(63, None, playing=playing), seen(later, None, playing=playing))
    counter.restart().look(*run(A, later + 3, later + 38, 63))
    assert counter.names() == []
    counter.look(*run(A, later + 43, later + 100, 103), seen(later + 141, B, 1))
    assert counter.names() == ["A"]
    assert f"after {minutes} min" in counter.reached[0].hearing.why


def test_an_hour_of_radio_does_not_part_a_listen() -> None:
    songs = [replace(STREAM, uri=Uri(f"{STREAM.uri}#{n}"), name=f"On air {n}") for n in range(12)]
    counter = count(run(A, 0, 60))
    for place, each in enumerate(songs):
        counter.look(*run(each, 70 + place * 20, 85 + place * 20))
    counter.look(*run(A, 320, 365, 61))
    assert counter.names() == ["A"]
    assert len(counter.session.tally.former) <= 8


def test_what_counted_before_the_interruption_does_not_count_after_it() -> None:
    counter = count(run(A, 0, 120), seen(123, None, playing=Playing.INPUT), run(A, 700, 770, 123))
    assert counter.names() == ["A"]


def test_begun_anew_after_another_track_is_another_listen() -> None:
    counter = count(run(A, 0, 120), run(B, 121, 150), run(A, 151, 275))
    assert counter.names() == ["A", "A"]
    assert count(run(A, 0, 60), run(B, 61, 80), run(A, 81, 151)).names() == []


def test_a_player_that_was_lost_and_is_back_goes_on() -> None:
    counter = count(run(A, 0, 60), seen(65, None), seen(75, None), seen(2400, None), run(A, 2403, 2438, 62))
    assert counter.names() == []
    counter.look(*run(A, 2443, 2460, 102))
    assert counter.names() == ["A"]


def test_a_player_that_lost_its_power_did_not_play_on() -> None:
    """Song A lasts 200 s: its half was not heard, though its end has long passed by when the player is back."""
    dark = [seen(at_s, None, playing=Playing.NOTHING) for at_s in range(90, 200, 10)]
    assert count(run(A, 0, 80), *dark, seen(500, A, 0, is_playing=False)).names() == []
    assert count(run(A, 0, 80), *dark, seen(500, B, 3)).names() == []


def test_a_player_that_had_nothing_to_play_any_more_did_not_play_on() -> None:
    """Its music was taken off; minutes later it plays something else."""
    idle = [seen(at_s, None, playing=Playing.IDLE) for at_s in range(75, 300, 10)]
    counter = count(run(A, 0, 60), *idle, seen(310, B, 0))
    assert counter.names() == []
    assert counter.session.tally.former[0].heard_ms == 75_000
    assert count(run(A, 0, 95), *(each for each in idle if each.at_ms > T0 + 102_000), seen(310, B)).names() == ["A"]


def test_a_player_that_is_known_to_be_gone_after_the_expected_end_only() -> None:
    """It answered nobody since the last look, and that is told once it has been so for long."""
    gone = [seen(at_s, None) for at_s in range(205, 240, 5)]
    assert count(run(A, 0, 80), *gone, seen(500, B, 3)).names() == []
    assert count(run(A, 0, 195), *gone, seen(500, B, 3)).names() == ["A"]


def test_when_it_will_have_counted() -> None:
    counter = count(run(A, 0, 60))
    state = counter.session
    assert counts_in_ms(state.tally, state.playback, SPINSTACK, EpochMs(T0 + 70_000)) == 30_000
    assert counts_in_ms(state.tally, state.playback, SPINSTACK, EpochMs(T0 + 170_000)) == 0
    counter.look(seen(61, A, 61, is_playing=False))
    state = counter.session
    assert counts_in_ms(state.tally, state.playback, SPINSTACK, EpochMs(T0 + 70_000)) is None
    state = count(run(A, 0, 60), seen(65, None, playing=Playing.NOTHING)).session
    assert counts_in_ms(state.tally, state.playback, SPINSTACK, EpochMs(T0 + 70_000)) is None, "nobody is there"
    state = count(run(A, 0, 110)).session
    assert counts_in_ms(state.tally, state.playback, SPINSTACK, EpochMs(T0 + 120_000)) is None


def test_a_hub_that_was_down_while_the_track_played_on() -> None:
    assert count(run(A, 0, 60)).restart().look(seen(130, A, 130)).names() == ["A"]
    assert count(run(A, 0, 30)).restart().look(seen(201, B, 1)).names() == ["A"]


def test_what_nobody_saw_is_not_made_up() -> None:
    """Another track plays an hour later: nobody knows what became of the first."""
    assert count(run(A, 0, 30)).restart().look(seen(3600, B, 3)).names() == []


def test_music_that_is_there_already_at_the_first_look_was_not_seen() -> None:
    assert count(run(A, 0, 60, 130)).names() == []


def test_begun_in_its_middle_only_what_was_heard_counts() -> None:
    counter = count(seen(-5, None), run(A, 0, 60, 120))
    assert counter.heard_s == pytest.approx(60, abs=3)
    assert counter.names() == []


def test_the_same_recording_under_another_uri_goes_on() -> None:
    other = replace(A, uri=Uri("spotify:track:relinked"))
    assert count(run(A, 0, 60), run(other, 65, 110, 65)).names() == ["A"]


def test_a_stream_counts_once_in_ten_hours() -> None:
    counter = count(run(STREAM, 0, 36_000, every_s=30))
    assert counter.names() == ["Radio"]
    stuck = count(*(seen(at, STREAM, 0) for at in range(0, 3600, 10)))
    assert stuck.names() == ["Radio"]
    assert stuck.reached[0].threshold_ms == 30_000
    slow = count(*(seen(at, STREAM, 0) for at in range(0, 3600, 10)), rules=LASTFM)
    assert slow.reached[0].at_ms == T0 + 240_000


def test_talk_does_not_count() -> None:
    counter = Counter().look(*(replace(each, playing=Playing.EPISODE) for each in run(song("Talk", 600), 0, 500)))
    assert counter.names() == []


def test_a_television_ends_a_listen_without_a_strike() -> None:
    counter = count(run(A, 0, 10), seen(12, None, playing=Playing.INPUT))
    (listened,) = (each for each in counter.told if isinstance(each, Listened))
    assert str(listened.listen.verdict.kind) + " " + listened.listen.verdict.cause == "PARTIAL takeover"
    assert counter.session.playback.is_input
    assert not counter.look(seen(20, B, 3)).session.playback.is_input


def test_a_session_of_an_older_hub_still_loads_and_goes_on() -> None:
    counter = count(run(A, 0, 60))
    text = SESSION.dump_json(counter.session, exclude={"tally"})
    counter.session = SESSION.validate_json(text)
    assert counter.session.tally == Tally()
    assert counter.look(*run(A, 65, 105, 65)).names() == ["A"]


def test_hearings_that_may_go_on_are_few() -> None:
    tracks = [song(f"T{number}") for number in range(30)]
    counter = Counter()
    for number, track in enumerate(tracks):
        counter.look(*run(track, number * 40, number * 40 + 35))
    assert len(counter.session.tally.former) <= 12
    assert {each.track.name for each in counter.session.tally.former} <= {track.name for track in tracks}


def test_absurd_positions_hurt_nothing() -> None:
    broken = replace(A, duration_ms=DurationMs(-1))
    counter = count(seen(0, broken, -5), seen(5, broken, 10**9), seen(4, broken, 0), seen(40, C, 1))
    assert counter.names() in ([], ["A"])


def test_a_track_of_the_hub_s_own_keeps_the_names_it_was_drawn_by() -> None:
    """Speakers tell all artists as one, and no ISRC."""
    drawn = replace(A, artists=("One", "Another"), isrc="GBAYE0601498")
    told = replace(A, artists=("One, Another",), isrc=None)
    entry = LedgerEntry(7, HOME, RoomSlug("house"), Tier.SAFE_SIDE, drawn, 1, LedgerStatus.QUEUED)
    counter = Counter(SPINSTACK)
    counter.session = replace(counter.session, activation=1, ledger=Ledger((entry,)))
    counter.look(*run(told, 0, 105))
    (reached,) = counter.reached
    heard = reached.hearing
    assert (heard.track.artists, heard.track.isrc, heard.room) == (("One", "Another"), drawn.isrc, "house")
    counter.look(*run(told, 110, 130, 110))
    assert len(counter.reached) == 1


def test_leaping_back_between_two_slow_looks_takes_nothing_away() -> None:
    """Both looked at it playing, twenty seconds apart: it sounded in between, wherever it stood."""
    counter = count(run(A, 0, 60, every_s=20), run(A, 80, 120, 25, every_s=20))
    assert counter.names() == ["A"]
    assert counter.heard_s == 120


def test_a_player_that_was_gone_and_has_another_source_then_left_the_track_where_it_was_seen() -> None:
    """Nobody saw it stand still: it may have played on for all that while, and did not."""
    counter = count(run(A, 0, 60), *(seen(at_s, None) for at_s in range(65, 85, 5)))
    counter.look(*(seen(at_s, None, playing=Playing.INPUT) for at_s in range(85, 105, 5)))
    counter.look(*run(A, 105, 150, 62))
    assert counter.names() == ["A"]


@pytest.mark.parametrize("position_s", [40, 120])
def test_a_track_that_was_left_last_and_is_moved_before_anybody_looks_is_the_same_listen(position_s: float) -> None:
    left = count(run(A, 0, 60), *(seen(at_s, None, playing=Playing.INPUT) for at_s in range(65, 105, 5)))
    assert left.look(*run(A, 105, 150, position_s)).names() == ["A"]
    other = count(run(A, 0, 60), run(B, 65, 80), seen(85, None, playing=Playing.INPUT))
    assert other.look(*run(A, 105, 150, position_s)).names() == [], "something else was on meanwhile"


def test_gone_on_since_a_look_that_saw_nothing_not_since_the_pause() -> None:
    """Moved on by a hundred seconds within the half minute since nobody was there: it cannot have run so far."""
    dark = [seen(at_s, None) for at_s in (1_700, 1_740, 1_780)]
    paused = seen(65, A, 62, is_playing=False)
    assert count(run(A, 0, 60), paused, *dark, seen(1_825, A, 162)).names() == []
    counter = count(run(A, 0, 60), paused, *dark, seen(1_825, A, 102))
    assert counter.names() == ["A"], "forty seconds in forty-five it can have run"


def test_begun_anew_before_the_last_look_that_saw_it_elsewhere_it_cannot_be() -> None:
    """Twelve seconds after that look it stands at its fourteenth: it was moved there."""
    assert count(run(A, 0, 120), seen(132, A, 14), run(A, 137, 232, 19)).names() == ["A"]
    assert count(run(A, 0, 120), seen(132, A, 12), run(A, 137, 232, 17)).names() == ["A", "A"]


@pytest.mark.parametrize(("watched_s", "plays"), [(135, 1), (125, 2), (None, 2)])
def test_a_source_that_looked_meanwhile_tells_a_leap_from_a_beginning(watched_s: int | None, plays: int) -> None:
    """Fifteen seconds after the look before it stands at its twelfth; the source saw it elsewhere six seconds ago."""
    after_ms = None if watched_s is None else EpochMs(T0 + watched_s * 1000)
    leapt = (replace(each, leapt_after_ms=after_ms) for each in run(A, 141, 240, 12))
    assert count(run(A, 0, 126, every_s=18), leapt).names() == ["A"] * plays
