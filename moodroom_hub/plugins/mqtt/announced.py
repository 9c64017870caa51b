"""What this hub has announced, kept on disk: what it no longer has must be taken back, or it stays over there for ever.

Leaving something out of an announcement removes nothing. A part that vanished is first announced as nothing but its
platform, then the device without it; a device that vanished is taken back by an empty message. But Home Assistant lets
go only of what it has heard of since its own start: what was taken back while it was not there is announced to it for
a moment at its next birth, and taken back then.
"""

import json
import logging
import os
import re
import tempfile
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from moodroom_hub.plugins.mqtt.discovery import Announcement
from moodroom_hub.plugins.mqtt.topics import Topics

logger = logging.getLogger(__name__)

_ID: Final = r"^[a-zA-Z0-9_-]+$"


@dataclass(frozen=True, slots=True)
class Step:
    """One message. Those of one device belong in this order, and apart (two seconds will do)."""

    topic: str
    payload: bytes
    device_id: str
    is_removal: bool
    is_retained: bool = True


class _Device(BaseModel):
    """One announced device: its ``components`` by key with their platforms, the ``states`` of it alone, the whole."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    topic: str = Field(min_length=1)
    components: dict[str, str]
    states: list[str]
    payload: dict[str, Any]


class _File(BaseModel):
    """The file's content."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int = Field(default=1, ge=1, le=1)
    identity: str = Field(pattern=_ID)
    devices: dict[str, _Device]
    buried: dict[str, _Device] = {}


class Announced:
    """``identity`` names this hub in Home Assistant, whatever its base topic becomes."""

    def __init__(self, path: Path, identity: str) -> None:
        self._path = path
        self.identity = identity
        self._devices: dict[str, _Device] = {}
        self._buried: dict[str, _Device] = {}
        self._topics: Topics | None = None

    @classmethod
    def load(cls, path: Path, base_topic: str) -> "Announced":
        """What the last run left. A broken file is set aside: then what is over is no longer known."""
        announced = cls(path, derived_identity(base_topic))
        try:
            kept = _File.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return announced
        except (ValidationError, OSError) as error:
            aside = _set_aside(path)
            logger.warning(
                "%s cannot be read (%s)%s; what was announced to Home Assistant before is forgotten",
                path.name,
                type(error).__name__,
                f" and is kept as {aside.name}" if aside else "",
            )
            return announced
        announced.identity = kept.identity
        announced._devices = dict(kept.devices)
        announced._buried = dict(kept.buried)
        return announced

    def devices(self, prefix: str) -> list[Announcement]:
        """What was announced of devices whose ids begin so."""
        return [Announcement(name, each.payload) for name, each in self._devices.items() if name.startswith(prefix)]

    def changes(self, wanted: Sequence[Announcement], topics: Topics, *, is_birth: bool = False) -> list[Step]:
        """Everything to publish so that Home Assistant has just ``wanted``: what goes, then what is, in their order.

        The same again after ``remember`` gives the announcements alone. With nothing wanted (discovery is off) the
        states of the rooms stay: others read them. ``is_birth``: Home Assistant has just come.
        """
        self._topics = topics
        new = {each.device_id: _described(each, topics) for each in wanted}
        steps: list[Step] = []
        for device_id, old in self._devices.items():
            here = new.get(device_id)
            if here is None or here.topic != old.topic:
                steps.append(Step(old.topic, b"", device_id, is_removal=True))
            kept_states = {state for device in new.values() for state in device.states}
            if wanted:
                steps += [
                    Step(state, b"", device_id, is_removal=True) for state in old.states if state not in kept_states
                ]
        for device_id, old in self._buried.items() if is_birth else ():
            if device_id not in new:
                steps.append(Step(old.topic, _bytes(old.payload), device_id, is_removal=False, is_retained=False))
                steps.append(Step(old.topic, b"", device_id, is_removal=True))
        for each in wanted:
            topic = new[each.device_id].topic
            gone = self._gone(each.device_id, new[each.device_id])
            if gone:
                parts = {**each.payload["components"], **{key: {"platform": kind} for key, kind in gone.items()}}
                steps.append(Step(topic, _bytes({**each.payload, "components": parts}), each.device_id, False))
            steps.append(Step(topic, _bytes(each.payload), each.device_id, False))
        return steps

    def remember(self, wanted: Sequence[Announcement], *, is_birth: bool = False) -> None:
        """The broker has all that ``changes`` gave for ``wanted``. A disk that takes nothing is told in the log."""
        assert self._topics is not None, "changes come first"
        devices = {each.device_id: _described(each, self._topics) for each in wanted}
        removed = {device_id: old for device_id, old in self._devices.items() if device_id not in devices}
        buried = {**({} if is_birth else self._buried), **removed}
        buried = {device_id: old for device_id, old in buried.items() if device_id not in devices}
        if (devices, buried) == (self._devices, self._buried) and self._path.exists():
            return
        self._devices, self._buried = devices, buried
        content = _File(identity=self.identity, devices=devices, buried=buried).model_dump_json(indent=1)
        try:
            _write(self._path, content.encode())
        except OSError as error:
            logger.warning("%s cannot be written: %s", self._path.name, error.strerror)

    def _gone(self, device_id: str, now: _Device) -> dict[str, str]:
        """Parts of the device that are no more, or are of another platform now."""
        old = self._devices.get(device_id)
        if old is None or old.topic != now.topic:
            return {}
        return {key: kind for key, kind in old.components.items() if now.components.get(key) != kind}


def derived_identity(base_topic: str) -> str:
    """The first identity of a hub with this base topic: ``home/Moodroom`` gives ``home_moodroom``."""
    plain = unicodedata.normalize("NFKD", base_topic).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:60].rstrip("_") or "moodroom"


def _described(announcement: Announcement, topics: Topics) -> _Device:
    components: dict[str, dict[str, Any]] = announcement.payload["components"]
    # The states of a room or a zone are its own. Those of the hub are not: they stay, and it is never removed while it
    # runs.
    is_part = "via_device" in announcement.payload["device"]
    keys = ("state_topic", "json_attributes_topic") if is_part else ()
    states = [part[key] for part in components.values() for key in keys if key in part]
    more = [each["topic"] for each in announcement.payload["availability"] if is_part]
    return _Device(
        topic=topics.device(announcement.device_id),
        components={key: part["platform"] for key, part in components.items()},
        states=[topic for topic in dict.fromkeys([*states, *more]) if topic != topics.availability],
        payload=announcement.payload,
    )


def _bytes(payload: dict[str, Any]) -> bytes:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def _set_aside(path: Path) -> Path | None:
    """Where the broken file is now; ``None`` where it could not be moved."""
    for number in count(1):
        aside = path.with_name(f"{path.name}.broken-{number}")
        if aside.exists():
            continue
        try:
            path.rename(aside)
        except OSError:
            return None
        return aside
    raise AssertionError("numbers end nowhere")


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, also if the power goes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, fresh = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(fresh).replace(path)
    except OSError:
        Path(fresh).unlink(missing_ok=True)
        raise
