"""Reading requests and writing JSON: strict in both directions."""

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

from aiohttp import web
from pydantic import BaseModel, ValidationError

from moodroom_hub.core.wire.refusals import refusal
from moodroom_hub.plugins.status_page.problems import ApiError, bad_request

BODY_LIMIT: Final = 64 * 1024
FILE_LIMIT: Final = 8 * 1024 * 1024
"""For the one call that takes a whole file."""
READ_TIMEOUT_S: Final = 15.0
MOST_ROWS: Final = 200
MOST_FIELDS: Final = 60
LARGEST_ID: Final = 2**63 - 1
LEAST_ID: Final = -(2**53) + 1
"""Listens of the imported past have ids below 0."""

_NUMERAL: Final = re.compile("-?[0-9]{1,19}")
OrderT = TypeVar("OrderT", bound=BaseModel)


def json_answer(payload: BaseModel | Mapping[str, Any], status: int = 200) -> web.Response:
    """``payload`` as an answer; ASCII only, so that no title can disturb a reader of bytes or lines."""
    return web.Response(body=dumps(payload), status=status, content_type="application/json")


def dumps(payload: BaseModel | Mapping[str, Any]) -> bytes:
    """``payload`` as one line of ASCII JSON."""
    plain = payload.model_dump(mode="json", by_alias=True) if isinstance(payload, BaseModel) else payload
    return json.dumps(plain, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode("ascii")


def see_other(location: str) -> web.Response:
    """Send the browser on with a GET."""
    return web.Response(status=303, headers={"Location": location})


async def read_order(request: web.Request, model: type[OrderT], limit: int = BODY_LIMIT) -> OrderT:
    """The request's JSON body as ``model``; no body at all counts as ``{}``. Raises ``ApiError``."""
    body = await read_body(request, limit)
    if not body:
        return validate(model, {})
    if request.content_type != "application/json" or (request.charset or "utf-8").lower() != "utf-8":
        raise ApiError(415, "unsupported_media_type", "send the body as application/json in UTF-8")
    return validate(model, parse_json(body))


def parse_json(body: bytes) -> Any:
    """One JSON value and nothing after it. Refuses what parsers differ on: NaN, doubled keys, other encodings."""
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_object, parse_constant=_no_constant)
    except RecursionError:
        raise bad_request("the JSON is nested too deeply") from None
    except ValueError:  # also UnicodeDecodeError, JSONDecodeError and numbers with thousands of digits
        raise bad_request("the body is not valid JSON (UTF-8, no doubled keys, no NaN)") from None


def validate(model: type[OrderT], given: Any) -> OrderT:
    """``given`` as ``model``. Raises ``ApiError`` that names each wrong key, never its value."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise bad_request(refusal(error)) from None


async def read_form(request: web.Request, limit: int = BODY_LIMIT, most_fields: int = MOST_FIELDS) -> dict[str, str]:
    """The fields of a plain HTML form. Raises ``ApiError``."""
    body = await read_body(request, limit)
    if not body:
        return {}
    if request.content_type != "application/x-www-form-urlencoded":
        raise ApiError(415, "unsupported_media_type", "send the form as application/x-www-form-urlencoded")
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=most_fields)
    except ValueError:
        raise bad_request("the form is not readable") from None
    return dict(pairs)


async def read_body(request: web.Request, limit: int = BODY_LIMIT) -> bytes:
    """The whole body, bounded in size (``limit`` bytes) and time. Raises ``ApiError``."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise ApiError(415, "unsupported_media_type", "send the body without compression")
    if request.content_length is not None and request.content_length > limit:
        raise _too_large(limit)
    body = bytearray()
    try:
        async with asyncio.timeout(READ_TIMEOUT_S):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > limit:
                    raise _too_large(limit)
            return bytes(body)
    except TimeoutError:
        raise ApiError(408, "timeout", "the body took too long to arrive", headers={"Connection": "close"}) from None
    except web.RequestPayloadError:
        raise bad_request("the body could not be read") from None


def whole_number(given: str, *, least: int, most: int, name: str) -> int:
    """A plain decimal numeral within bounds. Raises ``ApiError``."""
    if _NUMERAL.fullmatch(given) and least <= int(given) <= most:
        return int(given)
    raise bad_request(f"{name}: expected a whole number from {least} to {most}")


def paging(request: web.Request, least: int = 1) -> tuple[int, int | None]:
    """``limit`` (1 to 200, default 50) and ``before`` (an id from ``least``) of a paged call. Raises ``ApiError``."""
    limit = query_value(request, "limit")
    before = query_value(request, "before")
    return (
        50 if limit is None else whole_number(limit, least=1, most=MOST_ROWS, name="limit"),
        None if before is None else whole_number(before, least=least, most=LARGEST_ID, name="before"),
    )


def query_value(request: web.Request, name: str) -> str | None:
    """One query parameter; given twice it is refused."""
    values = request.query.getall(name, [])
    if len(values) > 1:
        raise bad_request(f"{name}: given more than once")
    return values[0] if values else None


def _too_large(limit: int) -> ApiError:
    return ApiError(413, "too_large", f"the body is larger than {limit // 1024} kB", headers={"Connection": "close"})


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("doubled key")
    return found


def _no_constant(_: str) -> Any:
    raise ValueError("NaN and Infinity are no JSON")
