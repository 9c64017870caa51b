"""One listen that two sources saw is one; two listens of one song are two."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodroom_hub.domain.models import DurationMs, EpochMs, Track, Uri, ZoneName
from moodroom_hub.domain.plays.models import CountingRules, Hearing, Play
from moodroom_hub.domain.plays.twins import Decision, decide_twin
from tests.domain.listening import T0, A, B, song
from tests.domain.plays.lab import Counter
from tests.domain.plays.player import Step
from tests.domain.plays.test_truth import RULES, STEPS, played

HOME, KITCHEN, BATH = ZoneName("home"), ZoneName("kitchen"), ZoneName("bath")
SOURCES = {HOME: "spotify", KITCHEN: "sonos", BATH: "sonos"}


def play(
    number: int,
    zone: ZoneName,
    track: Track = A,
    since_s: float = 0,
    until_s: float = 100,
    position_s: float | None = None,
) -> Play:
    """A play that ran so; ``position_s`` is where it stood when it counted."""
    position = until_s - since_s if position_s is None else position_s
    return Play(
        id=number,
        zone=zone,
        track=track,
        began_at_ms=EpochMs(T0 + round(since_s * 1000)),
        counted_at_ms=EpochMs(T0 + round(until_s * 1000)),
        heard_ms=DurationMs(round((until_s - since_s) * 1000)),
        threshold_ms=DurationMs(100_000),
        offset_ms=round((position - until_s) * 1000) - T0,
        rules="spinstack",
        why="",
    )


def decide(new: Play, *recent: Play) -> Decision:
    """What is decided about ``new``."""
    return decide_twin(new, recent, SOURCES.__getitem__, lambda at_ms: f"{(at_ms - T0) // 1000} s")


def test_the_same_listen_seen_by_another_source() -> None:
    decision = decide(play(2, KITCHEN, until_s=103), play(1, HOME))
    assert decision == Decision(
        1, "the same listen as play 1 in home: same song, both ran 0 s to 100 s, at the same place"
    )


def test_another_song_another_time_or_the_same_zone_is_another_listen() -> None:
    assert decide(play(2, KITCHEN, B), play(1, HOME)).twin_of is None
    assert decide(play(2, KITCHEN, since_s=500, until_s=600), play(1, HOME)).twin_of is None
    assert decide(play(2, HOME), play(1, HOME)).twin_of is None


def test_each_listen_has_one_play_in_a_zone() -> None:
    first, twin = play(1, HOME), replace(play(2, KITCHEN), twin_of=1)
    assert decide(play(3, KITCHEN, since_s=50, until_s=150), first, twin).twin_of is None
    assert decide(play(3, BATH), first, twin).twin_of == 1, "a third zone names the one that was told"


def test_repeats_find_each_their_own() -> None:
    told = [play(1, HOME, until_s=100), play(2, HOME, since_s=200, until_s=300)]
    late = replace(play(3, KITCHEN, until_s=110), twin_of=1)
    assert decide(play(4, KITCHEN, since_s=199, until_s=305, position_s=105), *told, late).twin_of == 2
    assert decide(play(4, KITCHEN, since_s=400, until_s=500), *told, late).twin_of is None


def test_music_handed_to_a_speaker_after_it_counted_is_one_listen() -> None:
    long = song("Long", 400)
    before = play(1, HOME, long, 0, 200)
    after = play(2, KITCHEN, long, 210, 395, position_s=395)
    decision = decide(after, before)
    assert decision.twin_of == 1
    assert "it went on there from 210 s" in decision.why
    assert decide(replace(after, offset_ms=after.offset_ms - 60_000), before).twin_of is None


def test_two_players_of_one_kind_are_one_listen_only_at_the_same_place() -> None:
    there = play(1, BATH)
    assert decide(play(2, KITCHEN, until_s=102, position_s=101), there).twin_of == 1
    apart = decide(play(2, KITCHEN, since_s=30, until_s=130), there)
    assert apart == Decision(None, "not play 1 in bath: two players, 30 s apart")


def test_a_pause_parts_nothing_between_sources() -> None:
    assert decide(play(2, KITCHEN, until_s=500, position_s=100), play(1, HOME)).twin_of == 1


@pytest.mark.parametrize(
    ("other", "is_twin", "said"),
    [
        (Track(Uri("x:1"), "A", ("Artist",), A.duration_ms), True, "same name and artist"),
        (Track(Uri("x:1"), "A - Remastered 2011", ("Artist",)), True, "same name and artist"),
        (Track(Uri("x:1"), "A", ("Artist",), DurationMs(240_000)), False, ""),
        (Track(Uri("x:1"), "A (Live)", ("Artist",), A.duration_ms), False, ""),
        (Track(Uri("x:1"), "A", ("Another",), A.duration_ms), False, ""),
        (Track(Uri("x:1"), "", (), A.duration_ms), False, ""),
        (Track(Uri("x:1"), "Whatever", (), A.duration_ms, "USRC17607839"), True, "same recording"),
    ],
)
def test_text_is_asked_where_nothing_better_is_known(other: Track, is_twin: bool, said: str) -> None:
    told = replace(play(1, HOME), track=replace(A, isrc="USRC17607839"))
    decision = decide(play(2, KITCHEN, other), told)
    assert (decision.twin_of is not None) is is_twin
    assert said in decision.why


@pytest.mark.parametrize("shown", [("Artist, Guest",), ("Artist",), ("Artist", "Guest")])
def test_artists_written_as_one_are_the_same_artists(shown: tuple[str, ...]) -> None:
    """A speaker that Spotify plays on writes all artists into one line."""
    told = replace(play(1, HOME), track=Track(Uri("spotify:track:9"), "A", ("Artist", "Guest"), A.duration_ms))
    assert decide(play(2, KITCHEN, Track(Uri("spotify#1"), "A", shown, A.duration_ms)), told).twin_of == 1


def test_a_shared_uri_counts_before_a_shared_name() -> None:
    named = play(1, HOME, Track(Uri("x:1"), "A", ("Artist",), A.duration_ms))
    same = play(2, BATH, A, 20, 110, position_s=100)
    sources = {HOME: "spotify", KITCHEN: "other", BATH: "sonos"}
    assert decide_twin(play(3, KITCHEN), [named, same], sources.__getitem__, str).twin_of == 2


@settings(max_examples=60, deadline=None, derandomize=True)
@given(STEPS, RULES, st.floats(2, 6), st.integers(0, 2**32))
def test_two_sources_that_see_one_player_tell_of_each_play_once(
    steps: list[Step], rules: CountingRules, gap_s: float, seed: int
) -> None:
    player = played(steps, rules, gap_s)
    counted = [
        (reached, zone)
        for zone, number in ((HOME, seed), (KITCHEN, seed + 1))
        for reached in Counter(rules).look(*player.looks(number, noise_ms=400)).reached
    ]
    plays: list[Play] = []
    for number, (reached, zone) in enumerate(sorted(counted, key=lambda each: each[0].at_ms), 1):
        hearing = reached.hearing
        fresh = Play(
            id=number,
            zone=zone,
            track=hearing.track,
            began_at_ms=hearing.began_at_ms,
            counted_at_ms=reached.at_ms,
            heard_ms=hearing.heard_when_counted_ms,
            threshold_ms=reached.threshold_ms,
            offset_ms=reached.position_ms - reached.at_ms,
            rules=rules.name,
            why="",
        )
        plays.append(replace(fresh, twin_of=decide(fresh, *plays).twin_of))
    assert [each.track.name for each in plays if each.twin_of is None] == player.plays
    assert len(plays) == 2 * len(player.plays)


def test_what_another_source_saw_going_on_was_not_begun_anew() -> None:
    """Moved to its fifth second between two slow looks of the account; the speaker was looked at in that moment."""
    told, twin = play(1, KITCHEN), replace(play(2, HOME), twin_of=1)
    anew = play(3, HOME, since_s=120, until_s=230)
    on = Hearing(
        track=A,
        began_at_ms=EpochMs(T0),
        seen_at_ms=EpochMs(T0 + 225_000),
        position_ms=DurationMs(107_000),
        counted_at_ms=told.counted_at_ms,
    )

    def decided(hearing: Hearing, zone: ZoneName = KITCHEN) -> int | None:
        recent = (told, twin)
        return decide_twin(anew, recent, SOURCES.__getitem__, str, [(zone, hearing)]).twin_of

    assert decided(on) == 1
    assert decided(replace(on, counted_at_ms=None)) is None, "begun anew before it counted, it goes on there"
    assert decided(replace(on, counted_at_ms=EpochMs(T0 + 125_000))) is None, "of that nobody told"
    late = replace(twin, id=4, zone=BATH, counted_at_ms=EpochMs(T0 + 125_000))
    later = replace(on, counted_at_ms=late.counted_at_ms)
    sources = {HOME: "spotify", KITCHEN: "sonos", BATH: "radio"}

    def decided_later(told_later: Play) -> int | None:
        return decide_twin(anew, (told, twin, told_later), sources.__getitem__, str, [(BATH, later)]).twin_of

    assert decided_later(late) == 1, "it stood at the old place when it counted there"
    assert decided_later(replace(late, offset_ms=anew.offset_ms)) is None, "it may have counted after a new beginning"
    assert decided(replace(on, position_ms=DurationMs(190_000))) is None, "another place: another playback"
    assert decided(replace(on, seen_at_ms=EpochMs(T0 + 121_000), position_ms=DurationMs(0))) is None
    assert decided(replace(on, track=B)) is None
