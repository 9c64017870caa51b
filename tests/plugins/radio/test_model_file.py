"""Arrays in a file: mapped, whole, or refused with a word."""

import json
import struct
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from moodroom_hub.plugins.radio.model_file import (
    ALIGNMENT,
    PROLOGUE,
    ArrayFile,
    Blocks,
    ModelFileError,
    Numbers,
    write_arrays,
)

KIND = "thing"


def written(folder: Path) -> Path:
    path = folder / "file"
    numbers = np.arange(6, dtype=np.float32).reshape(2, 3)
    write_arrays(path, KIND, {"a": 1}, {"numbers": numbers, "none": np.empty((0, 4), np.int64)})
    return path


def test_what_is_written_is_read(tmp_path: Path) -> None:
    pieces = (np.arange(start, start + 5, dtype=np.int32) for start in range(0, 20, 5))
    arrays: dict[str, Numbers | Blocks] = {
        "in/small": np.array([[1, 2], [3, 4]], np.uint8),
        "in/turned": np.arange(6, dtype=np.float64).reshape(2, 3).T,
        "big": np.arange(4, dtype=">i4"),
        "blocks": Blocks("<i4", (20,), pieces),
    }
    write_arrays(tmp_path / "file", KIND, {"a": [1, "x"]}, arrays)
    with ArrayFile.open(tmp_path / "file", KIND) as file:
        file.verify()
        assert file.manifest == {"a": [1, "x"]}
        assert np.array_equal(file.arrays["in/turned"], np.arange(6).reshape(2, 3).T)
        assert np.array_equal(file.array("blocks", np.int32), np.arange(20))
        assert np.array_equal(file.arrays["big"], np.arange(4))
        assert set(file.section("in")) == {"small", "turned"}
        assert not file.arrays["blocks"].flags.writeable
        assert file.arrays["blocks"].ctypes.data % ALIGNMENT == 0


def test_who_holds_an_array_keeps_it_when_the_file_is_closed(tmp_path: Path) -> None:
    file = ArrayFile.open(written(tmp_path), KIND)
    numbers = file.array("numbers", np.float32, 2)
    file.close()
    (tmp_path / "file").unlink()
    assert numbers.sum() == 15


def test_an_array_of_another_kind_is_refused(tmp_path: Path) -> None:
    with ArrayFile.open(written(tmp_path), KIND) as file:
        for name, kind, dimensions in (("gone", np.float32, 2), ("numbers", np.float64, 2), ("numbers", np.float32, 1)):
            with pytest.raises(ModelFileError, match=f"lacks its '{name}'"):
                file.array(name, kind, dimensions)


@pytest.mark.parametrize(
    "array", [np.array([1.0, np.nan]), Blocks("<i4", (3,), [np.zeros(2, np.int32)]), np.array(["a"]), np.array([1j])]
)
def test_what_can_t_be_a_model_is_not_written_and_the_old_one_stays(tmp_path: Path, array: Any) -> None:
    before = written(tmp_path).read_bytes()
    with pytest.raises((ModelFileError, ValueError, TypeError)):
        write_arrays(tmp_path / "file", KIND, {}, {"x": array})
    assert (tmp_path / "file").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


def test_no_part_of_a_file_will_do(tmp_path: Path) -> None:
    path = written(tmp_path)
    whole = path.read_bytes()
    for length in (*range(70), *range(70, len(whole), 7), len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(ModelFileError, match=r"^file (is no thing|is truncated)"):
            ArrayFile.open(path, KIND)
    path.write_bytes(whole + b"x")
    with pytest.raises(ModelFileError, match="truncated or damaged"):
        ArrayFile.open(path, KIND)


def test_every_changed_byte_is_found(tmp_path: Path) -> None:
    path = written(tmp_path)
    whole = path.read_bytes()
    with ArrayFile.open(path, KIND) as file:
        padding = range(ALIGNMENT + file.arrays["numbers"].nbytes, PROLOGUE.unpack(whole[: PROLOGUE.size])[1])
    for place in sorted(set(range(len(whole))) - set(padding))[::3]:
        changed = bytearray(whole)
        changed[place] ^= 0x10
        path.write_bytes(changed)
        with pytest.raises(ModelFileError), ArrayFile.open(path, KIND) as file:
            file.verify()


def forged(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """With a header that is whole and signed, and says something else."""
    content = path.read_bytes()
    magic, place, _, _ = PROLOGUE.unpack(content[: PROLOGUE.size])
    header = json.loads(content[place:])
    change(header)
    text = json.dumps(header).encode()
    prologue = PROLOGUE.pack(magic, place, len(text), sha256(text).digest())
    path.write_bytes(prologue + content[PROLOGUE.size : place] + text)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda header: header.update(format=2), "is of format 2, this version reads 1"),
        (lambda header: header.update(kind="other"), "is a 'other', no thing"),
        (lambda header: header["arrays"][0].update(shape=[10 << 30, 3]), "can't be"),
        (lambda header: header["arrays"][0].update(shape=[1 << 62, 1 << 62]), "can't be"),
        (lambda header: header["arrays"][0].update(shape=[-1, 3]), "can't be"),
        (lambda header: header["arrays"][0].update(shape=[True, 3]), "can't be"),
        (lambda header: header["arrays"][0].update(shape=[1, 1, 1]), "can't be"),
        (lambda header: header["arrays"][0].update(offset=0), "can't be"),
        (lambda header: header["arrays"][0].update(offset=65), "can't be"),
        (lambda header: header["arrays"][0].update(offset=1 << 40), "can't be"),
        (lambda header: header["arrays"][0].update(dtype="|O"), "can't be"),
        (lambda header: header["arrays"][0].update(dtype=["<f4"]), "can't be"),
        (lambda header: header["arrays"][0].pop("sha256"), "can't be"),
        (lambda header: header.update(arrays=[{}] * 2_000), "can't be"),
        (lambda header: header.update(arrays={"a": 1}), "can't be"),
        (lambda header: header.update(manifest=[]), "can't be"),
        (lambda header: header.clear(), "can't be"),
    ],
)
def test_a_header_that_lies_is_refused(tmp_path: Path, change: Callable[[dict[str, Any]], object], why: str) -> None:
    path = written(tmp_path)
    forged(path, change)
    with pytest.raises(ModelFileError, match=why):
        ArrayFile.open(path, KIND)


def test_foreign_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with pytest.raises(ModelFileError, match="can't be read"):
        ArrayFile.open(path, KIND)
    with pytest.raises(ModelFileError, match="can't be read"):
        ArrayFile.open(tmp_path, KIND)
    for content in (b"", b"PK\x03\x04" * 50, b"\x80\x04\x95" * 100):
        path.write_bytes(content)
        with pytest.raises(ModelFileError, match="file is no thing"):
            ArrayFile.open(path, KIND)
    path.write_bytes(written(tmp_path).read_bytes()[:16] + struct.pack("<QQ32s", 64, 10 << 30, bytes(32)))
    with pytest.raises(ModelFileError, match="truncated or damaged"):
        ArrayFile.open(path, KIND)
