"""What speakers answer, of every kind, and what becomes of it."""

from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.domain.models import Playing
from moodroom_hub.plugins.sonos.parsers import (
    ParseProblem,
    Seen,
    artwork_url,
    duration_ms,
    metadata_of,
    playback,
    song_of,
    time_ms,
)
from moodroom_hub.plugins.sonos.uris import Kind, kind_of, song_uri, track_uri

SPEAKER = "http://192.168.1.20:1400"
SPOTIFY = "x-sonos-spotify:spotify%3atrack%3a4uLU6hMCjMI75M1A2tKUQC?sid=9&flags=8224&sn=7"


def didl(**told: str) -> str:
    """Metadata with these fields."""
    names = {
        "title": "dc:title",
        "creator": "dc:creator",
        "album": "upnp:album",
        "art": "upnp:albumArtURI",
        "content": "r:streamContent",
        "kind": "upnp:class",
    }
    fields = "".join(f"<{names[key]}>{escape(value)}</{names[key]}>" for key, value in told.items())
    return (
        '<DIDL-Lite xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:upnp="urn:schemas-upnp-org:metadata-1-0/upnp/" '
        'xmlns:r="urn:schemas-rinconnetworks-com:metadata-1-0/" xmlns="urn:schemas-upnp-org:metadata-1-0/DIDL-Lite/">'
        f'<item id="-1" parentID="-1" restricted="true">{fields}</item></DIDL-Lite>'
    )


def seen(
    uri: str, metadata: str = "", state: str = "PLAYING", media: dict[str, str] | None = None, **more: str
) -> Seen:
    """What comes of an answer."""
    position = {
        "Track": "1",
        "TrackDuration": more.get("length", "0:03:32"),
        "TrackMetaData": metadata,
        "TrackURI": uri,
        "RelTime": more.get("at", "0:01:05"),
    }
    return playback(position, {"CurrentTransportState": state}, media, SPEAKER)


def test_a_track_of_spotify() -> None:
    told = seen(SPOTIFY, didl(title="Song", creator="Band", album="Album", art="/getaa?s=1&u=x"))
    assert told.playing is Playing.TRACK
    assert told.track is not None
    assert told.track.uri == "spotify:track:4uLU6hMCjMI75M1A2tKUQC"
    assert (told.track.name, told.track.artists, told.track.album) == ("Song", ("Band",), "Album")
    assert told.track.duration_ms == 212_000
    assert told.track.artwork_url == f"{SPEAKER}/getaa?s=1&u=x"
    assert (told.position_ms, told.coarse_ms) == (65_500, 500), (
        "whole seconds are cut off: the middle is the best guess"
    )
    assert told.is_playing


def test_an_episode_is_no_track() -> None:
    assert seen(SPOTIFY.replace("track", "episode"), didl(title="Talk")).playing is Playing.EPISODE


@pytest.mark.parametrize(
    ("state", "is_playing", "is_settling"),
    [
        ("PLAYING", True, False),
        ("PAUSED_PLAYBACK", False, False),
        ("STOPPED", False, False),
        ("TRANSITIONING", True, True),
    ],
)
def test_states(state: str, is_playing: bool, is_settling: bool) -> None:
    told = seen(SPOTIFY, didl(title="Song"), state)
    assert (told.is_playing, told.is_settling) == (is_playing, is_settling)


@pytest.mark.parametrize(
    ("uri", "kind"),
    [
        ("", Kind.NONE),
        ("x-rincon:RINCON_000E5812BC1801400", Kind.JOINED),
        ("x-rincon-stream:RINCON_000E5812BC1801400", Kind.INPUT),
        ("x-sonos-htastream:RINCON_000E5812BC1801400:spdif", Kind.INPUT),
        ("x-sonos-vli:RINCON_000E5812BC1801400:2,spotify:8d4c", Kind.LINK),
        ("x-sonos-vli:RINCON_000E5812BC1801400:1,airplay:8d4c", Kind.LINK),
        ("x-rincon-mp3radio://radio.invalid/one.mp3", Kind.STREAM),
        ("x-sonosapi-stream:s25111?sid=254&flags=8224&sn=0", Kind.STREAM),
        ("x-sonos-http:tr%3a1.flac?sid=174&flags=24616&sn=3", Kind.TRACK),
        ("x-file-cifs://nas/music/one.flac", Kind.TRACK),
        (SPOTIFY, Kind.TRACK),
    ],
)
def test_kinds(uri: str, kind: Kind) -> None:
    assert kind_of(uri) is kind


def test_what_is_no_music() -> None:
    assert seen("x-sonos-htastream:RINCON_1:spdif", "NOT_IMPLEMENTED", at="NOT_IMPLEMENTED").playing is Playing.INPUT
    assert seen("x-rincon-stream:RINCON_1", at="0:00:00").playing is Playing.INPUT
    assert seen("", at="NOT_IMPLEMENTED", length="NOT_IMPLEMENTED").playing is Playing.IDLE
    joined = seen("x-rincon:RINCON_7")
    assert (joined.playing, joined.leader) == (Playing.NOTHING, "RINCON_7")


def test_what_another_device_plays_is_known_by_its_words() -> None:
    link = "x-sonos-vli:RINCON_1:2,spotify:8d4c"
    told = seen(link, didl(title="Song", creator="Band"))
    again = seen("x-sonos-vli:RINCON_2:2,spotify:9999", didl(title="Song", creator="Band"))
    assert told.track is not None
    assert again.track is not None
    assert told.track.uri == again.track.uri == "spotify#band%20-%20song"
    assert seen(link).playing is Playing.INPUT, "no words: nobody knows what it is"


