"""What may be sent where. Pure."""

from moodroom_hub.domain.models import ZoneName
from moodroom_hub.plugins.scrobbling.config import ScrobblingConfig
from moodroom_hub.plugins.scrobbling.services import Scrobble, Service


def why_left_out(config: ScrobblingConfig, service: Service, zone: ZoneName, scrobble: Scrobble) -> str | None:
    """One line that says why this play is not for this service; ``None``: it is."""
    if config.zones is not None and zone not in config.zones:
        return f"the zone {zone} is not scrobbled (plugins.scrobbling.zones)"
    if not scrobble.artists:
        return "it has no artist"
    if config.leave_out.streams and scrobble.is_stream:
        return "it has no known length (plugins.scrobbling.leave_out.streams)"
    unwanted = {name.strip().casefold() for name in config.leave_out.artists}
    if any(artist.casefold() in unwanted for artist in scrobble.artists):
        return "the artist is left out (plugins.scrobbling.leave_out.artists)"
    return service.why_not(scrobble)
