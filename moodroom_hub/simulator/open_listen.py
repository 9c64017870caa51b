"""A listen that has not ended yet: where the needle stands, and what was heard."""

from dataclasses import dataclass

from moodroom_hub.simulator.items import Item
from moodroom_hub.simulator.truth import Actor, CameFrom, EndedBy, TrueListen


@dataclass(slots=True)
class OpenListen:
    """``position_ms`` was true at ``anchor_ms``; an anchor in the future is a device that still wakes."""

    id: int
    item: Item
    queued_uri: str
    started_ms: int
    start_position_ms: int
    position_ms: int
    anchor_ms: int
    came_from: CameFrom
    put_there_by: Actor
    context_uri: str | None
    device: str
    is_private: bool
    fade_ms: int = 0
    is_running: bool = True
    heard_ms: int = 0
    max_position_ms: int = 0
    seeks: int = 0
    pauses: int = 0
    transfers: int = 0

    def position_at(self, at_ms: int) -> int:
        """Where the needle stands."""
        if not self.is_running:
            return self.position_ms
        return min(self.item.duration_ms, self.position_ms + max(0, at_ms - self.anchor_ms))

    @property
    def due_ms(self) -> int | None:
        """When the item ends by itself, unless something happens first."""
        if not self.is_running:
            return None
        return self.anchor_ms + max(0, self.item.duration_ms - self.fade_ms - self.position_ms)

    def settle(self, at_ms: int) -> None:
        """Book what was heard until now and put the anchor here."""
        if self.is_running:
            position_ms = self.position_at(at_ms)
            self.heard_ms += position_ms - self.position_ms
            self.position_ms = position_ms
            self.anchor_ms = max(self.anchor_ms, at_ms)
        self.max_position_ms = max(self.max_position_ms, self.position_ms)

    def run(self, from_ms: int) -> None:
        """Sound from this moment on."""
        self.anchor_ms = from_ms
        self.is_running = True

    def pause(self, at_ms: int) -> None:
        """Stand still."""
        self.settle(at_ms)
        self.is_running = False
        self.pauses += 1

    def seek(self, at_ms: int, position_ms: int) -> None:
        """Put the needle elsewhere. Behind the fade's beginning the item runs to its very end."""
        self.settle(at_ms)
        self.position_ms = position_ms
        self.max_position_ms = max(self.max_position_ms, position_ms)
        self.seeks += 1
        if position_ms > self.item.duration_ms - self.fade_ms:
            self.fade_ms = 0

    def end(self, at_ms: int, ended_by: EndedBy) -> TrueListen:
        """The finished listen."""
        self.settle(at_ms)
        return TrueListen(
            id=self.id,
            uri=self.item.uri,
            queued_uri=self.queued_uri,
            kind=self.item.kind,
            duration_ms=self.item.duration_ms,
            started_ms=self.started_ms,
            ended_ms=at_ms,
            start_position_ms=self.start_position_ms,
            end_position_ms=self.position_ms,
            heard_ms=self.heard_ms,
            max_position_ms=self.max_position_ms,
            ended_by=ended_by,
            came_from=self.came_from,
            put_there_by=self.put_there_by,
            device=self.device,
            seeks=self.seeks,
            pauses=self.pauses,
            transfers=self.transfers,
            context_uri=self.context_uri,
            is_private=self.is_private,
        )
