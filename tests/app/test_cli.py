"""The command line from outside: help, exit codes, one clear line on an error."""

import os
import shlex
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from moodroom_hub.app.cli import PLACES, cli
from moodroom_hub.app.shapes import Command, Group
from tests.app.conftest import Home, Ran


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with its words."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


EVERY = dict(commands(cli))


def test_every_command_of_the_contract_is_there() -> None:
    named = {
        "demo", "init", "check", "login", "logout", "run", "plugins", "backup", "restore", "simulate",
        "library sync", "library list", "rooms list", "rooms show", "rooms activate", "rooms off",
        "pool import", "pool export", "receipts list", "receipts undo",
    }  # fmt: skip
    assert named <= {" ".join(words) for words in EVERY}


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_every_help_says_what_it_does_and_shows_an_example(words: tuple[str, ...], run: Callable[..., Ran]) -> None:
    command = EVERY[words]
    assert isinstance(command, Command | Group)
    assert command.example.startswith(f"moodroom-hub {words[0]}") or f" {words[0]}" in command.example
    for flag in ("--help", "-h"):
        ran = run(*words, flag)
        assert ran.code == 0
        assert "Example:" in ran.out
        assert command.help
        assert command.help.split("\n")[0] in " ".join(ran.out.split())


@pytest.mark.parametrize("words", [words for words, command in EVERY.items() if not isinstance(command, click.Group)])
def test_every_example_is_understood(words: tuple[str, ...]) -> None:
    """The words of an example parse; nothing is run."""
    command = EVERY[words]
    assert isinstance(command, Command)
    for line in command.example.splitlines():
        arguments = shlex.split(line.partition(" > ")[0])[1:]
        if arguments[:1] == ["-c"]:
            arguments = arguments[2:]
        assert tuple(arguments[: len(words)]) == words
        rest = [word for word in arguments[len(words) :] if not word.endswith(".zip")]
        if len(rest) == len(arguments) - len(words):
            command.make_context(words[-1], rest, resilient_parsing=False).close()


def test_help_is_quick_because_nothing_heavy_is_imported() -> None:
    script = (
        "import sys; from moodroom_hub.app.cli import main; main(['--help']); "
        "heavy = {'pydantic', 'sqlalchemy', 'aiohttp', 'spotipy', 'yaml', 'rich'} & set(sys.modules); "
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    began_s = time.monotonic()
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert time.monotonic() - began_s < 2  # 0.1 s on an idle machine


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["lisst"], "No such command 'lisst'"),
        (["rooms", "list", "--jsn"], "--jsn"),
        (["receipts", "undo", "many"], "'many'"),
        (["receipts", "undo"], "ID"),
        *((["demo", "--speed", speed], "speed") for speed in ("0", "-1", "nan", "inf", "-inf", "1e9", "fast", "")),
        *((["simulate", "--speed", speed], "speed") for speed in ("0", "-1", "nan", "inf", "NaN", "1001")),
        (["demo", "--port", "70000"], "port"),
    ],
)
def test_bad_usage_is_one_line_and_exit_2(arguments: list[str], said: str, run: Callable[..., Ran]) -> None:
    ran = run(*arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert said in ran.err
    assert "--help" in ran.err
    assert ran.err.count("\n") == 1


GROUPS = [(), *(words for words, command in EVERY.items() if isinstance(command, click.Group))]


@pytest.mark.parametrize("words", GROUPS, ids=lambda words: " ".join(words) or "moodroom-hub")
@pytest.mark.parametrize("columns", [50, 80, 120])
def test_no_list_of_commands_cuts_a_sentence(
    words: tuple[str, ...], columns: int, run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.get_terminal_size", lambda *_: os.terminal_size((columns, 24)))
    told = run(*words, "--help").out.partition("Commands:\n")[2].partition("\n\n")[0]
    names = [name for *above, name in EVERY if tuple(above) == words]
    assert all(f"  {name} " in told for name in names)
    assert "..." not in told
    assert max(map(len, told.splitlines())) <= columns
    if columns == 80:
        assert len(told.splitlines()) == len(names), "one line each on an ordinary terminal"


def test_no_words_at_all_show_the_help(run: Callable[..., Ran]) -> None:
    ran = run()
    assert ran.code == 2
    assert all(name in ran.out for name in PLACES)


def test_the_version(run: Callable[..., Ran]) -> None:
    import moodroom_hub

    assert run("--version").out.strip() == f"moodroom-hub, version {moodroom_hub.__version__}"


def test_a_bad_configuration_is_exit_2_with_a_line_for_each_problem(home: Home) -> None:
    home.configure("web: {prot: 7}\nlistening: {cadence: fast}\n")
    ran = home.run("rooms", "list")
    assert ran.code == 2
    assert "did you mean" in ran.err
    assert len(ran.err.splitlines()) == 2
    assert all(line.startswith("error: ") and "config.yaml:" in line for line in ran.err.splitlines())


@pytest.mark.parametrize("words", [["run"], ["demo", "--no-browser"], ["simulate", "--port", "0"]])
def test_a_log_format_that_nobody_knows_is_refused(
    home: Home, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOODROOM_LOG_FORMAT", "xml")
    ran = home.run(*words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "error: MOODROOM_LOG_FORMAT: expected text or json, not 'xml'\n"


def test_a_missing_configuration_is_said(run: Callable[..., Ran]) -> None:
    ran = run("-c", "nowhere.yaml", "rooms", "list")
    assert ran.code == 2
    assert "nowhere.yaml" in ran.err


def test_the_configuration_may_be_named_after_the_command_as_well(home: Home, run: Callable[..., Ran]) -> None:
    home.configure("rooms: {tea: {name: Tea}}\n")
    ran = run("rooms", "list", "-c", str(home.config))
    assert ran.code == 0
    assert "Tea" in ran.out


def test_the_traceback_comes_with_debug_only(home: Home) -> None:
    (home.folder / "data").write_text("a file where a folder should be")
    quiet = home.run("rooms", "list")
    assert quiet.code == 1
    assert quiet.err.count("\n") == 1
    assert "Traceback" not in quiet.err
    loud = home.run("--debug", "rooms", "list")
    assert "Traceback" in loud.err


def test_a_fault_of_ours_is_one_line_too(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a\nb")

    monkeypatch.setattr("moodroom_hub.app.reach.running", broken)
    ran = home.run("rooms", "list")
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "ZeroDivisionError" in ran.err
    assert "--debug" in ran.err


def test_a_reader_that_leaves_early_is_no_trouble(home: Home) -> None:
    """``moodroom-hub ... | head -0``."""
    words = [sys.executable, "-m", "moodroom_hub", "-c", str(home.config), "check", "--schema"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ)) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        complaint = process.stderr.read().decode()
        process.wait(30)
    assert complaint == ""


IMPATIENT = """
import sys

class Impatient:
    def find_spec(self, name, path=None, target=None):
        if name == "click":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Impatient())
from moodroom_hub.__main__ import begin
sys.exit(begin())
"""


def test_an_end_wished_while_all_is_still_imported_is_one_line() -> None:
    ran = subprocess.run([sys.executable, "-c", IMPATIENT], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, "", "Stopped.\n")


def test_the_installed_command_begins_there() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"] == {"moodroom-hub": "moodroom_hub.__main__:begin"}
