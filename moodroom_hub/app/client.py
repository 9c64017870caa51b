"""Asking a hub: one small interface, over HTTP here, straight on the data in ``offline``.

Answers are the HTTP API's JSON, so that a command prints the same whether a hub runs or not.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any, Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

from moodroom_hub.app.sorter_client import HttpSorter, SorterClient
from moodroom_hub.app.station_client import HttpStations, StationsClient
from moodroom_hub.core.errors import MoodroomError
from moodroom_hub.domain.past.plays import PastPlay, as_json

Json = dict[str, Any]

TOKEN_FILE = "api-token"  # noqa: S105 -- the name of a file
TIMEOUT_S = 30.0
LONG_TIMEOUT_S = 900.0
"""For what reads a whole library or searches for every line of a file."""


class HubSaysNo(MoodroomError):
    """The hub answered that it cannot; ``code`` as in the HTTP API."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class NoAnswer(MoodroomError):
    """The hub did not answer, or not as a hub does."""


class Client(Protocol):
    """What commands ask of a hub."""

    @property
    def sorter(self) -> SorterClient:
        """What they ask of the sorter."""
        ...

    @property
    def stations(self) -> StationsClient:
        """What they ask of stations."""
        ...

    def state(self) -> Json:
        """``GET /api/state``."""
        ...

    def rooms(self) -> list[Json]:
        """Every room with its counts."""
        ...

    def pool(self, slug: str) -> Json:
        """One room's tracks by tier."""
        ...

    def activate(self, slug: str, zone: str | None = None) -> Json:
        """Draw and play a batch."""
        ...

    def rooms_off(self, zone: str | None = None) -> None:
        """Stop topping up."""
        ...

    def receipts(self, limit: int, before: int | None) -> list[Json]:
        """Newest first."""
        ...

    def undo(self, receipt_id: int) -> Json:
        """Take a receipt back; gives the receipt of the undo."""
        ...

    def undo_group(self, group: str) -> list[Json]:
        """Take a group of receipts back at once; gives the receipts of the undo."""
        ...

    def import_past(self, plays: Sequence[PastPlay]) -> Json:
        """Fill the history with plays from before the hub."""
        ...

    def warm_pools(self) -> Json:
        """Let the past change the pools."""
        ...

    def plugins(self) -> list[Json]:
        """How every plugin is."""
        ...

    def import_pool(self, text: str, form: str, *, is_overwriting: bool) -> Json:
        """Fill pools from a file's text."""
        ...

    def sync_library(self) -> Json:
        """Read new liked songs."""
        ...

    def miners(self) -> list[Json]:
        """Who can fill rooms, and how they are."""
        ...

    def mining_estimate(self, order: Json) -> Json:
        """What a mining or an audit would take."""
        ...

    def mining_start(self, order: Json) -> Json:
        """Begin one."""
        ...

    def mining_state(self) -> Json:
        """How far it is; with its ``report`` where it has ended (or is held)."""
        ...

    def mining_cancel(self) -> Json:
        """Stop what runs."""
        ...

    def mining_apply(self, order: Json) -> Json:
        """Make the held result true."""
        ...

    def mining_discard(self) -> Json:
        """Forget the held result."""
        ...

    def mining_undo(self) -> Json:
        """Take the last mining back, or bring it back; says which, and its rooms."""
        ...

    def room_definition(self, slug: str) -> Json:
        """A room's words."""
        ...

    def move(self, slug: str, uri: str, tier: str, why: str) -> Json:
        """Put a track into a tier by hand; gives the receipt."""
        ...

    def kept(self, slug: str) -> list[str]:
        """The uris of what was said to belong in the room."""
        ...

    def audit_kept(self, slug: str, uris: list[str]) -> Json:
        """Remember that these belong in the room."""
        ...

    def plays(self, wanted: Mapping[str, str], limit: int, before: int | None) -> Json:
        """``GET /api/plays``: a page; ``wanted`` are its filters (zone, status, target, twins)."""
        ...

    def play(self, play_id: int) -> Json:
        """One play with its deliveries."""
        ...

    def retry_plays(self, order: Json) -> Json:
        """Dead deliveries wait again."""
        ...

    def edit_play(self, play_id: int, order: Json) -> Json:
        """Correct a play before it is sent."""
        ...

    def leave_out_play(self, play_id: int, order: Json) -> Json:
        """Never send a play."""
        ...


def with_report(state: Json, report: Callable[[], Json]) -> Json:
    """The state with the job's report in it, where there is one."""
    found = report() if state["status"] in ("held", "done") else {}
    return {**state, "report": found.get("mining") or found.get("audit")}


