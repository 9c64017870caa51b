"""Playlists that are stations: what is called ``radio: Friday`` becomes Friday, its artists the seeds."""

import json
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Final

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.context import PluginContext
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import HubFace
from moodroom_hub.core.ports import Account, Playlist
from moodroom_hub.domain.models import DurationMs, Track
from moodroom_hub.domain.stations.models import LONGEST_NAME, MOST_SEEDS, Station, StationKey
from moodroom_hub.plugins.radio.config import RadioConfig
from moodroom_hub.plugins.radio.ranking import seeds_of
from moodroom_hub.plugins.radio.tracks import usable_account

log = logging.getLogger(__name__)

KIND: Final = "radio_playlists"
KEEP_MS: Final = DurationMs(3650 * 86_400_000)
MOST_KEPT: Final = 5_000
MOST_TRACKS: Final = 5_000
ORIGIN: Final = "playlist:"
FORGOTTEN: Final = "forgotten"

Make = Callable[[str, Sequence[Track], str], Station]
"""A new station by its name, the tracks of its playlist, and its origin."""


async def has_any(context: PluginContext[RadioConfig]) -> bool | None:
    """Whether the account has a playlist that is a station; ``None`` where nobody can tell now."""
    account = usable_account(context.hub, context.clock)
    try:
        return None if account is None else bool(await _listed(account, context.config.prefix))
    except Trouble as trouble:
        log.info("stations in playlists are not looked for now: %s", trouble.message)
        return None


def station_name(playlist: str, prefix: str) -> str | None:
    """``Friday`` of ``radio: Friday``; ``None`` for playlists that are none."""
    if not playlist.lower().startswith(prefix.lower()):
        return None
    return " ".join(playlist[len(prefix) :].split())[:LONGEST_NAME] or None


class StationPlaylists:
    """Keeps the stations of playlists as their playlists are. ``gone``: those whose playlist is there no more."""

    def __init__(self, hub: Callable[[], HubFace], clock: Clock, prefix: str, make: Make) -> None:
        self._hub = hub
        self._clock = clock
        self._prefix = prefix
        self._make = make
        self.gone: Collection[StationKey] = frozenset()

    async def sync(self) -> Sequence[Station]:
        """Read what is new or changed; gives the stations that were made or changed. Raises ``Trouble``."""
        account = usable_account(self._hub(), self._clock)
        if account is None:
            return ()
        listed = await _listed(account, self._prefix)
        known = {each.origin: each for each in self._hub().stations.all() if each.origin.startswith(ORIGIN)}
        marks = await self._hub().findings.get(KIND, [each.id for each in listed])
        changed: list[Station] = []
        for playlist in listed:
            station = known.pop(ORIGIN + playlist.id, None)
            mark = json.dumps([playlist.snapshot or playlist.total, playlist.name])
            was = marks.get(playlist.id, "")
            if was == mark and station is not None:
                continue
            if station is None and was == FORGOTTEN + mark:
                continue  # its owner removed the station, and the playlist is as it was
            found = await self._read(account, playlist, station)
            if found is not None:
                await self._hub().stations.put(found)
                changed.append(found)
            await self._hub().findings.put(KIND, playlist.id, mark, KEEP_MS, MOST_KEPT)
        self.gone = frozenset(each.key for each in known.values())
        return changed

    async def forget(self, station: Station) -> None:
        """The owner removed the station: it stays so until the playlist changes."""
        if station.origin.startswith(ORIGIN):
            playlist = station.origin.removeprefix(ORIGIN)
            mark = (await self._hub().findings.get(KIND, [playlist])).get(playlist)
            if mark is not None:
                await self._hub().findings.put(KIND, playlist, FORGOTTEN + mark, KEEP_MS, MOST_KEPT)

    async def tracks_of(self, wanted: str) -> tuple[str, str, Sequence[Track]]:
        """Id, name and tracks of the owner's playlist of this name or id. Raises ``Trouble(NOT_FOUND)``."""
        account = usable_account(self._hub(), self._clock)
        if account is not None:
            async for playlist in account.playlists():
                if wanted in (playlist.id, playlist.name) or wanted.casefold() == playlist.name.casefold():
                    return playlist.id, playlist.name, await _tracks(account, playlist)
        for own in (await self._hub().sorting.material()).lists:
            if wanted in (own.id, own.name):
                return own.id, own.name, own.tracks
        mend = "" if account is not None else " Nobody is logged in, so only what was read before is known."
        raise Trouble(TroubleCode.NOT_FOUND, f"There is no playlist of this name.{mend}")

    async def _read(self, account: Account, playlist: Playlist, station: Station | None) -> Station | None:
        tracks = await _tracks(account, playlist)
        name = station_name(playlist.name, self._prefix) or playlist.name
        seeds = seeds_of(tracks, MOST_SEEDS)
        if not seeds:
            log.info("a playlist that should be a station holds no artist")
            return None
        if station is None:
            return self._make(name, tracks, ORIGIN + playlist.id)
        return replace(station, name=name, seeds=seeds)


async def _listed(account: Account, prefix: str) -> list[Playlist]:
    return [each async for each in account.playlists() if station_name(each.name, prefix) is not None]


async def _tracks(account: Account, playlist: Playlist) -> list[Track]:
    tracks: list[Track] = []
    async for page in account.playlist_tracks(playlist.id):
        tracks.extend(page.tracks)
        if len(tracks) >= MOST_TRACKS:
            break
    return tracks
