"""The one door to spotipy: one attempt per request, in a thread, within the budget, every outcome a plain one."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

import requests
import spotipy

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import TroubleCode
from moodroom_hub.domain.models import EpochMs, Uri
from moodroom_hub.plugins.spotify.budget import Bucket, Budget, Priority
from moodroom_hub.plugins.spotify.failures import (
    Action,
    Failure,
    SpotifyTrouble,
    rate_limited,
    read_failure,
    trouble_for,
    unreachable,
)
from moodroom_hub.plugins.spotify.session import TIMEOUT_S, close, in_words, was_surely_not_sent
from moodroom_hub.plugins.spotify.tokens import TokenKeeper
from moodroom_hub.plugins.spotify.worker import Worker

PAGE_SIZE = 50
SEARCH_SIZE = 10
"""All that Spotify allows an app in Development Mode."""
_PAUSE_BEFORE_REPEAT_MS = 1_000

Send = Callable[[spotipy.Spotify], Any]
Check = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer: its JSON (``None``: empty), and between which moments of the hub's clock it was made."""

    body: Any
    sent_ms: EpochMs
    received_ms: EpochMs


@dataclass(frozen=True, slots=True)
class _Seen:
    """What came over the wire, before spotipy made something of it."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


class _CurrentToken(threading.local):
    """The token of the request that this thread is sending, in the shape that spotipy asks for, and what came back."""

    value = ""
    seen: _Seen | None = None

    def begin(self, token: str) -> None:
        """A request of this thread begins."""
        self.value, self.seen = token, None

    def end(self) -> _Seen | None:
        """It is over; gives what came back."""
        seen = self.seen
        self.value, self.seen = "", None
        return seen

    def get_access_token(self, *, as_dict: bool = False) -> str:
        """The token."""
        return self.value


class SpotifyClient:
    """Sends requests to the Web API at ``api_url``. Every method raises ``Trouble`` (``SpotifyTrouble``)."""

    def __init__(
        self,
        clock: Clock,
        worker: Worker,
        tokens: TokenKeeper,
        budget: Budget,
        session: requests.Session,
        *,
        api_url: str,
        market: str | None,
    ) -> None:
        self._clock = clock
        self._worker = worker
        self._tokens = tokens
        self._budget = budget
        self._market = market
        self._current = _CurrentToken()
        session.hooks["response"].append(self._notice)
        self._session = session
        self._spotify = spotipy.Spotify(
            auth_manager=self._current, requests_session=session, requests_timeout=TIMEOUT_S
        )
        self._spotify.prefix = api_url

    async def playback(self, priority: Priority) -> Answer:
        """``GET /me/player``."""
        return await self._ask(
            Action("say what plays"),
            Bucket.PLAYER,
            priority,
            lambda spotify: spotify.current_playback(market=self._market, additional_types="track,episode"),
        )

    async def devices(self, priority: Priority) -> Any:
        """``GET /me/player/devices``."""
        action = Action("list the devices")
        return (await self._ask(action, Bucket.PLAYER, priority, lambda spotify: spotify.devices())).body

    async def queue_ahead(self) -> Any:
        """``GET /me/player/queue``."""
        action = Action("show its queue")
        return (await self._ask(action, Bucket.PLAYER, Priority.TOP_UP, lambda spotify: spotify.queue())).body

    async def play(self, uri: Uri | None, device_id: str | None, check: Check | None = None) -> None:
        """``PUT /me/player/play``: one track, or go on (``None``); on the active device, or on this one.

        ``check`` is asked when the request may go out; where it raises, nothing was sent.
        """
        uris = None if uri is None else [uri]
        target = _safe(device_id)
        await self._command("play", lambda spotify: spotify.start_playback(device_id=target, uris=uris), check=check)

    async def transfer(self, device_id: str, *, is_playing: bool) -> None:
        """``PUT /me/player``: make this the active device."""
        await self._command("move to a device", lambda spotify: spotify.transfer_playback(device_id, is_playing))

    async def pause(self) -> None:
        """``PUT /me/player/pause``."""
        await self._command("pause", lambda spotify: spotify.pause_playback())

    async def next(self) -> None:
        """``POST /me/player/next``, once."""
        await self._command("skip", lambda spotify: spotify.next_track(), may_repeat=False)

    async def room_to_look(self) -> None:
        """Wait until an unhurried ``playback`` need not wait. Raises ``Trouble`` while Spotify says wait."""
        await self._budget.wait_for_room(Priority.POLL, Bucket.PLAYER)

    def has_room_to_look(self) -> bool:
        """Whether an unhurried ``playback`` need not wait now."""
        return self._budget.has_room(Priority.POLL)

    async def room_to_enqueue(self) -> None:
        """Wait until ``enqueue`` need not wait. Raises the ``Trouble`` that it would."""
        await self._tokens.require()
        await self._budget.wait_for_room(Priority.TOP_UP, Bucket.PLAYER)

    def has_room_to_enqueue(self) -> bool:
        """Whether ``enqueue`` need not wait now."""
        return self._budget.has_room(Priority.TOP_UP)

    async def enqueue(self, uri: Uri) -> None:
        """``POST /me/player/queue``, once."""
        await self._command(
            "queue a track",
            lambda spotify: spotify.add_to_queue(uri),
            priority=Priority.TOP_UP,
            may_repeat=False,
        )

    async def saved_tracks(self, offset: int) -> Any:
        """``GET /me/tracks``, ``PAGE_SIZE`` of them."""
        return await self._read(
            "show the library",
            Bucket.LIBRARY,
            lambda spotify: spotify.current_user_saved_tracks(PAGE_SIZE, offset, self._market),
        )

    async def me(self) -> Any:
        """``GET /me``."""
        return await self._read("say whose account it is", Bucket.PLAYLIST, lambda spotify: spotify.me())

    async def playlists(self, offset: int) -> Any:
        """``GET /me/playlists``, ``PAGE_SIZE`` of them."""
        return await self._read(
            "list the playlists", Bucket.PLAYLIST, lambda spotify: spotify.current_user_playlists(PAGE_SIZE, offset)
        )

    async def playlist_items(self, playlist_id: str, offset: int) -> Any:
        """``GET /playlists/{id}/items``, ``PAGE_SIZE`` of them."""
        return await self._read(
            "show a playlist",
            Bucket.PLAYLIST,
            lambda spotify: spotify.playlist_items(
                playlist_id, limit=PAGE_SIZE, offset=offset, market=self._market, additional_types=("track",)
            ),
        )

    async def read_playlist(self, words: str, send: Send) -> Any:
        """Whatever else is read of playlists, with the lowest priority."""
        return await self._read(words, Bucket.PLAYLIST, send)

    async def change_playlist(self, words: str, send: Send) -> Any:
        """Send a change of playlists, once, and no sooner than a page of the library; gives its answer."""
        action = Action(words, is_command=True, is_player=False, wants_answer=True)
        return (await self._ask(action, Bucket.PLAYLIST, Priority.LIBRARY, send, may_repeat=False)).body

    async def search(self, query: str, offset: int = 0) -> Any:
        """``GET /search`` for tracks, ``SEARCH_SIZE`` of them."""
        return await self._read(
            "search",
            Bucket.SEARCH,
            lambda spotify: spotify.search(query, limit=SEARCH_SIZE, offset=offset, market=self._market),
            Priority.MINING,
        )

    async def search_artists(self, query: str) -> Any:
        """``GET /search`` for artists, ``SEARCH_SIZE`` of them."""
        return await self._read(
            "search",
            Bucket.SEARCH,
            lambda spotify: spotify.search(query, limit=SEARCH_SIZE, type="artist", market=self._market),
            Priority.MINING,
        )

    async def artist_albums(self, artist_id: str, offset: int) -> Any:
        """``GET /artists/{id}/albums``: ``SEARCH_SIZE`` of those that are the artist's own."""
        return await self._browse(
            "list an artist's albums",
            lambda spotify: spotify.artist_albums(
                artist_id, include_groups="album,single", limit=SEARCH_SIZE, offset=offset
            ),
        )

    async def album(self, album_id: str) -> Any:
        """``GET /albums/{id}``."""
        return await self._browse("show an album", lambda spotify: spotify.album(album_id, self._market))

    def close(self) -> None:
        """Let go of the connections."""
        close(self._session)

    async def _read(self, words: str, bucket: Bucket, send: Send, priority: Priority = Priority.LIBRARY) -> Any:
        return (await self._ask(Action(words, is_player=False), bucket, priority, send)).body

    async def _browse(self, words: str, send: Send) -> Any:
        """Asked for once: what is not there is no stumble of Spotify's."""
        action = Action(words, is_player=False)
        return (await self._ask(action, Bucket.CATALOGUE, Priority.MINING, send, may_repeat=False)).body

    async def _command(
        self,
        words: str,
        send: Send,
        *,
        priority: Priority = Priority.PLAY,
        may_repeat: bool = True,
        check: Check | None = None,
    ) -> None:
        action = Action(words, is_command=True)
        await self._ask(action, Bucket.PLAYER, priority, send, may_repeat=may_repeat, check=check)

    async def _ask(
        self,
        action: Action,
        bucket: Bucket,
        priority: Priority,
        send: Send,
        *,
        may_repeat: bool = True,
        check: Check | None = None,
    ) -> Answer:
        """Send, and send again only after a clear no that is known to pass: one 401, one false 403 or 404."""
        rejected: str | None = None
        has_paused = False
        while True:
            await self._tokens.require()
            await self._budget.take(priority, bucket, check)
            token = await self._tokens.access_token(rejected)
            sent_ms = self._clock.now_ms()
            outcome = await self._worker.run(partial(self._exchange, action, send, token))
            received_ms = self._clock.now_ms()
            if not isinstance(outcome, Failure):
                self._budget.succeeded(bucket)
                return Answer(outcome, sent_ms, received_ms)
            if outcome.status == 401 and rejected is None:
                rejected = token
                continue
            if outcome.status == 429:
                wait_s = await self._budget.stop(bucket, outcome.retry_after_s, is_quota=outcome.is_quota)
                raise rate_limited(wait_s, outcome.status)
            if not outcome.may_pass or not may_repeat or has_paused:
                raise trouble_for(outcome, action)
            has_paused = True
            await self._clock.sleep_ms(_PAUSE_BEFORE_REPEAT_MS)

    def _exchange(self, action: Action, send: Send, token: str) -> Any:
        """In a thread: one request. Gives the JSON or the ``Failure``; raises ``SpotifyTrouble`` without an answer."""
        self._current.begin(token)
        body = None
        stumble: SpotifyTrouble | None = None
        # The errors themselves are not kept: through their frames they would hold the connection open.
        try:
            body = send(self._spotify)
        except requests.RequestException as error:
            stumble = unreachable(action, was_sent=not was_surely_not_sent(error), why=in_words(error))
        except spotipy.SpotifyException:  # a refusal; or, where nothing was sent, spotipy's own of what it was given
            stumble = SpotifyTrouble(TroubleCode.BAD_REQUEST, f"That is nothing that Spotify could {action.words}.")
        except (AttributeError, TypeError, RecursionError):
            if self._current.seen is None:
                raise
            stumble = _unreadable(action)  # an answer of a shape that spotipy stumbles over
        seen = self._current.end()
        if seen is not None and seen.status >= 400:
            return read_failure(seen.status, seen.headers, seen.body)
        if seen is not None and action.is_command and 200 <= seen.status < 300:
            # Judged by its status; the body of a command is a random word.
            if seen.status == 202:
                raise unreachable(action, was_sent=True, why="it was accepted, but perhaps not carried out")
            if not action.wants_answer:
                return None
        if stumble is not None:
            raise stumble
        is_empty = seen is None or seen.body.strip() in {b"", b"null"}
        if (seen is not None and seen.status >= 300) or (body is None and not is_empty):
            raise _unreadable(action)
        return body

    def _notice(self, response: requests.Response, **_: Any) -> None:
        self._current.seen = _Seen(response.status_code, response.headers)
        self._current.seen = _Seen(response.status_code, response.headers, response.content[:4096])


def _safe(device_id: str | None) -> str | None:
    """spotipy writes device ids into the address as they are."""
    return None if device_id is None else quote(device_id, safe="")


def _unreadable(action: Action) -> SpotifyTrouble:
    return unreachable(action, was_sent=True, why="its answer cannot be read")
