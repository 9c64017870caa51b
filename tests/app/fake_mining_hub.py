"""A hub whose answers about mining are scripted, and which notes what it is told."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest

from moodroom_hub.app.client import HubSaysNo, Json
from moodroom_hub.app.shared import Shared

HOSTILE = "\x1b[2J\u202eevil"


def track(uri: str, name: str, tier: str = "CONFIRMED", **more: Any) -> Json:
    """A track as the API tells it in a pool, a misfit or a plan."""
    told: Json = {
        "uri": uri,
        "name": name,
        "artists": [f"{name}'s band"],
        "tier": tier,
        "why": "a file",
        "before": None,
    }
    return {**told, "strikes": 0, "since": None, "source": "", "confidence": 0.5, "reason": "too loud", **more}


class FakeMiningHub:
    """As much of ``client.Client`` as auditing and calibrating ask."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        """The calls that change or cost something, in order."""
        self.tracks = [track(f"u{number}", f"Song {number}", confidence=number / 10) for number in range(5)]
        self.known: list[str] = []
        self.words: Json = {"description": "warm", "anchors": [], "avoid": []}
        self.paid = False
        self.status = "held"
        self.report: Json = {}
        self.refusal: HubSaysNo | None = None

    def rooms(self) -> list[Json]:
        """One."""
        return [{"slug": "house", "name": "House"}]

    def pool(self, slug: str) -> Json:
        """The room's tracks by tier."""
        tiers = ("CONFIRMED", "SAFE_SIDE", "DISCOVERY", "REMOVED")
        return {"room": slug, "tiers": {tier: [each for each in self.tracks if each["tier"] == tier] for tier in tiers}}

    def room_definition(self, slug: str) -> Json:
        """The room's words."""
        return self.words

    def mining_estimate(self, order: Json) -> Json:
        """One dollar."""
        costs: Json = {"calls": 3, "paid_before": 0, "tokens_in": 10, "tokens_out": 10, "cost_usd": 1.0}
        return {**costs, "miner": "model", "paid": self.paid, "at_home": False, "tracks": 5, "notes": [], "prompts": []}

    def mining_start(self, order: Json) -> Json:
        """At once at its end."""
        self.asked.append(("start", order))
        return self.mining_state()

    def mining_state(self) -> Json:
        """As scripted."""
        figures = {"done": 5, "total": 5, "unit": "tracks", "calls": 3, "tokens_in": 1, "tokens_out": 1}
        more: Json = {"kind": "mine", "miner": "model", "rooms": ["house"], "phase": "", "cost_usd": 1.0, "error": None}
        return {**figures, **more, "elapsed_ms": 5, "status": self.status, "report": self.report}

    def mining_apply(self, order: Json) -> Json:
        """Note it, or refuse."""
        self.asked.append(("apply", order))
        if self.refusal is not None:
            raise self.refusal
        return {**self.mining_state(), "status": "done"}

    def mining_discard(self) -> Json:
        """Note it."""
        self.asked.append(("discard",))
        return {**self.mining_state(), "status": "cancelled"}

    def move(self, slug: str, uri: str, tier: str, why: str) -> Json:
        """Note it, or refuse; gives the receipt."""
        self.asked.append(("move", slug, uri, tier, why))
        if self.refusal is not None:
            raise self.refusal
        return {"id": 40 + len(self.asked), "uri": uri, "room": slug, "name": uri, "artists": [], "after": tier}

    def kept(self, slug: str) -> list[str]:
        """What was kept on another day."""
        return self.known

    def audit_kept(self, slug: str, uris: list[str]) -> Json:
        """Note it."""
        self.asked.append(("kept", slug, uris))
        return {"ok": True}

    def receipts(self, limit: int, before: int | None) -> list[Json]:
        """One for each track that could have been dropped, and others."""
        told = [{"id": 7, "uri": "u1", "room": "rage", "after": "REMOVED", "name": "x", "artists": []}]
        return told + [{**each, "id": 8, "room": "house", "after": "REMOVED"} for each in self.tracks]

    def made(self, what: str) -> list[Any]:
        """What it was told of one kind."""
        return [call[1] if len(call) == 2 else call[1:] for call in self.asked if call[0] == what]


def fake_mining_hub(monkeypatch: pytest.MonkeyPatch) -> FakeMiningHub:
    """The hub that every command of this test reaches."""
    hub = FakeMiningHub()

    def changing(_shared: Shared) -> AbstractContextManager[FakeMiningHub]:
        return nullcontext(hub)

    monkeypatch.setattr(Shared, "changing", changing)
    return hub
