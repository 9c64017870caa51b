"""What is known of each speaker between two looks."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

from moodroom_hub.domain.models import EpochMs
from moodroom_hub.plugins.sonos.failures import SonosTrouble
from moodroom_hub.plugins.sonos.showing import Shown

GONE_AFTER_MS: Final = 20_000
"""A speaker that did not answer for so long is gone."""


@dataclass(slots=True)
class Watch:
    """One speaker's state. ``due_ms``: when it is looked at next; ``failing_since_ms``: when it fell silent."""

    shown: Shown = field(default_factory=Shown)
    due_ms: int = 0
    failing_since_ms: EpochMs | None = None
    failed_ms: EpochMs = EpochMs(0)
    trouble: SonosTrouble | None = None
    task: asyncio.Task[None] | None = None
    task_touches: int = -1


Watches = defaultdict[str, Watch]
"""By the speaker's uid."""
