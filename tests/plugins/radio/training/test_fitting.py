"""From playlists to a model, and further: reproducible, complete, and nothing left behind."""

import errno
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from moodroom_hub.plugins.radio.model import Manifest, ModelFileError, StationModel
from moodroom_hub.plugins.radio.recommending.interface import Query
from moodroom_hub.plugins.radio.training import fitting, joining, judging, spilling
from moodroom_hub.plugins.radio.training.fitting import lists_beside, train, update
from moodroom_hub.plugins.radio.training.reading import Faults, RawList, SourceError
from tests.plugins.radio.training.tiny import Tiny, made_up, write_lines, write_slices

STEPS = ("reading", "counting", "numbering", "naming", "judging", "learning", "writing")


def now() -> datetime:
    return datetime(2026, 1, 2, tzinfo=UTC)


def raw(name: str, *artists: str) -> RawList:
    return RawList(name, artists)


def learn(out: Path, *sources: Path, extra: tuple[RawList, ...] = (), seed: int = 0) -> Manifest:
    return train(sources, out, recommender=Tiny, extra=extra, seed=seed, now=now)


def more(model: Path, *sources: Path, extra: tuple[RawList, ...] = ()) -> Manifest:
    return update(model, sources, recommender=Tiny, extra=extra, now=now)


def open_model(path: Path) -> StationModel:
    return StationModel.open(path, recommender=Tiny)


def test_a_model_says_what_it_is_and_knows_who_goes_with_whom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "LEAST_TASKS", 2)
    write_slices(tmp_path / "mpd", made_up(400))
    (tmp_path / "mpd" / "broken.json").write_text("{")
    heard: list[Faults] = []
    told: list[tuple[str, int, int]] = []
    manifest = train(
        [tmp_path / "mpd"],
        tmp_path / "station.model",
        recommender=Tiny,
        extra=[raw("mine", "artist 1", "ARTIST 2", "Artist 3")],
        hear_faults=heard.append,
        tell=lambda *news: told.append(news),
        now=now,
        seed=3,
    )
    assert manifest.data == ((str(tmp_path / "mpd"), 400, 1), ("own", 1, 0))
    assert (manifest.sizes["artists"], manifest.sizes["lists"], manifest.sizes["duplicates"]) == (60, 401, 0)
    assert (manifest.seed, manifest.recommender, manifest.trained_at) == (3, "tiny", "2026-01-02T00:00:00+00:00")
    assert manifest.metrics["ndcg"] > manifest.metrics["ndcg_popularity"] > 0
    assert next(text for faults in heard for text in faults.told).startswith("broken.json: is no JSON")
    assert {doing for doing, _, _ in told} == {
        "reading",
        "counting",
        "numbering",
        "naming",
        "judging",
        "learning",
        "writing",
    }
    assert all(0 <= done <= whole for _, done, whole in told)
    with open_model(tmp_path / "station.model") as model:
        assert model.manifest == manifest
        assert len(model) == 60
        place = model.place("The artist 1 feat. Somebody")
        assert place is not None
        best = model.score(Query((place,)), 5, {place})
        assert all(int(model.name(int(each)).split()[1]) < 30 for each in best.places)


def test_the_same_lists_and_seed_give_the_same_file(tmp_path: Path) -> None:
    write_slices(tmp_path / "mpd", made_up(60))
    for name in ("one", "two"):
        learn(tmp_path / name, tmp_path / "mpd")
    learn(tmp_path / "three", tmp_path / "mpd", seed=1)
    one, two, three = ((tmp_path / name).read_bytes() for name in ("one", "two", "three"))
    assert one == two != three


def test_names_are_those_that_most_people_write_and_places_go_by_how_common(tmp_path: Path) -> None:
    lists = [
        ("a", ["JAY-Z", "Beck", "Once"]),
        ("b", ["Jay Z", "Beck"]),
        ("c", ["Jay Z", "Abba"]),
        ("d", ["jay z feat. X", "Abba", "Twice"]),
    ]
    write_lines(tmp_path / "lists.jsonl.gz", lists)
    learn(tmp_path / "m", tmp_path / "lists.jsonl.gz")
    with open_model(tmp_path / "m") as model:
        assert sorted(model.name(place) for place in range(len(model))) == ["Abba", "Beck", "Jay Z"]
        assert model.name(0) == "Jay Z"
        assert (model.common(0), model.common(2)) == (1.0, 0.0)
        assert model.place("Once") is None
        assert model.place("") is None
        assert model.place("Jay-Z, Alicia Keys") == 0


