"""What was played reaches every service: once, in order, politely, whatever happens on the way."""

import asyncio
import logging
from pathlib import Path

import pytest

from moodroom_hub.core.events import Played
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.domain.models import DurationMs
from moodroom_hub.domain.plays.models import Edit
from moodroom_hub.simulator.scrobble_services import Fault, FaultKind
from tests.plugins.scrobbling.lab import (
    DAY_S,
    DEAD,
    HOUR_S,
    LEFT_OUT,
    MINUTE_S,
    SECRETS,
    SENDING,
    SENT,
    WAITING,
    lab,
    track,
    virtually,
)

NASTY = (
    "<b>Bold</b> & \"quoted\" 'single' %s {0}",
    "x" * 300,
    "🎸🔥👨‍👩‍👧 Noël",
    "שלום \u202eesrever מוזיקה",
    "Björk = 1&artist[0]=Other",
    "tab\tand\nbreak\x00end",
)


def test_a_play_is_told_everywhere_with_all_that_is_known(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path) as home, home.plugin() as plugin:
            began_s = home.clock.now_ms() // 1000 - 120
            await home.play(plugin, track("Trophies", "Drake", isrc="USCM51300762"))
            await asyncio.sleep(5)
            for service in home.services:
                [heard] = service.held
                assert (heard.at_s, heard.artist, heard.title) == (began_s, "Drake", "Trophies")
                assert (heard.album, heard.duration_s, heard.is_chosen) == ("Album", 180, True)
            assert [home.statuses(name) for name in ("lastfm", "listenbrainz", "maloja")] == [[SENT]] * 3
            assert home.health is not None
            queues = (
                "lastfm: 0 wait, 0 dead, 1 sent; listenbrainz: 0 wait, 0 dead, 1 sent; maloja: 0 wait, 0 dead, 1 sent"
            )
            assert home.health.message == queues
            assert home.told[-1] == (PluginStatus.RUNNING, "tells Last.fm, ListenBrainz, the server maloja")

    virtually(work)


def test_a_day_offline_then_all_once_in_order_and_politely(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path) as home, home.plugin() as plugin:
            for service in home.services:
                service.is_down = True
            for _ in range(300):
                await home.play(plugin)
                await asyncio.sleep(DAY_S / 300)
            assert home.standing() is PluginStatus.WAITING
            assert [service.held for service in home.services] == [[], [], []]
            for service in home.services:
                service.is_down = False
            await asyncio.sleep(1.1 * HOUR_S + 10 * MINUTE_S)
            wanted = [f"Song {number}" for number in range(1, 301)]
            for service in home.services:
                assert [heard.title for heard in service.held] == wanted
                assert service.doubles == 0
            assert home.lastfm.batches == [50] * 6
            assert home.listenbrainz.batches == [100] * 3
            assert home.standing() is PluginStatus.RUNNING
            assert home.statuses("lastfm") == [SENT] * 300

    virtually(work)


@pytest.mark.parametrize("kind", [FaultKind.ERROR_AFTER, FaultKind.CUT_AFTER, FaultKind.HANG_AFTER])
def test_killed_in_the_middle_of_a_batch_or_answered_by_a_fault(tmp_path: Path, kind: FaultKind) -> None:
    """The services took it, and the hub never heard so: it is sent again and held once, also by Maloja."""

    async def work() -> None:
        async with lab(tmp_path) as home:
            for service in home.services:
                service.faults.append(Fault(kind))
            async with home.plugin() as plugin:
                for number in range(30):
                    await home.play(plugin, ago_s=9_000 - number * 180)
                await asyncio.sleep(0.5)
            if kind is FaultKind.HANG_AFTER:
                assert SENDING in home.statuses("lastfm")
            async with home.plugin():
                await asyncio.sleep(MINUTE_S)
            for service in home.services:
                assert sorted(heard.title for heard in service.held) == sorted(f"Song {n}" for n in range(1, 31))
                assert service.doubles >= 1
            assert home.statuses("maloja") == [SENT] * 30

    virtually(work)


def test_a_temporary_fault_is_tried_again_later_and_for_ever(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path) as home, home.plugin(listenbrainz={}, servers={}) as plugin:
            home.lastfm.error = 11
            await home.play(plugin)
            await asyncio.sleep(3 * DAY_S)
            assert 60 <= len(home.lastfm.requests) <= 110  # an hour apart at the most, once it has been away for long
            assert home.statuses("lastfm") == [WAITING]
            assert "fault of its own" in home.reason(1)
            home.lastfm.error = None
            await asyncio.sleep(HOUR_S)
            assert home.statuses("lastfm") == [SENT]

    virtually(work)


