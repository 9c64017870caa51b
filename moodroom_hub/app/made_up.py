"""The made-up music of the simulated home, as a person would bring it in."""

from moodroom_hub.domain.models import RoomSlug
from moodroom_hub.domain.pool_files import PoolRow, format_csv
from moodroom_hub.simulator.catalogue import demo_pools


def made_up_pools() -> str:
    """Every room's pool as a pool file's text."""
    return format_csv(
        PoolRow(RoomSlug(room), tier, track.name, track.artists, track.uri, track.isrc)
        for room, tracks in demo_pools().items()
        for tier, track in tracks
    )