def test_a_list_that_comes_twice_counts_once(tmp_path: Path) -> None:
    lists = made_up(40)
    write_slices(tmp_path / "mpd", [*lists, *lists[:15]])
    assert learn(tmp_path / "m", tmp_path / "mpd").sizes["duplicates"] == 15


@pytest.mark.parametrize("chunk", [100, 1_000_000])
def test_an_update_gives_what_a_training_on_everything_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(spilling, "CHUNK_ARTISTS", chunk)
    lists = [*made_up(60), ("rare", ["Artist 1", "Nobody yet"])]
    newer = [*made_up(50, artists=80, seed=1), *lists[:10], ("rare too", ["Nobody yet", "Artist 2"])]
    write_slices(tmp_path / "old", lists)
    write_lines(tmp_path / "new.jsonl.gz", newer)
    (tmp_path / "new.csv").write_text("playlist,artist\n" + "".join(f"x,Artist {n}\n" for n in range(8)))
    everything = (tmp_path / "old", tmp_path / "new.jsonl.gz", tmp_path / "new.csv")
    learn(tmp_path / "whole", *everything)
    learn(tmp_path / "grown", everything[0], extra=(raw("mine as it was", "Artist 5", "Gone"),))
    # The old files are not needed any more.
    (tmp_path / "old").rename(tmp_path / "away")
    more(tmp_path / "grown", everything[1])
    manifest = more(tmp_path / "grown", everything[2])
    (tmp_path / "away").rename(tmp_path / "old")
    with open_model(tmp_path / "grown") as grown, open_model(tmp_path / "whole") as whole:
        assert grown.place("Nobody yet") is not None
        assert grown.place("Gone") is None
        assert manifest.data == whole.manifest.data
        for name, array in grown._file.arrays.items():
            assert np.array_equal(array, whole._file.arrays[name]), name
    assert lists_beside(tmp_path / "grown").read_bytes() == lists_beside(tmp_path / "whole").read_bytes()


def test_an_update_with_what_is_known_changes_no_number(tmp_path: Path) -> None:
    write_slices(tmp_path / "mpd", made_up(40))
    learn(tmp_path / "m", tmp_path / "mpd")
    with open_model(tmp_path / "m") as model:
        before = {name: array.copy() for name, array in model._file.arrays.items()}
    for _ in range(2):
        manifest = more(tmp_path / "m", tmp_path / "mpd")
    assert manifest.data == ((str(tmp_path / "mpd"), 40, 0),)
    with open_model(tmp_path / "m") as model:
        assert all(np.array_equal(array, before[name]) for name, array in model._file.arrays.items())


def test_the_owner_s_lists_alone_will_do_and_are_not_kept(tmp_path: Path) -> None:
    own = tuple(raw(name, *artists) for name, artists in made_up(20))
    manifest = learn(tmp_path / "m", extra=own)
    assert manifest.data == (("own", 20, 0),)
    assert manifest.metrics == {}
    assert more(tmp_path / "m", extra=own[:5]).data == (("own", 5, 0),)


def test_a_file_that_is_not_there_any_more_can_t_be_updated(tmp_path: Path) -> None:
    write_slices(tmp_path / "mpd", made_up(9))
    learn(tmp_path / "m", tmp_path / "mpd")
    kept = lists_beside(tmp_path / "m")
    content = bytearray(kept.read_bytes())
    content[100] ^= 1
    kept.write_bytes(content)
    with pytest.raises(ModelFileError, match=r"m\.lists was changed: a checksum is wrong"):
        more(tmp_path / "m", extra=(raw("x", "A"),))
    kept.unlink()
    with pytest.raises(ModelFileError, match=r"m\.lists is not there, and holds what m learnt from; train it anew"):
        more(tmp_path / "m")
    (tmp_path / "m").write_text("no model")
    with pytest.raises(ModelFileError, match="is no station model"):
        more(tmp_path / "m")


