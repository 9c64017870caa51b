"""Which file is read."""

from pathlib import Path

import platformdirs
import pytest

from moodroom_hub.core.config import find_config, load_config


def test_the_order_of_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "platform"))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert find_config(None, {}) is None
    assert load_config(None, {}).path is None

    platform = platformdirs.user_config_path("moodroom-hub", appauthor=False) / "config.yaml"
    assert platform.is_relative_to(tmp_path)
    platform.parent.mkdir(parents=True)
    platform.write_text("web: {port: 1}", encoding="utf-8")
    assert find_config(None, {}) == platform

    here = tmp_path / "config.yaml"
    here.write_text("web: {port: 2}", encoding="utf-8")
    assert load_config(None, {}).settings.web.port == 2

    named = tmp_path / "named.yaml"
    named.write_text("web: {port: 3}", encoding="utf-8")
    assert load_config(None, {"MOODROOM_CONFIG": "~/named.yaml"}).path == named
    assert find_config(None, {"MOODROOM_CONFIG": ""}) == Path("config.yaml")

    explicit = tmp_path / "explicit.yaml"
    assert find_config(explicit, {"MOODROOM_CONFIG": str(named)}) == explicit
