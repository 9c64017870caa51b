"""Playlists that are stations: what is called ``radio: Friday`` becomes Friday, its artists the seeds."""

import json
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Final

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import HubFace
from moodroom_hub.core.ports import Account, Playlist
from moodroom_hub.domain.models import DurationMs, Track
from moodroom_hub.domain.stations.models import MOST_SEEDS, Station, StationKey
from moodroom_hub.plugins.radio.looking import station_name, usable_account
from moodroom_hub.plugins.radio.ranking import seeds_of

log = logging.getLogger(__name__)

KIND: Final = "radio_playlists"
KEEP_MS: Final = DurationMs(3650 * 86_400_000)
MOST_KEPT: Final = 5_000
MOST_TRACKS: Final = 5_000
ORIGIN: Final = "playlist:"
FORGOTTEN: Final = "forgotten"

Make = Callable[[str, Sequence[Track], str], Station]
"""A new station by its name, the tracks of its playlist, and its origin."""


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
        known = {each.origin: each for each in self._hub().stations.all() if each.origin.startswith(ORIGIN)}
        found = [
            each
            async for each in account.playlists()
            if ORIGIN + each.id in known or station_name(each.name, self._prefix) is not None
        ]
        marks = await self._hub().findings.get(KIND, [each.id for each in found])
        changed: list[Station] = []
        for playlist in found:
            station = known.pop(ORIGIN + playlist.id, None)
            mark = json.dumps([playlist.snapshot or playlist.total, playlist.name])
            was = marks.get(playlist.id, "")
            if was == (mark if station is not None else FORGOTTEN + mark):
                continue  # nothing is new; or its owner removed the station, and the playlist is as it was
            is_renamed = _name_of(was) not in (None, playlist.name)
            read = await self._read(account, playlist, station, is_renamed=is_renamed)
            if read is not None:
                await self._hub().stations.put(read)
                changed.append(read)
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

    async def _read(
        self, account: Account, playlist: Playlist, station: Station | None, *, is_renamed: bool
    ) -> Station | None:
        seeds = seeds_of(tracks := await _tracks(account, playlist), MOST_SEEDS)
        if not seeds:
            log.info("a playlist that should be a station holds no artist")
            return None
        name = station_name(playlist.name, self._prefix)
        if station is None:
            try:
                return self._make(name or playlist.name, tracks, ORIGIN + playlist.id)
            except Trouble as trouble:
                log.info("a playlist cannot be a station: %s", trouble.message)
                return None
        # What its owner called the station stays, unless the playlist is called otherwise now.
        return replace(station, name=name if name and is_renamed else station.name, seeds=seeds)


def _name_of(mark: str) -> str | None:
    """What the playlist was called when it was read last."""
    try:
        _, name = json.loads(mark.removeprefix(FORGOTTEN))
    except ValueError:
        return None
    return name if isinstance(name, str) else None


async def _tracks(account: Account, playlist: Playlist) -> list[Track]:
    tracks: list[Track] = []
    async for page in account.playlist_tracks(playlist.id):
        tracks.extend(page.tracks)
        if len(tracks) >= MOST_TRACKS:
            break
    return tracks
