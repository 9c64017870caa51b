"""A model, as stations ask it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from moodroom_hub.plugins.radio import near
from moodroom_hub.plugins.radio.model import KIND, Manifest, ModelFileError, StationModel, recommender_named
from moodroom_hub.plugins.radio.model_file import ArrayFile, Numbers, write_arrays
from moodroom_hub.plugins.radio.recommending.interface import Query
from moodroom_hub.plugins.radio.training import fitting
from moodroom_hub.plugins.radio.training.fitting import train
from moodroom_hub.plugins.radio.training.reading import RawList
from tests.plugins.radio.training.tiny import Tiny, made_up


@pytest.fixture
def path(tmp_path: Path) -> Path:
    train([], tmp_path / "m", recommender=Tiny, extra=[RawList(name, artists) for name, artists in made_up(40)])
    return tmp_path / "m"


@pytest.fixture
def model(path: Path) -> Iterator[StationModel]:
    with StationModel.open(path, recommender=Tiny) as opened:
        yield opened


def rewritten(path: Path, arrays: dict[str, Numbers], **changes: Any) -> None:
    with ArrayFile.open(path, KIND) as file:
        write_arrays(path, KIND, dict(file.manifest) | changes, {**file.arrays, **arrays})


def test_likeness_is_that_of_the_vectors(model: StationModel) -> None:
    one, other, far = (model.place(f"Artist {number}") for number in (1, 2, 45))
    assert one is not None
    assert other is not None
    assert far is not None
    assert model.likeness(one, one) == pytest.approx(1.0)
    assert model.likeness(one, other) > model.likeness(one, far)
    assert list(model.likenesses(one, [other, far])) == pytest.approx(
        [model.likeness(one, other), model.likeness(one, far)]
    )
    assert np.linalg.norm(model.list_vector(one)) == pytest.approx(1.0)
    assert len(model.likenesses(one, [])) == 0
    for place in (-1, len(model)):
        with pytest.raises(IndexError):
            model.likeness(one, place)
        with pytest.raises(IndexError):
            model.name(place)


def test_places_that_there_are_not_are_left_out_of_a_question(model: StationModel) -> None:
    best = model.score(Query((0, -5, 10_000), (1, 99_999), (-1,)), 5)
    assert list(best.places) == list(model.score(Query((0,), (1,)), 5).places)


def test_a_recommender_that_there_is_not_is_said(path: Path) -> None:
    with pytest.raises(ModelFileError, match="no recommender 'tiny'"):
        StationModel.open(path)
    with pytest.raises(ModelFileError, match="no recommender 'os'"):
        recommender_named("os")


@pytest.mark.parametrize(
    ("arrays", "why"),
    [
        ({"recommender/items": np.zeros(3, np.float32)}, None),
        ({"names/starts": np.zeros(1, np.int64)}, "names other artists than it knows"),
        ({"keys/hashes": np.zeros(3, np.uint64)}, "names other artists than it knows"),
        ({"keys/places": np.zeros((60, 2), np.int32)}, "lacks its 'keys/places'"),
    ],
)
def test_a_file_whose_parts_do_not_fit_is_refused(path: Path, arrays: dict[str, Numbers], why: str | None) -> None:
    rewritten(path, arrays)
    with pytest.raises(ModelFileError, match=why or "other artists"):
        StationModel.open(path, recommender=Tiny)


def test_places_and_names_that_lead_nowhere_lead_nowhere(path: Path) -> None:
    rewritten(path, {"keys/places": np.full(60, 1 << 30, np.int32), "names/starts": np.full(61, 1 << 60, np.int64)})
    with StationModel.open(path, recommender=Tiny) as model:
        assert model.place("Artist 1") is None
        assert model.name(3) == ""


@pytest.mark.parametrize(
    "changes",
    [{"seed": "x"}, {"data": [1]}, {"sizes": []}, {"metrics": {"a": "b"}}, {"recommender": None}, {"trained_at": 1}],
)
def test_a_manifest_that_is_none_is_refused(path: Path, changes: dict[str, Any]) -> None:
    rewritten(path, {}, **changes)
    with pytest.raises(ModelFileError, match=r"manifest is not what it should be; train it anew"):
        StationModel.open(path, recommender=Tiny)


def test_a_manifest_is_read_as_it_was_written(model: StationModel) -> None:
    assert Manifest.of(model.manifest.document()) == model.manifest


def test_a_changed_model_is_found_when_it_is_opened(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[80] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match="checksum"):
        StationModel.open(path, recommender=Tiny)
    with StationModel.open(path, verify=False, recommender=Tiny) as model:
        assert len(model) == 60


def test_an_index_answers_as_a_look_at_everything_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lists = [RawList(name, artists) for name, artists in made_up(600, artists=1_500)]
    train([], tmp_path / "whole", recommender=Tiny, extra=lists)
    monkeypatch.setattr(fitting, "FEW_ARTISTS", 100)
    monkeypatch.setattr(near, "MOST_WORK", 1.0)
    train([], tmp_path / "indexed", recommender=Tiny, extra=lists)
    found = 0
    with (
        StationModel.open(tmp_path / "whole", recommender=Tiny) as whole,
        StationModel.open(tmp_path / "indexed", recommender=Tiny) as indexed,
    ):
        assert indexed._cells is not None
        for seed in range(40):
            query = Query((seed * 7,), (seed, seed + 1), (seed + 500,))
            without = set(range(seed, seed + 20))
            expected, best = (model.score(query, 25, without) for model in (whole, indexed))
            assert without.isdisjoint(best.places.tolist())
            assert list(best.scores) == sorted(best.scores, reverse=True)
            found += len(np.intersect1d(expected.places, best.places))
    assert found / (40 * 25) >= 0.96


def test_an_index_of_other_artists_is_refused(path: Path) -> None:
    rewritten(path, {f"near/{name}": np.zeros((3, 3), np.float32) for name in near.Cells.NAMES})
    with pytest.raises(ModelFileError, match="has an index of other artists"):
        StationModel.open(path, recommender=Tiny)
    rewritten(path, {"near/axes": np.zeros((3, 3), np.float32)})
    with pytest.raises(ModelFileError, match="has an index of other artists"):
        StationModel.open(path, recommender=Tiny)
