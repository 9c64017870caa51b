"""Every family of devices, with what it really sends: one press is one press."""

import pytest

from moodroom_hub.plugins.buttons.presets import PRESETS, Manner, PresetName
from moodroom_hub.plugins.buttons.vocabulary import base_gesture, vocabulary
from tests.plugins.buttons.conftest import MakeLab

NEXT, PLAY_PAUSE, OFF = ("next", None, None), ("play_pause", None), ("rooms_off", None)
SHELLY_EVENT = (
    '{"src":"shellyplusi4-a8032ab12345","dst":"shellyplusi4-a8032ab12345/events","method":"NotifyEvent","params":'
    '{"ts":1700000000.12,"events":[{"component":"%s","id":0,"event":"%s","ts":1700000000.12%s}]}}'
)


def shelly(component: str, event: str, more: str = "") -> str:
    """What a Shelly of the second generation tells."""
    return SHELLY_EVENT % (component, event, more)


PRESSES = [
    ("zigbee2mqtt", "z/desk", "single", "z/desk", '{"action":"single","battery":97,"linkquality":120}'),
    ("zigbee2mqtt", "z/desk", "double", "z/desk/action", "double"),
    ("zigbee2mqtt", "z/desk/action", "hold", "z/desk/action", "hold"),
    ("zigbee2mqtt", "z/+", "single", "z/hall", '{"action":"single"}'),
    ("hue_dimmer", "z/dim", "up", "z/dim", '{"action":"up_press","action_duration":0,"battery":100,"counter":1}'),
    ("hue_dimmer", "z/dim", "off_hold", "z/dim/action", "off_hold"),
    ("hue_tap_dial", "z/tap", "button_3", "z/tap", '{"action":"button_3_press"}'),
    ("ikea", "z/i", "on", "z/i", '{"action":"on"}'),
    ("ikea", "z/i", "on_hold", "z/i", '{"action":"brightness_move_up"}'),
    ("ikea", "z/i", "left", "z/i/action", "arrow_left_click"),
    ("ikea", "z/i", "button_1", "z/i", '{"action":"1_short_release"}'),
    ("tuya", "z/t", "1_single", "z/t", '{"action":"1_single"}'),
    ("tuya", "z/t", "4_hold", "z/t/action", "4_hold"),
    ("aqara", "z/a", "single_left", "z/a", '{"action":"single_left","device_temperature":24}'),
    ("aqara", "z/a", "hold", "z/a", '{"action":"hold"}'),
    ("aqara", "z/a", "button_2_double", "z/a", '{"action":"button_2_double"}'),
    ("shelly_gen1", "shellies/x", "single", "shellies/x/input_event/0", '{"event":"S","event_cnt":7}'),
    ("shelly_gen1", "shellies/x", "2_triple", "shellies/x/input_event/2", '{"event":"SSS","event_cnt":7}'),
    ("shelly_gen1", "shellies/x/input_event/1", "hold", "shellies/x/input_event/1", '{"event":"L","event_cnt":7}'),
    ("shelly_gen1", "shellies/x", "short_long", "shellies/x/input_event/0", '{"event":"SL","event_cnt":7}'),
    ("shelly_gen2", "hall", "single", "hall/events/rpc", shelly("input:0", "single_push")),
    ("shelly_gen2", "hall", "0_double", "hall/events/rpc", shelly("input:0", "double_push")),
    ("shelly_gen2", "hall", "hold", "hall/events/rpc", shelly("input:3", "long_push")),
    ("shelly_gen2", "hall", "200_single", "hall/events/rpc", shelly("bthomedevice:200", "single_push", ',"idx":0')),
    ("shelly_gen2", "hall", "200_1_hold", "hall/events/rpc", shelly("bthomedevice:200", "long_push", ',"idx":1')),
    ("tasmota", "stat/t", "single", "stat/t/RESULT", '{"Button1":{"Action":"SINGLE"}}'),
    ("tasmota", "stat/t", "2_penta", "stat/t/RESULT", '{"Button2":{"Action":"PENTA"}}'),
    ("tasmota", "stat/t", "hold", "stat/t/RESULT", '{"Button1":{"ACTION":"HOLD"}}'),
    ("tasmota", "stat/t", "double", "stat/t/RESULT", '{"ACTION":"DOUBLE"}'),
    ("tasmota", "stat/t", "switch_on", "stat/t/RESULT", '{"Switch1":{"Action":"ON"}}'),
    ("esphome_event", "esp/event/knob", "single", "esp/event/knob/state", '{"event_type":"single"}'),
    ("esphome_binary_sensor", "esp/binary_sensor/b", "press", "esp/binary_sensor/b/state", "ON"),
]


