"""The rooms: six by default, what a default gives, slugs and names that can be told apart."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.core.config import Settings, default_rooms
from moodroom_hub.core.config.fields import slugged
from moodroom_hub.domain.models import RoomSlug
from tests.core.config.conftest import Load, Problems


def test_six_rooms_each_with_its_light() -> None:
    rooms = Settings().domain_rooms()
    assert [room.name for room in rooms.values()] == [
        "Late Night",
        "Throwback Pop",
        "House",
        "Rage",
        "Throwback Rap",
        "After Hours",
    ]
    assert [slugged(room.name) for room in rooms.values()] == list(rooms)
    for room in rooms.values():
        assert room.description
        assert len(room.anchors) >= 3
        assert room.avoid
        assert room.palette is not None
    assert len({room.palette for room in rooms.values()}) == 6


def test_rooms_of_ones_own_replace_the_six(load: Load) -> None:
    rooms = load("rooms:\n  night-drive: {name: Night Drive}\n  gym:\n").settings.domain_rooms()
    assert [(slug, room.name, room.palette) for slug, room in rooms.items()] == [
        ("night-drive", "Night Drive", None),
        ("gym", "Gym", None),
    ]


def test_a_default_gives_what_is_left_out(load: Load) -> None:
    text = (
        "rooms:\n  rage: {name: Fury, palette: {accent: '#ABCDEF'}, avoid: []}\n  house:\n  late-night: {palette: null}"
    )
    rooms, defaults = load(text).settings.rooms, default_rooms()
    assert list(rooms) == ["rage", "house", "late-night"]
    assert rooms["house"] == defaults["house"]
    assert rooms["rage"].name == "Fury"
    assert rooms["rage"].avoid == ()
    assert rooms["rage"].anchors == defaults["rage"].anchors
    fury, rage = rooms["rage"].palette, defaults["rage"].palette
    assert fury is not None
    assert rage is not None
    assert fury.accent == "#abcdef"
    assert fury.blobs == rage.blobs
    assert default_rooms() == defaults


def test_the_domain_gets_all_of_a_room(load: Load) -> None:
    text = """
rooms:
  x:
    name: Ex
    description: d
    anchors: [{name: N, artist: 4}]
    avoid: [1999]
    palette: {accent: "#000001", from: "#000002", to: "#000003", blobs: ["#000004", "#000005", "#000006"]}
"""
    room = load(text).settings.domain_rooms()[RoomSlug("x")]
    assert (room.slug, room.name, room.description, room.avoid) == ("x", "Ex", "d", ("1999",))
    assert [(anchor.name, anchor.artist) for anchor in room.anchors] == [("N", "4")]
    assert room.palette is not None
    assert (room.palette.accent, room.palette.start, room.palette.end) == ("#000001", "#000002", "#000003")
    assert room.palette.blobs == ("#000004", "#000005", "#000006")


@pytest.mark.parametrize(
    ("one", "other"), [("Chill", "chill!"), ("Chill Out", "chill-out"), ("Été", "ETE"), ("夜", " 夜 ")]
)
def test_names_that_sound_the_same_are_refused(problems: Problems, one: str, other: str) -> None:
    told = problems(f"rooms:\n  a: {{name: '{one}'}}\n  b: {{name: '{other}'}}\n")
    assert told == ["config.yaml:3: rooms.b.name: expected a name of its own; rooms.a is called the same"]


def test_names_in_other_scripts_are_told_apart(load: Load) -> None:
    assert len(load("rooms:\n  a: {name: 夜}\n  b: {name: 朝}\n").settings.rooms) == 2


@pytest.mark.parametrize(
    ("slug", "such"),
    [
        ("Late Night", "late-night"),
        ("late_night", "late-night"),
        ("-x", "x"),
        ("x--y", "x-y"),
        ("Été", "ete"),
        ("x" * 41, "x" * 40),
        ("夜", "late-night"),
    ],
)
def test_a_slug_that_is_none_comes_with_one_that_is(problems: Problems, slug: str, such: str) -> None:
    assert problems(f"rooms:\n  {slug}: {{name: X}}\n")[0].endswith(f"such as {such}")


@given(st.text(max_size=60))
def test_slugged_gives_slugs_and_is_stable(name: str) -> None:
    slug = slugged(name)
    assert slug == "" or re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)
    assert len(slug) <= 40
    assert slugged(slug) == slug
