"""The time zone of the machine, in which a person counts days and hours."""

import logging
from datetime import UTC, tzinfo

from moodroom_hub.core.reasons import reason_of

_log = logging.getLogger(__name__)


def local_time_zone() -> tzinfo:
    """The machine's time zone; UTC where it cannot be told."""
    try:
        # Late: a hub that is only asked something needs neither the time nor the memory.
        from tzlocal import get_localzone

        return get_localzone()
    except Exception as error:  # noqa: BLE001 -- a machine with a broken time zone shall still play music
        _log.warning("the machine's time zone cannot be told, so hours are meant as UTC: %s", reason_of(error))
        return UTC
