"""A stored model: one file without pickles, that says what it is, and that is refused where it is not that.

A line that names the format, the length of the manifest, the manifest as JSON, the arrays one after the other as raw
numbers, and a SHA-256 over all of that.
"""

import json
import os
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import numpy as np
from scipy import sparse

from moodroom_hub.plugins.sorter.learning.calibration import Calibration
from moodroom_hub.plugins.sorter.learning.features import WEIGHTS, WORDS, Space
from moodroom_hub.plugins.sorter.learning.frame import Frame
from moodroom_hub.plugins.sorter.learning.linear import Linear
from moodroom_hub.plugins.sorter.learning.neighbours import Neighbours
from moodroom_hub.plugins.sorter.learning.network import Network
from moodroom_hub.plugins.sorter.learning.surroundings import Surroundings
from moodroom_hub.plugins.sorter.learning.tables import Table
from moodroom_hub.plugins.sorter.learning.training import Member, Model

FORMAT = 2
MAGIC = b"moodroom sorter model\n"
LENGTH_BYTES = 8
DIGEST_BYTES = 32
LARGEST_BYTES = 1 << 28
KINDS = ("<f4", "<f8", "<u8", "<i4", "<i8")
MODELS: dict[str, type[Linear] | type[Neighbours] | type[Network]] = {
    "linear": Linear,
    "neighbours": Neighbours,
    "network": Network,
}


class ModelFileError(ValueError):
    """The file is no model that this version can use; the text says why."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the file says of itself. ``sizes``: by array the shape. ``metrics``: as measured at the training."""

    format: int
    package: str
    layer: str
    sublists: tuple[str, ...]
    is_mutual: bool
    is_complete: bool
    features: dict[str, Any]
    trained_at: str
    songs: int
    lessons: int
    metrics: dict[str, float]


def feature_settings() -> dict[str, Any]:
    """How this version sees songs: a model that saw them otherwise is of no use."""
    return {"weights": WEIGHTS, "words": WORDS}


def write_model(path: Path, model: Model, manifest: Manifest) -> None:
    """In the place of what was there, in one step. Raises ``OSError``."""
    arrays: dict[str, Any] = {}
    shape = _taken_apart(model, arrays)
    header = {
        "manifest": asdict(manifest),
        "model": shape,
        "arrays": [[name, value.dtype.str, list(value.shape)] for name, value in arrays.items()],
    }
    text = json.dumps(header).encode()
    pieces = [MAGIC, len(text).to_bytes(LENGTH_BYTES, "big"), text, *(value.tobytes() for value in arrays.values())]
    digest = sha256()
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as stream:
        try:
            for piece in pieces:
                digest.update(piece)
                stream.write(piece)
            stream.write(digest.digest())
            stream.flush()
            os.fsync(stream.fileno())
            Path(stream.name).replace(path)
        except OSError:
            Path(stream.name).unlink(missing_ok=True)
            raise


