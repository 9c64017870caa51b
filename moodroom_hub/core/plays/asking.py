"""What plugins find out about a track: asked one after another, and never a failure for whoever asks."""

from moodroom_hub.core.dispatch import Dispatcher
from moodroom_hub.domain.models import Track
from moodroom_hub.domain.plays.models import Artwork, TrackFacts

_SPOTIFY = "spotify:"


async def artwork(dispatcher: Dispatcher, track: Track) -> Artwork | None:
    """The track's own picture, else what a plugin finds."""
    if track.artwork_url:
        return Artwork(track.artwork_url, "Spotify" if track.uri.startswith(_SPOTIFY) else "the player")
    found = await dispatcher.first("find_artwork", track=track)
    return found if isinstance(found, Artwork) else None


async def facts(dispatcher: Dispatcher, track: Track) -> TrackFacts | None:
    """What a plugin finds."""
    found = await dispatcher.first("find_facts", track=track)
    return found if isinstance(found, TrackFacts) else None
