"""RenderingControl and GroupRenderingControl: how loud."""

from collections.abc import Sequence

from moodroom_hub.simulator.sonos.faults import Code, UpnpError
from moodroom_hub.simulator.sonos.players import SimPlayer
from moodroom_hub.simulator.sonos.services.actions import Asked, Service, Values

RENDERING_CONTROL = Service("RenderingControl", "MediaRenderer/RenderingControl", needs_instance=True)
GROUP_RENDERING_CONTROL = Service("GroupRenderingControl", "MediaRenderer/GroupRenderingControl", needs_instance=True)
_CHANNELS = ("Master", "LF", "RF")


def _channel(asked: Asked) -> str:
    channel = asked.text("Channel")
    if channel not in _CHANNELS:
        raise UpnpError(Code.INVALID_ARGS)
    return channel


def _percent(asked: Asked, name: str) -> int:
    percent = asked.number(name)
    if not 0 <= percent <= 100:
        raise UpnpError(Code.VALUE_INVALID)
    return percent


def _tone(asked: Asked, name: str) -> int:
    steps = asked.number(name)
    if not -10 <= steps <= 10:
        raise UpnpError(Code.VALUE_INVALID)
    return steps


@RENDERING_CONTROL.action("GetVolume", "Channel", "CurrentVolume")
def _volume(asked: Asked) -> Values:
    return {"CurrentVolume": asked.player.volume if _channel(asked) == "Master" else 100}


@RENDERING_CONTROL.action("SetVolume", "Channel DesiredVolume")
def _set_volume(asked: Asked) -> Values:
    percent = _percent(asked, "DesiredVolume")
    if _channel(asked) == "Master":
        asked.world.set_volume(asked.player.uid, percent)
    return {}


@RENDERING_CONTROL.action("SetRelativeVolume", "Channel Adjustment", "NewVolume")
def _set_relative_volume(asked: Asked) -> Values:
    asked.world.set_volume(asked.player.uid, asked.player.volume + asked.number("Adjustment"))
    return {"NewVolume": asked.player.volume}


@RENDERING_CONTROL.action("RampToVolume", "Channel RampType DesiredVolume ResetVolumeAfter ProgramURI", "RampTime")
def _ramp(asked: Asked) -> Values:
    percent = _percent(asked, "DesiredVolume")
    ramp_s = round(abs(percent - asked.player.volume) / 1.25)
    asked.world.set_volume(asked.player.uid, percent)
    return {"RampTime": ramp_s}


@RENDERING_CONTROL.action("GetMute", "Channel", "CurrentMute")
def _mute(asked: Asked) -> Values:
    return {"CurrentMute": int(asked.player.is_muted)}


@RENDERING_CONTROL.action("SetMute", "Channel DesiredMute")
def _set_mute(asked: Asked) -> Values:
    asked.world.set_mute(asked.player.uid, asked.is_on("DesiredMute"))
    return {}


@RENDERING_CONTROL.action("GetBass", outs="CurrentBass")
def _bass(asked: Asked) -> Values:
    return {"CurrentBass": asked.player.bass}


@RENDERING_CONTROL.action("GetTreble", outs="CurrentTreble")
def _treble(asked: Asked) -> Values:
    return {"CurrentTreble": asked.player.treble}


@RENDERING_CONTROL.action("GetLoudness", "Channel", "CurrentLoudness")
def _loudness(asked: Asked) -> Values:
    return {"CurrentLoudness": int(asked.player.is_loud)}


@RENDERING_CONTROL.action("SetBass", "DesiredBass")
def _set_bass(asked: Asked) -> Values:
    asked.player.bass = _tone(asked, "DesiredBass")
    return {}


@RENDERING_CONTROL.action("SetTreble", "DesiredTreble")
def _set_treble(asked: Asked) -> Values:
    asked.player.treble = _tone(asked, "DesiredTreble")
    return {}


@RENDERING_CONTROL.action("SetLoudness", "Channel DesiredLoudness")
def _set_loudness(asked: Asked) -> Values:
    asked.player.is_loud = asked.is_on("DesiredLoudness")
    return {}


@RENDERING_CONTROL.action("GetSupportsOutputFixed", outs="CurrentSupportsFixed")
def _supports_fixed(asked: Asked) -> Values:
    return {"CurrentSupportsFixed": 0}


@RENDERING_CONTROL.action("GetOutputFixed", outs="CurrentFixed")
def _fixed(asked: Asked) -> Values:
    return {"CurrentFixed": 0}


def members(asked: Asked) -> Sequence[SimPlayer]:
    """The group that the asked player leads. Raises ``UpnpError`` where it follows."""
    group = asked.world.group_of(asked.player.uid)
    if group.coordinator != asked.player.uid:
        raise UpnpError(Code.NOT_COORDINATOR)
    return [asked.world.players[uid] for uid in group.members]


def group_volume(players: Sequence[SimPlayer]) -> int:
    """The mean, as a group shows it."""
    return round(sum(player.volume for player in players) / len(players))


@GROUP_RENDERING_CONTROL.action("SnapshotGroupVolume")
def _snapshot(asked: Asked) -> Values:
    members(asked)
    return {}


@GROUP_RENDERING_CONTROL.action("GetGroupVolume", outs="CurrentVolume")
def _group_volume(asked: Asked) -> Values:
    return {"CurrentVolume": group_volume(members(asked))}


@GROUP_RENDERING_CONTROL.action("SetGroupVolume", "DesiredVolume")
def _set_group_volume(asked: Asked) -> Values:
    players = members(asked)
    step = _percent(asked, "DesiredVolume") - group_volume(players)
    for player in players:
        asked.world.set_volume(player.uid, player.volume + step)
    return {}


@GROUP_RENDERING_CONTROL.action("SetRelativeGroupVolume", "Adjustment", "NewVolume")
def _set_relative_group_volume(asked: Asked) -> Values:
    players = members(asked)
    for player in players:
        asked.world.set_volume(player.uid, player.volume + asked.number("Adjustment"))
    return {"NewVolume": group_volume(players)}


@GROUP_RENDERING_CONTROL.action("GetGroupMute", outs="CurrentMute")
def _group_mute(asked: Asked) -> Values:
    return {"CurrentMute": int(all(player.is_muted for player in members(asked)))}


@GROUP_RENDERING_CONTROL.action("SetGroupMute", "DesiredMute")
def _set_group_mute(asked: Asked) -> Values:
    for player in members(asked):
        asked.world.set_mute(player.uid, asked.is_on("DesiredMute"))
    return {}
