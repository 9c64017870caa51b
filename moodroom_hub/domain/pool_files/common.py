"""What both kinds of pool file have in common: problems, and finding the room that a text means."""

from collections.abc import Iterable
from dataclasses import dataclass

from moodroom_hub.domain.models import Room
from moodroom_hub.domain.recording import fold

LONGEST_QUOTE = 60


class PoolFileError(ValueError):
    """The whole file cannot be used; the text says why in one line."""


@dataclass(frozen=True, slots=True)
class FileProblem:
    """One thing of a file that was set aside. ``where`` is ``line 7`` or a path such as ``demoted.House[3]``."""

    where: str
    reason: str

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"


def find_room(rooms: Iterable[Room], text: str) -> Room | None:
    """The room whose slug or name ``text`` is, whatever its case, accents, blanks, dashes and underscores."""
    wanted = fold(text)
    if not wanted:
        return None
    known = list(rooms)
    by_slug = next((room for room in known if fold(room.slug) == wanted), None)
    return by_slug or next((room for room in known if fold(room.name) == wanted), None)


def quoted(text: str) -> str:
    """A stranger's text on one line, cut and with its odd signs escaped, for a person to recognise it."""
    shown = text if len(text) <= LONGEST_QUOTE else f"{text[: LONGEST_QUOTE - 1]}…"
    escaped = "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in shown)
    return f"“{escaped}”"
