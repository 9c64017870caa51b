"""One line on a terminal that says how far the reading is; nothing where nobody looks."""

import sys
import time
from types import TracebackType
from typing import Self

EVERY_S = 0.2
_BAR = 24


class Progress:
    """A context manager; the line is gone afterwards."""

    def __init__(self) -> None:
        self._is_shown = sys.stderr.isatty()
        self._begun_s = time.monotonic()
        self._shown_s = 0.0
        self._is_dirty = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()

    def show(self, done: int, total: int, rows: int) -> None:
        """Bytes done, bytes in all, rows so far."""
        now_s = time.monotonic()
        if not self._is_shown or now_s - self._shown_s < EVERY_S:
            return
        self._shown_s = now_s
        sys.stderr.write(f"\r{progress_line(done, total, rows, now_s - self._begun_s)}\x1b[K")
        sys.stderr.flush()
        self._is_dirty = True

    def clear(self) -> None:
        """Take the line away."""
        if self._is_dirty:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._is_dirty = False


def progress_line(done: int, total: int, rows: int, passed_s: float) -> str:
    """``[####....]  37 %  120,000 rows  21,500/s  0:09 left``."""
    share = min(1.0, done / total) if total else 1.0
    filled = round(share * _BAR)
    rate = rows / passed_s if passed_s > 0 else 0.0
    left = ""
    if 0 < share < 1:
        left_s = round(passed_s * (1 - share) / share)
        left = f"  {left_s // 60}:{left_s % 60:02} left"
    return f"[{'#' * filled}{'.' * (_BAR - filled)}] {share:4.0%}  {rows:,} rows  {rate:,.0f}/s{left}"
