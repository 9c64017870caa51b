"""How loud speakers are, and who plays with whom, as blocking calls. Percent; SoCo's numbers are the same."""

from moodroom_hub.plugins.sonos.client import Speaker, call_of
from moodroom_hub.plugins.sonos.queue import INSTANCE, set_source

_MASTER = ("Channel", "Master")


def read_volume(speaker: Speaker) -> int:
    """One speaker's volume."""
    return int(call_of(speaker, "renderingControl", "GetVolume", [INSTANCE, _MASTER])["CurrentVolume"])


def set_volume(speaker: Speaker, percent: int) -> None:
    """Set one speaker's volume, 0 to 100."""
    call_of(speaker, "renderingControl", "SetVolume", [INSTANCE, _MASTER, ("DesiredVolume", percent)])


def read_mute(speaker: Speaker) -> bool:
    """Whether one speaker is muted."""
    return call_of(speaker, "renderingControl", "GetMute", [INSTANCE, _MASTER])["CurrentMute"] == "1"


def set_mute(speaker: Speaker, *, is_muted: bool) -> None:
    """Mute one speaker, or let it sound."""
    call_of(speaker, "renderingControl", "SetMute", [INSTANCE, _MASTER, ("DesiredMute", int(is_muted))])


def read_group_volume(leader: Speaker) -> int:
    """The group's volume, the mean of its speakers'."""
    return int(call_of(leader, "groupRenderingControl", "GetGroupVolume", [INSTANCE])["CurrentVolume"])


def set_group_volume(leader: Speaker, percent: int) -> None:
    """Set the group's volume; its speakers keep their proportions."""
    call_of(leader, "groupRenderingControl", "SnapshotGroupVolume", [INSTANCE])
    call_of(leader, "groupRenderingControl", "SetGroupVolume", [INSTANCE, ("DesiredVolume", percent)])


def set_group_mute(leader: Speaker, *, is_muted: bool) -> None:
    """Mute the whole group, or let it sound."""
    call_of(leader, "groupRenderingControl", "SetGroupMute", [INSTANCE, ("DesiredMute", int(is_muted))])


def join(speaker: Speaker, leader_uid: str) -> None:
    """Put a speaker into the group that ``leader_uid`` leads."""
    set_source(speaker, f"x-rincon:{leader_uid}", "")


def leave(speaker: Speaker) -> None:
    """Take a speaker out of its group; where it led it, the others play on."""
    call_of(speaker, "avTransport", "BecomeCoordinatorOfStandaloneGroup", [INSTANCE])
