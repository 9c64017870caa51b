"""The login to Last.fm for the command line: a token, an address to open, a session key."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.plugins.scrobbling.client import Client, LineError
from moodroom_hub.plugins.scrobbling.config import ScrobblingConfig
from moodroom_hub.plugins.scrobbling.lastfm import Lastfm, error_code, parsed
from moodroom_hub.plugins.scrobbling.services import Keys, Reply, Taken, said
from moodroom_hub.plugins.scrobbling.session_file import save_session

AUTH_PAGE: Final = "https://www.last.fm/api/auth/"
_NOT_YET: Final = 14


@dataclass(frozen=True, slots=True)
class Pending:
    """A login that its owner has yet to allow at ``address``."""

    address: str
    token: str = field(repr=False)
    keys: Keys = field(repr=False)


class LastfmLogin:
    """One login. Secrets stay inside: errors and texts never hold them."""

    def __init__(self, config: ScrobblingConfig, data_dir: Path, clock: Clock) -> None:
        self._section = config.lastfm
        self._service = Lastfm(config.lastfm.api_url)
        self._data_dir = data_dir
        self._clock = clock

    async def begin(self) -> Pending:
        """Fetch a token. Raises ``Trouble`` with the mend, ``ConfigError`` for a reference that leads nowhere."""
        if self._section.api_key is None or self._section.api_secret is None:
            raise Trouble(
                TroubleCode.BAD_REQUEST,
                "Last.fm needs your own API account: make one at last.fm/api/account/create, then put its key and "
                "secret into plugins.scrobbling.lastfm.api_key and api_secret.",
            )
        keys = Keys(self._section.api_key.resolve().strip(), self._section.api_secret.resolve().strip())
        reply = await self._call({"method": "auth.getToken"}, keys)
        token = parsed(reply).get("token")
        if not isinstance(token, str) or not token:
            raise self._trouble(reply)
        return Pending(f"{AUTH_PAGE}?{urlencode({'api_key': keys.key, 'token': token})}", token, keys)

    async def finish(self, pending: Pending) -> str | None:
        """The account's name once its owner has allowed it, and the session key is stored; ``None``: not yet."""
        reply = await self._call({"method": "auth.getSession", "token": pending.token}, pending.keys)
        session = parsed(reply).get("session")
        key = session.get("key") if isinstance(session, dict) else None
        if isinstance(session, dict) and isinstance(key, str) and key:
            user = said(session.get("name"))
            save_session(self._data_dir, pending.keys.key, key, user)
            return user
        if error_code(reply) == _NOT_YET:
            return None
        raise self._trouble(reply)

    async def _call(self, fields: dict[str, str], keys: Keys) -> Reply:
        try:
            async with Client(self._clock.real_seconds) as line:
                return await line.send(self._service.call(fields, keys))
        except LineError as error:
            raise Trouble(TroubleCode.UNAVAILABLE, f"Last.fm {error.reason}.") from None

    def _trouble(self, reply: Reply) -> Trouble:
        if error_code(reply) == 15:
            return Trouble(TroubleCode.LOGIN_NEEDED, "That login was not allowed in time. Begin again.")
        outcome = self._service.read(reply, 0)
        reason = "Last.fm's answer holds no login" if isinstance(outcome, Taken) else outcome.reason
        return Trouble(TroubleCode.REFUSED, f"{reason}.")
