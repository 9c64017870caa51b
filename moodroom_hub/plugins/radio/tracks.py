"""From an artist to tracks: looked up at the account's service, politely, and remembered for a month."""

import json
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import HubFace
from moodroom_hub.core.lookups import Lookups, ServiceAway
from moodroom_hub.core.ports import Catalogue
from moodroom_hub.domain.models import DurationMs, EpochMs, Track, Uri
from moodroom_hub.domain.stations.versions import is_imitator, one_of_each
from moodroom_hub.plugins.radio.looking import usable_account
from moodroom_hub.plugins.radio.names import artist_key

log = logging.getLogger(__name__)

KIND: Final = "radio_tracks"
KEEP_MS: Final = DurationMs(30 * 86_400_000)
KEEP_NOTHING_MS: Final = DurationMs(3 * 86_400_000)
MOST_KEPT: Final = 10_000
HELD: Final = 400
"""Artists whose tracks are held in memory, those that were wanted last."""
PAGES: Final = 3
ENOUGH: Final = 6
"""With so many songs no further page is asked for."""
TOO_FEW: Final = 3
"""With fewer the artist's albums are looked at."""
ALBUMS: Final = 3
MOST_TRACKS: Final = 20
REST_MS: Final = 5 * 60_000
"""An artist who could not be looked up is left alone for so long, and so is the service after a failure."""
SPENT_REST_MS: Final = 60_000
LONGEST_REST_MS: Final = 3_600_000
HOUR_MS: Final = 3_600_000
SPENT: Final = "the requests that may be spent on looking for tracks are spent for now"


class Allowance:
    """So many requests in any ``span_ms``."""

    def __init__(self, clock: Clock, most: int, span_ms: int = HOUR_MS) -> None:
        self._clock = clock
        self._most = most
        self._span_ms = span_ms
        self._spent: list[EpochMs] = []

    @property
    def left(self) -> int:
        """How many may be spent now."""
        since_ms = self._clock.now_ms() - self._span_ms
        self._spent = [at_ms for at_ms in self._spent if at_ms > since_ms]
        return max(0, self._most - len(self._spent))

    @property
    def is_half_left(self) -> bool:
        """Whether there is something left for what nobody waits for."""
        return 2 * self.left > self._most

    @property
    def trouble(self) -> str:
        """That nothing is left, and for how long; empty while something is."""
        if self.left:
            return ""
        if not self._spent:
            return SPENT  # there are none at all
        wait_ms = self._spent[0] + self._span_ms - self._clock.now_ms()
        return f"{SPENT}; some may be again in {max(1, round(wait_ms / 60_000))} min"

    def spend(self) -> None:
        """One request goes out. Raises ``ServiceAway`` where none may."""
        if self.left == 0:
            raise ServiceAway(SPENT)
        self._spent.append(self._clock.now_ms())


class Tracks:
    """What artists have made: one version of each song, no karaoke, at most ``MOST_TRACKS`` an artist."""

    def __init__(self, hub: Callable[[], HubFace], clock: Clock) -> None:
        self._hub = hub
        self._clock = clock
        self._held: OrderedDict[str, tuple[Track, ...]] = OrderedDict()
        self._resting: dict[str, EpochMs] = {}
        self._away_until_ms = EpochMs(0)
        self._lookups: Lookups | None = None
        self.trouble = ""
        """Why the service is not asked now."""

    @property
    def is_away(self) -> bool:
        """Whether nobody can be asked now: the service is away, nobody is logged in, or the requests are spent."""
        return self._away_until_ms > self._clock.now_ms()

    def held(self, keys: Iterable[str]) -> Mapping[str, Sequence[Track]]:
        """What is known of these artists now; one whom nobody may ask for now counts as having nothing."""
        now_ms = self._clock.now_ms()
        known: dict[str, Sequence[Track]] = {}
        is_away = self.is_away
        for key in keys:
            if key in self._held:
                known[key] = self._held[key]
            elif is_away or self._resting.get(key, 0) > now_ms:
                known[key] = ()
        return known

    async def recall(self, keys: Sequence[str]) -> None:
        """Take into memory what was found before; asks no service."""
        missing = [key for key in keys if key not in self._held]
        if not missing:
            return
        try:
            kept = await self._hub().findings.get(KIND, missing)
        except Trouble:
            return
        for key, text in kept.items():
            self._hold(key, text)

    async def find(self, name: str, allowance: Allowance) -> Sequence[Track] | None:
        """What this artist has made; ``None`` where that cannot be known now. May wait for the service for long."""
        key = artist_key(name)
        known = self.held([key]).get(key)
        if known is not None or not key:
            return known
        if self._lookups is None:
            self._lookups = Lookups(
                self._hub().findings, KIND, keep_ms=KEEP_MS, keep_nothing_ms=KEEP_NOTHING_MS, most=MOST_KEPT
            )
        text = await self._lookups.find(key, lambda: self._ask(name, key, allowance), None)
        if text is None:
            self._resting[key] = EpochMs(self._clock.now_ms() + REST_MS)
            return None
        return self._hold(key, text)

    async def close(self) -> None:
        """End what is under way."""
        if self._lookups is not None:
            await self._lookups.close()

    def _hold(self, key: str, text: str) -> tuple[Track, ...]:
        tracks = self._held[key] = read_tracks(text)
        self._held.move_to_end(key)
        while len(self._held) > HELD:
            self._held.popitem(last=False)
        self._resting.pop(key, None)
        return tracks

    async def _ask(self, name: str, key: str, allowance: Allowance) -> str:
        if is_imitator(name):
            return ""
        if self.is_away:
            raise ServiceAway(self.trouble)
        try:
            found = await _songs_of(self._catalogue(), name, key, allowance)
        except Trouble as trouble:
            wait_ms = REST_MS if trouble.retry_after_s is None else int(trouble.retry_after_s * 1000) + 1
            self._rest(trouble.message, min(wait_ms, LONGEST_REST_MS))
            raise ServiceAway(trouble.message) from None
        except ServiceAway as away:
            self._rest(str(away), SPENT_REST_MS)
            raise
        if not self.is_away:  # else another, asked beside this one, has just been refused
            self.trouble = ""
        return write_tracks(found)

    def _catalogue(self) -> Catalogue:
        account = usable_account(self._hub(), self._clock)
        if account is None:
            raise ServiceAway("nobody is logged in: moodroom-hub login")
        if not isinstance(account, Catalogue):
            raise ServiceAway(f"{account.name} cannot be asked for an artist's tracks")
        return account

    def _rest(self, reason: str, wait_ms: int) -> None:
        self._away_until_ms = EpochMs(self._clock.now_ms() + wait_ms)
        if self.trouble != reason:
            log.info("no tracks are looked for now: %s", reason)
        self.trouble = reason


