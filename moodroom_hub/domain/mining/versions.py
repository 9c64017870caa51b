"""What kind of version a title says it is, and how far that is from the song that somebody means."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from moodroom_hub.domain.mining.spelling import words_of


class Kind(StrEnum):
    """A kind of version, as it is told to a person."""

    KARAOKE = "a karaoke version"
    TRIBUTE = "a cover or tribute"
    SPEED = "a sped-up or slowed version"
    TOY = "a lullaby, ringtone or workout version"
    COMMENTARY = "spoken commentary"
    INSTRUMENTAL = "an instrumental"
    LIVE = "a live version"
    REMIX = "a remix"
    ACOUSTIC = "an acoustic version"
    PIANO = "a piano version"
    ORCHESTRA = "an orchestral version"
    VOICES = "a version for voices alone"
    DEMO = "a demo or outtake"
    FRAGMENT = "an interlude or reprise"
    LANGUAGE = "a version in another language"
    MIXED = "a part of a DJ mix"
    EXTENDED = "an extended version"
    ANEW = "a re-recording"
    EDIT = "an edit"
    OTHER = "another version"


@dataclass(frozen=True, slots=True)
class _Rule:
    """``factor``: what is left of the score where nobody asked for this kind. ``phrases`` are folded words."""

    kind: Kind
    factor: float
    phrases: tuple[str, ...]


def _rule(kind: Kind, factor: float, phrases: str) -> _Rule:
    return _Rule(kind, factor, tuple(f" {phrase.strip()} " for phrase in phrases.split("|")))


_RULES = (
    _rule(Kind.KARAOKE, 0.0, "karaoke|backing track|sing along|singalong|minus one|no vocals|without vocals"),
    _rule(
        Kind.TRIBUTE,
        0.0,
        "tribute|in the style of|originally performed by|originally by|as performed by|made famous by|made popular by"
        "|cover|covers|covered by|cover version|as heard in|reprised",
    ),
    _rule(
        Kind.SPEED,
        0.0,
        "sped up|speed up|speeded up|spedup|sped|slowed|slowed down|nightcore|daycore|8d|8d audio|reverb|chopped"
        "|screwed|bass boosted|pitched|hyperspeed|tiktok version|fast version|slow version",
    ),
    _rule(Kind.TOY, 0.0, "lullaby|music box|8 bit|16 bit|ringtone|workout|fitness|kidz bop|for babies|lofi|lo fi"),
    _rule(Kind.COMMENTARY, 0.0, "commentary|track by track|interview|spoken|voice note|voice memo|audiobook"),
    _rule(Kind.INSTRUMENTAL, 0.2, "instrumental|instrumentals|inst|off vocal"),
    _rule(
        Kind.LIVE,
        0.45,
        "live|unplugged|in concert|concert|session|sessions|tiny desk|live lounge|spotify singles|en vivo|en directo"
        "|ao vivo|en concert|en public|in session|recorded at|recorded live",
    ),
    _rule(Kind.ACOUSTIC, 0.45, "acoustic|acustico|acustica|acoustique|akustik|stripped|stripped down|campfire"),
    _rule(Kind.PIANO, 0.45, "piano"),
    _rule(Kind.ORCHESTRA, 0.45, "orchestral|orchestra|symphonic|symphony|strings|string quartet|philharmonic"),
    _rule(Kind.VOICES, 0.45, "a cappella|acapella|a capella|choir"),
    _rule(
        Kind.DEMO, 0.45, "demo|demos|outtake|outtakes|rehearsal|take|alternate|alternative|early|rough mix|work tape"
    ),
    _rule(Kind.FRAGMENT, 0.45, "interlude|intro|outro|reprise|skit|prelude|snippet|excerpt|medley"),
    _rule(
        Kind.LANGUAGE,
        0.45,
        "spanish|german|french|italian|portuguese|japanese|korean|chinese|english|espanol|espanola|deutsch|francaise",
    ),
    _rule(Kind.MIXED, 0.6, "mixed"),
    _rule(Kind.EXTENDED, 0.6, "extended|12 inch|12 mix|12 version|long version|full length|club version"),
    _rule(
        Kind.REMIX,
        0.45,
        "remix|remixed|remixes|rmx|mix|dub|rework|reworked|bootleg|flip|vip|redux|refix|mashup|mash up|re edit|remode"
        "|reimagined|dub mix|club|retouch|mixshow",
    ),
    _rule(Kind.ANEW, 0.86, "taylors version"),
    _rule(Kind.ANEW, 0.65, "re recorded|rerecorded|re recording|rerecording|new recording|re record"),
    _rule(
        Kind.EDIT, 0.9, "short edit|short version|video version|video edit|radio version|radio|single edit|film version"
    ),
    _rule(Kind.REMIX, 0.6, "edit"),
    _rule(Kind.OTHER, 0.65, "version|ver|recording"),
)
_PLAIN_EDIT = ("edit",)
_WAYS_OF_PLAYING = frozenset({Kind.ACOUSTIC, Kind.PIANO, Kind.ORCHESTRA, Kind.VOICES})
_SAYS_LITTLE = frozenset(
    words_of(
        "the a an at in on of by from for to with and s version ver mix remix edit rmx dub live acoustic "
        "remaster remastered original official audio"
    )
)
_ALBUM_IS_LIVE = re.compile(r" (?:live (?:at|in|from|on)|unplugged|in concert) ")
_ALBUM_IS_NO_ORIGINAL = re.compile(
    r" (?:karaoke|in the style of|originally performed by|made famous by|tribute to|lullaby|workout|nightcore|sped up) "
)
ALBUM_FACTOR = 0.55


@dataclass(frozen=True, slots=True)
class Version:
    """One addition to a title. ``whose`` are the words that say whose remix, or where it was played."""

    kind: Kind
    factor: float
    whose: frozenset[str]


@lru_cache(maxsize=16_384)
def versions_of(note: str) -> tuple[Version, ...]:
    """What kinds of version an addition speaks of; none where it is words of the title."""
    return versions_in(words_of(note))


def versions_in(words: Sequence[str]) -> tuple[Version, ...]:
    """As ``versions_of``, for folded words: the kind that is furthest from the song, and how a live one is played."""
    if tuple(words) == _PLAIN_EDIT:
        return (Version(Kind.EDIT, 0.9, frozenset()),)
    text = f" {' '.join(words)} "
    hits = [(rule, phrase) for rule in _RULES for phrase in rule.phrases if phrase in text]
    if not hits:
        return ()
    whose = frozenset(words) - _SAYS_LITTLE - {word for _, phrase in hits for word in phrase.split()}
    kinds = dict.fromkeys(rule.kind for rule, _ in hits)
    first = hits[0][0]
    if first.kind is Kind.EDIT and whose:  # somebody's radio edit is somebody's remix
        return (Version(Kind.REMIX, 0.6, whose),)
    if first.kind is not Kind.LIVE:
        return (Version(first.kind, first.factor, whose),)
    played = [Version(kind, first.factor, frozenset()) for kind in kinds if kind in _WAYS_OF_PLAYING]
    return (Version(first.kind, first.factor, whose), *played)


@lru_cache(maxsize=16_384)
def version_of_album(album: str) -> Version | None:
    """What an album's title says of all its tracks: live, or not the original."""
    text = f" {' '.join(words_of(album))} "
    if _ALBUM_IS_NO_ORIGINAL.search(text):
        return Version(Kind.TRIBUTE, 0.0, frozenset())
    return Version(Kind.LIVE, ALBUM_FACTOR, frozenset()) if _ALBUM_IS_LIVE.search(text) else None
