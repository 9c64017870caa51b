"""A station goes from one hub to another: the same order there, until somebody there skips; then there only."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.stations import NewStation, PlayedOut, Radio
from moodroom_hub.domain.stations.models import StationKey, Tuning, VoteKind, VoteRule
from moodroom_hub.plugins.radio.recommending.seed_rule import SeedRule
from moodroom_hub.plugins.radio.training.fitting import train
from moodroom_hub.plugins.radio.training.reading import RawList
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.hub_lab import SECONDS, Lab
from tests.plugins.radio.engine.lab import (
    ARTISTS,
    FRIDAY,
    STYLES,
    artist,
    make_radio_lab,
    names,
    on_air,
    played_names,
    seeds,
    skip,
)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lists of one style each."""
    rng = Random(5)
    lists = [
        RawList("", [artist(STYLES[number % 4], min(ARTISTS - 1, int(rng.expovariate(0.15)))) for _ in range(12)])
        for number in range(160)
    ]
    path = tmp_path_factory.mktemp("model") / "model.radio"
    train([], path, extra=lists, recommender=SeedRule)
    return path


@dataclass
class Home:
    """A hub with an account, a player and a data folder of its own."""

    lab: Lab
    radio: Radio

    async def coming(self, key: StationKey) -> list[str]:
        """What comes next."""
        return names(await self.radio.why(key, 20))

    def votes(self, key: StationKey) -> int:
        """How many there are."""
        return len(self.lab.hub.commands.stations.votes(key))

    def heard(self) -> list[str]:
        """Everything that was played or queued, by name."""
        return [self.lab.world.items[uri].name for uri in (*self.lab.played, *self.lab.queued)]


@asynccontextmanager
async def two_homes(folder: Path, model: Path) -> AsyncIterator[tuple[Home, Home]]:
    """Anna's and Ben's; Ben has made a station before, so that no chance of his is hers by chance."""
    (folder / "anna").mkdir()
    (folder / "ben").mkdir()
    annas = make_radio_lab(seed=1)
    async with on_air(annas, folder / "anna", model, settings=", sign_as: Anna") as anna:
        bens = make_radio_lab(seed=2)
        async with on_air(bens, folder / "ben", model) as ben:
            await ben.new(NewStation("Monday", seeds("Dune 3")))
            yield Home(annas, anna), Home(bens, ben)


async def stations_of(home: Home) -> Mapping[StationKey, str]:
    """Names by key."""
    return {view.station.key: view.station.name for view in await home.radio.overview()}


def test_the_same_order_there_until_a_skip_and_then_there_only(tmp_path: Path, model: Path) -> None:
    async def scenario() -> None:
        async with two_homes(tmp_path, model) as (anna, ben):
            tuning = Tuning(style=1.3, likes=0.7, dislikes=1.5, drift=0.35, rule=VoteRule.SHARE)
            await anna.radio.new(NewStation("Friday", seeds("Amber 0", "Birch 0", "Nobody Knows"), tuning=tuning))
            text = await anna.radio.card(FRIDAY)
            got = await ben.radio.import_card(text)
            assert got.coverage == pytest.approx(2 / 3)
            assert got.view.unknown == ("Nobody Knows",)
            assert got.signer.startswith("Anna, ")
            here, there = (home.lab.hub.commands.stations.get(FRIDAY) for home in (anna, ben))
            assert here is not None
            assert got.view.station == there
            assert there == replace(here, origin="card", created_at_ms=got.view.station.created_at_ms)
            before = await anna.coming(FRIDAY)
            assert len(before) == 20
            assert await ben.coming(FRIDAY) == before

            for home in (anna, ben):
                await home.lab.hub.commands.play_station(FRIDAY)
            await asyncio.sleep(20)
            assert anna.heard() == ben.heard() == before[:2], "one plays, one lies ahead"
            expected = (await anna.coming(FRIDAY))[0]
            assert await ben.coming(FRIDAY) == await anna.coming(FRIDAY)
            await refuses_what_is_no_card(ben, text)
            skip(ben.lab)
            await asyncio.sleep(5)
            assert (anna.votes(FRIDAY), ben.votes(FRIDAY)) == (0, 1)
            assert ben.heard()[2] != expected, "the very next pick there is another"
            assert (await anna.coming(FRIDAY))[0] == expected, "and the same here"
            await asyncio.sleep(SECONDS)
            assert anna.heard()[2] == expected
            assert played_names(ben.lab)[2].split()[0] != played_names(ben.lab)[0].split()[0], "it turned to the other"
            assert anna.lab.world.truth.dry_ms() == ben.lab.world.truth.dry_ms() == 0

    run_virtual(scenario)


