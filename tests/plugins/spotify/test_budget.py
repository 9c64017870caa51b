"""The budget: nothing goes out while Spotify said wait, the urgent go first, and never more than allowed."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.core.clock import LoopClock
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.domain.models import EpochMs, Uri
from moodroom_hub.plugins.spotify.budget import Bucket, Budget, Priority
from moodroom_hub.plugins.spotify.wiring import Parts
from moodroom_hub.plugins.spotify.worker import Worker
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.plugins.spotify.fake import HOUSE, LATE_NIGHT, Reply, error
from tests.plugins.spotify.lab import START, lab, virtual

LIMIT = 10
WINDOW_MS = 30_000


def budget(folder: Path, worker: Worker, *, client_id: str = "one") -> Budget:
    """A small budget, with what an earlier run left in the folder."""
    made = Budget(
        LoopClock(START), worker, folder / "waits.json", client_id, limit=LIMIT, reserved=1, window_ms=WINDOW_MS
    )
    made.load()
    return made


@virtual
async def test_as_many_as_allowed_go_at_once_and_the_next_when_the_window_has_moved(tmp_path: Path) -> None:
    worker = Worker()
    spent = budget(tmp_path, worker)
    clock = LoopClock(START)
    for _ in range(LIMIT):
        await spent.take(Priority.PLAY, Bucket.PLAYER)
    assert clock.now_ms() == START
    await spent.take(Priority.PLAY, Bucket.PLAYER)
    assert clock.now_ms() == START + WINDOW_MS
    await worker.close(1)


@virtual
async def test_the_patient_leave_room_for_the_urgent(tmp_path: Path) -> None:
    worker = Worker()
    spent = budget(tmp_path, worker)
    clock = LoopClock(START)
    for _ in range(5):
        await spent.take(Priority.MINING, Bucket.SEARCH)
    mining = asyncio.create_task(spent.take(Priority.MINING, Bucket.SEARCH))
    await asyncio.sleep(1)
    assert not mining.done()
    for priority in (Priority.LIBRARY, Priority.PAGE, Priority.POLL, Priority.TOP_UP, Priority.PLAY):
        await spent.take(priority, Bucket.PLAYER)
    assert clock.now_ms() == START + 1000
    await mining
    assert clock.now_ms() > START + WINDOW_MS
    await worker.close(1)


@virtual
async def test_who_waits_is_served_by_urgency(tmp_path: Path) -> None:
    worker = Worker()
    spent = budget(tmp_path, worker)
    for _ in range(LIMIT):
        await spent.take(Priority.PLAY, Bucket.PLAYER)
        await asyncio.sleep(1)
    served: list[Priority] = []

    async def wait(priority: Priority) -> None:
        await spent.take(priority, Bucket.PLAYER)
        served.append(priority)

    await asyncio.gather(*(wait(priority) for priority in reversed(Priority)))
    assert served == sorted(Priority)
    await worker.close(1)


@virtual
async def test_who_comes_later_but_is_more_urgent_overtakes(tmp_path: Path) -> None:
    worker = Worker()
    spent = Budget(LoopClock(START), worker, tmp_path / "waits.json", "one", limit=1, window_ms=WINDOW_MS)
    await spent.take(Priority.PLAY, Bucket.PLAYER)
    served: list[str] = []

    async def wait(name: str, priority: Priority) -> None:
        await spent.take(priority, Bucket.PLAYER)
        served.append(name)

    async with asyncio.TaskGroup() as group:
        for name, priority in (("page", Priority.PAGE), ("first poll", Priority.POLL), ("second poll", Priority.POLL)):
            group.create_task(wait(name, priority))
            await asyncio.sleep(1)
        group.create_task(wait("play", Priority.PLAY))
    assert served == ["play", "first poll", "second poll", "page"]
    await worker.close(1)


@virtual
async def test_the_last_requests_of_the_window_are_for_plays_alone(tmp_path: Path) -> None:
    worker = Worker()
    spent = Budget(LoopClock(START), worker, tmp_path / "waits.json", "one")
    patient = [
        asyncio.create_task(spent.take(priority, Bucket.PLAYER))
        for priority in (Priority.TOP_UP, Priority.POLL)
        for _ in range(45)
    ]
    await asyncio.sleep(1)
    assert sum(task.done() for task in patient) == 45 - 8
    for _ in range(8):
        await spent.take(Priority.PLAY, Bucket.PLAYER)
    assert LoopClock(START).now_ms() == START + 1000
    for task in patient:
        task.cancel()
    await worker.close(1)


@virtual
async def test_who_is_no_longer_wanted_when_it_may_go_out_is_told_so_and_counts_for_nothing(tmp_path: Path) -> None:
    worker = Worker()
    spent = budget(tmp_path, worker)
    for _ in range(LIMIT - 1):
        await spent.take(Priority.PLAY, Bucket.PLAYER)
    await asyncio.sleep(10)
    await spent.take(Priority.PLAY, Bucket.PLAYER)
    is_wanted = True

    def check() -> None:
        if not is_wanted:
            raise Trouble(TroubleCode.SUPERSEDED, "Another one came.")

    stale = asyncio.create_task(spent.take(Priority.PLAY, Bucket.PLAYER, check))
    await asyncio.sleep(1)
    is_wanted = False
    with pytest.raises(Trouble):
        await stale
    for _ in range(LIMIT - 1):
        await spent.take(Priority.PLAY, Bucket.PLAYER)
    assert LoopClock(START).now_ms() == START + WINDOW_MS, "all nine that had expired were there to be taken"
    await worker.close(1)


@virtual
async def test_who_gives_up_waiting_leaves_the_place_to_the_next(tmp_path: Path) -> None:
    worker = Worker()
    spent = budget(tmp_path, worker)
    for _ in range(LIMIT):
        await spent.take(Priority.PLAY, Bucket.PLAYER)
    first = asyncio.create_task(spent.take(Priority.PLAY, Bucket.PLAYER))
    second = asyncio.create_task(spent.take(Priority.POLL, Bucket.PLAYER))
    await asyncio.sleep(1)
    first.cancel()
    await second
    assert LoopClock(START).now_ms() == START + WINDOW_MS
    await worker.close(1)


@given(
    asks=st.lists(st.tuples(st.sampled_from(Priority), st.integers(0, 8_000)), min_size=1, max_size=60),
)
def test_never_more_than_the_limit_in_any_window(
    tmp_path_factory: pytest.TempPathFactory, asks: list[tuple[Priority, int]]
) -> None:
    sent: list[tuple[int, Priority]] = []

    async def run() -> None:
        worker = Worker()
        spent = budget(tmp_path_factory.mktemp("waits"), worker)
        clock = LoopClock(START)

        async def ask(priority: Priority) -> None:
            await spent.take(priority, Bucket.PLAYER)
            sent.append((clock.now_ms(), priority))

        async with asyncio.TaskGroup() as group:
            for priority, pause_ms in asks:
                group.create_task(ask(priority))
                await clock.sleep_ms(pause_ms)
        await worker.close(1)

    run_virtual(run)
    assert len(sent) == len(asks)
    for number, (at_ms, _) in enumerate(sent):
        within = [each for each in sent[: number + 1] if each[0] > at_ms - WINDOW_MS]
        assert len(within) <= LIMIT


@virtual
async def test_a_refusal_stops_everybody_also_those_who_wait(tmp_path: Path) -> None:
    worker = Worker()
    spent = budget(tmp_path, worker)
    for _ in range(LIMIT):
        await spent.take(Priority.PLAY, Bucket.PLAYER)
    waiting = asyncio.create_task(spent.take(Priority.POLL, Bucket.PLAYER))
    await asyncio.sleep(1)
    assert await spent.stop(Bucket.PLAYER, 41, is_quota=False) == 41
    with pytest.raises(Trouble) as trouble:
        await waiting
    assert trouble.value.code is TroubleCode.RATE_LIMITED
    assert trouble.value.retry_after_s == pytest.approx(41.25)
    for bucket in Bucket:
        with pytest.raises(Trouble):
            await spent.take(Priority.PLAY, bucket)
    await asyncio.sleep(41.3)
    await spent.take(Priority.PLAY, Bucket.PLAYER)
    await worker.close(1)


@virtual
async def test_a_quota_stops_its_own_bucket_only(tmp_path: Path) -> None:
    worker = Worker()
    spent = budget(tmp_path, worker)
    await spent.stop(Bucket.LIBRARY, 52_531, is_quota=True)
    await spent.take(Priority.POLL, Bucket.PLAYER)
    with pytest.raises(Trouble):
        await spent.take(Priority.LIBRARY, Bucket.LIBRARY)
    assert spent.stopped_until_ms(Bucket.LIBRARY) == START + 52_531_250
    assert spent.stopped_until_ms(Bucket.PLAYER) is None
    await worker.close(1)


@virtual
async def test_without_a_wait_the_back_off_doubles_until_something_is_answered(tmp_path: Path) -> None:
    worker = Worker()
    spent = budget(tmp_path, worker)
    waits = []
    for _ in range(8):
        waits.append(await spent.stop(Bucket.PLAYER, None, is_quota=False))
        await asyncio.sleep(waits[-1] + 1)
    assert waits == [5, 10, 20, 40, 80, 160, 300, 300]
    spent.succeeded(Bucket.PLAYER)
    assert await spent.stop(Bucket.PLAYER, None, is_quota=False) == 5
    spent.succeeded(Bucket.PLAYER)  # an answer that was under way when the refusal came says nothing
    assert await spent.stop(Bucket.PLAYER, None, is_quota=False) == 10
    await worker.close(1)


@virtual
async def test_a_shorter_wait_never_shortens_a_longer_one(tmp_path: Path) -> None:
    worker = Worker()
    spent = budget(tmp_path, worker)
    await spent.stop(Bucket.PLAYER, 100, is_quota=False)
    await spent.stop(Bucket.PLAYER, 1, is_quota=False)
    assert spent.stopped_until_ms(Bucket.SEARCH) == START + 100_250
    await worker.close(1)


@virtual
async def test_a_restart_does_not_knock_but_another_app_may(tmp_path: Path) -> None:
    worker = Worker()
    await budget(tmp_path, worker).stop(Bucket.PLAYER, 600, is_quota=False)
    again = budget(tmp_path, worker)
    with pytest.raises(Trouble) as trouble:
        await again.take(Priority.PLAY, Bucket.PLAYER)
    assert "10 min" in trouble.value.message
    await budget(tmp_path, worker, client_id="two").take(Priority.PLAY, Bucket.PLAYER)
    await worker.close(1)


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"app": 1, "until_ms": 3}', '{"until_ms": {"everything": "x"}}', "\x00", "[" * 10_000],
)
def test_a_broken_file_stops_nobody(tmp_path: Path, content: str) -> None:
    @virtual
    async def run() -> None:
        (tmp_path / "waits.json").write_text(content)
        worker = Worker()
        await budget(tmp_path, worker).take(Priority.PLAY, Bucket.PLAYER)
        await worker.close(1)

    run()


@virtual
async def test_a_wait_noted_by_a_clock_that_was_years_ahead_is_not_believed(tmp_path: Path) -> None:
    worker = Worker()
    ahead = Budget(LoopClock(EpochMs(START * 2)), worker, tmp_path / "waits.json", "one")
    await ahead.stop(Bucket.PLAYER, 600, is_quota=False)
    await budget(tmp_path, worker).take(Priority.PLAY, Bucket.PLAYER)
    await worker.close(1)


@virtual
async def test_a_folder_that_cannot_be_written_changes_nothing_else(tmp_path: Path) -> None:
    worker = Worker()
    (tmp_path / "waits.json").mkdir()
    spent = budget(tmp_path, worker)
    await spent.stop(Bucket.PLAYER, 60, is_quota=False)
    with pytest.raises(Trouble):
        await spent.take(Priority.PLAY, Bucket.PLAYER)
    await worker.close(1)


# --- over real HTTP --------------------------------------------------------------------------------------

LOOK = "GET /v1/me/player"
PLAY = "PUT /v1/me/player/play"
QUEUE = "POST /v1/me/player/queue"


async def everything_is_refused(parts: Parts) -> None:
    """Ask for everything that there is; each says that Spotify asks us to wait."""
    for attempt in (
        parts.source.look,
        parts.player.pause,
        parts.player.resume,
        parts.player.next,
        parts.player.devices,
        parts.player.upcoming,
        lambda: parts.player.play(Uri(LATE_NIGHT)),
        lambda: parts.player.queue(Uri(LATE_NIGHT)),
        lambda: parts.account.find_track("a", "b"),
        lambda: anext(aiter(parts.account.liked_tracks())),
    ):
        with pytest.raises(Trouble) as trouble:
            await attempt()
        assert trouble.value.code is TroubleCode.RATE_LIMITED
        assert not trouble.value.outcome_unknown


@virtual
async def test_not_one_request_goes_out_while_spotify_said_wait_not_even_after_a_restart(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.once(LOOK, error(429, "API rate limit exceeded", Retry_After="3600"))
        with pytest.raises(Trouble) as trouble:
            await spot.parts.source.look()
        assert trouble.value.retry_after_s == 3600
        before = len(spot.fake.asked)
        await asyncio.sleep(1000)
        await everything_is_refused(spot.parts)
        await spot.parts.close()
        spot.restart()
        await asyncio.sleep(1000)
        await everything_is_refused(spot.parts)
        assert len(spot.fake.asked) == before
        await asyncio.sleep(1601)
        await spot.parts.source.look()
        assert spot.fake.asked[-1].call == LOOK


@virtual
async def test_a_library_quota_leaves_the_player_alone(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.always["GET /v1/me/tracks"] = error(429, "no more", "QUOTA_EXCEEDED", Retry_After="86400")
        for _ in range(3):
            with pytest.raises(Trouble) as trouble:
                await anext(aiter(spot.parts.account.liked_tracks()))
            assert trouble.value.code is TroubleCode.RATE_LIMITED
        assert len(spot.fake.calls("GET /v1/me/tracks")) == 1
        await spot.parts.source.look()


@virtual
async def test_a_429_without_a_wait_is_backed_off(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.once(LOOK, Reply(429, "slow"), Reply(429, "slow"))
        for expected_s in (5, 10):
            with pytest.raises(Trouble) as trouble:
                await spot.parts.source.look()
            assert trouble.value.retry_after_s == expected_s
            await asyncio.sleep(expected_s + 0.3)
        await spot.parts.source.look()


async def hand_over(parts: Parts) -> None:
    """A batch's nine, one after the other."""
    for _ in range(9):
        await parts.player.queue(Uri(HOUSE))


