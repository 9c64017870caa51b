"""The hands, over real HTTP: what works is verified, what is unclear is looked at, a queue POST goes out once."""

from pathlib import Path

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.domain.models import Uri
from tests.plugins.spotify.fake import HOUSE, LATE_NIGHT, RELINKED, Reply, device_json, error
from tests.plugins.spotify.lab import Lab, lab, virtual

LOOK = "GET /v1/me/player"
DEVICES = "GET /v1/me/player/devices"
MOVE = "PUT /v1/me/player"
PLAY = "PUT /v1/me/player/play"
PAUSE = "PUT /v1/me/player/pause"
NEXT = "POST /v1/me/player/next"
QUEUE = "POST /v1/me/player/queue"
RESTRICTED = error(403, "Player command failed: Restriction violated", "UNKNOWN")


async def refused(spot: Lab, uri: str = LATE_NIGHT) -> Trouble:
    """The trouble that playing gives."""
    with pytest.raises(Trouble) as trouble:
        await spot.parts.player.play(Uri(uri))
    return trouble.value


# --- play ------------------------------------------------------------------------------------------------


@virtual
async def test_play_on_the_active_device_is_verified(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.uri, spot.fake.is_playing, spot.fake.lag = HOUSE, True, 2
        await spot.parts.player.play(Uri(LATE_NIGHT))
        assert spot.fake.calls() == [PLAY, LOOK, LOOK, LOOK]
        assert spot.fake.asked[0].body == f'{{"uris": ["{LATE_NIGHT}"]}}'
        assert dict(spot.fake.asked[0].query) == {}


@virtual
async def test_play_returns_for_a_relinked_track_that_began_with_the_command(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.relinks[LATE_NIGHT] = RELINKED
        await spot.parts.player.play(Uri(LATE_NIGHT))
        assert spot.fake.calls() == [PLAY, LOOK]


@pytest.mark.parametrize(
    "reply", [Reply(hangs=True, acts=True), Reply(502, "bad", acts=True), Reply(breaks=True, acts=True)]
)
def test_play_of_unknown_outcome_that_took_effect_is_not_repeated(tmp_path: Path, reply: Reply) -> None:
    @virtual
    async def run() -> None:
        async with lab(tmp_path) as spot:
            spot.fake.once(PLAY, reply)
            await spot.parts.player.play(Uri(LATE_NIGHT))
            assert spot.fake.calls("PUT") == [PLAY]

    run()


@virtual
async def test_play_of_unknown_outcome_without_effect_is_tried_again_after_looking(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.once(PLAY, Reply(503))
        await spot.parts.player.play(Uri(LATE_NIGHT))
        assert spot.fake.calls() == [PLAY, *[LOOK] * 5, DEVICES, PLAY, LOOK]
        assert spot.fake.uri == LATE_NIGHT


@virtual
async def test_play_wakes_the_only_device(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.devices = [device_json("Kitchen")]
        await spot.parts.player.play(Uri(LATE_NIGHT))
        assert spot.fake.calls() == [PLAY, DEVICES, PLAY, LOOK]
        assert spot.fake.asked[2].query["device_id"] == "id-of-kitchen"


@virtual
async def test_play_moves_spotify_to_a_device_that_only_seems_to_accept(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.devices = [device_json("Kitchen", "k1")]
        spot.fake.sleepers = {"k1"}
        await spot.parts.player.play(Uri(LATE_NIGHT))
        assert spot.fake.calls("PUT") == [PLAY, PLAY, MOVE, PLAY]
        assert (spot.fake.uri, spot.fake.is_playing) == (LATE_NIGHT, True)


@virtual
async def test_play_on_the_configured_then_on_the_last_device(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.devices = [device_json("Kitchen"), device_json("Bath", is_active=True)]
        await spot.parts.source.look()  # the bath is remembered
        spot.fake.devices = [device_json("Kitchen"), device_json("Bath", "another-id-by-now")]
        await spot.parts.player.play(Uri(LATE_NIGHT))
        assert spot.fake.asked[-2].query["device_id"] == "another-id-by-now"
        await spot.parts.close()
        spot.restart(device="kitchen")
        spot.fake.devices = [device_json("Kitchen"), device_json("Bath")]
        await spot.parts.player.play(Uri(HOUSE))
        assert spot.fake.asked[-2].query["device_id"] == "id-of-kitchen"


@virtual
async def test_the_last_device_is_known_after_a_restart(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.devices = [device_json("Kitchen"), device_json("Bath", is_active=True)]
        await spot.parts.source.look()
        await spot.parts.close()
        spot.restart()
        spot.fake.devices = [device_json("Kitchen"), device_json("Bath", "new")]
        await spot.parts.player.play(Uri(LATE_NIGHT))
        assert spot.fake.asked[-2].query["device_id"] == "new"


@virtual
async def test_play_says_what_to_open(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.devices = []
        trouble = await refused(spot)
        assert (trouble.code, trouble.outcome_unknown) == (TroubleCode.NO_DEVICE, False)
        assert "Open Spotify on a phone, a computer or a speaker" in trouble.message
        spot.fake.devices = [device_json("Kitchen"), device_json("Bath")]
        trouble = await refused(spot)
        assert trouble.code is TroubleCode.NO_DEVICE
        assert "Kitchen, Bath" in trouble.message


@virtual
async def test_play_leaves_a_restricted_group_alone(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        sonos = device_json("Living Room", is_active=True, is_restricted=True)
        sonos["id"] = None
        spot.fake.always[PLAY] = error(403, "Restricted device")
        spot.fake.devices = [sonos, device_json("Phone")]
        trouble = await refused(spot)
        assert trouble.code is TroubleCode.RESTRICTED_DEVICE
        assert "Living Room" in trouble.message
        assert spot.fake.calls("PUT") == [PLAY]


@virtual
async def test_play_tells_of_a_restricted_group_that_no_list_shows(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.always[PLAY] = error(403, "Restricted device")
        for listed in ([], [device_json("Kitchen"), device_json("Bath")]):
            spot.fake.devices = listed
            trouble = await refused(spot)
            assert (trouble.code, trouble.outcome_unknown) == (TroubleCode.RESTRICTED_DEVICE, False)


@virtual
async def test_play_on_a_device_that_never_starts(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.always[PLAY] = Reply(202)
        trouble = await refused(spot)
        assert (trouble.code, trouble.outcome_unknown) == (TroubleCode.NO_DEVICE, True)
        assert "Kitchen" in trouble.message
        assert len(spot.fake.calls(PLAY)) == 3


@virtual
async def test_play_on_a_device_that_vanishes_meanwhile(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.devices = [device_json("Kitchen")]
        spot.fake.always[PLAY] = error(404, "Device not found")
        spot.fake.always[MOVE] = error(404, "Device not found")
        trouble = await refused(spot)
        assert trouble.code is TroubleCode.NO_DEVICE
        assert "Kitchen is gone" in trouble.message


@virtual
async def test_play_accepted_but_then_spotify_says_wait(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.once(LOOK, error(429, "wait", Retry_After="7"))
        trouble = await refused(spot)
        assert (trouble.code, trouble.outcome_unknown) == (TroubleCode.RATE_LIMITED, True)
        assert trouble.retry_after_s == 7
        assert spot.fake.calls() == [PLAY, LOOK]


@virtual
async def test_a_play_that_may_have_come_true_stays_unclear_whatever_comes_after(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.once(PLAY, Reply(504))
        spot.fake.once(DEVICES, error(429, "wait", Retry_After="7"))
        trouble = await refused(spot)
        assert (trouble.code, trouble.outcome_unknown) == (TroubleCode.RATE_LIMITED, True)
        assert trouble.retry_after_s == 7


@virtual
async def test_one_look_that_fails_does_not_hide_the_next(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.once(LOOK, Reply(502), Reply(503))
        await spot.parts.player.play(Uri(LATE_NIGHT))
        assert spot.fake.calls() == [PLAY, LOOK, LOOK, LOOK]


@virtual
async def test_where_no_look_succeeds_the_outcome_is_unknown(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.always[LOOK] = Reply(500)
        trouble = await refused(spot)
        assert (trouble.code, trouble.outcome_unknown) == (TroubleCode.UNAVAILABLE, True)
        assert spot.fake.calls("PUT") == [PLAY]


# --- queue and next --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [
        Reply(hangs=True, acts=True),
        Reply(breaks=True, acts=True),
        Reply(502, "bad gateway", acts=True),
        Reply(500, acts=False),
        Reply(503, "later", {"Retry-After": "1"}),
        error(403, "Premium required", "PREMIUM_REQUIRED"),
        error(404, "not now"),
        error(429, "slow down", Retry_After="1"),
    ],
)
@pytest.mark.parametrize("call", [QUEUE, NEXT])
def test_a_queue_post_and_a_skip_are_never_repeated(tmp_path: Path, call: str, reply: Reply) -> None:
    @virtual
    async def run() -> None:
        async with lab(tmp_path) as spot:
            spot.fake.once(call, reply)
            player = spot.parts.player
            with pytest.raises(Trouble) as trouble:
                await (player.queue(Uri(LATE_NIGHT)) if call == QUEUE else player.next())
            assert spot.fake.calls() == [call]
            assert trouble.value.outcome_unknown is (reply.status >= 500 or reply.hangs or reply.breaks)

    run()


@pytest.mark.parametrize(
    "reply", [Reply(204), Reply(200, "AQBx-random"), Reply(201, {"odd": True}), Reply(200, b"\xff\xfe")]
)
def test_a_command_succeeds_by_its_status_alone(tmp_path: Path, reply: Reply) -> None:
    @virtual
    async def run() -> None:
        async with lab(tmp_path) as spot:
            spot.fake.once(QUEUE, reply)
            spot.fake.once(NEXT, reply)
            await spot.parts.player.queue(Uri(LATE_NIGHT))
            await spot.parts.player.next()

    run()


@virtual
async def test_commands_keep_their_order_and_a_little_distance(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        began_ms = spot.clock.now_ms()
        for number in range(5):
            await spot.parts.player.queue(Uri(f"spotify:track:{number}"))
        assert spot.fake.queue == [f"spotify:track:{number}" for number in range(5)]
        assert spot.clock.now_ms() - began_ms == 4 * 150


@virtual
async def test_upcoming_is_the_queue_as_claimed(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.queue = [HOUSE, HOUSE, LATE_NIGHT]
        assert list(await spot.parts.player.upcoming()) == [HOUSE, HOUSE, LATE_NIGHT]
        spot.fake.once(
            "GET /v1/me/player/queue", Reply(204), Reply(200, {"queue": [None, 3, {"uri": 7}]}), Reply(200, [])
        )
        assert list(await spot.parts.player.upcoming()) == []
        assert list(await spot.parts.player.upcoming()) == []
        with pytest.raises(Trouble):
            await spot.parts.player.upcoming()


# --- pause and resume ------------------------------------------------------------------------------------


@virtual
async def test_pause_when_it_stands_still_already_is_success(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.uri, spot.fake.is_playing = LATE_NIGHT, False
        spot.fake.once(PAUSE, error(403, "Player command failed: Already paused", "ALREADY_PAUSED"), RESTRICTED)
        await spot.parts.player.pause()
        await spot.parts.player.pause()
        spot.fake.devices = []
        await spot.parts.player.pause()  # 404, and nothing plays


@virtual
async def test_pause_that_is_refused_while_it_plays_is_told(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.uri, spot.fake.is_playing = LATE_NIGHT, True
        spot.fake.once(PAUSE, RESTRICTED)
        with pytest.raises(Trouble) as trouble:
            await spot.parts.player.pause()
        assert trouble.value.code is TroubleCode.RESTRICTED_DEVICE
        spot.fake.once(PAUSE, error(404, "No active device found", "NO_ACTIVE_DEVICE"))
        with pytest.raises(Trouble) as trouble:
            await spot.parts.player.pause()
        assert trouble.value.code is TroubleCode.NO_DEVICE


@virtual
async def test_a_look_that_shows_nothing_at_all_proves_no_pause(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.once(PAUSE, RESTRICTED)
        spot.fake.once(LOOK, error(400, "invalid id"))
        with pytest.raises(Trouble) as trouble:
            await spot.parts.player.pause()
        assert trouble.value.code is TroubleCode.RESTRICTED_DEVICE


@pytest.mark.parametrize("acts", [True, False])
def test_pause_of_unknown_outcome_is_looked_at_and_repeated_only_where_needed(tmp_path: Path, acts: bool) -> None:
    @virtual
    async def run() -> None:
        async with lab(tmp_path) as spot:
            spot.fake.uri, spot.fake.is_playing = LATE_NIGHT, True
            spot.fake.once(PAUSE, Reply(504, acts=acts))
            await spot.parts.player.pause()
            assert not spot.fake.is_playing
            assert len(spot.fake.calls(PAUSE)) == (1 if acts else 2)

    run()


@virtual
async def test_resume_when_it_plays_already_is_success(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.uri, spot.fake.is_playing = LATE_NIGHT, True
        spot.fake.once(PLAY, RESTRICTED)
        await spot.parts.player.resume()
        assert spot.fake.asked[0].body == ""


@virtual
async def test_resume_wakes_the_device(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.uri, spot.fake.devices = LATE_NIGHT, [device_json("Kitchen")]
        await spot.parts.player.resume()
        assert spot.fake.is_playing
        assert spot.fake.calls() == [PLAY, LOOK, DEVICES, MOVE, LOOK]


@virtual
async def test_resume_without_any_device_says_so(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.devices = []
        with pytest.raises(Trouble) as trouble:
            await spot.parts.player.resume()
        assert trouble.value.code is TroubleCode.NO_DEVICE


@virtual
async def test_the_list_of_devices(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.devices = [device_json("Kitchen", volume_percent=None)]
        spot.fake.devices.append(device_json("Bath", is_restricted=True))
        found = await spot.parts.player.devices()
        assert [(each.name, each.is_restricted, each.volume_percent) for each in found] == [
            ("Kitchen", False, None),
            ("Bath", True, 40),
        ]
