"""Numbers that grow for ever. One hub at a time owns a database (see ``lock``), so counting in memory is enough."""

from moodroom_hub.core.store import LastIds


class Ids:
    """The next number of each kind; starts where the database ends."""

    def __init__(self, last: LastIds) -> None:
        self._event = last.event
        self._receipt = last.receipt
        self._ledger = last.ledger
        self._play = last.play

    def event(self) -> int:
        """The next event's id."""
        self._event += 1
        return self._event

    def receipt(self) -> int:
        """The next receipt's id."""
        self._receipt += 1
        return self._receipt

    def ledger(self) -> int:
        """The next ledger entry's id."""
        self._ledger += 1
        return self._ledger

    def play(self) -> int:
        """The next play's id."""
        self._play += 1
        return self._play

    @property
    def last_event(self) -> int:
        """The newest event's id."""
        return self._event
