"""The make-believe services are strict: each rule that a client breaks is held against it."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest

from moodroom_hub.simulator.scrobble_services import Answer, FakeLastfm, FakeListenBrainz, FakeMaloja

NOW_S = 1_795_000_000
FORM = {"user-agent": "moodroom-hub/1", "content-type": "application/x-www-form-urlencoded"}
JSON = {"user-agent": "moodroom-hub/1", "content-type": "application/json", "authorization": "Token token-of-the-user"}


def lastfm(
    fake: FakeLastfm, fields: Mapping[str, str], *, method: str = "POST", headers: Mapping[str, str] = FORM
) -> Answer:
    """A signed call."""
    full = {"method": "track.scrobble", "api_key": fake.api_key, "sk": "session-of-the-user", **fields}
    text = "".join(name + full[name] for name in sorted(full)) + fake.api_secret
    sig = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    body = urlencode({"api_sig": sig, **full, "format": "json"})
    return fake.answer(method, "/2.0/", headers, body.encode())


def plays(count: int, at_s: int = NOW_S - 200, **more: str) -> dict[str, str]:
    """Fields of a batch."""
    found: dict[str, str] = {}
    for number in range(count):
        one = {"artist": "Band", "track": f"Song {number}", "timestamp": str(at_s + number), **more}
        found |= {f"{name}[{number}]": value for name, value in one.items()}
    return found


def codes(answer: Answer) -> list[str]:
    """What was ignored, of a batch."""
    items = answer.content["scrobbles"]["scrobble"]
    return [one["ignoredMessage"]["code"] for one in ([items] if isinstance(items, dict) else items)]


def test_lastfm_takes_fifty_and_knows_doubles() -> None:
    fake = FakeLastfm(lambda: NOW_S)
    assert codes(lastfm(fake, plays(50))) == ["0"] * 50
    assert codes(lastfm(fake, plays(50))) == ["0"] * 50
    assert (len(fake.held), fake.doubles, fake.broken) == (50, 50, [])


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        (plays(51), 6),
        (plays(1, artist=""), 6),
        ({}, 6),
        ({"sk": "another"}, 9),
        ({"api_key": "another"}, 10),
        ({"api_sig": "0" * 32, **plays(1)}, 13),
        ({"method": "track.delete"}, 3),
    ],
)
def test_lastfm_refuses(fields: dict[str, str], code: int) -> None:
    fake = FakeLastfm(lambda: NOW_S)
    if "api_sig" in fields:
        body = urlencode({"method": "track.scrobble", "api_key": fake.api_key, "format": "json", **fields})
        answer = fake.answer("POST", "/2.0/", FORM, body.encode())
    else:
        answer = lastfm(fake, fields)
    assert answer.content["error"] == code
    assert fake.held == []
    assert fake.broken or code in (9, 10)


def test_lastfm_ignores_one_by_one() -> None:
    fake = FakeLastfm(lambda: NOW_S)
    fake.ignored_artists = {"Nobody"}
    assert codes(lastfm(fake, plays(1, artist="Nobody"))) == ["1"]
    assert codes(lastfm(fake, plays(1, at_s=NOW_S - 15 * 86_400))) == ["3"]
    assert codes(lastfm(fake, plays(1, at_s=NOW_S + 3_600))) == ["4"]
    fake.daily_limit = 0
    assert codes(lastfm(fake, plays(1))) == ["5"]
    assert fake.broken == []
    assert codes(lastfm(FakeLastfm(lambda: NOW_S), plays(1, duration="30"))) == ["2"]


def test_lastfm_minds_manners() -> None:
    fake = FakeLastfm(lambda: NOW_S)
    lastfm(fake, plays(1), method="GET")
    lastfm(fake, plays(1), headers={"user-agent": "Python/3.11 aiohttp/3", "content-type": "text/plain"})
    lastfm(fake, plays(1, colour="blue"))
    for _ in range(5):
        lastfm(fake, plays(1))
    told = " ".join(fake.broken)
    for word in ("no POST", "user agent", "no form", "unknown parameters", "five requests"):
        assert word in told
    refused = FakeLastfm(lambda: NOW_S, session_key=None)
    lastfm(refused, plays(1))
    assert refused.broken == []
    lastfm(refused, plays(1))
    assert "a refused key again" in refused.broken[0]


def listen(**more: Any) -> dict[str, Any]:
    """One listen."""
    return {"listened_at": NOW_S - 100, "track_metadata": {"artist_name": "Band", "track_name": "Song"}, **more}


def submit(fake: FakeListenBrainz, content: Any, headers: Mapping[str, str] = JSON) -> Answer:
    """``submit-listens``."""
    return fake.answer("POST", "/1/submit-listens", headers, json.dumps(content).encode())


def test_listenbrainz_takes_a_thousand_and_knows_doubles() -> None:
    fake = FakeListenBrainz(lambda: NOW_S)
    many = [listen(listened_at=NOW_S - number) for number in range(1_000)]
    assert submit(fake, {"listen_type": "import", "payload": many}).status == 200
    assert submit(fake, {"listen_type": "single", "payload": [many[0]]}).status == 200
    assert (len(fake.held), fake.doubles, fake.broken) == (1_000, 1, [])


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ({"listen_type": "single", "payload": [listen(), listen()]}, "2 listens"),
        ({"listen_type": "import", "payload": [listen()] * 1_001}, "1001 listens"),
        ({"listen_type": "playing_now", "payload": [listen()]}, "listened_at"),
        ({"listen_type": "import", "payload": [{"track_metadata": {}}]}, "listened_at"),
        ({"listen_type": "import", "payload": []}, "no listens"),
        ({"listen_type": "single", "payload": [listen(track_metadata={"track_name": "Song"})]}, "artist_name"),
        ({"listen_type": "single", "payload": [listen(more="x" * 10_240)]}, "too large"),
    ],
)
def test_listenbrainz_refuses(content: Any, word: str) -> None:
    fake = FakeListenBrainz(lambda: NOW_S)
    assert submit(fake, content).status == 400
    assert word in fake.broken[0]
    assert fake.held == []


def test_listenbrainz_counts_requests_and_wants_a_token() -> None:
    fake = FakeListenBrainz(lambda: NOW_S, window=2)
    assert submit(fake, {}, {**JSON, "authorization": "Token other"}).status == 401
    used_up = submit(fake, {"listen_type": "single", "payload": [listen()]})
    assert used_up.headers["X-RateLimit-Remaining"] == "0"
    assert fake.broken == []
    assert submit(fake, {"listen_type": "single", "payload": [listen()]}).status == 429
    assert "after the window" in fake.broken[0]


def test_maloja_drops_what_comes_after_a_double() -> None:
    fake = FakeMaloja(lambda: NOW_S)
    headers = {**JSON, "authorization": "Token key-of-the-owner"}
    other = listen(listened_at=NOW_S - 50, track_metadata={"artist_name": "Band", "track_name": "Other"})
    assert submit(fake, {"listen_type": "single", "payload": [listen()]}, headers).status == 200
    assert submit(fake, {"listen_type": "import", "payload": [listen(), other]}, headers).status == 200
    assert [heard.title for heard in fake.held] == ["Song"]
    clash = listen(track_metadata={"artist_name": "Band", "track_name": "Clash"})
    assert submit(fake, {"listen_type": "single", "payload": [clash]}, headers).status == 409


def test_lastfm_tells_who_is_like_whom_and_wants_reads_as_documented() -> None:
    fake = FakeLastfm(lambda: NOW_S)
    fake.similar = {"drake": ["6LACK", "dvsn", "Majid Jordan"], "one": ["Other"], "lonely": []}

    def read(**fields: str) -> Any:
        given = {"method": "artist.getSimilar", "api_key": fake.api_key, "format": "json", **fields}
        return fake.answer("GET", f"/2.0/?{urlencode(given)}", FORM, b"").content

    listed = read(artist="Drake", limit="2", autocorrect="1")["similarartists"]
    assert [(each["name"], each["match"]) for each in listed["artist"]] == [("6LACK", "1.000000"), ("dvsn", "0.666667")]
    assert listed["@attr"] == {"artist": "Drake"}
    assert read(artist="ONE")["similarartists"]["artist"]["name"] == "Other"
    assert read(artist="Lonely")["similarartists"]["artist"] == "Lonely"
    assert read(artist="Nobody")["error"] == 6
    assert fake.broken == []
    for fields in ({"artist": ""}, {"artist": "x", "limit": "all"}, {"artist": "x", "sk": "s"}, {"method": "tag.x"}):
        read(**fields)
    assert len(fake.broken) >= 4
    assert read(artist="Drake", api_key="another")["error"] == 10
    fake.error = 8
    assert read(artist="Drake")["error"] == 8
