"""What a browser sees: templates, static files, the rooms' colours as a stylesheet, and notices between two pages."""

import hashlib
import re
import secrets
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from aiohttp import web

from moodroom_hub.domain.models import Room, RoomSlug, Tier

if TYPE_CHECKING:
    from jinja2 import Environment

_HERE: Final = Path(__file__).parent
_KINDS: Final = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_PLACE: Final = f"(?:{'|'.join(Tier)}|not in the pool)"
_SAID_BY_BADGES: Final = re.compile(f"{_PLACE}(?: → {_PLACE})?")
_TIER_FIRST: Final = re.compile(f"(?:{'|'.join(Tier)}), ")
_COLOUR: Final = re.compile("#[0-9a-fA-F]{6}")
_LONGEST_TITLE: Final = 200
_MOST_NOTICES: Final = 64


def visible(given: object) -> str:
    """Hostile text as people may see it: no control characters (ANSI), not longer than a title is."""
    shown = _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", str(given)[: _LONGEST_TITLE + 1])
    return shown if len(shown) <= _LONGEST_TITLE else shown[:_LONGEST_TITLE] + "…"


def minutes(ms: int | None) -> str:
    """``3:07``; nothing where it is unknown."""
    if ms is None:
        return ""
    seconds = max(0, ms) // 1000
    return f"{seconds // 60}:{seconds % 60:02d}"


def reason(why: str) -> str:
    """``why`` without what the badges beside it say already: the tier, or the move from tier to tier."""
    parts = (_TIER_FIRST.sub("", part, count=1) for part in why.split(" · "))
    return " · ".join(part for part in parts if not _SAID_BY_BADGES.fullmatch(part))


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file of the static folder, read once."""

    body: bytes
    content_type: str
    etag: str


class Pages:
    """Renders the templates. Everything that is put in is escaped, without exception."""

    def __init__(self) -> None:
        self.static = {path.name: _static_file(path) for path in (_HERE / "static").iterdir() if path.suffix in _KINDS}

    @cached_property
    def _environment(self) -> "Environment":
        # Late: a hub whose page nobody opens does without the library's memory.
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        environment = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters |= {
            "visible": visible,
            "minutes": minutes,
            "reason": reason,
            "segment": partial(quote, safe=""),
        }
        return environment

    def render(self, template: str, status: int = 200, **values: Any) -> web.Response:
        """``template`` as an answer."""
        page = self._environment.get_template(template).render(values)
        return web.Response(
            body=page.encode("utf-8", "replace"), status=status, content_type="text/html", charset="utf-8"
        )

    def problem(self, status: int, message: str) -> web.Response:
        """A page that says what went wrong and what mends it."""
        return self.render("problem.html", status, message=message)

    def static_answer(self, name: str, known_etag: str | None) -> web.Response:
        """One static file, or 304. Raises ``KeyError`` where there is none."""
        file = self.static[name]
        headers = {"ETag": file.etag, "Cache-Control": "no-cache"}
        if known_etag == file.etag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=file.body, content_type=file.content_type, charset="utf-8", headers=headers)


class Notices:
    """One line each, kept until the page after a form has shown it. Behind a name that nobody can guess."""

    def __init__(self) -> None:
        self._lines: OrderedDict[str, str] = OrderedDict()

    def keep(self, line: str) -> str:
        """Keep ``line``; gives its name."""
        name = secrets.token_urlsafe(9)
        self._lines[name] = line
        while len(self._lines) > _MOST_NOTICES:
            self._lines.popitem(last=False)
        return name

    def take(self, name: str | None) -> str | None:
        """The line of that name, once."""
        return self._lines.pop(name, None) if name else None


def palette_css(rooms: Mapping[RoomSlug, Room]) -> str:
    """The rooms' colours as custom properties of ``[data-room="<slug>"]``. What is no plain colour is left out."""
    return "\n".join(_room_rule(slug, room) for slug, room in rooms.items() if room.palette) + "\n"


def _room_rule(slug: str, room: Room) -> str:
    light = room.palette
    named: list[tuple[str, str]] = []
    if light is not None:
        named = [("accent", light.accent), ("from", light.start), ("to", light.end)]
        named += [(f"blob-{number}", colour) for number, colour in enumerate(light.blobs, 1)]
    values = " ".join(f"--room-{name}: {colour};" for name, colour in named if _COLOUR.fullmatch(colour))
    return f'[data-room="{_css_text(slug)}"] {{ {values} }}'


def _css_text(given: Iterable[str]) -> str:
    return "".join(
        each if each.isascii() and (each.isalnum() or each in "-_") else f"\\{ord(each):x} " for each in given
    )


def _static_file(path: Path) -> StaticFile:
    body = path.read_bytes()
    digest = hashlib.sha256(body).hexdigest()[:20]
    return StaticFile(body=body, content_type=_KINDS[path.suffix], etag=f'"{digest}"')
