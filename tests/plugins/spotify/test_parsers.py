"""Raw answers to models: the known shapes, the odd ones, and anything that is JSON at all."""

import contextlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.domain.models import HOME, EpochMs, Playing, Repeat
from moodroom_hub.plugins.spotify import pages, parsers
from tests.plugins.spotify.fake import HOUSE, LATE_NIGHT, device_json, track_json

KEYS = [
    "item",
    "track",
    "device",
    "context",
    "is_playing",
    "progress_ms",
    "currently_playing_type",
    "repeat_state",
    "items",
    "total",
    "next",
    "limit",
    "offset",
    "added_at",
    "name",
    "uri",
    "id",
    "type",
    "artists",
    "album",
    "show",
    "images",
    "url",
    "width",
    "duration_ms",
    "external_ids",
    "isrc",
    "is_local",
    "is_playable",
    "restrictions",
    "reason",
    "devices",
    "queue",
    "tracks",
    "volume_percent",
    "is_active",
    "is_restricted",
    "release_date",
    "owner",
    "collaborative",
    "snapshot_id",
]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(0, 400_000),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        [LATE_NIGHT, "spotify:local:a:b:c:1", "spotify:episode:e1", "track", "episode", "ad", "off", "track"]
    ),
    st.sampled_from(["2026-11-20T10:00:00Z", "1999-05", "me", "0000-00-00", "\ud800", "a\x00b", "https://i.scdn.co/x"]),
)
ANY_JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(KEYS), inner, max_size=8),
        st.dictionaries(st.text(max_size=3), inner, max_size=2),
    ),
    max_leaves=25,
)


def look(body: Any) -> Any:
    """Read a playback answer."""
    return parsers.playback(body, zone=HOME, at_ms=EpochMs(5))


@given(ANY_JSON)
def test_whatever_comes_nothing_but_a_parse_problem_is_raised_and_every_text_can_be_stored(body: Any) -> None:
    readers: list[Any] = [
        look,
        parsers.track,
        parsers.device,
        parsers.devices,
        parsers.queue,
        pages.found_tracks,
        pages.account_id,
        lambda raw: pages.library_page(raw, offset=50),
        lambda raw: pages.playlist_page(raw, offset=50),
        lambda raw: pages.playlists(raw, offset=50, reader="me"),
    ]
    for reader in readers:
        with contextlib.suppress(parsers.ParseProblem):
            read = reader(body)
            text = repr(read)
            text.encode()
            assert "\x00" not in text


@given(st.dictionaries(st.sampled_from(KEYS), ANY_JSON, max_size=12))
def test_a_playback_object_always_gives_a_sound_snapshot(body: dict[str, Any]) -> None:
    snapshot = look(body)
    assert (snapshot.playing is Playing.TRACK) <= (snapshot.track is not None)
    assert (snapshot.track is not None) <= (snapshot.playing in {Playing.TRACK, Playing.EPISODE})
    assert snapshot.position_ms is None or snapshot.position_ms >= 0
    assert snapshot.playing is not Playing.NOTHING


def test_a_track_with_all_that_spotify_tells() -> None:
    snapshot = look(
        {
            "item": track_json(LATE_NIGHT),
            "currently_playing_type": "track",
            "progress_ms": 12_000,
            "is_playing": True,
            "repeat_state": "track",
            "shuffle_state": True,
            "smart_shuffle": False,
            "context": {"uri": "spotify:album:1", "type": "album"},
            "device": device_json("Kitchen", is_active=True, is_private_session=True),
            "timestamp": 1,
            "actions": {"disallows": {"resuming": True}},
        }
    )
    assert (snapshot.playing, snapshot.position_ms, snapshot.repeat) == (Playing.TRACK, 12_000, Repeat.TRACK)
    assert snapshot.context_uri == "spotify:album:1"
    assert (snapshot.device.name, snapshot.device.kind) == ("Kitchen", "Speaker")
    assert snapshot.device.is_private_session
    track = snapshot.track
    assert (track.uri, track.name, track.artists) == (LATE_NIGHT, "Marvins Room", ("Drake",))
    assert (track.duration_ms, track.isrc, track.album) == (347_000, "USCM51100600", "Take Care")
    assert (track.artwork_url, track.is_playable) == ("https://i.scdn.co/image/a", True)


EPISODE = {"type": "episode", "uri": "spotify:episode:e1", "name": "One", "show": {"name": "Talk"}, "duration_ms": 9}
LOCAL = {"is_local": True, "id": None, "uri": "spotify:local:Drake:Tape:Demo:200", "name": "Demo"}


