"""Everything that people and programs may ask of the player."""

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum

from moodroom_hub.simulator.devices import Presence, SimDevice
from moodroom_hub.simulator.items import Item, ItemKind, album_id, artist_id
from moodroom_hub.simulator.library import Library
from moodroom_hub.simulator.lineup import Lineup
from moodroom_hub.simulator.session import QueueEntry, Session, WorldSettings
from moodroom_hub.simulator.truth import Actor, CameFrom, Command, EndedBy

_RESTARTS_BEYOND_MS = 3_000


class Refusal(StrEnum):
    """Why a command was refused."""

    NO_ACTIVE_DEVICE = "no_active_device"
    DEVICE_NOT_FOUND = "device_not_found"
    RESTRICTED_DEVICE = "restricted_device"
    RESTRICTION_VIOLATED = "restriction_violated"
    UNKNOWN_ITEM = "unknown_item"
    UNKNOWN_CONTEXT = "unknown_context"
    BAD_OFFSET = "bad_offset"
    NO_VOLUME_CONTROL = "no_volume_control"


class Refused(Exception):
    """A command was refused; nothing happened."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


class Commands(Session):
    """The session with its buttons.

    ``by`` says who acts: the hub (bound by the service's rules) or the listener, who stands at the device itself: no
    command of theirs fails for want of an active or unrestricted device. Each command raises ``Refused``; all are
    written to ``truth.commands``.
    """

    def __init__(
        self,
        now_ms: Callable[[], int],
        items: Iterable[Item],
        devices: Iterable[SimDevice],
        settings: WorldSettings,
        seed: int,
        library: Library,
    ) -> None:
        super().__init__(now_ms, items, devices, settings, seed)
        self.library = library

    def play(
        self,
        by: Actor,
        *,
        uris: Sequence[str] | None = None,
        context_uri: str | None = None,
        offset: int | str | None = None,
        position_ms: int = 0,
        device_id: str | None = None,
    ) -> None:
        """Play a list of uris or a context from ``offset`` (a place or a uri) on; the queue stays as it is."""
        detail = context_uri or ",".join(uris or ())
        with self._command(by, "play", detail) as refuse:
            wanted = self._wanted_uris(uris, context_uri, refuse)
            start = _start_of(wanted, offset)
            if start is None:
                raise refuse(Refusal.BAD_OFFSET)
            device = self._target(by, device_id, refuse, may_wake=True)
            if uris is not None and device.plays_only_first_uri:
                wanted = wanted[:1]
            if not any(self.items[uri].is_playable for uri in wanted[start:]):
                raise refuse(Refusal.RESTRICTION_VIOLATED)
            wake_ms = self._make_active(device)
            self._finish(_ended_by(by, EndedBy.LISTENER_JUMP))
            self._lineup = Lineup.begin(wanted, context_uri, start, self._shuffle, self._rng)
            self._begin_lineup(by, position_ms, wake_ms)

    def resume(self, by: Actor, device_id: str | None = None) -> None:
        """Go on where the music stands still."""
        with self._command(by, "resume") as refuse:
            device = self._target(by, device_id, refuse, may_wake=True)
            is_elsewhere = device is not self._active
            if self._open is not None and self._open.is_running and not is_elsewhere:
                raise refuse(Refusal.RESTRICTION_VIOLATED)
            if self._open is None and self._shown is None and not self._has_following():
                raise refuse(Refusal.RESTRICTION_VIOLATED)
            self._go_on(by, self._make_active(device))

    def pause(self, by: Actor) -> None:
        """Stand still."""
        with self._command(by, "pause") as refuse:
            self._target(by, None, refuse)
            claims_to_play = self._shown is not None and self._shown.claims_to_play
            if self._open is None and not claims_to_play:
                self._no_longer_wanted()
                raise refuse(Refusal.RESTRICTION_VIOLATED)
            if self._open is not None:
                if not self._open.is_running or self._open.item.kind is ItemKind.ADVERT:
                    raise refuse(Refusal.RESTRICTION_VIOLATED)
                self._open.pause(self._at_ms)
            if claims_to_play and self._shown is not None:
                self._shown = dataclasses.replace(self._shown, claims_to_play=False)
            self._paused_ms = self._at_ms
            self._no_longer_wanted()
            self._changed()

    def next(self, by: Actor) -> None:
        """Skip to what comes next; plays on, also out of a pause."""
        with self._command(by, "next") as refuse:
            device = self._target(by, None, refuse)
            if self._open is not None and self._open.item.kind is ItemKind.ADVERT:
                raise refuse(Refusal.RESTRICTION_VIOLATED)
            if self._open is None and self._shown is None:
                raise refuse(Refusal.RESTRICTION_VIOLATED)
            wake_ms = self._make_active(device)
            self._finish(_ended_by(by, EndedBy.LISTENER_SKIP))
            self._begin_following(wake_ms)

    def previous(self, by: Actor) -> None:
        """Back to the start of what plays, or, in its first seconds, to what the context played before."""
        with self._command(by, "previous") as refuse:
            device = self._target(by, None, refuse)
            listen = self._open
            if listen is None or listen.item.kind is ItemKind.ADVERT:
                raise refuse(Refusal.RESTRICTION_VIOLATED)
            wake_ms = self._make_active(device)
            before = None
            if listen.position_at(self._at_ms) <= _RESTARTS_BEYOND_MS:
                before = self._lineup.back()
            if before is None or not self.items[before].is_playable:
                listen.seek(self._at_ms, 0)
                self._changed()
                return
            self._finish(_ended_by(by, EndedBy.LISTENER_SKIP))
            context_uri = self._lineup.context_uri
            self._begin(before, CameFrom.PREVIOUS, by, context_uri=context_uri, wake_ms=wake_ms)

    def seek(self, by: Actor, position_ms: int) -> None:
        """Go to a place in what plays; beyond its end is the next item."""
        with self._command(by, "seek", str(position_ms)) as refuse:
            self._target(by, None, refuse)
            listen = self._open
            if listen is None or listen.item.kind is ItemKind.ADVERT:
                raise refuse(Refusal.RESTRICTION_VIOLATED)
            if position_ms >= listen.item.duration_ms:
                self._finish(_ended_by(by, EndedBy.LISTENER_SKIP))
                self._begin_following()
                return
            listen.seek(self._at_ms, max(0, position_ms))
            self._changed()

    def queue(self, by: Actor, uri: str, device_id: str | None = None) -> None:
        """Append one item to the listener's queue. Nothing starts to play by it."""
        with self._command(by, "queue", uri) as refuse:
            if uri not in self.items:
                raise refuse(Refusal.UNKNOWN_ITEM)
            device = self._target(by, device_id, refuse)
            if device is not self._active and by is Actor.HUB:
                raise refuse(Refusal.RESTRICTION_VIOLATED)
            self._queue.append(QueueEntry(uri, by, self._at_ms))
            self._changed()

    def set_repeat(self, by: Actor, mode: str) -> None:
        """``off``, ``track`` or ``context``."""
        if mode not in ("off", "track", "context"):
            raise ValueError("repeat is off, track or context")
        with self._command(by, "repeat", mode) as refuse:
            self._target(by, None, refuse)
            self._repeat = mode
            self._changed()

    def set_shuffle(self, by: Actor, is_on: bool) -> None:
        """Shuffle what is left of the context, or not."""
        with self._command(by, "shuffle", str(is_on)) as refuse:
            self._target(by, None, refuse)
            if is_on != self._shuffle:
                self._shuffle = is_on
                self._lineup.set_shuffle(is_on, self._rng)
            self._changed()

    def set_volume(self, by: Actor, percent: int) -> None:
        """0 to 100."""
        with self._command(by, "volume", str(percent)) as refuse:
            device = self._target(by, None, refuse)
            if device.volume_percent is None:
                raise refuse(Refusal.NO_VOLUME_CONTROL)
            device.volume_percent = percent
            self._changed()

    def transfer(self, by: Actor, device_id: str, play: bool | None = None) -> None:
        """Move the music to another device. ``play`` true starts it; else it goes on as it was."""
        with self._command(by, "transfer", device_id) as refuse:
            device = self._target(by, device_id, refuse, may_wake=True)
            was_active = self._active is not None
            wake_ms = self._make_active(device)
            if self._open is not None and self._open.is_running and was_active:
                self._sounds_from(self._at_ms + wake_ms)
            elif play and (self._open is not None or self._shown is not None or self._has_following()):
                self._go_on(by, wake_ms)
            self._changed()

    def _wanted_uris(
        self, uris: Sequence[str] | None, context_uri: str | None, refuse: Callable[[Refusal], Refused]
    ) -> tuple[str, ...]:
        if context_uri is not None:
            found = self.context_uris(context_uri)
            if not found:
                raise refuse(Refusal.UNKNOWN_CONTEXT)
            return found
        if not uris or any(uri not in self.items for uri in uris):
            raise refuse(Refusal.UNKNOWN_ITEM)
        return tuple(uris)

    def _target(
        self,
        by: Actor,
        device_id: str | None,
        refuse: Callable[[Refusal], Refused],
        may_wake: bool = False,
    ) -> SimDevice:
        """The device that a command means."""
        if by is not Actor.HUB:
            return self._listeners_device(device_id, refuse)
        if device_id is None:
            if self._active is None:
                raise refuse(Refusal.NO_ACTIVE_DEVICE)
            device = self._active
        else:
            found = [one for one in self.devices.values() if one.is_listed and one.id == device_id]
            if not found:
                raise refuse(Refusal.DEVICE_NOT_FOUND)
            device = found[0]
            if device is not self._active and not may_wake:
                raise refuse(Refusal.RESTRICTION_VIOLATED)
        if device.is_restricted:
            raise refuse(Refusal.RESTRICTED_DEVICE)
        return device

    def _listeners_device(self, name: str | None, refuse: Callable[[Refusal], Refused]) -> SimDevice:
        """The listener names devices by name or id, and walks to the first one at hand otherwise."""
        at_hand = [one for one in self.devices.values() if one.presence is not Presence.LOST]
        if name is not None:
            at_hand = [one for one in at_hand if name in (one.name, one.id)]
        elif self._active is not None:
            return self._active
        if not at_hand:
            raise refuse(Refusal.DEVICE_NOT_FOUND)
        return at_hand[0]

    def _make_active(self, device: SimDevice) -> int:
        """Make this the device that plays; gives the silence that waking it costs, in milliseconds."""
        if device is self._active:
            return 0
        wake_ms = device.wake_ms if device.presence is Presence.ASLEEP else 0
        if self._active is not None:
            self._active.presence = Presence.IDLE
            if self._open is not None:
                self._open.transfers += 1
            if self.settings.transfer_mixes_queue:
                self._rng.shuffle(self._queue)
        device.presence = Presence.ACTIVE
        self._active = device
        if self._open is not None:
            self._open.settle(self._at_ms)
            self._open.device = device.name
            self._open.is_private = self._open.is_private or device.is_private_session
            if self._open.is_running:
                self._open.anchor_ms = self._at_ms + wake_ms
            else:
                self._paused_ms = self._at_ms
        return wake_ms

    def _begin_lineup(self, by: Actor, position_ms: int, wake_ms: int) -> None:
        """Start the line-up's first item that can play."""
        while (uri := self._lineup.step(wraps=False)) is not None:
            if self.items[uri].is_playable:
                context_uri = self._lineup.context_uri
                self._begin(
                    uri,
                    CameFrom.PLAY,
                    by,
                    position_ms=position_ms,
                    context_uri=context_uri,
                    wake_ms=wake_ms,
                )
                return
            position_ms = 0
        self._came_to_the_end()

    def _go_on(self, by: Actor, wake_ms: int) -> None:
        """Let the open listen sound again; without one, the shown item from its start, or what follows."""
        if self._open is not None:
            if not self._open.is_running:
                self._open.run(self._at_ms + wake_ms)
            self._paused_ms = None
            self._is_wanted = True
            self._sounds_from(self._at_ms + wake_ms)
            self._changed()
        elif self._shown is not None and (self._shown.position_ms == 0 or not self._has_following()):
            self._begin(
                self._shown.queued_uri,
                CameFrom.PLAY,
                by,
                context_uri=self._shown.context_uri,
                wake_ms=wake_ms,
            )
        else:
            self._begin_following(wake_ms)

    def _command(self, by: Actor, name: str, detail: str = "") -> "_CommandUnderWay":
        return _CommandUnderWay(self, by, name, detail)

    def context_uris(self, context_uri: str) -> tuple[str, ...] | None:
        """The items of a playlist, album or artist; ``None`` where it is unknown."""
        kind, _, identity = context_uri.removeprefix("spotify:").partition(":")
        if kind == "playlist":
            playlist = self.library.playlists.get(identity)
            return None if playlist is None else tuple(uri for uri in playlist.uris if uri in self.items)
        tracks = [item for item in self.items.values() if item.kind is ItemKind.TRACK]
        if kind == "album":
            found = [one.uri for one in tracks if album_id(one) == identity]
        else:
            found = [one.uri for one in tracks if one.artists and artist_id(one.artists[0]) == identity]
        return tuple(found) or None


class _CommandUnderWay:
    """Holds the lock, brings the world up to now, and writes the command down, done or refused."""

    def __init__(self, session: Session, by: Actor, name: str, detail: str) -> None:
        self._session, self._by, self._name, self._detail = session, by, name, detail
        self._refusal: Refusal | None = None

    def __enter__(self) -> Callable[[Refusal], Refused]:
        self._session._lock.acquire()
        self._session.advance()
        return self._refuse

    def _refuse(self, reason: Refusal) -> Refused:
        self._refusal = reason
        return Refused(reason)

    def __exit__(self, *_failure: object) -> None:
        refusal = None if self._refusal is None else self._refusal.value
        self._session._truth.commands.append(Command(self._session.at_ms, self._by, self._name, self._detail, refusal))
        self._session._lock.release()


def _ended_by(by: Actor, otherwise: EndedBy) -> EndedBy:
    return EndedBy.HUB_COMMAND if by is Actor.HUB else otherwise


def _start_of(uris: Sequence[str], offset: int | str | None) -> int | None:
    if offset is None:
        return 0
    if isinstance(offset, str):
        return uris.index(offset) if offset in uris else None
    return offset if 0 <= offset < len(uris) else None
