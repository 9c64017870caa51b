"""Rewriting a room's words in the owner's file: it means just that, and everything else stays sign for sign."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from moodroom_hub.core.config import load_config
from moodroom_hub.core.config.editing import Written, definition_of, write_definition
from moodroom_hub.core.errors import MoodroomError
from moodroom_hub.domain.mining.models import Definition
from moodroom_hub.domain.models import Anchor

HOME = """\
# My hub.   Do not touch.
web:   {port:   8123 , password: env:PW}   # two  spaces

rooms:
    house:   # the best one
        name: 'House'
        # what I like
        description: "Warm \\u00e9"   # in my words
        anchors:
        - {name: One More Time, artist: "Daft Punk"}   # of course
        # and this
        - name: Show Me Love
          artist: Robin S

        # what not
        avoid: [festival drops,  'hard: techno' ]  # never
        palette: {accent: "#ABCDEF"}

    rage:
    sunday: {name: Sunday, avoid: [noise]}
plugins:
  spotify: {client_id: abc}
# the end"""
ENVIRON = {"PW": "s3cret"}


def written(path: Path, slug: str, new: Definition, environ: Mapping[str, str] = ENVIRON) -> str:
    """Write, check what a hub reads then, and give the file's text."""
    before = load_config(path, environ).settings
    done = write_definition(path, slug, new, environ=environ)
    after = load_config(path, environ).settings
    assert done == Written(path, path.resolve().with_name(path.resolve().name + ".bak"))
    assert definition_of(after.rooms[slug]) == new
    assert {**after.rooms, slug: None} == {**before.rooms, slug: None}
    assert list(after.rooms) == list(before.rooms)
    assert after.model_copy(update={"rooms": before.rooms}) == before
    return path.read_bytes().decode("utf-8-sig")


def words(path: Path, slug: str, environ: Mapping[str, str] = ENVIRON) -> Definition:
    """A room's words as the hub reads them."""
    return definition_of(load_config(path, environ).settings.rooms[slug])


def names(path: Path) -> list[str]:
    """What lies in the file's folder."""
    return sorted(each.name for each in path.parent.iterdir())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The owner's file."""
    place = tmp_path / "config.yaml"
    place.write_text(HOME, encoding="utf-8")
    return place


def test_only_the_words_change(path: Path) -> None:
    old = words(path, "house")
    new = Definition(
        "deep: and #slow",
        (*old.anchors, Anchor("Sky - Remix", "A & B")),
        ("festival drops", "on", "like 'Hm' by X"),
    )
    text = written(path, "house", new)
    expected = HOME.replace('"Warm \\u00e9"', '"deep: and #slow"')
    expected = expected.replace(
        "          artist: Robin S\n", "          artist: Robin S\n        - {name: Sky - Remix, artist: A & B}\n"
    )
    expected = expected.replace("[festival drops,  'hard: techno' ]", """[festival drops, "on", like 'Hm' by X ]""")
    assert text == expected
    assert path.with_name("config.yaml.bak").read_text(encoding="utf-8") == HOME


def test_an_item_taken_out_takes_its_own_lines(path: Path) -> None:
    old = words(path, "house")
    assert written(path, "house", Definition(old.description, old.anchors[1:], ())) == HOME.replace(
        '        - {name: One More Time, artist: "Daft Punk"}   # of course\n', ""
    ).replace("[festival drops,  'hard: techno' ]", "[]")
    assert "anchors: []" in written(path, "house", Definition(old.description, (), ()))


def test_what_a_default_gave_is_written_out_only_where_it_changes(path: Path) -> None:
    old = words(path, "rage")
    text = written(path, "rage", Definition(old.description, old.anchors, ("calm",)))
    assert text == HOME.replace("    rage:\n", "    rage:\n      avoid:\n        - calm\n")


def test_a_room_in_braces_stays_in_braces(path: Path) -> None:
    text = written(path, "sunday", Definition("slow", (Anchor("A", "B, C"),), ("noise", "more, noise")))
    assert text == HOME.replace(
        "{name: Sunday, avoid: [noise]}",
        '{name: Sunday, avoid: [noise, "more, noise"], description: slow, anchors: [{name: A, artist: "B, C"}]}',
    )


