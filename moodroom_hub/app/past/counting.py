"""What became of every row, so that none gets lost in silence."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

MOST_LISTED = 100_000
"""Rows set aside that are named one by one; beyond that they are counted only."""


@dataclass(slots=True)
class Fates:
    """Counts of rows. ``read`` is the sum of all others, but for ``enriched``, which is a part of ``known``.

    ``repeated``: told twice in this very run. ``known``: in the database already; of these ``enriched`` were known from
    the account data and have now more. ``not_music`` and ``reasons`` count by kind. ``set_aside``: file, row, reason.
    """

    read: int = 0
    new: int = 0
    known: int = 0
    enriched: int = 0
    repeated: int = 0
    not_music: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    set_aside: list[tuple[str, int, str]] = field(default_factory=list)
    years: Counter[int] = field(default_factory=Counter)
    songs: set[int] = field(default_factory=set)
    heard_ms: int = 0
    first_ms: int | None = None
    last_ms: int | None = None

    def put_aside(self, file: str, row: int, reason: str) -> None:
        """One row that cannot be used."""
        self.reasons[reason] += 1
        if len(self.set_aside) < MOST_LISTED:
            self.set_aside.append((file, row, reason))

    def note_play(self, ended_at_ms: int, heard_ms: int, song: int) -> None:
        """One play of music, not told before in this run; ``song`` stands for artist and name."""
        self.first_ms = ended_at_ms if self.first_ms is None else min(self.first_ms, ended_at_ms)
        self.last_ms = ended_at_ms if self.last_ms is None else max(self.last_ms, ended_at_ms)
        self.years[datetime.fromtimestamp(ended_at_ms / 1000, UTC).year] += 1
        self.songs.add(song)
        self.heard_ms += heard_ms

    @property
    def music(self) -> int:
        """Plays of music, each once."""
        return sum(self.years.values())

    def to_json(self, *, is_dry: bool) -> dict[str, Any]:
        """Everything; ``new``, ``known`` and ``enriched`` are null where the database was not asked."""
        return {
            "read": self.read,
            "music": self.music,
            "new": None if is_dry else self.new,
            "known": None if is_dry else self.known,
            "enriched": None if is_dry else self.enriched,
            "repeated": self.repeated,
            "not_music": dict(sorted(self.not_music.items())),
            "set_aside": {
                "count": self.reasons.total(),
                "reasons": dict(self.reasons.most_common()),
                "rows": [{"file": file, "row": row, "reason": reason} for file, row, reason in self.set_aside],
            },
            "songs": len(self.songs),
            "years": {str(year): self.years[year] for year in sorted(self.years)},
            "first": _moment(self.first_ms),
            "last": _moment(self.last_ms),
            "heard_hours": round(self.heard_ms / 3_600_000, 1),
        }

    def lines(self, *, is_dry: bool) -> list[str]:
        """The same for a person, without the rows that were set aside."""
        told = [f"{self.read:,} rows read:"]
        if is_dry:
            told.append(f"  {self.music:,} plays of music (dry run: nothing was written)")
        else:
            richer = f" ({self.enriched:,} of them have more now)" if self.enriched else ""
            told.append(f"  {self.new:,} new plays")
            told.append(f"  {self.known:,} known already{richer}")
        told.append(f"  {self.repeated:,} repeated in these files")
        kinds = ", ".join(f"{kind} {count:,}" for kind, count in sorted(self.not_music.items()))
        told.append(f"  {self.not_music.total():,} not music{f' ({kinds})' if kinds else ''}")
        told.append(f"  {self.reasons.total():,} set aside")
        told += [f"    {count:,}: {reason}" for reason, count in self.reasons.most_common()]
        if self.first_ms is not None:
            span = f"{_moment(self.first_ms)} to {_moment(self.last_ms)}"
            told.append(f"{len(self.songs):,} songs, {self.heard_ms / 3_600_000:,.0f} hours, {span}.")
            told.append("  " + ", ".join(f"{year}: {self.years[year]:,}" for year in sorted(self.years)))
        return told


def _moment(at_ms: int | None) -> str | None:
    return None if at_ms is None else datetime.fromtimestamp(at_ms / 1000, UTC).date().isoformat()
