"""Exports as a person has them on the disk."""

import gzip
import json
import os
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.app.conftest import Home
from tests.domain.past.made_up import extended

Rows = list[dict[str, Any]]
FOLDER = "Spotify Extended Streaming History"


def real_data() -> Path | None:
    """Somebody's real export of one year, where it is at hand."""
    home = Path(os.environ.get("MOODROOM_DATA", Path(__file__).parents[3] / "../shared/data"))
    file = home / "history/account-data-1.jsonl.gz"
    return file if file.exists() else None


def write(file: Path, rows: Any) -> Path:
    """One JSON file; ``.gz`` is packed, ``.jsonl`` has a row a line."""
    name = file.name.removesuffix(".gz")
    text = "\n".join(map(json.dumps, rows)) if name.endswith(".jsonl") else json.dumps(rows, ensure_ascii=False)
    content = text.encode("utf-8")
    file.write_bytes(gzip.compress(content) if file.name.endswith(".gz") else content)
    return file


def write_zip(file: Path, **members: Any) -> Path:
    """A zip with a folder, as the service packs it."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{FOLDER}/ReadMeFirst.pdf", b"%PDF-1.4")
        for name, rows in members.items():
            archive.writestr(f"{FOLDER}/{name}.json", rows if isinstance(rows, bytes) else json.dumps(rows))
    return file


def many(number: int, count: int, heard_ms: int = 9_000, reason: str = "fwdbtn", year: int = 2026) -> Rows:
    """Plays of one song, an hour apart."""
    return [
        extended(
            f"{year}-05-{1 + nth // 24:02}T{nth % 24:02}:10:{number % 60:02}Z", heard_ms, number, reason_end=reason
        )
        for nth in range(count)
    ]


def imported(home: Home, *words: str | Path) -> dict[str, Any]:
    """Run the import with ``--json``; every row has one fate."""
    ran = home.run("import", "history", *map(str, words), "--json")
    assert ran.code == 0, ran.err
    told: dict[str, Any] = json.loads(ran.out)
    check_sum(told)
    return told


def check_sum(told: dict[str, Any]) -> None:
    """Every row has one fate, and every row that was set aside is named."""
    apart = told["repeated"] + sum(told["not_music"].values()) + told["set_aside"]["count"]
    assert told["read"] == apart + told["music"]
    assert told["new"] is None or told["music"] == told["new"] + told["known"]
    assert len(told["set_aside"]["rows"]) == told["set_aside"]["count"]
    assert sum(told["set_aside"]["reasons"].values()) == told["set_aside"]["count"]


def stored(home: Home) -> list[tuple[Any, ...]]:
    """The table as it is in the file."""
    (file,) = home.data.glob("*.db")
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("SELECT * FROM past_play ORDER BY id").fetchall()


def pools(home: Home) -> str:
    """All pools as a file."""
    return home.run("pool", "export", "-").out
