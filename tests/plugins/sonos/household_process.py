"""Thirty-two speakers in a process of their own, so that what the hub costs can be measured. Ends with its input."""

import asyncio
import sys

from moodroom_hub.simulator.items import Item, uri_of
from moodroom_hub.simulator.sonos.home import SimulatedSonos

COUNT = 32
SLOW_MS = 5_000


async def main() -> None:
    """Everybody plays something of their own; the first speaker takes five seconds to answer."""
    names = [f"Room {number:02}" for number in range(COUNT)]
    songs = [Item(uri_of(f"Song {n}", "Band"), f"Song {n}", ("Band",), 240_000, album="Album") for n in range(40)]
    async with SimulatedSonos(players=names, items=songs) as sonos:
        for number, name in enumerate(names):
            sonos.world.play_songs(name, [song.uri for song in songs[number % 8 :]])
        sonos.world.slow_down(names[0], SLOW_MS)
        print(" ".join(f"{host}:{port}" for host, port in sonos.addresses), flush=True)  # noqa: T201 -- for the parent
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
