"""Who is like whom, as Last.fm's listeners have it: ``artist.getSimilar``, which needs the key and no login."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.config import ConfigError, SecretText
from moodroom_hub.core.lookups import Lookups, Turns, asked_wait
from moodroom_hub.core.played import FindingsFace
from moodroom_hub.domain.models import DurationMs
from moodroom_hub.domain.recording import normal_artist
from moodroom_hub.plugins.scrobbling.client import Client, LineError
from moodroom_hub.plugins.scrobbling.config import LastfmSection
from moodroom_hub.plugins.scrobbling.lastfm import error_code, parsed
from moodroom_hub.plugins.scrobbling.services import Reply, Request, clean

SERVICE: Final = "Last.fm"
KIND: Final = "similar_lastfm"
EVERY_MS: Final = DurationMs(1_000)
MOST: Final = 50
_DAY_MS: Final = 86_400_000
KEEP_MS: Final = DurationMs(30 * _DAY_MS)
KEEP_NOTHING_MS: Final = DurationMs(7 * _DAY_MS)
MOST_KEPT: Final = 5_000
_LONGEST_NAME: Final = 200
_NOT_KNOWN: Final = 6
_RATE: Final = 29
_KEY: Final = frozenset({4, 10, 26})
_PERSON_MS: Final = DurationMs(3_600_000)
"""While a person is needed one try is made an hour."""


class SimilarArtists:
    """Asks one at a time, a second apart at least. Close it at the end."""

    def __init__(self, section: LastfmSection, key: SecretText, clock: Clock, findings: FindingsFace) -> None:
        self._url = section.api_url
        self._key = key
        self._clock = clock
        self._turns = Turns(SERVICE, clock, EVERY_MS)
        self._lookups = Lookups(findings, KIND, keep_ms=KEEP_MS, keep_nothing_ms=KEEP_NOTHING_MS, most=MOST_KEPT)

    async def find(self, artist: str, within_s: float) -> tuple[str, ...] | None:
        """At most fifty, the nearest first; ``None``: nobody is known there, or not yet. Never raises."""
        name = clean(artist)[:_LONGEST_NAME]
        key = normal_artist(name)
        if not key:
            return None
        text = await self._lookups.find(key, lambda: self._ask(name), within_s)
        return _kept(text) if text else None

    async def close(self) -> None:
        """End what is under way."""
        await self._lookups.close()

    async def _ask(self, name: str) -> str:
        """The names as they are kept; empty: Last.fm knows nobody. Raises ``ServiceAway``."""
        async with self._turns.turn():
            try:
                key = (await asyncio.to_thread(self._key.resolve)).strip()
            except ConfigError:  # the scrobbler's status says what is wrong with it
                raise self._turns.failed("its key cannot be read", _PERSON_MS) from None
            try:
                async with Client(self._clock.real_seconds) as line:
                    reply = await line.send(_request(self._url, name, key))
            except LineError as error:
                raise self._turns.failed(error.reason) from None
            names = self._read(reply, name)
            self._turns.worked()
            return json.dumps(names, ensure_ascii=False) if names else ""

    def _read(self, reply: Reply, name: str) -> list[str]:
        code = error_code(reply)
        if code == _NOT_KNOWN:
            return []
        if code in _KEY:
            raise self._turns.failed("it does not accept the api_key", _PERSON_MS)
        if code == _RATE or reply.status == 429:
            wait_ms = asked_wait(reply.headers.get("retry-after"), self._clock.now_ms())
            raise self._turns.failed("it asks for patience", wait_ms)
        listed = parsed(reply).get("similarartists")
        if code or reply.status != 200 or not isinstance(listed, dict):
            raise self._turns.failed(f"it answers with error {code}" if code else f"it answers {reply.status}")
        return _names(listed, name)


def _request(url: str, name: str, key: str) -> Request:
    query = {
        "method": "artist.getsimilar",
        "artist": name,
        "autocorrect": "1",
        "limit": str(MOST),
        "api_key": key,
        "format": "json",
    }
    return Request("GET", f"{url}?{urlencode(query)}", None, {"Accept": "application/json"})


def _names(listed: Mapping[str, Any], asked: str) -> list[str]:
    rows = listed.get("artist")
    rows = [rows] if isinstance(rows, dict) else rows  # one alone comes without its list
    found: dict[str, str] = {}
    for row in rows if isinstance(rows, list) else ():  # where there is nobody it is the asked one's name
        raw = row.get("name") if isinstance(row, dict) else None
        name = clean(raw)[:_LONGEST_NAME] if isinstance(raw, str) else ""
        if name:
            found.setdefault(normal_artist(name), name)
    found.pop(normal_artist(asked), None)
    return list(found.values())[:MOST]


def _kept(text: str) -> tuple[str, ...] | None:
    try:
        names = json.loads(text)
    except ValueError:
        return None
    return tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else None
