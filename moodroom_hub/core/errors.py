"""The failures that cross the hub's borders, each with what a person can do about it."""

from enum import StrEnum


class TroubleCode(StrEnum):
    """Why a command could not be carried out; the ``code`` of the HTTP API's errors."""

    NO_DEVICE = "no_device"
    LOGIN_NEEDED = "login_needed"
    RATE_LIMITED = "rate_limited"
    RESTRICTED_DEVICE = "restricted_device"
    PREMIUM_REQUIRED = "premium_required"
    EMPTY_POOL = "empty_pool"
    UNAVAILABLE = "unavailable"
    """The service did not answer, or answered with a fault of its own."""
    REFUSED = "refused"
    """The service understood and said no, for none of the reasons above."""
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    SUPERSEDED = "superseded"
    """Somebody asked for something else before it was carried out: the last order counts."""
    BAD_REQUEST = "bad_request"


class MoodroomError(Exception):
    """Base of all errors that are told to a person as one line."""


class Trouble(MoodroomError):
    """A command failed for a known reason.

    ``message`` says what happened and the mend. ``outcome_unknown`` is true where the service may have
    done it all the same (time-out, 5xx): such a request is never blindly repeated.
    ``retry_after_s`` is set for ``RATE_LIMITED``. ``zone``: the one in which it would work.
    """

    def __init__(
        self,
        code: TroubleCode,
        message: str,
        *,
        retry_after_s: float | None = None,
        outcome_unknown: bool = False,
        zone: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry_after_s = retry_after_s
        self.outcome_unknown = outcome_unknown
        self.zone = zone


class NotReady(MoodroomError):
    """A plugin cannot work yet (its service is away); the supervisor backs off and tries again."""


class NeedsLogin(MoodroomError):
    """A plugin waits for its owner to log in; the supervisor parks it until it is told otherwise."""


class StartError(MoodroomError):
    """The hub refuses to start; the text says why and what mends it."""
