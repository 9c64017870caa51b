"""Tracks on their way into a queue: share links of the household's own Spotify."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from soco.exceptions import SoCoUPnPException
from soco.plugins.sharelink import ShareLinkPlugin

from moodroom_hub.domain.models import Uri
from moodroom_hub.plugins.sonos.client import Speaker

REGIONS = (2311, 3079)
"""The numbers under which Sonos knows Spotify: most of the world, and the Americas. A household has one of them."""
REFUSALS = frozenset({"402", "714", "800", "804"})
"""What a speaker answers where it cannot make anything of a link: for the want of the service, or of the track."""

_TRACK = re.compile(r"spotify:track:[0-9A-Za-z]{1,64}")


@dataclass(frozen=True, slots=True)
class Added:
    """Where in the queue the track stands (1 is the first), and the number of the service that took it."""

    number: int
    region: int


def is_spotify_track(uri: str) -> bool:
    """Whether this is a track that can go in as a share link."""
    return _TRACK.fullmatch(uri) is not None


def add_link(speaker: Speaker, uri: Uri, regions: Sequence[int] = REGIONS) -> Added | None:
    """Add a track at the end; each region is asked once, and only after a clear no of the one before it.

    Blocking. ``None``: refused in every region, nothing was added. Raises ``SoCoUPnPException`` for other refusals,
    and what the network raises: then it may have been added.
    """
    plugin = ShareLinkPlugin(speaker)
    services = {service.service_number(): service for service in plugin.services}
    for region in regions:
        plugin.services = [services[region]]
        try:
            return Added(int(plugin.add_share_link_to_queue(uri)), region)
        except SoCoUPnPException as error:
            if str(error.error_code) not in REFUSALS:
                raise
    return None
