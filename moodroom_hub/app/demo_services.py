"""What the demo's hub asks besides Spotify and the speakers: make-believe services on ports of this machine."""

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from moodroom_hub.simulator.model_api import MODEL_ID, ModelServer
from moodroom_hub.simulator.music_facts import MusicFactsServer
from moodroom_hub.simulator.scrobble_services import FakeListenBrainz, ScrobbleServer


@asynccontextmanager
async def services(now_ms: Callable[[], int]) -> AsyncIterator[dict[str, Any]]:
    """A model, facts about music, and a ListenBrainz: inside, the sections of the plugins that ask them."""
    token = secrets.token_hex(16)
    listens = FakeListenBrainz(lambda: now_ms() / 1000, token=token)
    async with (
        ModelServer() as model,
        MusicFactsServer(now_ms=now_ms) as facts,
        ScrobbleServer(listens) as scrobbles,
    ):
        yield {
            "llm_mining": {"base_url": model.base_url, "model": MODEL_ID},
            "metadata": {
                "contact": "demo@example.invalid",
                "url": facts.musicbrainz_url,
                "similar": True,
                "similar_url": facts.labs_url,
            },
            # Not Deezer: the addresses of the make-believe one would send browsers to the real one.
            "artwork": {"cover_art_archive_url": facts.cover_art_url, "deezer_url": facts.deezer_url},
            "scrobbling": {"listenbrainz": {"url": scrobbles.url, "token": token}},
        }
