"""What a player can be asked: its UPnP services, action by action."""

from moodroom_hub.simulator.sonos.services import avtransport, content, properties, queueing, rendering, topology
from moodroom_hub.simulator.sonos.services.actions import Service

SERVICES: dict[str, Service] = {
    service.name: service
    for service in (
        avtransport.AV_TRANSPORT,
        rendering.RENDERING_CONTROL,
        rendering.GROUP_RENDERING_CONTROL,
        topology.ZONE_GROUP_TOPOLOGY,
        topology.GROUP_MANAGEMENT,
        properties.DEVICE_PROPERTIES,
        properties.SYSTEM_PROPERTIES,
        properties.MUSIC_SERVICES,
        properties.AUDIO_IN,
        properties.ALARM_CLOCK,
        content.CONTENT_DIRECTORY,
        queueing.QUEUE,
    )
}
"""By name. ``queueing`` also brings the queue's actions of the transport."""
