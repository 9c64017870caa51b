"""Pools as CSV: every shape that people's tools write, bad rows set aside, and the way back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodroom_hub.domain.models import PoolEntry, Room, RoomSlug, Tier, Track, Uri
from moodroom_hub.domain.pool_files import (
    COLUMNS,
    CsvPools,
    FileProblem,
    PoolFileError,
    PoolRow,
    find_room,
    format_csv,
    formula_like,
    parse_csv,
    parse_track_uri,
    rows_of,
)

ROOMS = (Room(RoomSlug("late-night"), "Late Night"), Room(RoomSlug("house"), "House"), Room(RoomSlug("cafe"), "Café"))
LATE = RoomSlug("late-night")
ID = "6uYJH7nrzcCIFR9mtrLaWb"
URI = Uri(f"spotify:track:{ID}")
TROPHIES = PoolRow(LATE, Tier.CONFIRMED, "Trophies", ("Drake",), URI, "USCM51300762")
HEADER = "room,tier,name,artist,uri,isrc\n"


def parsed(text: str) -> CsvPools:
    return parse_csv(text, ROOMS)


def only_problem(text: str) -> FileProblem:
    result = parsed(text)
    assert result.rows == ()
    assert len(result.problems) == 1
    return result.problems[0]


@pytest.mark.parametrize(
    "text",
    [
        f"{HEADER}late-night,CONFIRMED,Trophies,Drake,{URI},USCM51300762\n",
        f"{HEADER}late-night,CONFIRMED,Trophies,Drake,{URI},USCM51300762",
        f"\ufeff{HEADER}late-night,CONFIRMED,Trophies,Drake,{URI},USCM51300762\n",
        f"room,tier,name,artist,uri,isrc\r\nLate Night,confirmed,Trophies,Drake,{ID},us-cm5-13-00762\r\n",
        f"Room;Tier;Name;Artist;URI;ISRC\r\nLATE_NIGHT;Confirmed;Trophies;Drake;{URI};USCM51300762\r\n",
        f"room\ttier\tname\tartist\turi\tisrc\nlate-night\tCONFIRMED\tTrophies\tDrake\t{URI}\tUSCM51300762\n",
        f'"isrc","uri","artist","name","tier","room"\n"USCM51300762","{URI}","Drake","Trophies","CONFIRMED","late-night"\n',
        f"\n\n{HEADER}\n , , , , ,\nlate-night , CONFIRMED, Trophies , Drake,{URI} ,USCM51300762\n\n",
        f"{HEADER}late-night,CONFIRMED,Trophies,Drake,https://open.spotify.com/track/{ID}?si=abc&nd=1,USCM51300762\n",
    ],
)
def test_one_row_in_many_forms(text: str) -> None:
    assert parsed(text) == CsvPools((TROPHIES,))


@pytest.mark.parametrize(
    "text",
    [
        ID,
        f" spotify:track:{ID} ",
        f"https://open.spotify.com/track/{ID}",
        f"http://open.spotify.com/track/{ID}/",
        f"open.spotify.com/track/{ID}?si=0123456789abcdef",
        f"https://open.spotify.com/intl-de/track/{ID}?si=1#here",
        f"HTTPS://Open.Spotify.com/intl-pt-BR/track/{ID}",
    ],
)
def test_every_way_to_name_a_track(text: str) -> None:
    assert parse_track_uri(text) == URI


@pytest.mark.parametrize(
    "text",
    [
        "",
        ID[:-1],
        f"{ID}x",
        f"{ID[:-1]}!",
        f"spotify:album:{ID}",
        f"spotify:episode:{ID}",
        "spotify:local:Drake:Take+Care:Trophies:200",
        f"https://open.spotify.com/album/{ID}",
        f"https://open.spotify.com.evil.example/track/{ID}",
        f"https://evil.example/?https://open.spotify.com/track/{ID}",
        f"spotify:track:{ID}\nspotify:track:{ID}",
        "٠" * 22,
    ],
)
def test_what_names_no_track(text: str) -> None:
    assert parse_track_uri(text) is None


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f"attic,CONFIRMED,a,b,{URI},", "no room is called “attic”; there are late-night, house, cafe"),
        (f",CONFIRMED,a,b,{URI},", "no room is called “”; there are late-night, house, cafe"),
        (
            f"house,BEST,a,b,{URI},",
            "no tier is called “BEST”; there are CONFIRMED, SAFE_SIDE, DISCOVERY, REMOVED",
        ),
        (
            "house,CONFIRMED,a,b,spotify:album:1,",
            "“spotify:album:1” is not a Spotify track: spotify:track:ID, its web address or the bare ID",
        ),
        (f"house,CONFIRMED,a,b,{URI},12", "“12” is not an ISRC (12 letters and digits, as in USCM51300762)"),
        ("house,CONFIRMED,a,,,", "neither a uri nor both a name and an artist"),
        ("house,CONFIRMED,,b,,", "neither a uri nor both a name and an artist"),
        ("house,CONFIRMED,a,;,,", "neither a uri nor both a name and an artist"),
        (f"house,CONFIRMED,a,b,{URI}", "only 5 fields where the header names 6"),
        (f"house,CONFIRMED,a,b,{URI},,more", "7 fields where the header names 6"),
        (f'house,CONFIRMED,"a"b,c,{URI},', "cannot be read as CSV: ',' expected after '\"'"),
        (f'house,CONFIRMED,"a,b,{URI},', "opens a quote that is never closed; nothing after it was read"),
    ],
)
def test_a_bad_row_is_set_aside_with_its_line_and_reason(row: str, reason: str) -> None:
    assert only_problem(f"{HEADER}\n{row}\n") == FileProblem("line 3", reason)


def test_good_rows_survive_bad_ones_and_lines_are_counted_through_quoted_breaks() -> None:
    result = parsed(
        f'{HEADER}house,CONFIRMED,"two\nlines",x,,\nhouse,NO,a,b,,\nlate-night,CONFIRMED,Trophies,Drake,{URI},USCM51300762\n'
    )
    assert [row.name for row in result.rows] == ["two\nlines", "Trophies"]
    assert [problem.where for problem in result.problems] == ["line 4"]


@pytest.mark.parametrize("spelling", ["safe_side", "Safe Side", "SAFE-SIDE", " safe  side "])
def test_tiers_in_any_spelling(spelling: str) -> None:
    assert parsed(f"{HEADER}house,{spelling},a,b,,\n").rows[0].tier is Tier.SAFE_SIDE


@pytest.mark.parametrize(
    ("text", "room"),
    [
        ("Late Night", "late-night"),
        ("late_night", "late-night"),
        ("HOUSE", "house"),
        ("cafe", "cafe"),
        ("CAFÉ", "cafe"),
    ],
)
def test_rooms_by_slug_or_name(text: str, room: str) -> None:
    found = find_room(ROOMS, text)
    assert found is not None
    assert found.slug == room


def test_a_slug_goes_before_another_rooms_name() -> None:
    named_alike = Room(RoomSlug("night"), "House")
    found = find_room((named_alike, *ROOMS), "house")
    assert found is not None
    assert found.slug == "house"
    assert find_room(ROOMS, " ") is None


def test_foreign_columns_are_named_and_ignored() -> None:
    text = f"Added At,room,tier,uri,,BPM\n2024,house,DISCOVERY,{ID},,120\n"
    result = parsed(text)
    assert result.rows == (PoolRow(RoomSlug("house"), Tier.DISCOVERY, "", (), URI),)
    assert result.ignored_columns == ("Added At", "BPM")
    assert result.problems == ()


def test_rows_without_a_uri_need_name_and_artist_and_are_kept() -> None:
    result = parsed("room,tier,name,artist\nhouse,DISCOVERY,One More Time,Daft Punk\n")
    assert result.rows == (PoolRow(RoomSlug("house"), Tier.DISCOVERY, "One More Time", ("Daft Punk",)),)


def test_a_track_named_twice_in_a_room_counts_once() -> None:
    text = (
        f"{HEADER}house,CONFIRMED,a,b,{URI},\nhouse,DISCOVERY,a,b,{ID},\nlate-night,DISCOVERY,a,b,{URI},\n"
        "house,CONFIRMED,Song (feat. X),Y,,\nhouse,CONFIRMED,SONG,y,,\n"
    )
    result = parsed(text)
    assert [(row.room, row.tier) for row in result.rows] == [
        ("house", Tier.CONFIRMED),
        ("late-night", Tier.DISCOVERY),
        ("house", Tier.CONFIRMED),
    ]
    assert result.problems == (
        FileProblem("line 3", "the same track in the same room as on line 2; the first one counts"),
        FileProblem("line 6", "the same track in the same room as on line 5; the first one counts"),
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the header lacks room and tier"),
        ("\ufeff", "the header lacks room and tier"),
        (f"late-night,CONFIRMED,Trophies,Drake,{URI},\n", "the header lacks room and tier"),
        ("room,name,artist\n", "the header lacks tier"),
        ("room,tier,name\n", "the header names neither uri nor both name and artist"),
        ("room,tier,room,uri\n", "the header names room more than once"),
        ('"room,tier\n', "the header opens a quote that is never closed"),
        ("a" * 200_000, "the header cannot be read as CSV: field larger than field limit"),
        ("<!doctype html><html>, </html>", "the header lacks room and tier"),
        ("\x00\x01\x02", "the header lacks room and tier"),
    ],
)
def test_a_file_without_a_usable_header_is_refused_as_a_whole(text: str, reason: str) -> None:
    with pytest.raises(PoolFileError) as refused:
        parsed(text)
    assert str(refused.value).startswith(reason)
    assert str(refused.value).endswith("the first line must name the columns room,tier,name,artist,uri,isrc")


def test_formulas_stay_data_and_are_counted() -> None:
    names = ["=1+1", "+44", "-", "@home", "Song"]
    rows = [PoolRow(LATE, Tier.CONFIRMED, name, ("A",)) for name in names]
    rows.append(PoolRow(LATE, Tier.CONFIRMED, "Other", ("=HYPERLINK(1)",)))
    assert "\r\nlate-night,CONFIRMED,=1+1,A,,\r\n" in format_csv(rows)
    assert parsed(format_csv(rows)).rows == tuple(rows)
    assert formula_like(rows) == 5


def test_several_artists_are_parted_by_semicolons_and_a_semicolon_is_doubled() -> None:
    row = PoolRow(LATE, Tier.CONFIRMED, "Song", ("Tyler, The Creator", "Steins;Gate", ";", "Z;"))
    assert 'Steins;;Gate; ;;; Z;;"' in format_csv([row])
    assert parsed(format_csv([row])).rows == (row,)


def test_a_pool_goes_out_and_comes_back() -> None:
    track = Track(URI, 'Say "no", twice', ("Drake", "Rihanna"), isrc="us-cm5-13-00762")
    entries = [PoolEntry(track, Tier.REMOVED, strikes=2)]
    rows = rows_of(LATE, entries)
    assert parsed(format_csv(rows)).rows == tuple(rows)
    assert rows == [PoolRow(LATE, Tier.REMOVED, track.name, track.artists, URI, "USCM51300762")]


_names = st.text(max_size=12).map(str.strip)
_artists = st.lists(_names.filter(bool), min_size=1, max_size=3).map(tuple)
_ids = st.text("0123456789abcXYZ", min_size=22, max_size=22)
_rows = st.builds(
    PoolRow,
    st.sampled_from([room.slug for room in ROOMS]),
    st.sampled_from(Tier),
    _names,
    _artists,
    _ids.map(lambda each: Uri(f"spotify:track:{each}")),
    st.none() | st.from_regex(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}", fullmatch=True),
)


@given(st.lists(_rows, max_size=8, unique_by=lambda row: (row.room, row.uri)))
@settings(max_examples=150)
def test_whatever_is_written_is_read_back(rows: list[PoolRow]) -> None:
    text = format_csv(rows)
    assert parsed(text) == CsvPools(tuple(rows))
    assert parsed(f"\ufeff{text}").rows == tuple(rows)


_cells = st.sampled_from([*COLUMNS, "house", "CONFIRMED", ID, '"', ",", ";", "\n", "\r\n", "\t", " ", "\x00", "=", "é"])


@given(st.text(max_size=80) | st.lists(_cells, max_size=40).map("".join))
@settings(max_examples=200)
def test_no_text_whatever_does_more_than_be_refused(text: str) -> None:
    for candidate in (text, HEADER + text):
        try:
            result = parsed(candidate)
        except PoolFileError as refused:
            told = [str(refused)]
        else:
            told = [str(problem) for problem in result.problems]
            assert parsed(format_csv(result.rows)).rows == result.rows
        assert not any("\n" in line or "\r" in line for line in told)