def test_a_poisoned_play_in_a_batch_of_fifty_dies_alone(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path) as home:
            home.lastfm.poisoned = home.listenbrainz.poisoned = {"Song 37"}
            home.lastfm.is_down = home.listenbrainz.is_down = True
            async with home.plugin(servers={}) as plugin:
                for _ in range(50):
                    await home.play(plugin)
                    await asyncio.sleep(1)
                home.lastfm.is_down = home.listenbrainz.is_down = False
                await asyncio.sleep(10 * MINUTE_S)
                wanted = [f"Song {number}" for number in range(1, 51) if number != 37]
                for service, name in ((home.lastfm, "lastfm"), (home.listenbrainz, "listenbrainz")):
                    assert [heard.title for heard in service.held] == wanted
                    assert home.statuses(name) == [DEAD if number == 37 else SENT for number in range(1, 51)]
                    assert len(service.requests) < 25
                assert "refuses it" in home.reason(37)
                assert "moodroom-hub scrobbles retry" in home.reason(37)
                assert "refused <b>for good</b>" in home.reason(37, "listenbrainz")
                assert home.health is not None
                assert "1 dead" in home.health.message
                home.lastfm.poisoned = home.listenbrainz.poisoned = set()
                await home.plays.retry()
                await asyncio.sleep(MINUTE_S)
                assert home.lastfm.held[-1].title == home.listenbrainz.held[-1].title == "Song 37"

    virtually(work)


def test_what_lastfm_ignores_is_dead_with_its_word_and_can_be_corrected(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path) as home, home.plugin(listenbrainz={}, servers={}) as plugin:
            home.lastfm.ignored_artists = {"Unknown Artist"}
            bad = await home.play(plugin, track("Song", "Unknown Artist"))
            old = await home.play(plugin, ago_s=15 * DAY_S)
            new = await home.play(plugin, ago_s=-2 * HOUR_S)
            fine = await home.play(plugin)
            await asyncio.sleep(5)
            assert home.statuses("lastfm") == [DEAD, DEAD, DEAD, SENT]
            assert "ignores this artist" in home.reason(bad)
            assert "14 days" in home.reason(old)
            assert "clock" in home.reason(new)
            assert home.reason(fine) == ""
            await home.plays.edit(bad, Edit(artist="Known Artist"))
            await asyncio.sleep(20)
            assert [heard.artist for heard in home.lastfm.held] == ["Band", "Known Artist"]

    virtually(work)


def test_the_limit_of_a_day_loses_nothing(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path) as home, home.plugin(listenbrainz={}, servers={}) as plugin:
            home.lastfm.daily_limit = 3
            for _ in range(5):
                await home.play(plugin)
            await asyncio.sleep(10)
            assert home.statuses("lastfm") == [SENT, SENT, SENT, WAITING, WAITING]
            assert "one day" in home.reason(5)
            home.lastfm.daily_limit = None
            await asyncio.sleep(HOUR_S + MINUTE_S)
            assert home.statuses("lastfm") == [SENT] * 5

    virtually(work)


def test_a_clock_that_is_behind_or_ahead_loses_nothing(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path) as home, home.plugin(servers={}) as plugin:
            home.skew_ms = -round(2 * HOUR_S * 1000)  # for the services it is two hours earlier
            await home.play(plugin)
            await asyncio.sleep(10)
            assert home.statuses("lastfm") == home.statuses("listenbrainz") == [DEAD]
            home.skew_ms = 0
            await home.plays.retry()
            await asyncio.sleep(MINUTE_S)
            assert home.statuses("lastfm") == home.statuses("listenbrainz") == [SENT]

    virtually(work)


def test_the_wait_that_a_service_asks_for_is_kept(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path) as home, home.plugin(servers={}) as plugin:
            home.listenbrainz.faults.append(Fault(FaultKind.TOO_MANY, wait_s=1_800))
            home.lastfm.faults.append(Fault(FaultKind.TOO_MANY, wait_s=1_800))
            await home.play(plugin)
            await asyncio.sleep(10)
            assert await home.plays.retry() == 0
            await home.play(plugin)
            await asyncio.sleep(1_780)
            assert home.listenbrainz.held == home.lastfm.held == []
            await asyncio.sleep(60)
            assert len(home.listenbrainz.held) == len(home.lastfm.held) == 2

    virtually(work)


def test_a_used_up_window_is_waited_out(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path) as home:
            home.listenbrainz.window = 2
            async with home.plugin(lastfm={}, servers={}) as plugin:
                for _ in range(12):
                    await home.play(plugin)
                    await asyncio.sleep(1.5)
                await asyncio.sleep(MINUTE_S)
                assert [heard.title for heard in home.listenbrainz.held] == [f"Song {n}" for n in range(1, 13)]

    virtually(work)


def test_the_welcome_page_of_a_hotel_takes_no_play(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path) as home, home.plugin() as plugin:
            for service in home.services:
                service.faults.append(Fault(FaultKind.NO_JSON))
            await home.play(plugin)
            await asyncio.sleep(2)
            assert home.statuses("lastfm") == home.statuses("listenbrainz") == home.statuses("maloja") == [WAITING]
            await asyncio.sleep(MINUTE_S)
            assert [len(service.held) for service in home.services] == [1, 1, 1]

    virtually(work)