def read_model(path: Path) -> tuple[Model, Manifest]:
    """Raises ``ModelFileError`` for whatever is not whole, untouched and of this version."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise ModelFileError("the model file is far too large to be one")
        content = path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"the model file can't be read ({error.strerror})") from None
    if not content.startswith(MAGIC):
        raise ModelFileError("this is no model file of the sorter")
    body = content[:-DIGEST_BYTES]
    if len(content) < len(MAGIC) + LENGTH_BYTES + DIGEST_BYTES or sha256(body).digest() != content[-DIGEST_BYTES:]:
        raise ModelFileError("the model file is truncated or was changed: its checksum is wrong")
    start = len(MAGIC) + LENGTH_BYTES
    length = int.from_bytes(content[len(MAGIC) : start], "big")
    try:
        header = json.loads(body[start : start + length])
        manifest = _manifest(header["manifest"])
        arrays = _arrays(header["arrays"], memoryview(body)[start + length :])
        return _put_together(manifest, header["model"], arrays), manifest
    except ModelFileError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        raise ModelFileError("the model file's content is not what it should be") from None


def check_model(manifest: Manifest, layer: str, sublists: tuple[str, ...], is_mutual: bool, is_complete: bool) -> None:
    """Raises ``ModelFileError`` where the model was taught for something else."""
    if manifest.layer != layer:
        raise ModelFileError(f"the model file is of the layer {manifest.layer!r}, not of {layer!r}")
    if manifest.sublists != sublists:
        raise ModelFileError("the model file knows other sublists than the layer has now")
    if (manifest.is_mutual, manifest.is_complete) != (is_mutual, is_complete):
        raise ModelFileError("the model file was taught for another case of the layer (mutual, complete)")


def _manifest(found: dict[str, Any]) -> Manifest:
    if found["format"] != FORMAT:
        raise ModelFileError(f"the model file is of format {found['format']!r}; this version reads {FORMAT}")
    if found["features"] != feature_settings():
        raise ModelFileError("the model file sees songs in another way than this version does")
    manifest = Manifest(
        **{each.name: found[each.name] for each in fields(Manifest)} | {"sublists": tuple(found["sublists"])}
    )
    if not all(isinstance(name, str) for name in manifest.sublists):
        raise ModelFileError("the model file's sublists have no names")
    return manifest


def _arrays(listed: list[list[Any]], body: memoryview) -> dict[str, Any]:
    found: dict[str, Any] = {}
    place = 0
    for name, kind, shape in listed:
        if kind not in KINDS or not all(isinstance(size, int) and size >= 0 for size in shape):
            raise ModelFileError("the model file holds something else than numbers")
        count = int(np.prod(shape, dtype=np.int64))
        size = count * np.dtype(kind).itemsize
        found[name] = np.frombuffer(body[place : place + size], dtype=kind).reshape(shape)
        if found[name].dtype.kind == "f" and not np.isfinite(found[name]).all():
            raise ModelFileError("the model file holds numbers that are none")
        place += size
    if place != len(body):
        raise ModelFileError("the model file's content is not what it should be")
    return found


def _taken_apart(model: Model, arrays: dict[str, Any]) -> dict[str, Any]:
    def put(name: str, value: Any) -> None:
        arrays[name] = np.ascontiguousarray(value, dtype=np.asarray(value).dtype.newbyteorder("<"))

    for view, values in model.space.rarities.items():
        put(f"rarities/{view}", values)
    for name in ("songs", "artists", "vectors"):
        table: Table = getattr(model.space, name)
        put(f"{name}/numbers", table.numbers)
        put(f"{name}/rows", table.rows)
    put("audio", model.space.audio)
    landmarks = model.frame.landmarks
    put("landmarks/values", landmarks.data)
    put("landmarks/columns", landmarks.indices.astype(np.int64))
    put("landmarks/starts", landmarks.indptr.astype(np.int64))
    put("turn", model.frame.turn)
    put("directions", model.frame.around.directions)
    put("anchors", model.frame.around.anchors)
    put("lent", model.frame.lent)
    members = []
    for place, member in enumerate(model.members):
        kind = next(name for name, made in MODELS.items() if isinstance(member.model, made))
        plain: dict[str, Any] = {}
        for each in fields(MODELS[kind]):
            value = getattr(member.model, each.name)
            if isinstance(value, np.ndarray):
                put(f"member {place}/{each.name}", value)
            else:
                plain[each.name] = value
        members.append([member.name, kind, plain, asdict(member.calibration)])
    return {
        "has_void": model.has_void,
        "landmarks": list(landmarks.shape),
        "members": members,
        "final": asdict(model.final),
        "share": model.frame.share,
    }


def _put_together(manifest: Manifest, shape: dict[str, Any], arrays: dict[str, Any]) -> Model:
    def table(name: str) -> Table:
        return Table(arrays[f"{name}/numbers"], arrays[f"{name}/rows"])

    members = []
    for place, (name, kind, plain, calibration) in enumerate(shape["members"]):
        made = MODELS[kind]
        values = {each.name: arrays.get(f"member {place}/{each.name}", plain.get(each.name)) for each in fields(made)}
        members.append(Member(name, made(**values), Calibration(**calibration)))
    parts = tuple(arrays[f"landmarks/{part}"] for part in ("values", "columns", "starts"))
    return Model(
        names=manifest.sublists,
        is_mutual=manifest.is_mutual,
        is_complete=manifest.is_complete,
        has_void=bool(shape["has_void"]),
        space=Space(
            rarities={view: arrays[f"rarities/{view}"] for view in WORDS},
            songs=table("songs"),
            artists=table("artists"),
            vectors=table("vectors"),
            audio=arrays["audio"],
        ),
        frame=Frame(
            sparse.csr_matrix(parts, tuple(shape["landmarks"])),
            arrays["turn"],
            Surroundings(arrays["directions"], arrays["anchors"]),
            arrays["lent"],
            float(shape["share"]),
        ),
        members=tuple(members),
        final=Calibration(**shape["final"]),
    )
