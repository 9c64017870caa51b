"""Every way in which Home Assistant was seen to refuse, drop or twist an announcement."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from moodroom_hub.domain.models import Room, RoomSlug
from moodroom_hub.plugins.mqtt.discovery import announcements
from moodroom_hub.plugins.mqtt.topics import Topics
from moodroom_hub.plugins.mqtt.validator import problems

SLUG = RoomSlug("late-night")
HUB = announcements({SLUG: Room(SLUG, "Late Night")}, "moodroom", Topics("m", "homeassistant"), "1", None)[0].payload

Spoil = Callable[[dict[str, Any]], object]


def setting(path: str, value: Any) -> Spoil:
    """Puts ``value`` at ``path``; a path's parts are parted by dots."""
    *way, last = path.split(".")

    def spoil(payload: dict[str, Any]) -> None:
        holder = payload
        for key in way:
            holder = holder[key]
        holder[last] = value

    return spoil


def without(path: str) -> Spoil:
    """Takes away what is at ``path``."""
    *way, last = path.split(".")

    def spoil(payload: dict[str, Any]) -> None:
        holder = payload
        for key in way:
            holder = holder[key]
        del holder[last]

    return spoil


BAD: dict[str, tuple[Spoil, str]] = {
    "no origin": (without("origin"), "origin: needs a name"),
    "an origin without a name": (without("origin.name"), "origin: needs a name"),
    "no device": (without("device"), "device: is missing"),
    "no identifier": (setting("device.identifiers", []), "device.identifiers"),
    "no components": (without("components"), "components: must be a mapping"),
    "components in a list": (setting("components", []), "components: must be a mapping"),
    "an unknown key at the root": (setting("colour", "red"), "colour: is not known"),
    "a tilde at the root": (setting("~", "moodroom"), "~: is not known"),
    "an abbreviation at the root": (setting("cmps", {}), "cmps: is not known"),
    "an unknown key in the device": (setting("device.colour", "red"), "device.colour: is not known"),
    "an unknown key in the origin": (setting("origin.colour", "red"), "origin.colour: is not known"),
    "an unknown key in a part": (setting("components.next.colour", "red"), "components.next.colour: is not known"),
    "an address without http": (setting("device.configuration_url", "hub.local"), "device.configuration_url"),
    "an address without a host": (setting("device.configuration_url", "http://"), "device.configuration_url"),
    "a support address of another kind": (setting("origin.support_url", "ftp://x"), "origin.support_url"),
    "a part without platform": (without("components.next.platform"), "components.next.platform: None"),
    "a media player": (setting("components.next.platform", "media_player"), "'media_player' is none"),
    "a part without unique id": (without("components.next.unique_id"), "components.next.unique_id: is missing"),
    "the same unique id twice": (
        setting("components.next.unique_id", "moodroom_fresh_batch"),
        "unique_id 'moodroom_fresh_batch' is taken by another button",
    ),
    "a part that is a text": (setting("components.next", "button"), "components.next: must be a mapping"),
    "a button without a command topic": (without("components.next.command_topic"), "next.command_topic: is missing"),
    "a switch that guesses its state": (without("components.learning.state_topic"), "state_topic: is missing"),
    "a select without options": (without("components.room.options"), "components.room.options: is missing"),
    "an option twice": (setting("components.room.options", ["Off", "Off"]), "options: names one twice"),
    "an option too long": (setting("components.room.options", ["x" * 256]), "options: must be texts of 1 to 255"),
    "an event without types": (setting("components.listening.event_types", []), "event_types: must be a list"),
    "a list of values without enum": (without("components.tier.device_class"), "go with device_class enum"),
    "an enum without values": (without("components.tier.options"), "go with device_class enum"),
    "an enum with a unit": (setting("components.tier.unit_of_measurement", "d"), "do not go with"),
    "an image without a topic": (without("components.artwork.url_topic"), "needs url_topic or image_topic"),
    "an image with both topics": (setting("components.artwork.image_topic", "m/i"), "needs url_topic or image_topic"),
    "a content type beside an address": (setting("components.artwork.content_type", "image/png"), "content_type"),
    "an empty name": (setting("components.next.name", ""), "next.name: must be a text"),
    "no name": (without("components.next.name"), "next.name: is missing"),
    "the device's name again": (setting("components.next.name", "Moodroom Next"), "repeats the device's name"),
    "a device without a word as its name": (setting("device.name", " "), "device.name: must be a text"),
    "an entity id of another platform": (
        setting("components.next.default_entity_id", "switch.moodroom_next"),
        "default_entity_id: must be the platform",
    ),
    "an entity id that is no slug": (setting("components.next.object_id", "Late Night"), "object_id: must be"),
    "no qos at the part": (without("components.next.qos"), "next.qos: must stand at each component"),
    "a qos at the root": (setting("qos", 1), "qos: is not known"),
    "retained commands": (setting("components.next.retain", True), "next.retain: is not known"),
    "a wildcard": (setting("components.next.command_topic", "m/+/set"), "command_topic: is no topic"),
    "an empty topic": (setting("components.learning.state_topic", ""), "state_topic: is no topic"),
    "a control character in a topic": (setting("availability", [{"topic": "a\x00b"}]), "availability.0.topic"),
    "two topics of availability, the latest counts": (
        without("components.artwork.availability_mode"),
        "only all tells the truth",
    ),
    "a picture without an address": (setting("components.next.entity_picture", "/x.png"), "entity_picture"),
    "an unknown category": (setting("components.next.entity_category", "hidden"), "entity_category: must be"),
    "an icon without a family": (setting("components.next.icon", "home"), "icon: must be"),
    "a key with a blank": (setting("components.my key", {"platform": "button"}), "only letters, digits"),
    "half a character": (setting("device.name", "\ud800"), "is no JSON in UTF-8"),
    "no number": (setting("components.next.qos", float("nan")), "is no JSON in UTF-8"),
}


@pytest.mark.parametrize("what", BAD)
def test_it_is_refused(what: str) -> None:
    spoil, word = BAD[what]
    payload = deepcopy(HUB)
    assert problems("moodroom", payload) == []
    spoil(payload)
    found = problems("moodroom", payload)
    assert [each for each in found if word in each], found


@pytest.mark.parametrize("device_id", ["bad id", "café", "", "a/b", "a+b"])
def test_an_id_that_is_no_part_of_a_topic_is_refused(device_id: str) -> None:
    assert [each for each in problems(device_id, HUB) if "device id" in each]


def test_a_tombstone_is_fine() -> None:
    payload = deepcopy(HUB)
    payload["components"]["volume"] = {"platform": "sensor"}
    assert problems("moodroom", payload) == []
