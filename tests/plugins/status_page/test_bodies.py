"""Malformed requests: each has its status and a message, and nothing ever answers 5xx."""

import io
import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moodroom_hub.plugins.status_page.bodies import FILE_LIMIT, parse_json, validate
from moodroom_hub.plugins.status_page.orders import LearningOrder, NextOrder, PasteOrder
from moodroom_hub.plugins.status_page.problems import ApiError
from tests.plugins.status_page.conftest import Site

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "body",
    [
        b"{", b'{"enabled": true} trailing', b'{"enabled": true}{"enabled": false}', b'{"enabled": 1}',
        b'{"enabled": "true"}', b'{"enabled": null}', b'{"enabled": NaN}', b"NaN", b"[]", b"1", b'"on"', b"null",
        b'{"enabled": true, "enabled": false}', b'{"enabled": true, "for": true}', b'{"enabled": true, "for": []}',
        b'{"enabled": true, "for": -1}', b'{"enabled": true, "for": 0}', b'{"enabled": true, "for": "soon"}',
        b'{"enabled": true, "for": 1e400}', b'{"enabled": true, "for": "99999d"}', b'{"Enabled": true}',
        b'{"enabled": true, "extra": 1}', b'{"enabled": true, "for_ms": 5}', b"{}", b"\xff\xfe{}", b"\xef\xbb\xbf{}",
        b'{"enabled": true, "for": ' + b"9" * 5_000 + b"}", b'{"enabled": true, "for": ' + b"9" * 400 + b"}",
        b"[" * 30_000, b'{"a":' * 10_000, b"\x00",
    ],
)  # fmt: skip
async def test_wrong_bodies_are_400(site: Site, body: bytes) -> None:
    answer = await site.post("/api/learning", data=body, headers=JSON)
    assert answer.status == 400
    error = (await answer.json())["error"]
    assert error["code"] == "bad_request"
    assert error["message"]
    assert site.hub.calls == []


async def test_what_is_no_object_is_told_so_in_words(site: Site) -> None:
    for path in ("/api/learning", "/api/player/pause", "/api/player/next"):
        for body in (b"[]", b"1", b"null"):
            error = (await (await site.post(path, data=body, headers=JSON)).json())["error"]
            assert error["message"] == "expected a JSON object"


@pytest.mark.parametrize("uri", ["", "a" * 501, "a\nb", "\x1b[2J", "\ud800", 7, True, ["x"]])
async def test_a_uri_is_one_plain_line(site: Site, uri: Any) -> None:
    answer = await site.post("/api/player/next", data=json.dumps({"uri": uri}).encode(), headers=JSON)
    assert answer.status == 400


async def test_the_size_is_bounded(site: Site) -> None:
    for body in (b"x" * 70_000, b'{"uri": "' + b"x" * 65_536 + b'"}'):
        answer = await site.post("/api/player/next", data=body, headers=JSON)
        assert answer.status == 413
        assert (await answer.json())["error"]["code"] == "too_large"


async def test_only_a_pool_file_may_be_large(site: Site) -> None:
    text = "x" * (FILE_LIMIT - 100)
    file = io.BytesIO(json.dumps({"format": "csv", "text": text}).encode())
    assert (await site.post("/api/pool/import", data=file, headers=JSON)).status == 200
    assert site.hub.calls == [("import_pool", text, "csv", False)]
    for path, body in (
        ("/api/pool/import", {"format": "csv", "text": text + "x" * 100}),
        ("/api/library/sync", {"x": "x" * 70_000}),
    ):
        answer = await site.post(path, data=io.BytesIO(json.dumps(body).encode()), headers=JSON)
        assert answer.status == 413
    assert len(site.hub.calls) == 1


@pytest.mark.parametrize(
    "body",
    [b"{}", b'{"format": "csv"}', b'{"format": "xml", "text": "a"}',
     b'{"format": "csv", "text": ["a"]}', b'{"format": "csv", "text": "\\ud800"}',
     b'{"format": "csv", "text": "a", "overwrite": 1}', b'{"format": "csv", "text": "a", "file": "/etc/passwd"}'],
)  # fmt: skip
async def test_a_wrong_import_is_400(site: Site, body: bytes) -> None:
    answer = await site.post("/api/pool/import", data=body, headers=JSON)
    assert answer.status == 400
    assert site.hub.calls == []


async def test_the_size_is_bounded_without_a_length(site: Site) -> None:
    async def chunks() -> Any:
        for _ in range(80):
            yield b" " * 1024

    answer = await site.post("/api/player/next", data=chunks(), headers=JSON)
    assert answer.status == 413


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": "application/json", "Content-Encoding": "br"},
    ],
)
async def test_other_types_are_415(site: Site, headers: dict[str, str]) -> None:
    answer = await site.post("/api/learning", data=b'{"enabled": true}', headers=headers)
    assert answer.status == 415
    assert (await answer.json())["error"]["code"] == "unsupported_media_type"


async def test_no_body_needs_no_type(site: Site) -> None:
    answer = await site.post("/api/player/pause", data=b"", headers={"Content-Type": "text/plain"})
    assert answer.status == 200


