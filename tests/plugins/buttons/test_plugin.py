"""Presses are carried out: in order, at once, each for itself; and what is no press is not."""

import asyncio
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.ports import CheckLevel
from moodroom_hub.domain.models import EpochMs, RoomSlug, ZoneName
from moodroom_hub.plugins.buttons import pressing
from moodroom_hub.plugins.buttons.config import MappingSection
from moodroom_hub.plugins.buttons.mappings import make_mappings
from moodroom_hub.plugins.buttons.restraint import Restraint
from tests.plugins.buttons.conftest import MakeLab

NEXT = ("next", None, None)
ONE = "[{topic: z/desk/action, value: single, action: next, debounce: %s}]"


@pytest.mark.parametrize(
    ("action", "asked"),
    [
        ("action: activate, room: house", ("activate", "house", None)),
        ("action: activate, room: Late Night, zone: kitchen", ("activate", "late-night", "kitchen")),
        ("action: toggle, room: house", ("activate", "house", None)),
        ("action: next_room", ("activate", "late-night", None)),
        ("action: off", ("rooms_off", None)),
        ("action: play", ("play", None)),
        ("action: pause", ("pause", None)),
        ("action: play_pause", ("play_pause", None)),
        ("action: next", NEXT),
        ("action: never_again", ("never_again", None, None)),
        ("action: learning_on", ("set_learning", True, None)),
        ("action: learning_off, for: 3h", ("set_learning", False, 10_800_000)),
    ],
)
async def test_every_action(lab: MakeLab, action: str, asked: tuple[object, ...]) -> None:
    plugin = await lab(f"[{{topic: a, value: x, {action}}}]")
    await plugin.say("a", "x")
    assert await plugin.asked() == [asked]


async def test_a_fresh_batch_is_of_the_room_that_is_on(lab: MakeLab) -> None:
    plugin = await lab("[{topic: a, value: x, action: fresh_batch, debounce: 0}]")
    await plugin.say("a", "x")
    assert await plugin.asked() == []
    plugin.hub.active = RoomSlug("house")
    await plugin.say("a", "x")
    assert await plugin.asked() == [("activate", "house", None)]


async def test_toggles_and_next_rooms_add_up(lab: MakeLab) -> None:
    plugin = await lab(
        "[{topic: t, value: x, action: toggle, room: house, debounce: 0}, {topic: n, value: x, action: next_room,"
        " debounce: 0}]"
    )
    for _ in range(3):
        await plugin.say("t", "x")
    on, off = ("activate", "house", None), ("rooms_off", None)
    assert await plugin.asked() == [on, off, on]
    for _ in range(3):
        await plugin.say("n", "x")
    assert [call[1] for call in await plugin.asked()] == ["late-night", "house", "late-night"]


async def test_only_the_value_to_the_letter_presses(lab: MakeLab) -> None:
    plugin = await lab("[{topic: z/+/action, value: [single, double], action: next, debounce: 0}]")
    for payload in ("Single", "single press", '"single"', "hold", "", "null", b"\xff", '{"action":"single"}'):
        await plugin.say("z/desk/action", payload)
    await plugin.say("z/desk", "single")
    await plugin.say("z/desk/action", "single", is_retained=True)
    assert await plugin.asked() == []
    await plugin.say("z/desk/action", "double")
    await plugin.say("z/hall/action", "single")
    assert await plugin.asked() == [NEXT, NEXT]


async def test_a_value_inside_json(lab: MakeLab) -> None:
    plugin = await lab("[{topic: s, path: 'params.events[*].event', value: single_push, action: next, debounce: 0}]")
    await plugin.say("s", '{"params":{"events":[{"event":"btn_down"},{"event":"single_push"}]}}')
    await plugin.say("s", '{"params":{"events":[{"event":"btn_down"}]}}')
    await plugin.say("s", "single_push")
    assert await plugin.asked() == [NEXT]


async def test_a_bouncing_button_is_pressed_once(lab: MakeLab) -> None:
    plugin = await lab(ONE % "300ms")
    for after_ms in (0, 10, 100, 189, 1, 299, 1):
        await plugin.say("z/desk/action", "single", after_ms=after_ms)
    assert await plugin.asked() == [NEXT] * 3
    plugin.clock.at_ms -= 3_600_000  # the clock was put right
    await plugin.say("z/desk/action", "single")
    assert await plugin.asked() == [NEXT]


async def test_two_buttons_under_one_filter_do_not_silence_each_other(lab: MakeLab) -> None:
    plugin = await lab("[{topic: z/+/action, value: single, action: next}]")
    for topic in ("z/desk/action", "z/hall/action", "z/desk/action"):
        await plugin.say(topic, "single")
    assert await plugin.asked() == [NEXT, NEXT]


async def test_a_thousand_presses_in_a_burst_are_a_thousand(lab: MakeLab) -> None:
    plugin = await lab(ONE % 0)
    for _ in range(1_000):
        await plugin.say("z/desk/action", "single")
    assert plugin.hub.calls == []  # nothing was waited for
    assert await plugin.asked() == [NEXT] * 1_000


async def test_what_takes_long_holds_up_nothing_and_ends_with_the_plugin(lab: MakeLab) -> None:
    plugin = await lab("[{topic: a, value: x, action: pause, debounce: 0}, {topic: b, value: x, action: next}]")

    async def never(zone: ZoneName | None = None) -> None:
        await asyncio.Event().wait()

    plugin.hub.pause = never  # type: ignore[method-assign]  # the hub stands in for one that takes its time
    for _ in range(pressing.MOST_AT_ONCE + 10):
        await plugin.say("a", "x")
    await plugin.say("b", "x")
    assert await plugin.asked() == []
    assert "too many presses" in plugin.statuses[-1][1]
    await plugin.close()
    await plugin.say("b", "x")
    assert await plugin.asked() == []