@virtual
async def test_rooms_switched_every_few_seconds_play_at_once_whatever_was_queued_for_them(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        handing: asyncio.Task[None] | None = None

        async def poll() -> None:
            while True:
                await spot.parts.source.look()
                await asyncio.sleep(2)

        polling = asyncio.create_task(poll())
        for uri in [LATE_NIGHT, HOUSE] * 8:
            asked_ms = spot.clock.now_ms()
            await spot.parts.player.play(Uri(uri))
            took_ms = spot.clock.now_ms() - asked_ms
            assert took_ms < 1_500
            if handing is not None:
                handing.cancel()
                await asyncio.wait([handing])
            handing = asyncio.create_task(hand_over(spot.parts))
            await asyncio.sleep(5)
        polling.cancel()
        if handing is not None:
            handing.cancel()


@virtual
async def test_a_queue_post_that_waits_for_its_request_lets_a_play_go_first(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        posts = [asyncio.create_task(spot.parts.player.queue(Uri(HOUSE))) for _ in range(60)]
        await asyncio.sleep(10)
        sent = spot.fake.calls("POST").count(QUEUE)
        assert sent == 45 - 8
        await spot.parts.player.play(Uri(LATE_NIGHT))
        assert spot.fake.calls("POST").count(QUEUE) == sent
        await asyncio.gather(*posts)
        assert spot.fake.calls("POST").count(QUEUE) == 60


@virtual
async def test_a_play_overtaken_while_it_waits_for_its_request_is_never_sent(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        for _ in range(45):
            await spot.parts.source.look_with(Priority.PLAY)
        is_wanted = True

        def check() -> None:
            if not is_wanted:
                raise Trouble(TroubleCode.SUPERSEDED, "Another one came.")

        stale = asyncio.create_task(spot.parts.player.play(Uri(HOUSE), check))
        await asyncio.sleep(1)
        assert not stale.done()
        is_wanted = False
        with pytest.raises(Trouble) as trouble:
            await stale
        assert trouble.value.code is TroubleCode.SUPERSEDED
        assert not trouble.value.outcome_unknown
        assert PLAY not in spot.fake.calls()
        await spot.parts.player.play(Uri(LATE_NIGHT))
        assert spot.fake.calls("PUT") == [PLAY]


@virtual
async def test_what_a_command_did_is_seen_also_where_requests_are_spent(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        source = spot.parts.source

        async def looked() -> float:
            began_ms = spot.clock.now_ms()
            await source.look()
            return spot.clock.now_ms() - began_ms

        for _ in range(36):
            await source.look()
        waiting = asyncio.create_task(looked())
        await asyncio.sleep(1)
        assert not waiting.done()
        await spot.parts.player.next()
        assert await waiting < 2_000, "the look that waits goes now"
        assert await looked() < 1_000, "and the one that began after the command"
        # What is reserved is for commands: the next hurry is a while later.
        await spot.parts.player.next()
        assert 10_000 < await looked() < 16_000
        assert spot.fake.calls("POST").count("POST /v1/me/player/next") == 2
