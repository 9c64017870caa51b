"""Limits, faults and refusals of the endpoint: waited for, tried again, or told with the mend."""

import asyncio
from pathlib import Path
from random import Random

import pytest

from moodroom_hub.core.clock import LoopClock
from moodroom_hub.core.config import SecretText
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.domain.mining.models import MiningTask
from moodroom_hub.plugins.llm_mining.config import LlmMiningConfig
from moodroom_hub.plugins.llm_mining.miner import ModelMiner
from moodroom_hub.simulator.model_api import PRICED, Latency, LimitStyle, ModelFault
from tests.plugins.llm_mining.lab import EPOCH_MS, lab, placed, right, rooms, rule, tracks, unjudged, virtually

SONGS = tracks(60)
TASK = MiningTask(rooms(), SONGS)
KEY = "sk-very-secret-0123456789"


@pytest.mark.parametrize("style", list(LimitStyle))
def test_every_way_to_say_wait_is_heeded_by_all_calls(tmp_path: Path, style: LimitStyle) -> None:
    async def work() -> None:
        limit = {
            "requests_per_minute": 4,
            "minute_s": 7.0,
            "limit_style": style,
            "latency": Latency(usual_ms=300, fastest_ms=300),
        }
        async with lab(tmp_path, behaviour=limit, batch_size=8, in_flight=6) as here:
            task = MiningTask(rooms(), tracks(120))
            mined = await here.mine(task)
            assert placed(mined) == right(task.tracks)
            assert here.server.fake.log.too_early == 0
            assert here.server.fake.log.repeated_songs() == []
            refused = sum(call.status == 429 for call in here.chats)
            assert refused <= (60 if style is LimitStyle.BARE else 24)

    virtually(work)


def test_an_endpoint_that_takes_two_at_once_gets_no_more(tmp_path: Path) -> None:
    async def work() -> None:
        limit = {"max_in_flight": 2, "latency": Latency(usual_ms=1000, fastest_ms=1000)}
        async with lab(tmp_path, behaviour=limit, batch_size=2, in_flight=8) as here:
            mined = await here.mine(TASK)
            assert placed(mined) == right(SONGS)
            assert sum(call.status == 429 for call in here.chats) <= 30

    virtually(work)


def test_a_service_that_limits_for_ever_ends_the_run_and_what_is_paid_stays(tmp_path: Path) -> None:
    async def work() -> None:
        limited = rule(ModelFault.LIMITED, numbers=tuple(range(3, 500)), limit_style=LimitStyle.BARE)
        async with lab(tmp_path, limited, batch_size=10, in_flight=1) as here:
            with pytest.raises(Trouble, match="again and again") as caught:
                await here.mine(TASK)
            assert caught.value.code is TroubleCode.RATE_LIMITED
            assert "20 tracks are judged" in caught.value.message
            waited_s = here.chats[-1].at_s - here.chats[0].at_s
            assert 100 < waited_s < 700
        async with lab(tmp_path, batch_size=10) as again:
            # Another address is another judge: the cache is told that it is the same server.
            assert (await again.miner.estimate(TASK)).calls == 6

    virtually(work)


def test_a_wait_until_tomorrow_is_told_not_waited_for(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path, rule(ModelFault.LIMITED, retry_after_s=40_000)) as here:
            with pytest.raises(Trouble, match="667 min") as caught:
                await here.mine(TASK)
            assert caught.value.retry_after_s == 40_000
            assert len(here.chats) <= 4

    virtually(work)


@pytest.mark.parametrize(
    "fault", ["server_error", "unavailable", "reset_before", "reset_after", "cut_body", "hang", "error_in_200"]
)
def test_what_passes_is_tried_again(tmp_path: Path, fault: str) -> None:
    async def work() -> None:
        bad = rule(ModelFault(fault), numbers=(1, 3, 4))
        async with lab(tmp_path, bad, batch_size=20, in_flight=2, timeout="20s") as here:
            mined = await here.mine(TASK)
            assert placed(mined) == right(SONGS)
            assert unjudged(mined) == {}
            is_unclear = fault not in ("unavailable", "error_in_200")
            assert any("broke off" in note for note in mined.notes) is (is_unclear or fault == "error_in_200")

    virtually(work)


def test_a_slow_model_is_asked_for_fewer_songs_at_once(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path, rule(ModelFault.HANG, min_tracks=11), batch_size=40, timeout="30s") as here:
            mined = await here.mine(TASK)
            assert placed(mined) == right(SONGS)

    virtually(work)


