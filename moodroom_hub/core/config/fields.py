"""The kinds of value that sections are made of, each with its own words for what it expects."""

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import platformdirs
from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer

from moodroom_hub.core.config.problems import Expected
from moodroom_hub.domain.durations import format_duration, parse_duration

_SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")
_HOST: Final = re.compile(r"[A-Za-z0-9_.:-]+")
LONGEST_SLUG: Final = 40


def slugged(name: str) -> str:
    """``name`` as a slug (``Late Night!`` gives ``late-night``); empty where no Latin letter or digit is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_SLUG].rstrip("-")


def _slug(text: str) -> str:
    if text == "off":
        raise Expected("expected another slug: 'off' is the word for no room")
    if _SLUG.fullmatch(text) and len(text) <= LONGEST_SLUG:
        return text
    suggestion = slugged(text)
    said = f"such as {suggestion}" if suggestion else "such as late-night"
    raise Expected(
        f"expected a slug of lower-case letters, digits and dashes (at most {LONGEST_SLUG} characters), {said}"
    )


def _one_line(text: str) -> str:
    text = text.strip()
    if not text:
        raise Expected("expected a text that is not empty")
    if len(text) > 200:
        raise Expected("expected a text of at most 200 characters")
    if not text.isprintable():
        raise Expected("expected one line without control characters")
    return text


def _room_name(text: str) -> str:
    if text.casefold() == "off":
        raise Expected("expected another name: 'Off' is the word for no room")
    return text


def _colour(given: Any) -> str:
    if isinstance(given, str) and _COLOUR.fullmatch(given):
        return given.lower()
    raise Expected('expected a colour as "#rrggbb", in quotes (without them YAML reads # as a comment)')


def _host(text: str) -> str:
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if len(bare) > 253 or _HOST.fullmatch(bare) is None:
        raise Expected("expected a host name or an IP address, without http:// and without a path")
    return bare.lower()


def _http_url(text: str) -> str:
    wrong = Expected("expected an address such as http://hub.local:7777, without a name, a query or a fragment")
    try:
        parts = urlsplit(text)
        is_good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise wrong from None
    if not is_good or "@" in parts.netloc or "?" in text or "#" in text or re.search(r"[\s\\]", text):
        raise wrong
    return text.rstrip("/")


def _folder(given: Any) -> Any:
    if given is None:
        return default_data_dir()
    if not isinstance(given, (str, Path)):
        return given
    text = str(given)
    if not text or not text.isprintable() or "?" in text:
        raise Expected("expected the path of a folder, without question marks")
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError:
        raise Expected("expected the path of a folder; there is no such user's home folder") from None


def default_data_dir() -> Path:
    """The platform's own folder for the data of this user's programs."""
    return platformdirs.user_data_path("moodroom-hub", appauthor=False)


def _duration(given: Any) -> int:
    if not isinstance(given, (str, int, float)):
        raise Expected("expected a duration such as 30s, 2m, 3h or 500ms (a plain number is seconds)")
    try:
        return parse_duration(given)
    except ValueError as error:
        raise Expected(str(error)) from None


def _lower(given: Any) -> Any:
    return given.lower() if isinstance(given, str) else given


def at_most(longest: str) -> Callable[[int], int]:
    """A check for a ``Duration`` field that speaks in durations and not in milliseconds."""
    longest_ms = parse_duration(longest)

    def check(ms: int) -> int:
        if ms > longest_ms:
            raise Expected(f"expected a duration of at most {longest}")
        return ms

    return check


Duration = Annotated[
    int,
    BeforeValidator(_duration),
    PlainSerializer(format_duration, return_type=str),
    Field(
        json_schema_extra={
            "type": ["string", "number"],
            "format": "duration-text",
            "examples": ["30s", "6 s", "2m", "3h", "500ms"],
        }
    ),
]
"""Milliseconds, written as ``30s``, ``2m``, ``500ms`` or a number of seconds (also when a model is made in code)."""

Slug = Annotated[str, AfterValidator(_slug)]
OneLine = Annotated[str, AfterValidator(_one_line)]
RoomName = Annotated[OneLine, AfterValidator(_room_name)]
Colour = Annotated[str, BeforeValidator(_colour), Field(json_schema_extra={"pattern": "^#[0-9a-fA-F]{6}$"})]
Host = Annotated[str, AfterValidator(_host)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
Folder = Annotated[Path, BeforeValidator(_folder), Field(json_schema_extra={"type": ["string", "null"]})]
LowerCase = BeforeValidator(_lower)
