"""Finds facts about tracks at MusicBrainz. Needs no started plugin, only somewhere to remember."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeVar

from moodroom_hub import __version__
from moodroom_hub.core.clock import Clock
from moodroom_hub.core.lookups import Lookups, Turns, asked_wait
from moodroom_hub.core.played import FindingsFace, first_artist
from moodroom_hub.domain.models import DurationMs, Track
from moodroom_hub.domain.plays.facts import FACTS_KIND, facts_from_text, facts_key, facts_to_text
from moodroom_hub.domain.plays.models import TrackFacts
from moodroom_hub.domain.recording import normal_isrc, title_parts, track_name_key
from moodroom_hub.plugins.metadata import answers, choosing
from moodroom_hub.plugins.metadata.config import MetadataConfig
from moodroom_hub.plugins.metadata.lucene import recording_query

if TYPE_CHECKING:  # what speaks HTTP costs memory that a hub without this plugin shall not pay
    from moodroom_hub.plugins.metadata.client import Client

ReadT = TypeVar("ReadT")

SERVICE: Final = "MusicBrainz"
EVERY_MS: Final = DurationMs(1_100)
"""MusicBrainz allows one request a second; the network may bring two closer together than they were sent."""
REQUESTS_PER_TRACK: Final = 2
_RECORDING: Final = "artist-credits releases release-groups genres"
_RELEASE: Final = "labels release-groups artist-credits genres"


class FactFinder:
    """One per process: all its requests share one line. ``config.contact`` must be set. Close it at the end."""

    def __init__(self, config: MetadataConfig, clock: Clock, findings: FindingsFace) -> None:
        if config.contact is None:
            raise ValueError("MusicBrainz wants a contact")
        self._url = config.url
        self._clock = clock
        self.user_agent = f"MoodroomHub/{__version__} ( {config.contact} )"
        self.timeout_s = config.timeout / 1000
        self._turns = Turns(SERVICE, clock, EVERY_MS)
        self._client: Client | None = None
        self._lookups = Lookups(
            findings,
            FACTS_KIND,
            keep_ms=DurationMs(config.keep),
            keep_nothing_ms=DurationMs(config.keep_nothing),
            most=config.most,
        )

    @property
    def away_ms(self) -> DurationMs:
        """How long MusicBrainz will not be asked anything; 0 while it may be."""
        return self._turns.away_ms

    async def find(self, track: Track, within_s: float | None = None) -> TrackFacts | None:
        """What MusicBrainz knows; ``None`` where that is nothing, or not known yet. Never raises for the service."""
        text = await self.find_text(track, within_s)
        return facts_from_text(text) if text else None

    async def find_text(self, track: Track, within_s: float | None = None) -> str | None:
        """As ``find``, as it is kept: ``""`` where there is nothing, ``None`` where it is not known now."""
        key = facts_key(track)
        if key is None:
            return ""
        return await self._lookups.find(key, lambda: self._ask(track), within_s)

    async def close(self) -> None:
        """End what is under way."""
        await self._lookups.close()
        if self._client is not None:
            await self._client.close()

    async def get(self, path: str, parameters: Mapping[str, str], read: Callable[[bytes], ReadT]) -> ReadT | None:
        """In its turn: the answer, or ``None`` where the service says that there is nothing. Raises ``ServiceAway``."""
        # Late: what speaks HTTP costs memory and time that a hub that asks nothing shall not pay.
        from moodroom_hub.plugins.metadata.client import Client, NoAnswer

        async with self._turns.turn():
            if self._client is None:
                self._client = Client(self.user_agent, self.timeout_s)
            try:
                reply = await self._client.get(f"{self._url}/{path}", {**parameters, "fmt": "json"})
                if reply.status not in (200, 400, 404):
                    wait_ms = asked_wait(reply.retry_after, self._clock.now_ms())
                    raise self._turns.failed(f"it answers {reply.status}", wait_ms)
                found = read(reply.body) if reply.status == 200 else None
            except (NoAnswer, answers.OddAnswer) as failure:
                raise self._turns.failed(str(failure)) from None
            self._turns.worked()
            return found

    async def _ask(self, track: Track) -> str:
        found = await self._recording(track)
        if found is None:
            return ""
        release = choosing.best_release(track, found.releases)
        details = None
        if release is not None:
            details = await self.get(f"release/{release.mbid}", {"inc": _RELEASE}, answers.release_details)
        facts = TrackFacts(
            mbid=found.mbid,
            release_mbid=None if release is None else release.mbid,
            artist_mbid=found.artist_mbid,
            year=found.year,
            label=None if details is None else details.label,
            genres=found.genres or (() if details is None else details.genres),
            isrc=normal_isrc(track.isrc),
            source=SERVICE,
        )
        return facts_to_text(facts)

    async def _recording(self, track: Track) -> answers.Recording | None:
        isrc = normal_isrc(track.isrc)
        if isrc is not None:
            listed = await self.get(f"isrc/{isrc}", {"inc": _RECORDING}, answers.recordings)
            found = choosing.by_isrc(track, listed or ())
            if found is not None:
                return found
        if track_name_key(track) is None or not track.duration_ms:
            return None
        title, _ = title_parts(track.name)
        query = recording_query(title, first_artist(track), track.duration_ms, choosing.TOLERANCE_MS)
        return choosing.by_search(
            track, await self.get("recording", {"query": query, "limit": "25"}, answers.recordings) or ()
        )
