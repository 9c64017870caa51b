"""A week with a hub that is killed again and again, and without a database now and then."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from benchmarks.killing.dooms import Doom, Moment, Point, draw_doom, draw_downtime_ms
from benchmarks.killing.house import MINUTE_MS, House, Record
from benchmarks.killing.messages import Birth, ClockPage, Order, Reply
from benchmarks.killing.outages import Outage
from benchmarks.killing.process import HubProcess
from benchmarks.killing.zygote import EPOCH_MS, NO_START
from moodroom_hub.core.store import Store
from moodroom_hub.domain.models import PoolEntry, RoomSlug
from moodroom_hub.simulator.catalogue import demo_pools
from moodroom_hub.simulator.faults import FaultPlan

DAY_MS = 24 * 60 * MINUTE_MS
_SETTLE_MS = 2 * MINUTE_MS
_LAST_LIFE_MS = 20 * MINUTE_MS
_RESTART_MS = 5_000
_BUSY_MS = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to happen. ``outages`` take turns over ``outage_count`` windows; ``kills_inside`` also kills in them."""

    name: str
    kills: int
    days: float
    seed: int
    outages: Sequence[Outage] = ()
    outage_count: int = 0
    kills_inside: bool = False
    longest_outage_ms: int = 3 * 60 * MINUTE_MS
    temperament: str = "household"
    has_faults: bool = True


@dataclass(slots=True)
class Window:
    """One outage: planned, then as it really was. Memory in bytes."""

    kind: Outage
    from_ms: int
    until_ms: int
    began_ms: int | None = None
    ended_ms: int | None = None
    memory_before: int = 0
    memory_after: int = 0
    most_waiting: int = 0
    killed_ms: int | None = None
    is_saved: bool = False


@dataclass(slots=True)
class Evidence:
    """All that is known after the week."""

    plan: Plan
    house: House
    record: Record
    data_dir: Path
    config: Path
    windows: list[Window]
    kills: int = 0
    refused_starts: int = 0
    own_ends: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    real_s: float = 0.0
    by_moment: dict[str, int] = field(default_factory=dict)


