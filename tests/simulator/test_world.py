"""The player's own life: queue, contexts, ends, pauses, devices, and the record of what was heard."""

import pytest

from moodroom_hub.simulator.commands import Refusal, Refused
from moodroom_hub.simulator.devices import AtEnd, Presence, SimDevice
from moodroom_hub.simulator.items import ADVERT, Item, ItemKind
from moodroom_hub.simulator.library import Library
from moodroom_hub.simulator.session import WorldSettings
from moodroom_hub.simulator.truth import Actor, CameFrom, EndedBy
from moodroom_hub.simulator.world import World
from tests.simulator.homes import MINUTE_MS, SONGS, URIS, HandClock, small_world, song

HUB, LISTENER = Actor.HUB, Actor.LISTENER


def lone_speaker(clock: HandClock, **habits: object) -> World:
    return small_world(clock, devices=[SimDevice("Kitchen", presence=Presence.ACTIVE, **habits)])  # type: ignore[arg-type]  # the tests' own keywords


def heard(world: World) -> list[str]:
    return [listen.queued_uri for listen in world.truth.listens]


def test_one_track_then_the_queue_then_silence() -> None:
    clock = HandClock()
    world = small_world(clock)
    world.play(HUB, uris=[URIS[0]])
    world.queue(HUB, URIS[1])
    world.queue(HUB, URIS[2])
    assert world.true_queue() == URIS[1:3]
    clock.turn(SONGS[0].duration_ms + 5_000)
    assert world.view().item == SONGS[1]
    assert world.view().position_at(clock.now_ms) == 5_000
    assert world.true_queue() == URIS[2:3]
    clock.turn(30 * MINUTE_MS)
    world.close()
    assert heard(world) == list(URIS[:3])
    assert {listen.ended_by for listen in world.truth.listens} == {EndedBy.NATURAL}
    assert all(listen.heard_ms == listen.duration_ms for listen in world.truth.listens)
    assert world.truth.dry_ms() == 30 * MINUTE_MS + 5_000 - SONGS[1].duration_ms - SONGS[2].duration_ms
    assert [spell.reason for spell in world.truth.dry_spells] == ["list_ended"]


def test_the_queue_outlives_a_context_and_comes_before_it() -> None:
    clock = HandClock()
    library = Library()
    playlist = library.make_playlist("Mine", clock.now_ms, URIS[4:8])
    world = small_world(clock, library=library)
    world.play(HUB, uris=[URIS[0]])
    world.queue(HUB, URIS[1])
    world.play(LISTENER, context_uri=playlist.uri)
    clock.turn(SONGS[4].duration_ms)
    assert world.view().item == SONGS[1]
    clock.turn(SONGS[1].duration_ms)
    assert world.view().item == SONGS[5]
    assert world.view().context_uri == playlist.uri
    assert world.truth.listens[0].ended_by is EndedBy.LISTENER_JUMP
    assert world.truth.listens[2].came_from is CameFrom.QUEUE


def test_a_list_of_uris_dies_at_its_end_unless_the_device_goes_on() -> None:
    for autoplays in (False, True):
        clock = HandClock()
        world = lone_speaker(clock, autoplays=autoplays)
        world.play(HUB, uris=URIS[:2])
        clock.turn(SONGS[0].duration_ms + SONGS[1].duration_ms + MINUTE_MS)
        assert world.is_sounding is autoplays
        assert len(world.truth.listens) == 2


@pytest.mark.parametrize(
    ("at_end", "position_ms", "claims"),
    [(AtEnd.REWIND, 0, False), (AtEnd.HOLD, 180_000, True), (AtEnd.SHORT, 179_300, False)],
)
def test_devices_differ_in_what_they_show_at_the_end(at_end: AtEnd, position_ms: int, claims: bool) -> None:
    clock = HandClock()
    world = lone_speaker(clock, at_end=at_end)
    world.play(HUB, uris=[URIS[0]])
    clock.turn(5 * MINUTE_MS)
    view = world.view()
    assert (view.item, view.position_at(clock.now_ms), view.is_playing) == (SONGS[0], position_ms, claims)
    assert not world.is_sounding
    world.queue(HUB, URIS[1])
    world.next(HUB)
    assert world.is_sounding
    assert world.view().item == SONGS[1]


