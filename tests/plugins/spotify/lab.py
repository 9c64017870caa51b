"""The plugin's parts against the little Spotify, in virtual time."""

import contextlib
import functools
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, ParamSpec, cast
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Timeout

from moodroom_hub.core.clock import Clock, LoopClock
from moodroom_hub.core.config.models import Settings
from moodroom_hub.core.context import PluginContext, PolicyFace
from moodroom_hub.core.face import HubFace, PluginStatus
from moodroom_hub.core.ports import LoginState
from moodroom_hub.domain.models import EpochMs
from moodroom_hub.plugins.spotify.accounts import SCOPES
from moodroom_hub.plugins.spotify.config import SpotifyConfig
from moodroom_hub.plugins.spotify.token_file import Login, TokenFile
from moodroom_hub.plugins.spotify.wiring import Parts, put_together
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.plugins.spotify.fake import FakeSpotify

P = ParamSpec("P")
START = EpochMs(1_795_230_000_000)
CLIENT_ID = "0123456789abcdef0123456789abcdef"
DAY_MS = 86_400_000
PATIENCE_S = 60.0
NO_ANSWER_S = 0.02


def virtual(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run an ``async def`` test on a loop of virtual time: the waits of the plugin take no time."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        run_virtual(lambda: test(*args, **kwargs))

    return run


class _UntilItHangs(Timeout):
    """Waits as long as the service takes to come to where it never answers, and then for no answer."""

    def __init__(self, fake: FakeSpotify) -> None:
        super().__init__(connect=PATIENCE_S, read=NO_ANSWER_S)
        self._fake = fake

    def clone(self) -> Timeout:
        return _UntilItHangs(self._fake)

    @property
    def read_timeout(self) -> float | None:
        """Asked for when the request was sent."""
        assert self._fake.hung.acquire(timeout=PATIENCE_S)
        return super().read_timeout


class _Adapter(HTTPAdapter):
    """Has patience with a slow machine, and none with a service that was told to hang: so no test waits for its end."""

    def __init__(self, fake: FakeSpotify) -> None:
        super().__init__()
        self._fake = fake

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # type: ignore[override]  # requests types each keyword
        assert kwargs["timeout"] is not None, "the plugin would wait for ever"
        hangs = self._fake.will_hang(f"{request.method} {urlsplit(str(request.url)).path}")
        timeout = _UntilItHangs(self._fake) if hangs else PATIENCE_S
        return super().send(request, **{**kwargs, "timeout": timeout})


def login(clock: Clock, **more: Any) -> Login:
    """A login that the little Spotify knows, made just now."""
    values: dict[str, Any] = {
        "client_id": CLIENT_ID,
        "access_token": "access-0",
        "refresh_token": "refresh-0",
        "obtained_at_ms": int(clock.now_ms()),
        "expires_at_ms": int(clock.now_ms()) + 3_600_000,
        "authorised_at_ms": int(clock.now_ms()),
        "scope": " ".join(SCOPES),
    }
    return Login(**{**values, **more})


@dataclass(slots=True)
class Lab:
    """The parts, the service that they speak to, and what they told the hub."""

    fake: FakeSpotify
    folder: Path
    clock: LoopClock
    told: list[LoginState] = field(default_factory=list)
    made: Parts | None = None

    @property
    def parts(self) -> Parts:
        """The parts that are at work."""
        assert self.made is not None
        return self.made

    @property
    def token_file(self) -> TokenFile:
        """The token file in the data folder."""
        return TokenFile(self.folder / "spotify-token.json")

    def session(self) -> requests.Session:
        """A session over real sockets."""
        session = requests.Session()
        session.mount("http://", _Adapter(self.fake))
        return session

    def context(self, settings: Settings, statuses: list[Any], **config: Any) -> PluginContext[SpotifyConfig]:
        """A context as the registry would make it."""

        def tell(status: PluginStatus, reason: str) -> None:
            statuses.append((status, reason))

        return PluginContext(
            name="spotify",
            config=SpotifyConfig(
                **{
                    "client_id": CLIENT_ID,
                    "api_url": f"{self.fake.url}v1",
                    "accounts_url": self.fake.url,
                    **config,
                }
            ),
            settings=settings,
            data_dir=self.folder,
            clock=self.clock,
            rng=Random(1),
            hub=cast(HubFace, None),
            policy=cast(PolicyFace, None),
            spawn=lambda name, work: None,
            set_status=tell,
            publish=cast(Any, None),
        )

    def restart(self, settings: Settings | None = None, **config: Any) -> Parts:
        """Make the parts anew on the same data folder (the old ones must be closed by the caller)."""
        context = self.context(settings or Settings(), [], **config)
        self.made = put_together(context, self.told.append, self.session)
        return self.made


@contextlib.asynccontextmanager
async def lab(folder: Path, *, is_logged_in: bool = True, **config: Any) -> AsyncIterator[Lab]:
    """A lab at work; everything is closed afterwards."""
    fake = FakeSpotify()
    await fake.start()
    one = Lab(fake, folder, LoopClock(START))
    if is_logged_in:
        one.token_file.save(login(one.clock))
    one.restart(**config)
    try:
        yield one
    finally:
        await one.parts.close()
        await fake.stop()
