"""The plugin's parts, put together. Imported late: this is what loads spotipy."""

from collections.abc import Callable
from dataclasses import dataclass

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.context import PluginContext
from moodroom_hub.core.ports import LoginState
from moodroom_hub.domain.models import HOME
from moodroom_hub.plugins.spotify.account import SpotifyAccount
from moodroom_hub.plugins.spotify.accounts import AccountsService
from moodroom_hub.plugins.spotify.budget import Budget
from moodroom_hub.plugins.spotify.client import SpotifyClient
from moodroom_hub.plugins.spotify.config import SpotifyConfig
from moodroom_hub.plugins.spotify.devices import DeviceMemory
from moodroom_hub.plugins.spotify.login import LoginDesk
from moodroom_hub.plugins.spotify.logs import hush
from moodroom_hub.plugins.spotify.player import SpotifyPlayer
from moodroom_hub.plugins.spotify.redirects import default_redirect
from moodroom_hub.plugins.spotify.session import SessionFactory, new_session, session_maker
from moodroom_hub.plugins.spotify.source import SpotifySource
from moodroom_hub.plugins.spotify.token_file import TokenFile
from moodroom_hub.plugins.spotify.tokens import TokenKeeper
from moodroom_hub.plugins.spotify.worker import Worker

_PATIENCE_MS = 3_000


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that the plugin is made of."""

    clock: Clock
    worker: Worker
    accounts: AccountsService
    tokens: TokenKeeper
    client: SpotifyClient
    source: SpotifySource
    player: SpotifyPlayer
    account: SpotifyAccount
    default_redirect_uri: Callable[[], str]

    async def close(self) -> None:
        """Let go of threads and connections, within a few seconds. Idempotent."""
        await self.worker.close(self.clock.real_seconds(_PATIENCE_MS))
        self.client.close()
        self.accounts.close()


def put_together(
    context: PluginContext[SpotifyConfig],
    on_login_change: Callable[[LoginState], None],
    session_factory: SessionFactory | None,
) -> Parts:
    """Make the parts and read what earlier runs left in the data folder. Blocking, quick; sends nothing."""
    hush()
    config, clock, folder = context.config, context.clock, context.data_dir
    client_id = config.client_id or ""
    sessions = session_factory or session_maker()
    worker = Worker()
    accounts = AccountsService(client_id, config.accounts_url, new_session(sessions))
    tokens = TokenKeeper(client_id, TokenFile(folder / "spotify-token.json"), accounts, clock, worker, on_login_change)
    budget = Budget(clock, worker, folder / "spotify-waits.json", client_id)
    client = SpotifyClient(
        clock,
        worker,
        tokens,
        budget,
        new_session(sessions),
        api_url=config.api_url,
        market=config.market,
    )
    memory = DeviceMemory(folder / "spotify-device.json", worker)
    for part in (tokens, budget, memory):
        part.load()
    source = SpotifySource(client, clock, HOME, memory.note)
    web = context.settings.web

    def redirect() -> str:
        return default_redirect(config.redirect_uri, web.base_url, web.port)

    return Parts(
        clock=clock,
        worker=worker,
        accounts=accounts,
        tokens=tokens,
        client=client,
        source=source,
        player=SpotifyPlayer(client, source, memory, clock, config.device),
        account=SpotifyAccount(
            client, tokens, LoginDesk(accounts, tokens, clock, redirect), is_configured=bool(client_id)
        ),
        default_redirect_uri=redirect,
    )