@pytest.mark.parametrize("path", ["/api/receipts", "/api/history"])
@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=-1", "limit=201", "limit=abc", "limit=", "limit=1.5", "limit=1e1", "limit=٣", "limit=+5",
     "limit=%00", "limit=1&limit=2", "limit=99999999999999999999", "before=0", "before=x", "before=",
     "before=9223372036854775808", "before=-9007199254740992", "before=1_0", "before=--1"],
)  # fmt: skip
async def test_bad_paging_is_400(site: Site, path: str, query: str) -> None:
    if (path, query) == ("/api/history", "before=0"):
        return  # the imported past has ids below 0
    answer = await site.get(f"{path}?{query}")
    assert answer.status == 400
    assert (await answer.json())["error"]["code"] == "bad_request"


@pytest.mark.parametrize("query", ["", "?limit=1", "?limit=200&before=9223372036854775807"])
async def test_good_paging(site: Site, query: str) -> None:
    site.hub.add_receipts(1)
    assert (await site.get(f"/api/receipts{query}")).status == 200


async def test_the_past_is_paged_below_zero(site: Site) -> None:
    for before in (0, -1, -(2**53) + 1):
        assert (await site.get(f"/api/history?before={before}")).status == 200
        assert (await site.get(f"/api/receipts?before={before}")).status == 400
    assert ("history", 51, 0) in site.hub.calls


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/nothing"), ("GET", "/nothing"), ("GET", "/api/rooms/disco/pool"),
        ("GET", "/api/state?zone=attic"),
        ("POST", "/api/rooms/disco/activate"), ("POST", "/api/rooms/%2e%2e/activate"),
        ("POST", "/api/rooms/%00/activate"),
        ("POST", "/api/rooms/late-night%2Fx/activate"), ("POST", "/api/rooms/%3Cscript%3E/activate"),
        ("POST", "/api/rooms/%F0%9F%8E%B7/activate"), ("POST", "/api/rooms/%ff/activate"),
        ("POST", "/api/rooms/LATE-NIGHT/activate"), ("POST", "/api/receipts/99/undo"), ("POST", "/api/receipts/x/undo"),
        ("POST", "/api/receipts/0/undo"), ("POST", "/api/receipts/-1/undo"), ("POST", "/api/receipts/١/undo"),
        ("POST", "/api/receipts/9999999999999999999/undo"), ("GET", "/static/nothing.js"),
        ("GET", "/static/..%2Fpages.py"), ("GET", "/static/"),
    ],
)  # fmt: skip
async def test_what_does_not_exist_is_404(site: Site, method: str, path: str) -> None:
    answer = await site.post(path) if method == "POST" else await site.get(path)
    assert answer.status == 404
    assert (await answer.json())["error"]["code"] == "not_found"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/rooms/off"), ("POST", "/api/state"), ("DELETE", "/api/receipts"), ("PUT", "/"),
     ("OPTIONS", "/api/state"),
     ("GET", "/api/learning")],
)  # fmt: skip
async def test_the_wrong_method_is_405(site: Site, method: str, path: str) -> None:
    answer = await site.ask(method, path, headers={"Origin": site.url})
    assert answer.status == 405
    assert (await answer.json())["error"]["code"] == "method_not_allowed"
    assert answer.headers["Allow"]


async def test_an_unexpected_fault_is_told_without_its_text(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    site.hub.figures = {"secret": "not a number"}  # type: ignore[dict-item] # the fault is the point
    answer = await site.get("/metrics?code=SECRET")
    assert answer.status == 500
    assert (await answer.json())["error"]["code"] == "internal"
    assert "/metrics failed" in caplog.text
    assert "SECRET" not in caplog.text


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
LIKELY_KEYS = st.sampled_from(["enabled", "for", "uri", "url", "zone", "account", "x"])


@given(body=st.binary(max_size=200) | st.dictionaries(LIKELY_KEYS, ANY_JSON).map(json.dumps).map(str.encode))
def test_any_body_is_understood_or_refused(body: bytes) -> None:
    for model in (LearningOrder, NextOrder, PasteOrder):
        refusal: ApiError | None = None
        try:
            order = validate(model, parse_json(body))
        except ApiError as error:
            refusal = error
        else:
            assert not isinstance(order, LearningOrder) or isinstance(order.enabled, bool)
        assert refusal is None or (refusal.status == 400 and refusal.message.isascii())


PATHS = st.sampled_from(
    ["/api/learning", "/api/rooms/{}/activate", "/api/receipts/{}/undo", "/api/player/next", "/api/login/paste",
     "/api/pool/import", "/api/library/sync",
     "/rooms/{}/activate", "/learning", "/receipts/{}/undo", "/player/next", "/session", "/{}"]
)  # fmt: skip
TYPES = st.sampled_from(["application/json", "application/x-www-form-urlencoded", "text/plain", "multipart/form-data"])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=PATHS, piece=st.text(min_size=1, max_size=20), body=st.binary(max_size=80), kind=TYPES)
async def test_no_post_is_ever_a_5xx(site: Site, path: str, piece: str, body: bytes, kind: str) -> None:
    where = path.format(quote(piece.encode("utf-8", "surrogatepass"), safe=""))
    answer = await site.post(where, data=body, headers={"Content-Type": kind})
    assert answer.status < 500
    assert answer.status != 429


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.text(max_size=30), query=st.text(max_size=30))
async def test_no_get_is_ever_a_5xx(site: Site, path: str, query: str) -> None:
    for start in ("/", "/api/", "/api/rooms/", "/static/", "/api/receipts?limit="):
        where = (
            start + quote(path.encode("utf-8", "surrogatepass")) + "&" + quote(query.encode("utf-8", "surrogatepass"))
        )
        assert (await site.get(where)).status < 500
