"""From liked songs to rooms as a person does it: a simulated Spotify, a simulated model, a hub, commands."""

import json
import signal
from collections.abc import Iterator

import pytest

from tests.app.conftest import Home
from tests.app.test_household import line_with, log_in, process
from tests.app.test_run import PATIENCE_S, running_hub
from tests.ports import free_port

pytestmark = pytest.mark.slow

TIERS = ("CONFIRMED", "SAFE_SIDE", "DISCOVERY")


@pytest.fixture
def household(home: Home) -> Iterator[Home]:
    """A home without any pool: logged in, and a model is configured."""
    port = free_port()
    with process("simulate", "--port", "0", "--speed", "20") as simulated:
        keys = ("client_id", "api_url", "accounts_url", "base_url", "model")
        client_id, api, accounts, base_url, model = (line_with(simulated, rf"{key}: (\S+)") for key in keys)
        home.configure(
            f"web: {{port: {port}}}\n"
            f"plugins:\n  spotify: {{client_id: {client_id}, api_url: '{api}', accounts_url: '{accounts}'}}\n"
            f"  llm_mining: {{base_url: '{base_url}', model: {model}}}\n"
        )
        log_in(home)
        yield home
        simulated.send_signal(signal.SIGTERM)
        assert simulated.wait(PATIENCE_S) == 0


def counts(home: Home) -> dict[str, dict[str, int]]:
    """Tracks per tier in every room."""
    rooms = json.loads(home.run("rooms", "list", "--json").out)["rooms"]
    return {room["slug"]: {tier: room["counts"].get(tier, 0) for tier in TIERS} for room in rooms}


@pytest.mark.parametrize("miner", ["model", "local"])
def test_from_the_library_to_a_room_that_plays(household: Home, miner: str) -> None:
    told = household.run("mine", "--yes")
    assert (told.code, "library sync" in told.err) == (1, True), told
    synced = json.loads(household.run("library", "sync", "--json").out)
    assert synced["new"] > 100

    dry = household.run("mine", "--dry-run", "--miner", miner)
    assert (dry.code, "Nothing was sent." in dry.out) == (0, True), dry
    assert sum(sum(tiers.values()) for tiers in counts(household).values()) == 0

    with running_hub(household) as (hub, _):
        mined = household.run("mine", "--yes", "--json", "--miner", miner, "--no-suggestions")
        assert mined.code == 0, mined
        state = json.loads(mined.out)
        report = state["report"]
        assert (state["status"], state["miner"]) == ("done", miner)
        placed = {track["uri"] for plan in report["rooms"] for track in plan["added"] if track["tier"] == "CONFIRMED"}
        left = {track["uri"] for track in report["unplaced"]}
        assert placed.isdisjoint(left)
        if miner == "model":
            assert len(placed) + len(left) == synced["total"]
            assert state["calls"] > 0
        room = max(counts(household), key=lambda slug: sum(counts(household)[slug].values()))
        assert len(placed) > synced["total"] / (2 if miner == "model" else 20)
        pool = json.loads(household.run("rooms", "show", room, "--json").out)
        first = pool["tiers"]["CONFIRMED"][0]
        assert (first["source"], 0 < first["confidence"] <= 1) == (f"mined:{miner}", True)
        batch = json.loads(household.run("rooms", "activate", room, "--json").out)["batch"]
        assert len(batch) == 10

        before = counts(household)
        again = json.loads(household.run("mine", "--yes", "--json", "--miner", miner, "--no-suggestions").out)
        assert all(plan["added"] == plan["gone"] == plan["moved"] == [] for plan in again["report"]["rooms"])
        assert again["calls"] == 0, "what was answered is not asked for again"
        assert counts(household) == before
        assert "is taken back" in household.run("mine", "--undo").out
        assert "is there again" in household.run("mine", "--undo").out
        assert counts(household) == before
        hub.send_signal(signal.SIGTERM)
        assert hub.wait(PATIENCE_S) == 0

    preview = household.run("mine", "--preview", "--miner", miner, "--no-suggestions")
    assert (preview.code, "Nothing would change." in preview.err) == (0, True), preview
    household.run("mine", "--undo")
    preview = household.run("mine", "--preview", "--miner", miner, "--no-suggestions")
    assert (preview.code, "Add --yes" in preview.err) == (1, True), preview
    household.run("mine", "--undo")
    assert counts(household) == before
