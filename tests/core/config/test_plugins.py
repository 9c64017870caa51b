"""Plugins' sections: each is checked alone, and what is wrong with one is nobody else's trouble."""

from typing import Literal

import pytest
from pydantic import SecretStr, field_validator

from moodroom_hub.core.config import (
    ConfigError,
    Duration,
    LoadedConfig,
    PluginConfig,
    SecretText,
    plugin_config,
    unknown_plugins,
)
from tests.core.config.conftest import Load


class Spotify(PluginConfig):
    client_id: str | None = None
    queue_ahead: int = 9
    wait: Duration = 5_000
    mode: Literal["fast", "slow"] = "fast"
    either: int | list[int] = 0


def told(loaded: LoadedConfig, name: str = "spotify", model: type[PluginConfig] = Spotify) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        plugin_config(loaded, name, model)
    return [str(problem) for problem in caught.value.problems]


def test_no_section_and_an_empty_one_are_the_defaults(load: Load) -> None:
    for text in ("", "plugins:", "plugins:\n  spotify:\n", "plugins: {spotify: {}}"):
        assert plugin_config(load(text), "spotify", Spotify) == Spotify()


def test_a_section(load: Load) -> None:
    loaded = load("plugins:\n  spotify: {client_id: 0042, queue_ahead: 3, wait: 2m, mode: slow, either: [1]}")
    config = plugin_config(loaded, "spotify", Spotify)
    assert (config.client_id, config.queue_ahead, config.wait, config.mode) == ("0042", 3, 120_000, "slow")
    assert loaded.settings.plugins == {
        "spotify": {"client_id": "0042", "queue_ahead": 3, "wait": "2m", "mode": "slow", "either": [1]}
    }


def test_all_mistakes_of_one_plugin_with_lines_and_variables(load: Load) -> None:
    text = """\
plugins:
  spotify:
    clientid: x
    queue_ahead: many
    wait: soon
    mode: fats
    either: x
    client_id: env:NOT_THERE
  other: 5
"""
    environ = {"MOODROOM_PLUGINS__SPOTIFY__QUEUEAHEAD": "3", "MOODROOM_PLUGINS__SPOTIFY__MODE__X": "3"}
    known = "known here: enabled, client_id, queue_ahead, wait, mode, either"
    loaded = load(text, environ)
    assert told(loaded) == [
        f"config.yaml:3: plugins.spotify.clientid: unknown key; {known} (did you mean client_id?)",
        "config.yaml:4: plugins.spotify.queue_ahead: expected a whole number",
        (
            "config.yaml:5: plugins.spotify.wait: expected a duration such as 30s, 2m, 3h or 500ms "
            "(a plain number is seconds)"
        ),
        "config.yaml:6: plugins.spotify.mode: expected 'fast' or 'slow' (did you mean fast?)",
        "config.yaml:7: plugins.spotify.either: expected a whole number, or a list",
        "config.yaml:8: plugins.spotify.client_id: refers to env:NOT_THERE, which is not set; set that variable",
        (
            "MOODROOM_PLUGINS__SPOTIFY__MODE__X: plugins.spotify.mode: "
            "expected a name that ends here; this key holds no further keys"
        ),
        (
            f"MOODROOM_PLUGINS__SPOTIFY__QUEUEAHEAD: plugins.spotify.queueahead: unknown key; {known} "
            "(did you mean MOODROOM_PLUGINS__SPOTIFY__QUEUE_AHEAD?)"
        ),
    ]
    assert told(loaded, "other") == ["config.yaml:9: plugins.other: expected keys and values"]
    assert plugin_config(loaded, "third", Spotify) == Spotify()


def test_odd_yaml_in_a_section_is_that_plugins_trouble_alone(load: Load) -> None:
    text = """\
plugins:
  spotify: {queue_ahead: 1, queue_ahead: 2}
  top_up:
  top_up: {}
  tagged: {x: !!python/name:os.system }
  keyed: {? [a] : 1}
  fine: {}
"""
    loaded = load(text)
    assert list(loaded.plugin_problems) == ["spotify", "top_up", "tagged", "keyed"]
    assert "expected every key once" in told(loaded)[0]
    assert "config.yaml:4: plugins.top_up: expected every key once" in told(loaded, "top_up")[0]
    assert "expected no tag" in told(loaded, "tagged")[0]
    assert "expected a plain text as key" in told(loaded, "keyed")[0]
    assert plugin_config(loaded, "fine", PluginConfig).enabled


def test_names_that_nobody_knows(load: Load) -> None:
    environ = {"MOODROOM_PLUGINS__TOPUP__ENABLED": "no", "MOODROOM_PLUGINS__TOP_UP__ENABLED": "no"}
    loaded = load("plugins:\n  spotfy: {}\n  spotify:\n  zzz:\n", environ)
    assert [str(problem) for problem in unknown_plugins(loaded, ["spotify", "top_up"])] == [
        "config.yaml:2: plugins.spotfy: no plugin has this name (did you mean spotify?)",
        "config.yaml:4: plugins.zzz: no plugin has this name",
        (
            "MOODROOM_PLUGINS__TOPUP__ENABLED: plugins.topup: no plugin has this name "
            "(did you mean MOODROOM_PLUGINS__TOP_UP__ENABLED?)"
        ),
    ]


class Talkative(PluginConfig):
    """A foreign plugin whose errors repeat what they were given."""

    key: SecretText | None = None
    word: SecretStr | None = None
    api_token: str = ""
    name: str = ""
    number: int = 0

    @field_validator("api_token", "name")
    @classmethod
    def _talks(cls, given: str) -> str:
        if given:
            raise ValueError(f"I do not like {given}")
        return given

    @field_validator("word")
    @classmethod
    def _talks_too(cls, given: SecretStr) -> SecretStr:
        raise ValueError(f"nor {given.get_secret_value()}")


def test_a_talkative_plugin_cannot_give_a_secret_away(load: Load) -> None:
    text = """
plugins:
  talkative: {key: [hunter2], word: hunter2, api_token: hunter2, name: env:NAME, number: env:NAME}
  plain: {name: Bob}
"""
    loaded = load(text, {"NAME": "hunter2"})
    found = told(loaded, "talkative", Talkative)
    assert len(found) == 5
    assert "hunter2" not in "".join(found)
    assert "I do not like Bob" in told(loaded, "plain", Talkative)[0]


class Needy(PluginConfig):
    url: str


def test_what_is_missing_is_asked_for_where_it_would_stand(load: Load) -> None:
    assert told(load("\nplugins:\n  needy: {}\n"), "needy", Needy) == [
        "config.yaml:3: plugins.needy.url: expected this key; it is missing"
    ]
    assert told(load(""), "needy", Needy) == ["config.yaml: plugins.needy.url: expected this key; it is missing"]
