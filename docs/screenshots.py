"""Takes the pictures of the status page: ``python docs/screenshots.py [FOLDER]``.

Starts the demo in a quick home, waits until listening has taught something, and looks at the page with Chromium. The
best pictures go into ``docs/images``; with a ``FOLDER``, every room is taken there at three sizes under both schemes,
to be looked at by whoever changes the page. Needs playwright (of the dev group) and a Chromium.
"""

import asyncio
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from playwright.async_api import ViewportSize, async_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
SPEED = 5
RECEIPTS = 6
PATIENCE_S = 180.0
SIZES: dict[str, ViewportSize] = {
    "390": {"width": 390, "height": 844},
    "820": {"width": 820, "height": 1180},
    "1440": {"width": 1440, "height": 1000},
}
ROOMS = ("late-night", "throwback-pop", "house", "rage", "throwback-rap", "after-hours")
PICTURES = {
    "status-page.jpg": ("late-night", "1440", "dark"),
    "status-page-phone.jpg": ("late-night", "390", "dark"),
    "status-page-house.jpg": ("house", "1440", "dark"),
    "status-page-light.jpg": ("throwback-pop", "1440", "light"),
    "status-page-tablet.jpg": ("after-hours", "820", "dark"),
}
"""File → room, size, colour scheme."""
FORMATS: dict[str, Any] = {".png": {}, ".jpg": {"type": "jpeg", "quality": 88}}
"""Soft light packs badly as PNG: a megabyte for each picture."""
CROSSFADE_S = 2.0


def main() -> None:
    """Take them all."""
    wanted = {IMAGES / name: view for name, view in PICTURES.items()}
    if len(sys.argv) > 1:
        folder = Path(sys.argv[1])
        views = itertools.product(ROOMS, SIZES, ("dark", "light"))
        wanted = {folder / f"{'-'.join(view)}.png": view for view in views}
    with demo() as (process, url):
        wait_for_receipts(process, url)
        asyncio.run(look(url, wanted))


@contextmanager
def demo() -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The demo and its address, while it runs."""
    with socket.create_server(("127.0.0.1", 0)) as trial:
        port = trial.getsockname()[1]
    command = [sys.executable, "-m", "moodroom_hub", "demo", "--no-browser", "--speed", str(SPEED), "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            yield process, f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGINT)


def wait_for_receipts(process: subprocess.Popen[bytes], url: str) -> None:
    """Until the page is worth a picture: something plays, its batch lies ahead, some receipts are there.

    The demo's listener skips only now and then; until there are receipts enough, this one helps.
    """
    deadline_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline_s and process.poll() is None:
        time.sleep(0.4)
        try:
            state = ask(f"{url}/api/state")
            now = state["now_playing"]
            if not now or not now["next_skip"] or not now["is_playing"] or state["troubles"]:
                continue
            if len(state["receipts"]) < RECEIPTS and now["position_ms"] > 4_000:
                ask(f"{url}/api/player/next", {"uri": now["uri"]})
            elif len(state["upcoming"]) == 9 and 8_000 < now["position_ms"] < 18_000:
                return
        except OSError:
            continue
    raise SystemExit(f"The demo ended, or showed nothing worth a picture within {PATIENCE_S:.0f} s.")


def ask(url: str, order: dict[str, str] | None = None) -> dict[str, Any]:
    """One call of the API, as the page itself would make it."""
    body = None if order is None else json.dumps(order).encode()
    headers = {"Origin": url.partition("/api/")[0], "Content-Type": "application/json"}
    opener = build_opener(ProxyHandler({}))
    with opener.open(Request(url, body, headers), timeout=10) as answer:
        told: dict[str, Any] = json.load(answer)
        return told


async def look(url: str, wanted: dict[Path, tuple[str, str, str]]) -> None:
    """Write each picture, room by room."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    async with async_playwright() as tools:
        browser = await tools.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for room in ROOMS:
            views = [(file, *view[1:]) for file, view in wanted.items() if view[0] == room]
            if not views:
                continue
            ask(f"{url}/api/rooms/{room}/activate", {})
            await asyncio.sleep(CROSSFADE_S)
            for file, size, scheme in views:
                dark = scheme == "dark"
                page = await browser.new_page(viewport=SIZES[size], color_scheme="dark" if dark else "light")
                await page.goto(url)
                await page.locator("#ahead li").first.wait_for()
                file.parent.mkdir(parents=True, exist_ok=True)
                await page.screenshot(path=file, **FORMATS[file.suffix])
                await page.close()
                print(file.name)
        await browser.close()


if __name__ == "__main__":
    main()
