"""The rules by which Home Assistant refuses what is announced to it, looked at before anything is sent.

It says nothing back over MQTT: a refused device is one line in its log and is missing in the house. Keys are those
written in full. Stricter than Home Assistant in what it drops without a word and in what harms later.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ID: Final = re.compile(r"[a-zA-Z0-9_-]+")
_ENTITY_ID: Final = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")
_ROOT: Final = _words(
    "device origin components availability availability_mode availability_topic availability_template "
    "payload_available payload_not_available state_topic command_topic"
)
_DEVICE: Final = _words(
    "identifiers connections name manufacturer model model_id hw_version sw_version serial_number "
    "via_device suggested_area configuration_url"
)
_ORIGIN: Final = _words("name sw_version support_url")
_AVAILABILITY: Final = _words("topic payload_available payload_not_available value_template")
_COMMON: Final = _words(
    "platform unique_id name default_entity_id object_id qos icon enabled_by_default entity_category "
    "entity_picture availability availability_mode json_attributes_topic json_attributes_template"
)
_OWN: Final[Mapping[str, frozenset[str]]] = {
    "binary_sensor": _words("state_topic value_template device_class payload_on payload_off off_delay expire_after"),
    "button": _words("command_topic payload_press device_class"),
    "event": _words("state_topic event_types value_template device_class"),
    "image": _words("url_topic url_template image_topic image_encoding content_type"),
    "select": _words("state_topic command_topic options value_template command_template"),
    "sensor": _words("state_topic value_template device_class state_class unit_of_measurement options expire_after"),
    "switch": _words("state_topic command_topic value_template payload_on payload_off state_on state_off device_class"),
}
_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "binary_sensor": ("state_topic",),
    "button": ("command_topic",),
    "event": ("state_topic", "event_types"),
    "image": (),
    "select": ("command_topic", "state_topic", "options"),
    "sensor": ("state_topic",),
    "switch": ("command_topic", "state_topic"),
}
LONGEST_STATE: Final = 255
_CATEGORIES: Final = ("config", "diagnostic")


def problems(device_id: str, payload: Mapping[str, Any]) -> list[str]:
    """Everything that is wrong, one line each; empty where Home Assistant will take it whole."""
    return list(_all(device_id, payload))


def _all(device_id: str, payload: Mapping[str, Any]) -> Iterator[str]:
    if not _ID.fullmatch(device_id):
        yield f"device id {device_id!r}: only letters, digits, _ and - are allowed"
    try:
        json.dumps(payload, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError) as error:  # UnicodeEncodeError is a ValueError
        yield f"is no JSON in UTF-8: {type(error).__name__}"
    yield from _unknown("", payload, _ROOT)
    yield from _device(payload.get("device"))
    yield from _origin(payload.get("origin"))
    yield from _availability("", payload)
    yield from _topics("", payload)
    components = payload.get("components")
    if not isinstance(components, dict):
        yield "components: must be a mapping"
        return
    device = payload.get("device")
    name = device.get("name") if isinstance(device, dict) else None
    seen: set[tuple[str, str]] = set()
    for key, component in components.items():
        if not isinstance(key, str) or not _ID.fullmatch(key):
            yield f"components.{key!r}: only letters, digits, _ and - are allowed"
        if not isinstance(component, dict):
            yield f"components.{key}: must be a mapping"
            continue
        yield from (f"components.{key}{each}" for each in _component(component, name))
        identity = (str(component.get("platform")), str(component.get("unique_id")))
        if "unique_id" in component and identity in seen:
            yield f"components.{key}: unique_id {identity[1]!r} is taken by another {identity[0]}"
        seen.add(identity)


def _device(device: Any) -> Iterator[str]:
    if not isinstance(device, dict):
        yield "device: is missing"
        return
    yield from _unknown("device.", device, _DEVICE)
    ids = device.get("identifiers")
    if not (isinstance(ids, list) and ids and all(isinstance(each, str) and each for each in ids)):
        yield "device.identifiers: needs at least one text"
    yield from _texts("device.", {key: device[key] for key in device if key not in ("identifiers", "connections")})
    yield from _address("device.configuration_url", device)


def _origin(origin: Any) -> Iterator[str]:
    if not isinstance(origin, dict) or "name" not in origin:
        yield "origin: needs a name"
        return
    yield from _unknown("origin.", origin, _ORIGIN)
    yield from _texts("origin.", origin)
    yield from _address("origin.support_url", origin)


def _component(component: Mapping[str, Any], device_name: Any) -> Iterator[str]:
    platform = component.get("platform")
    if not isinstance(platform, str) or platform not in _OWN:
        yield f".platform: {platform!r} is none that every supported release knows"
        return
    if len(component) == 1:  # a tombstone
        return
    yield from _unknown(".", component, _COMMON | _OWN[platform])
    if not isinstance(component.get("unique_id"), str) or not component["unique_id"]:
        yield ".unique_id: is missing"
    yield from (f".{key}: is missing" for key in _NEEDED[platform] if key not in component)
    yield from _name(component, device_name)
    yield from _entity_ids(platform, component)
    yield from _topics(".", component)
    yield from _availability(".", component)
    if component.get("qos") not in (0, 1, 2):
        yield ".qos: must stand at each component, as 0, 1 or 2; the one at the root is not heeded"
    if "entity_category" in component and component["entity_category"] not in _CATEGORIES:
        yield f".entity_category: must be one of {', '.join(_CATEGORIES)}"
    if "icon" in component and ":" not in str(component["icon"]):
        yield ".icon: must be as mdi:home"
    if "entity_picture" in component and not _is_web_address(component["entity_picture"]):
        yield ".entity_picture: must be a full http or https address"
    yield from _choices(platform, component)


def _name(component: Mapping[str, Any], device_name: Any) -> Iterator[str]:
    if "name" not in component:
        yield ".name: is missing; null means the device's own name"
        return
    name = component["name"]
    if name is None:
        return
    if not isinstance(name, str) or not name.strip():
        yield ".name: must be a text that is not empty, or null"
    elif isinstance(device_name, str) and f"{name} ".casefold().startswith(f"{device_name} ".casefold()):
        yield ".name: repeats the device's name, which is put before it anyway"


def _entity_ids(platform: str, component: Mapping[str, Any]) -> Iterator[str]:
    wish, old_wish = component.get("default_entity_id"), component.get("object_id")
    if not isinstance(old_wish, str) or not _ENTITY_ID.fullmatch(old_wish):
        yield ".object_id: must be lower-case letters, digits and single underscores"
    if wish != f"{platform}.{old_wish}":
        yield ".default_entity_id: must be the platform, a dot and object_id"


def _choices(platform: str, component: Mapping[str, Any]) -> Iterator[str]:
    if platform in ("select", "event"):
        key = "options" if platform == "select" else "event_types"
        yield from _distinct(f".{key}", component.get(key))
    if platform == "sensor":
        is_enum = component.get("device_class") == "enum"
        if is_enum != ("options" in component):
            yield ".options: go with device_class enum, and only with it"
        elif is_enum:
            yield from _distinct(".options", component["options"])
            if {"state_class", "unit_of_measurement"} & set(component):
                yield ".options: do not go with state_class or unit_of_measurement"
    if platform == "image":
        if ("url_topic" in component) == ("image_topic" in component):
            yield ": an image needs url_topic or image_topic, not both"
        if "content_type" in component and "image_topic" not in component:
            yield ".content_type: goes with image_topic only"


def _distinct(where: str, values: Any) -> Iterator[str]:
    if not isinstance(values, list) or not values:
        yield f"{where}: must be a list that is not empty"
    elif not all(isinstance(value, str) and value.strip() and len(value) <= LONGEST_STATE for value in values):
        yield f"{where}: must be texts of 1 to {LONGEST_STATE} characters"
    elif len(set(values)) < len(values):
        yield f"{where}: names one twice"


def _availability(where: str, holder: Mapping[str, Any]) -> Iterator[str]:
    if "availability" not in holder:
        return
    several = holder["availability"]
    if not isinstance(several, list) or not all(isinstance(each, dict) and "topic" in each for each in several):
        yield f"{where}availability: must be a list of mappings with a topic"
        return
    for number, each in enumerate(several):
        yield from _unknown(f"{where}availability.{number}.", each, _AVAILABILITY)
        yield from _topics(f"{where}availability.{number}.", each)
    if len(several) > 1 and holder.get("availability_mode") != "all":
        yield f"{where}availability_mode: with several topics only all tells the truth"


def _topics(where: str, holder: Mapping[str, Any]) -> Iterator[str]:
    for key, topic in holder.items():
        if key != "topic" and not str(key).endswith("_topic"):
            continue
        wrong = not isinstance(topic, str) or not topic or re.search(r"[+#\x00-\x1f\x7f-\x9f]", topic)
        if wrong or len(topic.encode("utf-8", "replace")) > 65_535:
            yield f"{where}{key}: is no topic to publish under"


def _unknown(where: str, holder: Mapping[str, Any], known: frozenset[str]) -> Iterator[str]:
    yield from (f"{where}{key}: is not known" for key in holder if key not in known)


def _texts(where: str, holder: Mapping[str, Any]) -> Iterator[str]:
    for key, value in holder.items():
        if not isinstance(value, str) or not value.strip():
            yield f"{where}{key}: must be a text that is not empty"


def _address(where: str, holder: Mapping[str, Any]) -> Iterator[str]:
    key = where.rpartition(".")[2]
    if key in holder and not _is_web_address(holder[key]):
        yield f"{where}: must be a full http or https address"


def _is_web_address(value: Any) -> bool:
    if not isinstance(value, str) or re.search(r"\s", value):
        return False
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
