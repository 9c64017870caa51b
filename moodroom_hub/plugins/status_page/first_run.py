"""What the first run has under way: reading the liked songs, and the estimate of a mining."""

from dataclasses import dataclass
from enum import StrEnum

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import MoodroomError
from moodroom_hub.core.face import HubFace, SyncReport
from moodroom_hub.core.miners import EstimateView


class SyncStatus(StrEnum):
    """Where reading the liked songs stands."""

    IDLE = "idle"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(slots=True)
class FirstRun:
    """For as long as the hub runs; the page shows it to whoever looks."""

    sync: SyncStatus = SyncStatus.IDLE
    began_at_ms: int = 0
    report: SyncReport | None = None
    problem: str = ""
    estimate: EstimateView | None = None

    async def read_library(self, hub: HubFace, clock: Clock) -> None:
        """Read the liked songs, and remember how it went. One at a time."""
        if self.sync is SyncStatus.RUNNING:
            return
        self.sync, self.began_at_ms, self.problem = SyncStatus.RUNNING, clock.now_ms(), ""
        self.estimate = None
        try:
            self.report = await hub.sync_library()
            self.sync = SyncStatus.DONE
        except MoodroomError as error:
            self.sync, self.problem = SyncStatus.FAILED, str(error)
        finally:
            if self.sync is SyncStatus.RUNNING:  # cancelled, or a fault of its own
                self.sync, self.problem = SyncStatus.FAILED, "Reading was broken off; begin again."
