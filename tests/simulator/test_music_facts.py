"""The make-believe services are strict: what the real ones refuse, they refuse, and write it down."""

from collections.abc import Mapping

import pytest

from moodroom_hub.simulator.catalogue import songs
from moodroom_hub.simulator.music_facts import (
    FactsAnswer,
    FakeCoverArtArchive,
    FakeDeezer,
    FakeMusicBrainz,
    MusicKnowledge,
    made_up_mbid,
)

GOOD = {"User-Agent": "MoodroomHub/1 ( me@home.example )"}
KNOWLEDGE = MusicKnowledge.of_catalogue()
SONG = next(song for song in songs() if KNOWLEDGE.by_isrc(song.isrc))


class Ticking:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now


def brainz(path: str, query: Mapping[str, str], headers: Mapping[str, str] = GOOD) -> tuple[FactsAnswer, list[str]]:
    """One request to a rested service."""
    fake = FakeMusicBrainz(KNOWLEDGE, Ticking())
    return fake.receive("GET", path, {"fmt": "json", **query}, headers), fake.broken


@pytest.mark.parametrize(
    "agent",
    ["", " ", "aiohttp/3.14", "Python/3.11 aiohttp/3 ( me@x.org )", "MoodroomHub/1", "MoodroomHub ( me@x.org )"],
)
def test_musicbrainz_wants_to_know_who_asks(agent: str) -> None:
    answer, broken = brainz(f"isrc/{SONG.isrc}", {}, {"User-Agent": agent})
    assert answer.status == 403
    assert len(broken) == 1


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("isrc/nonsense", {}),
        (f"isrc/{SONG.isrc}", {"inc": "labels"}),
        ("release/nonsense", {}),
        ("recording", {"query": "x AND"}),
        ("recording", {"query": 'recording:"a" OR recording:"b"'}),
        ("recording", {"query": 'recording:"a"b"'}),
        ("recording", {"query": 'recording:""'}),
        ("artist/1", {}),
        (f"isrc/{SONG.isrc}", {"fmt": "xml"}),
    ],
)
def test_musicbrainz_refuses_what_is_malformed(path: str, query: dict[str, str]) -> None:
    answer, broken = brainz(path, query)
    assert answer.status == 400
    assert len(broken) == 1


def test_musicbrainz_answers_once_a_second() -> None:
    clock = Ticking()
    fake = FakeMusicBrainz(KNOWLEDGE, clock)
    statuses = []
    for now_ms in (0, 500, 1_000, 1_100, 2_100):
        clock.now = now_ms
        statuses.append(fake.receive("GET", f"isrc/{SONG.isrc}", {"fmt": "json"}, GOOD).status)
    assert statuses == [200, 503, 200, 503, 200]
    assert len(fake.broken) == 2


def test_musicbrainz_knows_nothing_of_other_songs_and_several_recordings_of_some() -> None:
    assert brainz("isrc/GBAAA0100001", {})[0].status == 404
    assert brainz(f"release/{made_up_mbid('no')}", {})[0].status == 404
    assert any(len(KNOWLEDGE.by_isrc(song.isrc)) > 1 for song in songs())


def test_the_archive_forwards_to_covers_and_sends_none() -> None:
    fake = FakeCoverArtArchive(KNOWLEDGE)
    mbid = made_up_mbid("release", SONG.album, SONG.artists[0])
    answer = fake.receive("GET", f"release/{mbid}/front-500", GOOD)
    assert (answer.status, answer.body) in ((307, b""), (404, b'{"error": "no cover art"}'))
    assert fake.receive("GET", "release/nonsense/front-500", GOOD).status == 400
    assert fake.receive("GET", f"release/{made_up_mbid('no')}/front-500", GOOD).status == 404
    assert fake.receive("POST", f"release/{mbid}/front-500", {}).status == 405
    assert len(fake.broken) == 3


def test_deezer_refuses_inside_an_answer_of_status_200() -> None:
    clock = Ticking()
    fake = FakeDeezer(KNOWLEDGE, clock)
    answers = [fake.receive("GET", "track/isrc:GBAAA0100001", {}, GOOD) for _ in range(51)]
    assert {answer.status for answer in answers} == {200}
    assert b'"code": 800' in answers[0].body
    assert b'"code": 4' in answers[50].body
    clock.now = 5_001
    assert b'"code": 500' in fake.receive("GET", "search", {"q": "anything"}, GOOD).body
    assert len(fake.broken) == 2
