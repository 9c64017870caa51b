"""The real SoCo drives the simulated household over real sockets."""

import dataclasses

import requests
from soco.music_services.accounts import Account
from soco.plugins.sharelink import ShareLinkPlugin
from soco.snapshot import Snapshot

from moodroom_hub.simulator.sonos.players import PlayerSpec, Reach
from moodroom_hub.simulator.sonos.session import SonosSettings
from tests.simulator.homes import SONGS, URIS
from tests.simulator.sonos.rooms import NO_LOAD, Speakers, refusal, speakers

HOSTILE = dataclasses.replace(SONGS[0], uri="spotify:track:hostile", name='</DIDL-Lite>"&<b>\x07]]> ’', album="<&>")


def fill(here: Speakers, name: str, *uris: str) -> list[int]:
    share = ShareLinkPlugin(here.soco(name))
    return [share.add_share_link_to_queue(uri) for uri in uris]


async def test_topology_and_what_players_say_of_themselves() -> None:
    rooms = ("Kitchen", PlayerSpec("Den", is_soundbar=True, satellites=2), PlayerSpec("Bath & <1>", is_pair=True))
    async with speakers(players=rooms) as here:

        def look() -> None:
            kitchen, den = here.soco("Kitchen"), here.soco("Den")
            assert {zone.player_name for zone in kitchen.visible_zones} == {"Kitchen", "Den", "Bath & <1>"}
            assert len(kitchen.all_zones) == 6
            assert den.has_satellites
            assert kitchen.uid == here.sonos.player("Kitchen").uid
            assert kitchen.household_id == here.sonos.world.household_id
            info = here.soco("Bath & <1>").get_speaker_info()
            assert (info["zone_name"], info["uid"]) == ("Bath & <1>", here.sonos.player("Bath & <1>").uid)
            assert kitchen.renderingControl.GetVolume(InstanceID=0, Channel="Master")["CurrentVolume"] == "20"

        await here.run(look)


async def test_share_links_play_and_show_as_the_real_thing_does() -> None:
    async with speakers(items=(HOSTILE, *SONGS)) as here:

        def drive() -> None:
            kitchen = here.soco("Kitchen")
            assert fill(here, "Kitchen", "spotify:track:hostile", *URIS[:3]) == [1, 2, 3, 4]
            kitchen.play_from_queue(0)
            here.clock.turn(61_400)
            track = kitchen.get_current_track_info()
            assert track["title"] == '</DIDL-Lite>"&<b>]]> ’'
            assert (track["album"], track["artist"]) == ("<&>", "The Testers")
            assert (track["position"], track["duration"]) == ("0:01:01", "0:03:00")
            assert track["uri"] == "x-sonos-spotify:spotify%3atrack%3ahostile?sid=9&flags=8232&sn=1"
            assert kitchen.get_current_media_info()["uri"] == f"x-rincon-queue:{kitchen.uid}#0"
            assert [item.title for item in kitchen.get_queue()][1:] == ["Song 0", "Song 1", "Song 2"]
            assert kitchen.queue_size == 4
            art = requests.get(track["album_art"], timeout=3)
            assert art.status_code == 200

        await here.run(drive)


async def test_a_queue_is_added_to_reordered_and_cut() -> None:
    async with speakers() as here:

        def drive() -> None:
            kitchen = here.soco("Kitchen")
            fill(here, "Kitchen", *URIS[:5])
            kitchen.play_from_queue(1)
            ShareLinkPlugin(kitchen).add_share_link_to_queue(URIS[9], position=3)
            kitchen.reorder_queue(0, 1, 6)
            titles = [item.title for item in kitchen.get_queue()]
            assert titles == ["Song 1", "Song 9", "Song 2", "Song 3", "Song 4", "Song 0"]
            assert kitchen.get_current_track_info()["playlist_position"] == "1"
            kitchen.remove_from_queue(1)
            kitchen.remove_range_from_queue(2, 3)
            assert [item.title for item in kitchen.get_queue()] == ["Song 1", "Song 2"]
            kitchen.add_multiple_to_queue(kitchen.get_queue())
            assert kitchen.queue_size == 4
            kitchen.remove_from_queue(0)
            assert kitchen.get_current_track_info()["title"] == "Song 2"
            assert kitchen.get_current_transport_info()["current_transport_state"] == "PLAYING"
            kitchen.clear_queue()
            assert kitchen.get_current_transport_info()["current_transport_state"] == "STOPPED"
            assert (kitchen.queue_size, kitchen.get_current_track_info()["uri"]) == (0, "")

        await here.run(drive)


