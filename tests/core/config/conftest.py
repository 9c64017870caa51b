"""A config file of a test's own."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from moodroom_hub.core.config import ConfigError, LoadedConfig, load_config

Load = Callable[..., LoadedConfig]
Problems = Callable[..., list[str]]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """``load(text, environ)`` loads ``text`` as ``config.yaml`` of the working folder."""
    monkeypatch.chdir(tmp_path)

    def loaded(text: str | bytes = "", environ: Mapping[str, str] | None = None) -> LoadedConfig:
        content = text.encode() if isinstance(text, str) else text
        Path("config.yaml").write_bytes(content)
        return load_config(Path("config.yaml"), environ or {})

    return loaded


@pytest.fixture
def problems(load: Load) -> Problems:
    """``problems(text, environ)`` gives what is wrong, one line each; fails where nothing is."""

    def told(text: str | bytes = "", environ: Mapping[str, str] | None = None) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            load(text, environ)
        assert str(caught.value).splitlines() == [str(problem) for problem in caught.value.problems]
        return [str(problem) for problem in caught.value.problems]

    return told
