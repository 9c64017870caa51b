"""A whole hub mines in a simulated home: what a model suggests is searched for, found, and can be played."""

import json
from pathlib import Path
from random import Random

from moodroom_hub.app.demo import log_in
from moodroom_hub.core.clock import SystemClock
from moodroom_hub.core.config import load_config
from moodroom_hub.core.hub import Hub
from moodroom_hub.core.miners import JobStatus, MiningOrder, MiningReport
from moodroom_hub.core.mining.desk import Desk
from moodroom_hub.domain.models import Tier
from moodroom_hub.plugins import BUILTIN_PLUGINS
from moodroom_hub.simulator.home import SimulatedHome
from moodroom_hub.simulator.model_api import MODEL_ID, Behaviour, FakeModel, ModelServer
from moodroom_hub.simulator.model_api.behaviour import ModelFault, ModelRule

SPEED = 60
"""Spotify's budget of searches runs so much faster, too."""


async def test_suggestions_are_searched_for_and_become_the_rooms_other_tiers(tmp_path: Path) -> None:
    clock = SystemClock(SPEED)
    # For one of the rooms the model suggests songs that nobody ever made.
    fake = FakeModel(Behaviour(rules=(ModelRule(ModelFault.INVENTED_SONGS, tasks=("suggest",), at_most=1),)))
    async with SimulatedHome(1, speed=SPEED, now_ms=clock.now_ms, listener=None) as home, ModelServer(fake) as model:
        config = {
            "hub": {"data_dir": str(tmp_path / "data")},
            "web": {"port": 0},
            "plugins": {
                "spotify": {
                    "client_id": home.client_id,
                    "api_url": home.api_url,
                    "accounts_url": home.accounts_url,
                },
                "llm_mining": {"base_url": model.base_url, "model": MODEL_ID},
            },
        }
        path = tmp_path / "config.yaml"
        path.write_text(json.dumps(config), encoding="utf-8")
        loaded = load_config(path, {})
        async with Hub(loaded, clock=clock, rng=Random(1), builtins=BUILTIN_PLUGINS, with_foreign=False) as hub:
            await log_in(hub.commands.accounts[0])
            await hub.commands.sync_library()
            desk = hub.commands.mining
            assert isinstance(desk, Desk)
            await desk.start(MiningOrder(miner="model", is_accepted=True))
            view = await desk.ended()
            assert view.status is JobStatus.DONE, view
            report = view.report
            assert isinstance(report, MiningReport)
            counts = {slug: (await hub.pools.pool(slug)).counts() for slug in hub.commands.rooms}
            assert all(each[Tier.CONFIRMED] >= 30 for each in counts.values())
            (deceived,) = {each.suggestion.room for each in report.dropped if "nothing of that name" in each.reason}
            assert counts.pop(deceived)[Tier.DISCOVERY] == 0
            assert all(each[Tier.SAFE_SIDE] >= 5 and each[Tier.DISCOVERY] >= 3 for each in counts.values())
            liked = {each.track.uri for each in await hub.store.liked()}
            room = next(iter(counts))
            pool = await hub.pools.pool(room)
            assert all(
                (uri in liked) == (entry.tier is Tier.CONFIRMED and entry.source == "mined:model")
                for uri, entry in pool.entries.items()
            )
            batch = (await hub.commands.activate(room)).batch
            assert {entry.tier for entry in batch} == {Tier.CONFIRMED, Tier.SAFE_SIDE, Tier.DISCOVERY}
            assert fake.log.repeated_calls() == []
