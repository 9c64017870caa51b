"""Suggestions, which are mere names, become tracks of the service; or are dropped, each with its reason."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.miners import IN_THE_ROOM_ALREADY, Dropped
from moodroom_hub.core.ports import Account, LoginStatus
from moodroom_hub.core.store import Store, StoreDown
from moodroom_hub.domain.mining.matching import Match, match
from moodroom_hub.domain.mining.models import Suggestion
from moodroom_hub.domain.models import EpochMs, RoomSlug, Track
from moodroom_hub.domain.recording import fold, name_key, recording_keys

log = logging.getLogger(__name__)

REMEMBERED_MS = 7 * 86_400_000
"""So long an answer of the service counts, also that it found nothing: a killed run asks nothing twice."""
REFUSALS_IN_A_ROW = 3
"""After so many the service is not asked any more: it would refuse the rest as well."""

_LONGEST_NAME = 120
_AT_ONCE = 200
_FOR_THIS_SEARCH_ALONE = frozenset({TroubleCode.REFUSED, TroubleCode.NOT_FOUND, TroubleCode.BAD_REQUEST})
_SAYS_WHAT_IT_IS = ("a ", "an ", "spoken ")
_USABLE = frozenset({LoginStatus.OK, LoginStatus.EXPIRING})

Found = tuple[Track, ...]


@dataclass(frozen=True, slots=True)
class Resolution:
    """A suggestion and the track that it is; ``score`` says how surely, from ``GOOD_MATCH`` to 1."""

    suggestion: Suggestion
    track: Track
    score: float


@dataclass(frozen=True, slots=True)
class Resolved:
    """What became of the suggestions: each is ``found`` or ``dropped``, in the order in which they were given.

    ``unfinished`` are the rooms with a suggestion that was not looked up, because the service could not be asked:
    what was suggested to them before is not outdated by this.
    """

    found: tuple[Resolution, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    unfinished: frozenset[RoomSlug] = frozenset()


@dataclass(slots=True)
class _Service:
    """The account that is asked, for as long as it answers. ``silence``: why it is asked no more."""

    account: Account | None
    silence: str = ""
    refusals: int = 0


@dataclass(slots=True)
class _Run:
    """One call's state: what was answered, what is known by recording keys, and what came out."""

    answers: dict[str, Found]
    liked: frozenset[str]
    in_rooms: Mapping[RoomSlug, frozenset[str]]
    taken: dict[RoomSlug, set[str]] = field(default_factory=dict)
    found: list[Resolution] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    unfinished: set[RoomSlug] = field(default_factory=set)

    def known(self, room: RoomSlug, keys: Iterable[str]) -> str | None:
        """Why a song of these keys is no suggestion for the room; ``None``: it may be one."""
        these = frozenset(keys)
        if not these.isdisjoint(self.liked):
            return "you like it already"
        if not these.isdisjoint(self.in_rooms.get(room, frozenset())):
            return IN_THE_ROOM_ALREADY
        if not these.isdisjoint(self.taken.get(room, set())):
            return "the same song was suggested twice"
        return None


