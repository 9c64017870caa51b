"""Pictures for what plays without one: asked for behind, once, and remembered as long as the hub runs."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.face import NowPlaying
from moodroom_hub.domain.models import EpochMs, Track, Uri
from moodroom_hub.domain.plays.models import Artwork

log = logging.getLogger(__name__)

REMEMBERED: Final = 500
ASKED_AT_MOST: Final = 3
AGAIN_AFTER_MS: Final = 8_000
"""A plugin may have been on its way to an answer: so long after the first time it is asked again, later once more."""


@dataclass(slots=True)
class _Known:
    url: str | None = None
    asked: int = 0
    asked_at_ms: EpochMs = EpochMs(0)


class Pictures:
    """``find`` may take seconds and never raises; ``told()`` is called when a picture came."""

    def __init__(
        self, clock: Clock, find: Callable[[Track], Awaitable[Artwork | None]], told: Callable[[], None]
    ) -> None:
        self._clock = clock
        self._find = find
        self._told = told
        self._known: OrderedDict[Uri, _Known] = OrderedDict()
        self._tasks: dict[Uri, asyncio.Task[None]] = {}
        self._is_closed = False

    def shown(self, playing: NowPlaying | None) -> NowPlaying | None:
        """``playing`` with the picture that is known by now; where there is none, it is looked for behind."""
        if playing is None or playing.track.artwork_url:
            return playing
        url = self._url(playing.track)
        return playing if url is None else replace(playing, track=replace(playing.track, artwork_url=url))

    async def close(self) -> None:
        """End what is under way."""
        self._is_closed = True
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _url(self, track: Track) -> str | None:
        known = self._known.setdefault(track.uri, _Known())
        self._known.move_to_end(track.uri)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        if known.url is None and self._may_ask(track, known):
            known.asked += 1
            known.asked_at_ms = self._clock.now_ms()
            task = asyncio.create_task(self._ask(track, known), name="a picture for what plays")
            self._tasks[track.uri] = task
            task.add_done_callback(lambda _: self._tasks.pop(track.uri, None))
        return known.url

    def _may_ask(self, track: Track, known: _Known) -> bool:
        if self._is_closed or not track.name or track.uri in self._tasks or known.asked >= ASKED_AT_MOST:
            return False
        return not known.asked or self._clock.now_ms() - known.asked_at_ms >= AGAIN_AFTER_MS * known.asked

    async def _ask(self, track: Track, known: _Known) -> None:
        found = await self._find(track)
        if found is None:
            return
        if not found.url.startswith("https://") or not found.url.isprintable() or " " in found.url:
            log.debug("a picture of %s has no address that may be shown", found.source)
            return
        known.url = found.url
        self._told()
