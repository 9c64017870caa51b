"""Facts for all liked songs, slowly: what is known already is not asked for, so it goes on wherever it was stopped."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from moodroom_hub.app.offline import opened
from moodroom_hub.core.clock import Clock, SystemClock
from moodroom_hub.core.config import LoadedConfig, plugin_config
from moodroom_hub.core.errors import MoodroomError
from moodroom_hub.core.hub import Hub
from moodroom_hub.domain.models import Track
from moodroom_hub.domain.plays.facts import FACTS_KIND, facts_key
from moodroom_hub.plugins.metadata.config import MetadataConfig
from moodroom_hub.plugins.metadata.finder import EVERY_MS, REQUESTS_PER_TRACK, FactFinder

BAR: Final = 24
TRIES: Final = 20
"""So often one song is asked for while MusicBrainz is away, with its pauses in between: about half a day."""


@dataclass(frozen=True, slots=True)
class Filling:
    """What was done, or (``is_dry``) would be: ``known`` before, ``found`` now, ``unknown`` there, ``open`` left."""

    liked: int
    known: int
    found: int = 0
    unknown: int = 0
    open: int = 0
    about_s: int = 0
    is_dry: bool = False

    def shape(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def fill_facts(loaded: LoadedConfig, limit: int | None, *, is_dry: bool, clock: Clock | None = None) -> Filling:
    """Ask for what is not known yet of the liked songs, newest first, ``limit`` of them.

    Ctrl-C may end it at any time: what was found is kept. Raises ``MoodroomError`` without a contact, ``ConfigError``,
    and ``StartError`` where a hub runs (not for ``is_dry``): the two together would ask too often.
    """
    config = plugin_config(loaded, "metadata", MetadataConfig)
    if config.contact is None or not config.enabled:
        raise MoodroomError(
            "MusicBrainz wants to know whom to write to: set plugins.metadata.contact to your e-mail address."
        )
    return asyncio.run(filled(loaded, config, limit, clock or SystemClock(), is_dry=is_dry))


async def filled(
    loaded: LoadedConfig, config: MetadataConfig, limit: int | None, clock: Clock, *, is_dry: bool
) -> Filling:
    """``fill_facts`` with a checked section, by any clock."""
    async with opened(loaded, is_reading=is_dry) as hub:
        liked = [song.track for song in await hub.store.liked()]
        missing = await _missing(hub, liked)
        wanted = missing[:limit]
        about_s = len(wanted) * REQUESTS_PER_TRACK * EVERY_MS // 1000
        before = Filling(len(liked), len(liked) - len(missing), open=len(missing), about_s=about_s, is_dry=is_dry)
        if is_dry or not wanted:
            return before
        finder = FactFinder(config, clock, hub.commands.findings)
        try:
            found, unknown = await _ask(finder, wanted, clock, _show)
        finally:
            await finder.close()
            _clear()
    return Filling(before.liked, before.known, found, unknown, before.open - found - unknown, about_s)


async def _missing(hub: Hub, tracks: Sequence[Track]) -> list[Track]:
    """Each song once of which neither anything nor nothing is known yet; such as cannot be asked for are left out."""
    keys = {key: track for track in reversed(tracks) if (key := facts_key(track)) is not None}
    known = await hub.commands.findings.get(FACTS_KIND, list(keys))
    return [track for key, track in reversed(keys.items()) if key not in known]


async def _ask(
    finder: FactFinder, tracks: Sequence[Track], clock: Clock, show: Callable[[int, int], None]
) -> tuple[int, int]:
    found = unknown = 0
    for number, track in enumerate(tracks):
        show(number, len(tracks))
        text = await finder.find_text(track)
        for _ in range(TRIES):
            if text is not None:
                break
            await clock.sleep_ms(max(finder.away_ms, 1_000))
            text = await finder.find_text(track)
        if text is None:
            break  # it stays away; another day
        found, unknown = found + bool(text), unknown + (not text)
    return found, unknown


def progress_line(done: int, total: int) -> str:
    """``[####....] 12/40 songs · 1:02 left``."""
    filled = BAR * done // total
    left_s = (total - done) * REQUESTS_PER_TRACK * EVERY_MS // 1000
    return f"[{'#' * filled}{'.' * (BAR - filled)}] {done}/{total} songs · about {left_s // 60}:{left_s % 60:02} left"


def _show(done: int, total: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{progress_line(done, total)}\x1b[K")
        sys.stderr.flush()


def _clear() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
