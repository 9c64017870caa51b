"""Playlists out of CSV: a heading, then a track a row.

Columns, by any spelling of their names: the artist (artist, artist_name, track_artist, "Artist Name(s)"), and the
playlist (playlist_id, pid, playlist, playlist_name) with, where there is one, its owner. Without a column of playlists
the file is one list, as those are that people save of single playlists.
"""

import csv
import itertools
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from moodroom_hub.plugins.radio.names import first_of_credit

DELIMITERS = ",;\t|"
ARTISTS = ("artistname", "trackartist", "artist", "artistnames", "artists")
ONE_NAME = frozenset({"artistname", "trackartist"})
LISTS = ("playlistid", "pid", "playlisturi", "playlist", "playlistname")
NAMES = ("playlistname", "playlist", "name")
OWNERS = ("userid", "user", "owner", "username")
MOST_OPEN = 2_000_000
"""Tracks that wait for more of their playlists. Lists whose rows lie farther apart than this fall into two."""
LONGEST_FIELD = 1 << 17

Key = tuple[str, ...]
LeaveOut = Callable[[str, str, bool], None]


def lists_of_table(lines: Iterable[str], name: str, leave_out: LeaveOut) -> Iterator[tuple[str, Sequence[str]]]:
    """Each playlist's name and artists; ``name`` where no column tells it.

    ``leave_out`` hears where (a line) and why something is left out, and whether it is all the
    rest. Raises ``ValueError`` for other tables.
    """
    rows = iter(lines)
    heading = next(rows, "")
    delimiter = max(DELIMITERS, key=heading.count)
    csv.field_size_limit(LONGEST_FIELD)
    table = csv.reader(itertools.chain([heading], rows), delimiter=delimiter, skipinitialspace=True)
    try:
        columns = {_plain(column): place for place, column in reversed(list(enumerate(next(table, []))))}
    except csv.Error as error:
        raise ValueError(f"its heading can't be read ({error})") from None
    artist = next((column for column in ARTISTS if column in columns), None)
    if artist is None:
        raise ValueError(f"its heading names no column of artists ({', '.join(ARTISTS)})")
    grouped = tuple(columns[column] for column in _first(columns, OWNERS) + _first(columns, LISTS))
    if not _first(columns, LISTS):
        grouped = ()
    named = columns[next(iter(_first(columns, NAMES) + _first(columns, LISTS)))] if grouped else None
    lists: dict[Key, tuple[str, list[str]]] = {}
    names: dict[str, str] = {}
    waiting = 0
    for row in _whole_rows(table, max((columns[artist], *grouped, named or 0)), leave_out):
        written = row[columns[artist]]
        key = tuple(row[place] for place in grouped)
        if key not in lists:
            lists[key] = (name if named is None else row[named], [])
        written = written if artist in ONE_NAME else first_of_credit(written)
        # Each spelling is kept once, however often it comes.
        lists[key][1].append(names.setdefault(written, written))
        waiting += 1
        if waiting >= MOST_OPEN:
            yield from lists.values()
            lists, names, waiting = {}, {}, 0
    yield from lists.values()


def _whole_rows(table: Any, needed: int, leave_out: LeaveOut) -> Iterator[list[str]]:
    """The rows that reach up to the column ``needed``, until the file ends or breaks off."""
    while True:
        try:
            row = next(table)
        except StopIteration:
            return
        except (csv.Error, OSError, EOFError, zlib.error) as error:
            leave_out(f"line {table.line_num + 1}", f"the file can't be read on ({error})", True)
            return
        if len(row) > needed:
            yield row
        elif row:
            leave_out(f"line {table.line_num}", "has too few columns", False)


def _first(columns: dict[str, int], wanted: Sequence[str]) -> list[str]:
    return [column for column in wanted if column in columns][:1]


def _plain(column: str) -> str:
    return "".join(sign for sign in column.lower() if sign.isalnum())
