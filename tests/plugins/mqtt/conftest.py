"""A real Mosquitto on a free loopback port, and foreign clients that speak to it."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from tests.plugins.mqtt.mosquitto import PROGRAM, Authority, Mosquitto

MakeMosquitto = Callable[..., Mosquitto]


@pytest.fixture
async def no_idle_worker() -> AsyncIterator[None]:
    """End the loop's own worker threads with the test; asyncio looks names up in them."""
    yield
    await asyncio.get_running_loop().shutdown_default_executor()


@pytest.fixture
def make_mosquitto(tmp_path: Path) -> Iterator[MakeMosquitto]:
    """Start brokers: ``make_mosquitto(users={"name": "password"}, authority=..., wants_certificate=True)``."""
    if PROGRAM is None:
        pytest.skip("no Mosquitto is installed here")
    made: list[Mosquitto] = []

    def make(
        *,
        users: dict[str, str] | None = None,
        authority: Authority | None = None,
        wants_certificate: bool = False,
        extra: str = "",
        port: int | None = None,
        is_started: bool = True,
    ) -> Mosquitto:
        folder = tmp_path / f"mosquitto-{len(made)}"
        folder.mkdir()
        broker = Mosquitto(Path(PROGRAM), folder, users, authority, wants_certificate, extra, port)
        made.append(broker)
        if is_started:
            broker.start()
        return broker

    yield make
    for broker in made:
        broker.stop()


@pytest.fixture
def mosquitto(make_mosquitto: MakeMosquitto) -> Mosquitto:
    """A broker that lets everybody in and forgets everything when it ends."""
    return make_mosquitto()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """A certificate authority of the test's own."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl is installed here")
    return Authority(tmp_path / "authority")
