"""What commands print: one JSON document, or a table whose cells no title can break."""

import json
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

import click

from moodroom_hub.app.text import LONGEST, one_line

CELL = 60


def say(text: str = "") -> None:
    """One line for a person on stdout; foreign text in it is made harmless."""
    click.echo(one_line(text))


def hint(text: str) -> None:
    """One line for a person on stderr, so that it never mixes with data."""
    click.echo(one_line(text), err=True)


def show_json(value: Any) -> None:
    """``value`` as JSON: pure ASCII, so that it is as safe on a terminal as in a pipe."""
    json.dump(value, sys.stdout, indent=2)
    sys.stdout.write("\n")


def show_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """``rows`` under ``headings``, in columns as wide as they need to be; all cells but the last of a row are cut."""
    last = len(headings) - 1
    cells = [[_cell(value, CELL if column < last else LONGEST) for column, value in enumerate(row)] for row in rows]
    table = [[heading.upper() for heading in headings], *cells]
    widths = [max(map(width, column)) for column in zip(*table, strict=True)]
    for row in table:
        padded = (cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True))
        click.echo("  ".join(padded).rstrip())


def _cell(value: object, longest: int) -> str:
    return "-" if value is None else one_line(str(value), longest)


def width(text: str) -> int:
    """Columns that ``text`` takes on a terminal."""
    return sum(_sign_width(sign) for sign in text)


def _sign_width(sign: str) -> int:
    if unicodedata.combining(sign):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in ("W", "F") else 1
