"""A plugin that notes what the hub tells, for the score."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from benchmarks.truth.record import Learned, Told
from moodroom_hub.core.config import PluginConfig
from moodroom_hub.core.context import PluginContext, Role
from moodroom_hub.core.events import Completed, Event, Partial, PoolChanged, Skipped, TrackChanged
from moodroom_hub.core.hookspecs import hookimpl
from moodroom_hub.domain.models import Listen, ReceiptKind

Ear = Callable[[Event], None]

_books: list[tuple[Told, Sequence[Ear]]] = []


def write_into(told: Told, ears: Sequence[Ear] = ()) -> None:
    """Note everything here from now on, and tell the ``ears`` of every event."""
    _books[:] = [(told, ears)]


class Plugin:
    """Keeps verdicts by event id until their receipts come."""

    name: ClassVar[str] = "notebook"
    role: ClassVar[Role] = Role.POLICY
    Config: ClassVar[type[PluginConfig]] = PluginConfig

    def __init__(self, context: PluginContext[PluginConfig]) -> None:
        self._told, self._ears = _books[0]
        self._listens: dict[int, Listen] = {}

    @hookimpl
    async def on_event(self, event: Event) -> None:
        """Note it."""
        for ear in self._ears:
            ear(event)
        if isinstance(event, TrackChanged):
            self._told.changes.append(event.at_ms)
        elif isinstance(event, Skipped | Completed | Partial):
            self._listens[event.id] = event.listen
            self._told.others.append(_verdict(event.listen, event.at_ms))
        elif isinstance(event, PoolChanged) and event.receipt.event_id is not None:
            receipt = event.receipt
            listen = self._listens[event.receipt.event_id]
            end = listen.verdict.end
            learned = Learned(
                at_ms=event.at_ms,
                uri=receipt.track.uri,
                room=receipt.room,
                began_ms=listen.started_at_ms,
                ended_ms=listen.ended_at_ms,
                what=f"{receipt.kind} {receipt.track.name}: end {end.lo_ms}..{end.estimate_ms}..{end.hi_ms}",
            )
            kept = self._told.strikes if receipt.kind is ReceiptKind.SKIPPED else self._told.promotions
            kept.append(learned)


def _verdict(listen: Listen, at_ms: int) -> Learned:
    verdict = listen.verdict
    what = f"{verdict.kind}, {verdict.cause}"
    return Learned(at_ms, listen.track.uri, listen.room or "", listen.started_at_ms, listen.ended_at_ms, what)
