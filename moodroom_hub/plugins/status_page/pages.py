"""What a browser sees: templates, static files, and notices between two pages."""

import gzip
import hashlib
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from aiohttp import web

from moodroom_hub import __version__
from moodroom_hub.domain.light import DARK, LIGHT
from moodroom_hub.domain.models import Room, RoomSlug, Tier, ZoneName
from moodroom_hub.plugins.status_page.palettes import theme_colour
from moodroom_hub.plugins.status_page.sharing import Sharing

if TYPE_CHECKING:
    from jinja2 import Environment

_HERE: Final = Path(__file__).parent
_KINDS: Final = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}
_TEXTS: Final = {".js", ".css", ".svg", ".webmanifest"}
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_PLACE: Final = f"(?:{'|'.join(Tier)}|not in the pool)"
_SAID_BY_BADGES: Final = re.compile(f"{_PLACE}(?: → {_PLACE})?")
_TIER_FIRST: Final = re.compile(f"(?:{'|'.join(Tier)}), ")
_LONGEST_TITLE: Final = 200
_MOST_NOTICES: Final = 64
_FOR_EVER: Final = "public, max-age=31536000, immutable"
IN_PLACE: Final = 1 << 22
"""Bytes up to which a page is compressed where it stands: a thread for it would stay for ever."""
_SCHEMES: Final = {"dark": DARK, "light": LIGHT}


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
    """One file of the static folder, read once. ``packed``: gzip, for texts. ``version`` changes with its bytes."""

    body: bytes
    packed: bytes | None
    content_type: str
    version: str


class Pages:
    """Renders the templates. Everything that is put in is escaped, without exception.

    ``rooms`` gives the house's rooms, for the links at the foot of every page and the colour of its frame;
    ``has_sorter`` and ``has_radio``: whether there is a way to the sorter's page, and to the stations'.
    """

    def __init__(
        self,
        rooms: Callable[[], Mapping[RoomSlug, Room]],
        has_sorter: Callable[[], bool],
        has_radio: Callable[[], bool],
    ) -> None:
        self._rooms = rooms
        self._has_sorter = has_sorter
        self._has_radio = has_radio
        self.sharing = Sharing()
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
            "asset": self.asset,
            "theme": self._theme,
        }
        environment.globals["version"] = __version__
        return environment

    def asset(self, name: str) -> str:
        """The address of a static file, another one as soon as its bytes are others."""
        return f"/static/{name}?v={self.static[name].version}"

    def _theme(self, slug: str, scheme: str) -> str:
        return theme_colour(self._rooms().get(RoomSlug(slug)), _SCHEMES[scheme])

    def render(self, template: str, status: int = 200, **values: Any) -> web.Response:
        """``template`` as an answer."""
        house_rooms = [(slug, room.name) for slug, room in self._rooms().items()]
        page = self._environment.get_template(template).render(
            house_rooms=house_rooms, has_sorter=self._has_sorter(), has_radio=self._has_radio(), **values
        )
        return packed(
            web.Response(
                body=page.encode("utf-8", "replace"),
                status=status,
                content_type="text/html",
                charset="utf-8",
                zlib_executor_size=IN_PLACE,
            )
        )

    def problem(self, status: int, message: str) -> web.Response:
        """A page that says what went wrong and what mends it."""
        return self.render("problem.html", status, message=message)

    def static_answer(self, name: str, request: web.Request) -> web.Response:
        """One static file, or 304. Raises ``KeyError`` where there is none."""
        file = self.static[name]
        etag = f'"{file.version}"'
        # With its version in the address it may be kept for ever; under its bare name it is asked for each time.
        is_versioned = request.query.get("v") == file.version
        headers = {"ETag": etag, "Cache-Control": _FOR_EVER if is_versioned else "no-cache", "Vary": "Accept-Encoding"}
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers=headers)
        body = file.body
        if file.packed is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
            body = file.packed
            headers["Content-Encoding"] = "gzip"
        charset = None if file.packed is None else "utf-8"
        return web.Response(body=body, content_type=file.content_type, charset=charset, headers=headers)


def packed(response: web.Response) -> web.Response:
    """``response``, compressed for whoever takes that. Must be made with ``zlib_executor_size=IN_PLACE``."""
    response.headers["Vary"] = "Accept-Encoding"
    response.enable_compression()
    return response


@dataclass(frozen=True, slots=True)
class Offer:
    """Where it would work: the zone, as people call it (``label``), and the ``room`` to play there, if one is meant."""

    zone: ZoneName
    label: str
    room: RoomSlug | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """One line for a person, and what mends it, if a page can."""

    line: str
    offer: Offer | None = None

    def __str__(self) -> str:
        return self.line


class Notices:
    """One line each, kept until the page after a form has shown it. Behind a name that nobody can guess."""

    def __init__(self) -> None:
        self._lines: OrderedDict[str, Notice] = OrderedDict()

    def keep(self, line: str, offer: Offer | None = None) -> str:
        """Keep ``line``; gives its name."""
        name = secrets.token_urlsafe(9)
        self._lines[name] = Notice(line, offer)
        while len(self._lines) > _MOST_NOTICES:
            self._lines.popitem(last=False)
        return name

    def take(self, name: str | None) -> Notice | None:
        """The line of that name, once."""
        return self._lines.pop(name, None) if name else None


def _static_file(path: Path) -> StaticFile:
    body = path.read_bytes()
    small = gzip.compress(body, mtime=0) if path.suffix in _TEXTS else None
    version = hashlib.sha256(body).hexdigest()[:12]
    return StaticFile(body=body, packed=small, content_type=_KINDS[path.suffix], version=version)
