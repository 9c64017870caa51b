"""``moodroom-hub run`` as it is, in a loop whose hours pass in seconds: for one day, then at life's own pace.

    python -m benchmarks.weight.child CONFIG DAY_S PACE BEGIN_FILE DONE_FILE

Only two things differ from the real command: the event loop's clock, and a header that tells the simulated Spotify
what time it is here. While the hub works or waits for an answer its clock stands still; else it runs PACE times as
fast as the wall's, from the moment when BEGIN_FILE is there. DONE_FILE appears when the day is over.
"""

import asyncio
import select
import selectors
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.weight import EPOCH_MS, NOW_HEADER
from moodroom_hub.app.cli import main
from moodroom_hub.core.clock import LoopClock
from moodroom_hub.domain.models import EpochMs
from moodroom_hub.plugins.spotify import Plugin as SpotifyPlugin
from moodroom_hub.simulator.virtual_time import VirtualTimeLoop

if TYPE_CHECKING:
    import requests


class DayLoop(VirtualTimeLoop):
    """Virtual time that does not jump but runs, so that callers from outside find the time to be heard."""

    def __init__(self, day_s: float, pace: float, begin: Path, done: Path) -> None:
        super().__init__()
        self._day_s = day_s
        self._day_pace = pace
        self._begin = begin
        self._done = done
        self._ends_s: float | None = None
        self._pace = 1.0

    def _jump(self, seconds: float) -> None:
        began_s = time.monotonic()
        has_news = self._wait_for_sockets(seconds / self._pace)
        passed_s = (time.monotonic() - began_s) * self._pace
        self._now_s += min(seconds, passed_s) if has_news else seconds
        if self._ends_s is None:
            if self._begin.exists():
                self._ends_s = self._now_s + self._day_s
                self._pace = self._day_pace
        elif self._pace > 1 and self._now_s >= self._ends_s:
            self._pace = 1.0
            self._done.touch()

    def _wait_for_sockets(self, real_s: float) -> bool:
        keys = list(vars(self)["_selector"].get_map().values())
        readers = [key.fd for key in keys if key.events & selectors.EVENT_READ]
        writers = [key.fd for key in keys if key.events & selectors.EVENT_WRITE]
        return any(select.select(readers, writers, [], real_s))


def _session_factory() -> Callable[[], "requests.Session"]:
    # Late, as in the real command: the plugin decides what is loaded with it.
    from moodroom_hub.plugins.spotify.session import session_maker

    loop = asyncio.get_running_loop()
    make_real = session_maker()

    def tell_time(request: Any) -> Any:
        request.headers[NOW_HEADER] = str(round(EPOCH_MS + loop.time() * 1000))
        return request

    def make() -> "requests.Session":
        session = make_real()
        prepare = session.prepare_request
        vars(session)["prepare_request"] = lambda request: tell_time(prepare(request))
        return session

    return make


_factories: list[Callable[[], "requests.Session"]] = []


def _session() -> "requests.Session":
    if not _factories:
        _factories.append(_session_factory())
    return _factories[0]()


class _Policy(asyncio.DefaultEventLoopPolicy):
    def __init__(self, make: Callable[[], DayLoop]) -> None:
        super().__init__()
        self._make = make

    def new_event_loop(self) -> DayLoop:
        return self._make()


def run(config: str, day_s: float, pace: float, begin: Path, done: Path) -> int:
    """The command, until a signal."""
    from moodroom_hub.app import run as command

    SpotifyPlugin.session_factory = staticmethod(_session)
    vars(command)["SystemClock"] = lambda: LoopClock(EpochMs(EPOCH_MS))
    asyncio.set_event_loop_policy(_Policy(lambda: DayLoop(day_s, pace, begin, done)))
    return main(["-c", config, "run"])


if __name__ == "__main__":
    sys.exit(run(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), Path(sys.argv[4]), Path(sys.argv[5])))