async def test_buttons_and_the_codes_of_their_refusals() -> None:
    async with speakers() as here:

        def drive() -> None:
            kitchen, den = here.soco("Kitchen"), here.soco("Den")
            assert refusal(den.play) == "701"
            fill(here, "Kitchen", *URIS[:2])
            kitchen.play_from_queue(0)
            kitchen.next()
            assert refusal(kitchen.next) == "711"
            for position in ("0:59:00", "9:00:00"):
                assert refusal(kitchen.seek, position) == "711"
            assert refusal(lambda: kitchen.seek(track=7)) == "711"
            kitchen.seek("0:01:00")
            kitchen.pause()
            assert refusal(kitchen.pause) == "701"
            kitchen.previous()
            kitchen.play_mode = "SHUFFLE_REPEAT_ONE"
            kitchen.cross_fade = True
            assert (kitchen.play_mode, kitchen.cross_fade) == ("SHUFFLE_REPEAT_ONE", True)
            assert "SeekTime" in kitchen.available_actions
            assert refusal(lambda: kitchen.play_uri("gopher:nothing")) == "714"
            den.join(kitchen)
            assert refusal(lambda: den.avTransport.Play([("InstanceID", 0), ("Speed", 1)])) == "800"

        await here.run(drive)


async def test_the_service_refuses_what_is_not_its_own() -> None:
    settings = SonosSettings(load_ms=0, service_number=3079)
    async with speakers(settings=settings) as here:
        here.sonos.world.refused_uris.add(URIS[1])

        def drive() -> None:
            assert fill(here, "Kitchen", URIS[0]) == [1]  # SoCo tries one service number, then the other
            for uri in (URIS[1], "spotify:track:nobodyKnowsThis"):
                assert refusal(fill, here, "Kitchen", uri) == "800"

        await here.run(drive)


async def test_groups_lead_follow_and_hand_over() -> None:
    async with speakers() as here:

        def drive() -> None:
            kitchen, den = here.soco("Kitchen"), here.soco("Den")
            fill(here, "Kitchen", *URIS[:3])
            kitchen.play_from_queue(1)
            den.join(kitchen)
            assert kitchen.group.coordinator is kitchen
            assert den.get_current_track_info()["uri"] == f"x-rincon:{kitchen.uid}"
            assert den.get_current_transport_info()["current_transport_state"] == "PLAYING"
            kitchen.volume, den.volume = 10, 30
            assert kitchen.group.volume == 20
            kitchen.group.volume = 40
            assert (kitchen.volume, den.volume) == (30, 50)
            kitchen.group.mute = True
            assert den.mute
            here.clock.turn(50_000)
            kitchen.unjoin()
            assert (den.is_coordinator, kitchen.is_coordinator) == (True, True)
            assert den.get_current_track_info()["position"] == "0:00:50"
            assert den.get_current_media_info()["uri"] == f"x-rincon-queue:{den.uid}#0"
            assert den.queue_size == 3
            assert kitchen.get_current_transport_info()["current_transport_state"] == "STOPPED"
            assert kitchen.queue_size == 0

        await here.run(drive)
        assert len(here.sonos.world.truth.listens) == 1


