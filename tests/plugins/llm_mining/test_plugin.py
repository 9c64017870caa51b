"""The plugin as the hub sees it: light, quiet without a model, plain about what is wrong."""

import os
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aiohttp import web
from pydantic import ValidationError

from moodroom_hub.core.clock import SystemClock
from moodroom_hub.core.config import Settings
from moodroom_hub.core.context import PluginContext
from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.ports import Check, CheckLevel
from moodroom_hub.domain.mining.models import Ability, MiningTask
from moodroom_hub.plugins.llm_mining import Plugin
from moodroom_hub.plugins.llm_mining.config import LlmMiningConfig
from moodroom_hub.plugins.llm_mining.places import is_at_home, stays_at_home
from moodroom_hub.simulator.model_api import MODEL_ID, Behaviour, FakeModel, ModelServer
from tests.plugins.llm_mining.lab import rooms, tracks

KEY = "sk-secret-9876543210"


def plugin(folder: Path, told: list[Any] | None = None, **section: Any) -> Plugin:
    """The plugin in a hub that does nothing."""

    def set_status(status: PluginStatus, reason: str) -> None:
        if told is not None:
            told.append((status, reason))

    return Plugin(
        PluginContext(
            name="llm_mining",
            config=LlmMiningConfig(**section),
            settings=Settings(),
            data_dir=folder,
            clock=SystemClock(),
            rng=Random(1),
            hub=None,  # type: ignore[arg-type]  # a miner has no use for it
            policy=None,  # type: ignore[arg-type]  # nor for this
            spawn=lambda name, work: None,
            set_status=set_status,
            publish=lambda make: None,  # type: ignore[arg-type,return-value]  # nor for this
        )
    )


async def check(folder: Path, **section: Any) -> Check:
    """The plugin's one line."""
    (line,) = await plugin(folder, **section).check()
    return line


async def test_without_a_model_it_is_off_and_says_how_to_switch_it_on(tmp_path: Path) -> None:
    told: list[Any] = []
    made = plugin(tmp_path, told)
    await made.start()
    (miner,) = made.register_miners()
    assert told == [(PluginStatus.DISABLED, "switched off: no model is configured: set plugins.llm_mining.model")]
    assert not miner.standing().is_ready
    assert (await check(tmp_path)).level is CheckLevel.SKIPPED
    with pytest.raises(Trouble, match="no model is configured"):
        await miner.mine(MiningTask(rooms(), tracks(1)), lambda told: None)
    assert os.listdir(tmp_path) == []  # noqa: PTH208 -- a Path may not be asked in a coroutine


def test_how_it_presents_itself(tmp_path: Path) -> None:
    (miner,) = plugin(tmp_path, model="any", base_url="http://localhost:11434/v1").register_miners()
    assert miner.name == "model"
    assert miner.abilities == {Ability.PLACE, Ability.SUGGEST, Ability.AUDIT}
    standing = miner.standing()
    assert (standing.is_ready, standing.is_paid, standing.rank) == (True, False, 10)
    (away,) = plugin(tmp_path, model="any").register_miners()
    assert away.standing().is_paid
    (free,) = plugin(tmp_path, model="any", price_in=0, price_out=0).register_miners()
    assert not free.standing().is_paid


async def test_check_looks_at_the_endpoint(tmp_path: Path) -> None:
    async with ModelServer(FakeModel(Behaviour(api_key=KEY))) as server:
        there = {"base_url": server.base_url, "model": MODEL_ID}
        assert (await check(tmp_path, **there, api_key=KEY)).level is CheckLevel.OK
        wrong = await check(tmp_path, **there, api_key="other")
        assert wrong.level is CheckLevel.FAILED
        assert "key" in wrong.message
        unknown = await check(tmp_path, **{**there, "model": "none"}, api_key=KEY)
        assert unknown.level is CheckLevel.WARNING
        lost = await check(tmp_path, **{**there, "base_url": server.base_url.removesuffix("/v1")}, api_key=KEY)
        assert lost.level is CheckLevel.WARNING
        assert "/v1" in lost.mend
    gone = await check(tmp_path, **there, api_key=KEY)
    assert gone.level is CheckLevel.FAILED
    assert "cannot be reached (nobody answers there)" in gone.message
    nowhere = await check(tmp_path, **there, api_key="file:/no/such/file")
    assert nowhere.level is CheckLevel.FAILED


async def test_a_redirect_is_not_followed_and_the_key_stays(tmp_path: Path) -> None:
    asked: list[str] = []

    async def elsewhere(request: web.Request) -> web.Response:
        asked.append(request.path)
        location = str(request.url.with_path("/elsewhere"))
        return web.Response(status=307, headers={"Location": location, "Set-Cookie": "a=b"})

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", elsewhere)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        (miner,) = plugin(tmp_path, base_url=base_url, model="any", api_key=KEY).register_miners()
        with pytest.raises(Trouble, match="redirect"):
            await miner.mine(MiningTask(rooms(), tracks(3)), lambda told: None)
    finally:
        await runner.cleanup()
    assert asked == ["/v1/chat/completions"]


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ({"base_url": "localhost:11434"}, "expected an address"),
        ({"base_url": "https://me:secret@example.org/v1"}, "without a user"),
        ({"base_url": "http://example.org/v1", "api_key": KEY}, "expected https://"),
        ({"base_url": "https://example.org/v1?key=1"}, "expected an address"),
        ({"price_in": 1.0}, "price_in and price_out together"),
        ({"in_flight": 17}, "16"),
        ({"batch_size": 0}, "1"),
        ({"min_confidence": 1.5}, "1"),
        ({"timeout": "0s"}, "between 100ms and 1h"),
        ({"model": " "}, "model's name"),
        ({"modle": "x"}, "modle"),
    ],
)
def test_what_the_configuration_refuses(section: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError) as caught:
        LlmMiningConfig(**section)
    assert says in str(caught.value)
    assert KEY not in str(caught.value)


def test_addresses_are_tidied() -> None:
    for given in ("https://a.org/v1", "https://a.org/v1/", "https://a.org/v1/chat/completions"):
        assert LlmMiningConfig(base_url=given).base_url == "https://a.org/v1"


@pytest.mark.parametrize(
    ("url", "is_home"),
    [
        ("http://localhost:11434/v1", True),
        ("http://127.0.0.1:8080/v1", True),
        ("http://[::1]:8080/v1", True),
        ("http://192.168.1.20/v1", True),
        ("http://10.1.2.3/v1", True),
        ("http://ollama:11434/v1", True),
        ("http://nas.local/v1", True),
        ("https://openrouter.ai/api/v1", False),
        ("https://8.8.8.8/v1", False),
        ("https://localhost.example.org/v1", False),
    ],
)
def test_what_is_at_home(url: str, is_home: bool) -> None:
    assert is_at_home(url) is is_home


def test_a_model_of_a_cloud_behind_a_server_at_home_is_not() -> None:
    assert stays_at_home("http://localhost:11434/v1", "qwen3:8b")
    assert not stays_at_home("http://localhost:11434/v1", "gpt-oss:120b-cloud")


def test_it_costs_a_hub_that_does_not_mine_next_to_nothing() -> None:
    code = (
        "import sys; import moodroom_hub.plugins.llm_mining;"
        "print(sorted(set(sys.modules) & {'aiohttp', 'sqlite3', 'moodroom_hub.plugins.llm_mining.run',"
        "'moodroom_hub.plugins.llm_mining.hostile', 'moodroom_hub.plugins.llm_mining.parsers'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
