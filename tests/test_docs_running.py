"""``docs/running.md``: the units are ones that systemd starts as they stand."""

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from moodroom_hub.app.cli import cli

DOCS = Path(__file__).resolve().parent.parent / "docs"
UNITS = re.findall(r"^```ini\n(.*?)^```", (DOCS / "running.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


class Unit(configparser.ConfigParser):
    """A unit's sections, its keys as they are written."""

    def optionxform(self, optionstr: str) -> str:
        return optionstr


def read(text: str) -> Unit:
    """Read a unit."""
    unit = Unit(interpolation=None, delimiters=("=",))
    unit.read_string(text)
    return unit


def test_there_is_one_for_the_system_and_one_for_a_user() -> None:
    assert [read(text)["Install"]["WantedBy"] for text in UNITS] == ["multi-user.target", "default.target"]


@pytest.mark.parametrize("text", UNITS, ids=["system", "user"])
def test_a_unit_starts_the_hub(text: str) -> None:
    unit = read(text)
    is_for_system = unit["Install"]["WantedBy"] == "multi-user.target"
    assert ("User" in unit["Service"]) is is_for_system, "a user's own systemd cannot become another user"
    assert ("%h" in text) is not is_for_system, "in a system's unit that is the home of root"
    program, *words = shlex.split(unit["Service"]["ExecStart"].replace("%h", "/somewhere"))
    assert program.startswith("/"), "systemd wants it whole"
    assert program.endswith("/.venv/bin/moodroom-hub")
    assert words[0] == "-c"
    assert words[1].startswith("/")
    assert cli.get_command(click.Context(cli), words[2]) is not None
    assert unit["Service"]["Restart"] == "on-failure"
    assert unit["Service"]["RestartPreventExitStatus"] == "2", "a wrong configuration is not mended by a restart"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
@pytest.mark.parametrize("text", UNITS, ids=["system", "user"])
def test_systemd_knows_every_key(text: str, tmp_path: Path) -> None:
    unit = tmp_path / "moodroom-hub.service"
    unit.write_text(re.sub(r"^ExecStart=.*$", "ExecStart=/bin/true", text, flags=re.MULTILINE), encoding="utf-8")
    ran = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    about_it = [line for line in ran.stderr.splitlines() if "moodroom-hub.service" in line]
    assert [line for line in about_it if "Unknown" in line or "Failed to parse" in line] == []


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_the_configuration_is_imported_from_its_public_place(page: Path) -> None:
    assert "config.models" not in page.read_text(encoding="utf-8")
