"""Songs as a listener counts them: live takes, remasters, sped-up copies and karaoke of a song are that song again.

``domain.recording`` tells recordings apart, and so it must: a live take is another recording, with strikes of its own.
A station asks something else: has this song just been heard, in whatever version?
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from moodroom_hub.domain.models import Track
from moodroom_hub.domain.recording import fold, is_harmless_addition, normal_artist, normal_name, title_parts

_IMITATIONS: Final = (
    "karaoke version",
    "karaoke instrumental",
    "tribute to",
    "in the style of",
    "originally performed by",
    "made famous by",
    "made popular by",
    "as made famous",
    "cover version",
    "backing track",
    "lullaby rendition",
    "lullaby version",
    "sing along version",
    "8 bit version",
    "ringtone",
)
"""Words of a title or an album that say so. The bare ``karaoke`` and ``tribute`` may just be what a song is called."""
_IMITATING_ARTISTS: Final = (
    "karaoke",
    "tribute to",
    "tribute band",
    "tribute crew",
    "tribute players",
    "cover crew",
    "covers band",
    "cover nation",
    "sing2piano",
    "party tyme",
    "zoom karaoke",
    "rockabye baby",
    "vitamin string quartet",
    "piano dreamers",
    "lullaby players",
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_IMITATION: Final = re.compile(rf"\b(?:{'|'.join(_IMITATIONS)})\b")
_IMITATING_ARTIST: Final = re.compile(rf"\b(?:{'|'.join(_IMITATING_ARTISTS)})\b")
_COPIES: Final = frozenset({"karaoke", "tribute"})
"""Behind a title, these say it alone."""
_OTHER_TAKES: Final = _words(
    "live unplugged concert demo demos rehearsal outtake outtakes instrumental karaoke cover slowed reverb nightcore "
    "sped chopped screwed 8d acapella cappella commentary tribute"
)
"""What sounds unlike the song as people know it."""
_VERSIONS: Final = _OTHER_TAKES | _words(
    "acoustic session sessions alternate stripped orchestral symphonic piano remix rmx mix remixed rework reworked vip "
    "bootleg dub edit extended club version ver reprise remaster remastered rerecorded recorded mono stereo mashup flip"
)
_TAIL_TAKES: Final = (
    "sped up version",
    "sped up",
    "slowed down",
    "slowed and reverb",
    "slowed reverb",
    "super slowed",
    "slowed",
    "nightcore",
    "karaoke version",
    "karaoke",
    "instrumental version",
    "acoustic version",
    "live version",
)
"""People write these without brackets, too; a title that ends in the bare ``live`` may just be called so."""


def song_key(track: Track) -> str | None:
    """What all versions of a song by one artist have in common; ``None`` where the track says too little."""
    artist = normal_artist(track.artists[0]) if track.artists else ""
    song = song_name(track.name)
    return f"{song}\n{artist}" if song and artist else None


@lru_cache(maxsize=16_384)
def song_name(title: str) -> str:
    """The name of the song behind a title; additions that are no versions (``Pt. 2``) stay."""
    head, notes = title_parts(title)
    words = [_without_tail(fold(head)), *(fold(note) for note in notes if not is_version(note))]
    return " ".join(word for word in words if word) or normal_name(title)


def is_version(note: str) -> bool:
    """Whether an addition to a title tells of another version of the song, or of guests."""
    return is_harmless_addition(note) or not _VERSIONS.isdisjoint(fold(note).split())


def is_other_take(track: Track) -> bool:
    """Whether it is a version that sounds unlike the song as people know it: live, sped up, a demo."""
    head, notes = title_parts(track.name)
    folded = fold(head)
    return _without_tail(folded) != folded or any(not _OTHER_TAKES.isdisjoint(fold(note).split()) for note in notes)


def is_imitation(track: Track) -> bool:
    """Whether it is karaoke, a tribute or a copy made to be found in place of the song. A station plays none."""
    return _imitates(track.name) or any(map(is_imitator, track.artists)) or _imitates(track.album or "")


@lru_cache(maxsize=4_096)
def is_imitator(artist: str) -> bool:
    """Whether an artist's name says that they play other people's songs."""
    return _IMITATING_ARTIST.search(fold(artist)) is not None


@lru_cache(maxsize=16_384)
def _imitates(title: str) -> bool:
    is_said = _IMITATION.search(fold(title)) is not None
    return is_said or any(not _COPIES.isdisjoint(fold(note).split()) for note in title_parts(title)[1])


def one_of_each(tracks: Iterable[Track]) -> tuple[Track, ...]:
    """One version of every song, in the order of the songs: the plain one before remasters, these before other takes.

    Imitations are left out, and so are other takes (live, sped up) unless nothing else is left.
    """
    best: dict[str, tuple[int, Track]] = {}
    for track in tracks:
        key = song_key(track)
        if key is None or not track.is_playable or is_imitation(track):
            continue
        rank = _plainness(track)
        if key not in best or rank < best[key][0]:
            # The place in the order is the song's: a dict keeps it.
            best[key] = (rank, track)
    plain = tuple(track for rank, track in best.values() if rank < _TAKE)
    return plain or tuple(track for _, track in best.values())


_TAKE: Final = 2


def _plainness(track: Track) -> int:
    if is_other_take(track):
        return _TAKE
    return 1 if any(not _names_guests(note) for note in title_parts(track.name)[1]) else 0


def _names_guests(note: str) -> bool:
    words = fold(note).split()
    return not words or words[0] in {"feat", "ft", "featuring", "with"}


def _without_tail(folded: str) -> str:
    for tail in _TAIL_TAKES:
        if folded.endswith(f" {tail}"):
            return folded[: -len(tail) - 1]
    return folded
