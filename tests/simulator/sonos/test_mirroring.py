"""One playback at both: the simulated Spotify plays on a player of the household."""

import pytest

from moodroom_hub.simulator.devices import Presence, SimDevice
from moodroom_hub.simulator.sonos.faults import UpnpError
from moodroom_hub.simulator.sonos.mirroring import Mirror
from moodroom_hub.simulator.sonos.music import MediaKind
from moodroom_hub.simulator.sonos.services.shown import show
from moodroom_hub.simulator.sonos.truth import true_plays
from moodroom_hub.simulator.sonos.world import SonosWorld
from moodroom_hub.simulator.truth import Actor
from moodroom_hub.simulator.world import World
from tests.simulator.homes import SONGS, URIS, HandClock, small_world
from tests.simulator.sonos.rooms import small_household, spinstack

LISTENER = Actor.LISTENER


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def account(clock: HandClock) -> World:
    devices = (SimDevice("Kitchen", presence=Presence.ACTIVE, is_restricted=True), SimDevice("Phone"))
    return small_world(clock, devices=devices)


@pytest.fixture
def world(clock: HandClock, account: World) -> SonosWorld:
    world = small_household(clock)
    Mirror(world, account, "Kitchen")
    return world


def seconds(world: SonosWorld, clock: HandClock, count: int) -> None:
    """Let time pass as the loop does: with a look at each second."""
    for _ in range(count):
        clock.turn(1_000)
        world.advance()


def test_it_is_shown_as_spotify_connect(world: SonosWorld, account: World, clock: HandClock) -> None:
    account.play(LISTENER, uris=URIS[:2])
    seconds(world, clock, 100)
    shown = show(world, world.player("Kitchen"), world.at_ms)
    assert shown.uri.startswith(f"x-sonos-vli:{world.player('Kitchen').uid}:2,spotify:")
    assert (shown.state, shown.position, shown.duration) == ("PLAYING", "0:01:40", "0:03:00")
    assert SONGS[0].name in shown.metadata
    account.pause(LISTENER)
    seconds(world, clock, 5)
    assert show(world, world.player("Kitchen"), world.at_ms).state == "PAUSED_PLAYBACK"
    account.resume(LISTENER)
    seconds(world, clock, 120)
    (play,) = true_plays(world.truth, spinstack)
    (listen,) = account.truth.listens
    assert play.recording.uri == listen.uri
    assert play.heard_ms == pytest.approx(listen.heard_ms, abs=1_000)
    assert all(one.is_mirrored for one in world.truth.listens)
    assert world.truth.listens[1].recording.uri == URIS[1]


def test_the_players_buttons_act_on_the_account(world: SonosWorld, account: World, clock: HandClock) -> None:
    account.play(LISTENER, uris=URIS[:3])
    seconds(world, clock, 10)
    world.next("Kitchen")
    world.seek("Kitchen", 60_000)
    world.pause("Kitchen")
    view = account.view()
    assert (view.item, view.is_playing, view.position_ms) == (SONGS[1], False, 60_000)
    world.play("Kitchen")
    assert account.view().is_playing
    with pytest.raises(UpnpError):
        world.seek_track("Kitchen", 1)


def test_another_device_or_other_music_ends_it(world: SonosWorld, account: World, clock: HandClock) -> None:
    account.play(LISTENER, uris=URIS[:3])
    seconds(world, clock, 10)
    phone = account.devices["Phone"].id
    account.transfer(LISTENER, phone or "", play=True)
    seconds(world, clock, 3)
    assert world.player("Kitchen").deck.media.kind is MediaKind.NOTHING
    account.play(LISTENER, uris=URIS[:3], device_id=phone)
    account.advance()
    world.play_songs("Kitchen", URIS[4:6])
    seconds(world, clock, 3)
    assert world.player("Kitchen").deck.media.kind is MediaKind.QUEUE
    assert account.view().is_playing
