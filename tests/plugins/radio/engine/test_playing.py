"""Stations on a whole hub: what plays, what turns it, and that it never ends in silence."""

import asyncio
from pathlib import Path

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.stations import NewStation
from moodroom_hub.domain.models import HOME
from moodroom_hub.domain.stations.models import VoteKind
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.hub_lab import SECONDS
from tests.plugins.radio.engine.lab import (
    FRIDAY,
    Service,
    artist,
    make_radio_lab,
    names,
    on_air,
    played_names,
    seeds,
    service_of,
    skip,
    song,
)


def test_a_station_of_a_playlist_plays_what_is_like_it_and_three_skips_turn_it(tmp_path: Path, model: Path) -> None:
    async def scenario() -> None:
        friday = [song(artist("Amber", number), 0) for number in (0, 1, 1)] + [song(artist("Birch", 0), 1)]
        lab = make_radio_lab(Service(stations={"radio: Friday": friday, "Cooking": [song("Dune 1", 0)]}))
        async with on_air(lab, tmp_path, model) as radio:
            await asyncio.sleep(5)
            (view,) = await radio.overview()
            assert (view.station.key, view.station.name) == (FRIDAY, "Friday")
            assert [seed.artist for seed in view.station.seeds] == ["Amber 1", "Amber 0", "Birch 0"]
            await lab.hub.commands.play_station(FRIDAY)
            await asyncio.sleep(3 * SECONDS)
            heard = played_names(lab)
            assert len(heard) >= 4
            assert {name.split()[0] for name in heard} <= {"Amber", "Birch"}
            await lab.hub.commands.play_station(FRIDAY)
            before = {each.track.artists[0] for each in (await radio.why(FRIDAY)).next}
            for _ in range(3):
                await asyncio.sleep(15)
                skip(lab)
            await asyncio.sleep(20)
            why = await radio.why(FRIDAY)
            assert [vote.kind for vote in why.votes[:3]] == [VoteKind.DISLIKE] * 3
            disliked = {vote.track.artists[0] for vote in why.votes[:3]}
            assert disliked.isdisjoint(each.track.artists[0] for each in why.next)
            assert before != {each.track.artists[0] for each in why.next}
            assert len(why.next) == 10
            assert lab.world.truth.dry_ms() == 0

    run_virtual(scenario)


def test_a_skip_bends_the_very_next_pick_and_is_kept(tmp_path: Path, model: Path) -> None:
    async def scenario() -> None:
        lab = make_radio_lab()
        async with on_air(lab, tmp_path, model) as radio:
            view = await radio.new(NewStation("Friday", seeds("Amber 0", "Birch 0")))
            assert (view.station.key, view.known, view.unknown, view.drift) == (FRIDAY, 2, (), 0.0)
            await lab.hub.commands.play_station(FRIDAY)
            await asyncio.sleep(10)
            assert len(played_names(lab)) == 2, "one plays, one lies ahead"
            before = names(await radio.why(FRIDAY))
            skip(lab)
            await asyncio.sleep(20)
            (vote,) = lab.hub.commands.stations.votes(FRIDAY)
            skipped = vote.track
            assert vote.kind is VoteKind.DISLIKE
            assert played_names(lab)[-1].split()[0] != skipped.artists[0].split()[0], "it turns to the other style"
            after = await radio.why(FRIDAY)
            assert names(after) != before[1:]
            assert skipped.artists[0] not in [each.track.artists[0] for each in after.next]
            played = played_names(lab)
        async with on_air(lab, tmp_path, model) as radio:
            (view,) = await radio.overview()
            assert (view.dislikes, view.station.name) == (1, "Friday")
            assert len(lab.hub.commands.stations.votes(FRIDAY)) == 1
            assert played_names(lab) == played
            assert skipped.name not in names(await radio.why(FRIDAY, 50))

    run_virtual(scenario)


def test_without_a_model_the_seeds_play_and_the_mend_is_said(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_radio_lab()
        async with on_air(lab, tmp_path, None) as radio:
            assert "station train" in radio.model().trouble
            view = await radio.new(NewStation("Friday", seeds("Amber 0", "Cedar 3")))
            assert "station train" in view.trouble
            await lab.hub.commands.play_station(FRIDAY, HOME)
            await asyncio.sleep(4 * SECONDS)
            assert set(played_names(lab)) == {"Amber 0", "Cedar 3"}
            assert {each.link for each in (await radio.why(FRIDAY)).next} == {"seeds"}

    run_virtual(scenario)


def test_where_nobody_can_be_asked_a_room_stands_in(tmp_path: Path, model: Path) -> None:
    async def scenario() -> None:
        lab = make_radio_lab()
        service_of(lab).fault = Trouble(TroubleCode.RATE_LIMITED, "Spotify asks us to wait 60 s.", retry_after_s=60)
        async with on_air(lab, tmp_path, model) as radio:
            await radio.new(NewStation("Friday", seeds("Amber 0")))
            await lab.hub.commands.play_station(FRIDAY)
            await asyncio.sleep(15)
            assert {name.split()[0] for name in played_names(lab)} == {"Band"}
            assert len(service_of(lab).asked) == 1, "who asks to wait is not asked again"
            assert "wait 60 s" in " ".join((await radio.why(FRIDAY)).notes)
            service_of(lab).fault = None
            await asyncio.sleep(2 * SECONDS)
            assert played_names(lab)[-1].startswith("Amber")
            assert lab.world.truth.dry_ms() == 0

    run_virtual(scenario)


def test_every_artist_disliked_and_nobody_known_still_plays(tmp_path: Path, model: Path) -> None:
    async def scenario() -> None:
        lab = make_radio_lab()
        async with on_air(lab, tmp_path, model) as radio:
            await radio.new(NewStation("Friday", seeds("Nobody Knows", "Nor Him")))
            view = (await radio.overview())[0]
            assert view.unknown == ("Nobody Knows", "Nor Him")
            assert view.drift is None
            await lab.hub.commands.play_station(FRIDAY)
            await asyncio.sleep(2 * SECONDS)
            assert len(played_names(lab)) >= 3
            assert lab.world.truth.dry_ms() == 0
            second = (await radio.new(NewStation("Saturday", seeds("Amber 0")))).station.key
            for uri in {each.track.uri for each in (await radio.why(second, 12)).next}:
                await radio.vote(second, VoteKind.DISLIKE, uri)
            await lab.hub.commands.play_station(second)
            await asyncio.sleep(2 * SECONDS)
            assert lab.world.truth.dry_ms() == 0

    run_virtual(scenario)
