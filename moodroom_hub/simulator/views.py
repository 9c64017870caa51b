"""What the service could show of the player at some moment, and the views of the last minutes."""

from collections import deque
from dataclasses import dataclass

from moodroom_hub.simulator.devices import SimDevice
from moodroom_hub.simulator.items import Item, ItemKind

_KEPT_VIEWS = 400  # a stuck quarter of an hour must fit in


@dataclass(frozen=True, slots=True)
class PlayerView:
    """The player between two changes. ``item`` is ``None`` where nothing was ever played or no device is active.

    ``device`` is a copy. ``anchor_ms`` is the moment for which ``position_ms`` was true. ``upcoming`` is the true
    order of what comes: the listener's queue first (``queued`` of them), then the context.
    """

    changed_ms: int
    item: Item | None
    position_ms: int
    anchor_ms: int
    is_playing: bool
    device: SimDevice | None
    context_uri: str | None
    repeat: str
    shuffle: bool
    upcoming: tuple[str, ...]
    queued: int

    @property
    def kind(self) -> ItemKind | None:
        """What sort of thing plays."""
        return None if self.item is None else self.item.kind

    def position_at(self, at_ms: int) -> int:
        """The position that this view claims for ``at_ms``, never beyond the item's end."""
        if self.item is None:
            return 0
        if not self.is_playing:
            return self.position_ms
        return min(self.item.duration_ms, self.position_ms + max(0, at_ms - self.anchor_ms))


class ViewLog:
    """The last views, oldest first."""

    def __init__(self) -> None:
        self._views: deque[PlayerView] = deque(maxlen=_KEPT_VIEWS)

    def add(self, view: PlayerView) -> None:
        """Add the newest; a second change at the same moment replaces the first."""
        if self._views and self._views[-1].changed_ms == view.changed_ms:
            self._views.pop()
        self._views.append(view)

    def at(self, at_ms: int) -> PlayerView:
        """The view that was true then (the oldest kept one, if that is too long ago)."""
        for view in reversed(self._views):
            if view.changed_ms <= at_ms:
                return view
        return self._views[0]

    def newest_first(self) -> list[PlayerView]:
        """All kept views."""
        return list(reversed(self._views))
