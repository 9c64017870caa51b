"""The plugin in a simulated household: zones, groups, moves, inputs, silence, and coming and going."""

import asyncio
import threading
from functools import partial
from pathlib import Path

import pytest

from moodroom_hub.core.clock import SystemClock
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.ports import CheckLevel
from moodroom_hub.domain.models import Playing
from moodroom_hub.plugins.sonos import NOT_CONFIGURED
from moodroom_hub.plugins.sonos.config import SonosConfig
from moodroom_hub.simulator.sonos.home import SimulatedSonos
from moodroom_hub.simulator.sonos.players import Reach
from tests.plugins.sonos.lab import URIS, Lab, config_for, lab
from tests.plugins.sonos.virtual_lab import in_virtual_time, virtual_lab


async def test_one_address_finds_the_whole_household(tmp_path: Path) -> None:
    async with lab(tmp_path) as (sonos, here):
        assert sorted(here.zones) == ["kitchen", "living-room", "office"]
        assert all(ports.owns_queue and ports.leader() is None for ports in here.zones.values())
        assert here.zones["living-room"].label == "Living Room"
        sonos.world.play_songs("Kitchen", URIS)
        await here.until(lambda: is_named(here, "kitchen", "Song 0"))
        snapshot = await here.look("kitchen")
        assert snapshot.playing is Playing.TRACK
        assert snapshot.is_playing
        assert snapshot.track is not None
        assert (snapshot.track.uri, snapshot.track.duration_ms) == (URIS[0], 240_000)
        assert (await here.look("office")).playing is Playing.IDLE
        assert here.statuses[-1][0] is PluginStatus.RUNNING
        assert [check.level for check in await here.plugin_checks()] == [CheckLevel.OK] * 3


@in_virtual_time
async def test_positions_are_told_as_they_are(tmp_path: Path) -> None:
    async with virtual_lab(tmp_path) as (sonos, here):
        sonos.world.play_songs("Kitchen", URIS)
        for _ in range(8):
            snapshot = await here.look("kitchen")
            with sonos.world.looked_at():
                real_ms = sonos.world.coordinator_of("Kitchen").deck.position_at(sonos.now_ms())
            if snapshot.position_ms is not None and snapshot.is_playing:
                reckoned_ms = snapshot.position_ms + here.clock.now_ms() - snapshot.at_ms
                assert abs(reckoned_ms - real_ms) <= snapshot.uncertainty_ms
            await asyncio.sleep(1.3)


@in_virtual_time
async def test_a_station_s_song_was_on_since_it_was_tuned_in(tmp_path: Path) -> None:
    """A silent speaker that tells no events is looked at now and then only."""
    async with virtual_lab(tmp_path, events=False) as (sonos, here):
        await asyncio.sleep(30)
        assert (await here.look("kitchen")).track is None
        sonos.world.play_radio("Kitchen", "Example FM")
        tuned_in_ms = sonos.now_ms()
        await asyncio.sleep(12)
        snapshot = await here.look("kitchen")
        assert snapshot.track is not None
        assert "#" in snapshot.track.uri
        assert snapshot.position_ms is not None
        assert abs(snapshot.position_ms - (snapshot.at_ms - tuned_in_ms)) <= 2_000


@in_virtual_time
async def test_the_groups_are_asked_for_now_and_then_only(tmp_path: Path) -> None:
    async with virtual_lab(tmp_path) as (sonos, here):
        await asyncio.sleep(1)
        asked = sonos.fake.asked
        before = sum(count for (_, action), count in asked.items() if action == "GetZoneGroupState")
        await asyncio.sleep(60)
        assert sum(count for (_, action), count in asked.items() if action == "GetZoneGroupState") - before <= 5
        assert here.parts.keeper.has_answer


@in_virtual_time
async def test_music_that_moves_to_another_room_is_told_before_it_is_shown(tmp_path: Path) -> None:
    async with virtual_lab(tmp_path) as (sonos, here):
        sonos.world.play_songs("Kitchen", URIS)
        await here.until(lambda: is_named(here, "kitchen", "Song 0"))
        sonos.world.join("Office", "Kitchen")
        await here.until(lambda: here.zones["office"].leader() == "kitchen")
        assert (await here.look("office")).playing is Playing.NOTHING
        assert here.policy.moved == [], "grouping moves nothing"
        sonos.world.leave("Kitchen")
        await here.until(lambda: is_named(here, "office", "Song 0"))
        assert here.policy.moved == [("kitchen", "office")]
        assert (await here.look("kitchen")).track is None
        assert here.zones["office"].leader() is None
        assert here.zones["kitchen"].leader() is None


@in_virtual_time
async def test_who_leaves_the_group_takes_nothing_along(tmp_path: Path) -> None:
    async with virtual_lab(tmp_path) as (sonos, here):
        sonos.world.play_songs("Kitchen", URIS)
        sonos.world.join("Office", "Kitchen")
        await here.until(lambda: here.zones["office"].leader() == "kitchen")
        await here.until(lambda: is_named(here, "kitchen", "Song 0"))
        sonos.world.leave("Office")
        await here.until(lambda: here.zones["office"].leader() is None)
        assert await is_named(here, "kitchen", "Song 0")
        assert here.policy.moved == []


