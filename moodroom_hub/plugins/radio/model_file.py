"""Arrays of numbers in one file, with a word on what they are: opened at once however large, and no pickle.

64 bytes first (a magic word, where the header lies, its length, its SHA-256), then the arrays, each on a boundary of
64 bytes as raw numbers, then the header as JSON: kind, format, manifest, and of each array its name, type, shape, place
and SHA-256. Opening reads the header alone and maps the rest, so that readers share what they touch; ``verify`` reads
everything. Written beside its place and moved there in one step.
"""

import json
import mmap
import os
import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from io import BufferedReader
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import TracebackType
from typing import IO, Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

FORMAT = 1
MAGIC = b"moodroom\narrays\n"
PROLOGUE = struct.Struct("<16sQQ32s")
ALIGNMENT = 64
LARGEST_HEADER = 16 << 20
MOST_ARRAYS = 1_000
KINDS = frozenset({"<f2", "<f4", "<f8", "<i4", "<i8", "<u4", "<u8", "|u1", "|i1", "|b1"})
BLOCK_BYTES = 4 << 20
MEND = "copy it again or train it anew"
Numbers = NDArray[np.generic]
Number = TypeVar("Number", bound=np.generic)


class ModelFileError(ValueError):
    """The file is none that this version can use; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """An array that is too large to be held: its type, its shape, and its numbers piece by piece."""

    kind: str
    shape: tuple[int, ...]
    pieces: Iterable[Numbers]


def write_arrays(
    path: Path, kind: str, manifest: Mapping[str, Any], arrays: Mapping[str, Numbers | Blocks], mode: int = 0o600
) -> None:
    """In the place of what was there, in one step. ``mode``: who may read it.

    Raises ``OSError``, and ``ModelFileError`` for numbers that are none; then what was there is there still.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as stream:
        try:
            stream.write(bytes(ALIGNMENT))
            listed = [_write_array(stream, name, array) for name, array in arrays.items()]
            place = stream.tell()
            header = {"format": FORMAT, "kind": kind, "manifest": dict(manifest), "arrays": listed}
            text = json.dumps(header).encode()
            stream.write(text)
            stream.seek(0)
            stream.write(PROLOGUE.pack(MAGIC, place, len(text), sha256(text).digest()))
            stream.flush()
            os.fsync(stream.fileno())
            Path(stream.name).chmod(mode)
            Path(stream.name).replace(path)
        except BaseException:
            Path(stream.name).unlink(missing_ok=True)
            raise


def _write_array(stream: Any, name: str, array: Numbers | Blocks) -> dict[str, Any]:
    blocks = array if isinstance(array, Blocks) else Blocks(_little(array).str, array.shape, _pieces(array))
    stream.write(bytes(-stream.tell() % ALIGNMENT))
    start, digest, written = stream.tell(), sha256(), 0
    for piece in blocks.pieces:
        raw = np.ascontiguousarray(piece, dtype=blocks.kind).reshape(-1).view(np.uint8).data
        if piece.dtype.kind == "f" and not np.isfinite(piece).all():
            raise ModelFileError(f"what was learnt is of no use: {name!r} holds numbers that are none")
        digest.update(raw)
        written += stream.write(raw)
    if blocks.kind not in KINDS or written != _bytes_of(blocks.kind, blocks.shape):
        raise ValueError(f"the array {name!r} is not what it says: {blocks.kind}, {blocks.shape}, {written} bytes")
    return {
        "name": name,
        "dtype": blocks.kind,
        "shape": list(blocks.shape),
        "offset": start,
        "sha256": digest.hexdigest(),
    }


def _little(array: Numbers) -> np.dtype[Any]:
    return array.dtype.newbyteorder("<")


