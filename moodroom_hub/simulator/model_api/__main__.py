"""The make-believe model server in a process of its own, for benchmarks and for clients that get killed.

``python -m moodroom_hub.simulator.model_api --port 0 --log calls.jsonl --latency-ms 50 --requests-per-minute 600``

The first line that it prints is the base url. Values are JSON where they can be, else text. Besides ``--host``,
``--port``, ``--log``, ``--seed`` and ``--latency-ms`` every field of ``Behaviour`` may be given, ``--rules`` as a JSON
list of objects.
"""

import asyncio
import contextlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from moodroom_hub.simulator.model_api.behaviour import behaviour_from_json
from moodroom_hub.simulator.model_api.fake import FakeModel
from moodroom_hub.simulator.model_api.server import ModelServer


def main(arguments: Sequence[str]) -> int:
    """Serve until interrupted; gives the exit code: 0, or 2 where the arguments make no sense."""
    try:
        settings = _settings(arguments)
        host, port = str(settings.pop("host", "127.0.0.1")), int(settings.pop("port", 0))
        log, seed = settings.pop("log", None), int(settings.pop("seed", 0))
        latency_ms = settings.pop("latency_ms", None)
        if latency_ms is not None:
            settings["latency"] = {"fastest_ms": latency_ms, "usual_ms": latency_ms}
        behaviour = behaviour_from_json(settings)
    except (ValueError, TypeError, KeyError) as misfit:
        sys.stderr.write(f"{misfit}\n")
        return 2
    fake = FakeModel(behaviour, seed=seed, log_path=None if log is None else Path(str(log)))
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(ModelServer(fake, host=host, port=port)))
    return 0


async def _serve(server: ModelServer) -> None:
    async with server:
        sys.stdout.write(f"{server.base_url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def _settings(arguments: Sequence[str]) -> dict[str, Any]:
    if len(arguments) % 2:
        raise ValueError("arguments come in pairs: --name value")
    settings: dict[str, Any] = {}
    for name, value in zip(arguments[::2], arguments[1::2], strict=True):
        if not name.startswith("--"):
            raise ValueError(f"{name}: a setting begins with --")
        try:
            parsed = json.loads(value)
        except ValueError:
            parsed = value
        settings[name.removeprefix("--").replace("-", "_")] = parsed
    return settings


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
