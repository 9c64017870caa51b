"""What may be done to a player's queue."""

from collections.abc import Sequence

from moodroom_hub.simulator.sonos.faults import Code, UpnpError
from moodroom_hub.simulator.sonos.following import Following
from moodroom_hub.simulator.sonos.music import MediaKind, SonosTrack
from moodroom_hub.simulator.sonos.players import Deck, Entry, SimPlayer
from moodroom_hub.simulator.sonos.session import SHUFFLES
from moodroom_hub.simulator.sonos.truth import Began


class Queues(Following):
    """The session with its queues. All places count from 1; ``place`` 0 is behind the last."""

    def insert(self, name: str, tracks: Sequence[SonosTrack], place: int = 0, *, is_next: bool = False) -> int:
        """Put tracks into the queue of this very player; the place of the first one. Raises ``UpnpError``."""
        with self.looked_at():
            player = self.player(name)
            deck = player.deck
            if place < 0 or place > len(deck.queue) + 1:
                raise UpnpError(Code.VALUE_INVALID)
            first = len(deck.queue) + 1 if place == 0 else place
            entries = []
            for track in tracks:
                entries.append(Entry(deck.next_entry_id, track))
                deck.next_entry_id += 1
            deck.queue[first - 1 : first - 1] = entries
            self._into_order(deck, [entry.id for entry in entries], is_next=is_next)
            self._queue_changed(player)
            return first

    def remove(self, name: str, place: int, count: int = 1) -> int:
        """Take entries out; the queue's new update id. The next one plays on. Raises ``UpnpError``."""
        with self.looked_at():
            player = self.player(name)
            deck = player.deck
            if place < 1 or count < 1 or place + count - 1 > len(deck.queue):
                raise UpnpError(Code.VALUE_INVALID)
            gone = {entry.id for entry in deck.queue[place - 1 : place - 1 + count]}
            is_current = deck.entry_id in gone and deck.media.kind is MediaKind.QUEUE
            heir = deck.entry_id
            while heir in gone:
                behind = [entry.id for entry in deck.queue[place - 1 + count :]]
                heir = behind[0] if behind else None
            deck.queue = [entry for entry in deck.queue if entry.id not in gone]
            deck.order = [one for one in deck.order if one not in gone]
            if is_current:
                self._current_was_removed(player, heir)
            elif deck.entry_id in gone:
                deck.entry_id = heir
            return self._queue_changed(player)

    def clear(self, name: str) -> int:
        """Empty the queue of this very player; what plays out of it stops."""
        with self.looked_at():
            player = self.player(name)
            deck = player.deck
            deck.queue, deck.order = [], []
            if deck.media.kind is MediaKind.QUEUE:
                self._drop_listen(player.uid)
                self._came_to_the_end(player.uid)
            deck.entry_id = None
            return self._queue_changed(player)

    def reorder(self, name: str, place: int, count: int, before: int) -> int:
        """Move ``count`` entries from ``place`` to stand before ``before``. Raises ``UpnpError``."""
        with self.looked_at():
            player = self.player(name)
            deck = player.deck
            last = len(deck.queue)
            if place < 1 or count < 1 or place + count - 1 > last or not 1 <= before <= last + 1:
                raise UpnpError(Code.VALUE_INVALID)
            if place < before < place + count:
                raise UpnpError(Code.VALUE_INVALID)
            moved = deck.queue[place - 1 : place - 1 + count]
            rest = deck.queue[: place - 1] + deck.queue[place - 1 + count :]
            target = before - 1 if before <= place else before - 1 - count
            deck.queue = rest[:target] + moved + rest[target:]
            return self._queue_changed(player)

    def upcoming(self, deck: Deck) -> SonosTrack | None:
        """What will follow by itself."""
        following = self._following(deck)
        return next((entry.track for entry in deck.queue if entry.id == following), None)

    def _queue_changed(self, player: SimPlayer) -> int:
        deck = player.deck
        deck.update_id += 1
        if deck.entry_id is None and deck.queue:
            deck.entry_id = deck.queue[0].id
        self._note(player.uid, "AVTransport")
        self._note(player.uid, "Queue")
        self._note(player.uid, "ContentDirectory")
        return deck.update_id

    def _current_was_removed(self, player: SimPlayer, heir: int | None) -> None:
        deck = player.deck
        was_running = deck.is_running
        self._drop_listen(player.uid)
        deck.position_ms, deck.anchor_ms = 0, self._at_ms
        deck.entry_id = heir
        if heir is None:
            self._came_to_the_end(player.uid)
        elif was_running:
            self._sound(player.uid, Began.START)

    def _into_order(self, deck: Deck, ids: list[int], *, is_next: bool) -> None:
        current = deck.order.index(deck.entry_id) + 1 if deck.entry_id in deck.order else 0
        for offset, one in enumerate(ids):
            is_shuffling = deck.play_mode in SHUFFLES
            place = self._rng.randint(current, len(deck.order)) if is_shuffling else len(deck.order)
            deck.order.insert(current + offset if is_next else place, one)

    def _shuffle(self, deck: Deck) -> None:
        rest = [entry.id for entry in deck.queue if entry.id != deck.entry_id]
        self._rng.shuffle(rest)
        deck.order = [*([deck.entry_id] if deck.entry_id is not None else []), *rest]
