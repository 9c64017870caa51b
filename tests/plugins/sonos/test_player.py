"""The hands on a simulated household: what lies in the queue, and what was really heard."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.domain.models import Uri
from moodroom_hub.simulator.sonos.fake import FakeSonos
from moodroom_hub.simulator.sonos.players import Reach
from moodroom_hub.simulator.sonos.session import SonosSettings
from moodroom_hub.simulator.sonos.soap import Answer
from tests.plugins.sonos.hands_world import OURS, THEIRS, Scene, scene, uris

US, THEM = uris(OURS), uris(THEIRS)
KITCHEN = "Kitchen"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Scene]:
    """A silent household."""
    async with scene(tmp_path) as made:
        yield made


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """What happens to answers on their way."""
    return monkeypatch


def put_on(house: Scene, what: str) -> None:
    """What the kitchen does before the hub comes."""
    world = house.world
    match what:
        case "queue":
            world.play_songs(KITCHEN, THEM, 3)
        case "shuffled":
            world.play_songs(KITCHEN, THEM, 3)
            world.set_play_mode(KITCHEN, "SHUFFLE")
        case "repeating":
            world.play_songs(KITCHEN, THEM, 8)
            world.set_play_mode(KITCHEN, "REPEAT_ONE")
        case "paused":
            world.play_songs(KITCHEN, THEM, 3)
            world.pause(KITCHEN)
        case "radio":
            world.insert(KITCHEN, world.tracks(THEM))
            world.play_radio(KITCHEN, "Example FM")
        case "line-in":
            world.play_line_in(KITCHEN)
        case "joined":
            world.play_songs("Bath", THEM)
            world.join(KITCHEN, "Bath")
        case "television":
            world.turn_tv_on("Living Room")
            world.join(KITCHEN, "Living Room")


BEFORE = ("nothing", "queue", "shuffled", "repeating", "paused", "radio", "line-in", "joined", "television")


@pytest.mark.parametrize("what", BEFORE)
async def test_a_play_leaves_a_queue_that_is_ours_alone(house: Scene, what: str) -> None:
    put_on(house, what)
    hands = await house.hands()
    await hands.play(US[0])
    assert house.playing() == US[0]
    assert house.queue() == [US[0]]
    with house.world.looked_at():
        assert house.world.coordinator_of(KITCHEN).deck.play_mode == "NORMAL"
    for uri in US[1:4]:
        await hands.queue(uri)
    assert await hands.upcoming() == US[1:4]
    assert house.queue() == US[:4]
    sounded = house.heard()
    assert sounded[sounded.index(US[0]) :] == [US[0]], "nothing else since"


async def test_crossfade_stays_as_it_was(house: Scene) -> None:
    put_on(house, "queue")
    house.world.set_crossfade(KITCHEN, True)
    await (await house.hands()).play(US[0])
    with house.world.looked_at():
        assert house.world.player(KITCHEN).deck.is_crossfading


async def test_a_refused_track_leaves_the_old_music_as_it_was(house: Scene) -> None:
    hands = await house.hands()
    await hands.play(US[0])  # now it is known that there is a Spotify
    put_on(house, "queue")
    before = house.queue()
    gone = Uri("spotify:track:0000000000000000000000")
    with pytest.raises(Trouble) as caught:
        await hands.play(gone)
    assert (caught.value.code, caught.value.outcome_unknown) == (TroubleCode.REFUSED, False)
    assert (house.queue(), house.playing()) == (before, THEM[2])


async def test_a_track_that_is_taken_but_not_played_is_taken_out_again(house: Scene) -> None:
    put_on(house, "shuffled")
    house.world.items[US[0]] = replace(OURS[0], is_playable=False)
    with pytest.raises(Trouble) as caught:
        await (await house.hands()).play(US[0])
    assert caught.value.code is TroubleCode.REFUSED
    assert sorted(house.queue()) == sorted(THEM)
    assert house.playing() == THEM[2]
    with house.world.looked_at():
        assert house.world.player(KITCHEN).deck.play_mode == "SHUFFLE"


async def test_a_household_without_spotify_is_told_what_to_do(tmp_path: Path) -> None:
    async with scene(tmp_path, settings=SonosSettings(service_number=99)) as house:
        put_on(house, "queue")
        with pytest.raises(Trouble, match=r"Add Spotify in the Sonos app") as caught:
            await (await house.hands()).play(US[0])
        assert caught.value.code is TroubleCode.LOGIN_NEEDED
        assert house.queue() == THEM
        assert house.playing() == THEM[2]


async def test_the_other_region_is_found_and_remembered(tmp_path: Path) -> None:
    async with scene(tmp_path, settings=SonosSettings(service_number=3079)) as house:
        await (await house.hands()).play(US[0])
        assert house.asked("AddURIToQueue") == 2
        await (await house.hands()).queue(US[1])
        assert house.asked("AddURIToQueue") == 3
        assert house.queue() == US[:2]


async def test_what_is_no_longer_wanted_is_not_sent(house: Scene) -> None:
    put_on(house, "queue")

    def check() -> None:
        raise Trouble(TroubleCode.SUPERSEDED, "Another room.")

    with pytest.raises(Trouble, match="Another room"):
        await (await house.hands()).play(US[0], check)
    assert (house.queue(), house.asked("AddURIToQueue")) == (THEM, 0)


async def test_a_lost_answer_is_settled_by_the_queue_itself(house: Scene, network: pytest.MonkeyPatch) -> None:
    hands = await house.hands()
    await hands.play(US[0])
    await hands.queue(US[1])
    adding = house.asked("AddURIToQueue")
    network.setattr(house.sonos.fake, "handle", _losing(house, "AddURIToQueue"))
    await hands.queue(US[1])
    assert house.queue() == [US[0], US[1], US[1]], "added once more, as asked, and not twice"
    assert house.asked("AddURIToQueue") == adding + 1
    await hands.play(US[2])
    assert (house.queue(), house.playing()) == ([US[2]], US[2])


async def test_what_surely_never_came_is_told_as_that_or_as_unclear(house: Scene, network: pytest.MonkeyPatch) -> None:
    hands = await house.hands()
    await hands.play(US[0])
    network.setattr(house.sonos.fake, "handle", _losing(house, "AddURIToQueue", is_done=False))
    with pytest.raises(Trouble) as caught:
        await hands.queue(US[1])
    assert (caught.value.code, caught.value.outcome_unknown) == (TroubleCode.UNAVAILABLE, True)
    assert house.queue() == [US[0]]
    with pytest.raises(Trouble) as caught:
        await hands.play(US[1])
    assert not caught.value.outcome_unknown, "it does not play"
    assert house.playing() == US[0]


async def test_a_listeners_own_music_is_left_alone(house: Scene) -> None:
    hands = await house.hands()
    await hands.play(US[0])
    for what in ("queue", "radio", "line-in"):
        put_on(house, what)
        before = house.queue()
        with pytest.raises(Trouble, match="was put on there") as caught:
            await hands.queue(US[1])
        assert (caught.value.code, house.queue()) == (TroubleCode.CONFLICT, before)


async def test_what_the_listener_adds_is_kept_and_the_room_goes_on(house: Scene) -> None:
    hands = await house.hands()
    await hands.play(US[0])
    house.world.enqueue(KITCHEN, [THEM[0]], 2)
    await hands.queue(US[1])
    assert house.queue() == [US[0], THEM[0], US[1]]
    house.world.next(KITCHEN)
    await hands.queue(US[2])
    assert house.queue()[-1] == US[2]


async def test_after_a_restart_the_queue_is_known_for_ours(house: Scene) -> None:
    await (await house.hands()).play(US[0])
    again = await house.hands()
    await again.queue(US[1])
    assert house.queue() == US[:2]


async def test_a_queue_that_moved_with_its_music_is_still_ours(house: Scene) -> None:
    house.world.join("Bath", KITCHEN)
    kitchen = await house.hands()
    await kitchen.play(US[0])
    await kitchen.queue(US[1])
    house.world.leave(KITCHEN)
    bath = await house.hands("Bath")
    await bath.queue(US[2])
    assert house.queue("Bath") == US[:3]
    with pytest.raises(Trouble, match="was put on there"):
        await kitchen.queue(US[3])
    assert house.queue() == []


async def test_played_tracks_are_cleared_away_now_and_then(house: Scene) -> None:
    hands = await house.hands()
    await hands.play(US[0])
    longest = 0
    for number in range(1, 75):
        await hands.queue(US[number % len(US)])
        house.world.next(KITCHEN)
        longest = max(longest, len(house.queue()))
    assert longest < 65
    assert house.playing() == US[74 % len(US)]
    assert await hands.upcoming() == []


async def test_next_says_where_nothing_follows(house: Scene) -> None:
    hands = await house.hands()
    await hands.play(US[0])
    await hands.queue(US[1])
    await hands.next()
    assert house.playing() == US[1]
    with pytest.raises(Trouble, match="nothing follows in the queue of Kitchen") as caught:
        await hands.next()
    assert caught.value.code is TroubleCode.CONFLICT
    house.world.play_line_in(KITCHEN)
    with pytest.raises(Trouble, match="it plays its line-in"):
        await hands.next()


async def test_pause_and_resume(house: Scene) -> None:
    hands = await house.hands()
    with pytest.raises(Trouble, match="Activate a room there") as caught:
        await hands.resume()
    assert caught.value.code is TroubleCode.REFUSED
    await hands.pause()
    await hands.play(US[0])
    await hands.pause()
    assert house.playing() is None
    await hands.pause()
    await hands.resume()
    assert house.playing() == US[0]
    house.world.play_radio(KITCHEN, "Example FM")
    await hands.pause()
    assert not house.world.is_playing(KITCHEN)
    house.world.turn_tv_on("Living Room")
    living = await house.hands("Living Room")
    await living.resume()


async def test_speakers_that_do_not_answer(house: Scene) -> None:
    hands = await house.hands()
    house.world.set_reach(KITCHEN, Reach.SILENT)
    with pytest.raises(Trouble, match="Kitchen does not answer in time") as caught:
        await hands.play(US[0])
    assert (caught.value.code, caught.value.outcome_unknown) == (TroubleCode.UNAVAILABLE, False)
    house.world.set_reach(KITCHEN, Reach.ANSWERS)
    house.world.unplug(KITCHEN)
    await house.sonos.settle()
    with pytest.raises(Trouble, match=r"Kitchen cannot be reached\. Is it plugged in") as caught:
        await hands.queue(US[0])
    assert caught.value.code is TroubleCode.NO_DEVICE


async def test_loudness_groups_and_order(house: Scene) -> None:
    hands = await house.hands()
    await hands.play(US[0])
    bath = await house.hands("Bath")
    await bath.join(house.sonos.player(KITCHEN).uid)
    assert {device.name for device in await hands.devices()} == {"Kitchen", "Bath"}
    assert await hands.volume(40) == 40
    assert {device.volume_percent for device in await hands.devices()} == {40}
    await bath.mute(is_muted=True)
    with house.world.looked_at():
        assert house.world.player(KITCHEN).is_muted
    await bath.leave()
    assert [device.name for device in await hands.devices()] == ["Kitchen"]
    for uri in US[1:4]:
        await hands.queue(uri)
    await hands.reorder(2, 4)
    assert house.queue() == [US[0], US[2], US[3], US[1]]
    await hands.reorder(4, 2)
    assert house.queue() == US[:4]
    with pytest.raises(Trouble, match="from 1 to 4"):
        await hands.reorder(5, 1)


def _losing(house: Scene, action: str, *, is_done: bool = True) -> Callable[..., Answer]:
    """Requests for ``action`` are done (or not), and their answers are lost."""
    fake = house.sonos.fake
    handle = partial(FakeSonos.handle, fake)

    def lossy(uid: str, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if not headers.get("SOAPACTION", "").strip('"').endswith(f"#{action}"):
            return handle(uid, method, path, headers, body)
        return replace(handle(uid, method, path, headers, body), drop="reset") if is_done else Answer(drop="reset")

    return lossy
