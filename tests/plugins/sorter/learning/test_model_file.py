"""A stored model says the same as before, and nothing else passes for one."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from io import StringIO
from pathlib import Path

import numpy as np
import pytest

from moodroom_hub.plugins.sorter.learning import model_file
from moodroom_hub.plugins.sorter.learning.model_file import (
    DIGEST_BYTES,
    LENGTH_BYTES,
    MAGIC,
    ModelFileError,
    check_model,
    read_model,
    write_model,
)
from moodroom_hub.plugins.sorter.learning.task import Trained
from moodroom_hub.plugins.sorter.learning.training import judge, train
from moodroom_hub.plugins.sorter.learning.wire import JUDGE, Answer, Question, write_question
from moodroom_hub.plugins.sorter.learning.worker import manifest_of, work
from tests.plugins.sorter.learning.conftest import WholeTraining
from tests.plugins.sorter.learning.made_up import task, taught

NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
def stored(tmp_path: Path, whole_training: WholeTraining) -> tuple[Path, Trained]:
    path = tmp_path / "models" / "moods.model"
    write_model(path, whole_training.model, manifest_of(whole_training.task, whole_training.trained, NOW))
    return path, whole_training.trained


def test_a_stored_model_judges_as_the_one_that_was_trained(stored: tuple[Path, Trained]) -> None:
    path, trained = stored
    model, manifest = read_model(path)
    np.testing.assert_allclose(judge(model, task()).chances, trained.chances, atol=2e-6)
    assert (manifest.layer, manifest.sublists, manifest.lessons) == ("moods", ("Old", "New"), len(taught()))
    assert manifest.trained_at == "2026-01-02T00:00:00+00:00"
    check_model(manifest, "moods", ("Old", "New"), True, True)
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_model_that_learnt_nothing_is_stored_too(tmp_path: Path) -> None:
    trained, model = train(task())
    write_model(tmp_path / "m", model, manifest_of(task(), trained, NOW))
    assert judge(read_model(tmp_path / "m")[0], task()).chances == trained.chances


@pytest.mark.parametrize(
    ("layer", "names", "case", "word"),
    [
        ("other", ("Old", "New"), (True, True), "layer"),
        ("moods", ("New", "Old"), (True, True), "sublists"),
        ("moods", ("Old", "New"), (False, True), "case"),
    ],
)
def test_a_model_of_something_else_is_refused(
    stored: tuple[Path, Trained], layer: str, names: tuple[str, ...], case: tuple[bool, bool], word: str
) -> None:
    with pytest.raises(ModelFileError, match=word):
        check_model(read_model(stored[0])[1], layer, names, *case)


@pytest.mark.parametrize("cut", [0, 5, len(MAGIC) + 3, 2_000, -1])
def test_a_truncated_file_is_refused(stored: tuple[Path, Trained], cut: int) -> None:
    path = stored[0]
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(ModelFileError):
        read_model(path)


def test_the_process_says_that_it_refuses_a_file(stored: tuple[Path, Trained]) -> None:
    path = stored[0]
    path.write_bytes(path.read_bytes()[:-1])
    out = StringIO()
    work(write_question(Question(JUDGE, task(), str(path))), out)
    answer = Answer()
    answer.take(out.getvalue().encode())
    assert (answer.failed, answer.is_whole) == ("model", False)
    assert "truncated or was changed" in answer.text


@pytest.mark.parametrize("part", [0.001, 0.3, 0.7, 0.999])
def test_one_changed_byte_is_noticed(stored: tuple[Path, Trained], part: float) -> None:
    path = stored[0]
    content = bytearray(path.read_bytes())
    content[int(part * len(content))] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=r"truncated or was changed|no model file"):
        read_model(path)


def _rewritten(path: Path, change: dict[str, object]) -> None:
    content = path.read_bytes()[:-DIGEST_BYTES]
    start = len(MAGIC) + LENGTH_BYTES
    length = int.from_bytes(content[len(MAGIC) : start], "big")
    header = json.loads(content[start : start + length])
    header["manifest"] |= change.pop("manifest", {})
    text = json.dumps(header | change).encode()
    body = MAGIC + len(text).to_bytes(LENGTH_BYTES, "big") + text + content[start + length :]
    path.write_bytes(body + sha256(body).digest())


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"manifest": {"format": 99}}, "format 99"),
        ({"manifest": {"features": {}}}, "another way"),
        ({"manifest": {"sublists": [1, 2]}}, "no names"),
        ({"arrays": [["audio", "|O", [4]]]}, "something else than numbers"),
        ({"arrays": []}, "not what it should be"),
        ({"model": {"members": [["x", "os", {}, {}]]}}, "not what it should be"),
    ],
)
def test_a_file_of_another_version_or_forged_with_a_right_checksum_is_refused(
    stored: tuple[Path, Trained], change: dict[str, object], word: str
) -> None:
    _rewritten(stored[0], dict(change))
    with pytest.raises(ModelFileError, match=word):
        read_model(stored[0])


def test_what_is_absent_or_no_model_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelFileError, match="can't be read"):
        read_model(tmp_path / "absent")
    (tmp_path / "pickle").write_bytes(b"\x80\x04\x95")
    with pytest.raises(ModelFileError, match="no model file"):
        read_model(tmp_path / "pickle")
    monkeypatch.setattr(model_file, "LARGEST_BYTES", 2)
    with pytest.raises(ModelFileError, match="too large"):
        read_model(tmp_path / "pickle")
