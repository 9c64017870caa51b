"""Which device plays: the choice, and the memory of the last one (by name and type: ids change)."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.domain.models import Device
from moodroom_hub.plugins.spotify.files import read_private, write_private
from moodroom_hub.plugins.spotify.worker import Worker

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LastDevice:
    """The device that was seen playing last."""

    name: str
    kind: str

    def fits(self, device: Device) -> bool:
        """Whether this is that device, whatever id it has by now."""
        return device.name == self.name and device.kind == self.kind


class DeviceMemory:
    """Remembers the last device in ``file``."""

    def __init__(self, file: Path, worker: Worker) -> None:
        self._file = file
        self._worker = worker
        self._last: LastDevice | None = None

    def load(self) -> None:
        """Read the file. Blocking, quick; no error where there is nothing."""
        content = read_private(self._file) or {}
        name, kind = content.get("name"), content.get("kind")
        if isinstance(name, str) and isinstance(kind, str):
            self._last = LastDevice(name, kind)

    @property
    def last(self) -> LastDevice | None:
        """The device seen playing last."""
        return self._last

    async def note(self, device: Device) -> None:
        """A device was seen; it is remembered where it is active and can be steered."""
        if device.is_active and not device.is_restricted and device.id is not None:
            await self.prefer(device)

    async def prefer(self, device: Device) -> None:
        """Remember this device as the last one."""
        seen = LastDevice(device.name, device.kind)
        if seen == self._last:
            return
        self._last = seen
        try:
            await self._worker.run(partial(write_private, self._file, {"name": seen.name, "kind": seen.kind}))
        except OSError as error:
            logger.warning("cannot remember the device across a restart: %s", error.strerror)


def find(devices: Sequence[Device], name: str) -> Device:
    """The device that a person chose by its name; of several the one that can be steered. Raises ``Trouble``."""
    named = [each for each in devices if each.name.casefold() == name.casefold()]
    usable = [each for each in named if not each.is_restricted and each.id is not None]
    if usable:
        return usable[0]
    if named:
        raise Trouble(TroubleCode.RESTRICTED_DEVICE, f"Spotify lets no app steer {named[0].name}.")
    raise Trouble(TroubleCode.NO_DEVICE, "That device is gone. Open Spotify there and try again.")


def choose(devices: Sequence[Device], configured: str | None, last: LastDevice | None) -> Device:
    """The device to play on: the active one, else the configured, else the last used, else the only one.

    Raises ``Trouble``: ``RESTRICTED_DEVICE`` where only such are there, ``NO_DEVICE`` where none is, or none is meant.
    """
    usable = [each for each in devices if not each.is_restricted and each.id is not None]
    active = [each for each in usable if each.is_active]
    named = [each for each in usable if configured and each.name.casefold() == configured.casefold()]
    is_held = any(each.is_active and each.is_restricted for each in devices)
    used = [each for each in usable if last is not None and last.fits(each)]
    for candidates in (active, named) if is_held else (active, named, used):
        if candidates:
            return candidates[0]
    if len(usable) == 1 and not is_held:
        return usable[0]
    if is_held or (devices and not usable):
        names = ", ".join(each.name for each in devices if each.is_restricted or each.id is None)
        raise Trouble(
            TroubleCode.RESTRICTED_DEVICE,
            f"Spotify lets no app steer {names}. Open Spotify on another device, or set plugins.spotify.device.",
        )
    if usable:
        names = ", ".join(each.name for each in usable)
        raise Trouble(
            TroubleCode.NO_DEVICE,
            f"Open Spotify on the device to play on, or set plugins.spotify.device to one of: {names}.",
        )
    wanted = configured or (last.name if last is not None else "a phone, a computer or a speaker")
    raise Trouble(TroubleCode.NO_DEVICE, f"No Spotify device is awake. Open Spotify on {wanted} and try again.")