async def refuses_what_is_no_card(home: Home, text: str) -> None:
    """Each with a word, and nothing is made of it."""
    stations = await stations_of(home)
    words = {
        text.replace("Amber 0", "Amber 1"): "changed after it had been signed",
        text[: len(text) // 2]: "cut off",
        text.replace('"version":1', '"version":9'): "version 9",
        text.replace("moodroom-station-card", "somebody-elses-card"): "no station card",
        "": "empty",
        "[" * 10_000_000: "too large",
    }
    for given, word in words.items():
        with pytest.raises(Trouble, match=word) as told:
            await home.radio.import_card(given)
        assert told.value.code is TroubleCode.BAD_REQUEST
    assert await stations_of(home) == stations


def test_what_a_station_has_learnt_stays_at_home(tmp_path: Path, model: Path) -> None:
    async def scenario() -> None:
        async with two_homes(tmp_path, model) as (anna, ben):
            await anna.radio.new(NewStation("Friday", seeds("Amber 0", "Birch 0")))
            fresh = await anna.coming(FRIDAY)
            untouched = {form: await anna.radio.card(FRIDAY, form) for form in ("card", "jspf")}
            got = await ben.radio.import_card(untouched["jspf"])
            await serve_others_alike(anna, ben, fresh)
            for each in (await anna.radio.why(FRIDAY, 3)).next:
                await anna.radio.vote(FRIDAY, VoteKind.DISLIKE, each.track.uri)
            assert await anna.coming(FRIDAY) != fresh
            assert {form: await anna.radio.card(FRIDAY, form) for form in untouched} == untouched
            assert (got.view.dislikes, ben.votes(FRIDAY)) == (0, 0)
            assert await ben.coming(FRIDAY) == fresh
            own = await anna.radio.import_card(untouched["card"], "Mine again")
            assert own.signer.endswith("(this hub)")
            assert await stations_of(anna) == {FRIDAY: "Friday", StationKey("mine-again"): "Mine again"}
            assert await anna.coming(StationKey("mine-again")) == fresh

    run_virtual(scenario)


async def serve_others_alike(anna: Home, ben: Home, fresh: Sequence[str]) -> None:
    """A session of somebody else: the same answers at both, and neither learns anything of it."""
    session: list[PlayedOut] = []
    for seconds in (5, SECONDS, 12, 90):
        here, there = [(await home.radio.next(FRIDAY, session)).tracks for home in (anna, ben)]
        assert [each.track for each in here] == [each.track for each in there]
        assert len(here) == 5
        session.append(PlayedOut(here[0].track.uri, seconds, SECONDS))
    assert [each.track.name for each in (await anna.radio.next(FRIDAY, [])).tracks] == fresh[:5]
    assert (anna.votes(FRIDAY), ben.votes(FRIDAY)) == (0, 0)
    assert await anna.coming(FRIDAY) == fresh
    with pytest.raises(Trouble, match="no time that there can be") as told:
        await ben.radio.next(FRIDAY, [PlayedOut("x", float("nan"), 10)])
    assert told.value.code is TroubleCode.BAD_REQUEST