def _pieces(array: Numbers) -> Iterator[Numbers]:
    rows = max(1, BLOCK_BYTES // max(1, array.itemsize * int(np.prod(array.shape[1:], dtype=np.int64))))
    return (array[start : start + rows] for start in range(0, len(array), rows))


def _bytes_of(kind: str, shape: Iterable[int]) -> int:
    size = np.dtype(kind).itemsize
    for each in shape:
        size *= each
    return size


def _copy(stream: BufferedReader) -> mmap.mmap:
    """Raises ``ModelFileError`` where the file changes meanwhile."""
    size = os.fstat(stream.fileno()).st_size
    stream.seek(0)
    copy = mmap.mmap(-1, max(1, size))
    if stream.readinto(copy) != size:
        copy.close()
        raise ModelFileError(f"was changed while it was read; {MEND}")
    return copy


class ArrayFile:
    """An opened file: ``manifest``, and ``arrays`` by name, read-only and mapped. Close it, or let it go."""

    def __init__(self, path: Path, kind: str, mapped: mmap.mmap, header: Mapping[str, Any]) -> None:
        self.path = path
        self.kind = kind
        self.size = len(mapped)
        self.manifest: Mapping[str, Any] = header["manifest"]
        self.arrays: dict[str, Numbers] = {}
        self._mapped = mapped
        self._digests: dict[str, str] = {}
        for each in header["arrays"]:
            name, dtype, shape = each["name"], each["dtype"], each["shape"]
            count = _bytes_of(dtype, shape) // np.dtype(dtype).itemsize
            # A mapped array of no numbers is none, to NumPy.
            flat = np.frombuffer(mapped, dtype, count, each["offset"]) if count else np.empty(0, dtype)
            self.arrays[name] = flat.reshape(shape)
            self._digests[name] = each["sha256"]

    @classmethod
    def open(cls, path: Path, kind: str, *, is_shared: bool = True) -> Self:
        """Raises ``ModelFileError`` for whatever is not whole and of this kind and version.

        ``is_shared``: all processes that map the file share its pages; whoever shortens it in its place then ends them
        all. Else it is a copy of one's own.
        """
        try:
            with path.open("rb") as stream:
                header = _header(stream, kind)
                # Not a read: pages come when they are touched.
                mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) if is_shared else _copy(stream)
        except OSError as error:
            raise ModelFileError(f"{path.name} can't be read ({error.strerror or error})") from None
        except ModelFileError as error:
            raise ModelFileError(f"{path.name} {error}") from None
        return cls(path, kind, mapped, header)

    def array(self, name: str, kind: type[Number], dimensions: int = 1) -> NDArray[Number]:
        """One of the arrays. Raises ``ModelFileError`` where it is missing or is another one."""
        found = self.arrays.get(name)
        if found is None or found.dtype != np.dtype(kind) or found.ndim != dimensions:
            raise ModelFileError(f"{self.path.name} lacks its {name!r}, or has it in another shape; train it anew")
        return found.astype(kind, copy=False)

    def section(self, name: str) -> dict[str, Numbers]:
        """The arrays whose names begin with this and a slash, without that."""
        return {key.removeprefix(f"{name}/"): each for key, each in self.arrays.items() if key.startswith(f"{name}/")}

    def verify(self) -> None:
        """Read everything. Raises ``ModelFileError`` where an array was changed or holds numbers that are none."""
        for name, array in self.arrays.items():
            digest = sha256()
            for piece in _pieces(array.reshape(-1)):
                digest.update(np.ascontiguousarray(piece).view(np.uint8).data)
                if array.dtype.kind == "f" and not np.isfinite(piece).all():
                    raise ModelFileError(f"{self.path.name} holds numbers that are none; train it anew")
            if digest.hexdigest() != self._digests[name]:
                raise ModelFileError(f"{self.path.name} was changed: a checksum is wrong; {MEND}")

    def close(self) -> None:
        """Unmap the file; where somebody still holds one of its arrays, that happens when they let it go."""
        self.arrays = {}
        with suppress(BufferError):
            self._mapped.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _header(stream: IO[bytes], kind: str) -> dict[str, Any]:
    size = os.fstat(stream.fileno()).st_size
    prologue = stream.read(PROLOGUE.size)
    if not prologue.startswith(MAGIC):
        raise ModelFileError(f"is no {kind}")
    if len(prologue) < PROLOGUE.size:
        raise ModelFileError(f"is truncated; {MEND}")
    _, place, length, digest = PROLOGUE.unpack(prologue)
    if length > LARGEST_HEADER or place + length != size:
        raise ModelFileError(f"is truncated or damaged: {size} bytes are not what it says; {MEND}")
    stream.seek(place)
    text = stream.read(length)
    if sha256(text).digest() != digest:
        raise ModelFileError(f"was changed: its checksum is wrong; {MEND}")
    try:
        header: dict[str, Any] = json.loads(text)
        found, number = header["kind"], header["format"]
        if found != kind:
            raise ModelFileError(f"is a {found!r:.60}, no {kind}")
        if number != FORMAT:
            raise ModelFileError(f"is of format {number!r:.20}, this version reads {FORMAT}; train it anew")
        if not isinstance(header["manifest"], dict) or len(header["arrays"]) > MOST_ARRAYS:
            raise TypeError
        for each in header["arrays"]:
            _check_array(each, place)
    except ModelFileError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ModelFileError("says things of itself that can't be; train it anew") from None
    return header


def _check_array(each: dict[str, Any], end: int) -> None:
    shape, offset = each["shape"], each["offset"]
    if each["dtype"] not in KINDS or not isinstance(each["name"], str) or not isinstance(each["sha256"], str):
        raise TypeError
    if len(shape) > 2 or any(type(number) is not int or number < 0 for number in (*shape, offset)):
        raise TypeError
    if offset % ALIGNMENT or offset < ALIGNMENT or offset + _bytes_of(each["dtype"], shape) > end:
        raise TypeError
