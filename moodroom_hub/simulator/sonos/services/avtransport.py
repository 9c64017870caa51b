"""AVTransport: what plays and where the needle stands."""

from moodroom_hub.simulator.sonos.didl import read_clock_time, read_metadata
from moodroom_hub.simulator.sonos.faults import TRANSITION_NOT_AVAILABLE, Code, UpnpError
from moodroom_hub.simulator.sonos.music import Media, MediaKind, Station, file_track
from moodroom_hub.simulator.sonos.services.actions import Asked, Service, Values
from moodroom_hub.simulator.sonos.services.resolving import resolve
from moodroom_hub.simulator.sonos.services.shown import show

AV_TRANSPORT = Service("AVTransport", "MediaRenderer/AVTransport", needs_instance=True)
_RADIO = ("x-sonosapi-stream:", "x-sonosapi-radio:", "x-sonosapi-hls:", "x-rincon-mp3radio:", "aac:", "hls-radio:")
_FILES = ("x-sonos-spotify:", "http:", "https:", "x-file-cifs:", "x-sonos-http:")


@AV_TRANSPORT.action("SetAVTransportURI", "CurrentURI CurrentURIMetaData")
def _set_uri(asked: Asked) -> Values:
    uri, metadata = asked.text("CurrentURI"), asked.text("CurrentURIMetaData")
    world, player = asked.world, asked.player
    scheme, _, rest = uri.partition(":")
    given = read_metadata(metadata)
    if given is None:
        raise UpnpError(Code.INVALID_ARGS)
    if scheme == "x-rincon":
        if rest not in world.players or not world.players[rest].is_powered:
            raise UpnpError(Code.NO_RESOURCE)
        world.join(player.uid, rest)
    elif scheme == "x-rincon-queue":
        if not uri.startswith(f"x-rincon-queue:{player.uid}#"):
            raise UpnpError(Code.NO_RESOURCE)
        world.set_media(player.uid, Media(MediaKind.QUEUE, uri))
    elif scheme == "x-sonos-htastream":
        if not player.spec.is_soundbar:
            raise UpnpError(Code.ILLEGAL_MIME)
        world.turn_tv_on(player.uid)
    elif scheme == "x-rincon-stream":
        if rest not in world.players or not world.players[rest].spec.has_line_in:
            raise UpnpError(Code.NO_RESOURCE)
        world.set_media(player.uid, Media(MediaKind.LINE_IN, uri))
    elif uri.startswith(_RADIO):
        known = next((station for station in world.stations.values() if station.uri == uri), None)
        station = known or Station(given.title or uri, uri, uri)
        world.set_media(player.uid, Media(MediaKind.RADIO, uri, metadata), station=station)
    elif uri.startswith(_FILES):
        track = file_track(uri, given.title, given.artist, given.album, given.duration_ms)
        if scheme == "x-sonos-spotify":
            track = resolve(world, uri, metadata)[0]
        world.set_media(player.uid, Media(MediaKind.FILE, uri, metadata), track=track)
    elif not uri:
        world.set_media(player.uid, Media(MediaKind.NOTHING))
    else:
        raise UpnpError(Code.ILLEGAL_MIME)
    return {}


@AV_TRANSPORT.action("Play", "Speed")
def _play(asked: Asked) -> Values:
    asked.world.play(asked.player.uid)
    return {}


@AV_TRANSPORT.action("Pause")
def _pause(asked: Asked) -> Values:
    asked.world.pause(asked.player.uid)
    return {}


@AV_TRANSPORT.action("Stop")
def _stop(asked: Asked) -> Values:
    asked.world.stop(asked.player.uid)
    return {}


@AV_TRANSPORT.action("Next")
def _next(asked: Asked) -> Values:
    asked.world.next(asked.player.uid)
    return {}


@AV_TRANSPORT.action("Previous")
def _previous(asked: Asked) -> Values:
    asked.world.previous(asked.player.uid)
    return {}


@AV_TRANSPORT.action("Seek", "Unit Target")
def _seek(asked: Asked) -> Values:
    unit, target = asked.text("Unit"), asked.text("Target")
    if unit == "TRACK_NR":
        asked.world.seek_track(asked.player.uid, asked.number("Target"))
    elif unit == "REL_TIME":
        position_ms = read_clock_time(target)
        if position_ms is None:
            raise UpnpError(Code.ILLEGAL_SEEK_TARGET)
        asked.world.seek(asked.player.uid, position_ms)
    elif unit == "TIME_DELTA":
        position_ms = read_clock_time(target.lstrip("+-"))
        if position_ms is None:
            raise UpnpError(Code.ILLEGAL_SEEK_TARGET)
        step_ms = -position_ms if target.startswith("-") else position_ms
        asked.world.seek(asked.player.uid, asked.deck.position_at(asked.at_ms) + step_ms)
    else:
        raise UpnpError(Code.SEEK_MODE)
    return {}


