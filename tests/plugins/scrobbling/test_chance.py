"""Whatever goes wrong, and whenever the hub is killed: what was played is held once by each service, in order."""

import asyncio
import hashlib
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from moodroom_hub.plugins.scrobbling.lastfm import signature
from moodroom_hub.plugins.scrobbling.services import clean, scrobble_of
from moodroom_hub.simulator.scrobble_services import Fault, FaultKind
from tests.plugins.scrobbling.lab import EPOCH_MS, HOUR_S, SENT, lab, track, virtually

STEPS = st.one_of(
    st.tuples(st.just("play"), st.integers(1, 4)),
    st.tuples(st.just("fault"), st.sampled_from(FaultKind)),
    st.tuples(st.just("kill"), st.floats(0, 40)),
    st.tuples(st.just("pass"), st.floats(0.1, 900)),
)


@settings(max_examples=25)
@given(st.lists(STEPS, min_size=3, max_size=10))
def test_nothing_is_lost_and_nothing_is_there_twice(steps: list[tuple[str, object]]) -> None:
    async def work(folder: Path) -> None:
        async with lab(folder) as home:
            remaining = list(steps)
            while remaining:
                async with home.plugin() as plugin:
                    while remaining:
                        kind, value = remaining.pop(0)
                        if kind == "play":
                            assert isinstance(value, int)
                            for _ in range(value):
                                began_s = EPOCH_MS / 1000 - 9_000 + 7 * len(home.plays.plays)
                                await home.play(plugin, ago_s=home.clock.now_ms() / 1000 - began_s)
                        elif kind == "fault":
                            for service in home.services:
                                service.faults.append(Fault(FaultKind(str(value))))
                        else:
                            await asyncio.sleep(float(str(value)) + 5)
                        if kind == "kill":
                            break
            async with home.plugin():
                await asyncio.sleep(HOUR_S)
            songs = [f"Song {number}" for number in sorted(home.plays.plays)]
            for service in home.services:
                assert [heard.title for heard in service.held] == songs
            for name in ("lastfm", "listenbrainz", "maloja"):
                assert home.statuses(name) == [SENT] * len(songs)

    with tempfile.TemporaryDirectory() as folder:
        virtually(lambda: work(Path(folder)))


@given(st.text(), st.text())
def test_what_is_sent_can_be_written_and_read_again(title: str, artist: str) -> None:
    scrobble = scrobble_of(track(title, artist), 1_795_000_000_999)
    assert clean(scrobble.title) == scrobble.title
    assert scrobble.title.encode().decode() == scrobble.title
    assert scrobble.started_s == 1_795_000_000
    assert len(signature({"track": scrobble.title, "artist": scrobble.artist}, "secret")) == 32


def test_the_signature_is_that_of_the_documentation() -> None:
    """Names in the order of their bytes: artist[10] before artist[1]."""
    fields = {"artist[1]": "B", "artist[10]": "C", "api_key": "k"}
    wanted = hashlib.md5(b"api_keykartist[10]Cartist[1]Bsecret", usedforsecurity=False).hexdigest()
    assert signature(fields, "secret") == wanted