@pytest.mark.parametrize("fault", ["server_error", "reset_before", "hang", "error_in_200"])
def test_a_dead_service_ends_the_run(tmp_path: Path, fault: str) -> None:
    async def work() -> None:
        async with lab(tmp_path, rule(ModelFault(fault)), batch_size=5, timeout="5s") as here:
            with pytest.raises(Trouble) as caught:
                await here.mine(MiningTask(rooms(), tracks(500)))
            assert caught.value.code is TroubleCode.UNAVAILABLE
            assert len(here.chats) < 60

    virtually(work)


def test_nobody_there(tmp_path: Path) -> None:
    async def work() -> None:
        config = LlmMiningConfig(base_url="http://127.0.0.1:1/v1", model="any")
        miner = ModelMiner(config, tmp_path, LoopClock(EPOCH_MS), Random(1))
        with pytest.raises(Trouble, match=r"cannot be reached.*base_url"):
            await miner.mine(TASK, lambda told: None)

    virtually(work)


@pytest.mark.parametrize(
    ("fault", "says"),
    [("no_credit", "credit"), ("quota", "quota"), ("false_401", "key")],
)
def test_what_only_the_owner_can_mend_ends_the_run_at_once(tmp_path: Path, fault: str, says: str) -> None:
    async def work() -> None:
        async with lab(
            tmp_path, rule(ModelFault(fault), numbers=tuple(range(4, 99))), batch_size=10, in_flight=2
        ) as here:
            with pytest.raises(Trouble, match=says) as caught:
                await here.mine(TASK)
            assert caught.value.code is TroubleCode.REFUSED
            assert "30 tracks are judged" in caught.value.message
            assert len(here.chats) <= 5

    virtually(work)


def test_a_model_that_does_not_exist(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path, model="no/such") as here:
            with pytest.raises(Trouble, match=r"plugins\.llm_mining\.model") as caught:
                await here.mine(TASK)
            assert caught.value.code is TroubleCode.NOT_FOUND

    virtually(work)


def test_the_key_is_sent_and_told_to_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        told: list[object] = []
        async with lab(tmp_path, behaviour={"api_key": KEY, "models": (PRICED,)}, api_key=KEY) as here:
            task = MiningTask(rooms(), SONGS, safe_side=2)
            told += [await here.miner.estimate(task), await here.mine(task), here.told, here.miner.standing()]
        async with lab(tmp_path / "wrong", behaviour={"api_key": "another"}, api_key=KEY) as here:
            with pytest.raises(Trouble, match="does not accept the key") as caught:
                await here.mine(TASK)
            told += [caught.value.message, caught.value.__context__, caught.value.__cause__]
        assert KEY not in repr(told)

    with caplog.at_level("DEBUG"):
        virtually(work)
    assert KEY.encode() not in b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert KEY not in caplog.text


def test_a_key_behind_a_reference_that_leads_nowhere(tmp_path: Path) -> None:
    config = LlmMiningConfig(
        base_url="https://example.org/v1", model="any", api_key=SecretText("env:NO_SUCH_NAME_HERE")
    )
    standing = ModelMiner(config, tmp_path, LoopClock(EPOCH_MS), Random(1)).standing()
    assert not standing.is_ready
    assert "NO_SUCH_NAME_HERE" in standing.reason


def test_cancelling_leaves_nothing(tmp_path: Path) -> None:
    async def work() -> None:
        slow = {"latency": Latency(usual_ms=10_000, fastest_ms=10_000)}
        async with lab(tmp_path, behaviour=slow, batch_size=10, in_flight=3) as here:
            before = asyncio.all_tasks()
            running = asyncio.create_task(here.mine(TASK))
            await asyncio.sleep(15)
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
            await asyncio.sleep(1)
            assert {task for task in asyncio.all_tasks() - before if "llm_mining" in repr(task.get_coro())} == set()
            assert len(here.chats) == 6

    virtually(work)


def test_usage_and_cost(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path, behaviour={"models": (PRICED,), "reports_cost": True}) as here:
            await here.mine(TASK)
            assert here.told[-1].cost_usd == pytest.approx(here.server.fake.log.cost_usd)
        async with lab(tmp_path / "own", price_in=1.0, price_out=2.0) as here:
            await here.mine(TASK)
            last = here.told[-1]
            assert last.cost_usd == pytest.approx((last.tokens_in + 2 * last.tokens_out) / 1e6)

    virtually(work)