@in_virtual_time
async def test_a_group_formed_anew_under_another_leader(tmp_path: Path) -> None:
    async with virtual_lab(tmp_path) as (sonos, here):
        sonos.world.play_songs("Kitchen", URIS)
        sonos.world.join("Office", "Kitchen")
        await here.until(lambda: here.zones["office"].leader() == "kitchen")
        await here.until(lambda: is_named(here, "kitchen", "Song 0"))
        sonos.world.delegate("Kitchen", "Office", stays=True)
        await here.until(lambda: here.zones["kitchen"].leader() == "office")
        assert here.policy.moved == [("kitchen", "office")]
        assert await is_named(here, "office", "Song 0")


@in_virtual_time
async def test_the_app_moves_music_between_rooms_in_one_go(tmp_path: Path) -> None:
    """Joined and left before anybody could look."""
    async with virtual_lab(tmp_path, events=False) as (sonos, here):
        sonos.world.play_songs("Kitchen", URIS)
        await here.until(lambda: is_named(here, "kitchen", "Song 0"))
        sonos.world.move_music("Kitchen", "Office")
        await here.until(lambda: is_named(here, "office", "Song 0"))
        assert here.policy.moved == [("kitchen", "office")]


@in_virtual_time
async def test_television_line_in_and_radio(tmp_path: Path) -> None:
    async with virtual_lab(tmp_path) as (sonos, here):
        sonos.world.turn_tv_on("Living Room")
        sonos.world.play_line_in("Office")
        sonos.world.play_radio("Kitchen", "Example FM")
        await here.until(lambda: plays(here, "living-room", Playing.INPUT))
        await here.until(lambda: plays(here, "office", Playing.INPUT))
        await here.until(lambda: has_artist(here, "kitchen"))
        snapshot = await here.look("kitchen")
        assert snapshot.track is not None
        assert snapshot.track.album == "Example FM"
        assert snapshot.track.artists == ("Band",)
        assert snapshot.track.duration_ms is None
        sonos.world.play_radio("Kitchen", "Word Radio")
        await here.until(lambda: is_named(here, "kitchen", "Word Radio"))
        told = (await here.look("kitchen")).track
        assert told is not None
        assert told.artists == ()


@in_virtual_time
async def test_a_slow_speaker_delays_nobody(tmp_path: Path) -> None:
    async with virtual_lab(tmp_path) as (sonos, here):
        sonos.world.play_songs("Office", URIS)
        sonos.world.play_songs("Kitchen", URIS[4:])
        await here.until(lambda: is_named(here, "office", "Song 0"))
        sonos.world.slow_down("Kitchen", 5_000)
        await asyncio.sleep(1)
        looking = asyncio.create_task(here.look("kitchen"))
        began_s = asyncio.get_running_loop().time()
        for _ in range(3):
            assert await is_named(here, "office", "Song 0")
            assert (await here.look("living-room")).playing is Playing.IDLE
        assert asyncio.get_running_loop().time() == began_s, "they answered at once"
        assert not looking.done()
        with pytest.raises(Trouble) as caught:
            await looking
        assert caught.value.code is TroubleCode.UNAVAILABLE
        assert "Kitchen" in caught.value.message


@in_virtual_time
async def test_unplugged_and_back_at_another_address(tmp_path: Path) -> None:
    async with virtual_lab(tmp_path, first=2, poll_idle="2s") as (sonos, here):
        sonos.world.play_songs("Office", URIS)
        await here.until(lambda: is_named(here, "office", "Song 0"))
        before = sonos.player("Office").address
        sonos.world.set_reach("Office", Reach.REFUSED)
        await sonos.settle()
        await here.until(lambda: plays(here, "office", Playing.NOTHING))
        sonos.world.set_reach("Office", Reach.ANSWERS)
        sonos.world.readdress("Office")
        await sonos.settle()
        assert sonos.player("Office").address != before
        sonos.world.play_songs("Office", URIS[2:])
        await here.until(lambda: is_named(here, "office", "Song 2"))


async def test_known_speakers_have_their_zones_before_anybody_answers(tmp_path: Path) -> None:
    async with lab(tmp_path, zones={"cooking": "Kitchen"}) as (_, here):
        assert sorted(here.zones) == ["cooking", "living-room", "office"]
    nowhere = SonosConfig.model_validate({"addresses": ["127.0.0.1:9"], "zones": {"cooking": "Kitchen"}})
    again = Lab(tmp_path, nowhere, SystemClock(20))
    await again.start()
    try:
        assert sorted(again.zones) == ["cooking", "living-room", "office"]
        with pytest.raises(Trouble):
            await again.look("office")
        await again.until(lambda: again.statuses[-1] == (PluginStatus.WAITING, "no speaker found yet"))
    finally:
        await again.stop()


