"""The hooks: what a plugin may implement. All are ``async def`` except the ``register_*`` ones.

Order between plugins is never promised; what must come later follows on a later event
(demotion happens on ``SKIPPED``, topping up on ``TRACK_CHANGED``, which comes after).
"""

from __future__ import annotations  # a hub that sorts nothing does without such words

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pluggy

from moodroom_hub.core.events import Completed, Event, Played, Skipped, TrackChanged
from moodroom_hub.core.miners import Miner
from moodroom_hub.core.ports import Account, Check, Message, ZonePorts
from moodroom_hub.domain.models import BatchRecipe, Drawn, PoolEntry, Room, Tier, Track, Uri, ZoneName
from moodroom_hub.domain.plays.models import Artwork, TrackFacts
from moodroom_hub.domain.stations.models import StationKey

if TYPE_CHECKING:
    from moodroom_hub.core.sorting import Sorter
    from moodroom_hub.core.stations import Radio

PROJECT = "moodroom_hub"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@dataclass(frozen=True, slots=True)
class DrawRequest:
    """What a draw is asked for.

    ``recent`` are the tracks queued last in the zone, oldest first (at least the repeat window);
    ``recent_tiers`` the tiers of this room's last picks, oldest first. ``count`` is the recipe's size for a batch.
    """

    zone: ZoneName
    room: Room
    pool: tuple[PoolEntry, ...]
    recent: tuple[Track, ...]
    recent_tiers: tuple[Tier, ...]
    recipe: BatchRecipe
    repeat_window: int
    count: int
    is_batch: bool


@dataclass(frozen=True, slots=True)
class StationRequest:
    """What a draw for a station is asked for: ``count`` tracks; ``recent`` as in ``DrawRequest``.

    ``waiting`` lie in the player's queue already.
    """

    zone: ZoneName
    station: StationKey
    recent: tuple[Track, ...]
    waiting: frozenset[Uri]
    count: int


class Hooks:
    """The hook specifications, one method each."""

    @hookspec
    def register_zones(self) -> Sequence[ZonePorts]:
        """Give the zones that this plugin sees and plays in. Called once, before ``start``."""
        raise NotImplementedError

    @hookspec
    def register_accounts(self) -> Sequence[Account]:
        """Give the accounts that this plugin can log in to. Called once, before ``start``."""
        raise NotImplementedError

    @hookspec
    def register_miners(self) -> Sequence[Miner]:
        """Give the miners that can fill rooms. Called once, before ``start``."""
        raise NotImplementedError

    @hookspec
    def register_sorters(self) -> Sequence[Sorter]:
        """Give the sorter that keeps the owner's playlists; the first one counts. Called once, before ``start``."""
        raise NotImplementedError

    @hookspec
    def register_radios(self) -> Sequence[Radio]:
        """Give the radio that plays stations; the first one counts. Called once, before ``start``."""
        raise NotImplementedError

    @hookspec
    def register_topics(self) -> Sequence[str]:
        """Give the MQTT topic filters that this plugin wants to hear. Called once, before ``start``."""
        raise NotImplementedError

    @hookspec
    async def start(self) -> None:
        """Begin to work. Raise ``NotReady`` to be tried again later, ``NeedsLogin`` to wait for the owner."""

    @hookspec
    async def stop(self) -> None:
        """Let go of everything. Called once, also after a failed ``start``; a few seconds are given."""

    @hookspec
    async def check(self) -> Sequence[Check]:
        """Look at what this plugin needs and say how it is, with the mend."""
        raise NotImplementedError

    @hookspec
    async def draw(self, request: DrawRequest) -> Drawn | None:
        """Draw tracks for a room. The first plugin that answers anything but ``None`` decides."""
        raise NotImplementedError

    @hookspec
    async def draw_station(self, request: StationRequest) -> Drawn | None:
        """Draw tracks for a station. The first plugin that answers anything but ``None`` decides."""
        raise NotImplementedError

    @hookspec
    async def find_similar(self, artist: str) -> Sequence[str] | None:
        """Find artists who are like this one, the nearest first. The first that answers not ``None`` decides."""
        raise NotImplementedError

    @hookspec
    async def find_artwork(self, track: Track) -> Artwork | None:
        """Find a picture of the track's album. The first plugin that answers anything but ``None`` decides."""
        raise NotImplementedError

    @hookspec
    async def find_facts(self, track: Track) -> TrackFacts | None:
        """Find what others know of the track. The first plugin that answers anything but ``None`` decides."""
        raise NotImplementedError

    @hookspec
    async def on_event(self, event: Event) -> None:
        """Hear every event, in order."""

    @hookspec
    async def on_skipped(self, event: Skipped) -> None:
        """A listen ended as a skip."""

    @hookspec
    async def on_completed(self, event: Completed) -> None:
        """A track was heard to its end."""

    @hookspec
    async def on_played(self, event: Played) -> None:
        """A listen counts as played."""

    @hookspec
    async def on_track_changed(self, event: TrackChanged) -> None:
        """Another track plays now; comes after the verdict on the one before."""

    @hookspec
    async def on_message(self, message: Message) -> None:
        """A message came from the broker under one of this plugin's filters, retained ones included."""