def test_repeat_one_gives_a_listen_each_time() -> None:
    clock = HandClock()
    world = small_world(clock)
    world.play(LISTENER, uris=[URIS[0]])
    world.queue(HUB, URIS[1])
    world.set_repeat(LISTENER, "track")
    clock.turn(2 * SONGS[0].duration_ms + 1_000)
    assert [listen.uri for listen in world.truth.listens] == [URIS[0]] * 2
    assert world.true_queue() == (URIS[1],)
    world.set_repeat(LISTENER, "off")
    clock.turn(SONGS[0].duration_ms)
    assert world.view().item == SONGS[1]


def test_skips_and_seeks_are_recorded_with_where_and_how_long() -> None:
    clock = HandClock()
    world = small_world(clock)
    world.play(HUB, uris=URIS[:3])
    clock.turn(10_000)
    world.seek(LISTENER, 100_000)
    clock.turn(5_000)
    world.seek(LISTENER, 20_000)
    clock.turn(2_000)
    world.next(LISTENER)
    listen = world.truth.listens[0]
    assert (listen.end_position_ms, listen.heard_ms, listen.max_position_ms) == (22_000, 17_000, 105_000)
    assert (listen.seeks, listen.ended_by) == (2, EndedBy.LISTENER_SKIP)
    world.next(HUB)
    assert world.truth.listens[1].ended_by is EndedBy.HUB_COMMAND


def test_a_pause_of_a_night_is_one_listen_and_no_dry_spell() -> None:
    clock = HandClock()
    world = small_world(clock)
    world.play(HUB, uris=[URIS[0]])
    clock.turn(60_000)
    world.pause(LISTENER)
    clock.turn(8 * 60 * MINUTE_MS)
    assert world.view().device is None
    with pytest.raises(Refused) as refused:
        world.resume(HUB)
    assert refused.value.reason is Refusal.NO_ACTIVE_DEVICE
    world.resume(LISTENER)
    clock.turn(SONGS[0].duration_ms - 60_000)
    world.advance()
    assert [(one.heard_ms, one.pauses) for one in world.truth.listens] == [(SONGS[0].duration_ms, 1)]
    assert world.truth.dry_ms() == 0


def test_crossfade_ends_tracks_early_only_when_another_follows() -> None:
    clock = HandClock()
    world = lone_speaker(clock, crossfade_ms=12_000)
    world.play(HUB, uris=URIS[:2])
    clock.turn(20 * MINUTE_MS)
    world.advance()
    ends = [listen.duration_ms - listen.end_position_ms for listen in world.truth.listens]
    assert ends == [12_000, 0]


def test_adverts_come_between_tracks_and_cannot_be_skipped() -> None:
    clock = HandClock()
    world = small_world(clock, settings=WorldSettings(advert_every=2))
    world.play(HUB, uris=URIS[:3])
    clock.turn(SONGS[0].duration_ms + SONGS[1].duration_ms + 1_000)
    assert world.view().item is ADVERT
    with pytest.raises(Refused):
        world.next(LISTENER)
    clock.turn(ADVERT.duration_ms)
    assert world.view().item == SONGS[2]


def test_unplayable_items_are_jumped_over_and_relinked_ones_play_as_another() -> None:
    clock = HandClock()
    twin = song("Twin", isrc="QZMR01100001")
    gone = song("Gone", is_playable=False)
    relinked = song("Relinked", isrc="QZMR01100001", plays_as=twin.uri)
    world = small_world(clock, items=(*SONGS, twin, gone, relinked))
    world.play(HUB, uris=[URIS[0]])
    world.queue(HUB, gone.uri)
    world.queue(HUB, relinked.uri)
    clock.turn(SONGS[0].duration_ms)
    assert world.view().item == twin
    assert [jump.uri for jump in world.truth.jumped_over] == [gone.uri]
    world.next(LISTENER)
    assert (world.truth.listens[-1].uri, world.truth.listens[-1].queued_uri) == (twin.uri, relinked.uri)
    with pytest.raises(Refused):
        world.play(HUB, uris=[gone.uri])


def test_a_sleeping_device_wakes_for_a_named_play_after_a_silence() -> None:
    clock = HandClock()
    world = small_world(clock, devices=[SimDevice("Television", presence=Presence.ASLEEP, wake_ms=2_000)])
    with pytest.raises(Refused) as refused:
        world.play(HUB, uris=[URIS[0]])
    assert refused.value.reason is Refusal.NO_ACTIVE_DEVICE
    world.play(HUB, uris=[URIS[0]], device_id=world.devices["Television"].id)
    clock.turn(1_500)
    assert not world.is_sounding
    clock.turn(10_500)
    assert world.view().position_at(clock.now_ms) == 10_000
    assert [(spell.reason, spell.ended_ms - spell.started_ms) for spell in world.truth.dry_spells] == [
        ("waking", 2_000)
    ]