@pytest.mark.parametrize(
    ("body", "playing", "uri"),
    [
        (None, Playing.NOTHING, None),
        ({"item": track_json(LATE_NIGHT)}, Playing.TRACK, LATE_NIGHT),
        ({"track": track_json(LATE_NIGHT)}, Playing.TRACK, LATE_NIGHT),
        ({"item": {"type": "track", "id": "abc", "name": "x"}}, Playing.TRACK, "spotify:track:abc"),
        ({"item": EPISODE, "currently_playing_type": "episode"}, Playing.EPISODE, "spotify:episode:e1"),
        ({"item": None, "currently_playing_type": "episode"}, Playing.EPISODE, None),
        ({"item": {"type": "episode"}}, Playing.EPISODE, None),
        ({"item": LOCAL}, Playing.TRACK, "spotify:local:Drake:Tape:Demo:200"),
        ({"item": {"is_local": True, "uri": "spotify:local:a:b", "name": ""}}, Playing.UNKNOWN, None),
        ({"item": None, "currently_playing_type": "ad"}, Playing.ADVERT, None),
        ({"item": track_json(LATE_NIGHT), "currently_playing_type": "ad"}, Playing.ADVERT, None),
        ({"item": None, "currently_playing_type": "unknown"}, Playing.UNKNOWN, None),
        ({"item": None, "currently_playing_type": "something new"}, Playing.UNKNOWN, None),
        ({"item": {"uri": "spotify:user:me", "name": "x"}}, Playing.UNKNOWN, None),
        ({"item": {"uri": "spotify:track:a\nb", "name": "x"}}, Playing.UNKNOWN, None),
        ({"device": {"is_private_session": True}}, Playing.UNKNOWN, None),
    ],
)
def test_what_plays(body: Any, playing: Playing, uri: str | None) -> None:
    snapshot = look(body)
    assert snapshot.playing is playing
    assert (snapshot.track.uri if snapshot.track else None) == uri


def test_an_episode_names_its_show() -> None:
    episode = parsers.track(EPISODE)
    assert (episode.artists, episode.album) == (("Talk",), "Talk")


@pytest.mark.parametrize("body", [[], "x", 3, True, 0])
def test_what_is_no_object_is_a_problem(body: Any) -> None:
    with pytest.raises(parsers.ParseProblem):
        look(body)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [(0, 0), (31_000, 31_000), (31_000.7, 31_000), (None, None), (-1, None), (True, None), ("5", None), (10**30, None)],
)
def test_positions(raw: Any, expected: int | None) -> None:
    assert look({"progress_ms": raw}).position_ms == expected


@pytest.mark.parametrize("raw", [float("nan"), float("inf"), -float("inf")])
def test_positions_that_are_no_numbers(raw: float) -> None:
    assert look(json.loads(json.dumps({"progress_ms": raw}))).position_ms is None


def test_a_position_past_the_end_is_told_as_it_is() -> None:
    assert look({"item": track_json(LATE_NIGHT), "progress_ms": 400_000}).position_ms == 400_000


@pytest.mark.parametrize(
    ("more", "is_playable"),
    [
        ({}, True),
        ({"is_playable": False}, False),
        ({"is_playable": True, "restrictions": {"reason": "market"}}, True),
        ({"restrictions": {"reason": "market"}}, False),
        ({"restrictions": {}}, True),
        ({"is_playable": "no"}, True),
    ],
)
def test_whether_a_track_can_be_played(more: dict[str, Any], is_playable: bool) -> None:
    assert parsers.track(track_json(LATE_NIGHT, **more)).is_playable is is_playable


@pytest.mark.parametrize(
    ("raw", "expected"),
    [("us-cm5-11-00600", "USCM51100600"), ("", None), ("x" * 500, None), (7, None), ("né", None)],
)
def test_isrcs(raw: Any, expected: str | None) -> None:
    assert parsers.track(track_json(LATE_NIGHT, external_ids={"isrc": raw})).isrc == expected


def test_the_picture_is_the_smallest_that_is_large_enough_and_never_a_strange_address() -> None:
    images = [
        {"url": "https://i/640", "width": 640},
        {"url": "https://i/300", "width": 300},
        {"url": "https://i/64", "width": 64},
        {"url": "javascript:alert(1)", "width": 301},
        {"url": "http://plain/301", "width": 301},
        None,
        {"url": "https://i/none", "width": None},
    ]
    assert parsers.track(track_json(LATE_NIGHT, album={"images": images})).artwork_url == "https://i/300"
    assert parsers.track(track_json(LATE_NIGHT, album={"images": images[2:]})).artwork_url == "https://i/none"


def test_names_are_made_fit_to_be_stored() -> None:
    track = parsers.track(track_json(LATE_NIGHT, "a\x00b\ud800c\r" + "x" * 5000))
    assert track.name.startswith("a\ufffdb\ufffdc\ufffdxxx")
    assert len(track.name) == 1000
    assert parsers.track(track_json(LATE_NIGHT, "<b>{0}%s</b>")).name == "<b>{0}%s</b>"


