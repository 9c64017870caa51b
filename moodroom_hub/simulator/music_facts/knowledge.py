"""What the make-believe services know: the catalogue's songs as recordings, releases and covers. Ids are made up."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from moodroom_hub.domain.models import Track
from moodroom_hub.domain.recording import normal_artist, normal_name
from moodroom_hub.simulator.catalogue import songs

_LABELS: Final = ("Hollow Sleeve", "Night Bus Records", "Third Groove", "Paper Moon")
_GENRES: Final = {
    "late-night": ("r&b", "soul"),
    "throwback-pop": ("pop", "dance-pop"),
    "house": ("house", "electronic"),
    "rage": ("trap", "hip hop"),
    "throwback-rap": ("hip hop", "east coast hip hop"),
    "after-hours": ("alternative r&b", "electronic"),
}
_PERIOD: Final = 7
"""Of so many songs one is special in each way: no cover, no ISRC, genres of its group alone."""


def made_up_mbid(*words: str) -> str:
    """A stable id of the shape of an MBID for these words."""
    digits = hashlib.sha256("\x1f".join(words).encode("utf-8", "replace")).hexdigest()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32]))


@dataclass(frozen=True, slots=True)
class KnownRelease:
    """One release."""

    mbid: str
    title: str
    date: str
    label: str | None
    primary_type: str = "Album"
    secondary_types: tuple[str, ...] = ()
    genres: tuple[tuple[str, int], ...] = ()
    has_cover: bool = True


@dataclass(frozen=True, slots=True)
class KnownRecording:
    """One recording with its releases; genres with their votes."""

    mbid: str
    title: str
    artists: tuple[str, ...]
    length_ms: int | None
    isrcs: tuple[str, ...]
    releases: tuple[KnownRelease, ...]
    genres: tuple[tuple[str, int], ...] = ()
    artist_mbid: str = ""

    @property
    def first_artist_mbid(self) -> str:
        """Made up of the name where none is given."""
        return self.artist_mbid or made_up_mbid("artist", self.artists[0])


@dataclass(slots=True)
class MusicKnowledge:
    """All recordings; tests add their own."""

    recordings: list[KnownRecording] = field(default_factory=list)
    namesakes: list[tuple[str, str]] = field(default_factory=list)
    """MBIDs and names of artists beside those of the recordings."""

    @classmethod
    def of_catalogue(cls, seed: int = 0) -> "MusicKnowledge":
        """Every song of the catalogue, some with a live recording under the same ISRC, some without an ISRC."""
        chance = Random(seed)
        offset = chance.randrange(_PERIOD)
        known: dict[str, KnownRecording] = {}
        extra: list[KnownRecording] = []
        for number, song in enumerate(songs(), offset):
            if song.uri in known:
                continue
            genres = tuple((name, 9 - place) for place, name in enumerate(_GENRES.get(song.room or "", ("pop",))))
            album = KnownRelease(
                made_up_mbid("release", song.album, song.artists[0]),
                song.album,
                f"{song.year}-05-04",
                _LABELS[number % len(_LABELS)],
                genres=genres,
                has_cover=number % _PERIOD != 1,
            )
            later = KnownRelease(
                made_up_mbid("hits", song.album, song.artists[0]),
                f"The Best of {song.artists[0]}",
                f"{song.year + 9}",
                None,
                secondary_types=("Compilation",),
            )
            isrcs = () if number % _PERIOD == 2 else (song.isrc,)
            mbid = made_up_mbid("recording", song.uri)
            own_genres = () if number % _PERIOD == 3 else (*genres, ("voted down", -2))
            known[song.uri] = KnownRecording(
                mbid, song.name, song.artists, song.duration_ms, isrcs, (later, album), own_genres
            )
            if number % _PERIOD == 4:
                title = f"{song.name} (live)"
                live = KnownRelease(
                    made_up_mbid("live", song.uri), "Live", f"{song.year - 1}", None, secondary_types=("Live",)
                )
                extra.append(
                    KnownRecording(
                        made_up_mbid("live recording", song.uri),
                        title,
                        song.artists,
                        song.duration_ms + 41_000,
                        isrcs,
                        (live,),
                    )
                )
        return cls([*known.values(), *extra])

    def by_isrc(self, isrc: str) -> Sequence[KnownRecording]:
        """Every recording that has it."""
        return [recording for recording in self.recordings if isrc in recording.isrcs]

    def release(self, mbid: str) -> tuple[KnownRelease, KnownRecording] | None:
        """A release, and a recording on it."""
        for recording in self.recordings:
            for release in recording.releases:
                if release.mbid == mbid:
                    return release, recording
        return None

    def named(self, title: str, artist: str) -> Sequence[KnownRecording]:
        """What a lenient search finds for these words: the same title, live or not, of this artist or of any."""
        name, performer = normal_name(title), normal_artist(artist)
        return [
            recording
            for recording in self.recordings
            if name
            and name in normal_name(recording.title)
            and any(performer in normal_artist(each) for each in recording.artists)
        ]

    def artists_named(self, words: str) -> Sequence[tuple[str, str]]:
        """MBIDs and names of all whose name holds these words, the closest first."""
        wanted = normal_artist(words).split()
        names = {name for recording in self.recordings for name in recording.artists}
        fitting = [name for name in names if wanted and set(wanted) <= set(normal_artist(name).split())]
        found = [(self._mbid_of(name), name) for name in sorted(fitting, key=lambda name: (len(name), name))]
        return [*found, *((mbid, name) for mbid, name in self.namesakes if normal_artist(name) == normal_artist(words))]

    def near(self, mbid: str) -> Sequence[tuple[str, int]]:
        """Who shares most genres with the artist of this id, and how many votes they share; most first."""
        votes = self._votes()
        own = next((genres for name, genres in votes.items() if self._mbid_of(name) == mbid), None)
        if own is None:
            return []
        shared = {name: sum((own & genres).values()) for name, genres in votes.items() if self._mbid_of(name) != mbid}
        ordered = sorted(shared.items(), key=lambda pair: (-pair[1], pair[0]))
        return [(name, score) for name, score in ordered if score > 0]

    def _votes(self) -> dict[str, Counter[str]]:
        found: dict[str, Counter[str]] = {}
        for recording in self.recordings:
            votes = found.setdefault(recording.artists[0], Counter())
            for release in recording.releases:
                votes.update(dict(release.genres))
        return found

    def _mbid_of(self, name: str) -> str:
        return made_up_mbid("artist", name)

    def add(self, track: Track, **changes: object) -> KnownRecording:
        """Know a track as one recording on one release; ``changes`` are fields of the recording."""
        release = KnownRelease(
            made_up_mbid("release", track.album or track.name), track.album or track.name, "2001-02-03", "A Label"
        )
        fields: dict[str, object] = {
            "mbid": made_up_mbid("recording", track.uri),
            "title": track.name,
            "artists": track.artists,
            "length_ms": track.duration_ms,
            "isrcs": (track.isrc,) if track.isrc else (),
            "releases": (release,),
        }
        recording = KnownRecording(**{**fields, **changes})  # type: ignore[arg-type]  # fields by name, for tests
        self.recordings.append(recording)
        return recording