STATION = {"CurrentURI": "x-sonosapi-stream:s1?sid=254&sn=0", "CurrentURIMetaData": didl(title="Example FM")}


@pytest.mark.parametrize(
    ("content", "song"),
    [
        ("Band - Song", ("Band", "Song", "")),
        ("Band - Song - Live", ("Band", "Song - Live", "")),
        ("TYPE=SNG|TITLE Song|ARTIST Band|ALBUM Album", ("Band", "Song", "Album")),
        ("BR P|TYPE=SNG|TITLE Song|ARTIST Band|ALBUM ", ("Band", "Song", "")),
        ("TYPE=SNG|TITLE |ARTIST Band", None),
        ("TYPE=SPOT|TITLE Buy this", None),
        ("ZPSTR_CONNECTING", None),
        ("The News", None),
        (" - ", None),
        ("", None),
    ],
)
def test_what_a_station_says_it_plays(content: str, song: tuple[str, str, str] | None) -> None:
    assert song_of(content) == song


def test_radio() -> None:
    uri = "aac://stream.invalid/one.aac"
    told = seen(uri, didl(content="Band - Song", title="one.aac"), media=STATION, length="0:00:00")
    assert told.track is not None
    assert told.is_stream
    assert (told.track.name, told.track.artists, told.track.album) == ("Song", ("Band",), "Example FM")
    assert told.track.duration_ms is None
    assert told.track.uri == "x-sonosapi-stream:s1#band%20-%20song"
    silent = seen(uri, didl(content="", title="one.aac"), media=STATION, length="0:00:00")
    assert silent.track is not None
    assert (silent.track.uri, silent.track.name) == ("x-sonosapi-stream:s1?sid=254", "Example FM")
    assert silent.track.artists == ()
    bare = seen("x-rincon-mp3radio://radio.invalid/two.mp3?key=secret", length="0:00:00", at="NOT_IMPLEMENTED")
    assert bare.track is not None
    assert (bare.track.name, bare.position_ms) == ("Radio", None)
    assert "secret" not in bare.track.uri


@pytest.mark.parametrize(
    "answer",
    [
        {"RelTime": "half past"},
        {"RelTime": "0:99:00"},
        {"TrackDuration": "-1:00:00"},
        {"TrackMetaData": "<DIDL-Lite"},
        {"TrackMetaData": '<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'},
        {"TrackMetaData": "x" * 300_000},
        {"RelTime": "NOT_IMPLEMENTED"},
    ],
)
def test_what_cannot_be_read_is_set_aside_with_a_reason(answer: dict[str, str]) -> None:
    position = {"TrackURI": SPOTIFY, "RelTime": "0:00:01", "TrackDuration": "0:03:00", "TrackMetaData": "", **answer}
    told = playback(position, {"CurrentTransportState": "PLAYING"}, None, SPEAKER)
    assert told.playing is Playing.UNKNOWN
    assert told.why
    assert playback({}, {}, None, SPEAKER).why
    assert playback(position, {"CurrentTransportState": "DANCING"}, None, SPEAKER).why


def test_times() -> None:
    assert time_ms("0:00:00") == 0
    assert time_ms("10:00:01.250") == 36_001_250
    assert duration_ms("0:00:00") is None
    assert duration_ms("NOT_IMPLEMENTED") is None
    with pytest.raises(ParseProblem):
        time_ms("1:2")


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://i.scdn.co/image/1", "https://i.scdn.co/image/1"),
        ("/getaa?s=1", f"{SPEAKER}/getaa?s=1"),
        ("//evil.invalid/x", None),
        ("/other", None),
        ("javascript:alert(1)", None),
        ("data:image/png;base64,AAAA", None),
        ('https://x.invalid/"onload=', None),
        ("https://x.invalid/a b", None),
        ("", None),
    ],
)
def test_only_pictures_of_the_web_or_the_speaker(text: str, url: str | None) -> None:
    assert artwork_url(text, SPEAKER) == url


def test_names_of_tracks_hold_no_account_and_no_key() -> None:
    assert track_uri("x-sonos-http:tr%3a1.flac?sid=174&flags=24616&sn=3") == "x-sonos-http:tr%3a1.flac?sid=174"
    assert "secret" not in track_uri("http://me:secret@nas.invalid/a.mp3?token=secret")
    assert track_uri("http://nas.invalid/a?id=1") != track_uri("http://nas.invalid/a?id=2")
    assert song_uri("x", "Band", "SONG") == song_uri("x", "band ", "song")
    assert len(track_uri("x-file-cifs://nas/" + "a" * 5_000)) <= 500


def test_hostile_titles_are_data() -> None:
    title = "<script>alert('x')</script> %s {0} \u202e"
    told = seen(SPOTIFY, didl(title=title))
    assert told.track is not None
    assert told.track.name == title.strip()
    assert metadata_of(didl(title="a\n\tb")).title == "a b"


@given(
    st.dictionaries(
        st.sampled_from(["TrackURI", "TrackMetaData", "RelTime", "TrackDuration"]),
        st.one_of(st.text(max_size=60), st.sampled_from([SPOTIFY, "0:01:00", didl(title="a"), "x-rincon:A", "aac:x"])),
    ),
    st.sampled_from(["PLAYING", "STOPPED", "", "PAUSED_PLAYBACK"]),
    st.one_of(st.none(), st.dictionaries(st.sampled_from(["CurrentURI", "CurrentURIMetaData"]), st.text(max_size=40))),
)
def test_nothing_that_comes_breaks_it(position: dict[str, str], state: str, media: Any) -> None:
    told = playback(position, {"CurrentTransportState": state}, media, SPEAKER)
    assert (told.track is not None) == (told.playing in {Playing.TRACK, Playing.EPISODE})
