"""What counts as one listen, and how often it makes a play."""

from collections.abc import Callable

import pytest

from moodroom_hub.simulator.sonos.music import Station
from moodroom_hub.simulator.sonos.truth import Began, TruePlay, judged, true_plays
from moodroom_hub.simulator.sonos.world import SonosWorld
from tests.simulator.homes import EPOCH_MS, SONGS, URIS, HandClock, song
from tests.simulator.sonos.rooms import small_household, spinstack

NIGHT_MS = 9 * 3_600_000


def plays_of(world: SonosWorld) -> list[TruePlay]:
    return true_plays(world.truth, spinstack)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def world(clock: HandClock) -> SonosWorld:
    """``Song 0`` (180 s) has sounded in the kitchen for 60 s; it counts after 90 s."""
    world = small_household(clock)
    world.play_songs("Kitchen", URIS[:2])
    clock.turn(60_000)
    return world


def pause_for_a_night(world: SonosWorld, clock: HandClock) -> None:
    world.pause("Kitchen")
    clock.turn(NIGHT_MS)
    world.play("Kitchen")


def watch_television(world: SonosWorld, clock: HandClock) -> None:
    world.move_music("Kitchen", "Den")
    world.turn_tv_on("Den")
    clock.turn(NIGHT_MS)
    world.turn_tv_off("Den")
    world.back_to_queue("Den")


def hear_radio(world: SonosWorld, clock: HandClock) -> None:
    world.play_line_in("Kitchen", "Office & Co <1>")
    clock.turn(5_000)
    world.back_to_queue("Kitchen")


def regroup(world: SonosWorld, clock: HandClock) -> None:
    world.join("Den", "Kitchen")
    world.join("Office & Co <1>", "Den")
    world.leave("Kitchen")
    world.join("Kitchen", "Den")
    world.delegate("Den", "Kitchen", stays=True)


def stall(world: SonosWorld, clock: HandClock) -> None:
    world.stall("Kitchen", 20_000)
    clock.turn(20_000)


@pytest.mark.parametrize("interrupt", [pause_for_a_night, watch_television, hear_radio, regroup, stall])
def test_an_interruption_ends_no_listen(
    interrupt: Callable[[SonosWorld, HandClock], None], world: SonosWorld, clock: HandClock
) -> None:
    interrupt(world, clock)
    back_ms = clock()
    clock.turn(120_000 + 10_000)  # the rest, and the beginning of the next song
    (play,) = plays_of(world)
    assert (play.recording.uri, play.began_ms, play.counted_ms) == (URIS[0], EPOCH_MS, back_ms + 30_000)
    assert play.margin_ms == pytest.approx(90_000, abs=1_000)
    assert [one.recording.uri for one in judged(world.truth, spinstack)] == list(URIS[:2])


def test_repeats_of_every_kind_are_listens_of_their_own(world: SonosWorld, clock: HandClock) -> None:
    world.set_play_mode("Kitchen", "REPEAT_ONE")
    clock.turn(120_000 + 180_000)
    world.set_play_mode("Kitchen", "NORMAL")
    world.enqueue("Kitchen", URIS[:1], place=2)
    clock.turn(360_000 + 1_000)
    listens = world.truth.listens
    assert [one.recording.uri for one in listens] == [URIS[0]] * 4 + [URIS[1]]
    assert [one.began for one in listens] == [Began.START] + [Began.REPEAT] * 3 + [Began.FOLLOWED]
    assert len(plays_of(world)) == 4


def test_the_very_start_is_a_new_listen_only_once_it_counted(world: SonosWorld, clock: HandClock) -> None:
    world.seek("Kitchen", 0)
    clock.turn(40_000)  # 100 s heard in all: it counts
    world.seek("Kitchen", 150_000)
    clock.turn(10_000)
    assert len(plays_of(world)) == 1
    world.seek("Kitchen", 0)
    clock.turn(91_000)
    first, second = plays_of(world)
    assert (first.listen_id, first.heard_ms) == (second.listen_id, 110_000)
    assert (second.heard_ms, second.margin_ms) == (91_000, 1_000)


