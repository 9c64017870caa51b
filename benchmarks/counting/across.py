"""One playback seen twice: by the account's own source (Spotify) and by the speaker that plays it (Sonos)."""

import asyncio
import json
from contextlib import suppress
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from benchmarks.counting import sonos as wires
from benchmarks.counting.drive import SHELF, Record
from benchmarks.counting.houses import EPOCH_MS, ROOMS, plan_house, songs
from benchmarks.counting.in_time import QuickLoop, run_quickly
from benchmarks.counting.lives import TAIL_MS, quiet
from benchmarks.counting.score import RULES, Score, score
from benchmarks.counting.seed_system import Told
from benchmarks.counting.sonos import threads_know_the_time
from benchmarks.truth import spotify
from moodroom_hub.core.clock import LoopClock
from moodroom_hub.core.config import load_config
from moodroom_hub.core.hub import Hub
from moodroom_hub.domain.models import HOME, EpochMs
from moodroom_hub.domain.plays.models import Play
from moodroom_hub.plugins.spotify.token_file import Login
from moodroom_hub.simulator.catalogue import demo_items
from moodroom_hub.simulator.commands import Refused
from moodroom_hub.simulator.devices import Presence, SimDevice
from moodroom_hub.simulator.home import SimulatedHome
from moodroom_hub.simulator.items import ItemKind
from moodroom_hub.simulator.sonos.faults import UpnpError
from moodroom_hub.simulator.sonos.home import SimulatedSonos
from moodroom_hub.simulator.sonos.world import SonosWorld
from moodroom_hub.simulator.truth import Actor
from moodroom_hub.simulator.world import World

BUILTINS = ("benchmarks.counting.sonos", "benchmarks.truth.spotify")
KITCHEN = "Kitchen"
LISTENER = Actor.LISTENER


@dataclass(frozen=True, slots=True)
class Across:
    """What came of it. ``seen_by``: how many plays each source counted, twins too; ``twins``: the folded ones."""

    score: Score
    twins: int
    by_account: int
    by_speaker: int

    @property
    def faults(self) -> list[str]:
        """Every false, missed and doubled play."""
        found = self.score
        return [*found.false, *found.missed, *found.duplicates]

    def table(self) -> str:
        """As Markdown."""
        found = self.score
        return (
            "| one playback, two sources | hours | true plays | counted by Spotify | by Sonos | found one | told | "
            "**false** | **missed** | **twice** |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n"
            f"| hub, spinstack | {found.hours:g} | {found.true_plays} | {self.by_account} | {self.by_speaker} | "
            f"{self.twins} | {found.told} | **{len(found.false)}** | **{len(found.missed)}** | "
            f"**{len(found.duplicates)}** |"
        )


def run_across(hours: float, seed: int) -> Across:
    """Some hours in which the account plays on the kitchen's speaker and nowhere else."""
    return run_quickly(lambda loop: _across(loop, hours, seed))


async def _across(loop: QuickLoop, hours: float, seed: int) -> Across:
    clock = LoopClock(EpochMs(EPOCH_MS))
    loop.answers_at_once = lambda: True
    devices = [SimDevice(KITCHEN, presence=Presence.ACTIVE, is_restricted=True)]
    with quiet(), threads_know_the_time(loop), TemporaryDirectory(prefix="moodroom-across-", dir=SHELF) as name:
        folder = Path(name)
        async with (
            SimulatedHome(seed, epoch_ms=EPOCH_MS, listener=None, devices=devices, serve=False) as home,
            SimulatedSonos(seed, players=ROOMS[:2], items=songs(), now_ms=home.now_ms, serve=False) as sonos,
        ):
            sonos.mirror(home, KITCHEN)
            wires.lead_to(wires.Wire(sonos))
            wire = spotify.Wire(home.fake, loop.sleep_from_thread)
            spotify.lead_to(wire)
            _write(folder, home, sonos)
            hub = Hub(
                load_config(folder / "config.yaml", {}),
                clock=clock,
                rng=Random(seed),
                builtins=BUILTINS,
                with_foreign=False,
            )
            async with hub:
                person = asyncio.create_task(_live(home.world, sonos.world, Random(f"person:{seed}")))
                await asyncio.sleep(hours * 3_600)
                person.cancel()
                await asyncio.gather(person, return_exceptions=True)
                sonos.world.close()
                truth = deepcopy(sonos.world.truth)
                await asyncio.sleep(TAIL_MS / 1000)
                plays = [play for play in await hub.store.recent_plays(EpochMs(0)) if play.counted_at_ms <= truth.at_ms]
            await wire.silence()
            await asyncio.sleep(60)
    house = plan_house(0, seed, hours, "spinstack")
    record = Record(house, truth, plays, [], [], [], {}, {}, 0, 0)
    told = [_told(play) for play in plays if play.twin_of is None]
    return Across(
        score=score(record, told, RULES["spinstack"]),
        twins=sum(play.twin_of is not None for play in plays),
        by_account=sum(play.zone == HOME for play in plays),
        by_speaker=sum(play.zone != HOME for play in plays),
    )


async def _live(account: World, speakers: SonosWorld, rng: Random) -> None:
    """Somebody with the app of the account, and at times with that of the speakers."""
    uris = [item.uri for item in demo_items() if item.kind is ItemKind.TRACK]
    account.play(LISTENER, uris=rng.sample(uris, 12))
    while True:
        await asyncio.sleep(rng.choice((20, 60, 300)) * rng.uniform(0.5, 2))
        act = rng.choice(("play", "next", "next", "pause", "seek", "seek", "restart", "their next", "wait", "wait"))
        with suppress(Refused, UpnpError):
            if act == "play" or not account.view().is_playing:
                account.play(LISTENER, uris=rng.sample(uris, 12))
            elif act == "next":
                account.next(LISTENER)
            elif act == "their next":
                speakers.next(KITCHEN)
            elif act in ("seek", "restart"):
                account.seek(LISTENER, rng.randrange(5_000, 150_000) if act == "seek" else 0)
            elif act == "pause":
                account.pause(LISTENER)
                await asyncio.sleep(rng.choice((5, 60, 1_800)))
                account.resume(LISTENER)


def _told(play: Play) -> Told:
    return Told(play.track.name, KITCHEN, play.began_at_ms, play.counted_at_ms)


def _write(folder: Path, home: SimulatedHome, sonos: SimulatedSonos) -> None:
    tokens = home.issue_tokens()
    login = Login(
        client_id=home.client_id,
        access_token=tokens["access_token"],
        refresh_token=tokens["refresh_token"],
        obtained_at_ms=EPOCH_MS,
        expires_at_ms=EPOCH_MS + 3_600_000,
        authorised_at_ms=EPOCH_MS,
        scope=tokens["scope"],
    )
    (folder / "data").mkdir(mode=0o700)
    (folder / "data" / "spotify-token.json").write_text(json.dumps(asdict(login)))
    addresses = ", ".join(f'"{host}:{port}"' for host, port in sonos.addresses)
    (folder / "config.yaml").write_text(
        f"hub: {{data_dir: {folder / 'data'}}}\n"
        f"plugins: {{spotify: {{client_id: {home.client_id}}}, "
        f"sonos: {{addresses: [{addresses}], event_host: 127.0.0.1}}}}\n"
    )