class Week:
    """Plays a plan out. ``folder`` gets configuration and clock, ``data_dir`` is the hub's."""

    def __init__(self, plan: Plan, folder: Path, data_dir: Path, process: HubProcess) -> None:
        self._plan = plan
        self._process = process
        self._rng = Random(f"killer:{plan.seed}:{plan.name}")
        faults = FaultPlan.everyday(plan.seed) if plan.has_faults else FaultPlan.none()
        self._house = House(plan.seed, faults, plan.temperament)
        self._folder, self._data_dir = folder, data_dir
        self._page = ClockPage.make(folder / "clock")
        self._end_ms = EPOCH_MS + round(plan.days * DAY_MS)
        mean_ms = plan.days * DAY_MS / max(1, plan.kills)
        self._mean_life_ms = mean_ms * 1.15
        windows = _draw_windows(plan, self._rng)
        self._left = list(windows)
        self._open: Window | None = None
        self._kill_inside_ms = 0
        config = folder / "config.yaml"
        self._evidence = Evidence(plan, self._house, self._house.record, data_dir, config, windows)

    def run(self) -> Evidence:
        """From the first birth to a clean stop."""
        began_s = time.monotonic()
        self._prepare()
        start_ms = EPOCH_MS
        while True:
            is_enough = self._evidence.kills >= self._plan.kills
            doom = None if is_enough else draw_doom(self._rng, start_ms, self._mean_life_ms)
            next_ms = self._live(start_ms, doom)
            if next_ms is None:
                break
            start_ms = next_ms
        self._house.world.close()
        self._page.close()
        self._evidence.real_s = time.monotonic() - began_s
        return self._evidence

    def _prepare(self) -> None:
        client_id = self._house.fake.app.client_id
        self._evidence.config.write_text(
            f"hub: {{data_dir: {self._data_dir}}}\nplugins:\n  spotify: {{client_id: {client_id}}}\n"
        )
        self._data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        asyncio.run(_fill(self._data_dir))
        self._log_in()

    def _log_in(self) -> None:
        now_ms, tokens = self._house.now_ms, self._house.fake.issue_tokens()
        login = {
            "client_id": self._house.fake.app.client_id,
            "access_token": tokens["access_token"],
            "refresh_token": tokens["refresh_token"],
            "obtained_at_ms": now_ms,
            "expires_at_ms": now_ms + tokens["expires_in"] * 1000,
            "authorised_at_ms": now_ms,
            "scope": tokens["scope"],
        }
        path = self._data_dir / "spotify-token.json"
        path.write_text(json.dumps(login))
        path.chmod(0o600)
        self._house.record.logins += 1

    def _live(self, start_ms: int, doom: Doom | None) -> int | None:
        """One life; gives when the next one starts, ``None`` after the clean stop."""
        house, process = self._house, self._process
        life = house.born(start_ms)
        self._end_outage_if_due()
        birth = Birth(
            life.number,
            start_ms,
            self._plan.seed * 1_000_003 + life.number,
            self._folder,
            self._folder / "clock",
            _BUSY_MS,
        )
        process.begin(birth)
        is_stopping = False
        begun = house.begun
        if doom is not None and doom.moment is Moment.BIRTH and not self._is_spared():
            return self._kill(doom)
        while True:
            try:
                ask = process.hear()
            except EOFError:
                return self._ended(is_stopping=is_stopping)
            assert ask is not None
            if not ask.method:
                house.record.notes.extend(f"life {life.number}: {note}" for note in ask.notes)
                continue
            house.now_ms = max(house.now_ms, ask.now_ms)
            self._watch_outages(ask.waiting)
            heard, begun = house.begun != begun, house.begun
            fits = (
                doom is not None
                and not self._is_spared()
                and doom.fits(ask, has_new_listen=heard, has_order=house.is_order_due, now_ms=house.now_ms)
            )
            if ask.endpoint != "GET /v1/me/player":
                begun -= heard  # only a look makes it a verdict
            if fits and doom is not None and doom.point is Point.BEFORE:
                return self._kill(doom)
            reply = house.answer(ask)
            if ask.endpoint == "POST /api/token" and reply.answer.status == 400:
                self._log_in()
            if fits and doom is not None and doom.point is Point.UNANSWERED:
                return self._kill(doom)
            if doom is None and not is_stopping and self._may_stop(start_ms):
                is_stopping = True
                reply = Reply(reply.answer, (*reply.orders, Order("stop")))
            process.say(reply)
            if fits and doom is not None:
                return self._kill(doom)

    def _may_stop(self, start_ms: int) -> bool:
        is_calm = self._open is None and not self._left
        return is_calm and self._house.now_ms >= max(self._end_ms, start_ms + _LAST_LIFE_MS)

    def _is_spared(self) -> bool:
        """No kill in an outage (nor until all is saved), unless that is the plan."""
        if self._plan.kills_inside:
            return self._open is not None and self._house.now_ms < self._kill_inside_ms
        return self._open is not None

    def _kill(self, doom: Doom) -> int:
        house, evidence = self._house, self._evidence
        time.sleep(doom.delay_s)
        left = self._process.kill()
        if self._rng.random() < 0.5:
            for ask in left:  # these had left the machine already
                if ask.method:
                    house.answer(ask)
        evidence.kills += 1
        evidence.by_moment[doom.moment] = evidence.by_moment.get(doom.moment, 0) + 1
        now_ms = max(house.now_ms, self._page.now_ms)
        house.life.end_ms, house.life.end = now_ms, f"killed {doom.moment}, {doom.point}"
        if self._open is not None:
            self._open.killed_ms = now_ms
            self._open.until_ms = min(self._open.until_ms, now_ms + MINUTE_MS)
            return now_ms + self._rng.randint(300, 4_000)
        return now_ms + draw_downtime_ms(self._rng)

    def _ended(self, *, is_stopping: bool) -> int | None:
        house, evidence = self._house, self._evidence
        status = self._process.ended()
        now_ms = max(house.now_ms, self._page.now_ms)
        house.life.end_ms, house.life.end = now_ms, f"ended with {status}"
        if is_stopping and status == 0:
            return None
        if status == NO_START and self._open is not None:
            evidence.refused_starts += 1
        else:
            evidence.own_ends.append(f"life {house.life.number} ended by itself with {status}")
        return now_ms + _RESTART_MS

    # outages

    def _watch_outages(self, waiting: int) -> None:
        now_ms = self._house.now_ms
        window = self._open
        if window is None and self._left and now_ms >= self._left[0].from_ms:
            window = self._open = self._left.pop(0)
            window.began_ms = now_ms
            window.until_ms += now_ms - window.from_ms
            assert self._process.pid is not None
            window.memory_before = self._process.resident_bytes()
            self._kill_inside_ms = self._rng.randint(now_ms, window.until_ms)
            window.kind.begin(self._data_dir / "moodroom.db", self._process.pid)
            return
        if window is None:
            return
        window.most_waiting = max(window.most_waiting, waiting)
        self._end_outage_if_due()
        if window.ended_ms is not None and now_ms >= window.ended_ms + _SETTLE_MS:
            window.is_saved = waiting == 0
            self._open = None

    def _end_outage_if_due(self) -> None:
        window, now_ms = self._open, self._house.now_ms
        if window is None or window.ended_ms is not None or now_ms < window.until_ms:
            return
        window.ended_ms = now_ms
        if self._process.pid is not None:
            window.memory_after = self._process.resident_bytes()
        window.kind.end(self._process.pid)


def _draw_windows(plan: Plan, rng: Random) -> list[Window]:
    if not plan.outages:
        return []
    each_ms = plan.days * DAY_MS / plan.outage_count
    windows = []
    for number in range(plan.outage_count):
        length_ms = rng.randint(3 * MINUTE_MS, min(plan.longest_outage_ms, round(each_ms * 0.5)))
        from_ms = EPOCH_MS + round(each_ms * number + rng.uniform(0.05, 0.9) * (each_ms - length_ms))
        windows.append(Window(plan.outages[number % len(plan.outages)], from_ms, from_ms + length_ms))
    return windows


async def _fill(data_dir: Path) -> None:
    store = Store(f"sqlite:///{data_dir / 'moodroom.db'}", data_dir)
    await store.open()
    try:
        for slug, pool in demo_pools().items():
            entries = [PoolEntry(track, tier, why="demo") for tier, track in pool]
            await store.put_base(RoomSlug(slug), entries, replace=True)
    finally:
        await store.close()
