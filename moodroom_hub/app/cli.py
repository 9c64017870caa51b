"""The command ``moodroom-hub``: exits 0, 1 (failed) or 2 (bad usage or configuration); errors are one line each."""

import os
import sys
import traceback
from collections.abc import Sequence

import click

import moodroom_hub
from moodroom_hub.app.shapes import LateGroup
from moodroom_hub.app.shared import Shared
from moodroom_hub.app.text import one_line, sentence
from moodroom_hub.core.errors import MoodroomError

FAILED, BAD_USAGE = 1, 2

PLACES = {
    "demo": "demo:demo",
    "init": "init:init",
    "check": "check:check",
    "login": "login:login",
    "logout": "login:logout",
    "run": "run:run",
    "library": "library:library",
    "mine": "mine:mine",
    "sorter": "sorter:sorter",
    "station": "station:station",
    "rooms": "rooms:rooms",
    "pool": "pool:pool",
    "receipts": "receipts:receipts",
    "scrobbles": "scrobbles:scrobbles",
    "import": "import_history:import_group",
    "plugins": "plugins:plugins",
    "buttons": "buttons:buttons",
    "sonos": "sonos:sonos",
    "backup": "backup:backup",
    "restore": "backup:restore",
    "simulate": "simulate:simulate",
}


@click.group(
    cls=LateGroup,
    places=PLACES,
    name="moodroom-hub",
    example="moodroom-hub demo",
    help="Turn your own Spotify library into rooms that play for ever.",
)
@click.version_option(moodroom_hub.__version__, "--version", prog_name="moodroom-hub")
def cli() -> None:
    """Only holds the commands."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; gives the exit code. Errors end here, as one line each."""
    shared = Shared()
    try:
        answer = cli.main(
            list(sys.argv[1:] if arguments is None else arguments),
            prog_name="moodroom-hub",
            standalone_mode=False,
            obj=shared,
        )
        sys.stdout.flush()
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.exceptions.NoArgsIsHelpError as usage:
        click.echo(usage.format_message())
        return BAD_USAGE
    except click.UsageError as usage:
        where = usage.ctx.command_path if usage.ctx else "moodroom-hub"
        told = sentence(usage.format_message().replace("\n\t", " "))  # so are choices listed, one in a line
        return _failed(shared, usage, f"{told} See: {where} --help", code=BAD_USAGE)
    except click.ClickException as error:
        return _failed(shared, error, error.format_message())
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        return FAILED
    except BrokenPipeError:
        # Who read us has gone; the interpreter's own flush at exit shall not complain about it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except MoodroomError as error:
        # Late: the configuration's package costs more than a --help; whoever raised its error has imported it.
        from moodroom_hub.core.config import ConfigError

        if isinstance(error, ConfigError):
            return _failed(shared, error, *map(str, error.problems), code=BAD_USAGE)
        return _failed(shared, error, str(error) or type(error).__name__)
    except OSError as error:
        about = f"{error.filename}: " if error.filename else ""
        return _failed(shared, error, f"{about}{error.strerror or error}")
    except Exception as error:  # noqa: BLE001 -- the last resort: a bug is told in one line, too
        told = f"{type(error).__name__}: {error}. This is a fault of the hub; --debug shows where."
        return _failed(shared, error, told)
    return answer if isinstance(answer, int) else 0


def _failed(shared: Shared, error: Exception, *told: str, code: int = FAILED) -> int:
    """Tell what went wrong: one line each; before them the traceback, where it is wanted."""
    trace = "".join(traceback.format_exception(error)).splitlines() if shared.is_debug else []
    for line in (*trace, *(f"error: {each}" for each in told)):
        click.echo(one_line(line), err=True)
    return code
