"""Wrong mappings: every mistake at once, each with its key and what was probably meant."""

import dataclasses
from pathlib import Path
from random import Random

import pytest

from moodroom_hub.app.commands.buttons import DEEDS
from moodroom_hub.core.actions import Deed
from moodroom_hub.core.clock import SystemClock
from moodroom_hub.core.config import ConfigError
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.hub import Hub
from moodroom_hub.plugins.buttons.config import DEBOUNCE_MS, MappingSection
from tests.plugins.buttons.lab import config_from, loaded_from

GOOD = "{topic: a/b, value: single, action: next}"


def problems(folder: Path, mapping: str) -> str:
    """What is wrong with this mapping, which comes after a good one."""
    with pytest.raises(ConfigError) as caught:
        config_from(folder, f"[{GOOD}, {mapping}]")
    assert all("plugins.buttons.mappings[1]" in problem.key for problem in caught.value.problems)
    assert all(problem.where.endswith("config.yaml:3") for problem in caught.value.problems)
    return str(caught.value)


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        ("{topic: a/b, value: x, action: togle, room: house}", "mappings[1].action: expected"),
        ("{topic: a/b, value: x, action: togle, room: house}", "did you mean toggle?"),
        ("{topic: a/b, value: x, action: toggle}", "expected a room: toggle needs one"),
        ("{topic: a/b, value: x, action: next, room: house}", "expected no room: next takes none"),
        ("{topic: a/b, value: x, action: next, for: 3h}", "expected no for: next does not last"),
        ("{topic: a/b, value: x, action: learning_off, for: 0}", "longer than nothing"),
        ("{topic: a/b, action: next}", "expected a value"),
        ("{topic: a/b, value: '', action: next}", "an empty message never presses"),
        ("{topic: a/b, value: [x, null], action: next}", "an empty message never presses"),
        ("{topic: a/b, value: x}", "expected an action"),
        ("{value: x, action: next}", "mappings[1].topic: expected this key"),
        ("{topic: 'a/#/b', value: x, action: next}", "# stands alone and last"),
        ("{topic: 'a/b+', value: x, action: next}", "+ stands alone"),
        ("{topic: '', value: x, action: next}", "this one is empty"),
        ("{topic: '#', value: x, action: next}", "everything that the house says"),
        ("{topic: a, path: 'a..b', value: x, action: next}", "mappings[1].path: expected a path"),
        ("{topic: a, value: x, action: next, debounce: 1h}", "at most 1m"),
        ("{topic: a, value: x, action: next, debouce: 1}", "did you mean debounce?"),
        ("{topic: a, actions: {single: next}}", "expected a preset beside actions"),
        ("{topic: a, preset: hue_dimer, actions: {on: next}}", "did you mean hue_dimmer?"),
        ("{topic: a, preset: hue_dimmer}", "expected actions"),
        ("{topic: a, preset: hue_dimmer, actions: {dwon: next}}", "actions.dwon: hue_dimmer has no such gesture"),
        ("{topic: a, preset: hue_dimmer, actions: {dwon: next}}", "did you mean down?"),
        ("{topic: a, preset: hue_dimmer, actions: {0_on: next}}", "no such gesture"),
        ("{topic: a, preset: hue_dimmer, actions: {zzzzzz: next}}", "no such gesture; known: "),
        ("{topic: a, preset: hue_dimmer, actions: {on: nxt}}", "mappings[1].actions.on: expected"),
        ("{topic: a, preset: hue_dimmer, actions: {on: toggle}}", "actions.on: expected a room"),
        ("{topic: a, preset: hue_dimmer, actions: {on: next}, value: x, room: house}", "expected no value beside"),
        ("{topic: 'a/#', preset: hue_dimmer, actions: {on: next}}", "cannot end with #"),
        ("7", "expected keys and values"),
    ],
)
def test_a_mistake_is_told_with_its_key(tmp_path: Path, mapping: str, told: str) -> None:
    assert told in problems(tmp_path, mapping)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        config_from(tmp_path, "[{topic: a, value: x, action: nxt}, {topic: b+, value: x, action: next}, {topic: c}]")
    assert [problem.key[-4:] for problem in caught.value.problems] == ["tion", "opic", "s[2]"]


