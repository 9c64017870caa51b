"""One zone at work: watching what plays, switching rooms, handing tracks over."""

from moodroom_hub.core.zone.zone import Zone, ZoneServices

__all__ = ["Zone", "ZoneServices"]
