"""The same training on a Dask cluster, for collections that one machine would read for days.

Reading, cleaning up, counting, numbering and the fit's sums over all lists, where the hours go, are done by the
workers; what they give is the same to the last bit as what one process gives. The folder of the playlists and that of
the model must be shared: every worker sees them under the same path.
"""

import socket
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from moodroom_hub.plugins.radio.training.engine import Result, Task

LOCAL = "local"
IN_FLIGHT_FOR_EACH = 3
"""Pieces that wait or are worked on for each thread of the workers: enough that none is idle, few enough to hold."""
ADDRESS_WAIT_S = 10


class ClusterError(ValueError):
    """There is no cluster to work on; the text says what to do."""


class DaskEngine:
    """On the scheduler at ``address`` ("tcp://host:8786"), or on ``workers`` processes of this machine.

    Raises ``ClusterError`` where the extra is not installed or nobody answers.
    """

    def __init__(self, address: str = "", workers: int = 2) -> None:
        try:
            dask: Any = import_module("distributed")
        except ModuleNotFoundError:
            raise ClusterError("a cluster needs what pip install moodroom-hub[radio-cluster] installs") from None
        if address:
            _knock(address)
        self._cluster: Any = None
        if not address:
            self._cluster = dask.LocalCluster(
                n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
            )
        try:
            self._client: Any = dask.Client(address or self._cluster, timeout=ADDRESS_WAIT_S)
        except (OSError, ValueError, RuntimeError) as error:
            self._close_cluster()
            raise ClusterError(f"no Dask scheduler answers at {address or 'this machine'} ({error})") from None

    def map(self, work: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[Result]:
        """See ``Engine``."""
        threads = max(1, sum(self._client.nthreads().values()))
        waiting: deque[Any] = deque()
        try:
            for task in tasks:
                # Pure by default, Dask would take two equal tasks for one.
                waiting.append(self._client.submit(work, task, pure=False))
                if len(waiting) >= IN_FLIGHT_FOR_EACH * threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for each in waiting:
                each.cancel()

    def close(self) -> None:
        """Let go of the cluster; one that was started here ends."""
        self._client.close()
        self._close_cluster()

    def _close_cluster(self) -> None:
        if self._cluster is not None:
            self._cluster.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _knock(address: str) -> None:
    """A client that finds nobody leaves threads behind; so see first whether somebody is there."""
    try:
        parts = urlsplit(address)
        if parts.hostname is None or parts.port is None:
            raise ValueError("an address is like tcp://host:8786")
        with socket.create_connection((parts.hostname, parts.port), timeout=ADDRESS_WAIT_S):
            return
    except (OSError, ValueError) as error:
        raise ClusterError(f"no Dask scheduler answers at {address} ({error})") from None
