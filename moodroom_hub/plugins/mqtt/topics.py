"""The names of the hub's own topics, all under one base."""

from dataclasses import dataclass

from moodroom_hub.domain.models import RoomSlug


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
        """Version and rooms, retained JSON."""
        return f"{self.base}/bridge/info"

    @property
    def health(self) -> str:
        """Uptime, player, login and queue figures, retained JSON."""
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
            f"{self.base}/request/#",
        )

    def device(self, device_id: str) -> str:
        """Where a device is announced to Home Assistant."""
        return f"{self.discovery_prefix}/device/{device_id}/config"
