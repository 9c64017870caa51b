"""The effective configuration for a person, masked; and the JSON Schema for an editor."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr

from moodroom_hub.core.config import (
    ConfigError,
    Duration,
    PluginConfig,
    SecretText,
    json_schema,
    load_config,
    plugin_config,
    print_config,
)
from tests.core.config.conftest import Load


class Broker(PluginConfig):
    host: str | None = None
    port: int = 1883
    password: SecretText | None = None
    wait: Duration | None = 5_000
    api_token: str | None = None
    word: SecretStr | None = None


MODELS: dict[str, type[PluginConfig]] = {"mqtt": Broker, "top_up": PluginConfig}


def test_it_reads_back_as_the_same_configuration(load: Load) -> None:
    text = "web: {port: 81, host: '::1'}\nrooms:\n  x: {description: 'on: #no'}\nplugins: {mqtt: {host: NO, wait: 1m}}"
    loaded = load(text, {"MOODROOM_LISTENING__SKIP_THRESHOLD": "1500ms", "MOODROOM_PLUGINS__MQTT__PORT": "1"})
    again = load(print_config(loaded, MODELS))
    assert again.settings.model_copy(update={"plugins": {}}) == loaded.settings.model_copy(update={"plugins": {}})
    for name, model in MODELS.items():
        assert plugin_config(again, name, model) == plugin_config(loaded, name, model)


def test_secrets_are_masked_and_references_shown(load: Load) -> None:
    text = """
web: {password: hunter2, port: env:PORT, base_url: env:URL}
database: {url: env:URL}
hub: {data_dir: env:DIR}
rooms: {x: {name: env:NAME, avoid: [a, env:NAME]}}
plugins:
  mqtt: {host: env:NAME, password: hunter2, api_token: hunter2, word: hunter2}
  broken: {secret: hunter2, port: hunter2}
  foreign: {anything: hunter2}
"""
    environ = {"PORT": "7123", "URL": "http://hidden", "NAME": "hidden", "DIR": "/hidden"}
    printed = print_config(load(text, environ), {**MODELS, "broken": Broker})
    assert "hunter2" not in printed
    assert "hidden" not in printed
    assert "7123" not in printed
    shown: dict[str, Any] = yaml.safe_load(printed)
    assert shown["web"]["password"] == "********"
    assert shown["web"]["port"] == "env:PORT"
    assert shown["database"]["url"] == "env:URL"
    assert shown["rooms"]["x"] == {
        "name": "env:NAME",
        "description": "",
        "anchors": [],
        "avoid": ["a", "env:NAME"],
        "palette": None,
    }
    assert shown["plugins"]["mqtt"]["host"] == "env:NAME"
    assert shown["plugins"]["mqtt"]["api_token"] == "********"
    assert shown["plugins"]["mqtt"]["wait"] == "5s"
    assert "broken" not in shown["plugins"]
    assert "# broken is disabled: config.yaml:8: plugins.broken.port: expected a whole number" in printed
    assert "# 'foreign': no plugin has this name" in printed


def test_the_schema_knows_every_key_its_default_and_its_word() -> None:
    schema = json_schema(MODELS)
    json.dumps(schema)
    definitions = schema["$defs"]
    assert set(schema["properties"]) == {"hub", "database", "web", "listening", "batch", "rooms", "plugins"}
    assert schema["additionalProperties"] is False
    listening = definitions["ListeningSection"]["properties"]
    assert listening["skip_threshold"]["default"] == "30s"
    assert listening["repeat_window"]["default"] == 15
    assert definitions["WebSection"]["properties"]["password"]["default"] is None
    assert definitions["PaletteSection"]["properties"].keys() == {"accent", "from", "to", "blobs"}
    assert definitions["HubSection"]["properties"]["data_dir"]["type"] == ["string", "null"]
    assert "required" not in definitions["RoomSection"]
    assert set(schema["properties"]["plugins"]["properties"]) == {"mqtt", "top_up"}
    assert definitions["Broker"]["properties"]["wait"]["default"] == "5s"
    for name in ("HubSection", "DatabaseSection", "WebSection", "ListeningSection", "BatchSection", "RoomSection"):
        for key, value in definitions[name]["properties"].items():
            assert value.get("description"), f"{name}.{key} needs a description"
    reference = {"type": "string", "pattern": "^(env|file):\\S"}
    assert reference in definitions["WebSection"]["properties"]["port"]["anyOf"]
    assert not any(str(Path.home()) in json.dumps(part) for part in definitions.values())


def test_every_reference_inside_the_schema_leads_somewhere() -> None:
    class Config(PluginConfig):
        inner: Broker = Broker()

    first = Config

    class Other:
        class Config(PluginConfig):
            """Another plugin's, of the same name."""

            size: int = 1

    schema = json_schema({"one": first, "two": Other.Config})
    referred = set()

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if "$ref" in value:
                referred.add(value["$ref"].removeprefix("#/$defs/"))
            for child in value.values():
                walk(child)
        elif isinstance(value, list):
            for child in value:
                walk(child)

    walk(schema)
    assert referred <= set(schema["$defs"])
    assert len(schema["plugins"] if "plugins" in schema else schema["properties"]["plugins"]["properties"]) == 2


def test_nothing_to_show_but_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    printed = print_config(load_config(None, {}), {})
    assert printed.startswith("# configuration, with defaults and environment\n")
    assert yaml.safe_load(printed)["listening"]["skip_threshold"] == "30s"
    with pytest.raises(ConfigError):
        load_config(tmp_path / "none.yaml", {})