def test_hostile_titles_arrive_as_they_are(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path) as home, home.plugin() as plugin:
            for number, title in enumerate(NASTY):
                await home.play(plugin, track(title, title[:40], album=title), ago_s=200 + number)
            await asyncio.sleep(30)
            wanted = [" ".join(title.replace("\x00", " ").split()) for title in NASTY]
            for service in home.services:
                assert [heard.title for heard in service.held] == wanted

    virtually(work)


def test_what_is_left_out_is_planned_with_its_reason(tmp_path: Path) -> None:
    async def work() -> None:
        left_out = {"artists": ["white noise"], "streams": True}
        async with lab(tmp_path) as home, home.plugin(zones=["home"], leave_out=left_out, servers={}) as plugin:
            await home.play(plugin, zone="kitchen")
            await home.play(plugin, track("Rain", "White Noise"))
            await home.play(plugin, track("Untitled", ""))
            await home.play(plugin, track("Radio", "Station", duration_ms=None))
            await home.play(plugin, track("Jingle", "Band", duration_ms=DurationMs(30_000)))
            await asyncio.sleep(5)
            assert home.statuses("lastfm") == [LEFT_OUT] * 5
            assert home.statuses("listenbrainz") == [LEFT_OUT] * 4 + [SENT]
            words = ("the zone kitchen", "artist is left out", "no artist", "no known length", "longer than 30 s")
            assert all(word in home.reason(number) for number, word in enumerate(words, start=1))
            assert home.lastfm.requests == []

    virtually(work)


def test_radio_was_not_chosen_by_the_listener(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path) as home, home.plugin(servers={}) as plugin:
            await home.play(plugin, track("On Air", "Station", duration_ms=None))
            await home.play(plugin)
            await asyncio.sleep(5)
            assert [heard.is_chosen for heard in home.lastfm.held] == [False, True]
            assert home.listenbrainz.held[0].duration_s is None

    virtually(work)


def test_the_same_event_again_and_a_twin_send_nothing_twice(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path) as home, home.plugin(servers={}) as plugin:
            await home.play(plugin)
            await asyncio.sleep(5)
            again = home.plays.plays[1]
            await plugin.on_played(Played(id=1, zone=again.zone, at_ms=again.counted_at_ms, play=again))
            await home.play(plugin, twin_of=1)
            await asyncio.sleep(MINUTE_S)
            assert len(home.lastfm.held) == 1
            assert home.lastfm.doubles == 0

    virtually(work)


def test_what_plays_now_is_shown_and_old_news_is_not(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path) as home, home.plugin(zones=["home"]) as plugin:
            await home.change(plugin, track("Old News"), ago_s=2 * MINUTE_S)
            await home.change(plugin, track("Elsewhere"), zone="kitchen")
            for number in range(20):
                await home.change(plugin, track(f"Skipped {number}"))
            await home.change(plugin, track("Now"))
            await asyncio.sleep(10)
            for service in home.services:
                assert [heard.title for heard in service.now_playing] == ["Now"]
            for service in home.services:
                service.faults.append(Fault(FaultKind.ERROR_BEFORE))
            await home.change(plugin, track("Lost"))
            await asyncio.sleep(HOUR_S)
            assert all(len(service.now_playing) == 1 for service in home.services)
            assert home.plays.deliveries == {}
            assert home.standing() is PluginStatus.RUNNING

    virtually(work)


def test_no_secret_ever_reaches_a_log_a_reason_or_a_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def work() -> str:
        async with lab(tmp_path) as home:
            kinds = list(FaultKind)
            for service in home.services:
                service.faults.extend(Fault(kind) for kind in kinds)
            async with home.plugin() as plugin:
                for _ in range(5):
                    await home.play(plugin)
                    await asyncio.sleep(HOUR_S)
                home.lastfm.session_key, home.listenbrainz.token, home.maloja.token = None, "other", "other"
                await home.play(plugin)
                await asyncio.sleep(2 * HOUR_S)
                checks = await plugin.check()
            return repr((home.told, home.health, checks, home.plays.deliveries))

    everything = virtually(work) + caplog.text
    assert not [secret for secret in SECRETS if secret in everything]


def test_a_database_that_is_away_loses_nothing(tmp_path: Path) -> None:
    """Neither what was to be planned meanwhile, nor what was sent and could not be written down."""

    async def work() -> None:
        async with lab(tmp_path) as home, home.plugin(servers={}) as plugin:
            home.may_lose_loops = True
            await home.play(plugin)
            home.lastfm.faults.append(Fault(FaultKind.HANG_AFTER))
            await asyncio.sleep(1)
            home.plays.is_away = True
            await home.play(plugin, ago_s=100)
            await asyncio.sleep(HOUR_S)
            home.plays.is_away = False
            await asyncio.sleep(10 * MINUTE_S)
            for service, name in ((home.lastfm, "lastfm"), (home.listenbrainz, "listenbrainz")):
                assert [heard.title for heard in service.held] == ["Song 1", "Song 2"]
                assert home.statuses(name) == [SENT, SENT]

    virtually(work)
