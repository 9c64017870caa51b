"""A home for commands: a configuration and a data folder of their own, run as a person runs them."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from moodroom_hub.app.cli import main

URI = "spotify:track:{:022d}"


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str


class Home:
    """One configuration and what commands make of it."""

    def __init__(self, folder: Path, run: Callable[..., Ran]) -> None:
        self.folder = folder
        self.config = folder / "config.yaml"
        self.data = folder / "data"
        self._run = run
        self.configure("")

    def configure(self, more: str) -> None:
        """Write the configuration: a data folder here, any free port, and ``more``."""
        self.config.write_text(f"hub: {{data_dir: {self.data}}}\n{more}", encoding="utf-8")

    def run(self, *arguments: str) -> Ran:
        """Run ``moodroom-hub`` with this configuration."""
        return self._run("-c", str(self.config), *arguments)

    def fill(self, text: str) -> Ran:
        """Import ``text`` as a pool file."""
        file = self.folder / "pools.csv"
        file.write_text(text, encoding="utf-8")
        return self.run("pool", "import", str(file))


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable, no folder and no file of the person who runs the tests."""
    for name in os.environ:
        if name.startswith("MOODROOM_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config-home"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data-home"))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))  # for processes, installed or not
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run ``moodroom-hub`` in this process."""

    def run_here(*arguments: str) -> Ran:
        capsys.readouterr()
        code = main(arguments)
        told = capsys.readouterr()
        return Ran(code, told.out, told.err)

    return run_here


@pytest.fixture
def home(tmp_path: Path, run: Callable[..., Ran]) -> Home:
    """A fresh home."""
    return Home(tmp_path, run)
