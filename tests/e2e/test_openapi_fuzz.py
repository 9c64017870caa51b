"""schemathesis against the hub's own OpenAPI: whatever is sent, no call answers with a fault of the hub's own.

It runs as a command of its own, so that its pytest plugin meets no other test.
"""

import asyncio
import importlib.util
import os
import sys
from pathlib import Path
from typing import Final

import pytest

from moodroom_hub.plugins.status_page import Plugin
from tests.e2e.house import House, mixed_pool
from tests.plugins.status_page.conftest import make_context

LONGEST_S: Final = 14
PATIENCE_S: Final = 100
ENDLESS: Final = r"^/api/events$|^/welcome/restart$"
"""One never ends, the other ends the hub it asks."""
RATIONED: Final = r"^(/api)?/player/|activate$|switch-on$|rooms/off$|/library/sync$|/welcome/sync$"
"""These wait for their turn at the service, which is rationed: they are asked of a hub in memory."""
MINING: Final = r"^/api/mining/|^/welcome/(estimate|mine)$|/(audit|mine)$"
"""The desk in memory knows only its own miners; the real one is asked by the other test."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("schemathesis") is None, reason="schemathesis is not installed here"),
]


async def attacked(url: str, token: str, folder: Path, spared: str) -> None:
    """Send what schemathesis makes of the description: examples, corners, chance; always the same."""
    command = [
        "-c",
        "from schemathesis.cli import schemathesis; schemathesis()",
        "run",
        f"{url}/api/openapi.json",
        f"--header=Authorization: Bearer {token}",
        f"--exclude-path-regex={spared}",
        "--checks=not_a_server_error",
        "--phases=examples,coverage,fuzzing",
        "--mode=all",
        "--max-examples=4",
        "--generation-deterministic",
        "--suppress-health-check=all",
        "--continue-on-failure",
        "--no-shrink",
        f"--max-time={LONGEST_S}",
        "--request-timeout=20",
        "--warnings=off",
        "--no-color",
    ]
    storage = {"HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "hypothesis")}
    run = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        cwd=folder,
        env={**os.environ, **storage},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            told, _ = await run.communicate()
    finally:
        if run.returncode is None:
            run.kill()
            await run.wait()
    assert run.returncode == 0, told.decode()[-8_000:]
    assert " passed" in told.decode()


async def test_a_hub_that_plays_has_no_fault_of_its_own(tmp_path: Path) -> None:
    items, rows = mixed_pool("house", "Fuzz")
    with House(tmp_path, items) as home:
        home.settle_in(rows)
        home.done("/api/rooms/house/activate")
        await attacked(home.url, home.token, tmp_path, f"{ENDLESS}|{RATIONED}")
        assert home.is_alive()
        assert [line for line in home.logged() if line["level"] in ("error", "critical")] == []
        assert home.get("/api/state").status == 200


async def test_the_orders_to_a_player_have_no_fault_of_their_own(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    context, _, _, _ = make_context(tmp_path, {})
    plugin = Plugin(context)
    await plugin.start()
    try:
        await attacked(plugin.address, (tmp_path / "api-token").read_text().strip(), tmp_path, f"{ENDLESS}|{MINING}")
    finally:
        await plugin.stop()
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
