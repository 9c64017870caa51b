"""The corners of every profile, through the real path: a little less than enough, and a little more."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from benchmarks.counting import sonos as wires
from benchmarks.counting.drive import SHELF
from benchmarks.counting.houses import EPOCH_MS
from benchmarks.counting.in_time import QuickLoop, run_quickly
from benchmarks.counting.lives import CUSTOM, quiet
from benchmarks.counting.sonos import threads_know_the_time
from moodroom_hub.core.clock import LoopClock
from moodroom_hub.core.config import load_config
from moodroom_hub.core.hub import Hub
from moodroom_hub.domain.models import EpochMs
from moodroom_hub.simulator.items import Item, uri_of
from moodroom_hub.simulator.sonos.home import SimulatedSonos
from moodroom_hub.simulator.sonos.music import Media, MediaKind, Station, file_track

KITCHEN = "Kitchen"
NEAR_S = 4.0
STREAM = "Talk Radio"
LONG_S = 36_000


@dataclass(frozen=True, slots=True)
class Corner:
    """A track and from how many seconds on it counts by each profile, worked out by hand; ``None``: never."""

    name: str
    length_s: float | None
    needed_s: tuple[float | None, float | None, float | None, float | None]


PROFILES = ("spinstack", "lastfm", "listenbrainz", "custom")
CORNERS = (
    Corner("29 s", 29, (None, None, 14.5, 26.1)),
    Corner("30.0 s", 30, (30, None, 15, 27)),
    Corner("31 s", 31, (30, 15.5, 15.5, 27.9)),
    Corner("59 s", 59, (30, 29.5, 29.5, 53.1)),
    Corner("481 s", 481, (240.5, 240, 240, 432.9)),
    Corner("unknown length (radio)", None, (30, 240, 240, 90)),
    Corner("a file of 10 hours", LONG_S, (18_000, 240, 240, 600)),
)
REPEATED_S = 180


@dataclass(frozen=True, slots=True)
class Cell:
    """How a corner came out under a profile: plays after too little and after enough; ``None``: was not tried."""

    needed_s: float | None
    below: int | None
    above: int | None

    @property
    def is_right(self) -> bool:
        """As it should be."""
        return self.below in (None, 0) and self.above == (0 if self.needed_s is None else 1)

    def show(self) -> str:
        """For the table."""
        if self.needed_s is None:
            return f"never: {self.above}" if self.is_right else f"**never: {self.above}**"
        if self.below is None:
            return "as it should" if self.is_right else f"**{self.above}**"
        text = f"{self.needed_s:g} s: {self.below}/{self.above}"
        return text if self.is_right else f"**{text}**"


@dataclass(frozen=True, slots=True)
class Corners:
    """All of it. ``rows``: a name, and a cell for each profile."""

    rows: Sequence[tuple[str, Sequence[Cell]]]

    @property
    def are_right(self) -> bool:
        """Whether every cell is."""
        return all(cell.is_right for _, cells in self.rows for cell in cells)

    def table(self) -> str:
        """As Markdown."""
        lines = [
            f"| corner: plays {NEAR_S:g} s short of it / beyond it | {' | '.join(PROFILES)} |",
            "|---|---|---|---|---|",
        ]
        lines += [f"| {name} | {' | '.join(cell.show() for cell in cells)} |" for name, cells in self.rows]
        return "\n".join(lines)


def run_corners() -> Corners:
    """Play every corner under every profile."""
    columns = [run_quickly(partial(_column, profile)) for profile in range(len(PROFILES))]
    names = [*(corner.name for corner in CORNERS), "radio for 10 hours", "296 % of 180 s, seeking back", "six in a row"]
    return Corners([(name, [column[place] for column in columns]) for place, name in enumerate(names)])


async def _column(profile: int, loop: QuickLoop) -> list[Cell]:
    clock = LoopClock(EpochMs(EPOCH_MS))
    songs = [_song(corner.name, corner.length_s) for corner in CORNERS if corner.length_s is not None]
    songs.append(_song("repeated", REPEATED_S))
    silent = Station(STREAM, "x-sonosapi-stream:s1?sid=254", "aac://stream.invalid/talk.aac", tells_duration=False)
    loop.answers_at_once = lambda: True
    with quiet(), threads_know_the_time(loop), TemporaryDirectory(prefix="moodroom-corners-", dir=SHELF) as folder:
        async with SimulatedSonos(
            1, players=[KITCHEN], items=songs, stations=[silent], epoch_ms=EPOCH_MS, serve=False
        ) as sonos:
            wires.lead_to(wires.Wire(sonos))
            path = Path(folder) / "config.yaml"
            path.write_text(_configuration(PROFILES[profile], sonos, Path(folder)))
            hub = Hub(
                load_config(path, {}),
                clock=clock,
                rng=Random(1),
                builtins=("benchmarks.counting.sonos",),
                with_foreign=False,
            )
            async with hub:
                await asyncio.sleep(30)
                cells = await _Player(sonos, hub).play_all(profile)
            await asyncio.sleep(60)
    return cells


def _configuration(profile: str, sonos: SimulatedSonos, folder: Path) -> str:
    host, port = sonos.addresses[0]
    played = CUSTOM if profile == "custom" else f"{{profile: {profile}}}"
    return (
        f"hub: {{data_dir: {folder / 'data'}}}\nlistening: {{played: {played}}}\n"
        f'plugins: {{sonos: {{addresses: ["{host}:{port}"], event_host: 127.0.0.1}}}}\n'
    )


def _song(name: str, length_s: float) -> Item:
    return Item(uri_of(name, "Corner"), name, ("Corner",), round(length_s * 1000))


class _Player:
    """Somebody at the kitchen's speaker."""

    def __init__(self, sonos: SimulatedSonos, hub: Hub) -> None:
        self._world, self._hub = sonos.world, hub

    async def play_all(self, profile: int) -> list[Cell]:
        cells = [await self._corner(corner, corner.needed_s[profile]) for corner in CORNERS]
        cells.append(Cell(0, None, await self._plays(lambda: self._radio(10 * 3_600))))
        cells.append(Cell(0, None, await self._plays(self._back_and_back)))
        six = await self._plays(self._six)
        cells.append(Cell(0, None, 1 if six == 6 else six))
        return cells

    async def _corner(self, corner: Corner, needed_s: float | None) -> Cell:
        async def listen(seconds: float) -> int:
            return await self._plays(lambda: self._hear(corner, seconds))

        if needed_s is None:
            return Cell(None, None, await listen(corner.length_s or 0))
        beyond_s = needed_s + NEAR_S if corner.length_s is None else min(corner.length_s, needed_s + NEAR_S)
        return Cell(needed_s, await listen(needed_s - NEAR_S), await listen(beyond_s))

    async def _plays(self, listen: Callable[[], Awaitable[None]]) -> int:
        """How many plays that listening makes; a quarter of an hour of silence before and after."""
        before = len(await self._hub.store.recent_plays(EpochMs(0)))
        await listen()
        await asyncio.sleep(900)
        return len(await self._hub.store.recent_plays(EpochMs(0))) - before

    async def _hear(self, corner: Corner, seconds: float) -> None:
        if corner.length_s is None:
            await self._radio(seconds)
            return
        if corner.length_s == LONG_S:
            track = file_track("http://files.invalid/long.mp3", corner.name, "Corner", duration_ms=LONG_S * 1000)
            self._world.set_media(KITCHEN, Media(MediaKind.FILE, track.uri), track=track)
            self._world.play(KITCHEN)
        else:
            self._world.play_songs(KITCHEN, [uri_of(corner.name, "Corner")])
        await asyncio.sleep(seconds + 0.4)
        if seconds < corner.length_s:
            self._world.stop(KITCHEN)

    async def _radio(self, seconds: float) -> None:
        self._world.play_radio(KITCHEN, STREAM)
        await asyncio.sleep(seconds + 0.4)
        self._world.stop(KITCHEN)

    async def _back_and_back(self) -> None:
        """Three times back from 2:38 to 0:38, then on to its end: 538 s of 180."""
        self._world.play_songs(KITCHEN, [uri_of("repeated", "Corner")])
        await asyncio.sleep(158.4)
        for _ in range(3):
            self._world.seek(KITCHEN, 38_000)
            await asyncio.sleep(120.4)
        await asyncio.sleep(30)

    async def _six(self) -> None:
        self._world.play_songs(KITCHEN, [uri_of("repeated", "Corner")] * 6)
        await asyncio.sleep(6 * REPEATED_S + 5)
