"""Pools as CSV: ``room,tier,name,artist,uri,isrc``, one track a row.

Reading is strict about meaning and easy about form: any order of columns, any of comma, semicolon and tab, with or
without a byte-order mark. What is not understood is set aside with its line and reason, never guessed.

Writing changes nothing of a name: one that begins with ``=``, ``+``, ``-`` or ``@`` stays as it is, so that a file
comes back as it went. A spreadsheet may take such a cell for a formula; ``formula_like`` counts them, so that whoever
hands out the file can say so.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from moodroom_hub.domain.models import PoolEntry, Room, RoomSlug, Tier, Uri
from moodroom_hub.domain.pool_files.common import FileProblem, PoolFileError, find_room, quoted
from moodroom_hub.domain.recording import name_key, normal_isrc

COLUMNS = ("room", "tier", "name", "artist", "uri", "isrc")
_EXPECTED_HEADER = f"the first line must name the columns {','.join(COLUMNS)}"
_DELIMITERS = (",", ";", "\t")
_TRACK_URI = re.compile(r"(?:spotify:track:)?([0-9A-Za-z]{22})")
_TRACK_PAGE = re.compile(
    r"(?:https?://)?(?:open|play)\.spotify\.com/(?:intl-[A-Za-z]+(?:-[A-Za-z]+)?/)?track/([0-9A-Za-z]{22})/?(?:[?#]\S*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class PoolRow:
    """One row. ``uri`` may be missing where name and artist are given: then the track has still to be found."""

    room: RoomSlug
    tier: Tier
    name: str
    artists: tuple[str, ...] = ()
    uri: Uri | None = None
    isrc: str | None = None


@dataclass(frozen=True, slots=True)
class CsvPools:
    """What a file gave: rows in order, what was set aside, and the columns that mean nothing here."""

    rows: tuple[PoolRow, ...]
    problems: tuple[FileProblem, ...] = ()
    ignored_columns: tuple[str, ...] = ()


class _BadRow(Exception):
    """Why a row is set aside."""


def parse_csv(text: str, rooms: Sequence[Room]) -> CsvPools:
    """Read a pool file. Rooms go by slug or name. Raises ``PoolFileError`` where the header is missing or unusable."""
    lines = _lines(text.removeprefix("\ufeff"))
    _, header = next(lines, (0, []))
    if isinstance(header, str):
        raise PoolFileError(f"the header {header}; {_EXPECTED_HEADER}")
    columns = [cell.strip().casefold() for cell in header]
    _check_header(columns)
    rows: list[PoolRow] = []
    problems: list[FileProblem] = []
    seen: dict[tuple[RoomSlug, str], int] = {}
    for line, cells in lines:
        try:
            row = _row(columns, cells, rooms)
            earlier = seen.setdefault((row.room, _identity(row)), line)
            if earlier != line:
                raise _BadRow(f"the same track in the same room as on line {earlier}; the first one counts")
        except _BadRow as bad:
            problems.append(FileProblem(f"line {line}", str(bad)))
        else:
            rows.append(row)
    ignored = (" ".join(cell.split()) for cell in header if cell.strip().casefold() not in ("", *COLUMNS))
    return CsvPools(tuple(rows), tuple(problems), tuple(ignored))


def format_csv(rows: Iterable[PoolRow]) -> str:
    """The file for these rows: a header, commas, CRLF, quotes where needed. ``parse_csv`` gives the rows back."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        artists = "; ".join(artist.replace(";", ";;") for artist in row.artists)
        writer.writerow((row.room, row.tier.value, row.name, artists, row.uri or "", row.isrc or ""))
    return out.getvalue()


def rows_of(room: RoomSlug, entries: Iterable[PoolEntry]) -> list[PoolRow]:
    """A pool's entries as rows."""
    return [
        PoolRow(room, e.tier, e.track.name, e.track.artists, e.track.uri, normal_isrc(e.track.isrc)) for e in entries
    ]


def formula_like(rows: Iterable[PoolRow]) -> int:
    """How many rows hold a name or artist that a spreadsheet may take for a formula."""
    return sum(
        any(text.startswith(("=", "+", "-", "@", "\t", "\r")) for text in (row.name, *row.artists)) for row in rows
    )


