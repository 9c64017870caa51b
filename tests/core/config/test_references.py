"""Values by reference: early for ordinary values, late for secrets; and secrets that never show themselves."""

import copy
import json
import logging
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from moodroom_hub.core.config import ConfigError, PluginConfig, SecretText, plugin_config
from tests.core.config.conftest import Load, Problems


def test_any_value_may_be_a_reference(load: Load, tmp_path: Path) -> None:
    (tmp_path / "url").write_text("https://rooms.example\n", encoding="utf-8")
    text = """
web: {port: env:PORT, base_url: file:url, trusted_hosts: [env:HOST]}
hub: {data_dir: env:DIR}
listening: {skip_threshold: env:SKIP, cadence: env:CADENCE}
rooms:
  x: {name: env:NAME, palette: {accent: env:RED, from: "#000000", to: "#000000", blobs: [env:RED, env:RED, env:RED]}}
"""
    environ = {
        "PORT": "81",
        "HOST": "Hub",
        "DIR": "data",
        "SKIP": "10s",
        "CADENCE": "eco",
        "NAME": "Ex",
        "RED": "#ff0000",
    }
    settings = load(text, environ).settings
    assert settings.web.port == 81
    assert settings.web.base_url == "https://rooms.example"
    assert settings.web.trusted_hosts == ("hub",)
    assert settings.hub.data_dir == tmp_path / "data"
    assert settings.listening.skip_threshold == 10_000
    assert settings.listening.cadence == "eco"
    assert settings.rooms["x"].name == "Ex"
    palette = settings.rooms["x"].palette
    assert palette is not None
    assert palette.blobs == ("#ff0000",) * 3


@pytest.mark.parametrize(
    "text", ["env: the word", "file: under jazz", "environment", "an env:NAME inside", "env:", "file:"]
)
def test_what_only_looks_like_a_reference_is_a_text(load: Load, text: str) -> None:
    rooms = load(f"rooms:\n  x: {{name: X, description: '{text}'}}").settings.rooms
    assert rooms["x"].description == text


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("env:NOT_THERE", "refers to env:NOT_THERE, which is not set; set that variable"),
        ("env:EMPTY", "refers to env:EMPTY, which is empty"),
        ("env:NOT-A-NAME", "expected env:NAME with a variable's name"),
        ("env:ODD", "refers to env:ODD, which is not UTF-8 text"),
        ("file:not-there", "which cannot be read: No such file or directory"),
        ("file:.", "which cannot be read: Is a directory"),
        ("file:empty", "which is empty"),
        ("file:long", "which is longer than 64 KiB"),
        ("file:binary", "which is not UTF-8 text"),
        ("file:~nobody-of-that-name/x", "which cannot be read: no usable path"),
    ],
)
def test_a_reference_that_leads_nowhere(
    problems: Problems, load: Load, tmp_path: Path, reference: str, told: str
) -> None:
    (tmp_path / "empty").write_text("\n", encoding="utf-8")
    (tmp_path / "long").write_text("x" * 70_000, encoding="utf-8")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\xff")
    environ = {"EMPTY": "", "ODD": "\udcff"}
    found = problems(f"\nweb: {{port: '{reference}'}}", environ)
    assert len(found) == 1
    assert found[0].startswith("config.yaml:2: web.port: ")
    assert told in found[0]

    password = load(f"\nweb: {{password: '{reference}'}}", environ).settings.web.password
    assert password is not None
    with pytest.raises(ConfigError) as caught:
        password.resolve(environ)
    assert str(caught.value).startswith("config.yaml:2: web.password: ")
    assert told in str(caught.value)


def test_secrets_are_resolved_late(load: Load, tmp_path: Path) -> None:
    loaded = load("web: {password: file:pw}\ndatabase: {url: env:URL}")
    assert loaded.settings.web.password is not None
    (tmp_path / "pw").write_text("pass word \r\n", encoding="utf-8")
    assert loaded.settings.web.password.resolve({}) == "pass word "
    assert loaded.settings.database_url({"URL": "postgresql://me:pw@db/moodroom"}) == "postgresql://me:pw@db/moodroom"
    with pytest.raises(ConfigError, match=r"config\.yaml:2: database\.url: refers to env:URL, which is not set"):
        loaded.settings.database_url({})


def test_the_database_is_sqlite_in_the_data_folder(load: Load, tmp_path: Path) -> None:
    settings = load("hub: {data_dir: data}").settings
    assert settings.database_url() == f"sqlite:///{tmp_path.as_posix()}/data/moodroom.db"


class Holder(BaseModel):
    secret: SecretText


def test_a_secret_never_shows_itself(load: Load, caplog: pytest.LogCaptureFixture) -> None:
    loaded = load(
        "web: {password: hunter2}\ndatabase: {url: 'sqlite:///hunter2'}\nplugins: {x: {y: hunter2}}",
        {"MOODROOM_PLUGINS__X__Z": "hunter2"},
    )
    password = loaded.settings.web.password
    assert password is not None
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("test").info("%s %r %s", password, password, loaded)
    shown = [
        caplog.text,
        f"{password} {password!r} {password:}",
        repr(loaded),
        str(loaded.settings),
        loaded.settings.web.model_dump_json(),
        json.dumps(loaded.settings.model_dump(mode="json", exclude={"plugins"})),
        str(loaded.settings.database.model_dump()),
        repr(copy.deepcopy(password)),
    ]
    assert "hunter2" not in "".join(shown)
    assert password.resolve({}) == "hunter2"


def test_secrets_compare_by_what_they_hold() -> None:
    assert SecretText("a", where="x") == SecretText("a")
    assert SecretText("a") != SecretText("b")
    assert SecretText("a") != "a"
    assert len({SecretText("a"), SecretText("a"), SecretText("b")}) == 2


def test_a_model_takes_a_text_and_its_schema_is_a_string() -> None:
    assert Holder.model_validate({"secret": "x"}).secret.resolve({}) == "x"
    assert Holder.model_validate_json('{"secret": "x"}').secret.resolve({}) == "x"
    assert Holder.model_json_schema()["properties"]["secret"]["type"] == "string"
    assert Holder(secret=SecretText("env:X")).model_dump() == {"secret": "env:X"}
    for wrong in ("", " ", None, True, ["x"]):
        with pytest.raises(ValidationError):
            Holder.model_validate({"secret": wrong})


class Files(PluginConfig):
    ca_file: Path | None = None
    api_key: SecretText | None = None
    keys: dict[str, SecretText] = {}  # noqa: RUF012 -- pydantic copies defaults


def test_relative_paths_count_from_the_file(load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("k", encoding="utf-8")
    loaded = load("plugins:\n  files: {ca_file: ca.pem, api_key: file:key, keys: {a: file:key, b: plain}}")
    config = plugin_config(loaded, "files", Files)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert config.ca_file == tmp_path / "ca.pem"
    assert config.api_key is not None
    assert config.api_key.resolve({}) == "k"
    assert {name: key.resolve({}) for name, key in config.keys.items()} == {"a": "k", "b": "plain"}
