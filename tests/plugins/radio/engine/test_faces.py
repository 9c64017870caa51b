"""What faces may ask of the radio, and what it refuses with which word."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.stations import NewStation, PlayedOut
from moodroom_hub.domain.models import Track, Uri
from moodroom_hub.domain.stations.models import Seed, Tuning, VoteKind, VoteRule
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.plugins.radio.engine.lab import (
    FRIDAY,
    Service,
    make_radio_lab,
    names,
    on_air,
    seeds,
    service_of,
    song,
    styles,
)


def test_stations_are_made_named_tuned_and_removed(tmp_path: Path, model: Path) -> None:
    async def scenario() -> None:
        lab = make_radio_lab()
        async with on_air(lab, tmp_path, model) as radio:
            for order in (NewStation(), NewStation(seeds=seeds(" ")), NewStation("x", seeds("A"), playlist="B")):
                with pytest.raises(Trouble) as refused:
                    await radio.new(order)
                assert refused.value.code is TroubleCode.BAD_REQUEST
            for number in range(2):
                view = await radio.new(NewStation("Friday", (Seed("Amber 0", "Amber 0 Song 1"),)))
                assert view.station.key == ("friday", "friday-2")[number]
            assert (await radio.new(NewStation(seeds=seeds("Birch 1")))).station.name == "Birch 1 Radio"
            assert (await radio.rename(FRIDAY, " Payday ")).station.name == "Payday"
            tuned = await radio.tune(FRIDAY, {"adventure": 1, "rule": "share", "likes": "2"})
            assert tuned.station.tuning == Tuning(likes=2.0, adventure=1.0, rule=VoteRule.SHARE)
            for changes in ({"adventure": 1.5}, {"drift": float("nan")}, {"rule": "coin"}, {"mood": 1}, {}):
                with pytest.raises(Trouble) as refused:
                    await radio.tune(FRIDAY, changes)
                assert refused.value.code is TroubleCode.BAD_REQUEST
            odd = await radio.new(NewStation("\u043f", seeds(" Amber\u200b\ud800\n0 ", "Amber 0", "\ud800")))
            assert (odd.station.key, odd.station.seeds, odd.known) == ("station", seeds("Amber 0"), 1)
            for name in ("", " ", "a" * 101, "a\x00", "\ud800"):
                with pytest.raises(Trouble) as refused:
                    await radio.rename(FRIDAY, name)
                assert refused.value.code is TroubleCode.BAD_REQUEST
            await radio.remove(FRIDAY)
            with pytest.raises(Trouble) as refused:
                await radio.why(FRIDAY)
            assert refused.value.code is TroubleCode.NOT_FOUND
            assert "friday-2" in refused.value.message

    run_virtual(scenario)


def test_votes_by_hand_bend_it_and_can_be_taken_back(tmp_path: Path, model: Path) -> None:
    async def scenario() -> None:
        lab = make_radio_lab()
        async with on_air(lab, tmp_path, model) as radio:
            await radio.new(NewStation("Friday", seeds("Amber 0"), tuning=Tuning(drift=1.0)))
            before = await radio.why(FRIDAY)
            with pytest.raises(Trouble) as refused:
                await radio.vote(FRIDAY, VoteKind.LIKE)
            assert refused.value.code is TroubleCode.CONFLICT
            with pytest.raises(Trouble) as refused:
                await radio.vote(FRIDAY, VoteKind.LIKE, Uri("spotify:track:unheard"))
            assert refused.value.code is TroubleCode.NOT_FOUND
            for each in before.next[:3]:
                view = await radio.vote(FRIDAY, VoteKind.DISLIKE, each.track.uri)
            assert view.dislikes == 3
            gone = {each.track.name for each in before.next[:3]}
            assert gone.isdisjoint(names(await radio.why(FRIDAY, 50)))
            assert (await radio.take_back(FRIDAY)).dislikes == 2
            assert (await radio.clear(FRIDAY)).dislikes == 0
            assert names(await radio.why(FRIDAY)) == names(before)
            with pytest.raises(Trouble):
                await radio.take_back(FRIDAY)

    run_virtual(scenario)


def test_likes_lead_away_as_far_as_the_owner_lets_them(tmp_path: Path, model: Path) -> None:
    async def scenario() -> None:
        lab = make_radio_lab()
        async with on_air(lab, tmp_path, model) as radio:
            await radio.new(NewStation("Friday", seeds("Amber 0", "Amber 1", "Dune 0")))
            why = await radio.why(FRIDAY, 50)
            dune = [each.track for each in why.next if each.track.artists[0].startswith("Dune")]
            for track in dune[:4]:
                view = await radio.vote(FRIDAY, VoteKind.LIKE, track.uri)
            assert view.drift is not None
            free = view.drift
            assert 0 < free <= 0.5
            bounded = await radio.tune(FRIDAY, {"drift": free / 3})
            assert bounded.is_bounded
            assert bounded.drift == pytest.approx(free / 3, abs=0.001)
            assert any("held back" in note for note in (await radio.why(FRIDAY)).notes)
            still = await radio.tune(FRIDAY, {"drift": 0})
            assert still.drift == pytest.approx(0, abs=0.001)

    run_virtual(scenario)


def test_playlists_are_followed_and_what_was_removed_stays_so(tmp_path: Path, model: Path) -> None:
    async def scenario() -> None:
        lab = make_radio_lab(Service(stations={"Radio: Friday": [song("Amber 0", 0)]}))
        lists = service_of(lab).stations
        async with on_air(lab, tmp_path, model) as radio:
            await asyncio.sleep(5)
            lists["Radio: Friday"] += [song("Birch 0", 0)]
            await radio.nightly()
            (view,) = await radio.overview()
            assert [seed.artist for seed in view.station.seeds] == ["Amber 0", "Birch 0"]
            lists["Other"] = [song("Dune 3", 0)]
            named = await radio.new(NewStation(playlist="other"))
            assert (named.station.name, named.station.origin) == ("Other", "playlist:id-of-other")
            for again in (NewStation(playlist="radio: friday"), NewStation("Another", playlist="Other")):
                with pytest.raises(Trouble, match=r"^(Friday \(friday\)|Other \(other\)) is the station") as refused:
                    await radio.new(again)
                assert refused.value.code is TroubleCode.CONFLICT
            assert len(await radio.overview()) == 2
            with pytest.raises(Trouble) as refused:
                await radio.new(NewStation(playlist="nothing so called"))
            assert refused.value.code is TroubleCode.NOT_FOUND
            lists["Other"] += [song("Dune 4", 0)]
            await radio.rename(named.station.key, "Mine")
            await radio.nightly()
            other = (await radio.overview())[1]
            assert (other.station.name, len(other.station.seeds), other.trouble) == ("Mine", 2, "")
            await radio.remove(named.station.key)
            kept = lists.pop("Radio: Friday")
            await radio.nightly()
            (view,) = await radio.overview()
            assert "playlist is gone" in view.trouble
            lists["Radio: Friday"] = kept
            await radio.remove(FRIDAY)
            await radio.nightly()
            assert await radio.overview() == []
            kept.append(song("Cedar 0", 0))
            await radio.nightly()
            assert [each.station.key for each in await radio.overview()] == [FRIDAY]

    run_virtual(scenario)


def test_spent_requests_are_said_and_for_how_long(tmp_path: Path, model: Path) -> None:
    async def scenario() -> None:
        lab = make_radio_lab()
        async with on_air(lab, tmp_path, model, settings=", searches_an_hour: 1") as radio:
            await radio.new(NewStation("Friday", seeds("Amber 0")))
            await radio.why(FRIDAY, 50)
            await asyncio.sleep(10 * 60)
            (note,) = (each for each in (await radio.why(FRIDAY, 50)).notes if "spent" in each)
            assert "are spent for now; some may be again in 50 min" in note

    run_virtual(scenario)


class SlowService(Service):
    """One that answers long after whoever asked has looked away."""

    async def artist_tracks(self, artist: str, page: int = 0) -> Sequence[Track]:
        """After a minute."""
        await asyncio.sleep(60)
        return await super().artist_tracks(artist, page)


def test_what_is_still_looked_for_is_no_shortage(tmp_path: Path, model: Path) -> None:
    async def scenario() -> None:
        lab = make_radio_lab(SlowService())
        async with on_air(lab, tmp_path, model) as radio:
            await radio.new(NewStation("Friday", seeds("Amber 0")))
            why = await radio.why(FRIDAY)
            assert (why.next, why.notes) == ((), ("tracks of 10 artists are still being looked for",))
            service_of(lab).fault = Trouble(TroubleCode.UNAVAILABLE, "the service is down")
            await asyncio.sleep(120)
            assert any("the service is down" in note for note in (await radio.why(FRIDAY)).notes)

    run_virtual(scenario)


def test_a_card_gives_the_same_order_elsewhere_and_others_are_served(tmp_path: Path, model: Path) -> None:
    async def scenario() -> None:
        here, there = tmp_path / "here", tmp_path / "there"
        here.mkdir()
        there.mkdir()
        lab = make_radio_lab()
        async with on_air(lab, here, model) as radio:
            await radio.new(NewStation("Friday", seeds("Amber 0", "Birch 2")))
            order = names(await radio.why(FRIDAY))
            card = await radio.card(FRIDAY)
            served = (await radio.next(FRIDAY, (), 5)).tracks
            assert len(served) == 5
            skipped = [PlayedOut(served[0].track.uri.rpartition(":")[2], 3.0, 200.0)]
            following = await radio.next(FRIDAY, [*skipped, PlayedOut("nobodyknows", 3.0, 200.0)], 5)
            after = following.tracks
            assert following.unknown == ("nobodyknows",)
            assert served[0].track not in [each.track for each in after]
            assert styles(each.track for each in after)
        async with on_air(lab, there, model) as radio:
            taken = await radio.import_card(card)
            assert (taken.view.station.key, taken.coverage) == (FRIDAY, 1.0)
            assert names(await radio.why(FRIDAY)) == order
            with pytest.raises(Trouble) as refused:
                await radio.import_card(card.replace("Amber", "Umber"))
            assert refused.value.code is TroubleCode.BAD_REQUEST
            await radio.vote(FRIDAY, VoteKind.DISLIKE, (await radio.why(FRIDAY)).next[0].track.uri)
            assert names(await radio.why(FRIDAY)) != order

    run_virtual(scenario)
