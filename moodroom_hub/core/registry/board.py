"""How every plugin is, and why: one status machine for what it says of itself and what is seen of it."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.context import Plugin, Role
from moodroom_hub.core.dispatch import HookTimeout
from moodroom_hub.core.errors import MoodroomError
from moodroom_hub.core.face import PluginStatus, PluginView
from moodroom_hub.core.reasons import one_line, reason_of, status_of
from moodroom_hub.core.registry.candidates import Candidate

_log = logging.getLogger(__name__)

RECOVERY_MS = 60_000
"""So long after its last failure a hook must work before it counts as well.

Else a plugin that fails on the very news of its own failure would keep itself and the hub busy for ever.
"""
TELLS_ALLOWED = 20
TELL_WINDOW_MS = 60_000

_WORSE = {
    PluginStatus.RUNNING: 0,
    PluginStatus.WAITING: 1,
    PluginStatus.NEEDS_LOGIN: 2,
    PluginStatus.FAILED: 3,
    PluginStatus.DISABLED: 4,
}
_HOOK = "hook "


def loop_key(name: str) -> str:
    """The key of what is held against a supervised loop."""
    return f"loop {name}"


@dataclass(slots=True)
class _Complaint:
    status: PluginStatus
    reason: str
    kind: str
    last_s: float


@dataclass(slots=True, eq=False)
class Record:
    """Everything that is known of one plugin. ``plugin`` is there while it takes part."""

    candidate: Candidate
    status: PluginStatus = PluginStatus.WAITING
    reason: str = "not started yet"
    plugin: Plugin | None = None
    config_model: type[Any] | None = None
    is_started: bool = False
    is_start_tried: bool = False
    times_said: int = 0
    complaints: dict[str, _Complaint] = field(default_factory=dict)
    told: tuple[PluginStatus, str] | None = None
    tells_s: deque[float] = field(default_factory=lambda: deque(maxlen=TELLS_ALLOWED))

    @property
    def label(self) -> str:
        """What the plugin is called."""
        return self.candidate.label

    @property
    def role(self) -> Role | None:
        """When it starts; ``None`` where it takes no part."""
        return None if self.plugin is None else self.plugin.role

    def view(self) -> PluginView:
        """The worst of what it says of itself and of what is known against it."""
        status, reason = self.status, self.reason
        if status is not PluginStatus.DISABLED and self.complaints:
            worst = max(self.complaints.values(), key=lambda complaint: _WORSE[complaint.status])
            if _WORSE[worst.status] >= _WORSE[status]:
                status, reason = worst.status, worst.reason
        return PluginView(self.label, status, reason, self.candidate.is_builtin)


class Board:
    """The records of all plugins. ``on_change(view)`` hears of every change while ``is_telling``."""

    def __init__(self, clock: Clock, on_change: Callable[[PluginView], None]) -> None:
        self._clock = clock
        self._on_change = on_change
        self._records: dict[str, Record] = {}
        self.is_telling = False

    def add(self, record: Record) -> None:
        """Take a plugin in."""
        self._records[record.label] = record

    def record(self, label: str) -> Record:
        """One plugin. Raises ``KeyError``."""
        return self._records[label]

    def records(self) -> Iterable[Record]:
        """All plugins, built-in ones first."""
        return tuple(self._records.values())

    def views(self) -> tuple[PluginView, ...]:
        """How all of them are."""
        return tuple(record.view() for record in self._records.values())

    def begin_telling(self) -> None:
        """From here on changes are told; what is so already is not."""
        for record in self._records.values():
            view = record.view()
            record.told = (view.status, view.reason)
        self.is_telling = True

    def settle(self, label: str, status: PluginStatus, reason: str) -> None:
        """How a plugin's start ended, as the hub saw it."""
        record = self._records[label]
        record.status, record.reason = status, one_line(reason)
        self._tell(record)

    def set_status(self, label: str, status: PluginStatus, reason: str) -> None:
        """What a plugin says of itself; ends what was held against its loops and jobs."""
        record = self._records[label]
        record.status, record.reason = status, one_line(reason)
        record.times_said += 1
        record.complaints = {what: complaint for what, complaint in record.complaints.items() if what.startswith(_HOOK)}
        self._tell(record)

    def complain(self, label: str, what: str, status: PluginStatus, reason: str) -> None:
        """Hold something against a plugin until it is ``clear``ed. Unknown labels (the hub's own) are ignored."""
        record = self._records.get(label)
        if record is not None:
            record.complaints[what] = _Complaint(status, one_line(reason), "", self._now_s())
            self._tell(record)

    def clear(self, label: str, what: str) -> None:
        """Hold it against the plugin no more."""
        record = self._records.get(label)
        if record is not None and record.complaints.pop(what, None) is not None:
            self._tell(record)

    def hook_failed(self, label: str, hook: str, error: BaseException) -> None:
        """A hook failed: logged with its trace the first time, then only when it fails in another way."""
        record = self._records[label]
        what, kind, reason = _HOOK + hook, type(error).__name__, reason_of(error)
        known = record.complaints.get(what)
        if known is not None and known.kind == kind:
            known.last_s = self._now_s()
            _log.debug("%s: %s failed again: %s", label, hook, reason)
            return
        trace = None if isinstance(error, MoodroomError | HookTimeout) else error
        _log.error("%s: %s failed: %s", label, hook, reason, exc_info=trace)
        text = one_line(f"{hook} failed: {reason}")
        record.complaints[what] = _Complaint(status_of(error), text, kind, self._now_s())
        self._tell(record)

    def hook_worked(self, label: str, hook: str) -> None:
        """A hook worked; if it failed before, that is forgotten once it is a while ago."""
        record = self._records[label]
        if not record.complaints:
            return
        known = record.complaints.get(_HOOK + hook)
        if known is not None and self._now_s() - known.last_s >= self._clock.real_seconds(RECOVERY_MS):
            _log.info("%s: %s works again", label, hook)
            self.clear(label, _HOOK + hook)

    def _now_s(self) -> float:
        return asyncio.get_running_loop().time()

    def _tell(self, record: Record) -> None:
        view = record.view()
        if not self.is_telling or record.told == (view.status, view.reason):
            return
        now_s = self._now_s()
        window_s = self._clock.real_seconds(TELL_WINDOW_MS)
        if len(record.tells_s) == TELLS_ALLOWED and now_s - record.tells_s[0] < window_s:
            _log.debug("%s changes its status too often; not told: %s (%s)", record.label, view.status, view.reason)
            return
        record.tells_s.append(now_s)
        record.told = (view.status, view.reason)
        self._on_change(view)
