"""What goes to the training's process and comes back: JSON lines."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from moodroom_hub.plugins.radio.training.order import Order
from moodroom_hub.plugins.radio.training.reading import Faults, RawList

FAILURES = ("missing", "source", "model", "cluster", "disk", "memory")


@dataclass(slots=True)
class Answer:
    """What came back so far. ``failed``: one of ``FAILURES`` and ``text``, what to tell people."""

    manifest: dict[str, Any] | None = None
    faults: Faults = field(default_factory=Faults)
    failed: str = ""
    text: str = ""


def write_order(order: Order, extra: Iterable[RawList]) -> Iterator[bytes]:
    """Lines; the last says that this was all."""
    yield _line(
        {
            "model": str(order.model),
            "sources": [str(path) for path in order.sources],
            "is_update": order.is_update,
            "seed": order.seed,
            "recommender": order.recommender,
            "cluster": order.cluster,
            "workers": order.workers,
            "most_artists": order.most_artists,
        }
    )
    for each in extra:
        yield _line({"list": each.name, "artists": list(each.artists)})
    yield _line({"whole": True})


def read_order(lines: Iterator[bytes]) -> tuple[Order, list[RawList]]:
    """The reverse; reads up to its last line. Raises ``ValueError``, ``KeyError``, ``TypeError`` for anything else."""
    head: dict[str, Any] = json.loads(next(lines, b"null")) or {}
    extra: list[RawList] = []
    names: dict[str, str] = {}
    for line in lines:
        found = json.loads(line)
        if "whole" in found:
            break
        extra.append(RawList(found["list"], [names.setdefault(name, name) for name in found["artists"]]))
    else:
        raise ValueError("the order broke off")
    order = Order(
        Path(head["model"]),
        tuple(Path(path) for path in head["sources"]),
        bool(head["is_update"]),
        None if head["seed"] is None else int(head["seed"]),
        str(head["recommender"]),
        str(head["cluster"]),
        int(head["workers"]),
        int(head["most_artists"]),
    )
    return order, extra


def write_progress(doing: str, done: int, whole: int) -> bytes:
    """One line."""
    return _line({"progress": [doing, done, whole]})


def write_faults(faults: Faults) -> bytes:
    """One line."""
    return _line({"faults": faults.count, "told": faults.told, "files": faults.files})


def write_failure(why: str, text: str) -> bytes:
    """One line. ``why``: one of ``FAILURES``."""
    return _line({"failed": why, "text": text})


def write_manifest(document: dict[str, Any]) -> bytes:
    """One line, the last of a training that went well."""
    return _line({"manifest": document})


def take(answer: Answer, line: bytes) -> tuple[str, int, int] | None:
    """Take one line into the answer; progress is given back. Raises ``ValueError``, ``TypeError`` or ``KeyError``."""
    found = json.loads(line)
    if "progress" in found:
        doing, done, whole = found["progress"]
        return str(doing), int(done), int(whole)
    if "faults" in found:
        answer.faults = Faults(int(found["faults"]), [str(each) for each in found["told"]], int(found["files"]))
    elif "failed" in found:
        answer.failed, answer.text = str(found["failed"]), str(found["text"])
    else:
        answer.manifest = dict(found["manifest"])
    return None


def _line(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode() + b"\n"
