"""Figures in the format of Prometheus. The only file that loads its library; imported at the first scrape."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from moodroom_hub.plugins.status_page.metrics import BUCKETS_S, Metrics

_NOT_A_NAME: Final = re.compile("[^a-zA-Z0-9_]")


def expose(page: Metrics, hub: Mapping[str, float], open_streams: int) -> bytes:
    """The page's figures and the hub's: of the latter, names that end in ``_total`` are counters, others gauges."""
    registry = CollectorRegistry()
    registry.register(_Given([*_hub_figures(hub), *_page_figures(page, open_streams)]))
    return generate_latest(registry)


class _Given(Collector):
    """Metrics as they are at this moment."""

    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def _hub_figures(figures: Mapping[str, float]) -> Iterator[Metric]:
    for given, value in figures.items():
        name = "moodroom_" + _NOT_A_NAME.sub("_", given)
        if name.endswith("_total"):
            yield CounterMetricFamily(name, "Counted by the hub since its start.", value=value)
        else:
            yield GaugeMetricFamily(name, "As the hub stands now.", value=value)


def _page_figures(page: Metrics, open_streams: int) -> Iterator[Metric]:
    requests = CounterMetricFamily(
        "moodroom_http_requests", "Answered HTTP requests.", labels=["method", "route", "status"]
    )
    for labels, count in page.requests.items():
        requests.add_metric(labels, count)
    yield requests
    bounds = (*map(str, BUCKETS_S), "+Inf")
    counts = accumulate(page.per_bucket)
    yield HistogramMetricFamily(
        "moodroom_http_request_seconds",
        "Time until a request was answered, event streams excluded.",
        buckets=list(zip(bounds, counts, strict=True)),
        sum_value=page.seconds,
    )
    yield GaugeMetricFamily("moodroom_event_streams", "Open event streams.", value=open_streams)
