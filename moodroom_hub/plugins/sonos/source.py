"""The eyes of one zone."""

from moodroom_hub.domain.models import PlaybackSnapshot
from moodroom_hub.plugins.sonos.house import House


class SonosSource:
    """What one speaker's zone plays. The household is looked at as a whole, so most looks are answered at once."""

    def __init__(self, house: House, uid: str) -> None:
        self._house = house
        self._uid = uid

    async def look(self) -> PlaybackSnapshot:
        """Look once. ``NOTHING`` where the speaker plays another one's music, has none, or is gone for long.

        Raises ``Trouble(UNAVAILABLE)`` where it does not answer.
        """
        return await self._house.see(self._uid)