@AV_TRANSPORT.action(
    "GetPositionInfo", outs="Track TrackDuration TrackMetaData TrackURI RelTime AbsTime RelCount AbsCount"
)
def _position(asked: Asked) -> Values:
    return show(asked.world, asked.player, asked.at_ms).position_info()


@AV_TRANSPORT.action("GetTransportInfo", outs="CurrentTransportState CurrentTransportStatus CurrentSpeed")
def _transport_info(asked: Asked) -> Values:
    state = show(asked.world, asked.player, asked.at_ms).state
    return {"CurrentTransportState": state, "CurrentTransportStatus": "OK", "CurrentSpeed": "1"}


@AV_TRANSPORT.action(
    "GetMediaInfo",
    outs="NrTracks MediaDuration CurrentURI CurrentURIMetaData NextURI NextURIMetaData PlayMedium RecordMedium "
    "WriteStatus",
)
def _media_info(asked: Asked) -> Values:
    shown = show(asked.world, asked.player, asked.at_ms)
    return {
        "NrTracks": shown.count,
        "MediaDuration": "NOT_IMPLEMENTED",
        "CurrentURI": shown.media_uri,
        "CurrentURIMetaData": shown.media_metadata,
        "NextURI": "",
        "NextURIMetaData": "",
        "PlayMedium": "NETWORK",
        "RecordMedium": "NOT_IMPLEMENTED",
        "WriteStatus": "NOT_IMPLEMENTED",
    }


@AV_TRANSPORT.action("GetTransportSettings", outs="PlayMode RecQualityMode")
def _settings(asked: Asked) -> Values:
    return {"PlayMode": asked.deck.play_mode, "RecQualityMode": "NOT_IMPLEMENTED"}


@AV_TRANSPORT.action("SetPlayMode", "NewPlayMode")
def _set_play_mode(asked: Asked) -> Values:
    asked.world.set_play_mode(asked.player.uid, asked.text("NewPlayMode"))
    return {}


@AV_TRANSPORT.action("GetCrossfadeMode", outs="CrossfadeMode")
def _crossfade(asked: Asked) -> Values:
    return {"CrossfadeMode": int(asked.deck.is_crossfading)}


@AV_TRANSPORT.action("SetCrossfadeMode", "CrossfadeMode")
def _set_crossfade(asked: Asked) -> Values:
    asked.world.set_crossfade(asked.player.uid, asked.is_on("CrossfadeMode"))
    return {}


@AV_TRANSPORT.action("GetCurrentTransportActions", outs="Actions")
def _actions(asked: Asked) -> Values:
    return {"Actions": show(asked.world, asked.player, asked.at_ms).actions}


@AV_TRANSPORT.action("GetDeviceCapabilities", outs="PlayMedia RecMedia RecQualityModes")
def _capabilities(asked: Asked) -> Values:
    return {"PlayMedia": "NONE, NETWORK", "RecMedia": "NOT_IMPLEMENTED", "RecQualityModes": "NOT_IMPLEMENTED"}


@AV_TRANSPORT.action("BecomeCoordinatorOfStandaloneGroup", outs="DelegatedGroupCoordinatorID NewGroupID")
def _stand_alone(asked: Asked) -> Values:
    world, uid = asked.world, asked.player.uid
    heir = next((one for one in world.group_of(uid).members if one != uid), "") if world.is_coordinator(uid) else ""
    world.leave(uid)
    return {"DelegatedGroupCoordinatorID": heir, "NewGroupID": world.group_of(uid).id}


@AV_TRANSPORT.action("DelegateGroupCoordinationTo", "NewCoordinator RejoinGroup")
def _delegate(asked: Asked) -> Values:
    heir = asked.text("NewCoordinator")
    if heir not in asked.world.players:
        raise UpnpError(Code.VALUE_INVALID)
    asked.world.delegate(asked.player.uid, heir, stays=asked.is_on("RejoinGroup"))
    return {}


@AV_TRANSPORT.action("EndDirectControlSession")
def _end_session(asked: Asked) -> Values:
    if asked.deck.media.kind is not MediaKind.CONNECT:
        raise UpnpError(TRANSITION_NOT_AVAILABLE)
    asked.world.set_media(asked.player.uid, Media(MediaKind.NOTHING))
    return {}


@AV_TRANSPORT.action("GetRemainingSleepTimerDuration", outs="RemainingSleepTimerDuration CurrentSleepTimerGeneration")
def _sleep_timer(asked: Asked) -> Values:
    return {"RemainingSleepTimerDuration": "", "CurrentSleepTimerGeneration": 0}