def test_what_is_skipped_and_begun_anew_is_another_listen(world: SonosWorld, clock: HandClock) -> None:
    world.next("Kitchen")
    world.previous("Kitchen")
    clock.turn(60_000)
    assert [one.heard_ms for one in judged(world.truth, spinstack)] == [60_000, 60_000]
    assert plays_of(world) == []


def test_one_song_in_two_rooms_is_two_listens(world: SonosWorld, clock: HandClock) -> None:
    world.play_songs("Den", URIS[:1])
    world.pause("Kitchen")
    clock.turn(5_000)
    world.play("Kitchen")
    clock.turn(100_000)
    assert [play.players for play in plays_of(world)] == [("Kitchen",), ("Den",)]


def test_corners_of_the_rule(clock: HandClock) -> None:
    lengths = (29_999, 30_000, 31_000, 59_000, 481_000)
    items = tuple(song(f"Of {length_ms}", length_ms) for length_ms in lengths)
    world = small_household(clock, items)
    world.play_songs("Kitchen", [item.uri for item in items])
    clock.turn(sum(lengths))
    margins = [play.margin_ms for play in judged(world.truth, spinstack)]
    assert margins == [-29_999, 0, 1_000, 29_000, 240_500]


def test_radio_counts_by_its_titles(clock: HandClock) -> None:
    station = Station("Test FM", "x-sonosapi-stream:t", "aac://t", SONGS[:2], talk_ms=20_000)
    silent = Station("Word", "x-sonosapi-stream:w", "aac://w")
    world = small_household(clock, stations=(station, silent))
    world.play_radio("Kitchen", "Test FM")
    clock.turn(2 * 410_000)
    heard = [play.recording.title for play in plays_of(world)]
    assert set(heard) == {"Song 0", "Song 1"}
    assert 4 <= len(heard) <= 5
    world.play_radio("Kitchen", "Word")
    clock.turn(36_000_000)
    assert [play.recording.title for play in plays_of(world)].count("Word") == 1
    world.stop("Kitchen")
    clock.turn(601_000)
    world.play("Kitchen")
    clock.turn(30_000)
    assert [play.recording.title for play in plays_of(world)].count("Word") == 2


def test_crossfade_refused_songs_and_the_end_of_the_queue(clock: HandClock) -> None:
    items = (song("One", 100_000), song("Gone", 100_000, is_playable=False), song("Two", 100_000))
    world = small_household(clock, items)
    world.set_crossfade("Kitchen", True)
    world.play_songs("Kitchen", [item.uri for item in items])
    clock.turn(300_000)
    assert [(one.recording.title, one.heard_ms) for one in world.truth.listens] == [("One", 94_000), ("Two", 100_000)]
    assert not world.is_playing("Kitchen")


def test_a_group_without_its_leaders_power_falls_silent(world: SonosWorld, clock: HandClock) -> None:
    world.join("Den", "Kitchen")
    clock.turn(1_000)
    world.unplug("Kitchen")
    assert sorted(len(group.members) for group in world.groups) == [1, 1, 1]
    assert not world.is_playing("Den")
    clock.turn(60_000)
    world.plug_in("Kitchen")
    world.play_queue("Kitchen", 1, 61_000)
    clock.turn(40_000)
    (play,) = plays_of(world)
    assert (play.heard_ms, play.recording.duration_ms) == (101_000, 180_000)


def test_the_same_station_in_another_room_is_another_listen(clock: HandClock) -> None:
    world = small_household(clock, stations=[Station("Word", "x-sonosapi-stream:w", "aac://w")])
    for room in ("Kitchen", "Den", "Kitchen"):
        world.play_radio(room, "Word")
        clock.turn(40_000)
        world.stop(room)
        clock.turn(10_000)
    assert [play.heard_ms for play in plays_of(world)] == [80_000, 40_000]


def test_begun_again_before_it_counted_it_is_the_same_listen(world: SonosWorld, clock: HandClock) -> None:
    """Stopped after 60 s and played from the start: as if the needle had been put there."""
    world.stop("Kitchen")
    clock.turn(60_000)
    world.play("Kitchen")
    clock.turn(40_000)
    assert [play.heard_ms for play in plays_of(world)] == [100_000]
    world.stop("Kitchen")
    world.play("Kitchen")
    clock.turn(100_000)
    assert [play.heard_ms for play in plays_of(world)] == [100_000, 100_000], "after it counted it is another one"
