"""One system through one home's hours, in virtual time."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.truth import notebook, spotify
from benchmarks.truth.aside import OnTrial
from benchmarks.truth.homes import EPOCH_MS, HomePlan, faults_of, make_home, pools
from benchmarks.truth.owner import Owner
from benchmarks.truth.record import Record, Told
from benchmarks.truth.seed_system import POLL_S, SeedSystem
from moodroom_hub.core.clock import LoopClock
from moodroom_hub.core.config import load_config
from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.hub import Hub
from moodroom_hub.domain.cadence import Cadence
from moodroom_hub.domain.models import HOME, EpochMs, RoomSlug
from moodroom_hub.plugins.spotify.token_file import Login
from moodroom_hub.simulator.spotify_api import FakeSpotify
from moodroom_hub.simulator.virtual_time import VirtualTimeLoop, run_virtual

HUB_PLUGINS = (
    "moodroom_hub.plugins.sampling",
    "moodroom_hub.plugins.demotion",
    "moodroom_hub.plugins.top_up",
    "benchmarks.truth.notebook",
    "benchmarks.truth.spotify",
)
SYSTEMS = ("seed", "normal", "eco")
LOOK, RENEWAL = "GET /me/player", "POST /api/token"
_MEMORY_DISK = Path("/dev/shm")
_SHELF = _MEMORY_DISK if _MEMORY_DISK.is_dir() else None
"""Where the hubs' databases lie: in memory where possible, for it is not the disk that is measured."""

Activate = Callable[[str], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Trials:
    """What looks on while a hub plays: cadences by name, and the seed's algorithm with other intervals in seconds."""

    cadences: Mapping[str, Cadence] = field(default_factory=dict)
    seed_intervals_s: Sequence[float] = ()


def drive(plan: HomePlan, system: str, trials: Trials | None = None) -> Record:
    """Run ``system`` (``seed``, or a hub's cadence) through the home ``plan``."""
    return run_virtual(lambda: _drive(plan, system, trials or Trials()))


async def _drive(plan: HomePlan, system: str, trials: Trials) -> Record:
    clock = LoopClock(EpochMs(EPOCH_MS))
    told, on_trial = Told(), dict[str, Told]()
    active: list[Activate] = []

    async def activate(room: str) -> bool:
        return await active[0](room)

    owner = Owner(activate)
    loop = asyncio.get_running_loop()
    home = make_home(plan, lambda: round(EPOCH_MS + loop.time() * 1000), owner.come_back)
    fake = FakeSpotify(home.world, faults=faults_of(plan), seed=plan.seed)
    if system == "seed":
        seed_system = SeedSystem(fake, told, Random(plan.seed))
        active.append(seed_system.activate)
        await _beside([seed_system.run()], owner.live(home))
    else:

        def aside(name: str) -> tuple[FakeSpotify, Told]:
            on_trial[name] = Told()
            return FakeSpotify(home.world, faults=faults_of(plan), seed=plan.seed), on_trial[name]

        seeds = [
            SeedSystem(*aside(f"seed {poll_s:g} s"), Random(plan.seed), poll_s=poll_s, is_bystander=True)
            for poll_s in dict.fromkeys((POLL_S, *trials.seed_intervals_s))
        ]
        hubs: list[Hub] = []
        cadences = [
            OnTrial(*aside(name), cadence, lambda: hubs[0].zones[HOME].session)
            for name, cadence in trials.cadences.items()
        ]
        async with _hub(plan, system, clock, fake, told, [each.hear for each in cadences]) as (hub, play_room):
            hubs.append(hub)

            async def play_and_tell(room: str) -> bool:
                for each in seeds:
                    each.watch_room(room)
                return await play_room(room)

            active.append(play_and_tell)
            await _beside([*(each.run() for each in seeds), *(each.run() for each in cadences)], owner.live(home))
    home.world.close()
    truth = home.world.truth
    return Record(
        system=system,
        home=plan.number,
        temperament=plan.temperament,
        weather=plan.weather,
        length_ms=plan.length_ms,
        began_ms=EPOCH_MS,
        listens=truth.listens,
        commands=truth.commands,
        dry_spells=truth.dry_spells,
        jumped_over=truth.jumped_over,
        orders=owner.orders,
        told=told,
        looks=[seen.at_ms for seen in fake.requests if seen.endpoint == LOOK],
        requests=[seen.at_ms for seen in fake.requests if seen.endpoint not in (LOOK, RENEWAL)],
        faults=[seen.at_ms for seen in fake.requests if seen.fault or fake.faults.stuck_since(seen.at_ms) is not None],
        bystander=on_trial.pop(f"seed {POLL_S:g} s", None),
        trials=on_trial,
    )


async def _beside(aside: Iterable[Coroutine[Any, Any, None]], main: Awaitable[None]) -> None:
    tasks = [asyncio.create_task(each) for each in aside]
    try:
        await main
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def _hub(
    plan: HomePlan, cadence: str, clock: LoopClock, fake: FakeSpotify, told: Told, ears: Sequence[notebook.Ear]
) -> AsyncIterator[tuple[Hub, Activate]]:
    loop = asyncio.get_running_loop()
    if not isinstance(loop, VirtualTimeLoop):
        raise TypeError("a benchmark needs virtual time")
    wire = spotify.Wire(fake, loop.sleep_from_thread)
    spotify.lead_to(wire)
    notebook.write_into(told, ears)
    with _quiet(), TemporaryDirectory(prefix="moodroom-benchmark-", dir=_SHELF) as name:
        folder = Path(name)
        _log_in(folder / "data", fake, clock)
        path = folder / "config.yaml"
        path.write_text(
            f"hub: {{data_dir: {folder / 'data'}}}\n"
            f"listening: {{cadence: {cadence}}}\n"
            f"plugins: {{spotify: {{client_id: {fake.app.client_id}}}}}\n"
        )
        loaded = load_config(path, {})
        hub = Hub(loaded, clock=clock, rng=Random(plan.seed), builtins=HUB_PLUGINS, with_foreign=False)
        async with hub:
            for slug, entries in pools().items():
                await hub.pools.put_base(RoomSlug(slug), entries, replace_all=True)

            async def activate(room: str) -> bool:
                try:
                    await hub.commands.activate(RoomSlug(room))
                except Trouble:
                    return False
                return True

            yield hub, activate
            await wire.silence()


@contextmanager
def _quiet() -> Iterator[None]:
    """Faults are planned here: only errors are worth a line."""
    logger = logging.getLogger("moodroom_hub")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def _log_in(data_dir: Path, fake: FakeSpotify, clock: LoopClock) -> None:
    tokens = fake.issue_tokens()
    now_ms = clock.now_ms()
    login = Login(
        client_id=fake.app.client_id,
        access_token=tokens["access_token"],
        refresh_token=tokens["refresh_token"],
        obtained_at_ms=now_ms,
        expires_at_ms=now_ms + 3_600_000,
        authorised_at_ms=now_ms,
        scope=tokens["scope"],
    )
    data_dir.mkdir(parents=True, mode=0o700)
    (data_dir / "spotify-token.json").write_text(json.dumps(asdict(login)))
