"""What has to be done now and then: sync, warn, tidy up."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from moodroom_hub.core.bus import Bus, MakeEvent
from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import MoodroomError
from moodroom_hub.core.events import Event, LoginExpiring
from moodroom_hub.core.face import SyncReport
from moodroom_hub.core.ports import Account, LoginStatus
from moodroom_hub.core.store import Change, Store
from moodroom_hub.domain.models import HOME, EpochMs

if TYPE_CHECKING:
    from moodroom_hub.core.sorting import Sorter
    from moodroom_hub.core.stations import Radio

log = logging.getLogger(__name__)

WARN_DAYS = (30, 7, 3, 1, 0)
EVENTS_KEPT_MS = 30 * 86_400_000
BACKUPS_KEPT = 7
WARNED_FACT = "login_warned"


class Errands(Protocol):
    """What the jobs ask of the hub (``commands.Commands``)."""

    @property
    def accounts(self) -> Sequence[Account]:
        """Every account."""
        ...

    @property
    def sorter_with_layers(self) -> "Sorter | None":
        """The sorter, if it has anything to sort."""
        ...

    @property
    def radio_if_any(self) -> "Radio | None":
        """The radio, if there is one."""
        ...

    async def sync_library(self) -> SyncReport:
        """Read new liked songs, and have them sorted."""
        ...


class Chores:
    """The jobs of the calendar."""

    def __init__(self, commands: Errands, store: Store, bus: Bus, clock: Clock, data_dir: Path) -> None:
        self._commands = commands
        self._store = store
        self._bus = bus
        self._clock = clock
        self._backups = data_dir / "backups"

    async def sync_library(self) -> None:
        """Read new liked songs, where somebody is logged in."""
        now_ms = self._clock.now_ms()
        usable = {LoginStatus.OK, LoginStatus.EXPIRING}
        if any(account.login_state(now_ms).status in usable for account in self._commands.accounts):
            report = await self._commands.sync_library()
            told = (report.new, report.total, report.moved, report.playlists)
            log.info("library: %d new of %d liked songs, %d moved up, %d playlists read", *told)

    async def sort(self) -> None:
        """Let the sorter retrain what is due."""
        sorter = self._commands.sorter_with_layers
        if sorter is not None:
            await sorter.nightly()

    async def tend_stations(self) -> None:
        """Let the radio read new stations, refill rooms, and learn what is new."""
        radio = self._commands.radio_if_any
        if radio is not None:
            await radio.nightly()

    async def warn_of_logins(self) -> None:
        """Say 30, 7, 3, 1 and 0 days before a login ends that it does; each once."""
        for account in self._commands.accounts:
            days = account.login_state(self._clock.now_ms()).days_left
            fact = f"{WARNED_FACT}:{account.name}"
            warned = await self._store.fact(fact)
            if days is None or days > max(WARN_DAYS):
                if warned:
                    await self._bus.publish([], Change(facts={fact: ""}))
                continue
            step = min(each for each in WARN_DAYS if days <= each)
            if warned == str(step):
                continue
            log.warning("the login at %s ends in %d days; log in again for a new term", account.name, days)
            change = Change(facts={fact: str(step)})
            await self._bus.publish([_expiring(account, days)], change)

    async def tidy(self) -> None:
        """Back up (the newest week is kept), forget old events and findings; what was heard and learnt stays."""
        name = f"{self._clock.now():%Y-%m-%d}.daily.db"
        try:
            self._backups.mkdir(exist_ok=True, mode=0o700)
            target = self._backups / name
            if not target.exists():
                await self._store.backup(target)
            for old in sorted(self._backups.glob("*.daily.db"))[:-BACKUPS_KEPT]:
                old.unlink()
        except (MoodroomError, OSError) as error:
            log.warning("no backup today: %s", error)
        await self._store.prune(EpochMs(self._clock.now_ms() - EVENTS_KEPT_MS))
        await self._store.findings.expire(self._clock.now_ms())


def _expiring(account: Account, days: int) -> MakeEvent:
    def make(event_id: int, at_ms: EpochMs) -> Event:
        return LoginExpiring(id=event_id, zone=HOME, at_ms=at_ms, account=account.name, days_left=days)

    return make
