"""Guessing the button from what a house says, and YAML that says exactly what was meant."""

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.core.config import Settings, load_config, plugin_config
from moodroom_hub.core.topics import filter_problem
from moodroom_hub.plugins.buttons.config import ButtonsConfig, MappingSection
from moodroom_hub.plugins.buttons.learning import Guess, Learner
from moodroom_hub.plugins.buttons.mappings import make_mappings
from moodroom_hub.plugins.buttons.pasting import pasted, scalar
from tests.plugins.buttons.lab import config_from
from tests.plugins.buttons.test_presets import PRESSES, shelly

WISH = {"action": "next"}


def heard(*messages: tuple[str, str]) -> list[Guess]:
    """What is guessed after these messages."""
    learner = Learner()
    for topic, payload in messages:
        learner.hear(topic, payload.encode())
    return learner.guesses()


def z2m(name: str, *words: str) -> list[tuple[str, str]]:
    """Both forms of what Zigbee2MQTT says."""
    return [
        message
        for word in words
        for message in ((f"z/{name}", json.dumps({"action": word, "battery": 90})), (f"z/{name}/action", word))
    ]


@pytest.mark.parametrize(
    ("messages", "preset", "topic", "gestures"),
    [
        (z2m("desk", "single", "single", "double"), "zigbee2mqtt", "z/desk", ("single", "double")),
        (z2m("dim", "on_press", "on_press_release") * 2, "hue_dimmer", "z/dim", ("on",)),
        (z2m("dim", "off_press", *["off_hold"] * 3, "off_hold_release"), "hue_dimmer", "z/dim", ("off_hold", "off")),
        (z2m("i", "arrow_left_click", "on"), "ikea", "z/i", ("left", "on")),
        (z2m("t", "3_single", "3_single"), "tuya", "z/t", ("3_single",)),
        (z2m("a", "single_left"), "aqara", "z/a", ("single_left",)),
        ([("hall/events/rpc", shelly("input:2", "single_push"))] * 2, "shelly_gen2", "hall", ("2_single",)),
        ([("shellies/x/input_event/1", '{"event":"SS","event_cnt":3}')], "shelly_gen1", "shellies/x", ("1_double",)),
        ([("stat/t/RESULT", '{"Button1":{"Action":"HOLD"}}')], "tasmota", "stat/t", ("1_hold",)),
        ([("e/event/k/state", '{"event_type":"spin"}')], "esphome_event", "e/event/k", ("spin",)),
        ([("e/binary_sensor/b/state", "ON")], "esphome_binary_sensor", "e/binary_sensor/b", ("press",)),
    ],
)
def test_devices_are_recognised(
    messages: list[tuple[str, str]], preset: str, topic: str, gestures: tuple[str, ...]
) -> None:
    chatter = [("tele/plug/SENSOR", json.dumps({"ENERGY": {"Power": watts}})) for watts in range(20)]
    (guess,) = heard(*chatter, *messages, *chatter)
    assert (guess.preset, guess.topic, guess.gestures) == (preset, topic, gestures)


def test_a_press_in_two_forms_counts_once() -> None:
    assert heard(*z2m("desk", "single", "single", "single"))[0].times == 3


def test_who_was_pressed_most_comes_first() -> None:
    assert [guess.topic for guess in heard(*z2m("a", "single"), *z2m("b", "single", "single"))] == ["z/b", "z/a"]


def test_an_unknown_button_is_guessed_by_how_it_speaks() -> None:
    (best, *_) = heard(
        *((f"sensor/{number % 3}", json.dumps({"temperature": 20 + number, "unit": "C"})) for number in range(30)),
        ("rtl/remote", json.dumps({"model": "Generic", "id": 71, "cmd": {"button": "B2"}})),
        ("rtl/remote", json.dumps({"model": "Generic", "id": 71, "cmd": {"button": "B2"}})),
    )
    assert (best.topic, best.path, best.value, best.times) == ("rtl/remote", "cmd.button", "B2", 2)
    assert best.mapping(WISH) == {"topic": "rtl/remote", "path": "cmd.button", "value": "B2", "action": "next"}
    (plain,) = heard(("bell/click", "ding"))
    assert plain.mapping(WISH) == {"topic": "bell/click", "value": "ding", "action": "next"}