@pytest.mark.parametrize("text", ["", "# nothing yet", "web: {port: 1}\n# rooms:\n", "rooms:\nweb:\n  port: 1\n"])
def test_a_file_without_rooms_gets_all_of_them_named(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    old = words(path, "house")
    after = written(path, "house", Definition("mine", old.anchors, old.avoid))
    assert "  late-night:\n  throwback-pop:\n  house:\n    description: mine\n  rage:\n" in after
    assert all(line in after for line in text.splitlines())


def test_json_stays_json(path: Path) -> None:
    room = {"description": "x", "anchors": [{"name": "A", "artist": "B"}], "avoid": []}
    for indent in (None, 2):
        path.write_text(json.dumps({"rooms": {"house": room, "rage": {}}, "web": {"port": 1}}, indent=indent))
        new = Definition("deep 🎧\n", (Anchor("A", "B"), Anchor("Ñ", "\U0001f600")), ("no", "yes"))
        found = json.loads(written(path, "house", new))
        assert found["rooms"]["house"]["description"] == "deep 🎧\n"
        assert found["web"] == {"port": 1}
        assert json.loads(written(path, "rage", new))["rooms"]["rage"]["avoid"] == ["no", "yes"]
    path.write_text('{"web": {"port": 1}}')
    assert json.loads(written(path, "house", Definition("", (), ("no",))))["rooms"]["rage"] is None


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_line_ends_and_encoding_stay(path: Path, encoding: str) -> None:
    path.write_bytes(HOME.replace("\n", "\r\n").encode(encoding))
    old = words(path, "house")
    new = Definition("short", (*old.anchors, Anchor("Ü", "Y")), (*old.avoid, "z"))
    write_definition(path, "house", new, environ=ENVIRON)
    assert words(path, "house") == new
    text = path.read_bytes().decode(encoding)
    assert text.count("\n") == text.count("\r\n") == HOME.count("\n") + 1


def test_nothing_to_change_writes_nothing(path: Path) -> None:
    assert write_definition(path, "house", words(path, "house"), environ=ENVIRON) == Written(path, None)
    assert names(path) == ["config.yaml"]


def test_a_link_is_followed_and_mode_stays(path: Path) -> None:
    path.chmod(0o640)
    link = path.parent / "elsewhere" / "config.yaml"
    link.parent.mkdir()
    link.symlink_to(path)
    written(link, "house", Definition("new", (), ()))
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert path.with_name("config.yaml.bak").stat().st_mode & 0o777 == 0o640
    assert names(path) == ["config.yaml", "config.yaml.bak", "elsewhere"]


def test_without_a_file_one_is_written_where_the_hub_finds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    old = definition_of(load_config(None, {}).settings.rooms["rage"])
    done = write_definition(None, "rage", old, environ={})
    assert (done.kept, list(tmp_path.rglob("*.yaml"))) == (None, [])
    done = write_definition(None, "rage", Definition("loud", old.anchors, old.avoid), environ={})
    assert (done.is_new, done.kept, done.path.stat().st_mode & 0o777) == (True, None, 0o600)
    loaded = load_config(None, {})
    assert loaded.path == done.path
    assert loaded.settings.rooms["rage"].description == "loud"
    assert len(loaded.settings.rooms) == 6


@pytest.mark.parametrize(
    ("text", "environ", "new", "said"),
    [
        (HOME, {"MOODROOM_ROOMS__HOUSE__DESCRIPTION": "x"}, Definition("y", (), ()), "MOODROOM_ROOMS__HOUSE__DESC"),
        (HOME, {"MOODROOM_ROOMS__HOUSE__AVOID__0": "x"}, Definition("y", (), ()), "MOODROOM_ROOMS__HOUSE__AVOID__0"),
        (HOME, {"MOODROOM_ROOMS__HOUSE": "{name: X}"}, Definition("y", (), ()), "MOODROOM_ROOMS__HOUSE"),
        (HOME, {}, Definition("file:/etc/passwd", (), ()), "reference"),
        (HOME, {}, Definition("x", (Anchor("env:PW", "y"),), ()), "reference"),
        (HOME, {}, Definition("x", (), ("a\nb",)), "rooms.house.avoid[0]: expected one line"),
        (HOME, {}, Definition("x" * 2001, (), ()), "rooms.house.description"),
        ("rooms: {house: {avoid: [&a x, *a]}}", {}, Definition("x", (), ("x",)), "line 1 shares"),
        ("rooms:\n  house: &h\n    avoid: [x]\n  rage: *h\n", {}, Definition("x", (), ()), "line 2 shares"),
        ("plugins: {x: &r {house: {}}}\nrooms: *r\n", {}, Definition("x", (), ()), "line 2 shares"),
        ("rooms: &r {house: {}}\nplugins: {x: *r}\n", {}, Definition("x", (), ()), "cannot change safely"),
        ("rooms: {attic: {}}\n", {}, Definition("x", (), ()), "no room house"),
        ("web: {port: 1}\n...\n", {}, Definition("x", (), ()), "cannot change safely"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_stands_as_it_was(
    path: Path, text: str, environ: dict[str, str], new: Definition, said: str
) -> None:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MoodroomError, match=r"^[^\n]+$") as caught:
        write_definition(path, "house", new, environ={**ENVIRON, **environ})
    assert said in str(caught.value)
    assert "s3cret" not in str(caught.value)
    assert path.read_text(encoding="utf-8") == text


def test_a_variable_of_another_key_does_not_hinder(path: Path) -> None:
    environ = {**ENVIRON, "MOODROOM_ROOMS__HOUSE__NAME": "Haus", "MOODROOM_ROOMS__HOUSE__AVOID": "a, b"}
    old = words(path, "house", environ)
    write_definition(path, "house", Definition("y", old.anchors, old.avoid), environ=environ)
    assert words(path, "house", environ).description == "y"


def test_a_file_that_is_another_by_now_is_left_alone(path: Path) -> None:
    was = words(path, "house")
    path.write_text(HOME.replace("festival drops", "flutes"), encoding="utf-8")
    with pytest.raises(MoodroomError, match="changed since it was loaded"):
        write_definition(path, "house", Definition("x", (), ()), was=was, environ=ENVIRON)
    assert "flutes" in path.read_text(encoding="utf-8")


def test_a_read_only_file_is_left_alone(path: Path) -> None:
    path.chmod(0o444)
    with pytest.raises(MoodroomError, match="read-only"):
        write_definition(path, "house", Definition("x", (), ()), environ=ENVIRON)
    assert names(path) == ["config.yaml"]


SIGNS = st.one_of(st.sampled_from("ab -:#,[]{}&*!|>'\"%@`?~é1\\"), st.characters(exclude_categories=("C", "Z")))
SAFE = st.text(SIGNS, min_size=1, max_size=30).map(lambda text: text.strip() or "x")
DESCRIPTIONS = st.one_of(SAFE, st.text(max_size=60))
ANCHORS = st.lists(st.builds(Anchor, SAFE, SAFE), max_size=4).map(tuple)
DEFINITIONS = st.builds(Definition, DESCRIPTIONS, ANCHORS, st.lists(SAFE, max_size=4).map(tuple))
STARTS = st.sampled_from(
    [
        HOME,
        HOME + "\n",
        HOME.replace("\n", "\r\n"),
        "rooms:\n house:\n  description: >\n   one\n   two\n\n  # c\n  avoid:\n  - a # b\n\n  - |\n    c\n",
        "rooms: {house: , rage: {}}",
        "rooms: {house}\n",
        "rooms:\n  house: ~ # none\n",
        "rooms:\n  house: {anchors: [\n    {name: a, artist: b}, # x\n    {name: c, artist: d},\n  ]}\n",
        "---\nrooms:\n  house:\n    avoid:\n    description: a\n      b\n    anchors: ",
        '{"rooms": {"house": {"avoid": [\n "a",\n "b"]}}}',
        "",
    ]
)


@settings(max_examples=120, deadline=None)
@given(start=STARTS, first=DEFINITIONS, extra=DEFINITIONS)
@example(start="", first=Definition("\x00\x85\ufeff", (), ()), extra=Definition("\ud83d\ude00 ", (), ()))
def test_whatever_the_words_and_the_file_it_means_just_that(
    tmp_path_factory: pytest.TempPathFactory, start: str, first: Definition, extra: Definition
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(start.encode())
    more = Definition(extra.description, first.anchors[1:] + extra.anchors, first.avoid[:1] + extra.avoid)
    for new in (first, more):
        before = words(path, "house")
        try:
            write_definition(path, "house", new, environ=ENVIRON)
        except MoodroomError as error:
            refused = str(error)
        else:
            refused = ""
        assert "cannot change safely" not in refused
        assert words(path, "house") == (before if refused else new)
