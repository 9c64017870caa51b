"""The page's own figures, counted in plain numbers; ``GET /metrics`` tells them together with the hub's."""

from bisect import bisect_left
from collections import Counter
from typing import Final

from moodroom_hub.core.face import HubFace

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS_S: Final = (0.005, 0.025, 0.1, 0.5, 2.0, 10.0)
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """``requests`` counts answers by method, route and status; ``per_bucket`` by the time they took (the last
    one: longer than all of ``BUCKETS_S``), ``seconds`` is their sum."""

    def __init__(self, hub: HubFace) -> None:
        self._hub = hub
        self.requests: Counter[tuple[str, str, str]] = Counter()
        self.per_bucket = [0] * (len(BUCKETS_S) + 1)
        self.seconds = 0.0

    def answered(self, method: str, route: str, status: int, seconds: float | None) -> None:
        """Count one answer. ``route`` is the route's pattern, never the path: strangers must not grow the list."""
        self.requests[method if method in _METHODS else "OTHER", route, str(status)] += 1
        if seconds is not None:
            self.per_bucket[bisect_left(BUCKETS_S, seconds)] += 1
            self.seconds += seconds

    def text(self, open_streams: int) -> bytes:
        """Everything, as Prometheus reads it."""
        # Late: a hub that nobody scrapes does without the library's memory.
        from moodroom_hub.plugins.status_page.exposition import expose

        return expose(self, self._hub.metrics(), open_streams)
