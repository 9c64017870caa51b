"""Miners see the genres and years that were found out before."""

from pathlib import Path

from moodroom_hub.domain.mining.models import MiningTask
from moodroom_hub.domain.models import DurationMs
from moodroom_hub.domain.plays.facts import FACTS_KIND, facts_key, facts_to_text
from moodroom_hub.domain.plays.models import TrackFacts
from tests.core.data_lab import liked
from tests.core.mining.lab import desk_lab, uri


async def test_genres_and_years_that_are_kept_are_in_the_task(tmp_path: Path) -> None:
    async with desk_lab(tmp_path, songs=4) as lab:
        store, now_ms = lab.data.store, lab.data.clock.now_ms()
        tracks = {}
        for number in (1, 2, 3):
            one = liked(number)
            track = type(one.track)(
                one.track.uri,
                one.track.name,
                one.track.artists,
                DurationMs(200_000),
                year=1990 if number == 2 else None,
            )
            tracks[number] = track
            await store.put_liked([type(one)(track, one.added_at)])
        texts = {
            1: facts_to_text(TrackFacts(year=2004, genres=("house", "disco"))),
            2: facts_to_text(TrackFacts(year=2005)),
            3: "",
        }
        for number, text in texts.items():
            key = facts_key(tracks[number])
            assert key is not None
            await store.findings.put(FACTS_KIND, key, text, now_ms, DurationMs(60_000), 100)
        await lab.run()
        (task,) = lab.miner.tasks
        assert isinstance(task, MiningTask)
        assert task.genres == ((uri(1), ("house", "disco")),)
        years = {track.uri: track.year for track in task.tracks}
        assert years == {uri(1): 2004, uri(2): 1990, uri(3): None, uri(4): None}
