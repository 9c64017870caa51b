"""The seed system's algorithm: a poll every six seconds, and the verdict from the poll before.

What it draws comes from the hub's own rules of drawing, so that only watching and queueing differ.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from benchmarks.truth.homes import pools
from benchmarks.truth.record import Learned, Told
from moodroom_hub.domain.models import BatchRecipe, PoolEntry, Tier, Track
from moodroom_hub.domain.sampling import draw_batch, draw_top_up
from moodroom_hub.simulator.spotify_api import FakeSpotify
from moodroom_hub.simulator.spotify_api.answers import Answer

POLL_S = 6.0
SKIP_UNDER_MS = 30_000
COMPLETE_WITHIN_MS = 8_000
TIMEOUT_S = 5.0
RECIPE = BatchRecipe()
WINDOW = 15


@dataclass(frozen=True, slots=True)
class _Sighting:
    """What the previous poll showed; ``first_ms`` is when this id was seen first."""

    id: str
    key: tuple[str, str]
    progress_ms: int
    duration_ms: int
    first_ms: int


class SeedSystem:
    """``is_bystander``: only looks and judges, sends no command (its room is told by :meth:`watch_room`)."""

    def __init__(
        self, fake: FakeSpotify, told: Told, rng: Random, *, poll_s: float = POLL_S, is_bystander: bool = False
    ) -> None:
        self._fake = fake
        self._told = told
        self._rng = rng
        self._poll_s = poll_s
        self._is_bystander = is_bystander
        self._room: str | None = None
        self._pools = {
            slug: {_key(entry.track.name, entry.track.artists): entry for entry in entries}
            for slug, entries in pools().items()
        }
        self._recent: list[Track] = []
        self._tiers: dict[str, list[Tier]] = {}
        self._last: _Sighting | None = None
        self._token = ""
        self._token_until_ms = 0

    def watch_room(self, room: str) -> None:
        """This room is the active one now."""
        self._room = room

    async def run(self) -> None:
        """Poll for ever."""
        while True:
            await self.poll()
            await asyncio.sleep(self._poll_s)

    async def activate(self, room: str) -> bool:
        """Play the first of ten and queue the other nine."""
        self._room = room
        entries = list(self._pools[room].values())
        drawn = draw_batch(entries, RECIPE, self._recent, WINDOW, self._rng)
        for pick in drawn.picks:
            self._note_pick(room, pick.track, pick.tier)
        if not drawn.picks:
            return False
        uris = [pick.track.uri for pick in drawn.picks]
        answer = await self._ask("PUT", "/v1/me/player/play", body={"uris": [uris[0]]})
        for uri in uris[1:]:
            await self._ask("POST", "/v1/me/player/queue", {"uri": uri})
        return answer is not None and answer.status < 300

    async def poll(self) -> None:
        """Look once; where the id changed, judge the one before and add one track."""
        self._told.looks.append(self._fake.now_ms())
        answer = await self._ask("GET", "/v1/me/player")
        if answer is None or answer.status != 200:
            return
        try:
            state = answer.json()
        except ValueError:
            return
        item = state.get("item")
        if not item or state.get("progress_ms") is None:
            return
        now_ms, last = self._fake.now_ms(), self._last
        is_same = last is not None and last.id == item["id"]
        self._last = _Sighting(
            id=item["id"],
            key=_key(item["name"], [artist["name"] for artist in item["artists"]]),
            progress_ms=state["progress_ms"],
            duration_ms=item["duration_ms"],
            first_ms=last.first_ms if is_same and last is not None else now_ms - state["progress_ms"],
        )
        if is_same:
            return
        self._told.changes.append(now_ms)
        if last is not None:
            self._judge(last, now_ms)
        if self._room is not None and last is not None and not self._is_bystander:
            await self._add_one(self._room)

    def _judge(self, last: _Sighting, now_ms: int) -> None:
        if self._room is None or (entry := self._pools[self._room].get(last.key)) is None:
            return
        learned = Learned(
            at_ms=now_ms,
            uri=entry.track.uri,
            room=self._room,
            began_ms=last.first_ms,
            ended_ms=now_ms,
            what=f"{entry.track.name}: last seen at {last.progress_ms}",
        )
        if last.progress_ms < SKIP_UNDER_MS:
            self._told.strikes.append(learned)
            self._move(entry, Tier.SAFE_SIDE if entry.tier is Tier.CONFIRMED else None)
        elif last.progress_ms >= last.duration_ms - COMPLETE_WITHIN_MS and entry.tier is Tier.DISCOVERY:
            self._told.promotions.append(learned)
            self._move(entry, Tier.SAFE_SIDE)

    def _move(self, entry: PoolEntry, tier: Tier | None) -> None:
        if self._room is None:
            return
        key = _key(entry.track.name, entry.track.artists)
        if tier is None:
            del self._pools[self._room][key]
        else:
            self._pools[self._room][key] = PoolEntry(entry.track, tier)

    async def _add_one(self, room: str) -> None:
        entries = list(self._pools[room].values())
        tiers = self._tiers.setdefault(room, [])
        drawn = draw_top_up(entries, RECIPE, self._recent, tiers, WINDOW, 1, self._rng)
        for pick in drawn.picks:
            self._note_pick(room, pick.track, pick.tier)
            await self._ask("POST", "/v1/me/player/queue", {"uri": pick.track.uri})

    def _note_pick(self, room: str, track: Track, tier: Tier) -> None:
        self._recent = [*self._recent, track][-2 * WINDOW :]
        self._tiers[room] = [*self._tiers.get(room, []), tier][-2 * RECIPE.size :]

    async def _ask(
        self, method: str, path: str, query: Mapping[str, str] | None = None, body: Mapping[str, Any] | None = None
    ) -> Answer | None:
        """One request, one attempt; ``None`` where no answer came. Told to wait, it waits."""
        if self._fake.now_ms() >= self._token_until_ms:
            tokens = self._fake.issue_tokens()
            self._token = tokens["access_token"]
            self._token_until_ms = self._fake.now_ms() + 3_000_000
        there_ms, back_ms = self._fake.round_trip_ms()
        await asyncio.sleep(there_ms / 1000)
        headers = {"Authorization": f"Bearer {self._token}"}
        content = b"" if body is None else json.dumps(body).encode()
        answer = self._fake.handle(method, path, query or {}, headers, content, back_ms)
        if answer.drop is not None or answer.delay_ms > TIMEOUT_S * 1000:
            await asyncio.sleep(TIMEOUT_S if answer.drop != "reset" else 0)
            return None
        await asyncio.sleep(answer.delay_ms / 1000)
        if answer.status == 429:
            await asyncio.sleep(float(answer.headers.get("Retry-After", "5")))
        return answer


def _key(name: str, artists: tuple[str, ...] | list[str]) -> tuple[str, str]:
    return name, artists[0] if artists else ""