async def test_radio_television_and_line_in() -> None:
    async with speakers() as here:

        def drive() -> None:
            kitchen, den = here.soco("Kitchen"), here.soco("Den")
            station = here.sonos.world.stations["Example FM"]
            kitchen.play_uri(station.uri, title="Example <FM>")
            track, media = kitchen.get_current_track_info(), kitchen.get_current_media_info()
            assert (track["duration"], media["channel"], kitchen.music_source) == ("0:00:00", "Example <FM>", "RADIO")
            first = track["title"]
            assert (track["artist"], first[:5]) == ("The Testers", "Song ")
            assert refusal(kitchen.pause) == "701"
            here.clock.turn(330_000)
            assert kitchen.get_current_track_info()["title"] != first
            silent = here.sonos.world.stations["Quiet Waves"]
            kitchen.play_uri(silent.uri, title="Quiet")
            assert kitchen.get_current_track_info()["duration"] == "NOT_IMPLEMENTED"
            assert kitchen.is_playing_radio
            den.switch_to_tv()
            assert den.is_playing_tv
            assert den.get_current_track_info()["metadata"] == "NOT_IMPLEMENTED"
            kitchen.switch_to_line_in(here.soco("Office & Co <1>"))
            assert kitchen.is_playing_line_in
            assert refusal(kitchen.switch_to_tv) == "714"
            assert refusal(kitchen.switch_to_line_in) == "716"

        await here.run(drive)


async def test_players_that_are_slow_silent_gone_and_elsewhere() -> None:
    async with speakers() as here:
        world = here.sonos.world
        kitchen, den = here.soco("Kitchen"), here.soco("Den")
        world.play_songs("Den", URIS[:3])
        await here.run(lambda: den.uid)

        def ask_shortly() -> None:
            den.avTransport.GetTransportInfo([("InstanceID", 0)], timeout=0.15)

        world.slow_down("Den", 60_000)
        assert await here.run(refusal, ask_shortly) == "ReadTimeout"
        world.set_reach("Den", Reach.SILENT)
        assert await here.run(refusal, ask_shortly) == "ReadTimeout"
        world.slow_down("Den", 0)
        world.set_reach("Den", Reach.ANSWERS)
        await here.run(ask_shortly)

        world.unplug("Den")
        assert await here.run(refusal, ask_shortly) == "ConnectionError"
        await here.sonos.settle()
        assert await here.run(refusal, ask_shortly) == "ConnectionError"
        here.forget()
        assert den not in await here.run(lambda: kitchen.visible_zones)

        world.plug_in("Den")
        await here.sonos.settle()
        here.forget()
        assert await here.run(lambda: den.boot_seqnum) == 2
        assert await here.run(lambda: den.queue_size) == 3
        assert not world.is_playing("Den")

        before = here.sonos.player("Den").address
        world.readdress("Den")
        await here.sonos.settle()
        assert here.sonos.player("Den").address != before
        here.forget()
        found = await here.run(lambda: {zone.uid: zone for zone in kitchen.visible_zones})
        assert found[here.sonos.player("Den").uid].port == here.sonos.player("Den").port


async def test_large_households_refuse_to_tell_their_topology() -> None:
    async with speakers(settings=dataclasses.replace(NO_LOAD, topology_refused_from=3)) as here:

        def ask() -> None:
            here.soco("Kitchen").zoneGroupTopology.GetZoneGroupState()

        assert await here.run(refusal, ask) == "501"


async def test_a_player_without_power_is_told_of_for_a_while() -> None:
    async with speakers(settings=dataclasses.replace(NO_LOAD, vanish_after_ms=30_000)) as here:

        def is_told_of() -> bool:
            here.forget()
            return here.soco("Den") in here.soco("Kitchen").visible_zones

        here.sonos.world.unplug("Den")
        await here.run(here.soco("Kitchen").get_speaker_info)
        here.clock.turn(29_000)
        assert await here.run(is_told_of)
        here.clock.turn(1_000)
        assert not await here.run(is_told_of)


async def test_accounts_snapshots_and_party_mode() -> None:
    async with speakers() as here:
        here.sonos.world.play_songs("Kitchen", URIS[:3])

        def drive() -> None:
            kitchen = here.soco("Kitchen")
            account = Account.get_accounts(kitchen)["1"]
            assert (account.service_type, account.nickname) == ("2311", "Listener")
            before = Snapshot(kitchen)
            before.snapshot()
            kitchen.next()
            kitchen.volume = 3
            before.restore()
            assert (kitchen.volume, kitchen.get_current_track_info()["playlist_position"]) == (20, "1")
            kitchen.partymode()
            here.forget()
            assert len([zone for zone in kitchen.group if zone.is_visible]) == 3
            assert kitchen.group.coordinator is kitchen

        await here.run(drive)