@pytest.mark.parametrize("events", [True, False])
async def test_changes_are_seen_with_and_without_events(tmp_path: Path, events: bool) -> None:
    async with lab(tmp_path, events=events, poll="1s", poll_idle="2s") as (sonos, here):
        if events:
            await here.until(lambda: here.parts.events is not None and here.parts.events.are_flowing)
        here.policy.wanted.clear()
        sonos.world.play_songs("Kitchen", URIS)
        await here.until(lambda: "kitchen" in here.policy.wanted)
        here.policy.wanted.clear()
        await here.until(lambda: is_named(here, "kitchen", "Song 0"))
        sonos.world.next("Kitchen")
        await here.until(lambda: "kitchen" in here.policy.wanted)
        assert await is_named(here, "kitchen", "Song 1")
        words = here.parts.about_events()
        assert words == ("events come" if events else "events are off")


@in_virtual_time
async def test_somebody_leaping_in_a_track_is_news(tmp_path: Path) -> None:
    """Whether it was begun anew or moved near its start only a look at that moment can tell."""
    async with virtual_lab(tmp_path, events=False) as (sonos, here):
        sonos.world.play_songs("Kitchen", URIS)
        await asyncio.sleep(60)
        here.policy.wanted.clear()
        await asyncio.sleep(60)
        assert "kitchen" not in here.policy.wanted
        assert (await here.look("kitchen")).leapt_after_ms is None
        sonos.world.seek("Kitchen", 30_000)
        await asyncio.sleep(5)
        assert "kitchen" in here.policy.wanted
        seen = await here.look("kitchen")
        assert seen.leapt_after_ms is not None
        assert 0 <= seen.at_ms - seen.leapt_after_ms <= 10_000, "it was elsewhere when the plugin itself looked last"


async def test_events_that_cannot_arrive_are_told_and_missed_by_nobody(tmp_path: Path) -> None:
    """The speakers are told an address that leads nowhere."""
    async with lab(tmp_path, poll="1s", poll_idle="2s", event_host="203.0.113.77") as (sonos, here):
        await here.until(lambda: "no events arrive" in here.statuses[-1][1])
        assert here.statuses[-1][0] is PluginStatus.RUNNING
        here.policy.wanted.clear()
        sonos.world.play_songs("Kitchen", URIS)
        await here.until(lambda: "kitchen" in here.policy.wanted)
        await here.until(lambda: is_named(here, "kitchen", "Song 0"))


async def test_a_speaker_that_was_started_anew_is_subscribed_to_again(tmp_path: Path) -> None:
    async with lab(tmp_path, poll_idle="2s") as (sonos, here):
        kitchen = sonos.player("Kitchen").uid
        await here.until(lambda: subscriptions(sonos, kitchen) > 0)
        sonos.world.reboot("Kitchen")
        await sonos.settle()
        assert subscriptions(sonos, kitchen) == 0, "it forgot"
        await here.until(lambda: subscriptions(sonos, kitchen) > 0)
    assert subscriptions(sonos, kitchen) == 0, "a hub that stops says goodbye"


def subscriptions(sonos: SimulatedSonos, uid: str) -> int:
    """How many a speaker holds."""
    return sum(each.uid == uid for each in sonos.fake.subscriptions.active)


async def test_twenty_starts_and_stops_leave_nothing(tmp_path: Path) -> None:
    async with SimulatedSonos(speed=20) as sonos:
        before = set(threading.enumerate())
        for _ in range(20):
            here = Lab(tmp_path, config_for(sonos), SystemClock(20))
            await here.start()
            await here.until(partial(is_complete, here))
            await here.stop()
        assert set(threading.enumerate()) <= before


async def test_nothing_configured_is_switched_off(tmp_path: Path) -> None:
    here = Lab(tmp_path, SonosConfig(), SystemClock())
    await here.start()
    assert here.statuses == [(PluginStatus.DISABLED, NOT_CONFIGURED)]
    assert here.zones == {}
    assert [check.level for check in await here.plugin_checks()] == [CheckLevel.SKIPPED]
    await here.stop()


async def is_named(here: Lab, zone: str, name: str) -> bool:
    return await here.name(zone) == name


async def plays(here: Lab, zone: str, playing: Playing) -> bool:
    try:
        return (await here.look(zone)).playing is playing
    except Trouble:
        return False


async def has_artist(here: Lab, zone: str) -> bool:
    track = (await here.look(zone)).track
    return track is not None and track.artists != ()


async def test_what_answers_but_is_no_speaker(tmp_path: Path) -> None:
    """A web server at a configured address, and one that sends nonsense without an end."""

    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<html>no!")
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    config = SonosConfig.model_validate({"addresses": [f"127.0.0.1:{port}"], "timeout": "300ms"})
    here = Lab(tmp_path, config, SystemClock(20))
    await here.start()
    try:
        await here.until(lambda: here.statuses[-1] == (PluginStatus.WAITING, "no speaker found yet"))
        assert [check.level for check in await here.plugin_checks()] == [CheckLevel.FAILED]
    finally:
        await here.stop()
        server.close()
        await server.wait_closed()


def is_complete(here: Lab) -> bool:
    return len(here.zones) == 3