async def _songs_of(catalogue: Catalogue, name: str, key: str, allowance: Allowance) -> Sequence[Track]:
    """Theirs alone, one version a song, in the service's order."""
    found: list[Track] = []
    for page in range(PAGES):
        if page and not allowance.left:
            break  # what the first one gave is something
        allowance.spend()
        tracks = await catalogue.artist_tracks(name, page)
        found.extend(track for track in tracks if key in map(artist_key, track.artists))
        if not tracks or len(one_of_each(found)) >= ENOUGH:
            break
    if len(one_of_each(found)) < TOO_FEW:
        found.extend(await _of_albums(catalogue, name, key, allowance))
    # Guests' appearances come last: they are others' songs, and votes on them would be others' votes.
    return sorted(one_of_each(found), key=lambda track: artist_key(track.artists[0]) != key)[:MOST_TRACKS]


async def _of_albums(catalogue: Catalogue, name: str, key: str, allowance: Allowance) -> list[Track]:
    try:
        allowance.spend()
        artist = await catalogue.find_artist(name)
        if artist is None:
            return []
        allowance.spend()
        found: list[Track] = []
        for album in (await catalogue.artist_albums(artist.id))[:ALBUMS]:
            allowance.spend()
            found.extend(await catalogue.album_tracks(album))
    except ServiceAway:
        return []  # what the search gave is something
    except Trouble as trouble:
        if trouble.code is TroubleCode.NOT_FOUND:
            return []
        raise
    return [track for track in found if key in map(artist_key, track.artists)]


def write_tracks(tracks: Sequence[Track]) -> str:
    """As text; empty for none."""
    rows = [
        [each.uri, each.name, list(each.artists), each.duration_ms, each.isrc, each.album, each.year, each.artwork_url]
        for each in tracks
    ]
    # In ASCII: whatever half characters a title holds, every database takes it.
    return json.dumps(rows, separators=(",", ":")) if rows else ""


def read_tracks(text: str) -> tuple[Track, ...]:
    """What ``write_tracks`` wrote; nothing of what is none."""
    try:
        return tuple(_track(row) for row in json.loads(text)) if text else ()
    except (ValueError, TypeError):
        return ()


def _track(row: Sequence[object]) -> Track:
    uri, name, artists, duration_ms, isrc, album, year, artwork_url = row
    if not isinstance(uri, str) or not isinstance(name, str) or not isinstance(artists, list):
        raise TypeError
    return Track(
        uri=Uri(uri),
        name=name,
        artists=tuple(str(artist) for artist in artists),
        duration_ms=DurationMs(duration_ms) if isinstance(duration_ms, int) else None,
        isrc=isrc if isinstance(isrc, str) else None,
        album=album if isinstance(album, str) else None,
        year=year if isinstance(year, int) else None,
        artwork_url=artwork_url if isinstance(artwork_url, str) else None,
    )
