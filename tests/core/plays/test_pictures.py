"""A picture for what plays without one: asked for once behind, and never in the way."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from moodroom_hub.core.clock import LoopClock
from moodroom_hub.core.face import NowPlaying
from moodroom_hub.core.plays.pictures import ASKED_AT_MOST, REMEMBERED, Pictures
from moodroom_hub.domain.models import DurationMs, EpochMs, Track, Uri
from moodroom_hub.domain.plays.models import Artwork
from moodroom_hub.simulator.virtual_time import run_virtual


def playing(name: str = "A Song", artwork_url: str | None = None) -> NowPlaying:
    """This plays."""
    track = Track(Uri(f"x:{name}"), name, ("A Band",), artwork_url=artwork_url)
    return NowPlaying(track, DurationMs(0), EpochMs(0), is_playing=True)


@dataclass
class Finder:
    """Finds ``url`` after ``takes_s``."""

    url: str | None = "https://archive.org/x.jpg"
    takes_s: float = 2.0
    asked: list[str] = field(default_factory=list)
    told: int = 0

    async def find(self, track: Track) -> Artwork | None:
        """As a plugin."""
        self.asked.append(track.name)
        await asyncio.sleep(self.takes_s)
        return None if self.url is None else Artwork(self.url, "Somebody")

    def tell(self) -> None:
        """A watcher."""
        self.told += 1


def with_pictures(finder: Finder, work: Callable[[Pictures], Awaitable[None]]) -> None:
    """Run ``work`` in virtual time."""

    async def run() -> None:
        pictures = Pictures(LoopClock(EpochMs(1_795_000_000_000)), finder.find, finder.tell)
        try:
            await work(pictures)
        finally:
            await pictures.close()

    run_virtual(run)


def shown(pictures: Pictures, view: NowPlaying) -> str | None:
    """The address that is shown now."""
    got = pictures.shown(view)
    assert got is not None
    return got.track.artwork_url


def test_it_comes_behind_and_is_asked_for_once() -> None:
    finder = Finder()

    async def work(pictures: Pictures) -> None:
        assert pictures.shown(None) is None
        for _ in range(5):
            assert shown(pictures, playing()) is None
        await asyncio.sleep(3)
        assert finder.told == 1
        assert shown(pictures, playing()) == finder.url
        assert shown(pictures, playing()) == finder.url
        assert finder.asked == ["A Song"]

    with_pictures(finder, work)


def test_the_player_s_own_picture_comes_first_and_nobody_is_asked() -> None:
    finder = Finder()

    async def work(pictures: Pictures) -> None:
        assert shown(pictures, playing(artwork_url="https://i.scdn.co/image/1")) == "https://i.scdn.co/image/1"
        await asyncio.sleep(3)
        assert finder.asked == []

    with_pictures(finder, work)


def test_without_an_answer_it_is_asked_for_a_few_times_and_no_more() -> None:
    finder = Finder(url=None)

    async def work(pictures: Pictures) -> None:
        for _ in range(200):
            assert shown(pictures, playing()) is None
            await asyncio.sleep(1)
        assert len(finder.asked) == ASKED_AT_MOST
        assert finder.told == 0

    with_pictures(finder, work)


def test_no_other_address_than_https_is_shown() -> None:
    async def work(pictures: Pictures) -> None:
        shown(pictures, playing())
        await asyncio.sleep(3)
        assert shown(pictures, playing()) is None

    for url in ("javascript:alert(1)", "http://x/y.jpg", "https://x/ y", "https://x/\n"):
        with_pictures(Finder(url=url), work)


def test_it_remembers_a_bounded_number_and_stops_in_the_middle() -> None:
    finder = Finder(takes_s=10_000)

    async def work(pictures: Pictures) -> None:
        for number in range(REMEMBERED + 50):
            shown(pictures, playing(f"Song {number}"))
        assert len(pictures._known) == REMEMBERED
        await pictures.close()
        assert shown(pictures, playing("One more")) is None

    with_pictures(finder, work)