def test_a_house_that_only_measures_has_no_button() -> None:
    assert heard(*((f"s/{number}", str(number)) for number in range(100))) == []
    assert heard() == []
    assert heard(("a", "env:HOME"), ("file:/etc/passwd", "single"), ("a", "x" * 100), ("b" * 400, "single")) == []


@pytest.mark.parametrize(("preset", "mapped", "gesture", "topic", "payload"), PRESSES)
def test_what_is_learned_hears_the_same_press(
    tmp_path: Path, preset: str, mapped: str, gesture: str, topic: str, payload: str
) -> None:
    (guess, *_) = heard((topic, payload))
    text = pasted([guess.mapping({"action": "toggle", "room": "late-night"})], {})
    assert yaml.safe_load(text)  # any YAML reads it
    mappings = text.partition("mappings:\n")[2]
    config = config_from(tmp_path, f"\n{mappings}")
    (made,) = make_mappings(config.mappings, Settings().domain_rooms())
    assert [each.gesture in made.actions for each in made.hear(topic, payload.encode())] == [True]


@given(st.text(max_size=30))
def test_a_scalar_is_read_back_and_steers_no_terminal(text: str) -> None:
    written = scalar(text)
    assert written.isprintable()
    if "\ud800" <= max(text, default="") <= "\udfff":
        return  # no broker passes lone surrogates on
    assert yaml.safe_load(f"key: {written}") == {"key": text}
    assert yaml.safe_load(f"{{{written}: {written}}}") == {text: text}


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(exclude_characters="+#\0", exclude_categories=["Cs"]), min_size=1, max_size=40),
            st.binary(max_size=60)
            | st.recursive(st.text(max_size=8) | st.integers() | st.booleans(), st.lists, max_leaves=4).map(
                lambda value: json.dumps({"action": value, "event": {"click": value}}).encode()
            ),
        ),
        max_size=20,
    )
)
def test_whatever_a_house_says_the_guess_can_be_pasted(messages: list[tuple[str, bytes]]) -> None:
    learner = Learner()
    for topic, payload in messages:
        learner.hear(topic, payload)
    for guess in learner.guesses():
        if guess.topic.startswith("$") or filter_problem(guess.topic):
            continue
        section = yaml.safe_load(pasted([guess.mapping(WISH)], {}))["plugins"]["buttons"]["mappings"][0]
        MappingSection.model_validate(section)


def test_a_whole_house_fits_into_a_small_memory() -> None:
    learner = Learner()
    for number in range(10_000):
        learner.hear(f"z/{number}", b'{"action":"single"}')
        learner.hear(f"q/{number}", b"word")
    assert len(learner._devices) == len(learner._places) == 2_000


@pytest.mark.parametrize(
    ("before", "count"),
    [
        ("hub: {log_level: info}\n", 1),
        ("plugins:\n{here}  mqtt:\n    host: 127.0.0.1\n", 1),
        ("plugins:\n  mqtt:\n    host: 127.0.0.1\n{here}", 1),
        ("plugins:\n  mqtt: {host: 127.0.0.1}\n  buttons:\n{here}    enabled: true\n", 1),
        ("plugins:\n  buttons:\n    mappings:\n{here}      - {topic: a, value: x, action: off}\n", 2),
    ],
)
def test_what_is_printed_can_be_pasted_as_it_is(tmp_path: Path, before: str, count: int) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(before.replace("{here}", ""), encoding="utf-8")
    text = pasted([{"topic": "z/desk", "value": "on", "action": "next"}], load_config(path, {}).settings.plugins)
    assert sum(line.lstrip().startswith("#") for line in text.splitlines()) == 1
    after = before.replace("{here}", f"{text}\n") if "{here}" in before else f"{before}{text}\n"
    path.write_text(after, encoding="utf-8")
    loaded = load_config(path, {})
    mappings = plugin_config(loaded, "buttons", ButtonsConfig).mappings
    assert len(mappings) == count
    assert (mappings[0].topic, mappings[0].value) == ("z/desk", ("on",))
