"""``moodroom-hub scrobbles login`` and ``logout``."""

import asyncio
import json
from pathlib import Path

import pytest

from moodroom_hub.app.scrobbling_login import logged_in
from moodroom_hub.core.clock import LoopClock
from moodroom_hub.core.config import load_config
from moodroom_hub.core.errors import MoodroomError
from moodroom_hub.domain.models import EpochMs
from moodroom_hub.plugins.scrobbling.session_file import NAME
from moodroom_hub.simulator.scrobble_services import FakeLastfm, ScrobbleServer
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.app.conftest import Home

EPOCH_MS = EpochMs(1_795_000_000_000)


def _login(folder: Path, allowed_after_s: float | None) -> str:
    async def work() -> str:
        clock = LoopClock(EPOCH_MS)
        fake = FakeLastfm(lambda: clock.now_ms() / 1000, session_key=None)
        async with ScrobbleServer(fake) as server:
            keys = {"api_key": fake.api_key, "api_secret": fake.api_secret, "api_url": server.lastfm_url}
            config = folder / "config.yaml"
            hub = {"data_dir": str(folder / "data")}
            config.write_text(json.dumps({"hub": hub, "plugins": {"scrobbling": {"lastfm": keys}}}), encoding="utf-8")
            if allowed_after_s is not None:
                asyncio.get_running_loop().call_later(allowed_after_s, fake.allow)
            user = await logged_in(load_config(config, {}), clock)
        assert fake.broken == []
        return user

    return run_virtual(work)


def test_it_prints_the_address_waits_and_keeps_the_login(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _login(tmp_path, 30) == "listener"
    told = capsys.readouterr().out
    assert "https://www.last.fm/api/auth/?api_key=key-of-the-app&token=token-1" in told
    assert "shared-secret" not in told
    assert "session-of-the-user" not in told
    assert json.loads((tmp_path / "data" / NAME).read_text())["session_key"] == "session-of-the-user"


def test_nobody_who_allows_it_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(MoodroomError, match="within five minutes"):
        _login(tmp_path, None)
    assert not (tmp_path / "data" / NAME).exists()


def test_without_an_api_account_it_says_where_one_is_made(home: Home) -> None:
    ran = home.run("scrobbles", "login", "lastfm")
    assert ran.code == 1
    assert "last.fm/api/account/create" in ran.err


def test_logout_forgets_the_login(home: Home) -> None:
    home.data.mkdir(exist_ok=True)
    (home.data / NAME).write_text("{}")
    assert "Logged out" in home.run("scrobbles", "logout").out
    assert not (home.data / NAME).exists()
    assert "no login" in home.run("scrobbles", "logout").out
