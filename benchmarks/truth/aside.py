"""A cadence on trial: the hub's session and cadence looking on while the real hub plays, through faults of its own."""

import asyncio
from collections.abc import Callable

from benchmarks.truth.record import Learned, Told
from moodroom_hub.core.events import Event, RoomActivated
from moodroom_hub.domain.cadence import Cadence
from moodroom_hub.domain.ledger import IN_QUEUE
from moodroom_hub.domain.models import HOME, Cause, DurationMs, EpochMs, Tier, VerdictKind
from moodroom_hub.domain.playback import OwnAct
from moodroom_hub.domain.session import Changed, Happening, Listened, Session
from moodroom_hub.plugins.spotify import parsers
from moodroom_hub.simulator.spotify_api import FakeSpotify
from moodroom_hub.simulator.spotify_api.answers import Answer
from moodroom_hub.simulator.watcher import Watcher

AFTER_TROUBLE_S = 1.0
TIMEOUT_S = 10.0


class OnTrial:
    """Looks at ``fake`` by ``cadence``; ``session`` is that of the hub that plays."""

    def __init__(self, fake: FakeSpotify, told: Told, cadence: Cadence, session: Callable[[], Session]) -> None:
        self._told = told
        self._session = session
        self._act_ms = 0
        self._fake = fake
        self._watcher = Watcher(cadence)
        self._token = ""
        self._token_until_ms = 0
        self._tiers: dict[tuple[str, str], Tier] = {}
        self._woken = asyncio.Event()

    def hear(self, event: Event) -> None:
        """What the hub that plays does."""
        if isinstance(event, RoomActivated):
            self._watcher.activated(event.room, event.batch, event.at_ms)
            self._woken.set()

    async def run(self) -> None:
        """Look for ever."""
        while True:
            wait_s = await self._look()
            try:
                async with asyncio.timeout(wait_s):
                    await self._woken.wait()
                    self._woken.clear()
                    await asyncio.sleep(0.7)
            except TimeoutError:
                continue

    async def _look(self) -> float:
        fake = self._fake
        if fake.now_ms() >= self._token_until_ms:
            self._token = fake.issue_tokens()["access_token"]
            self._token_until_ms = fake.now_ms() + 3_000_000
        sent_ms = fake.now_ms()
        self._told.looks.append(sent_ms)
        there_ms, back_ms = fake.round_trip_ms()
        await asyncio.sleep(there_ms / 1000)
        headers = {"Authorization": f"Bearer {self._token}"}
        answer = fake.handle("GET", "/v1/me/player", {"additional_types": "track,episode"}, headers, b"", back_ms)
        if answer.drop is not None:
            await asyncio.sleep(TIMEOUT_S if answer.drop == "hang" else 0)
            return AFTER_TROUBLE_S
        await asyncio.sleep(answer.delay_ms / 1000)
        return self._read(answer, sent_ms)

    def _read(self, answer: Answer, sent_ms: int) -> float:
        now_ms = self._fake.now_ms()
        if answer.status == 429:
            return float(answer.headers.get("Retry-After", "5"))
        if answer.status not in (200, 204):
            return AFTER_TROUBLE_S
        middle_ms, half_ms = EpochMs((sent_ms + now_ms) // 2), DurationMs((now_ms - sent_ms + 1) // 2)
        try:
            body = answer.json() if answer.body else None
            snapshot = parsers.playback(body, zone=HOME, at_ms=middle_ms, uncertainty_ms=half_ms)
        except (ValueError, parsers.ParseProblem):
            return AFTER_TROUBLE_S
        self._learn_from(self._session())
        for happening in self._watcher.see(snapshot):
            self._note(happening, now_ms)
        return self._watcher.wait_ms(EpochMs(now_ms)) / 1000

    def _learn_from(self, hub: Session) -> None:
        """What the hub that plays did to the player."""
        known = {entry.id for entry in self._watcher.session.ledger.entries}
        for entry in hub.ledger.entries:
            if entry.id not in known and entry.status in IN_QUEUE:
                self._watcher.queued(entry)
        act = hub.playback.own_act
        if act is not None and act.at_ms != self._act_ms:
            self._act_ms = act.at_ms
            self._watcher.acted(OwnAct(act.cause, act.at_ms))

    def _note(self, happening: Happening, now_ms: int) -> None:
        if isinstance(happening, Changed):
            self._told.changes.append(now_ms)
        if not isinstance(happening, Listened):
            return
        listen = happening.listen
        verdict = listen.verdict
        what = f"{verdict.kind}, {verdict.cause}"
        room = listen.room or ""
        self._told.others.append(
            Learned(now_ms, listen.track.uri, room, listen.started_at_ms, listen.ended_at_ms, what)
        )
        if listen.room is None or listen.tier is None:
            return
        tier = self._tiers.get((listen.room, listen.track.uri), listen.tier)
        learned = Learned(now_ms, listen.track.uri, listen.room, listen.started_at_ms, listen.ended_at_ms)
        if verdict.kind is VerdictKind.SKIPPED and verdict.cause is Cause.LISTENER and tier is not Tier.REMOVED:
            self._told.strikes.append(learned)
            tier = Tier.SAFE_SIDE if tier is Tier.CONFIRMED else Tier.REMOVED
        elif verdict.kind is VerdictKind.COMPLETED and verdict.is_sure and tier is Tier.DISCOVERY:
            self._told.promotions.append(learned)
            tier = Tier.SAFE_SIDE
        self._tiers[listen.room, listen.track.uri] = tier
