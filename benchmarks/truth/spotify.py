"""The hub's real Spotify plugin, whose HTTP sessions lead into the simulated home of this very process."""

import asyncio
from typing import Any, ClassVar

import requests

from moodroom_hub.plugins.spotify import Plugin as SpotifyPlugin
from moodroom_hub.plugins.spotify.session import SessionFactory
from moodroom_hub.simulator.transport import InProcessAdapter

_adapters: list[InProcessAdapter] = []


class Wire(InProcessAdapter):
    """Knows how many requests are under way."""

    under_way = 0

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        """As always."""
        self.under_way += 1
        try:
            return super().send(*args, **kwargs)
        finally:
            self.under_way -= 1

    async def silence(self) -> None:
        """Wait until nothing is under way: a thread that waits for virtual time must not outlive the loop."""
        while self.under_way:  # noqa: ASYNC110 -- it is threads that are waited for
            await asyncio.sleep(0.05)


def lead_to(adapter: InProcessAdapter) -> None:
    """All sessions made from now on speak to this simulated Spotify."""
    _adapters[:] = [adapter]


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # no proxy leads into this process; asking for one costs a fifth of a look
    session.mount("https://", _adapters[0])
    return session


class Plugin(SpotifyPlugin):
    """``spotify``, in every respect but the wire."""

    session_factory: ClassVar[SessionFactory | None] = staticmethod(_session)
