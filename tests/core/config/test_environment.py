"""Overrides from the environment: every key, names and values, and that a misspelt one never passes silently."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from moodroom_hub.core.config import ConfigError, PluginConfig, SecretText, Settings, plugin_config
from moodroom_hub.domain.durations import format_duration
from tests.core.config.conftest import Load, Problems


def test_the_environment_wins_over_the_file(load: Load) -> None:
    settings = load("web: {port: 1, host: localhost}", {"MOODROOM_WEB__PORT": "2"}).settings
    assert (settings.web.port, settings.web.host) == (2, "localhost")


def test_it_needs_no_file_and_no_section(load: Load) -> None:
    environ = {"MOODROOM_LISTENING__SKIP_THRESHOLD": "45", "MOODROOM_HUB__LOG_LEVEL": "DEBUG"}
    for text in ("", "listening:\nhub:\n"):
        settings = load(text, environ).settings
        assert settings.listening.skip_threshold == 45_000
        assert settings.hub.log_level == "debug"


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict):
        for key, child in value.items():
            yield from _leaves(child, (*path, key))
    elif isinstance(value, list):
        yield path, value
        for index, child in enumerate(value):
            yield from _leaves(child, (*path, str(index)))
    else:
        yield path, value


LEAVES = list(_leaves(Settings().model_dump(mode="json", by_alias=True, exclude={"plugins"}), ()))


@pytest.mark.parametrize(("path", "value"), LEAVES, ids=[".".join(path) for path, _value in LEAVES])
@pytest.mark.parametrize("dash", ["-", "_"])
def test_every_key_can_be_overridden(load: Load, path: tuple[str, ...], value: Any, dash: str) -> None:
    name = "MOODROOM_" + "__".join(path).upper().replace("-", dash)
    loaded = load("", {**_beside(path), name: _other(path, value)})
    changed: Any = loaded.settings.model_dump(mode="json", by_alias=True)
    for step in path:
        changed = changed[int(step) if isinstance(changed, list) else step]
    assert changed != value


def _beside(path: tuple[str, ...]) -> dict[str, str]:
    """What must be set as well: the numbers of counting belong to a profile of one's own."""
    if path[:2] != ("listening", "played") or path[-1] == "profile":
        return {}
    return {"MOODROOM_LISTENING__PLAYED__PROFILE": "custom", "MOODROOM_LISTENING__PLAYED__SHARE": "0.7"}


def _other(path: tuple[str, ...], value: Any) -> str:
    """A valid value other than the default."""
    special = {
        "log_level": "error",
        "on_takeover": "ignore",
        "cadence": "eco",
        "top_up": "0",
        "base_url": "http://hub.local",
        "anchors": "[{name: A, artist: B}]",
        "blobs": "['#010203', '#010203', '#010203']",
        "skip_threshold": format_duration(1),
        "completion_margin": "1",
        "profile": "lastfm",
        "share": "0.6",
        **dict.fromkeys(("minimum", "at_least", "at_most", "without_length"), "1m"),
    }
    if path[-1] in special:
        return special[path[-1]]
    if isinstance(value, int):
        return str(value + 1)
    if isinstance(value, str) and value.startswith("#"):
        return "#010203"
    return "other, others" if isinstance(value, list) else "other"


@pytest.mark.parametrize(
    ("written", "hosts"),
    [("a", ("a",)), ("a,b", ("a", "b")), (" a , b ,", ("a", "b")), ("[a, b]", ("a", "b")), ("[]", ())],
)
def test_a_list_in_one_variable(load: Load, written: str, hosts: tuple[str, ...]) -> None:
    assert (
        load("web: {trusted_hosts: [z]}", {"MOODROOM_WEB__TRUSTED_HOSTS": written}).settings.web.trusted_hosts == hosts
    )


def test_items_by_index(load: Load) -> None:
    environ = {"MOODROOM_WEB__TRUSTED_HOSTS__0": "a", "MOODROOM_WEB__TRUSTED_HOSTS__1": "b"}
    assert load("", environ).settings.web.trusted_hosts == ("a", "b")


