"""The shapes that every command shares: help with an example, the common options, sub-commands loaded late."""

import importlib
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from moodroom_hub.app.shared import Shared

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])

CONTEXT_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
WHOLE = 1000
"""Characters: no first sentence of a help is longer."""


def common_options() -> list[click.Option]:
    """``-c`` and ``--debug``: good before the command's name as well as after it."""

    def remember(context: click.Context, parameter: click.Parameter, value: Any) -> None:
        if value:
            shared = context.ensure_object(Shared)
            setattr(shared, str(parameter.name), value)

    return [
        click.Option(
            ["-c", "--config", "config_path"],
            type=click.Path(path_type=Path),
            expose_value=False,
            callback=remember,
            help="The configuration file (else $MOODROOM_CONFIG, ./config.yaml, the platform's folder).",
        ),
        click.Option(
            ["--debug", "is_debug"],
            is_flag=True,
            expose_value=False,
            callback=remember,
            help="Log everything; show the traceback of an error.",
        ),
    ]


class Speed(click.FloatRange):
    """How many times as fast as life."""

    def __init__(self) -> None:
        super().__init__(0, 1000, min_open=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number, or a usage error."""
        speed = super().convert(value, param, ctx)
        if math.isnan(speed):  # it passes every comparison
            self.fail(f"{value} is not a number.", param, ctx)
        return speed


class Command(click.Command):
    """A command whose help ends with an example."""

    def __init__(self, *args: Any, example: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **{"context_settings": CONTEXT_SETTINGS, **kwargs})
        self.example = example
        self.params += common_options()

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the example."""
        write_example(self.example, formatter)


class Group(click.Group):
    """A group whose help ends with an example."""

    command_class = Command

    def __init__(self, *args: Any, example: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **{"context_settings": CONTEXT_SETTINGS, **kwargs})
        self.example = example
        self.params += common_options()

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands; what is too long for the line goes on in the next one, where click would cut it."""
        listed = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [
            (name, command.get_short_help_str(limit=WHOLE))
            for name, command in listed
            if command is not None and not command.hidden
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the example."""
        write_example(self.example, formatter)


class LateGroup(Group):
    """A group whose commands are imported when they are asked for. ``places``: name -> ``module:attribute``."""

    def __init__(self, *args: Any, places: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._places = places

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of a first day with the hub."""
        return list(self._places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command."""
        place = self._places.get(cmd_name)
        if place is None:
            return None
        module, _, attribute = place.partition(":")
        command = getattr(importlib.import_module(f"moodroom_hub.app.commands.{module}"), attribute)
        assert isinstance(command, click.Command)
        return command


def write_example(example: str, formatter: click.HelpFormatter) -> None:
    """The section ``Example``."""
    if example:
        with formatter.section("Example"):
            for line in example.splitlines():
                formatter.write_text(line)


def json_option(function: FunctionT) -> FunctionT:
    """``--json`` as the argument ``as_json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")(function)
