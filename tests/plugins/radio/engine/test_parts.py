"""Parts of the radio by themselves: who is called similar, what artists have made, votes told again, an offline hub."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from moodroom_hub.core.clock import LoopClock
from moodroom_hub.core.config import load_config
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import HubFace
from moodroom_hub.core.hookspecs import StationRequest
from moodroom_hub.core.offline import offline_hub
from moodroom_hub.core.ports import Account
from moodroom_hub.core.stations import NewStation, Radio
from moodroom_hub.domain.models import Track, ZoneName
from moodroom_hub.domain.stations.models import Seed, Station, StationKey
from moodroom_hub.plugins.radio.radio import StationRadio
from moodroom_hub.plugins.radio.ranking import Leaning
from moodroom_hub.plugins.radio.similar import Similar
from moodroom_hub.plugins.radio.tracks import Allowance, Tracks, read_tracks, write_tracks
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.hub_lab import EPOCH_MS
from tests.plugins.radio.engine.lab import BUILTINS, FRIDAY, Service, make_radio_lab, on_air, seeds, skip, song

KINDS: type[Radio] = StationRadio
"""For the type checker: the radio is one."""


@dataclass
class Findings:
    """A memory that may be away."""

    kept: dict[tuple[str, str], str] = field(default_factory=dict)
    is_away: bool = False

    async def get(self, kind: str, keys: Sequence[str]) -> Mapping[str, str]:
        """What is kept."""
        self._check()
        return {key: self.kept[kind, key] for key in keys if (kind, key) in self.kept}

    async def put(self, kind: str, key: str, text: str, keep_ms: int, most: int) -> None:
        """Keep it."""
        self._check()
        self.kept[kind, key] = text

    def _check(self) -> None:
        if self.is_away:
            raise Trouble(TroubleCode.UNAVAILABLE, "the database is away")


@dataclass
class FakeHub:
    """What the parts ask of a hub."""

    accounts: list[Account] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)
    alike: dict[str, list[str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def similar(self, artist: str) -> Sequence[str]:
        """Who is alike."""
        self.asked.append(artist)
        return self.alike.get(artist, [])


def station(*artists: str) -> Station:
    """Of these seeds."""
    return Station(FRIDAY, "Friday", seeds(*artists))


async def test_whom_others_call_similar_come_in_order_and_votes_move_them() -> None:
    hub = FakeHub(alike={"Abba": ["Bucks Fizz", "Boney M.", "abba "], "Queen": ["Boney M."]})
    similar = Similar(lambda: cast(HubFace, hub))
    nobody = Leaning()
    assert [each.name for each in similar.order(station("Abba"), nobody, ()).artists] == ["Abba"]
    for name in similar.missing(station("Abba", "Queen"), nobody):
        await similar.learn(name)
    await similar.learn("ABBA")
    assert hub.asked == ["Abba", "Queen"]
    order = similar.order(station("Abba", "Queen"), nobody, {"queen"})
    assert [each.name for each in order.artists] == ["Boney M.", "Bucks Fizz", "Abba", "Queen"]
    assert {each.name: each.link for each in order.artists}["Abba"] == "seeds"
    assert order.unknown == ("Abba", "Queen")
    assert similar.sources_of(station("Abba", "Queen"), nobody, "Boney M.") == ["Abba", "Queen"]
    disliked = similar.order(station("Abba", "Queen"), Leaning(dislikes=("Boney M.", "Boney M.")), ())
    assert disliked.artists[0].disliked > 1
    again = Similar(lambda: cast(HubFace, hub))
    hub.findings.is_away = False
    await again.learn("Abba")
    assert hub.asked == ["Abba", "Queen"], "it was remembered"
    hub.findings.is_away = True
    await again.learn("Queen")
    assert len(again.order(station("Queen"), nobody, ()).artists) == 1


def test_what_artists_have_made_is_theirs_alone_and_asked_for_once() -> None:
    async def scenario() -> None:
        service = Service()
        theirs = [song("Amber 0", number) for number in range(2)]
        guest = Track(song("Amber 0", 5).uri, "With Birch", ("Birch 1", "Amber 0"))
        copy = Track(song("Amber 0", 6).uri, "Amber 0 Song 1 (Karaoke Version)", ("Amber 0",))
        live = Track(song("Amber 0", 7).uri, "Amber 0 Song 0 (Live)", ("AMBER 0",))
        service.known["Amber 0"] = [guest, song("Dune 0", 1), live, copy, *theirs]
        clock = LoopClock(EPOCH_MS)
        hub = FakeHub([service])
        tracks, allowance = Tracks(lambda: cast(HubFace, hub), clock), Allowance(clock, 7)
        found = await tracks.find("Amber 0", allowance)
        assert found == (*theirs, guest)
        await tracks.find("amber 0", allowance)
        assert len(service.asked) == 2, "a short page is the last"
        service.known["Solo"] = [song("Solo", 0)]
        assert [each.name for each in await tracks.find("Solo", allowance) or ()] == [
            f"Solo Song {number}" for number in (0, 8, 9)
        ]
        assert await tracks.find("Birch 0", allowance) is None, "the requests are spent"
        assert "are spent" in tracks.trouble
        assert tracks.held(["birch 1", "amber 0"]) == {"birch 1": (), "amber 0": found}
        await asyncio.sleep(3700)
        assert await tracks.find("Birch 0", allowance)
        fresh = Tracks(lambda: cast(HubFace, hub), clock)
        await fresh.recall(["amber 0", "birch 0", "nobody"])
        assert set(fresh.held(["amber 0", "birch 0", "nobody"])) == {"amber 0", "birch 0"}
        hub.accounts = []
        assert await fresh.find("Cedar 0", allowance) is None
        assert "login" in fresh.trouble
        assert await fresh.find("Zoom Karaoke", allowance) == ()
        for each in (tracks, fresh):
            await each.close()

    run_virtual(scenario)


def test_kept_tracks_come_back_as_they_were_and_rubbish_as_nothing() -> None:
    kept = (
        song("Amber 0", 1),
        Track(song("Dune 1", 1).uri, 'x"\n\ud800é', ("a", "b"), None, "X", "Album", None, True, 1999),
    )
    assert read_tracks(write_tracks(kept)) == kept
    assert write_tracks(kept).isascii()
    for rubbish in ("", "{", "[1]", "[[1,2]]", '[["u","n",3,4,5,6,7,8]]', "null"):
        assert read_tracks(rubbish) == ()


def test_an_event_that_is_told_again_votes_once(tmp_path: Path, model: Path) -> None:
    async def scenario() -> None:
        lab = make_radio_lab()
        async with on_air(lab, tmp_path, model) as radio:
            await radio.new(NewStation("Friday", seeds("Amber 0")))
            await lab.hub.commands.play_station(FRIDAY)
            await asyncio.sleep(15)
            skip(lab)
            await asyncio.sleep(25)
            (event,) = lab.told("SKIPPED")
            await cast(StationRadio, radio).hear(cast(Any, event))
            assert len(lab.hub.commands.stations.votes(FRIDAY)) == 1
            vectors = await radio.artist_vectors(["Amber 0", "amber 1", "Nobody"])
            assert set(vectors) == {"Amber 0", "amber 1"}
            assert len({len(each) for each in vectors.values()}) == 1

    run_virtual(scenario)


async def test_a_hub_that_does_not_run_has_its_radio(tmp_path: Path, model: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"hub: {{data_dir: {tmp_path / 'data'}}}\nplugins: {{radio: {{model: {model}}}}}\n")
    async with offline_hub(load_config(path, {}), builtins=BUILTINS[-1:], is_reading=False) as hub:
        radio = hub.commands.radio
        assert await radio.artist_vectors(["Amber 0"])
        view = await radio.new(NewStation("Friday", (Seed("Amber 0", "A Song"),)))
        assert (view.known, view.zones) == (1, ())
        why = await radio.why(FRIDAY)
        assert why.next == ()
        assert "login" in " ".join(why.notes)
        card = await radio.card(FRIDAY, "jspf")
        done = await radio.import_card(card)
        assert done.view.station.key == StationKey("friday-2")
        assert "Friday (friday) starts from the very same" in done.notes
        await radio.tune(FRIDAY, {"adventure": 0.1})
        await radio.nightly()
    async with offline_hub(load_config(path, {}), builtins=BUILTINS[-1:], is_reading=True) as hub:
        assert [each.station.key for each in await hub.commands.radio.overview()] == [FRIDAY, "friday-2"]


def test_two_zones_draw_for_one_station_each_by_its_own_past(tmp_path: Path, model: Path) -> None:
    async def scenario() -> None:
        lab = make_radio_lab()
        async with on_air(lab, tmp_path, model) as radio:
            await radio.new(NewStation("Friday", seeds("Amber 0", "Birch 0")))
            made = cast(StationRadio, radio)

            def asked(number: int, *tracks: Track) -> StationRequest:
                zone, waiting = ZoneName(f"zone {number}"), frozenset(track.uri for track in tracks)
                return StationRequest(zone, FRIDAY, tuple(tracks), waiting, 2)

            first, second = await asyncio.gather(made.draw(asked(1)), made.draw(asked(2)))
            assert first is not None
            assert first == second
            one, other = (pick.track for pick in first.picks)
            drawn = await asyncio.gather(made.draw(asked(1, one)), made.draw(asked(2, other)))
            for found, gone in zip(drawn, (one, other), strict=True):
                assert found is not None
                assert len(found.picks) == 2
                assert gone.artists[0] not in {pick.track.artists[0] for pick in found.picks}
            unknown = StationRequest(ZoneName("home"), StationKey("unknown"), (), frozenset(), 1)
            assert await made.draw(unknown) is None

    run_virtual(scenario)
