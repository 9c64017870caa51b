"""The speakers that were ever found, so that their zones exist right at the start and keep their names."""

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moodroom_hub.domain.models import ZoneName
from moodroom_hub.plugins.sonos.naming import RESERVED, configured_zone, zone_of
from moodroom_hub.plugins.sonos.places import Address, address_of
from moodroom_hub.plugins.sonos.topology import Player

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Known:
    """A speaker as it was seen last, and its zone."""

    uid: str
    name: str
    address: Address
    zone: ZoneName


class SpeakerBook:
    """Speakers by uid, in the order in which they were found."""

    def __init__(self, path: Path, configured: Mapping[str, str]) -> None:
        self._path = path
        self._configured = configured
        self._known: dict[str, Known] = {}

    def load(self) -> None:
        """Read what earlier runs found. Blocking, quick; a broken file counts as an empty one."""
        try:
            rows = json.loads(self._path.read_text(encoding="utf-8"))["speakers"]
            found = [_known(row) for row in rows]
        except FileNotFoundError:
            return
        except (OSError, ValueError, LookupError, TypeError) as error:
            log.warning("the list of Sonos speakers cannot be read and is begun anew: %s", type(error).__name__)
            return
        for each in found:
            self._known[each.uid] = each
        for each in found:
            wanted = configured_zone(each.uid, each.name, self._configured)
            held = str(each.zone) in self._configured and str(each.zone) != wanted  # now another speaker's
            if (wanted is not None and wanted != each.zone) or held or str(each.zone) in RESERVED:
                del self._known[each.uid]
                self._known[each.uid] = Known(each.uid, each.name, each.address, self._zone_for(each.uid, each.name))

    def all(self) -> tuple[Known, ...]:
        """Everybody."""
        return tuple(self._known.values())

    def zone(self, uid: str) -> ZoneName | None:
        """The speaker's zone."""
        known = self._known.get(uid)
        return None if known is None else known.zone

    def name(self, uid: str) -> str:
        """What people call the speaker."""
        known = self._known.get(uid)
        return "The speaker" if known is None else known.name

    def note(self, players: Mapping[str, Player]) -> tuple[Known, ...] | None:
        """Take in who was found; those that are new. ``None`` where nothing changed and nothing needs saving."""
        fresh: list[Known] = []
        changed = False
        for uid, player in players.items():
            before = self._known.get(uid)
            zone = before.zone if before is not None else self._zone_for(uid, player.name)
            now = Known(uid, player.name, player.address, zone)
            changed = changed or now != before
            self._known[uid] = now
            if before is None:
                fresh.append(now)
        return tuple(fresh) if changed else None

    def save(self) -> None:
        """Write the file whole or not at all. Blocking."""
        rows = [
            {"uid": each.uid, "name": each.name, "address": str(each.address), "zone": each.zone} for each in self.all()
        ]
        fresh = self._path.with_suffix(".new")
        try:
            with fresh.open("w", encoding="utf-8") as file:
                json.dump({"speakers": rows}, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
        except OSError as error:
            log.warning("the list of Sonos speakers cannot be kept: %s", error.strerror)

    def _zone_for(self, uid: str, name: str) -> ZoneName:
        return zone_of(uid, name, self._configured, {other: known.zone for other, known in self._known.items()})


def _known(row: Mapping[str, Any]) -> Known:
    uid, name, zone = (str(row[key]) for key in ("uid", "name", "zone"))
    return Known(uid, name, address_of(str(row["address"])), ZoneName(zone))
