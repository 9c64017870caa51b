"""Who is like whom at Last.fm: asked politely, kept for a month, and never trouble for whoever asks."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from moodroom_hub.plugins.scrobbling import Plugin
from moodroom_hub.plugins.scrobbling.lastfm import parsed
from moodroom_hub.plugins.scrobbling.services import Reply
from moodroom_hub.plugins.scrobbling.similar import MOST, _names
from moodroom_hub.simulator.scrobble_services.answers import Fault, FaultKind
from tests.plugins.metadata.lab import Memory
from tests.plugins.scrobbling.lab import DAY_S, HOUR_S, LASTFM_KEYS, SECRETS, Lab, lab, virtually

NOBODY_ELSE: dict[str, Any] = {"listenbrainz": {}, "servers": {}}


@asynccontextmanager
async def asking(spot: Lab, memory: Memory, **section: Any) -> AsyncIterator[Plugin]:
    """The plugin, started by whoever has a key and no login."""
    given = {"lastfm": LASTFM_KEYS, **NOBODY_ELSE, **section}
    context = spot.context(lambda name, work: None, spot.config(**given))
    object.__setattr__(context, "hub", SimpleNamespace(plays=spot.plays, findings=memory))
    plugin = Plugin(context)
    await plugin.start()
    try:
        yield plugin
    finally:
        await plugin.stop()


def similar_requests(spot: Lab) -> int:
    """How often Last.fm was asked."""
    return spot.lastfm.requests.count("artist.getsimilar")


def test_the_nearest_first_and_kept_for_a_month(tmp_path: Path) -> None:
    async def run() -> None:
        async with lab(tmp_path) as spot:
            memory = Memory(spot.clock)
            spot.lastfm.similar["drake"] = ["PARTYNEXTDOOR", "DRAKE", "6LACK", "6lack", "Beyoncé & Søn\n"]
            spot.lastfm.similar["one & other=1"] = ["Only"]
            async with asking(spot, memory) as plugin:
                assert await plugin.find_similar("Drake") == ("PARTYNEXTDOOR", "6LACK", "Beyoncé & Søn")
                assert await plugin.find_similar("One & Other=1") == ("Only",)
                assert await plugin.find_similar(" DRAKE ") == ("PARTYNEXTDOOR", "6LACK", "Beyoncé & Søn")
                assert similar_requests(spot) == 2
            async with asking(spot, memory) as plugin:  # after a restart
                assert await plugin.find_similar("drake") is not None
                assert similar_requests(spot) == 2
                await spot.clock.sleep_ms(31 * DAY_S * 1000)
                assert await plugin.find_similar("drake") is not None
                assert similar_requests(spot) == 3

    virtually(run)


def test_who_is_not_known_is_asked_for_once_a_week(tmp_path: Path) -> None:
    async def run() -> None:
        async with lab(tmp_path) as spot:
            spot.lastfm.similar["lonely"] = []
            async with asking(spot, Memory(spot.clock)) as plugin:
                for _ in range(3):
                    assert await plugin.find_similar("Nobody") is None
                    assert await plugin.find_similar("Lonely") is None
                    assert await plugin.find_similar(" \n ") is None
                assert similar_requests(spot) == 2
                await spot.clock.sleep_ms(8 * DAY_S * 1000)
                spot.lastfm.similar["nobody"] = ["Somebody"]
                assert await plugin.find_similar("Nobody") == ("Somebody",)

    virtually(run)


def test_many_at_once_go_one_by_one_and_nobody_waits_long(tmp_path: Path) -> None:
    async def run() -> None:
        async with lab(tmp_path) as spot:
            spot.lastfm.similar = {f"band {number}": ["Other"] for number in range(12)}
            async with asking(spot, Memory(spot.clock)) as plugin:
                began_ms = spot.clock.now_ms()
                found = await asyncio.gather(*(plugin.find_similar(f"Band {number}") for number in range(12)))
                assert spot.clock.now_ms() - began_ms < 5_000
                assert 2 <= sum(each is not None for each in found) <= 4
                await spot.clock.sleep_ms(30_000)
                for number in range(12):
                    assert await plugin.find_similar(f"Band {number}") == ("Other",)
                assert similar_requests(spot) == 12

    virtually(run)


@pytest.mark.parametrize("kind", [FaultKind.ERROR_BEFORE, FaultKind.CUT_BEFORE, FaultKind.TOO_MANY, FaultKind.NO_JSON])
def test_what_goes_wrong_is_nothing_and_passes(tmp_path: Path, kind: FaultKind) -> None:
    async def run() -> None:
        async with lab(tmp_path) as spot:
            spot.lastfm.similar["drake"] = ["6LACK"]
            spot.lastfm.faults.append(Fault(kind, wait_s=120))
            async with asking(spot, Memory(spot.clock)) as plugin:
                assert await plugin.find_similar("Drake") is None
                answered = similar_requests(spot)
                await spot.clock.sleep_ms(20_000)
                assert await plugin.find_similar("Drake") is None
                assert similar_requests(spot) == answered  # left alone
                await spot.clock.sleep_ms(120_000)
                assert await plugin.find_similar("Drake") == ("6LACK",)

    virtually(run)


@pytest.mark.parametrize("code", [4, 8, 10, 11, 16, 26, 29, 99])
def test_errors_by_their_codes(tmp_path: Path, code: int) -> None:
    async def run() -> None:
        async with lab(tmp_path) as spot:
            spot.lastfm.error = code
            async with asking(spot, Memory(spot.clock)) as plugin:
                assert await plugin.find_similar("Drake") is None
                spot.lastfm.error, spot.lastfm.similar["drake"] = None, ["6LACK"]
                await spot.clock.sleep_ms(61_000)
                is_back = await plugin.find_similar("Drake") is not None
                assert is_back is (code not in (4, 10, 26))
                await spot.clock.sleep_ms(HOUR_S * 1000)
                assert await plugin.find_similar("Drake") == ("6LACK",)

    virtually(run)


def test_a_refused_key_is_tried_once_an_hour_and_never_shown(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> None:
        async with lab(tmp_path) as spot:
            spot.lastfm.api_key = "another one"
            memory = Memory(spot.clock)
            async with asking(spot, memory) as plugin:
                for _ in range(40):
                    assert await plugin.find_similar("Drake") is None
                    await spot.clock.sleep_ms(300_000)
            assert 3 <= similar_requests(spot) <= 4
            async with asking(spot, memory, lastfm={**LASTFM_KEYS, "api_key": "file:/nowhere/at/all"}) as plugin:
                assert await plugin.find_similar("Drake") is None
            memory.is_down = True
            async with asking(spot, memory) as plugin:
                assert await plugin.find_similar("Drake") is None

    caplog.set_level(logging.DEBUG)
    virtually(run)
    assert "does not accept the api_key" in caplog.text
    assert not any(secret in caplog.text for secret in SECRETS)


def test_without_a_key_nobody_is_asked(tmp_path: Path) -> None:
    async def run() -> None:
        async with lab(tmp_path) as spot:
            brainz = {"token": "token-of-the-user"}
            async with asking(spot, Memory(spot.clock), lastfm={}, listenbrainz=brainz) as plugin:
                assert await plugin.find_similar("Drake") is None
            async with asking(spot, Memory(spot.clock)) as plugin:
                await plugin.stop()
                assert await plugin.find_similar("Drake") is None
            assert spot.lastfm.requests == []

    virtually(run)


@pytest.mark.parametrize(
    "listed",
    ["null", "7", '"x"', "[null, 7, {}, []]", '[{"name": 5}, {"name": ""}, {"name": " \\u0000 "}]', '{"name": null}'],
)
def test_hostile_lists_are_nobody(listed: str) -> None:
    reply = Reply(200, {}, f'{{"similarartists": {{"artist": {listed}}}}}'.encode())
    assert _names(parsed(reply)["similarartists"], "Drake") == []


def test_lists_and_names_are_of_bounded_length() -> None:
    many = {"artist": [{"name": f"{number} {'x' * 10_000}"} for number in range(500)]}
    assert [len(name) for name in _names(many, "Drake")] == [200] * MOST
