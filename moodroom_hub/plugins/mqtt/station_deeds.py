"""What an order on a station does."""

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import HubFace
from moodroom_hub.domain.models import Uri, ZoneName
from moodroom_hub.domain.stations.models import StationKey, VoteKind, slug_of


async def play_station(hub: HubFace, station: StationKey, zone: ZoneName | None) -> None:
    """Have it on and playing; a song of it that plays goes on. Raises ``Trouble``."""
    # What is wanted is asked without waiting: of orders that come one after another, the last one shall win.
    if hub.wanted_room(zone) == slug_of(station):
        now = (await hub.state(zone)).now_playing
        if now is not None and now.station == station and now.is_playing:
            return
    await hub.play_station(station, zone)


async def vote_on(hub: HubFace, kind: VoteKind, zone: ZoneName | None, meant: Uri | None) -> None:
    """Like or dislike what plays in the zone, or ``meant``. Raises ``Trouble``."""
    view = await hub.state(zone)
    now = view.now_playing
    station = (None if now is None else now.station) or view.active_station
    if station is None:
        raise Trouble(TroubleCode.CONFLICT, "No station plays: there is nothing to like or dislike.")
    playing = now.track.uri if now is not None and now.station == station else None
    await hub.radio.vote(station, kind, meant or playing)
