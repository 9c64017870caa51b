"""The eyes, over real HTTP."""

from pathlib import Path

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.domain.models import HOME, Playing
from tests.plugins.spotify.fake import LATE_NIGHT, Reply, error
from tests.plugins.spotify.lab import START, lab, virtual


@virtual
async def test_a_track_that_plays(tmp_path: Path) -> None:
    async with lab(tmp_path, market="de") as spot:
        spot.fake.uri, spot.fake.is_playing, spot.fake.position_ms = LATE_NIGHT, True, 31_250
        seen = await spot.parts.source.look()
        assert (seen.zone, seen.playing, seen.is_playing, seen.position_ms) == (HOME, Playing.TRACK, True, 31_250)
        assert seen.track is not None
        assert (seen.track.uri, seen.track.name, seen.track.isrc) == (LATE_NIGHT, "Marvins Room", "USCM51100600")
        assert seen.device is not None
        assert seen.device.name == "Kitchen"
        assert (seen.at_ms, seen.uncertainty_ms) == (START, 0)
        assert dict(spot.fake.asked[0].query) == {"market": "DE", "additional_types": "track,episode"}


@pytest.mark.parametrize("reply", [Reply(204), Reply(202), Reply(200, b""), Reply(200, b"null")])
def test_nothing_there(tmp_path: Path, reply: Reply) -> None:
    @virtual
    async def run() -> None:
        async with lab(tmp_path) as spot:
            spot.fake.once("GET /v1/me/player", reply)
            assert (await spot.parts.source.look()).playing is Playing.NOTHING

    run()


@pytest.mark.parametrize(
    "reply",
    [
        error(400, "invalid id"),
        Reply(400, "Bad gateway, sort of"),
        Reply(200, [1, 2]),
        Reply(200, b"true"),
        Reply(200, {}),
        Reply(200, {"item": None, "currently_playing_type": "unknown", "is_playing": True}),
        Reply(200, {"item": {"name": "no uri"}, "device": "odd"}),
    ],
)
def test_what_cannot_be_known(tmp_path: Path, reply: Reply) -> None:
    @virtual
    async def run() -> None:
        async with lab(tmp_path) as spot:
            spot.fake.once("GET /v1/me/player", reply)
            seen = await spot.parts.source.look()
            assert (seen.playing, seen.track) == (Playing.UNKNOWN, None)

    run()


@pytest.mark.parametrize("reply", [Reply(200, "<html>a captive portal"), Reply(302, None, {"Location": "/login"})])
def test_something_else_answers_in_spotifys_place(tmp_path: Path, reply: Reply) -> None:
    @virtual
    async def run() -> None:
        async with lab(tmp_path) as spot:
            spot.fake.once("GET /v1/me/player", reply)
            with pytest.raises(Trouble) as trouble:
                await spot.parts.source.look()
            assert (trouble.value.code, trouble.value.outcome_unknown) == (TroubleCode.UNAVAILABLE, False)
            assert len(spot.fake.asked) == 1

    run()


@virtual
async def test_the_device_is_remembered_once_it_was_seen_active(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.uri, spot.fake.is_playing = LATE_NIGHT, True
        for _ in range(2):
            await spot.parts.source.look()
        assert (tmp_path / "spotify-device.json").read_text() == '{"name": "Kitchen", "kind": "Speaker"}'
