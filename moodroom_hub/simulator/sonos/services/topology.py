"""ZoneGroupTopology: which players there are, where they answer, and who plays with whom."""

from moodroom_hub.simulator.sonos.didl import attribute
from moodroom_hub.simulator.sonos.faults import Code, UpnpError
from moodroom_hub.simulator.sonos.players import SimPlayer
from moodroom_hub.simulator.sonos.services.actions import Asked, Service, Values
from moodroom_hub.simulator.sonos.world import SonosWorld

ZONE_GROUP_TOPOLOGY = Service("ZoneGroupTopology", "ZoneGroupTopology")
GROUP_MANAGEMENT = Service("GroupManagement", "GroupManagement")
SOFTWARE_VERSION = "83.1-61210"


def zone_group_state(world: SonosWorld) -> str:
    """The whole household, as every player tells it. Players without power have vanished, sooner or later."""
    groups = "".join(
        f"<ZoneGroup Coordinator={attribute(group.coordinator)} ID={attribute(group.id)}>"
        + "".join(_member(world, world.players[uid]) for uid in group.members)
        + "</ZoneGroup>"
        for group in world.groups
        if world.is_listed(world.players[group.coordinator])
    )
    vanished = "".join(
        f'<Device UUID={attribute(player.uid)} ZoneName={attribute(player.name)} Reason="powered off"/>'
        for player in world.players.values()
        if not world.is_listed(player) and player.bonded_to is None
    )
    return (
        f"<ZoneGroupState><ZoneGroups>{groups}</ZoneGroups>"
        f"<VanishedDevices>{vanished}</VanishedDevices></ZoneGroupState>"
    )


def _member(world: SonosWorld, player: SimPlayer) -> str:
    bonded = [each for each in world.players.values() if each.bonded_to == player.uid]
    satellites = [each for each in bonded if each.is_satellite]
    pair = [each for each in bonded if not each.is_satellite]
    extra = ""
    if pair:
        extra += f" ChannelMapSet={attribute(f'{player.uid}:LF,LF;{pair[0].uid}:RF,RF')}"
    if satellites:
        channels = ";".join(f"{each.uid}:{name}" for each, name in zip(satellites, ("SW", "LR", "RR"), strict=False))
        extra += f" HTSatChanMapSet={attribute(f'{player.uid}:LF,RF;{channels}')}"
    children = "".join(f'<Satellite {_facts(each)} Invisible="1"/>' for each in satellites)
    invisible = "".join(f'<ZoneGroupMember {_facts(each)} Invisible="1"{extra}/>' for each in pair)
    return f"<ZoneGroupMember {_facts(player)}{extra}>{children}</ZoneGroupMember>{invisible}"


def _facts(player: SimPlayer) -> str:
    host, port = player.address
    return " ".join(
        f"{name}={attribute(str(value))}"
        for name, value in (
            ("UUID", player.uid),
            ("Location", f"http://{host}:{port}/xml/device_description.xml"),
            ("ZoneName", player.name),
            ("Icon", ""),
            ("Configuration", 1),
            ("SoftwareVersion", SOFTWARE_VERSION),
            ("SWGen", 2),
            ("MinCompatibleVersion", "82.0-00000"),
            ("LegacyCompatibleVersion", "58.0-00000"),
            ("BootSeq", player.boot_seq),
            ("VoiceConfigState", 0),
            ("MicEnabled", 0),
            ("MoreInfo", ""),
        )
    )


@ZONE_GROUP_TOPOLOGY.action("GetZoneGroupState", outs="ZoneGroupState")
def _state(asked: Asked) -> Values:
    limit = asked.world.settings.topology_refused_from
    if limit is not None and len(asked.world.players) >= limit:
        raise UpnpError(Code.ACTION_FAILED)
    return {"ZoneGroupState": zone_group_state(asked.world)}


@ZONE_GROUP_TOPOLOGY.action(
    "GetZoneGroupAttributes",
    outs="CurrentZoneGroupName CurrentZoneGroupID CurrentZonePlayerUUIDsInGroup CurrentMuseHouseholdId",
)
def _attributes(asked: Asked) -> Values:
    world = asked.world
    group = world.group_of(asked.player.uid)
    names = [world.players[uid].name for uid in group.members]
    is_leader = group.coordinator == asked.player.uid
    return {
        "CurrentZoneGroupName": f"{names[0]} + {len(names) - 1}" if len(names) > 1 else names[0],
        "CurrentZoneGroupID": group.id if is_leader else "",
        "CurrentZonePlayerUUIDsInGroup": ",".join(group.members) if is_leader else "",
        "CurrentMuseHouseholdId": world.household_id,
    }


@GROUP_MANAGEMENT.action("AddMember", "MemberID BootSeq", "CurrentTransportSettings GroupUUIDJoined")
def _add_member(asked: Asked) -> Values:
    member = asked.text("MemberID")
    if member not in asked.world.players:
        raise UpnpError(Code.VALUE_INVALID)
    asked.world.join(member, asked.player.uid)
    return {"CurrentTransportSettings": "", "GroupUUIDJoined": asked.world.group_of(member).id}


@GROUP_MANAGEMENT.action("RemoveMember", "MemberID")
def _remove_member(asked: Asked) -> Values:
    member = asked.text("MemberID")
    if member not in asked.world.players:
        raise UpnpError(Code.VALUE_INVALID)
    asked.world.leave(member)
    return {}