def test_a_library_page_keeps_what_can_be_played_and_counts_the_rest() -> None:
    items = [
        {"added_at": "2026-11-20T10:00:00Z", "track": track_json(LATE_NIGHT)},
        {"added_at": "2026-11-19T10:00:00+02:00", "item": track_json(HOUSE)},
        {"added_at": "yesterday", "track": track_json("spotify:track:third")},
        {"added_at": None, "track": LOCAL},
        {"track": EPISODE},
        {"track": None},
        None,
        "odd",
    ]
    page, extent = pages.library_page({"items": items, "total": 2000, "next": "https://api/next"}, offset=100)
    assert (extent.count, extent.is_last) == (8, False)
    assert (page.offset, page.total, page.skipped) == (100, 2000, 5)
    assert [each.added_at for each in page.tracks] == [
        datetime(2026, 11, 20, 10, tzinfo=UTC),
        datetime(2026, 11, 19, 8, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
    ]


@pytest.mark.parametrize(
    ("content", "is_last"),
    [
        ({"items": [], "total": 500}, True),
        ({"items": [None] * 50, "total": 500, "next": "more"}, False),
        ({"items": [None] * 50, "total": 60, "next": None}, True),
        ({"items": [None] * 50, "next": None}, True),
        ({"items": [None] * 50, "next": "more", "total": "?"}, False),
        ({"items": [None] * 50, "next": "more", "total": 0}, False),
    ],
)
def test_where_the_library_ends(content: Any, is_last: bool) -> None:
    assert pages.library_page(content, offset=10)[1].is_last is is_last
    assert pages.playlist_page(content, offset=10)[1].is_last is is_last


def test_devices_and_queue_and_search() -> None:
    devices = parsers.devices({"devices": [device_json("Kitchen"), None, {"name": None, "volume_percent": 700}]})
    assert [(each.name, each.id, each.volume_percent) for each in devices] == [
        ("Kitchen", "id-of-kitchen", 40),
        ("a device without a name", None, None),
    ]
    assert parsers.queue({"queue": [track_json(HOUSE), None, EPISODE, {"uri": "spotify:ad:1"}]}) == (
        HOUSE,
        EPISODE["uri"],
    )
    found = pages.found_tracks({"tracks": {"items": [None, track_json(HOUSE), EPISODE, {"name": "x"}]}})
    assert [each.uri for each in found] == [HOUSE]
    assert pages.found_tracks({"tracks": None}) == ()


@pytest.mark.parametrize(
    ("said", "year"),
    [
        ("1999", 1999),
        ("1999-05", 1999),
        ("1999-05-01", 1999),
        ("2026-11-21T00:00:00Z", 2026),
        ("0000", None),
        ("0000-00-00", None),
        ("1066", None),
        ("19991", None),
        ("-1999", None),
        ("", None),
        (1999, None),
        (None, None),
        ([], None),
    ],
)
def test_the_year_of_a_release(said: Any, year: int | None) -> None:
    assert parsers.track(track_json(LATE_NIGHT, album={"release_date": said})).year == year


def test_a_playlist_page_keeps_the_tracks_in_their_order_and_counts_the_rest() -> None:
    items = [
        {"item": track_json(LATE_NIGHT), "is_local": False},
        {"track": track_json(HOUSE)},
        {"item": None},
        {"item": EPISODE},
        {"item": LOCAL, "is_local": True},
        None,
        {"item": track_json(LATE_NIGHT)},
    ]
    page, extent = pages.playlist_page({"items": items, "total": 7, "next": None}, offset=0)
    assert [each.uri for each in page.tracks] == [LATE_NIGHT, HOUSE, LATE_NIGHT]
    assert (page.skipped, page.total, extent.count, extent.is_last) == (4, 7, 7, True)


def test_of_the_playlists_those_that_may_be_read() -> None:
    items = [
        {"id": "1own", "name": "A\x00", "owner": {"id": "me"}, "snapshot_id": "s1", "items": {"total": 3}},
        {"id": "2foreign", "name": "B", "owner": {"id": "you"}, "snapshot_id": "s2"},
        {"id": "3shared", "name": None, "owner": None, "collaborative": True, "tracks": {"total": 9}},
        {"id": "../me", "name": "D", "owner": {"id": "me"}},
        {"id": None, "owner": {"id": "me"}},
        None,
    ]
    found, extent = pages.playlists({"items": items, "total": 6}, offset=0, reader="me")
    assert [(each.id, each.name, each.snapshot, each.total) for each in found] == [
        ("1own", "A\ufffd", "s1", 3),
        ("3shared", "", "", 9),
    ]
    assert extent.is_last
