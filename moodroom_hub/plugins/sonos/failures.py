"""What goes wrong at a speaker, as the hub's troubles. A speaker's own words are never passed on."""

from enum import StrEnum

from moodroom_hub.core.errors import Trouble, TroubleCode


class Failure(StrEnum):
    """How a call to a speaker failed."""

    UNREACHABLE = "unreachable"
    """No connection: nothing was sent."""
    SILENT = "silent"
    """It was sent, and no whole answer came in time: it may have been done."""
    REFUSED = "refused"
    """The speaker said no, mostly with a UPnP code."""
    MALFORMED = "malformed"
    """An answer came that is none."""
    BUSY = "busy"
    """Another call to the same speaker is under way: nothing was sent."""
    CLOSED = "closed"
    """The plugin is being stopped: nothing was sent."""


_REASONS = {
    402: "it does not take these values",
    501: "it could not do it",
    701: "it cannot do that just now",
    711: "there is no such place in its queue",
    712: "it does not play in that order",
    714: "it cannot play that kind of thing",
    715: "somebody else uses it",
    716: "it does not find that",
    800: "it is not the one that leads its group, or does not know the music service",
}
_NOTHING_SENT = frozenset({Failure.UNREACHABLE, Failure.BUSY, Failure.CLOSED, Failure.REFUSED})


class SonosTrouble(Trouble):
    """A ``Trouble`` that still knows how the call failed; ``upnp_code`` is the speaker's own, where it gave one."""

    def __init__(self, failure: Failure, message: str, *, upnp_code: int | None = None) -> None:
        code = TroubleCode.REFUSED if failure is Failure.REFUSED else TroubleCode.UNAVAILABLE
        super().__init__(code, message, outcome_unknown=failure not in _NOTHING_SENT)
        self.failure = failure
        self.upnp_code = upnp_code


def unreachable(where: str) -> SonosTrouble:
    """No connection."""
    return SonosTrouble(Failure.UNREACHABLE, f"The speaker at {where} cannot be reached. Is it plugged in?")


def silent(where: str) -> SonosTrouble:
    """No answer in time."""
    return SonosTrouble(Failure.SILENT, f"The speaker at {where} does not answer in time.")


def malformed(where: str) -> SonosTrouble:
    """An answer that cannot be read."""
    return SonosTrouble(Failure.MALFORMED, f"What answers at {where} does not speak like a Sonos speaker.")


def refused(where: str, upnp_code: int | None) -> SonosTrouble:
    """A clear no."""
    reason = _REASONS.get(upnp_code or 0, "it gave no reason that is known")
    code = "" if upnp_code is None else f" (UPnP {upnp_code})"
    return SonosTrouble(Failure.REFUSED, f"The speaker at {where} refused: {reason}{code}.", upnp_code=upnp_code)


def busy(where: str) -> SonosTrouble:
    """Its turn did not come."""
    return SonosTrouble(Failure.BUSY, f"The speaker at {where} still works on what it was asked before.")


def closed() -> SonosTrouble:
    """The plugin stops."""
    return SonosTrouble(Failure.CLOSED, "The connection to the speakers is shut down.")
