"""The keeper of the login: one token file, one refresh at a time, and the clock of its six months."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.ports import LoginState, LoginStatus
from moodroom_hub.domain.models import EpochMs
from moodroom_hub.plugins.spotify.accounts import SCOPES, AccountsService, Grant, GrantRefusedError
from moodroom_hub.plugins.spotify.failures import LOGIN_MEND, SpotifyTrouble
from moodroom_hub.plugins.spotify.token_file import Login, TokenFile
from moodroom_hub.plugins.spotify.worker import Worker

logger = logging.getLogger(__name__)

LOGIN_LIFE_DAYS = 180
"""Spotify ends a login six months after it was given, however often it was renewed; the shortest six have 181 days."""
WARN_DAYS = 14
_DAY_MS = 86_400_000
_EARLY_MS = 60_000
"""A token is renewed this long before its end."""
_BETWEEN_REJECTIONS_MS = 300_000
"""Spotify at times answers 401 to good tokens: it must not make the hub renew on every request."""
_BACK_OFF_MS = (5_000, 60_000)
_CLIENT_BACK_OFF_MS = 600_000


class TokenKeeper:
    """Gives access tokens, renewing them when due. ``on_change`` hears when the login comes or goes."""

    def __init__(
        self,
        client_id: str,
        file: TokenFile,
        accounts: AccountsService,
        clock: Clock,
        worker: Worker,
        on_change: Callable[[LoginState], None],
    ) -> None:
        self._client_id = client_id
        self._file = file
        self._accounts = accounts
        self._clock = clock
        self._worker = worker
        self._on_change = on_change
        self._login: Login | None = None
        self._renewal: asyncio.Future[Login] | None = None
        self._reason = ""
        self._failures = 0
        self._not_before_ms = 0
        self._rejected_at_ms: int | None = None
        self._last_trouble: SpotifyTrouble | None = None
        self._writing = threading.Lock()
        self._era = 0  # grows with every login and logout; a renewal of an older era is void

    def load(self) -> None:
        """Read the token file. Blocking, quick."""
        login = self._file.load()
        if login is not None and login.client_id != self._client_id:
            self._reason = f"The client id was changed since the last login; {LOGIN_MEND}."
            login = None
        self._login = login

    @property
    def login(self) -> Login | None:
        """The login as last known."""
        return self._login

    def state(self, now_ms: EpochMs) -> LoginState:
        """Where the login stands. No I/O."""
        if self._login is None:
            return LoginState(LoginStatus.NEEDED, None, self._reason or f"Not logged in to Spotify; {LOGIN_MEND}.")
        ends_ms = self._login.authorised_at_ms + LOGIN_LIFE_DAYS * _DAY_MS
        days_left = max(0, (ends_ms - now_ms) // _DAY_MS)
        if days_left > WARN_DAYS:
            return LoginState(LoginStatus.OK, days_left)
        when = {0: "any day now", 1: "tomorrow"}.get(days_left, f"in {days_left} days")
        return LoginState(LoginStatus.EXPIRING, days_left, f"Spotify ends this login {when}; {LOGIN_MEND}.")

    async def require(self) -> None:
        """Raise ``Trouble(LOGIN_NEEDED)`` where there is no login, not even one just made by another process."""
        if self._login is None:
            found = await self._worker.run(self._file.load)
            if found is None or found.client_id != self._client_id:
                raise self._login_needed()
            self._adopt(found)

    async def access_token(self, rejected: str | None = None) -> str:
        """A token to send. ``rejected`` is the one that Spotify just answered with 401.

        Any number of callers share one renewal. Raises ``Trouble``.
        """
        await self.require()
        now_ms = self._clock.now_ms()
        login = self._login
        if login is None:  # logged out while we looked
            raise self._login_needed()
        is_rejected = login.access_token == rejected and (
            self._rejected_at_ms is None or now_ms - self._rejected_at_ms > _BETWEEN_REJECTIONS_MS
        )
        is_due = now_ms >= login.expires_at_ms - _EARLY_MS
        if self._renewal is None and not is_rejected and not is_due:
            return login.access_token
        if is_rejected:
            self._rejected_at_ms = now_ms
        return (await self._renewed(login, now_ms)).access_token

    async def adopt(self, exchange: Callable[[], Grant]) -> None:
        """Log in: run ``exchange`` and keep what it gives, in one piece of work that no cancelling can tear apart.

        Raises what ``exchange`` raises.
        """
        now_ms = self._clock.now_ms()

        def job() -> Login:
            grant = exchange()
            if grant.refresh_token is None:
                raise SpotifyTrouble(TroubleCode.UNAVAILABLE, "Spotify gave no lasting login; log in once more.")
            login = Login(
                client_id=self._client_id,
                access_token=grant.access_token,
                refresh_token=grant.refresh_token,
                obtained_at_ms=now_ms,
                expires_at_ms=now_ms + grant.expires_in_s * 1000,
                authorised_at_ms=now_ms,
                scope=grant.scope or " ".join(SCOPES),
            )
            with self._writing:
                self._era += 1
                return self._keep(login)

        self._adopt(await asyncio.shield(self._worker.submit(job)))

    async def forget(self) -> None:
        """Log out on this machine. Raises ``Trouble`` where the file cannot be deleted."""

        def job() -> None:
            with self._writing:
                self._era += 1
                self._file.delete()

        self._drop("")
        try:
            await self._worker.run(job)
        except OSError as error:
            raise Trouble(
                TroubleCode.UNAVAILABLE, f"The token file could not be deleted ({error.strerror}); delete it by hand."
            ) from None

    async def _renewed(self, login: Login, now_ms: int) -> Login:
        if self._renewal is None:
            if now_ms < self._not_before_ms and self._last_trouble is not None:
                raise self._last_trouble
            self._renewal = self._worker.submit(partial(self._renew, login, now_ms, self._era))
        renewal = self._renewal
        try:
            renewed = await asyncio.shield(renewal)
        except GrantRefusedError as refusal:
            raise self._refused(refusal, renewal) from None
        except SpotifyTrouble as trouble:
            if self._renewal is renewal:  # the first of those who waited writes it down
                self._renewal = None
                self._back_off(trouble)
            raise
        if self._renewal is renewal:
            self._renewal = None
            self._adopt(renewed)
        if self._login is None:
            raise self._login_needed()
        return self._login

    def _renew(self, login: Login, now_ms: int, era: int) -> Login:
        """In a thread, whole: look at the disk, ask, write the answer down; only then may anybody use it."""
        stored = self._newer_on_disk(login)
        if stored is not None:
            if now_ms < stored.expires_at_ms - _EARLY_MS:
                return stored
            login = stored
        try:
            grant = self._accounts.refresh(login.refresh_token)
        except GrantRefusedError as refusal:
            if (newer := self._newer_on_disk(login)) is not None:
                return newer
            if refusal.error == "invalid_grant":
                with self._writing, contextlib.suppress(OSError):
                    if era == self._era:
                        self._file.delete()
            raise
        renewed = replace(
            login,
            access_token=grant.access_token,
            refresh_token=grant.refresh_token or login.refresh_token,
            obtained_at_ms=now_ms,
            expires_at_ms=now_ms + grant.expires_in_s * 1000,
            scope=grant.scope or login.scope,
        )
        with self._writing:
            return self._keep(renewed) if era == self._era else renewed

    def _newer_on_disk(self, login: Login) -> Login | None:
        """What another process put there since: a renewal, or its owner's new login."""
        stored = self._file.load()
        is_newer = stored is not None and stored.obtained_at_ms > login.obtained_at_ms
        return stored if stored is not None and is_newer and stored.client_id == self._client_id else None

    def _keep(self, login: Login) -> Login:
        try:
            self._file.save(login)
        except OSError as error:
            # The old token may be dead by now: going on in memory beats silence.
            logger.warning(
                "the Spotify login cannot be written down (%s): it will not survive a restart", error.strerror
            )
        return login

    def _refused(self, refusal: GrantRefusedError, renewal: "asyncio.Future[Login]") -> SpotifyTrouble:
        if refusal.error == "invalid_grant":
            if self._renewal is renewal:
                self._drop(
                    f"Spotify ended the login (it does so after six months, or when it was revoked); {LOGIN_MEND}."
                )
            return self._login_needed()
        message = (
            "Spotify does not know this client id; compare plugins.spotify.client_id with the developer dashboard."
        )
        if refusal.error != "invalid_client":
            message = f"Spotify refused to renew the login; {LOGIN_MEND}."
        trouble = SpotifyTrouble(TroubleCode.LOGIN_NEEDED, message)
        if self._renewal is renewal:
            self._renewal = None
            self._back_off(trouble, _CLIENT_BACK_OFF_MS)
        return trouble

    def _back_off(self, trouble: SpotifyTrouble, least_ms: int = 0) -> None:
        first_ms, longest_ms = _BACK_OFF_MS
        wait_ms = max(min(first_ms * 2 ** min(self._failures, 10), longest_ms), least_ms)
        if trouble.retry_after_s is not None:
            wait_ms = round(trouble.retry_after_s * 1000)
        self._failures += 1
        self._last_trouble = trouble
        self._not_before_ms = self._clock.now_ms() + wait_ms

    def _adopt(self, login: Login) -> None:
        is_news = self._login is None
        self._login = login
        self._renewal = None
        self._reason = ""
        self._failures = 0
        self._not_before_ms = 0
        self._last_trouble = None
        if is_news:
            self._tell()

    def _drop(self, reason: str) -> None:
        was_there = self._login is not None
        self._login = None
        self._renewal = None
        self._reason = reason
        if was_there:
            self._tell()

    def _tell(self) -> None:
        self._on_change(self.state(self._clock.now_ms()))

    def _login_needed(self) -> SpotifyTrouble:
        return SpotifyTrouble(TroubleCode.LOGIN_NEEDED, self.state(self._clock.now_ms()).reason)
