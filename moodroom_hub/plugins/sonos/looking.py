"""One look at a speaker: what is asked in a thread, and what is kept between two looks."""

from collections.abc import Mapping
from dataclasses import dataclass

from moodroom_hub.domain.models import DurationMs, EpochMs
from moodroom_hub.plugins.sonos.client import Answer, SonosClient, Speaker, call_of
from moodroom_hub.plugins.sonos.parsers import ParseProblem, Seen, playback, time_ms, wants_media
from moodroom_hub.plugins.sonos.places import Address
from moodroom_hub.plugins.sonos.topology import Topology, parse_topology

_INSTANCE = ("InstanceID", 0)
_SLACK_S = 1.3
"""Whole seconds, cut off, stray by one from the time that passed."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the last look asked, to ask less at the next. ``since_s`` is of the thread's own clock."""

    uri: str
    position_s: float | None
    since_s: float
    transport: Mapping[str, str]
    media_uri: str = ""
    media: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What one look gave; true at ``at_ms``, give or take ``uncertainty_ms``."""

    seen: Seen
    at_ms: EpochMs
    uncertainty_ms: DurationMs
    kept: Kept


async def look_at(client: SonosClient, address: Address, kept: Kept | None) -> Look:
    """Ask a speaker what it plays: mostly one request. Raises ``SonosTrouble``."""

    def job(speaker: Speaker) -> tuple[Seen, Kept, float]:
        began_s = client.now_s()
        position = call_of(speaker, "avTransport", "GetPositionInfo", (_INSTANCE, ("Channel", "Master")))
        answered_s = client.now_s()
        uri = position.get("TrackURI", "").strip()
        position_s = _seconds(position.get("RelTime", ""))
        if kept is not None and _plays_on(kept, uri, position_s, answered_s):
            transport = kept.transport
        else:
            transport = call_of(speaker, "avTransport", "GetTransportInfo", (_INSTANCE,))
        media, media_uri = None, ""
        if wants_media(uri):
            if kept is not None and kept.media_uri == uri:
                media, media_uri = kept.media, uri
            else:
                media, media_uri = call_of(speaker, "avTransport", "GetMediaInfo", (_INSTANCE,)), uri
        seen = playback(position, transport, media, address.url)
        return seen, Kept(uri, position_s, answered_s, transport, media_uri, media), (began_s + answered_s) / 2

    answer = await client.run(address, job, is_look=True)
    seen, now_kept, middle_s = answer.value
    # The first request tells the position; the others only widen the time that all of it took.
    at_ms, half_ms = client.dated(middle_s, (now_kept.since_s - middle_s))
    return Look(seen, at_ms, DurationMs(half_ms + seen.coarse_ms), now_kept)


async def topology_at(client: SonosClient, address: Address) -> Answer[Topology]:
    """Ask a speaker who plays with whom in its household. Raises ``SonosTrouble``."""

    def job(speaker: Speaker) -> Topology:
        text = call_of(speaker, "zoneGroupTopology", "GetZoneGroupState").get("ZoneGroupState", "")
        try:
            return parse_topology(text)
        except ParseProblem as problem:
            raise ValueError(str(problem)) from None

    return await client.run(address, job, is_look=True)


def _plays_on(kept: Kept, uri: str, position_s: float | None, now_s: float) -> bool:
    """Whether the position alone tells that it still plays: it went on as time did."""
    if kept.transport.get("CurrentTransportState") != "PLAYING" or kept.uri != uri:
        return False
    if kept.position_s is None or position_s is None:
        return False
    went_s, passed_s = position_s - kept.position_s, now_s - kept.since_s
    return went_s > 0 and passed_s >= 2 and abs(went_s - passed_s) <= _SLACK_S


def _seconds(text: str) -> float | None:
    try:
        told = time_ms(text)
    except ParseProblem:
        return None
    return None if told is None else told / 1000
