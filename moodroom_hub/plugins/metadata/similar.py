"""Who is like whom, as the listens at ListenBrainz have it: the artist's id from MusicBrainz, then its data set."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.lookups import Lookups, Turns, asked_wait
from moodroom_hub.core.played import FindingsFace
from moodroom_hub.domain.models import DurationMs
from moodroom_hub.domain.recording import normal_artist
from moodroom_hub.plugins.metadata import answers
from moodroom_hub.plugins.metadata.config import MetadataConfig
from moodroom_hub.plugins.metadata.lucene import phrase

if TYPE_CHECKING:  # what speaks HTTP costs memory that a hub without this plugin shall not pay
    from moodroom_hub.plugins.metadata.client import Client
    from moodroom_hub.plugins.metadata.finder import FactFinder

SERVICE: Final = "ListenBrainz"
KIND: Final = "similar_listenbrainz"
ALGORITHM: Final = "session_based_days_9000_session_300_contribution_5_threshold_15_limit_50_skip_30"
"""Which of the data sets is asked: the one that its own pages of artists show."""
EVERY_MS: Final = DurationMs(1_100)
MOST: Final = 50
_DAY_MS: Final = 86_400_000
KEEP_MS: Final = DurationMs(30 * _DAY_MS)
KEEP_NOTHING_MS: Final = DurationMs(7 * _DAY_MS)
MOST_KEPT: Final = 5_000
_ABSURD: Final = 1e18


@dataclass(frozen=True, slots=True)
class _Near:
    name: str
    score: float


class SimilarArtists:
    """Shares ``finder``'s line to MusicBrainz. Close it before the finder."""

    def __init__(self, config: MetadataConfig, clock: Clock, findings: FindingsFace, finder: "FactFinder") -> None:
        self._url = config.similar_url
        self._clock = clock
        self._finder = finder
        self._turns = Turns(SERVICE, clock, EVERY_MS)
        self._client: Client | None = None
        self._lookups = Lookups(findings, KIND, keep_ms=KEEP_MS, keep_nothing_ms=KEEP_NOTHING_MS, most=MOST_KEPT)

    async def find(self, artist: str, within_s: float) -> tuple[str, ...] | None:
        """At most fifty, the nearest first; ``None``: nobody is known there, or not yet. Never raises."""
        key = normal_artist(artist)
        if not key:
            return None
        text = await self._lookups.find(key, lambda: self._ask(artist), within_s)
        return tuple(name for name in json.loads(text) if isinstance(name, str)) if text else None

    async def close(self) -> None:
        """End what is under way."""
        await self._lookups.close()
        if self._client is not None:
            await self._client.close()

    async def _ask(self, artist: str) -> str:
        """The names as they are kept; empty: nobody is known. Raises ``ServiceAway``."""
        query = {"query": f"artist:{phrase(artist)}", "limit": "25"}
        mbid = answers.only_artist(await self._finder.get("artist", query, answers.artists) or (), artist)
        if mbid is None:
            return ""
        names = [each.name for each in await self._near(mbid)]
        found = {normal_artist(name): name for name in reversed(names)}
        found.pop(normal_artist(artist), None)
        return json.dumps(list(reversed(found.values()))[:MOST], ensure_ascii=False) if found else ""

    async def _near(self, mbid: str) -> list[_Near]:
        # Late: what speaks HTTP costs memory and time that a hub that asks nothing shall not pay.
        from moodroom_hub.plugins.metadata.client import Client, NoAnswer

        async with self._turns.turn():
            if self._client is None:
                self._client = Client(self._finder.user_agent, self._finder.timeout_s)
            try:
                query = {"artist_mbids": mbid, "algorithm": ALGORITHM}
                reply = await self._client.get(f"{self._url}/similar-artists/json", query)
                if reply.status not in (200, 404):
                    wait_ms = asked_wait(reply.retry_after, self._clock.now_ms())
                    raise self._turns.failed(f"it answers {reply.status}", wait_ms)
                found = _read(reply.body) if reply.status == 200 else []
            except (NoAnswer, answers.OddAnswer) as failure:
                raise self._turns.failed(str(failure)) from None
            self._turns.worked()
            return found


def _read(body: bytes) -> list[_Near]:
    """The nearest first. Raises ``OddAnswer``."""
    try:
        listed = json.loads(body)
    except (ValueError, RecursionError):
        raise answers.OddAnswer("no JSON") from None
    if not isinstance(listed, list):
        raise answers.OddAnswer("no list of artists")
    return sorted(_rows(listed), key=lambda each: each.score, reverse=True)


def _rows(listed: list[Any]) -> Iterator[_Near]:
    """Of a plain list of artists, or of tables of them: the service has given either."""
    for each in listed[:200]:
        if not isinstance(each, dict):
            continue
        if isinstance(each.get("data"), list):
            yield from _rows([row for row in each["data"] if isinstance(row, dict) and "data" not in row])
        name = answers.text(each.get("name"))
        if name:
            yield _Near(name, _number(each.get("score")))


def _number(raw: Any) -> float:
    is_number = isinstance(raw, int | float) and not isinstance(raw, bool) and abs(raw) < _ABSURD
    return float(raw) if is_number else 0.0
