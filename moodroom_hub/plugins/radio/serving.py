"""What comes next on a station, for players that the hub does not see. Nothing is remembered of anybody.

Every request tells its whole session: each track that was played, and for how long. The answer follows from the
station, the model and the request alone, so that any number of readers of one model file, in any number of processes,
answer alike. What is served to others teaches the hub's own stations nothing.
"""

import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final, Protocol

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.stations import NextTrack, PlayedOut
from moodroom_hub.domain.models import Track, Uri
from moodroom_hub.domain.stations.choosing import Choice, Company, Ranked, upcoming
from moodroom_hub.domain.stations.hearing import opinion_of_share
from moodroom_hub.domain.stations.models import Station, VoteKind, VoteRule
from moodroom_hub.plugins.radio.names import artist_key
from moodroom_hub.plugins.radio.ranking import MOST_VOTES, Leaning, Model, Order, in_a_row, ordered

MOST_PLAYED: Final = 500
MOST_NEXT: Final = 50
LONGEST_TRACK_S: Final = 86_400.0
ROUNDS: Final = 5
"""So often at most the session is gone through again, as what was liked in it leads to artists who come in it later."""
FINDS: Final = 3
SERVICE: Final = "spotify:track:"
_LINK: Final = re.compile(r"https?://open\.spotify\.com/(?:intl-[a-z]{2}/)?track/([0-9A-Za-z]+)(?:[?#].*)?", re.DOTALL)

Rank = Callable[[Station, Leaning], Order]
"""Who fits a station, for somebody who leans so."""


class Candidates(Protocol):
    """What artists have made, as far as it was found before. ``Tracks`` is this; nobody is asked for more."""

    async def recall(self, keys: Sequence[str]) -> None:
        """Take into memory what was found of these artists before."""
        ...

    def held(self, keys: Iterable[str]) -> Mapping[str, Sequence[Track]]:
        """What is in memory of them; an artist who is missing is not known yet."""
        ...


async def _find_nothing(artists: Sequence[Ranked]) -> None:
    """For readers that cannot look anything up."""


def _no_word(station: Station, artist: Ranked) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Threshold:
    """What ``VoteRule.SKIP`` goes by, seconds: left before ``skip_s`` is a dislike, heard to within ``margin_s`` of
    the end a like."""

    skip_s: float = 30.0
    margin_s: float = 8.0


@dataclass(frozen=True, slots=True)
class Served:
    """What comes next, and what was made of the session.

    ``unknown``: ids of played tracks that nothing is known of; they count for nothing, and never come again.
    ``likes``, ``dislikes``: how many of the session's tracks count so. ``wanted``: artists whose tracks nobody has
    looked up yet, and who would have come. ``drift`` as in ``StationView``.
    """

    tracks: tuple[NextTrack, ...]
    unknown: tuple[str, ...] = ()
    likes: int = 0
    dislikes: int = 0
    wanted: tuple[str, ...] = ()
    drift: float | None = None


@dataclass(frozen=True, slots=True)
class _Session:
    """Played tracks with what each says; ``None`` for a track that nothing is known of."""

    played: tuple[tuple[Uri, Track | None, VoteKind | None], ...]

    def leaning(self) -> Leaning:
        likes = self._artists(VoteKind.LIKE)
        dislikes = self._artists(VoteKind.DISLIKE)
        row = in_a_row([kind for _, track, kind in self.played if track is not None])
        return Leaning(likes[-MOST_VOTES:], dislikes[-MOST_VOTES:], row)

    def _artists(self, kind: VoteKind) -> tuple[str, ...]:
        return tuple(track.artists[0] for _, track, said in self.played if said is kind and track and track.artists)

    def missing(self) -> set[Uri]:
        return {uri for uri, track, _ in self.played if track is None}