def test_null_is_none_and_empty_is_not_set(load: Load) -> None:
    text = "web: {password: secret}"
    assert load(text, {"MOODROOM_WEB__PASSWORD": "null"}).settings.web.password is None
    assert load(text, {"MOODROOM_WEB__PASSWORD": ""}).settings.web.password == SecretText("secret")


@pytest.mark.parametrize("written", ["[x", "{x: y}", "12345", "007", "true", "a: b", "x # y", " x ", "'q'", "*a", "NO"])
def test_a_text_is_taken_as_it_stands(load: Load, written: str) -> None:
    password = load("", {"MOODROOM_WEB__PASSWORD": written}).settings.web.password
    assert password is not None
    assert password.resolve({}) == written


def test_a_whole_room_can_come_from_a_variable_and_then_be_changed(load: Load) -> None:
    environ = {"MOODROOM_ROOMS__CHILL_OUT": "{description: slow}", "MOODROOM_ROOMS__CHILL_OUT__NAME": "Slow"}
    rooms = load("", environ).settings.rooms
    assert len(rooms) == 7
    assert (rooms["chill-out"].name, rooms["chill-out"].description) == ("Slow", "slow")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("MOODROOM_WEB_PORT", "(did you mean MOODROOM_WEB__PORT?)"),
        ("MOODROOM_WEB__PROT", "web.prot: unknown key; known here: host, port"),
        ("MOODROOM_WEB__PROT", "(did you mean MOODROOM_WEB__PORT?)"),
        ("MOODROOM_WBE__PORT", "(did you mean MOODROOM_WEB__PORT?)"),
        ("MOODROOM_CONFG", "(did you mean MOODROOM_CONFIG?)"),
        ("MOODROOM_WEB__", "expected a name such as MOODROOM_<SECTION>__<KEY>"),
        ("MOODROOM_", "expected a name such as MOODROOM_<SECTION>__<KEY>"),
        ("MOODROOM___PORT", "expected a name such as MOODROOM_<SECTION>__<KEY>"),
        ("MOODROOM_WEB__PORT__X", "web.port: expected a name that ends here"),
        ("MOODROOM_WEB__TRUSTED_HOSTS__7", "MOODROOM_WEB__TRUSTED_HOSTS__7: web.trusted_hosts[7]"),
        ("MOODROOM_WEB__TRUSTED_HOSTS__0__X", "web.trusted_hosts[0]: expected a name that ends here"),
        ("MOODROOM_ROOMS__HOUSE__AVOID__FIRST", "rooms.house.avoid.first: expected a key that has its place here"),
        ("MOODROOM_ROOMS__LATE_NIHGT__NAME", "(did you mean MOODROOM_ROOMS__LATE_NIGHT__NAME?)"),
        ("MOODROOM_ROOMS__HOUSE__PALLETE__FROM", "(did you mean MOODROOM_ROOMS__HOUSE__PALETTE__FROM?)"),
        ("MOODROOM_ROOMS__HOUSE__PALETTE__START", "rooms.house.palette.start: unknown key; known here: accent, from"),
    ],
)
def test_a_misspelt_name_is_reported(problems: Problems, name: str, told: str) -> None:
    found = problems("", {name: "1"})
    assert found[0].startswith(name + ": ")
    assert any(told in each for each in found), found


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("MOODROOM_WEB__PORT", "hunter2", "web.port: expected a whole number"),
        ("MOODROOM_LISTENING__CADENCE", "ecco", "expected 'normal' or 'eco' (did you mean eco?)"),
        ("MOODROOM_ROOMS__HOUSE__ANCHORS", "[{hunter2", "rooms.house.anchors: a comma is missing"),
        ("MOODROOM_ROOMS__HOUSE__ANCHORS", "[{name: x}]", "rooms.house.anchors[0].artist: expected this key"),
        ("MOODROOM_ROOMS__HOUSE__NAME", "Rage", "rooms.rage.name: expected a name of its own"),
        ("MOODROOM_ROOMS__CHILL", "hunter2", "rooms.chill: expected keys and values"),
        ("MOODROOM_WEB__HOST", "\udcff", "expected UTF-8 text"),
    ],
)
def test_a_wrong_value_is_blamed_on_the_variable(problems: Problems, name: str, value: str, told: str) -> None:
    found = problems("web: {port: 80}\nrooms: {house: , rage: }\n", {name: value})
    assert told in found[0]
    assert "rage.name" in told or found[0].startswith(name + ": ")
    assert "hunter2" not in found[0]


