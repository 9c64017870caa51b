"""What comes from the broker and what goes to it, as the rest of the bridge sees it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message. ``is_retained``: an old one that the broker had kept; it orders nothing.

    ``response_topic`` and ``correlation`` are MQTT 5's: where the sender wants its answer, and what to send along.
    """

    topic: str
    payload: bytes
    is_retained: bool
    response_topic: str | None = None
    correlation: bytes | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to publish, at least once."""

    topic: str
    payload: bytes
    is_retained: bool = True
    correlation: bytes | None = None
