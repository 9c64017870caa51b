"""Logging in: the PKCE flow, from the address to open to the address that comes back."""

import base64
import hashlib
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import parse_qs

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.plugins.spotify.accounts import AccountsService, GrantRefusedError
from moodroom_hub.plugins.spotify.redirects import is_fit_redirect
from moodroom_hub.plugins.spotify.tokens import TokenKeeper

logger = logging.getLogger(__name__)

_LIFE_MS = 600_000
_MOST_PENDING = 20
_LONGEST_ANSWER = 4_000
_START_AGAIN = "start the login again at /login, or with `moodroom-hub login`"


@dataclass(slots=True)
class _Pending:
    """One login under way. ``outcome`` is why it cannot be used (again); empty: it can."""

    verifier: str = field(repr=False)
    redirect_uri: str
    began_at_ms: int
    outcome: str = ""
    is_under_way: bool = False


class LoginDesk:
    """Starts and finishes logins; several may be under way at once, each for ten minutes."""

    def __init__(
        self,
        accounts: AccountsService,
        tokens: TokenKeeper,
        clock: Clock,
        default_redirect_uri: Callable[[], str],
    ) -> None:
        self._accounts = accounts
        self._tokens = tokens
        self._clock = clock
        self._default_redirect_uri = default_redirect_uri
        self._pending: dict[str, _Pending] = {}

    def begin(self, redirect_uri: str | None) -> str:
        """Give the address of Spotify's login page. Raises ``Trouble(BAD_REQUEST)`` for an unfit redirect."""
        redirect_uri = redirect_uri or self._default_redirect_uri()
        if not is_fit_redirect(redirect_uri):
            raise Trouble(
                TroubleCode.BAD_REQUEST,
                "Spotify only sends browsers back to an https:// address, or to http://127.0.0.1:PORT/callback "
                "(not localhost, not a LAN address).",
            )
        self._forget_old()
        while len(self._pending) >= _MOST_PENDING:
            del self._pending[next(iter(self._pending))]
        verifier = secrets.token_urlsafe(64)
        state = secrets.token_urlsafe(24)
        self._pending[state] = _Pending(verifier, redirect_uri, self._clock.now_ms())
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        return self._accounts.authorize_url(redirect_uri=redirect_uri, state=state, challenge=challenge)

    async def finish(self, answer_url: str) -> None:
        """Take the address where the browser landed, as pasted. Raises ``Trouble`` with the mend."""
        answer = _read_answer(answer_url)
        pending = self._find(answer.get("state", ""))
        if error := answer.get("error"):
            pending.outcome = f"That login was not granted; {_START_AGAIN}."
            if error == "access_denied":
                raise _bad(f"Spotify was not allowed to connect (Cancel was pressed); {_START_AGAIN}.")
            raise _bad(f"Spotify refused the login; {_START_AGAIN}.")
        code = answer.get("code")
        if not code:
            raise _bad("That address holds no code. Paste the whole address of the page where the browser landed.")
        if pending.is_under_way:
            raise Trouble(TroubleCode.CONFLICT, "This login is being finished already; wait a moment.")
        pending.is_under_way = True
        exchange = partial(
            self._accounts.exchange, code=code, verifier=pending.verifier, redirect_uri=pending.redirect_uri
        )
        try:
            await self._tokens.adopt(exchange)
        except GrantRefusedError as refusal:
            pending.outcome = f"That login failed; {_START_AGAIN}."
            raise _refused(refusal) from None
        finally:
            pending.is_under_way = False
        pending.outcome = (
            f"That address was used already. If the hub does not say that you are logged in, {_START_AGAIN}."
        )
        logger.info("logged in to Spotify")

    def forget(self) -> None:
        """Drop every login under way."""
        self._pending.clear()

    def _find(self, state: str) -> _Pending:
        pending = self._pending.get(state)
        if pending is None:
            raise _bad(
                f"This answer belongs to no login that this hub began (or began over 10 minutes ago); {_START_AGAIN}."
            )
        if self._clock.now_ms() - pending.began_at_ms > _LIFE_MS:
            raise _bad(f"This login was begun over 10 minutes ago; {_START_AGAIN}.")
        if pending.outcome:
            raise Trouble(TroubleCode.CONFLICT, pending.outcome)
        return pending

    def _forget_old(self) -> None:
        oldest_ms = self._clock.now_ms() - 2 * _LIFE_MS  # kept a while longer, to say why it is too late
        self._pending = {state: each for state, each in self._pending.items() if each.began_at_ms > oldest_ms}


def _read_answer(answer_url: str) -> dict[str, str]:
    """The query of a pasted address, whatever came along with it: spaces, line breaks, quotes, another host."""
    text = "".join(answer_url[:_LONGEST_ANSWER].split()).strip("\"'<>`").replace("&amp;", "&")
    if not text:
        raise _bad("Nothing was pasted. Paste the whole address of the page where the browser landed.")
    _, mark, query = text.partition("?")
    if not mark and "=" in text:
        query = text.rpartition("/")[2]
    if "code_challenge=" in query or "response_type=" in query:
        raise _bad(
            "That is the address of the login page. Log in there, and paste the address where you land after it."
        )
    fields = parse_qs(query.partition("#")[0])
    answer = {name: values[0] for name, values in fields.items()}
    if "state" not in answer:
        raise _bad("That address is not whole. Paste all of it, from http to its end, with ?code=... and &state=...")
    return answer


def _refused(refusal: GrantRefusedError) -> Trouble:
    if refusal.error == "invalid_client":
        return _bad("Spotify does not know this client id; compare plugins.spotify.client_id with the dashboard.")
    if "redirect" in refusal.description:
        return _bad(
            "Spotify does not know this redirect address; enter it under Redirect URIs in the developer dashboard."
        )
    return _bad(f"The code is too old or was used already; {_START_AGAIN}.")


def _bad(message: str) -> Trouble:
    return Trouble(TroubleCode.BAD_REQUEST, message)
