"""The pages that a player shows besides its services."""

import zlib
from collections.abc import Sequence

from moodroom_hub.simulator.sonos.didl import clean
from moodroom_hub.simulator.sonos.players import SimPlayer
from moodroom_hub.simulator.sonos.services.actions import Service
from moodroom_hub.simulator.sonos.services.topology import SOFTWARE_VERSION
from moodroom_hub.simulator.sonos.world import SonosWorld


def device_description(player: SimPlayer, services: Sequence[Service]) -> str:
    """``/xml/device_description.xml``."""
    listed = "".join(
        f"<service><serviceType>urn:schemas-upnp-org:service:{service.name}:1</serviceType>"
        f"<serviceId>urn:upnp-org:serviceId:{service.name}</serviceId><controlURL>/{service.path}/Control</controlURL>"
        f"<eventSubURL>/{service.path}/Event</eventSubURL><SCPDURL>/xml/{service.name}1.xml</SCPDURL></service>"
        for service in services
    )
    host, port = player.address
    return (
        '<?xml version="1.0" encoding="utf-8"?><root xmlns="urn:schemas-upnp-org:device-1-0"><specVersion>'
        "<major>1</major><minor>0</minor></specVersion><device>"
        "<deviceType>urn:schemas-upnp-org:device:ZonePlayer:1</deviceType>"
        f"<friendlyName>{host}:{port} - {clean(player.spec.model)} - {player.uid}</friendlyName>"
        "<manufacturer>Sonos, Inc.</manufacturer><modelNumber>S18</modelNumber>"
        f"<modelName>{clean(player.spec.model)}</modelName><softwareVersion>{SOFTWARE_VERSION}</softwareVersion>"
        f"<swGen>2</swGen><hardwareVersion>1.26.1.7-2.2</hardwareVersion><serialNum>{player.serial_number}</serialNum>"
        f"<UDN>uuid:{player.uid}</UDN><iconList><icon><id>0</id><mimetype>image/png</mimetype><width>48</width>"
        "<height>48</height><depth>24</depth><url>/img/icon-S18.png</url></icon></iconList>"
        f"<displayVersion>16.6</displayVersion><roomName>{clean(player.name)}</roomName>"
        f"<displayName>{clean(player.spec.model.removeprefix('Sonos '))}</displayName>"
        f"<serviceList>{listed}</serviceList></device></root>"
    )


def accounts(world: SonosWorld, player: SimPlayer) -> str:
    """``/status/accounts``: the household's accounts at music services."""
    settings = world.settings
    return (
        f'<?xml version="1.0" ?><ZPSupportInfo type="User"><Accounts LastUpdateDevice="{player.uid}" Version="8" '
        f'NextSerialNum="{settings.serial + 1}"><Account Type="{settings.service_number}" '
        f'SerialNum="{settings.serial}"><UN>listener</UN><MD>1</MD><NN>Listener</NN><OADevID></OADevID><Key></Key>'
        "</Account></Accounts></ZPSupportInfo>"
    )


def cover(path: str) -> str:
    """A square in a colour of its own."""
    red, green, blue = zlib.crc32(path.encode()).to_bytes(4, "big")[:3]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
        f'<rect width="64" height="64" fill="#{red:02x}{green:02x}{blue:02x}"/></svg>'
    )
