"""What this hub has to announce to Home Assistant, as zones come and plugins fail."""

import logging
from collections.abc import Mapping

from moodroom_hub import __version__
from moodroom_hub.core.context import PluginContext
from moodroom_hub.core.errors import MoodroomError
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.domain.models import ZoneName
from moodroom_hub.plugins.mqtt.announced import Announced
from moodroom_hub.plugins.mqtt.config import MqttConfig
from moodroom_hub.plugins.mqtt.discovery import Announcement, announcements
from moodroom_hub.plugins.mqtt.sorter_states import has_layers
from moodroom_hub.plugins.mqtt.station_states import StationMemory, options_of
from moodroom_hub.plugins.mqtt.topics import is_plain
from moodroom_hub.plugins.mqtt.zone_devices import zone_device_id
from moodroom_hub.plugins.mqtt.zone_memory import ZoneMemory

_log = logging.getLogger(__name__)


class Wanted:
    """``memory`` knows the zones, and is told which announced ones nobody offers; ``stations`` knows the stations, and
    is told which names are announced."""

    def __init__(
        self, context: PluginContext[MqttConfig], announced: Announced, memory: ZoneMemory, stations: StationMemory
    ) -> None:
        self._context = context
        self._announced = announced
        self._memory = memory
        self._stations = stations
        self._refused: set[ZoneName] = set()

    async def look(self) -> None:
        """Get to know the zones and the stations before the first announcement."""
        self._stations.note(self._context.hub)
        if not self._memory.labels:
            try:
                self._memory.note(await self._context.hub.zone_views())
            except MoodroomError as error:
                _log.debug("the zones are not known yet: %s", error)

    def devices(self) -> list[Announcement]:
        """Every device, the hub's first; none where discovery is off."""
        context, config = self._context, self._context.config
        if not config.discovery:
            return []
        identity, labels = self._announced.identity, self._memory.labels
        default = next(iter(labels), None)
        zones = {zone: label for zone, label in labels.items() if zone != default and self._is_told(zone)}
        base_url = context.settings.web.base_url
        found = announcements(
            context.hub.rooms,
            identity,
            config.topics,
            __version__,
            base_url,
            zones,
            has_sorter=has_layers(context.hub),
            stations=self._stations.names,
        )
        self._stations.announced = options_of(self._stations.names)
        kept = self._kept(labels)
        self._memory.absent = tuple(kept)
        return [*found, *kept.values()]

    def _kept(self, labels: Mapping[ZoneName, str]) -> dict[ZoneName, Announcement]:
        """Zones announced earlier whose plugin may be the one that failed: they are away, and not gone for good."""
        if labels and not any(each.status is PluginStatus.FAILED for each in self._context.hub.plugin_views()):
            return {}
        prefix = zone_device_id(self._announced.identity, ZoneName(""))
        earlier = {ZoneName(each.device_id.removeprefix(prefix)): each for each in self._announced.devices(prefix)}
        return {zone: each for zone, each in earlier.items() if zone not in labels}

    def _is_told(self, zone: ZoneName) -> bool:
        if not is_plain(zone) and zone not in self._refused:
            self._refused.add(zone)
            _log.warning("a zone whose name is no slug is not told of over MQTT: %r", zone[:60])
        return is_plain(zone)
