"""How a player says no."""

from enum import IntEnum


class Code(IntEnum):
    """The UPnP error codes that players answer with."""

    INVALID_ACTION = 401
    INVALID_ARGS = 402
    ACTION_FAILED = 501
    VALUE_INVALID = 600
    NO_SUCH_OBJECT = 701
    """At the content directory; at the transport the same number is ``TRANSITION_NOT_AVAILABLE``."""
    SEEK_MODE = 710
    ILLEGAL_SEEK_TARGET = 711
    PLAY_MODE = 712
    ILLEGAL_MIME = 714
    NO_RESOURCE = 716
    NOT_COORDINATOR = 800
    """Also what a music service's refusal looks like."""


TRANSITION_NOT_AVAILABLE = Code.NO_SUCH_OBJECT


class UpnpError(Exception):
    """A command was refused with this code; nothing happened."""

    def __init__(self, code: Code) -> None:
        super().__init__(f"UPnP error {code.value}")
        self.code = code