@pytest.mark.parametrize(("preset", "mapped", "gesture", "topic", "payload"), PRESSES)
async def test_a_press_is_a_press(
    lab: MakeLab, preset: str, mapped: str, gesture: str, topic: str, payload: str
) -> None:
    plugin = await lab(f"[{{preset: {preset}, topic: {mapped}, actions: {{{gesture}: next}}}}]")
    await plugin.say(topic, payload, is_retained=True)
    assert await plugin.asked() == [], "a retained message"
    for nothing in ("", "null", '""', '{"action":""}', '{"action":null}', '{"event":"","event_cnt":6}', "{}", "[]"):
        await plugin.say(topic, nothing)
    assert await plugin.asked() == [], "nothing"
    if PRESETS[PresetName(preset)].ways[0].manner is not Manner.PRESS:
        payload = payload.replace('"event_cnt":7', '"event_cnt":8')
        await plugin.say(topic, "OFF")
    await plugin.say(topic, payload, after_ms=5_000)
    assert await plugin.asked() == [NEXT]


def test_every_preset_is_tried_here() -> None:
    assert {row[0] for row in PRESSES} == set(PRESETS) == set(PresetName)


@pytest.mark.parametrize("name", PresetName)
def test_no_word_means_two_things(name: PresetName) -> None:
    preset = PRESETS[name]
    words = [word for said in preset.words.values() for word in said]
    words += [word for short in preset.shorts.values() for word in (short.press, short.release)]
    assert len(words) == len(set(words))
    assert preset.holds <= set(preset.gestures)
    assert {hold for holds in preset.ends.values() for hold in holds} <= preset.holds
    assert all(base_gesture(preset, gesture) == gesture for gesture in preset.gestures)
    said = vocabulary(preset, preset.gestures)
    assert set(said.values()) == set(preset.gestures)


# --- both forms of Zigbee2MQTT ---------------------------------------------------------------------------


async def test_a_press_that_is_said_twice_is_one(lab: MakeLab) -> None:
    plugin = await lab("[{preset: zigbee2mqtt, topic: z/desk, debounce: 0, actions: {single: next}}]")
    assert plugin.filters == ["z/desk", "z/desk/action"]
    for _ in range(7):
        await plugin.say("z/desk", '{"action":"single"}', after_ms=3)
        await plugin.say("z/desk/action", "single")
        await plugin.say("z/desk", '{"action":"","battery":97}')
        await plugin.say("z/desk/action", "")
    assert await plugin.asked() == [NEXT] * 7


async def test_each_form_alone_is_enough(lab: MakeLab) -> None:
    plugin = await lab("[{preset: zigbee2mqtt, topic: z/desk, debounce: 0, actions: {single: next}}]")
    for _ in range(3):
        await plugin.say("z/desk", '{"action":"single"}', after_ms=400)
    assert await plugin.asked() == [NEXT] * 3
    for _ in range(3):
        await plugin.say("z/desk/action", "single", after_ms=2_500)
    assert await plugin.asked() == [NEXT] * 3


# --- the Hue dimmer --------------------------------------------------------------------------------------


async def hue(lab: MakeLab, actions: str, *words: str) -> list[tuple[object, ...]]:
    """What the hub is asked for by these words, in both forms, half a second apart."""
    plugin = await lab(f"[{{preset: hue_dimmer, topic: z/dim, debounce: 0, actions: {{{actions}}}}}]")
    for word in words:
        await plugin.say("z/dim", f'{{"action":"{word}"}}', after_ms=500)
        await plugin.say("z/dim/action", word)
    return await plugin.asked()


SHORT = ("on_press", "on_press_release")
LONG = ("on_press", "on_hold", "on_hold", "on_hold", "on_hold", "on_hold", "on_hold", "on_hold_release")


async def test_a_hue_press_and_its_release_are_one_press(lab: MakeLab) -> None:
    assert await hue(lab, "on: next", *SHORT) == [NEXT]
    assert await hue(lab, "on: next, on_hold: off", *SHORT) == [NEXT]


async def test_a_hue_hold_is_one_hold_and_no_press_beside(lab: MakeLab) -> None:
    assert await hue(lab, "on: next, on_hold: off", *LONG) == [OFF]
    assert await hue(lab, "on_hold: off", *LONG, *LONG) == [OFF, OFF]


async def test_where_nobody_wants_the_hold_a_long_press_is_a_press(lab: MakeLab) -> None:
    assert await hue(lab, "on: next", *LONG) == [NEXT]


async def test_two_holds_are_two(lab: MakeLab) -> None:
    plugin = await lab("[{preset: aqara, topic: z/a, debounce: 0, actions: {hold: off}}]")
    for word in ("hold", "release", "hold", "release"):
        await plugin.say("z/a", f'{{"action":"{word}"}}', after_ms=300)
    assert await plugin.asked() == [OFF, OFF]


