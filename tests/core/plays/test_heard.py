"""What was heard in a whole hub is found again as plays, also by the next hub on the same data."""

import asyncio
from pathlib import Path

from moodroom_hub.core.events import Played
from moodroom_hub.core.played import PlaySearch
from moodroom_hub.domain.models import DurationMs
from moodroom_hub.domain.plays.models import Delivery, DeliveryStatus, Edit
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.hub_lab import NIGHT, SECONDS, make_lab, running


def test_what_was_heard_is_found_counted_and_mended(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        told: list[None] = []
        async with running(lab, tmp_path):
            commands = lab.hub.commands
            stop_watching = commands.watch(lambda: told.append(None))
            await commands.activate(NIGHT)
            await asyncio.sleep(SECONDS * 3.8)
            events = [event for event in lab.events if isinstance(event, Played)]
            assert len(events) == 4
            page = await commands.plays.find(PlaySearch())
            assert [view.play for view in page.plays] == [event.play for event in reversed(events)]
            dead = Delivery(page.plays[0].play.id, "lastfm", DeliveryStatus.DEAD, lab.clock.now_ms())
            await commands.plays.plan([dead])
            assert told == []
            assert await commands.plays.edit(dead.play_id, Edit(artist="Band")) == 1
            assert told == [None]
            stop_watching()
            await commands.findings.put("facts", "a", "b", DurationMs(SECONDS * 1_000_000), 9)
        async with running(lab, tmp_path):
            commands = lab.hub.commands
            assert [view.play for view in (await commands.plays.find(PlaySearch())).plays] == [
                event.play for event in reversed(events)
            ]
            figures = await commands.plays.statistics(7)
            assert (figures.plays, sum(figures.hours)) == (4, 4)
            assert [(line.name, line.plays) for line in figures.rooms] == [("Late Night", 4)]
            assert await commands.findings.get("facts", ["a"]) == {"a": "b"}

    run_virtual(scenario)