class _NoRedirects(HTTPRedirectHandler):
    """A redirect would carry the token elsewhere; and the address of Spotify's login is itself the answer."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> Request | None:
        """Follow none."""
        return None


class HttpClient:
    """Speaks to the hub at ``url`` with the token in its data folder."""

    def __init__(self, url: str, data_dir: Path) -> None:
        self._url = url.rstrip("/")
        self._token_file = data_dir / TOKEN_FILE
        self._opener: OpenerDirector = build_opener(ProxyHandler({}), _NoRedirects())

    @property
    def url(self) -> str:
        """Where the hub answers."""
        return self._url

    @property
    def sorter(self) -> SorterClient:
        """The hub's sorter."""
        return HttpSorter(self._ask)

    @property
    def stations(self) -> StationsClient:
        """The hub's stations."""
        return HttpStations(self._asked, self._read)

    def state(self) -> Json:
        """The whole state."""
        return self._ask("GET", "/api/state")

    def rooms(self) -> list[Json]:
        """Every room with its counts."""
        return list(self._ask("GET", "/api/rooms")["rooms"])

    def pool(self, slug: str) -> Json:
        """One room's tracks by tier."""
        return self._ask("GET", f"/api/rooms/{quote(slug, safe='')}/pool")

    def activate(self, slug: str, zone: str | None = None) -> Json:
        """Draw and play a batch."""
        order = {} if zone is None else {"zone": zone}
        return self._ask("POST", f"/api/rooms/{quote(slug, safe='')}/activate", order, timeout_s=60.0)

    def rooms_off(self, zone: str | None = None) -> None:
        """Stop topping up."""
        self._ask("POST", "/api/rooms/off", {} if zone is None else {"zone": zone})

    def receipts(self, limit: int, before: int | None) -> list[Json]:
        """Newest first."""
        page = f"&before={before}" if before is not None else ""
        return list(self._ask("GET", f"/api/receipts?limit={limit}{page}")["receipts"])

    def undo(self, receipt_id: int) -> Json:
        """Take a receipt back."""
        return dict(self._ask("POST", f"/api/receipts/{receipt_id}/undo", {})["receipt"])

    def undo_group(self, group: str) -> list[Json]:
        """Take a group of receipts back at once."""
        path = f"/api/receipts/groups/{quote(group, safe='')}/undo"
        return list(self._ask("POST", path, {}, timeout_s=LONG_TIMEOUT_S)["receipts"])

    def import_past(self, plays: Sequence[PastPlay]) -> Json:
        """Fill the history with plays from before the hub."""
        return self._ask("POST", "/api/history/import", {"plays": list(map(as_json, plays))}, timeout_s=LONG_TIMEOUT_S)

    def warm_pools(self) -> Json:
        """Let the past change the pools."""
        return self._ask("POST", "/api/history/warm", {}, timeout_s=LONG_TIMEOUT_S)

    def plugins(self) -> list[Json]:
        """How every plugin is."""
        return list(self.state()["plugins"])

    def import_pool(self, text: str, form: str, *, is_overwriting: bool) -> Json:
        """Fill pools from a file's text."""
        order = {"format": form, "text": text, "overwrite": is_overwriting}
        return self._ask("POST", "/api/pool/import", order, timeout_s=LONG_TIMEOUT_S)

    def sync_library(self) -> Json:
        """Read new liked songs."""
        return self._ask("POST", "/api/library/sync", {}, timeout_s=LONG_TIMEOUT_S)

    def miners(self) -> list[Json]:
        """Who can fill rooms, and how they are."""
        return list(self._ask("GET", "/api/miners")["miners"])

    def mining_estimate(self, order: Json) -> Json:
        """What a mining or an audit would take."""
        return self._ask("POST", "/api/mining/estimate", order, timeout_s=LONG_TIMEOUT_S)

    def mining_start(self, order: Json) -> Json:
        """Begin one."""
        return self._ask("POST", "/api/mining/start", order)

    def mining_state(self) -> Json:
        """How far it is; with its report where it has ended."""
        return with_report(self._ask("GET", "/api/mining"), lambda: self._ask("GET", "/api/mining/report"))

    def mining_cancel(self) -> Json:
        """Stop what runs."""
        return self._ask("POST", "/api/mining/cancel", {}, timeout_s=60.0)

    def mining_apply(self, order: Json) -> Json:
        """Make the held result true."""
        state = self._ask("POST", "/api/mining/apply", order, timeout_s=LONG_TIMEOUT_S)
        return with_report(state, lambda: self._ask("GET", "/api/mining/report"))

    def mining_discard(self) -> Json:
        """Forget the held result."""
        return self._ask("POST", "/api/mining/discard", {})

    def mining_undo(self) -> Json:
        """Take the last mining back."""
        return self._ask("POST", "/api/mining/undo", {}, timeout_s=LONG_TIMEOUT_S)

    def room_definition(self, slug: str) -> Json:
        """A room's words."""
        return self._ask("GET", f"/api/rooms/{quote(slug, safe='')}/definition")

    def move(self, slug: str, uri: str, tier: str, why: str) -> Json:
        """Put a track into a tier by hand."""
        order = {"uri": uri, "tier": tier, "why": why}
        return dict(self._ask("POST", f"/api/rooms/{quote(slug, safe='')}/move", order)["receipt"])

    def kept(self, slug: str) -> list[str]:
        """The uris of what was said to belong in the room."""
        return list(self._ask("GET", f"/api/rooms/{quote(slug, safe='')}/keep")["uris"])

    def audit_kept(self, slug: str, uris: list[str]) -> Json:
        """Remember that these belong in the room."""
        return self._ask("POST", f"/api/rooms/{quote(slug, safe='')}/keep", {"uris": uris})

    def plays(self, wanted: Mapping[str, str], limit: int, before: int | None) -> Json:
        """A page of plays."""
        page = {"limit": str(limit)} if before is None else {"limit": str(limit), "before": str(before)}
        return self._ask("GET", f"/api/plays?{urlencode({**wanted, **page})}")

    def play(self, play_id: int) -> Json:
        """One play with its deliveries."""
        return dict(self._ask("GET", f"/api/plays/{play_id}")["play"])

    def retry_plays(self, order: Json) -> Json:
        """Dead deliveries wait again."""
        return self._ask("POST", "/api/plays/retry", order)

    def edit_play(self, play_id: int, order: Json) -> Json:
        """Correct a play before it is sent."""
        return self._ask("POST", f"/api/plays/{play_id}/edit", order)

    def leave_out_play(self, play_id: int, order: Json) -> Json:
        """Never send a play."""
        return self._ask("POST", f"/api/plays/{play_id}/leave_out", order)

    def health(self) -> list[Json]:
        """What ``/readyz`` looked at; also where something is down."""
        answer = self._send("GET", "/readyz", None, TIMEOUT_S)
        if answer.status not in (200, 503):
            raise self._refusal(answer)
        try:
            return list(json.loads(answer.body)["checks"])
        except (ValueError, KeyError, TypeError):
            raise NoAnswer(f"What answers at {self._url} does not speak like a hub of this version.") from None

    def login_address(self) -> str:
        """The address of Spotify's login page, for a login that this hub then waits for."""
        answer = self._send("GET", "/login", None, TIMEOUT_S)
        target = answer.headers.get("Location", "")
        if answer.status not in (302, 303, 307) or not urlsplit(target).netloc:
            raise self._refusal(answer)
        return str(target)

    def paste_login(self, url: str) -> Json:
        """Finish a login with the address where the browser landed."""
        return self._ask("POST", "/api/login/paste", {"url": url}, timeout_s=60.0)

    def _ask(self, method: str, path: str, order: Json | None = None, timeout_s: float = TIMEOUT_S) -> Json:
        return dict(self._read(self._asked(method, path, order, timeout_s), dict))

    def _asked(self, method: str, path: str, order: Json | None, timeout_s: float) -> bytes:
        answer = self._send(method, path, order, timeout_s)
        if answer.status != 200:
            raise self._refusal(answer)
        return answer.body

    def _read(self, body: bytes, kind: type[Any]) -> Any:
        try:
            content = json.loads(body)
        except ValueError:
            content = None
        if not isinstance(content, kind):
            raise NoAnswer(f"What answers at {self._url} does not speak like a hub of this version.")
        return content

    def _send(self, method: str, path: str, order: Json | None, timeout_s: float) -> "_Answer":
        headers = {"Authorization": f"Bearer {self._token()}", "Accept": "application/json"}
        body = None
        if order is not None:
            body, headers["Content-Type"] = json.dumps(order, ensure_ascii=False).encode(), "application/json"
        request = Request(self._url + path, data=body, headers=headers, method=method)  # noqa: S310 -- http, ours
        try:
            with self._opener.open(request, timeout=timeout_s) as answer:
                return _Answer(answer.status, dict(answer.headers), answer.read())
        except HTTPError as error:
            with error:
                return _Answer(error.code, dict(error.headers), error.read())
        except TimeoutError:
            raise NoAnswer(f"The hub at {self._url} did not answer within {timeout_s:.0f} s.") from None
        except (URLError, HTTPException, OSError) as error:
            why = getattr(error, "reason", None) or error
            raise NoAnswer(f"The hub at {self._url} does not answer ({why}).") from None

    def _token(self) -> str:
        try:
            return self._token_file.read_text(encoding="ascii").strip()
        except (OSError, ValueError) as error:
            raise NoAnswer(
                f"The hub's token cannot be read from {self._token_file} ({getattr(error, 'strerror', error)}): "
                "run this as the user that the hub runs as."
            ) from None

    def _refusal(self, answer: "_Answer") -> MoodroomError:
        try:
            told = json.loads(answer.body)["error"]
            return HubSaysNo(str(told["code"]), str(told["message"]))
        except (ValueError, KeyError, TypeError):
            return NoAnswer(f"The hub at {self._url} answered {answer.status}, which this command does not understand.")


class _Answer:
    """One HTTP answer, read whole."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body
