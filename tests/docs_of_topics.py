"""Which of the hub's topics a text names, and whether there are such topics."""

import re
from collections.abc import Iterator

from moodroom_hub.core.topics import is_match
from moodroom_hub.domain.models import RoomSlug, ZoneName
from moodroom_hub.plugins.mqtt.requests import WHATS
from moodroom_hub.plugins.mqtt.topics import Topics, is_plain

TOPICS = Topics("moodroom", "homeassistant")
_NAMED = re.compile(r"(?<![\w./-])moodroom(?:/[\w<>+#.-]+)+")
_ANSWERED = {"room", "active_room", "learning", "player", "station", "station_vote"}


def named_topics(text: str) -> list[str]:
    """Everything in ``text`` that reads like a topic of the hub's."""
    return [hit.group().rstrip(".") for hit in _NAMED.finditer(text)]


def is_known(topic: str) -> bool:
    """Whether the hub has this topic, with a room's slug or ``<slug>`` for any; a filter must meet one."""
    return any(topic == one or is_match(topic, one) for one in _topics_for(topic))


def _topics_for(topic: str) -> Iterator[str]:
    properties = [value for value in vars(Topics).values() if isinstance(value, property)]
    for value in properties:
        one = value.__get__(TOPICS)
        if isinstance(one, str):
            yield one
    level = topic.split("/")[2] if topic.count("/") >= 2 else ""
    for slug in {"<slug>", level} - {"", "+", "#"}:
        if re.fullmatch(r"<slug>|[a-z0-9-]+", slug):
            yield from (make(RoomSlug(slug)) for make in (TOPICS.room, TOPICS.room_attributes, TOPICS.room_set))
    for zone in {"<zone>", level} - {"", "+", "#"}:
        if zone == "<zone>" or is_plain(zone):
            makers = (TOPICS.zone_room, TOPICS.zone_now_playing, TOPICS.zone_availability)
            yield from (make(ZoneName(zone)) for make in (*makers, TOPICS.zone_room_set, TOPICS.zone_player_set))
    for what in {"<what>", *WHATS}:
        yield f"{TOPICS.base}/request/{what}"
        yield TOPICS.response(what)
    yield from map(TOPICS.response, _ANSWERED)
