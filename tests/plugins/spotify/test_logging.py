"""No token, code, verifier or address reaches the log, however much of it is asked for."""

import asyncio
import logging
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from moodroom_hub.core.errors import Trouble
from moodroom_hub.domain.models import Uri
from tests.plugins.spotify.fake import LATE_NIGHT, Reply, error
from tests.plugins.spotify.lab import CLIENT_ID, lab, virtual


@virtual
async def test_a_whole_life_at_debug_leaves_no_secret_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with lab(tmp_path, is_logged_in=False) as spot:
        caplog.set_level(logging.DEBUG)
        for name in ("spotipy", "spotipy.client", "spotipy.oauth2", "urllib3", "urllib3.connectionpool", "requests"):
            logging.getLogger(name).setLevel(logging.DEBUG)
        query = parse_qs(urlsplit(await spot.parts.account.begin_login()).query)
        spot.fake.codes["code-1"] = ""
        await spot.parts.account.finish_login(f"?code=code-1&state={query['state'][0]}")
        form = parse_qs(spot.fake.asked[0].body)
        await spot.parts.player.play(Uri(LATE_NIGHT))
        await asyncio.sleep(3600)
        spot.fake.once("GET /v1/search", error(404, "access-2 is odd"), error(404, "access-2 is odd"))
        spot.fake.once("GET /v1/me/player", Reply(500, "access-2"), Reply(hangs=True), Reply(200, "access-2"))
        with pytest.raises(Trouble):
            await spot.parts.account.find_track("Secret Song", "Drake")
        for _ in range(3):
            with pytest.raises(Trouble):
                await spot.parts.source.look()
        await asyncio.sleep(3600)
        spot.fake.refresh_token = "revoked"
        with pytest.raises(Trouble):
            await spot.parts.source.look()
        secrets = [
            "access-1",
            "access-2",
            "refresh-1",
            "refresh-2",
            "code-1",
            "Bearer",
            "Secret Song",
            CLIENT_ID,
            form["code_verifier"][0],
            query["state"][0],
            query["code_challenge"][0],
        ]
        ours = [record for record in caplog.records if not record.name.startswith(("aiohttp", "asyncio"))]
        assert any(record.name.startswith("moodroom_hub.plugins.spotify") for record in ours)
        assert not [record for record in ours if record.name.startswith(("spotipy", "urllib3", "requests"))]
        logged = "\n".join(logging.Formatter().format(record) for record in ours)
        assert [secret for secret in secrets if secret in logged] == []
