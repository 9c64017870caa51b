"""What every service has in common: what is sent, what is made of the answer. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from moodroom_hub.core.face import PluginStatus
from moodroom_hub.domain.models import EpochMs, Track
from moodroom_hub.domain.plays.models import Edit


@dataclass(frozen=True, slots=True)
class Scrobble:
    """One play as services want it. ``started_s``: seconds since the epoch, UTC (0: it plays now)."""

    artists: tuple[str, ...]
    title: str
    album: str | None
    duration_ms: int | None
    started_s: int
    uri: str = ""
    isrc: str | None = None

    @property
    def artist(self) -> str:
        """The one that Last.fm wants."""
        return self.artists[0] if self.artists else ""

    @property
    def is_stream(self) -> bool:
        """Nobody chose it: it has no known length."""
        return not self.duration_ms


def scrobble_of(track: Track, began_at_ms: EpochMs | int, edit: Edit | None = None) -> Scrobble:
    """The track as it is sent: corrected by ``edit``, without control characters and lone surrogates."""
    artists = tuple(filter(None, map(clean, track.artists)))
    title, album = clean(track.name), clean(track.album or "")
    if edit is not None:
        artists = (clean(edit.artist),) if edit.artist is not None else artists
        title = clean(edit.name) if edit.name is not None else title
        album = clean(edit.album) if edit.album is not None else album
    artists = tuple(filter(None, artists))
    return Scrobble(artists, title, album or None, track.duration_ms, began_at_ms // 1000, track.uri, track.isrc)


def clean(text: str) -> str:
    """``text`` as every service takes it: markup, emoji and any script stay; what no text may hold goes."""
    plain = text.encode("utf-8", "ignore").decode("utf-8")
    return " ".join("".join(" " if ord(sign) < 32 or 127 <= ord(sign) < 160 else sign for sign in plain).split())


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. What it holds is secret: it never shows itself."""

    method: str
    url: str
    body: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    """The service answered for each: ``None`` took it, a text says why it was refused for good."""

    refusals: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Again:
    """Not now. ``wait_s``: as the service asks; ``None``: as long as the sender finds right.

    ``taken``: where the service took some of the batch, which; the others wait.
    """

    reason: str
    wait_s: float | None = None
    taken: tuple[bool, ...] = ()


@dataclass(frozen=True, slots=True)
class Spoiled:
    """The service refuses the request as a whole: something in it is to blame."""

    reason: str


@dataclass(frozen=True, slots=True)
class Shut:
    """Nothing can be sent until a person has done something; ``reason`` holds the mend."""

    reason: str
    status: PluginStatus = PluginStatus.NEEDS_LOGIN


Outcome = Taken | Again | Spoiled | Shut


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets of one target, at this moment."""

    key: str = field(repr=False)
    secret: str = field(default="", repr=False)
    session: str = field(default="", repr=False)


class Service(Protocol):
    """One service: requests are made and answers read, without I/O."""

    name: str
    label: str
    batch: int
    pause_ms: int

    def why_not(self, scrobble: Scrobble) -> str | None:
        """Why this service cannot take it, if so."""
        ...

    def submit(self, scrobbles: Sequence[Scrobble], keys: Keys) -> Request:
        """The request that tells of these plays, at most ``batch``."""
        ...

    def now_playing(self, scrobble: Scrobble, keys: Keys) -> Request:
        """The request that tells what plays now."""
        ...

    def who(self, keys: Keys) -> Request:
        """The request that asks whose the keys are."""
        ...

    def read(self, reply: Reply, count: int) -> Outcome:
        """What became of a request with ``count`` plays (0: of any other request)."""
        ...

    def rest_s(self, reply: Reply) -> float:
        """How long the service asks for quiet after this answer."""
        ...

    def user(self, reply: Reply) -> str | None:
        """Whose the keys are; ``None``: nobody's."""
        ...


def seconds(text: str | None) -> float | None:
    """A header that holds seconds; ``None`` for anything else."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return min(value, 86_400.0) if value >= 0 else None


def said(text: object) -> str:
    """A service's own words, fit for one line."""
    return clean(str(text))[:200] if text else "no reason given"