def parse_track_uri(text: str) -> Uri | None:
    """``spotify:track:ID`` from that, from a bare 22-character id or from a track's web address; else ``None``."""
    found = _TRACK_URI.fullmatch(text.strip()) or _TRACK_PAGE.fullmatch(text.strip())
    return Uri(f"spotify:track:{found[1]}") if found else None


def _lines(text: str) -> Iterator[tuple[int, list[str] | str]]:
    """Line numbers with cells, or with the reason why a line cannot be read. Blank lines are left out."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True, skipinitialspace=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            is_open = "end of data" in str(error)
            yield (
                line,
                "opens a quote that is never closed; nothing after it was read" if is_open else _unreadable(error),
            )
            continue
        if any(cell.strip() for cell in cells):
            yield line, cells


def _unreadable(error: csv.Error) -> str:
    return f"cannot be read as CSV: {error}"


def _delimiter(text: str) -> str:
    """The one that makes the most known columns out of the first line that holds anything."""
    first = next((line for line in text.splitlines() if line.strip(" \t,;")), "")

    def known(delimiter: str) -> int:
        return len({cell.strip(' \t"').casefold() for cell in first.split(delimiter)} & set(COLUMNS))

    return max(_DELIMITERS, key=known)


def _check_header(columns: Sequence[str]) -> None:
    twice = sorted({column for column in columns if column in COLUMNS and columns.count(column) > 1})
    if twice:
        raise PoolFileError(f"the header names {', '.join(twice)} more than once; {_EXPECTED_HEADER}")
    missing = [column for column in ("room", "tier") if column not in columns]
    if missing:
        raise PoolFileError(f"the header lacks {' and '.join(missing)}; {_EXPECTED_HEADER}")
    if "uri" not in columns and not {"name", "artist"} <= set(columns):
        raise PoolFileError(f"the header names neither uri nor both name and artist; {_EXPECTED_HEADER}")


def _row(columns: Sequence[str], cells: list[str] | str, rooms: Sequence[Room]) -> PoolRow:
    if isinstance(cells, str):
        raise _BadRow(cells)
    if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
        raise _BadRow(f"{len(cells)} fields where the header names {len(columns)}")
    if len(cells) < len(columns):
        raise _BadRow(f"only {len(cells)} fields where the header names {len(columns)}")
    given = {column: cell.strip() for column, cell in zip(columns, cells, strict=False)}
    room = find_room(rooms, given["room"])
    if room is None:
        known = ", ".join(each.slug for each in rooms)
        raise _BadRow(f"no room is called {quoted(given['room'])}; there are {known}")
    uri = _uri(given.get("uri", ""))
    artists = _artists(given.get("artist", ""))
    name = given.get("name", "")
    if uri is None and not (name and artists):
        raise _BadRow("neither a uri nor both a name and an artist")
    return PoolRow(room.slug, _tier(given["tier"]), name, artists, uri, _isrc(given.get("isrc", "")))


def _tier(text: str) -> Tier:
    try:
        return Tier("_".join(text.upper().replace("-", " ").replace("_", " ").split()))
    except ValueError:
        raise _BadRow(f"no tier is called {quoted(text)}; there are {', '.join(Tier)}") from None


def _uri(text: str) -> Uri | None:
    if not text:
        return None
    uri = parse_track_uri(text)
    if uri is None:
        raise _BadRow(f"{quoted(text)} is not a Spotify track: spotify:track:ID, its web address or the bare ID")
    return uri


def _isrc(text: str) -> str | None:
    isrc = normal_isrc(text)
    if text and isrc is None:
        raise _BadRow(f"{quoted(text)} is not an ISRC (12 letters and digits, as in USCM51300762)")
    return isrc


def _artists(text: str) -> tuple[str, ...]:
    """Several artists are parted by ``;``; one that belongs to a name is written ``;;``."""
    parts: list[str] = [""]
    place = 0
    while place < len(text):
        if text.startswith(";;", place):
            parts[-1] += ";"
            place += 2
        elif text[place] == ";":
            parts.append("")
            place += 1
        else:
            parts[-1] += text[place]
            place += 1
    return tuple(part.strip() for part in parts if part.strip())


def _identity(row: PoolRow) -> str:
    return row.uri or name_key(row.name, row.artists[0]) or f"{row.name}\n{row.artists[0]}"
