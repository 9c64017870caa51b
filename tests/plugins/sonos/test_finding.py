"""Finding speakers, naming their zones, and remembering both."""

import asyncio
from pathlib import Path
from typing import cast

import pytest
from pydantic import ValidationError

from moodroom_hub.domain.models import ZoneName
from moodroom_hub.plugins.sonos.book import SpeakerBook
from moodroom_hub.plugins.sonos.config import SonosConfig
from moodroom_hub.plugins.sonos.discovery import address_in, search
from moodroom_hub.plugins.sonos.naming import zone_of
from moodroom_hub.plugins.sonos.parsers import ParseProblem
from moodroom_hub.plugins.sonos.places import Address, address_of
from moodroom_hub.plugins.sonos.topology import Player, parse_notice, parse_topology

ANSWER = (
    b"HTTP/1.1 200 OK\r\nLOCATION: http://127.0.0.1:14021/xml/device_description.xml\r\n"
    b"SERVER: Linux UPnP/1.0 Sonos/83.1 (ZPS9)\r\nST: urn:schemas-upnp-org:device:ZonePlayer:1\r\n\r\n"
)


class Responder(asyncio.DatagramProtocol):
    """A speaker on the network, and a stranger who answers as well."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        assert data.startswith(b"M-SEARCH * HTTP/1.1\r\n")
        for answer in (ANSWER, ANSWER, b"HTTP/1.1 200 OK\r\nLOCATION: http://127.0.0.1:80/\r\n\r\n", b"\xff" * 5_000):
            self.transport.sendto(answer, addr)


async def test_the_network_is_searched() -> None:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Responder, local_addr=("127.0.0.1", 0))
    try:
        to = transport.get_extra_info("sockname")[:2]
        assert await search("127.0.0.1", 0.1, to) == (Address("127.0.0.1", 14021),)
    finally:
        transport.close()


async def test_no_network_is_nobody() -> None:
    assert await search("203.0.113.77", 0.1) == ()


def test_an_answer_counts_for_its_sender_only() -> None:
    assert address_in(ANSWER, "127.0.0.1") == Address("127.0.0.1", 14021)
    assert address_in(ANSWER, "127.0.0.2") is None, "nobody may send the hub to another machine"
    assert address_in(ANSWER.replace(b":14021", b":99999"), "127.0.0.1") is None
    assert address_in(ANSWER.replace(b"http://", b"file://"), "127.0.0.1") is None


def test_zones_are_called_as_their_speakers_and_never_twice() -> None:
    kitchen = zone_of("U1", "Kitchen", {}, {})
    assert kitchen == "kitchen"
    assert zone_of("U2", "Kitchen!", {}, {"U1": kitchen}) == "kitchen-2"
    assert zone_of("U3", "Home", {}, {}) == "home-2", "that one is Spotify's"
    assert zone_of("RINCON_ABCDEF", "台所", {}, {}) == "speaker-n-abcdef"
    assert zone_of("U1", "KITCHEN", {"cooking": "Kitchen"}, {}) == "cooking"
    assert zone_of("U9", "Kitchen", {"bath": "U9", "cooking": "Kitchen"}, {}) == "bath", "the uid counts first"
    assert zone_of("U5", "Cooking", {"cooking": "Kitchen"}, {}) == "cooking-2", "kept for the one it is meant for"


def player(uid: str, name: str, port: int = 1400) -> Player:
    return Player(uid, name, Address("192.168.1.20", port))


def test_the_book_keeps_names_and_follows_addresses(tmp_path: Path) -> None:
    path = tmp_path / "speakers.json"
    book = SpeakerBook(path, {})
    book.load()
    fresh = book.note({"U1": player("U1", "Kitchen")})
    assert fresh is not None
    assert [known.zone for known in fresh] == ["kitchen"]
    assert book.note({"U1": player("U1", "Kitchen")}) is None
    assert book.note({"U1": player("U1", "Bath", 1500)}) == (), "the same speaker: nobody is new"
    book.save()
    again = SpeakerBook(path, {})
    again.load()
    assert [(known.zone, known.name, known.address.port) for known in again.all()] == [("kitchen", "Bath", 1500)]
    renamed = SpeakerBook(path, {"cooking": "bath"})
    renamed.load()
    assert renamed.zone("U1") == ZoneName("cooking"), "the configuration wins"


@pytest.mark.parametrize("text", ["", "[]", "{", '{"speakers": [{"uid": 1}]}', '{"speakers": 7}'])
def test_a_broken_book_is_begun_anew(tmp_path: Path, text: str) -> None:
    path = tmp_path / "speakers.json"
    path.write_text(text)
    book = SpeakerBook(path, {})
    book.load()
    assert book.all() == ()


@pytest.mark.parametrize(
    "section",
    [
        {"addresses": ["http://x/"]},
        {"addresses": ["192.168.1.20:0"]},
        {"addresses": ["999.1.1.1"]},
        {"addresses": ["192.168.1:1400"]},
        {"addresses": ["192.168.1.20."]},
        {"zones": {"home": "Kitchen"}},
        {"zones": {"a": "Kitchen", "b": "kitchen"}},
        {"zones": {"Not A Slug": "Kitchen"}},
        {"interface": "eth0"},
        {"timeout": "1m"},
        {"poll": "100ms"},
        {"event_port": 70_000},
        {"adresses": []},
    ],
)
def test_a_wrong_configuration_is_refused(section: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SonosConfig.model_validate(section)


def test_addresses() -> None:
    assert address_of(" 192.168.1.20 ") == Address("192.168.1.20", 1400)
    assert str(address_of("kitchen.lan:1500")) == "kitchen.lan:1500"
    assert not SonosConfig().is_configured
    assert SonosConfig(discover=True).is_configured


def member(uid: str, port: int = 1400, more: str = "", inner: str = "") -> str:
    where = f"http://192.168.1.20:{port}/xml/device_description.xml"
    return f'<ZoneGroupMember UUID="{uid}" Location="{where}" ZoneName="Room {uid}" {more}>{inner}</ZoneGroupMember>'


def state(*groups: tuple[str, str]) -> str:
    inner = "".join(
        f'<ZoneGroup Coordinator="{leader}" ID="{leader}:1">{members}</ZoneGroup>' for leader, members in groups
    )
    return f"<ZoneGroupState><ZoneGroups>{inner}</ZoneGroups><VanishedDevices/></ZoneGroupState>"


def test_bonded_and_invisible_players_are_left_out() -> None:
    satellite = '<Satellite UUID="S" Location="http://192.168.1.30:1400/" ZoneName="Room A" Invisible="1"/>'
    found = parse_topology(
        state(
            ("A", member("A", 1400, 'BootSeq="7"', satellite) + member("B", 1500) + member("R", 1600, 'Invisible="1"')),
            ("X", member("X", 1700, 'Invisible="1" IsZoneBridge="1"')),
        )
    )
    assert sorted(found.players) == ["A", "B"]
    assert [(group.coordinator, group.members) for group in found.groups] == [("A", ("A", "B"))]
    assert found.players["A"].boots == 7
    assert found.players["B"].address.port == 1500


@pytest.mark.parametrize(
    "text", ["", "<a", "<a/>", state(("A", member("<"))), state(("Z", member("A"))), "<!DOCTYPE a><a/>"]
)
def test_a_household_that_is_none(text: str) -> None:
    with pytest.raises(ParseProblem):
        parse_topology(text)


def test_groups_that_an_event_tells() -> None:
    inner = state(("A", member("A"))).replace("&", "&amp;").replace("<", "&lt;")
    space = 'xmlns:e="urn:schemas-upnp-org:event-1-0"'
    body = f"<e:propertyset {space}><e:property><ZoneGroupState>{inner}</ZoneGroupState></e:property></e:propertyset>"
    told = parse_notice(body)
    assert told is not None
    assert sorted(told.players) == ["A"]
    assert parse_notice(f"<e:propertyset {space}/>") is None