class Resolver:
    """Looks suggestions up, one after the other, with the first account that is logged in."""

    def __init__(self, accounts: Callable[[], Sequence[Account]], store: Store, clock: Clock) -> None:
        self._accounts = accounts
        self._store = store
        self._clock = clock

    async def resolve(
        self,
        suggestions: Sequence[Suggestion],
        *,
        liked: Iterable[Track],
        in_rooms: Mapping[RoomSlug, Sequence[Track]],
        on_progress: Callable[[int], None],
    ) -> Resolved:
        """Every suggestion as a track, or why not.

        ``liked``: all that the owner likes, none of which is ever a suggestion. ``in_rooms``: the tracks that a room
        has, or that were removed from it. ``on_progress`` hears how many suggestions are settled. No ``Trouble`` is
        raised: where the service asks to wait, lacks a login or does not answer, what was found stays found, and the
        rest is dropped as "not looked up". Raises ``StoreDown`` where what was looked up before cannot be read.
        """
        if not suggestions:
            return Resolved()
        service = self._service()
        name = service.account.name if service.account is not None else ""
        keys = list(dict.fromkeys(_search_key(name, one) for one in suggestions))
        since_ms = EpochMs(self._clock.now_ms() - REMEMBERED_MS)
        run = _Run(
            answers=dict(await self._store.lookups(keys, since_ms)),
            liked=await _keys_of(liked),
            in_rooms={room: await _keys_of(tracks) for room, tracks in in_rooms.items()},
        )
        for done, suggestion in enumerate(suggestions, 1):
            await self._settle(run, service, suggestion)
            on_progress(done)
        return Resolved(tuple(run.found), tuple(run.dropped), frozenset(run.unfinished))

    def _service(self) -> _Service:
        accounts = list(self._accounts())
        if not accounts:
            return _Service(None, "no account is set up")
        states = [account.login_state(self._clock.now_ms()) for account in accounts]
        for account, state in zip(accounts, states, strict=True):
            if state.status in _USABLE:
                return _Service(account)
        return _Service(accounts[0], states[0].reason.rstrip(".") or f"{accounts[0].name} needs a login")

    async def _settle(self, run: _Run, service: _Service, suggestion: Suggestion) -> None:
        reason = run.known(suggestion.room, _name_keys(suggestion.name, [suggestion.artist]))
        if reason is not None:
            run.dropped.append(Dropped(suggestion, reason))
            return
        candidates, silence = await self._look_up(run, service, suggestion)
        if candidates is None:
            run.dropped.append(Dropped(suggestion, f"not looked up: {silence}"))
            run.unfinished.add(suggestion.room)
            return
        best, reason = _pick(suggestion, candidates, service.account.name if service.account else "the service")
        if best is not None:
            reason = run.known(suggestion.room, _keys(best.track)) or ""
        if best is None or reason:
            run.dropped.append(Dropped(suggestion, reason))
            return
        run.taken.setdefault(suggestion.room, set()).update(_keys(best.track))
        run.found.append(best)

    async def _look_up(self, run: _Run, service: _Service, suggestion: Suggestion) -> tuple[Found | None, str]:
        """What the service finds, or found lately; ``None`` and why, where it cannot be asked."""
        account = service.account
        key = _search_key(account.name if account is not None else "", suggestion)
        if key in run.answers:
            return run.answers[key], ""
        if account is None or service.silence:
            return None, service.silence
        try:
            found = tuple(await account.search_tracks(suggestion.name, suggestion.artist))
        except Trouble as trouble:
            reason = _silence(account, trouble)
            service.refusals += 1
            if trouble.code not in _FOR_THIS_SEARCH_ALONE or service.refusals >= REFUSALS_IN_A_ROW:
                log.warning("the rest of the suggestions is not looked up: %s", reason)
                service.silence = reason
            return None, reason
        service.refusals = 0
        run.answers[key] = found
        now_ms = self._clock.now_ms()
        try:
            await self._store.put_lookup(key, now_ms, found, EpochMs(now_ms - REMEMBERED_MS))
        except StoreDown as error:
            log.warning("what was looked up is not remembered: %s", error)
        return found, ""


def _pick(suggestion: Suggestion, candidates: Found, service: str) -> tuple[Resolution | None, str]:
    """The best of what was found, or why it is none of it."""
    scored = [(match(suggestion, track), track) for track in candidates]
    good = [(fit, track) for fit, track in scored if fit.is_good]
    playable = [(fit, track) for fit, track in good if track.is_playable]
    if playable:
        fit, track = max(playable, key=lambda one: one[0].score)
        return Resolution(suggestion, track, fit.score), ""
    if good:
        return None, f"{service} may not play it here: {_told(good[0][1])}"
    if not scored:
        return None, f"{service} finds nothing of that name"
    fit, track = max(scored, key=lambda one: (one[0].score, one[0].reason.startswith(_SAYS_WHAT_IT_IS)))
    return None, _why_not(fit, track)


def _why_not(fit: Match, nearest: Track) -> str:
    if fit.reason.startswith(_SAYS_WHAT_IT_IS):
        return f"only {fit.reason}: {_told(nearest)}"
    return f"nothing fits; the nearest is {_told(nearest)} ({fit.reason})"


def _told(track: Track) -> str:
    return f"{_short(track.name)} by {_short(', '.join(track.artists)) or 'nobody'}"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_NAME else text[: _LONGEST_NAME - 1] + "…"


def _silence(account: Account, trouble: Trouble) -> str:
    if trouble.code is TroubleCode.RATE_LIMITED and trouble.retry_after_s is not None:
        return f"{account.name} asks us to wait {_span(trouble.retry_after_s)}"
    return trouble.message.rstrip(".")


def _span(seconds: float) -> str:
    whole = max(1, round(seconds))
    if whole < 120:
        return f"{whole} s"
    return f"{round(whole / 60)} min" if whole < 7200 else f"{round(whole / 3600)} h"


def _search_key(service: str, suggestion: Suggestion) -> str:
    return "\n".join((service, _folded(suggestion.name), _folded(suggestion.artist)))


def _folded(text: str) -> str:
    return (fold(text) or text)[:200]


async def _keys_of(tracks: Iterable[Track]) -> frozenset[str]:
    keys: set[str] = set()
    for number, track in enumerate(tracks):
        keys |= _keys(track)
        if number % _AT_ONCE == 0:  # a library of 20,000 songs takes a second to fold: the music must not wait for it
            await asyncio.sleep(0)
    return frozenset(keys)


def _keys(track: Track) -> frozenset[str]:
    """As ``recording_keys``, but under the name of every credited artist: listings change their order."""
    return recording_keys(track) | _name_keys(track.name, track.artists[1:])


def _name_keys(name: str, artists: Sequence[str]) -> frozenset[str]:
    keys = (name_key(name, artist) for artist in artists)
    return frozenset(f"name:{key}" for key in keys if key is not None)