def test_what_may_be_written(tmp_path: Path) -> None:
    config = config_from(
        tmp_path,
        "[{topic: a/+/c, value: [on, 1, true, 2.0], action: off}, {topic: stat/x, preset: tasmota, debounce: 0,"
        " actions: {2_single: off, hold: {action: learning_off, for: 3h}}}]",
    )
    plain, preset = config.mappings
    assert plain.value == ("on", "1", "true", "2")
    assert plain.debounce == DEBOUNCE_MS
    assert preset.wishes["hold"].for_ms == 3 * 3_600_000
    assert preset.wishes["2_single"].action == "off"


def test_the_page_tells_the_defaults_of_a_mapping() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "configuration.md").read_text(encoding="utf-8")
    for name, default in (("preset", "null"), ("path", "null"), ("value", "[]"), ("actions", "{}"), ("zone", "null")):
        assert f"`plugins.buttons.mappings.{name}` | `{default}`" in page
        field = MappingSection.model_fields[name]
        assert field.get_default(call_default_factory=True) in (None, (), {})
    assert f"`{DEBOUNCE_MS}ms`" in page


async def status_of(folder: Path, mappings: str) -> tuple[PluginStatus, str]:
    """How the plugin is in a hub with these mappings."""
    loaded = loaded_from(folder, mappings)
    settings = loaded.settings.model_copy(
        update={"hub": loaded.settings.hub.model_copy(update={"data_dir": folder / "data"})}
    )
    loaded = dataclasses.replace(loaded, settings=settings)
    builtins = ("moodroom_hub.plugins.buttons",)
    async with Hub(loaded, clock=SystemClock(), rng=Random(1), builtins=builtins, with_foreign=False) as hub:
        view = hub.registry.views()[0]
        return view.status, view.reason


async def test_a_room_that_is_not_there_switches_the_plugin_off_with_every_such_room(tmp_path: Path) -> None:
    status, reason = await status_of(
        tmp_path,
        "[{topic: a, value: x, action: toggle, room: late-nigth}, {topic: b, value: x, action: toggle, room: 'House'},"
        " {topic: c, preset: hue_dimmer, actions: {on: {action: activate, room: Cellar}}}]",
    )
    assert status is PluginStatus.DISABLED
    assert "plugins.buttons.mappings[0].room: there is no room late-nigth" in reason
    assert "did you mean late-night?" in reason
    assert "plugins.buttons.mappings[2].actions.on.room: there is no room Cellar" in reason
    assert "mappings[1]" not in reason


@pytest.mark.parametrize(
    ("topic", "base"),
    [("moodroom/event", None), ("moodroom/#", None), ("moodroom/+/set", None), ("home/hub/event", "home/hub")],
)
async def test_a_button_on_the_hubs_own_topics_is_refused(tmp_path: Path, topic: str, base: str | None) -> None:
    mqtt = "" if base is None else f"\n  mqtt: {{base_topic: {base}}}"
    status, reason = await status_of(tmp_path, f"[{{topic: '{topic}', value: x, action: next}}]{mqtt}")
    assert status is PluginStatus.DISABLED
    assert "plugins.buttons.mappings[0].topic: expected the topic of a button; all below" in reason


async def test_one_press_that_does_two_things_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    same = "{topic: a, value: x, action: next}"
    await status_of(tmp_path, f"[{same}, {same}, {{topic: b, value: x, action: off}}]")
    assert "one press does both" not in caplog.text
    status, _ = await status_of(tmp_path, f"[{same}, {{topic: a, value: [y, x], action: off}}]")
    assert status is PluginStatus.RUNNING
    assert "mappings[0] and mappings[1] both hear x on a" in caplog.text


async def test_a_wide_filter_may_cover_the_hubs_own_topics_too(tmp_path: Path) -> None:
    status, _ = await status_of(tmp_path, "[{topic: '+/event', value: x, action: next}]")
    assert status is PluginStatus.RUNNING


async def test_a_zone_that_nobody_plays_in_is_only_said(tmp_path: Path) -> None:
    status, reason = await status_of(tmp_path, "[{topic: a, value: x, action: next, zone: cellar}]")
    assert status is PluginStatus.RUNNING
    assert reason == "1 mapping; no such zone: cellar"


async def test_without_mappings_it_says_how_to_get_one(tmp_path: Path) -> None:
    status, reason = await status_of(tmp_path, "[]")
    assert status is PluginStatus.RUNNING
    assert "moodroom-hub buttons learn" in reason


def test_the_command_line_knows_every_deed() -> None:
    assert list(DEEDS) == [str(deed) for deed in Deed]