# --- Shelly and Tasmota ----------------------------------------------------------------------------------


async def test_a_shelly_that_repeats_itself_is_pressed_once(lab: MakeLab) -> None:
    plugin = await lab("[{preset: shelly_gen1, topic: shellies/x, debounce: 0, actions: {single: next}}]")
    for count in (7, 7, 7, 8, 8, 9):
        await plugin.say("shellies/x/input_event/0", f'{{"event":"S","event_cnt":{count}}}', after_ms=30_000)
    assert await plugin.asked() == [NEXT] * 3


async def test_what_a_shelly_repeats_after_a_start_is_old(lab: MakeLab) -> None:
    plugin = await lab("[{preset: shelly_gen1, topic: shellies/x, actions: {single: next}}]", up_for_ms=0)
    await plugin.say("shellies/x/input_event/0", '{"event":"S","event_cnt":7}', after_ms=20_000)
    assert await plugin.asked() == []
    await plugin.say("shellies/x/input_event/0", '{"event":"S","event_cnt":8}', after_ms=2_000)
    assert await plugin.asked() == [NEXT]


async def test_what_the_broker_kept_tells_what_is_old(lab: MakeLab) -> None:
    plugin = await lab("[{preset: shelly_gen1, topic: shellies/x, actions: {single: next}}]", up_for_ms=0)
    await plugin.say("shellies/x/input_event/0", '{"event":"S","event_cnt":7}', is_retained=True)
    await plugin.say("shellies/x/input_event/0", '{"event":"S","event_cnt":7}', after_ms=1_000)
    assert await plugin.asked() == []
    await plugin.say("shellies/x/input_event/0", '{"event":"S","event_cnt":8}', after_ms=1_000)
    assert await plugin.asked() == [NEXT]


async def test_the_button_with_the_number_comes_before_any_button(lab: MakeLab) -> None:
    plugin = await lab("[{preset: shelly_gen2, topic: hall, debounce: 0, actions: {single: next, 1_single: off}}]")
    await plugin.say("hall/events/rpc", shelly("input:0", "single_push"))
    await plugin.say("hall/events/rpc", shelly("input:1", "single_push"))
    await plugin.say("hall/events/rpc", shelly("input:1", "btn_down"))
    await plugin.say("hall/events/rpc", shelly("input:1", "double_push"))
    assert await plugin.asked() == [NEXT, OFF]


async def test_several_events_in_one_message_are_several_presses(lab: MakeLab) -> None:
    plugin = await lab("[{preset: shelly_gen2, topic: hall, actions: {0_single: next, 1_single: off}}]")
    events = ",".join(f'{{"component":"input:{number}","event":"single_push"}}' for number in (1, 0))
    await plugin.say("hall/events/rpc", f'{{"method":"NotifyEvent","params":{{"events":[{events}]}}}}')
    await plugin.say("hall/events/rpc", f'{{"method":"NotifyStatus","params":{{"events":[{events}]}}}}', after_ms=999)
    assert await plugin.asked() == [OFF, NEXT]


async def test_a_tasmota_result_of_something_else_is_no_press(lab: MakeLab) -> None:
    plugin = await lab("[{preset: tasmota, topic: stat/t, actions: {single: next}}]")
    for payload in ('{"POWER":"ON"}', '{"Button1":"SINGLE"}', '{"Buttons":{"Action":"SINGLE"}}', '{"Button1":{}}'):
        await plugin.say("stat/t/RESULT", payload)
    assert await plugin.asked() == []


async def test_an_esphome_sensor_is_pressed_when_it_changes(lab: MakeLab) -> None:
    plugin = await lab(
        "[{preset: esphome_binary_sensor, topic: esp/binary_sensor/b, debounce: 0,"
        " actions: {press: next, release: off}}]"
    )
    for state in ("OFF", "ON", "ON", "unknown", "ON", "OFF", "OFF", "ON"):
        await plugin.say("esp/binary_sensor/b/state", state)
    assert await plugin.asked() == [NEXT, OFF, NEXT]


async def test_a_device_of_another_preset_is_not_heard(lab: MakeLab) -> None:
    plugin = await lab("[{preset: ikea, topic: z/i, actions: {on: play_pause}}]")
    await plugin.say("z/i", '{"action":"on_press"}')
    await plugin.say("z/j", '{"action":"on"}')
    await plugin.say("z/i/availability", '{"action":"on"}')
    assert await plugin.asked() == []
    await plugin.say("z/i", '{"action":"on"}')
    assert await plugin.asked() == [PLAY_PAUSE]
