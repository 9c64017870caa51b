"""Failures as the API tells them: ``{"error": {"code", "message"}}`` with the status that fits."""

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from moodroom_hub.core.errors import Trouble, TroubleCode

STATUS_OF: Final[Mapping[TroubleCode, int]] = {
    TroubleCode.NO_DEVICE: 409,
    TroubleCode.LOGIN_NEEDED: 409,
    TroubleCode.RATE_LIMITED: 409,
    TroubleCode.RESTRICTED_DEVICE: 409,
    TroubleCode.PREMIUM_REQUIRED: 409,
    TroubleCode.EMPTY_POOL: 409,
    TroubleCode.UNAVAILABLE: 503,
    TroubleCode.REFUSED: 409,
    TroubleCode.NOT_FOUND: 404,
    TroubleCode.CONFLICT: 409,
    TroubleCode.SUPERSEDED: 409,
    TroubleCode.BAD_REQUEST: 400,
}

_CODE_OF_STATUS: Final[Mapping[int, str]] = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "timeout",
    413: "too_large",
    415: "unsupported_media_type",
    417: "expectation_failed",
}


class ApiError(Exception):
    """One refused or failed request. ``retry_after_s`` also becomes the header ``Retry-After`` (whole seconds, up);
    ``zone`` is the one in which it would work."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        retry_after_s: float | None = None,
        zone: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.zone = zone
        self.retry_after = _whole_seconds(retry_after_s)
        self.headers = dict(headers or {})
        if self.retry_after is not None:
            self.headers["Retry-After"] = str(self.retry_after)

    def body(self) -> dict[str, Any]:
        """The JSON answer."""
        detail: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.retry_after is not None:
            detail["retry_after"] = self.retry_after
        if self.zone is not None:
            detail["zone"] = self.zone
        return {"error": detail}


def from_trouble(trouble: Trouble) -> ApiError:
    """The hub's own failure as an answer."""
    return ApiError(
        STATUS_OF.get(trouble.code, 409),
        trouble.code.value,
        trouble.message,
        retry_after_s=trouble.retry_after_s,
        zone=trouble.zone,
    )


def from_status(status: int, headers: Mapping[str, str]) -> ApiError:
    """The web server's own refusal (no such route, wrong method, too large) as an answer."""
    code = _CODE_OF_STATUS.get(status, "bad_request" if status < 500 else "internal")
    return ApiError(status, code, _phrase(status), headers=headers)


def not_found(what: str) -> ApiError:
    """404 for a ``what`` that does not exist; never repeats what was asked for."""
    return ApiError(404, "not_found", f"there is no such {what}")


def bad_request(message: str) -> ApiError:
    """400: the caller must change the request."""
    return ApiError(400, "bad_request", message)


def _phrase(status: int) -> str:
    if status == 404:
        return "there is no such page or call; /api/openapi.json lists them"
    try:
        return HTTPStatus(status).phrase.lower()
    except ValueError:
        return "the request was refused"


def _whole_seconds(seconds: float | None) -> int | None:
    if seconds is None or not math.isfinite(seconds):
        return None
    return max(0, math.ceil(seconds))