def test_a_correct_variable_mends_a_wrong_line(load: Load) -> None:
    assert load("web: {port: many}", {"MOODROOM_WEB__PORT": "81"}).settings.web.port == 81


def test_two_variables_for_one_key_are_a_mistake(problems: Problems) -> None:
    environ = {"MOODROOM_ROOMS__LATE-NIGHT__NAME": "A", "MOODROOM_ROOMS__LATE_NIGHT__NAME": "B"}
    told = problems("", environ)
    assert told == [
        (
            "MOODROOM_ROOMS__LATE_NIGHT__NAME: rooms.late-night.name: expected every key once; "
            "MOODROOM_ROOMS__LATE-NIGHT__NAME sets the same one"
        )
    ]


def test_what_is_not_ours_or_referred_to_is_left_alone(load: Load) -> None:
    environ = {
        "PATH": "x",
        "MOODROOMS": "x",
        "moodroom_x": "x",
        "MOODROOM_CONFIG": "x",
        "MOODROOM_DATA": "x",
        "MOODROOM_PASSWORD": "secret",
        "MOODROOM_HOST": "localhost",
        "MOODROOM_WEB__HOST": "env:MOODROOM_HOST",
    }
    web = load("web: {password: env:MOODROOM_PASSWORD}", environ).settings.web
    assert web.password is not None
    assert web.password.resolve(environ) == "secret"
    assert web.host == "localhost"


class Deep(PluginConfig):
    class Broker(PluginConfig):
        host: str | None = None
        port: int = 1883
        password: SecretText | None = None

    broker: Broker = Broker()
    topics: tuple[str, ...] = ()
    extra: dict[str, Any] = {}  # noqa: RUF012 -- pydantic copies defaults
    cache: Path | None = None


def test_a_plugins_keys_too_however_deep(load: Load) -> None:
    environ = {
        "MOODROOM_PLUGINS__MY_PLUGIN__BROKER__HOST": "broker.local",
        "MOODROOM_PLUGINS__MY-PLUGIN__BROKER__PASSWORD": "[x",
        "MOODROOM_PLUGINS__MY_PLUGIN__TOPICS": "a, b",
        "MOODROOM_PLUGINS__MY_PLUGIN__EXTRA__ANY_THING": "1",
        "MOODROOM_PLUGINS__MY_PLUGIN__EXTRA__LIST": "[1, two]",
        "MOODROOM_PLUGINS__MY_PLUGIN__EXTRA__ODD": "[1, two",
        "MOODROOM_PLUGINS__MY_PLUGIN__ENABLED": "no",
    }
    loaded = load("plugins:\n  my-plugin: {broker: {port: 1}}\n", environ)
    config = plugin_config(loaded, "my-plugin", Deep)
    assert config.broker == Deep.Broker(host="broker.local", port=1, password=SecretText("[x"))
    assert config.topics == ("a", "b")
    assert config.extra == {"any_thing": "1", "list": [1, "two"], "odd": "[1, two"}
    assert not config.enabled
    assert plugin_config(load("", environ), "my-plugin", Deep).broker.port == 1883


def test_a_key_under_a_single_value_is_reported(load: Load) -> None:
    loaded = load("plugins: {deep: {extra: {a: 1}}}", {"MOODROOM_PLUGINS__DEEP__EXTRA__A__B": "2"})
    with pytest.raises(ConfigError, match=r"DEEP__EXTRA__A__B: plugins\.deep\.extra\.a: expected a key that has"):
        plugin_config(loaded, "deep", Deep)


def test_a_plugins_whole_section(load: Load) -> None:
    loaded = load("", {"MOODROOM_PLUGINS__DEEP": "{broker: {port: 3}}"})
    assert plugin_config(loaded, "deep", Deep).broker.port == 3
