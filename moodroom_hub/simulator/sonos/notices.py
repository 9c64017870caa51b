"""What players tell their subscribers: the bodies of NOTIFY requests."""

from collections.abc import Callable, Mapping

from moodroom_hub.simulator.sonos.didl import attribute, clean, didl, track_item
from moodroom_hub.simulator.sonos.music import MediaKind
from moodroom_hub.simulator.sonos.players import SimPlayer
from moodroom_hub.simulator.sonos.services.rendering import group_volume
from moodroom_hub.simulator.sonos.services.shown import show
from moodroom_hub.simulator.sonos.services.topology import zone_group_state
from moodroom_hub.simulator.sonos.world import SonosWorld

_AVT = "urn:schemas-upnp-org:metadata-1-0/AVT/"
_RCS = "urn:schemas-upnp-org:metadata-1-0/RCS/"
_QUEUE = "urn:schemas-sonos-com:metadata-1-0/Queue/"


def notice(world: SonosWorld, player: SimPlayer, service: str, at_ms: int) -> bytes:
    """The whole state of a service as an event; empty where it tells nothing."""
    teller = _TELLERS.get(service)
    properties = {} if teller is None else teller(world, player, at_ms)
    content = "".join(f"<e:property><{name}>{clean(text)}</{name}></e:property>" for name, text in properties.items())
    return f'<e:propertyset xmlns:e="urn:schemas-upnp-org:event-1-0">{content}</e:propertyset>'.encode()


def _av_transport(world: SonosWorld, player: SimPlayer, at_ms: int) -> Mapping[str, str]:
    shown = show(world, player, at_ms)
    deck = player.deck
    following = world.upcoming(deck) if deck.media.kind is MediaKind.QUEUE else None
    values = {
        "TransportState": shown.state,
        "CurrentPlayMode": shown.play_mode,
        "CurrentCrossfadeMode": str(int(shown.is_crossfading)),
        "NumberOfTracks": str(shown.count),
        "CurrentTrack": str(shown.number),
        "CurrentSection": "0",
        "CurrentTrackURI": shown.uri,
        "CurrentTrackDuration": shown.duration,
        "CurrentTrackMetaData": shown.metadata,
        "r:NextTrackURI": "" if following is None else following.uri,
        "r:NextTrackMetaData": "" if following is None else didl(track_item(following)),
        "r:EnqueuedTransportURI": shown.media_uri,
        "r:EnqueuedTransportURIMetaData": shown.media_metadata,
        "AVTransportURI": shown.media_uri,
        "AVTransportURIMetaData": shown.media_metadata,
        "PlaybackStorageMedium": "NETWORK",
        "CurrentTransportActions": shown.actions,
        "TransportStatus": "OK",
        "TransportPlaySpeed": "1",
    }
    inner = "".join(f"<{name} val={attribute(value)}/>" for name, value in values.items())
    return {
        "LastChange": f'<Event xmlns="{_AVT}" xmlns:r="urn:schemas-rinconnetworks-com:metadata-1-0/">'
        f'<InstanceID val="0">{inner}</InstanceID></Event>'
    }


def _rendering_control(world: SonosWorld, player: SimPlayer, at_ms: int) -> Mapping[str, str]:
    channels = (("Master", player.volume, player.is_muted), ("LF", 100, False), ("RF", 100, False))
    inner = "".join(
        f'<Volume channel="{name}" val="{volume}"/><Mute channel="{name}" val="{int(is_muted)}"/>'
        for name, volume, is_muted in channels
    )
    inner += f'<Bass val="{player.bass}"/><Treble val="{player.treble}"/>'
    inner += f'<Loudness channel="Master" val="{int(player.is_loud)}"/><OutputFixed val="0"/>'
    return {"LastChange": f'<Event xmlns="{_RCS}"><InstanceID val="0">{inner}</InstanceID></Event>'}


def _queue(world: SonosWorld, player: SimPlayer, at_ms: int) -> Mapping[str, str]:
    inner = f'<UpdateID val="{player.deck.update_id}"/><Curated val="0"/>'
    return {"LastChange": f'<Event xmlns="{_QUEUE}"><QueueID val="0">{inner}</QueueID></Event>'}


def _topology(world: SonosWorld, player: SimPlayer, at_ms: int) -> Mapping[str, str]:
    group = world.group_of(player.uid)
    return {
        "ZoneGroupState": zone_group_state(world),
        "ThirdPartyMediaServersX": "",
        "ZoneGroupName": player.name,
        "ZoneGroupID": group.id,
        "ZonePlayerUUIDsInGroup": ",".join(group.members),
    }


def _group_rendering(world: SonosWorld, player: SimPlayer, at_ms: int) -> Mapping[str, str]:
    players = [world.players[uid] for uid in world.group_of(player.uid).members]
    is_muted = all(each.is_muted for each in players)
    return {
        "GroupVolume": str(group_volume(players)),
        "GroupMute": str(int(is_muted)),
        "GroupVolumeChangeable": "1",
    }


def _content(world: SonosWorld, player: SimPlayer, at_ms: int) -> Mapping[str, str]:
    number = player.deck.update_id
    return {"SystemUpdateID": str(number), "ContainerUpdateIDs": f"Q:0,{number}"}


def _properties(world: SonosWorld, player: SimPlayer, at_ms: int) -> Mapping[str, str]:
    return {"ZoneName": player.name, "Invisible": str(int(player.bonded_to is not None))}


_TELLERS: dict[str, Callable[[SonosWorld, SimPlayer, int], Mapping[str, str]]] = {
    "AVTransport": _av_transport,
    "RenderingControl": _rendering_control,
    "GroupRenderingControl": _group_rendering,
    "ZoneGroupTopology": _topology,
    "ContentDirectory": _content,
    "Queue": _queue,
    "DeviceProperties": _properties,
}
