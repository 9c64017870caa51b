"""What was found out about liked songs before: genres and years for the miners. Nobody is asked for it here."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from moodroom_hub.core.store import Store, StoreDown
from moodroom_hub.domain.models import EpochMs, Track, Uri
from moodroom_hub.domain.plays.facts import FACTS_KIND, facts_from_text, facts_key
from moodroom_hub.domain.plays.models import TrackFacts

Genres = tuple[tuple[Uri, tuple[str, ...]], ...]


async def known_facts(store: Store, tracks: Collection[Track], now_ms: EpochMs) -> Mapping[Uri, TrackFacts]:
    """By uri, for those of which anything is kept; nothing where it cannot be read: mining goes on without."""
    keys = {track.uri: key for track in tracks if (key := facts_key(track)) is not None}
    try:
        kept = await store.findings.get(FACTS_KIND, sorted(set(keys.values())), now_ms)
    except StoreDown:
        return {}
    return {uri: facts for uri, key in keys.items() if (facts := facts_from_text(kept.get(key, ""))) is not None}


def genres_of(facts: Mapping[Uri, TrackFacts]) -> Genres:
    """For a miner's task."""
    return tuple((uri, found.genres) for uri, found in facts.items() if found.genres)


def with_years(tracks: Sequence[Track], facts: Mapping[Uri, TrackFacts]) -> tuple[Track, ...]:
    """Tracks whose year the service did not tell get the year of the facts."""
    return tuple(
        replace(track, year=facts[track.uri].year)
        if track.year is None and track.uri in facts and facts[track.uri].year
        else track
        for track in tracks
    )
