"""The names of the hub's own topics, all under one base."""

import re
from dataclasses import dataclass
from typing import Final

from moodroom_hub.domain.models import RoomSlug, ZoneName

_PLAIN: Final = re.compile(r"[a-z0-9]{1,40}(?:-[a-z0-9]{1,40}){0,19}")
LONGEST_ZONE: Final = 60


def is_plain(zone: str) -> bool:
    """Whether the zone's name may be a level of a topic and a part of an id: a slug. Others are not told of."""
    return len(zone) <= LONGEST_ZONE and _PLAIN.fullmatch(zone) is not None


def about_zone(zone: ZoneName) -> str:
    """Under which key a refused order on a zone's own topics is remembered: no room's slug holds a slash."""
    return f"zone/{zone}"


@dataclass(frozen=True, slots=True)
class Topics:
    """Every topic of one hub. ``base``: ``moodroom``; ``discovery_prefix``: ``homeassistant``."""

    base: str
    discovery_prefix: str

    @property
    def availability(self) -> str:
        """``online`` / ``offline``, retained; also the last will."""
        return f"{self.base}/bridge/state"

    @property
    def info(self) -> str:
        """Version, rooms and zones, retained JSON."""
        return f"{self.base}/bridge/info"

    @property
    def health(self) -> str:
        """Uptime, player, login, zones, scrobbles and queue figures, retained JSON."""
        return f"{self.base}/bridge/health"

    @property
    def active_room(self) -> str:
        """The active room's name or ``Off``, retained."""
        return f"{self.base}/active_room/state"

    @property
    def learning(self) -> str:
        """``ON`` / ``OFF``, retained."""
        return f"{self.base}/learning/state"

    @property
    def now_playing(self) -> str:
        """What plays, retained JSON as in ``/api/state``."""
        return f"{self.base}/now_playing/state"

    @property
    def artwork(self) -> str:
        """The address of the cover of what plays, retained."""
        return f"{self.base}/now_playing/artwork"

    @property
    def sorter(self) -> str:
        """How many songs are to be reviewed, retained JSON; only where something is sorted."""
        return f"{self.base}/sorter/state"

    @property
    def station(self) -> str:
        """The name of the station that is on, or ``Off``, retained; only where there are stations."""
        return f"{self.base}/station/state"

    @property
    def station_set(self) -> str:
        """Takes a station's name, or ``Off``."""
        return f"{self.base}/station/set"

    @property
    def station_vote_set(self) -> str:
        """Takes ``like`` or ``dislike``, of what plays on the station."""
        return f"{self.base}/station/vote/set"

    @property
    def event(self) -> str:
        """Every event as JSON, never retained."""
        return f"{self.base}/event"

    def room(self, slug: RoomSlug) -> str:
        """``ON`` / ``OFF``, retained."""
        return f"{self.base}/room/{slug}/state"

    def room_attributes(self, slug: RoomSlug) -> str:
        """What Home Assistant shows beside a room's switch, retained JSON."""
        return f"{self.base}/room/{slug}/attributes"

    def room_set(self, slug: RoomSlug) -> str:
        """Takes ``ON``, ``OFF``, ``TOGGLE`` or JSON."""
        return f"{self.base}/room/{slug}/set"

    @property
    def active_room_set(self) -> str:
        """Takes a room's name, or ``Off``."""
        return f"{self.base}/active_room/set"

    @property
    def learning_set(self) -> str:
        """Takes ``ON``, ``OFF``, ``TOGGLE`` or JSON."""
        return f"{self.base}/learning/set"

    @property
    def player_set(self) -> str:
        """Takes ``play``, ``pause``, ``play_pause``, ``next``, ``fresh_batch``, ``never_again``."""
        return f"{self.base}/player/set"

    def zone_room(self, zone: ZoneName) -> str:
        """The room that is on in a zone, by its name, or ``Off``, retained."""
        return f"{self.base}/zone/{zone}/room/state"

    def zone_now_playing(self, zone: ZoneName) -> str:
        """What plays in a zone, retained JSON as in ``now_playing``."""
        return f"{self.base}/zone/{zone}/now_playing/state"

    def zone_availability(self, zone: ZoneName) -> str:
        """``online``, or ``offline`` once its player has been away for a while, retained."""
        return f"{self.base}/zone/{zone}/availability"

    def zone_room_set(self, zone: ZoneName) -> str:
        """Takes a room's name, or ``Off``."""
        return f"{self.base}/zone/{zone}/room/set"

    def zone_player_set(self, zone: ZoneName) -> str:
        """Takes what ``player_set`` takes."""
        return f"{self.base}/zone/{zone}/player/set"

    def zone_of(self, topic: str) -> ZoneName | None:
        """The zone that a topic of a zone's is about; ``None``: it is no such topic."""
        level = topic.removeprefix(f"{self.base}/zone/").partition("/")[0]
        return ZoneName(level) if topic.startswith(f"{self.base}/zone/{level}/") and level else None

    def response(self, what: str) -> str:
        """Where ``request/<what>`` is answered."""
        return f"{self.base}/response/{what}"

    @property
    def everything(self) -> str:
        """The filter of all of them."""
        return f"{self.base}/#"

    @property
    def commands(self) -> tuple[str, ...]:
        """The filters under which the hub takes orders."""
        return (
            f"{self.base}/room/+/set",
            self.active_room_set,
            self.learning_set,
            self.player_set,
            self.station_set,
            self.station_vote_set,
            f"{self.base}/zone/+/room/set",
            f"{self.base}/zone/+/player/set",
            f"{self.base}/request/#",
        )

    def device(self, device_id: str) -> str:
        """Where a device is announced to Home Assistant."""
        return f"{self.discovery_prefix}/device/{device_id}/config"