async def test_trouble_is_logged_once_a_minute_and_shown_until_a_press_works(
    lab: MakeLab, caplog: pytest.LogCaptureFixture
) -> None:
    plugin = await lab(ONE % 0)
    plugin.hub.fail["next"] = Trouble(TroubleCode.NO_DEVICE, "No device plays. Open Spotify.")
    for _ in range(50):
        await plugin.say("z/desk/action", "single", after_ms=100)
        await plugin.asked()
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "mappings[0]: a press came to nothing: No device plays" in caplog.text
    status, reason = plugin.statuses[-1]
    assert status is PluginStatus.RUNNING
    assert reason.startswith("1 mapping; last press: next (mappings[0], ")
    assert reason.endswith("came to nothing: No device plays. Open Spotify.")
    await plugin.say("z/desk/action", "single", after_ms=60_000)
    await plugin.asked()
    assert len(caplog.records) == 2
    plugin.hub.fail.clear()
    await plugin.say("z/desk/action", "single", after_ms=100)
    await plugin.asked()
    assert "came to nothing" not in plugin.statuses[-1][1]


async def test_an_order_that_another_one_overtook_is_no_trouble(lab: MakeLab, caplog: pytest.LogCaptureFixture) -> None:
    plugin = await lab(ONE % 0)
    plugin.hub.fail["next"] = Trouble(TroubleCode.SUPERSEDED, "another room was asked for")
    await plugin.say("z/desk/action", "single")
    await plugin.asked()
    assert caplog.records == []
    assert "came to nothing" not in plugin.statuses[-1][1]


async def test_a_zone_that_is_found_later_is_missed_no_more(lab: MakeLab) -> None:
    plugin = await lab("[{topic: a, value: x, action: next, zone: cellar}]")
    plugin.clock.speed = 1_000_000
    await plugin.asked()
    assert plugin.statuses[-1][1] == "1 mapping; no such zone: cellar"
    plugin.hub.known_zones = (*plugin.hub.known_zones, ZoneName("cellar"))
    async with asyncio.timeout(5):
        while plugin.statuses[-1][1] != "1 mapping":  # noqa: ASYNC110 -- turns of the loop, no time
            await asyncio.sleep(0)
    await plugin.say("a", "x")
    assert await plugin.asked() == [("next", None, "cellar")]


async def test_the_check_says_what_is_missing(lab: MakeLab) -> None:
    assert [check.level for check in await (await lab("[]")).plugin.check()] == [CheckLevel.SKIPPED]
    assert [check.level for check in await (await lab(ONE % 0)).plugin.check()] == [CheckLevel.OK]
    lost = await lab("[{topic: a, value: x, action: next, zone: cellar}]")
    (check,) = await lost.plugin.check()
    assert check.level is CheckLevel.WARNING
    assert "mappings[0].zone names the zone cellar" in check.message


SECTIONS = [
    {"topic": "z/+", "preset": "zigbee2mqtt", "debounce": 0, "actions": {"single": "next", "hold": "off"}},
    {"topic": "s/#", "path": "a.*", "value": ["x", "1"], "action": "next", "debounce": "200ms"},
    {"topic": "shellies/+", "preset": "shelly_gen1", "actions": {"single": "next", "1_double": "off"}},
    {"topic": "hall", "preset": "shelly_gen2", "actions": {"single": "next"}},
    {"topic": "stat/+", "preset": "tasmota", "actions": {"single": "next"}},
    {"topic": "e/event/b", "preset": "esphome_event", "actions": {"any": "next"}},
    {"topic": "e/binary_sensor/b", "preset": "esphome_binary_sensor", "actions": {"press": "next"}},
]
TOPICS = ["z/a", "z/a/action", "s", "s/x/y", "shellies/q/input_event/1", "hall/events/rpc", "stat/t/RESULT"]
TOPICS += ["e/event/b/state", "e/binary_sensor/b/state", "elsewhere"]
PAYLOADS = [b"", b"single", b'{"action":"single"}', b'{"action":7}']
PAYLOADS += [b'{"event":"S","event_cnt":true}', b'{"a":["x",1]}']
PAYLOADS += [b'{"method":"NotifyEvent","params":{"events":[1,{"component":7,"event":"single_push"}]}}', b"ON", b"[]"]
PAYLOADS += [
    b'{"method":"NotifyEvent","params":[]}',
    b'{"Button1":{"Action":["SINGLE"]}}',
    b'{"event_type":"any"}',
    b"",
]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(TOPICS) | st.text(max_size=20),
            st.sampled_from(PAYLOADS) | st.binary(max_size=40),
            st.booleans(),
            st.integers(-1_000, 5_000),
        ),
        max_size=30,
    )
)
def test_whatever_comes_is_borne_and_only_live_messages_press(messages: list[tuple[str, bytes, bool, int]]) -> None:
    mappings = make_mappings([MappingSection.model_validate(section) for section in SECTIONS], {})
    restraint = Restraint(EpochMs(0))
    at_ms = 100_000
    for topic, payload, is_retained, after_ms in messages:
        at_ms += after_ms
        for mapped in mappings:
            for heard in mapped.hear(topic, payload):
                is_press = restraint.is_press(mapped, heard, EpochMs(at_ms), is_retained=is_retained)
                assert not (is_press and is_retained)
                assert not is_press or heard.gesture in mapped.actions