@pytest.mark.parametrize(
    ("lists", "why"),
    [
        ([], "no playlist in .* can be read"),
        ([("a", ["X"]), ("b", ["Y"])], "no two of these playlists share an artist"),
        ([("a", ["X", "1"]), ("b", ["X", "2"]), ("c", ["Y", "3"]), ("d", ["Y", " "])], "no playlist has two artists"),
    ],
)
def test_nothing_to_learn_is_said(tmp_path: Path, lists: list[tuple[str, list[str]]], why: str) -> None:
    write_lines(tmp_path / "lists.jsonl.gz", lists)
    with pytest.raises(SourceError, match=why):
        learn(tmp_path / "m", tmp_path / "lists.jsonl.gz")
    assert [path.name for path in tmp_path.iterdir()] == ["lists.jsonl.gz"]


@pytest.mark.parametrize("doing", STEPS)
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_whatever_happens_the_old_model_stays_and_nothing_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, doing: str, error: BaseException
) -> None:
    monkeypatch.setattr(judging, "LEAST_TASKS", 1)
    write_slices(tmp_path / "mpd", made_up(100))
    learn(tmp_path / "m", extra=(raw("a", "X", "Y"), raw("b", "Y", "X")))
    before = (tmp_path / "m").read_bytes()

    def tell(now_doing: str, done: int, whole: int) -> None:
        if now_doing == doing:
            raise error

    with pytest.raises(type(error)):
        train([tmp_path / "mpd"], tmp_path / "m", recommender=Tiny, tell=tell, now=now)
    assert (tmp_path / "m").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m", "m.lists", "mpd"]


def test_what_a_killed_training_left_is_removed_by_the_next(tmp_path: Path) -> None:
    child = os.fork() if hasattr(os, "fork") else 0
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    (tmp_path / f"{fitting.FOLDER}{child}-abc").mkdir()
    (tmp_path / f"{fitting.FOLDER}{os.getpid()}-abc").mkdir()
    (tmp_path / f"{fitting.FOLDER}what-abc").mkdir()
    learn(tmp_path / "m", extra=(raw("a", "X", "Y"), raw("b", "Y", "X")))
    left = sorted(path.name for path in tmp_path.glob(f"{fitting.FOLDER}*"))
    assert left == sorted([f"{fitting.FOLDER}{os.getpid()}-abc", f"{fitting.FOLDER}what-abc"])


def test_the_vocabulary_has_an_end(tmp_path: Path) -> None:
    write_slices(tmp_path / "mpd", made_up(80))
    manifest = train([tmp_path / "mpd"], tmp_path / "m", recommender=Tiny, most_artists=10)
    assert manifest.sizes["artists"] == 10


def test_many_small_files_of_spellings_are_merged_in_rounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joining, "MOST_OPEN_FILES", 3)
    monkeypatch.setattr(spilling, "CHUNK_SPELLINGS", 5)
    lists = made_up(40)
    write_slices(tmp_path / "mpd", lists)
    learn(tmp_path / "m", tmp_path / "mpd")
    with open_model(tmp_path / "m") as model:
        assert {model.name(place) for place in range(len(model))} == {each for _, artists in lists for each in artists}


def test_a_library_is_cut_off_and_hostile_names_do_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spilling, "LONGEST_LIST", 50)
    names = [
        "a\tb\nc",
        "\ud800",
        "x" * 10_000,
        "<script>",
        "'; drop table",
        "\u202egnirts",
        *(f"N{n}" for n in range(200)),
    ]

    def lists() -> Iterator[RawList]:
        yield RawList("one", names)
        yield RawList("two", names[::-1])
        yield RawList("three", names[::2])
        yield RawList("four", names[1:50:2] + names[2:40])

    manifest = train([], tmp_path / "m", recommender=Tiny, extra=lists())
    assert manifest.sizes["entries"] <= 150
    with open_model(tmp_path / "m") as model:
        found = [model.name(place) for place in range(len(model))]
        assert "a b c" in found
        assert all("\n" not in name and len(name) <= 200 for name in found)
        assert [model.place(name) for name in found] == list(range(len(model)))
    json.dumps(found)
