"""The sorter's section: what it takes, what it refuses, and that all that is wrong is told at once."""

from pathlib import Path

import pytest

from moodroom_hub.core.config import ConfigError, load_config, plugin_config
from moodroom_hub.domain.models import Room, RoomSlug
from moodroom_hub.domain.sorting.layers import composed
from moodroom_hub.domain.sorting.models import (
    Layer,
    LayerKey,
    MotherKind,
    Motherlist,
    Sublist,
    SublistKey,
)
from moodroom_hub.plugins.sorter.config import SorterConfig, layers_of
from tests.core.config.example import differences
from tests.core.config.test_example import DOCUMENTED

ROOMS = {RoomSlug(slug): Room(RoomSlug(slug), slug.title()) for slug in ("house", "rage")}


def section(folder: Path, layers: str, **variables: str) -> SorterConfig:
    """The section with these layers (YAML of the mapping)."""
    path = folder / "config.yaml"
    path.write_text(f"plugins:\n  sorter:\n    layers: {layers}\n", encoding="utf-8")
    environ = {f"MOODROOM_PLUGINS__SORTER__{name}": value for name, value in variables.items()}
    return plugin_config(load_config(path, environ), "sorter", SorterConfig)


def told(folder: Path, layers: str) -> str:
    """What is wrong with these layers."""
    with pytest.raises(ConfigError) as caught:
        section(folder, layers)
    return str(caught.value)


def test_nothing_is_sorted_where_nothing_is_named(tmp_path: Path) -> None:
    assert layers_of(section(tmp_path, "{}"), ROOMS) == layers_of(SorterConfig(), ROOMS) == ()


def test_a_layer_is_as_short_as_its_keys(tmp_path: Path) -> None:
    (layer,) = layers_of(section(tmp_path, "{my-moods: {sublists: {calm: , late-night: {playlist: Nights}}}}"), ROOMS)
    sublists = (
        Sublist(SublistKey("calm"), "Calm", "Calm"),
        Sublist(SublistKey("late-night"), "Late Night", "Nights"),
    )
    assert layer == Layer(LayerKey("my-moods"), "My Moods", sublists)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("liked", Motherlist()),
        ('"playlist:  A: b/c "', Motherlist(MotherKind.PLAYLIST, "A: b/c")),
        ("{playlist: All of it}", Motherlist(MotherKind.PLAYLIST, "All of it")),
        ("top/x", Motherlist(MotherKind.SUBLIST, "", LayerKey("top"), SublistKey("x"))),
    ],
)
def test_a_motherlist_is_said_in_one_word(tmp_path: Path, given: str, meant: Motherlist) -> None:
    layers = f"{{low: {{motherlist: {given}, sublists: {{a: , b: }}}}, top: {{sublists: {{x: , y: }}}}}}"
    assert layers_of(section(tmp_path, layers), ROOMS)[0].motherlist == meant


@pytest.mark.parametrize(
    ("given", "meant"), [("careful", 0.0), ("Balanced", 0.5), ("eager", 1.0), ("0.25", 0.25), ("1", 1.0)]
)
def test_a_wish_is_a_word_or_a_number(tmp_path: Path, given: str, meant: float) -> None:
    (layer,) = layers_of(section(tmp_path, f"{{moods: {{wish: {given}, sublists: {{a: , b: }}}}}}"), ROOMS)
    assert layer.eagerness == meant


def test_the_rooms_are_sublists_that_no_playlist_is_written_for(tmp_path: Path) -> None:
    layers = layers_of(
        section(tmp_path, "{at-home: {sublists: Rooms}, low: {motherlist: at-home/rage, sublists: {a: }}}"), ROOMS
    )
    assert layers[0].sublists == tuple(Sublist(SublistKey(slug), room.name, "", slug) for slug, room in ROOMS.items())
    assert composed(layers).problems == ()


def test_variables_win_over_the_file(tmp_path: Path) -> None:
    config = section(
        tmp_path,
        "{my-moods: {sublists: {a: , b: }}}",
        LAYERS__MY_MOODS__WISH="careful",
        LAYERS__MY_MOODS__SUBLISTS__B__PLAYLIST="Blue",
        LAYERS__MY_MOODS__MOTHERLIST="playlist: All",
        GOAL="0.9",
        RETRAIN="Weekly",
        AUDIO_FEATURES="audio.csv",
        AUTO_APPLY="no",
    )
    (layer,) = layers_of(config, ROOMS)
    assert (layer.eagerness, layer.motherlist.playlist, layer.sublists[1].playlist) == (0.0, "All", "Blue")
    assert (config.goal, config.retrain, config.auto_apply) == (0.9, "weekly", False)
    assert config.audio_features == tmp_path / "audio.csv"


def test_every_key_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    text = told(
        tmp_path,
        "{Bad Key: {sublists: {a: }}, one: {mutual: true, complete: true, sublists: {a: }}, none: {sublists: {}},"
        " odd: {motherlist: a/b/c, wish: 2, sublists: {a: {playlst: x}}}, word: {wish: true, sublists: all}, bare: {}}",
    )
    for line in (
        "layers.Bad Key: expected a slug",
        "layers.one: expected 2 sublists or more",
        "layers.none.sublists: expected at least 1 of them",
        "layers.odd.motherlist: expected liked,",
        "layers.odd.wish: expected careful, balanced, eager, or a number",
        "layers.odd.sublists.a.playlst: unknown key; known here: name, playlist (did you mean playlist?)",
        "layers.word.sublists: expected 'rooms'",
        "layers.word.wish: expected careful",
        "layers.bare.sublists: expected this key; it is missing",
    ):
        assert f"plugins.sorter.{line}" in text


def test_what_does_not_fit_together_is_told_at_once(tmp_path: Path) -> None:
    text = told(
        tmp_path,
        "{top: {sublists: {a: , b: {playlist: ' A '}}}, low: {motherlist: 'playlist: a', sublists: {x: }},"
        " one: {motherlist: two/y, sublists: {y: }}, two: {motherlist: one/y, sublists: {y: {playlist: Z}}},"
        " lost: {motherlist: top/q, sublists: {l: }}, home: {sublists: rooms}, rooms: {sublists: rooms}}",
    )
    for part in (
        "a playlist of its own for each of top/a, top/b",
        "layer low takes its songs from the playlist that top/a is kept in; say motherlist: top/a",
        "in a circle: one → two → one",
        "takes its songs from top/q, which is not there",
        "expected one layer with sublists: rooms; these have it: home, rooms",
    ):
        assert part in text


@pytest.mark.parametrize(("mutual", "complete"), [("true", "false"), ("false", "true"), ("false", "false")])
def test_one_sublist_is_enough_where_there_is_something_to_decide(tmp_path: Path, mutual: str, complete: str) -> None:
    assert section(tmp_path, f"{{moods: {{mutual: {mutual}, complete: {complete}, sublists: {{a: }}}}}}").layers


def test_64_sublists_are_the_most(tmp_path: Path) -> None:
    many = ", ".join(f"s{number}: " for number in range(64))
    assert len(section(tmp_path, f"{{moods: {{sublists: {{{many}}}}}}}").layers["moods"].sublists) == 64
    assert "layers.moods.sublists: expected at most 64 of them" in told(
        tmp_path, f"{{moods: {{sublists: {{{many}, more: }}}}}}"
    )


def test_the_example_shows_every_key_with_its_default() -> None:
    assert differences({**DOCUMENTED, "sorter": SorterConfig}) == []