def test_transfer_keeps_the_listen_and_the_queue() -> None:
    clock = HandClock()
    world = small_world(clock)
    world.play(HUB, uris=[URIS[0]])
    world.queue(HUB, URIS[1])
    clock.turn(30_000)
    world.transfer(LISTENER, "Phone")
    clock.turn(SONGS[0].duration_ms)
    assert world.view().item == SONGS[1]
    assert (world.truth.listens[0].transfers, world.truth.listens[0].device) == (1, "Phone")
    assert world.truth.listens[0].heard_ms == SONGS[0].duration_ms


def test_a_lost_device_ends_the_listen_and_comes_back_under_another_id() -> None:
    clock = HandClock()
    world = small_world(clock)
    world.play(HUB, uris=[URIS[0]])
    old_id = world.devices["Kitchen"].id
    clock.turn(10_000)
    world.lose_device("Kitchen")
    assert world.truth.listens[0].ended_by is EndedBy.DEVICE_LOST
    assert world.view().item is None
    clock.turn(60_000)
    world.return_device("Kitchen")
    assert world.devices["Kitchen"].id != old_id
    with pytest.raises(Refused) as refused:
        world.play(HUB, uris=[URIS[1]], device_id=old_id)
    assert refused.value.reason is Refusal.DEVICE_NOT_FOUND
    world.play(HUB, uris=[URIS[1]], device_id=world.devices["Kitchen"].id)
    assert world.truth.dry_ms() == 60_000


def test_restricted_devices_obey_only_the_listener() -> None:
    clock = HandClock()
    world = small_world(clock, devices=[SimDevice("Sonos", presence=Presence.ACTIVE, is_restricted=True)])
    world.play(LISTENER, uris=[URIS[0]])
    assert world.devices["Sonos"].id is None
    with pytest.raises(Refused) as refused:
        world.queue(HUB, URIS[1])
    assert refused.value.reason is Refusal.RESTRICTED_DEVICE
    assert [command.refusal for command in world.truth.commands] == [None, "restricted_device"]


def test_shuffle_plays_every_track_of_a_context_once() -> None:
    clock = HandClock()
    library = Library()
    playlist = library.make_playlist("All", clock.now_ms, URIS)
    world = small_world(clock, library=library)
    world.set_shuffle(LISTENER, True)
    world.play(LISTENER, context_uri=playlist.uri, offset=3)
    clock.turn(120 * MINUTE_MS)
    world.advance()
    assert heard(world)[0] == URIS[3]
    assert sorted(heard(world)) == sorted(URIS)
    assert heard(world) != list(URIS)


def test_previous_goes_back_in_the_first_seconds_and_else_restarts() -> None:
    clock = HandClock()
    world = small_world(clock)
    world.play(LISTENER, uris=URIS[:3])
    world.next(LISTENER)
    clock.turn(60_000)
    world.previous(LISTENER)
    assert (world.view().item, world.view().position_at(clock.now_ms)) == (SONGS[1], 0)
    clock.turn(1_000)
    world.previous(LISTENER)
    assert world.view().item == SONGS[0]


def test_episodes_and_local_files_play_like_tracks() -> None:
    clock = HandClock()
    episode = Item("spotify:episode:" + "0" * 22, "News", ("Radio",), 600_000, kind=ItemKind.EPISODE)
    local = Item("spotify:local:Me:Mine:Demo:90", "Demo", ("Me",), 90_000, kind=ItemKind.LOCAL)
    world = small_world(clock, items=(*SONGS, episode, local))
    world.play(LISTENER, uris=[episode.uri, local.uri])
    assert world.view().kind is ItemKind.EPISODE
    clock.turn(600_000)
    assert world.view().kind is ItemKind.LOCAL
    assert local.id is None


def test_the_agenda_acts_at_its_own_moments() -> None:
    clock = HandClock()
    world = small_world(clock)
    world.play(HUB, uris=[URIS[0]])
    world.schedule(clock.now_ms + 7_000, lambda: world.pause(LISTENER))
    world.schedule(clock.now_ms + 9_000, lambda: world.resume(LISTENER))
    clock.turn(10_000)
    assert world.view().position_at(clock.now_ms) == 8_000


def test_giving_up_ends_a_dry_spell() -> None:
    clock = HandClock()
    world = small_world(clock)
    world.play(HUB, uris=[URIS[0]])
    clock.turn(SONGS[0].duration_ms + 5_000)
    world.give_up()
    clock.turn(MINUTE_MS)
    world.close()
    assert world.truth.dry_ms() == 5_000