class Serving:
    """Answers from what it is given, and keeps nothing: one may serve everybody, and two answer as one.

    ``find`` looks up tracks of artists, so that ``candidates`` hold them, or gives up after a while of its own choice;
    it is called ``FINDS`` times in one answer at most. ``why`` gives a line for a track.
    """

    def __init__(
        self,
        rank: Rank,
        candidates: Candidates,
        threshold: Threshold = Threshold(),
        *,
        find: Callable[[Sequence[Ranked]], Awaitable[None]] = _find_nothing,
        why: Callable[[Station, Ranked], str] = _no_word,
    ) -> None:
        self._rank = rank
        self._candidates = candidates
        self._threshold = threshold
        self._find = find
        self._why = why

    async def next(
        self, station: Station, played: Sequence[PlayedOut], count: int = 5, never: Collection[str] = ()
    ) -> Served:
        """``played``: the whole session, oldest first. ``never``: keys (``choosing.keys_of``) of what must not come.

        Raises ``Trouble`` (``BAD_REQUEST``) for what is no session. Fewer than ``count`` tracks where no more are
        known.
        """
        check(played, count)
        session = _Session(
            tuple((uri_of(each.track_id), None, said(each, station, self._threshold)) for each in played)
        )
        session, order = await self._resolved(station, session)
        recent = tuple(track for _, track, _ in session.played if track is not None)
        gone = frozenset(never) | {f"uri:{uri}" for uri, _, _ in session.played}
        choices, wanted = await self._chosen(station, order, Company(recent=recent, never=gone), count)
        kinds = [kind for _, track, kind in session.played if track is not None]
        missing = session.missing()
        return Served(
            tracks=tuple(self._told(station, choice.artist, choice.track) for choice in choices if choice.track),
            unknown=tuple(dict.fromkeys(each.track_id for each in played if uri_of(each.track_id) in missing)),
            likes=kinds.count(VoteKind.LIKE),
            dislikes=kinds.count(VoteKind.DISLIKE),
            wanted=tuple(dict.fromkeys(artist.name for artist in wanted)),
            drift=order.drift,
        )

    async def _resolved(self, station: Station, session: _Session) -> tuple[_Session, Order]:
        """Whatever was played for the station came from artists who fit it, as the session stood then."""
        order = self._rank(station, session.leaning())
        seen: set[str] = set()
        for _ in range(ROUNDS):
            missing = session.missing()
            fresh = [artist.key for artist in order.artists if artist.key not in seen]
            if not missing or not fresh:
                break
            seen.update(fresh)
            await self._candidates.recall(fresh)
            held = self._candidates.held(fresh)
            found = {track.uri: track for tracks in held.values() for track in tracks if track.uri in missing}
            if found:
                session = _Session(tuple((uri, track or found.get(uri), kind) for uri, track, kind in session.played))
                order = self._rank(station, session.leaning())
        return session, order

    async def _chosen(
        self, station: Station, order: Order, company: Company, count: int
    ) -> tuple[Sequence[Choice], Sequence[Ranked]]:
        """The choices, and the artists who would have been among them if anything were known of theirs."""
        held = dict(self._candidates.held(artist.key for artist in order.artists))
        wanted: list[Ranked] = []
        finds = FINDS
        while True:
            choices = _upcoming(station, order, held, company, count)
            missing = list({each.artist.key: each.artist for each in choices if each.track is None}.values())
            if not missing:
                return choices, wanted
            keys = [artist.key for artist in missing]
            await self._candidates.recall(keys)
            found = self._candidates.held(keys)
            if len(found) < len(keys) and finds:
                finds -= 1
                await self._find([artist for artist in missing if artist.key not in found])
                found = self._candidates.held(keys)
            wanted.extend(artist for artist in missing if artist.key not in found)
            # Who is not found counts as having nothing, for this answer: so this ends.
            held.update((key, found.get(key, ())) for key in keys)

    def _told(self, station: Station, artist: Ranked, track: Track) -> NextTrack:
        return NextTrack(track, self._why(station, artist), artist.link, artist.score)


def rank_by(model: Model) -> Rank:
    """By a model alone: for readers of its file that know no hub and no owner."""

    def rank(station: Station, leaning: Leaning) -> Order:
        return ordered(model, station, leaning, frozenset()) or Order((), unknown=tuple(_artists_of(station)))

    return rank


def check(played: Sequence[PlayedOut], count: int) -> None:
    """Raises ``Trouble`` (``BAD_REQUEST``) for what is no session, or asks for too much."""
    if not 1 <= count <= MOST_NEXT:
        raise _bad(f"From 1 to {MOST_NEXT} tracks can be asked for.")
    if len(played) > MOST_PLAYED:
        raise _bad(f"A session has {MOST_PLAYED} tracks at most: leave out the oldest.")
    for number, each in enumerate(played, 1):
        if not isfinite(each.length_seconds) or not 0 < each.length_seconds <= LONGEST_TRACK_S:
            raise _bad(f"Track {number} of the session is of no length that a track can have.")
        if not isfinite(each.play_seconds) or not 0 <= each.play_seconds <= LONGEST_TRACK_S:
            raise _bad(f"Track {number} of the session was played for no time that there can be.")


def said(played: PlayedOut, station: Station, threshold: Threshold) -> VoteKind | None:
    """What a track of a session says by the station's own rule; ``None``: nothing."""
    if station.tuning.rule is VoteRule.SHARE:
        opinion = opinion_of_share(played.play_seconds, played.length_seconds)
        return None if opinion is None else opinion.kind
    if played.play_seconds >= max(0.0, played.length_seconds - threshold.margin_s):
        return VoteKind.LIKE
    return VoteKind.DISLIKE if played.play_seconds < threshold.skip_s else None


def uri_of(track_id: str) -> Uri:
    """A track's uri by its bare id, its uri or its link."""
    text = track_id.strip()
    link = _LINK.fullmatch(text)
    if link is not None:
        return Uri(SERVICE + link[1])
    return Uri(text if ":" in text else SERVICE + text)


def _upcoming(
    station: Station, order: Order, held: Mapping[str, Sequence[Track]], company: Company, count: int
) -> Sequence[Choice]:
    return upcoming(
        order.artists,
        held,
        company,
        chance=station.chance,
        adventure=station.tuning.adventure,
        count=count,
        key_of=artist_key,
    )


def _artists_of(station: Station) -> Mapping[str, None]:
    return dict.fromkeys(seed.artist for seed in station.seeds)


def _bad(message: str) -> Trouble:
    return Trouble(TroubleCode.BAD_REQUEST, message)
