"""The make-believe home: one account, its devices, and what befalls them."""

from collections.abc import Callable, Iterable

from moodroom_hub.simulator.commands import Commands
from moodroom_hub.simulator.devices import Presence, SimDevice
from moodroom_hub.simulator.items import Item
from moodroom_hub.simulator.library import Library
from moodroom_hub.simulator.lineup import Lineup
from moodroom_hub.simulator.session import QueueEntry, WorldSettings
from moodroom_hub.simulator.truth import EndedBy, TrueListen
from moodroom_hub.simulator.views import PlayerView


class World(Commands):
    """One account's world. Safe to use from several threads.

    ``now_ms`` is world time in epoch milliseconds, ``seed`` decides everything that is left to chance.
    """

    def __init__(
        self,
        now_ms: Callable[[], int],
        items: Iterable[Item],
        *,
        seed: int = 0,
        devices: Iterable[SimDevice] = (),
        settings: WorldSettings | None = None,
        library: Library | None = None,
    ) -> None:
        super().__init__(now_ms, items, devices, settings or WorldSettings(), seed, library or Library())

    # looking

    def view(self, at_ms: int | None = None) -> PlayerView:
        """What is true now, or was at a moment of the last minutes."""
        with self._lock:
            self.advance()
            return self._views.at(self._at_ms if at_ms is None else at_ms)

    def views(self) -> list[PlayerView]:
        """The last views, newest first."""
        with self._lock:
            self.advance()
            return self._views.newest_first()

    def true_queue(self) -> tuple[str, ...]:
        """The uris of the listener's queue, in order, without what plays and without the context."""
        with self._lock:
            self.advance()
            return tuple(entry.uri for entry in self._queue)

    def true_queue_entries(self) -> tuple[QueueEntry, ...]:
        """The queue with who appended what and when."""
        with self._lock:
            self.advance()
            return tuple(self._queue)

    @property
    def is_sounding(self) -> bool:
        """Whether something is heard at this moment."""
        with self._lock:
            self.advance()
            return self._open is not None and self._open.is_running and self._open.anchor_ms <= self._at_ms

    def open_listen(self) -> TrueListen | None:
        """The listen under way, as if it ended now."""
        with self._lock:
            self.advance()
            if self._open is None:
                return None
            return self._open.end(self._at_ms, EndedBy.WORLD_CLOSED)

    # what befalls

    def lose_device(self, name: str) -> None:
        """The device vanishes, and the music with it if it played there."""
        with self._lock:
            self.advance()
            device = self.devices[name]
            device.presence = Presence.LOST
            if device is self._active:
                self._finish(EndedBy.DEVICE_LOST)
                self._active, self._shown, self._paused_ms = None, None, None
                self._lineup = Lineup()
                if not self.settings.queue_survives_loss:
                    self._queue.clear()
                self._falls_silent("device_lost")
            self._changed()

    def return_device(self, name: str, presence: Presence = Presence.IDLE) -> None:
        """A lost device comes back, under a new id."""
        with self._lock:
            self.advance()
            device = self.devices[name]
            if device.presence is Presence.LOST:
                device.returns += 1
                device.presence = presence

    def send_to_sleep(self, name: str) -> None:
        """A device that does not play falls asleep."""
        with self._lock:
            self.advance()
            device = self.devices[name]
            if device is not self._active and device.presence is Presence.IDLE:
                device.presence = Presence.ASLEEP

    def set_private(self, name: str, is_private: bool) -> None:
        """Begin or end a private session at a device."""
        with self._lock:
            self.advance()
            self.devices[name].is_private_session = is_private
            if self._open is not None and self._active is self.devices[name]:
                self._open.is_private = self._open.is_private or is_private
            self._changed()

    def give_up(self) -> None:
        """The listener wants no music any more, whatever the player does."""
        with self._lock:
            self.advance()
            self._no_longer_wanted()

    def close(self) -> None:
        """End the listen under way, and an open spell of silence: the record is complete."""
        with self._lock:
            self.advance()
            self._finish(EndedBy.WORLD_CLOSED)
            self._no_longer_wanted()
            self._changed()
