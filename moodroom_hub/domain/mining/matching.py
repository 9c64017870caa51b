"""Whether what a search found is the song that was meant.

A score between 0 and 1 over the title, the artist, the version and the length. What the wanted title does not ask for
counts against (a karaoke version altogether, a live one or a remix much, a remaster hardly), and what it asks for must
be there. In doubt a song is dropped: a missing discovery hurts nobody, a wrong one is heard.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol
from unicodedata import normalize

from moodroom_hub.domain.mining.spelling import alikeness, words_of
from moodroom_hub.domain.mining.versions import Kind, Version, version_of_album, versions_in, versions_of
from moodroom_hub.domain.models import Track
from moodroom_hub.domain.recording import fold, is_harmless_addition, normal_artist, normal_name, title_parts

GOOD_MATCH = 0.75
"""From here on it is the song; below, it is dropped."""

_EXACT = "the song"
_HARMLESS_FACTOR = 0.97
_SUBTITLE_FACTOR = 0.88
_SUBTITLE_MISSING_FACTOR = 0.9
_BRACKETED_START_FACTOR = 0.92
_NOT_WHAT_WAS_ASKED = 0.4
_SOMEBODY_ELSES = 0.5
_PERHAPS_SOMEBODY_ELSES = 0.7
_UNSAID_WHERE = 0.85
_OTHER_NUMBER = 0.3
_CREDITED = 0.97
_GUEST_IN_TITLE = 0.93
_FIRST_OF_SEVERAL = 0.92
_ONE_OF_SEVERAL = 0.84
_WITH_A_BAND = 0.93

_SEVERAL = re.compile(r"\s*(?:[,;/&+×]|\b(?:and|with|feat|ft|featuring|vs|x|und|y)\b\.?)\s*", re.IGNORECASE)
_GUESTS = re.compile(r"\b(?:feat\.?|ft\.?|featuring|with)\s+([^()\[\]]+)", re.IGNORECASE)
_STARTS_IN_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]+[)\]]\s*(?=\S)")
_KINDS = tuple(Kind)
_LITTLE_OF_ARTISTS = frozenset({"the", "and"})


class Named(Protocol):
    """A song by its name: a ``Suggestion``, an ``Anchor``."""

    @property
    def name(self) -> str:
        """Its title, perhaps with a version."""
        ...

    @property
    def artist(self) -> str:
        """Who plays it: one or several, in any usual writing."""
        ...


@dataclass(frozen=True, slots=True)
class Match:
    """How well it fits, from 0 to 1, and what is in the way: words that go behind ``only`` or stand alone."""

    score: float
    reason: str

    @property
    def is_good(self) -> bool:
        """Good enough to be played."""
        return self.score >= GOOD_MATCH


@dataclass(frozen=True, slots=True)
class _Title:
    """A title taken apart: folded words of the title proper, kinds of version, and words of subtitles."""

    words: tuple[str, ...]
    versions: tuple[Version, ...]
    subtitles: tuple[tuple[str, ...], ...]
    has_harmless: bool


@dataclass(frozen=True, slots=True)
class _Part:
    """One aspect's share of the score, and what to say where it is not whole."""

    factor: float
    reason: str = ""


def match(wanted: Named, found: Track, duration_ms: int | None = None) -> Match:
    """Score ``found`` against ``wanted`` (and the length that it should have, where that is known)."""
    parts = [_name(wanted.name, wanted.artist, found), _artist(wanted.artist, found), _length(duration_ms, found)]
    score = 1.0
    for part in parts:
        score *= part.factor
    worst = min(parts, key=lambda part: part.factor)
    return Match(round(score, 4), worst.reason or _EXACT)


def _name(name: str, artist: str, found: Track) -> _Part:
    wanted, there = _taken_apart(_without_artist(name, artist)), _taken_apart(found.name)
    if _is_same_text(name, found.name):
        return _of_album(_Part(1.0), found, wanted, there)
    alike = alikeness(wanted.words, there.words)
    if alike == 0.0:
        wanted, there, alike = _rearranged(wanted, there, name, found.name)
    if alike == 0.0:
        return _Part(0.0, "another title")
    reason = "" if alike == 1.0 else "a title that is written otherwise"
    versions = _versions(wanted, there, version_of_album(found.album or ""))
    rest = _subtitles(wanted, there)
    factor = alike * versions.factor * rest.factor
    if there.has_harmless and not wanted.has_harmless:
        factor *= _HARMLESS_FACTOR
    said = [part for part in (versions, rest) if part.reason]
    if said:
        reason = min(said, key=lambda part: part.factor).reason
    return _of_album(_Part(factor, reason), found, wanted, there)


def _is_same_text(one: str, other: str) -> bool:
    """The same folded words; a title of mere signs is itself."""
    folded = fold(one)
    return folded == fold(other) and bool(folded or (normal_name(one) and normal_name(one) == normal_name(other)))


def _of_album(part: _Part, found: Track, wanted: _Title, there: _Title) -> _Part:
    """What the album tells that the title does not."""
    version = version_of_album(found.album or "")
    if version is None or version.kind in {each.kind for each in (*wanted.versions, *there.versions)}:
        return part
    return _Part(part.factor * version.factor, version.kind.value)


@lru_cache(maxsize=16_384)
def _taken_apart(title: str) -> _Title:
    head, notes = title_parts(title)
    versions: list[Version] = []
    subtitles: list[tuple[str, ...]] = []
    has_harmless = False
    for note in notes:
        if is_harmless_addition(note):
            has_harmless = True
        elif kinds := versions_of(note):
            versions.extend(kinds)
        elif words := words_of(note):
            subtitles.append(words)
    return _Title(words_of(head) or words_of(title), tuple(versions), tuple(subtitles), has_harmless)


def _without_artist(name: str, artist: str) -> str:
    """``Drake - Trophies`` by Drake is ``Trophies``."""
    head, notes = title_parts(name)
    if len(notes) == 1 and artist and fold(head) == fold(artist) and fold(notes[0]) and not versions_of(notes[0]):
        return notes[0]
    return name


def _rearranged(wanted: _Title, there: _Title, name: str, found_name: str) -> tuple[_Title, _Title, float]:
    """The same words with dashes and brackets elsewhere, or none at all: ``Latch Acoustic``."""
    everything = [tuple(word for part in (one.words, *one.subtitles) for word in part) for one in (wanted, there)]
    alike = alikeness(*everything)
    if alike:
        return (
            _Title(everything[0], wanted.versions, (), False),
            _Title(everything[1], there.versions, (), False),
            alike,
        )
    if there.words[: len(wanted.words)] == wanted.words and wanted.words:
        versions = versions_in(there.words[len(wanted.words) :])
        if versions:
            return wanted, _Title(wanted.words, (*there.versions, *versions), there.subtitles, there.has_harmless), 1.0
    if wanted.words[: len(there.words)] == there.words and there.words:
        versions = versions_in(wanted.words[len(there.words) :])
        if versions:
            return _Title(there.words, (*wanted.versions, *versions), wanted.subtitles, wanted.has_harmless), there, 1.0
    for one, other in ((wanted.words, found_name), (there.words, name)):
        bare = _STARTS_IN_BRACKETS.sub("", other, count=1)
        if bare != other and alikeness(one, _taken_apart(bare).words) == 1.0:
            return wanted, there, _BRACKETED_START_FACTOR
    return wanted, there, 0.0


def _versions(wanted: _Title, there: _Title, of_album: Version | None) -> _Part:
    asked = {version.kind: version for version in wanted.versions}
    worst = _Part(1.0)
    for version in sorted(there.versions, key=lambda each: _KINDS.index(each.kind)):
        like = asked.pop(version.kind, None)
        if like is None:
            part = _Part(version.factor, version.kind.value)
        elif like.whose == version.whose:
            continue
        elif alikeness(sorted(like.whose), sorted(version.whose)):
            part = _Part(_HARMLESS_FACTOR, f"{version.kind.value}, written otherwise")
        elif like.whose and version.whose and not like.whose & version.whose:
            part = _Part(_SOMEBODY_ELSES, f"{version.kind.value}, but not the one that is meant")
        elif like.whose or version.kind is Kind.REMIX:
            part = _Part(_PERHAPS_SOMEBODY_ELSES, f"{version.kind.value}, perhaps not the one that is meant")
        else:
            part = _Part(_UNSAID_WHERE, version.kind.value)
        worst = min(worst, part, key=lambda each: each.factor)
    if of_album is not None:
        asked.pop(of_album.kind, None)
    for version in asked.values():
        factor = _NOT_WHAT_WAS_ASKED if version.factor < _SUBTITLE_FACTOR else _SUBTITLE_MISSING_FACTOR
        worst = min(worst, _Part(factor, f"not {version.kind.value}, which is meant"), key=lambda each: each.factor)
    return worst


def _subtitles(wanted: _Title, there: _Title) -> _Part:
    missing = [each for each in wanted.subtitles if each not in there.subtitles]
    more = [each for each in there.subtitles if each not in wanted.subtitles]
    if _numbers(missing) != _numbers(more):
        return _Part(_OTHER_NUMBER, "another part")
    if missing and more:
        if alikeness([word for each in missing for word in each], [word for each in more for word in each]):
            return _Part(_HARMLESS_FACTOR)
        return _Part(_NOT_WHAT_WAS_ASKED, "a title with another addition")
    if missing:
        return _Part(_SUBTITLE_MISSING_FACTOR, "a title without the addition")
    return _Part(_SUBTITLE_FACTOR, "a title with an addition") if more else _Part(1.0)


def _numbers(parts: Sequence[Sequence[str]]) -> frozenset[str]:
    return frozenset(word for words in parts for word in words if any(sign.isdigit() for sign in word))


def _artist(wanted: str, found: Track) -> _Part:
    if not normal_artist(wanted):
        return _Part(0.5, "a song of an artist who is not named")
    if not found.artists:
        return _Part(0.0, "a track without an artist")
    best = max(
        (_CREDITED if place else 1.0) * _same_artist(wanted, artist) for place, artist in enumerate(found.artists)
    )
    several = _several(wanted)
    if best < _FIRST_OF_SEVERAL and len(several) > 1:
        hits = [max(_same_artist(one, artist) for artist in found.artists) for one in several]
        if hits[0]:
            whole = _CREDITED if all(hits) else _FIRST_OF_SEVERAL
            best = max(best, whole * hits[0])
        elif any(hits):
            best = max(best, _ONE_OF_SEVERAL * max(hits))
    if best < _GUEST_IN_TITLE:
        guests = [guest for text in _GUESTS.findall(found.name) for guest in (text, *_several(text))]
        best = max([best, *(_GUEST_IN_TITLE * _same_artist(wanted, guest) for guest in guests)])
    return _Part(best, "" if best == 1.0 else "another artist" if best < 0.7 else "an artist who is named otherwise")


@lru_cache(maxsize=8_192)
def _several(artist: str) -> tuple[str, ...]:
    return tuple(part for part in _SEVERAL.split(normalize("NFKC", artist)) if fold(part))


@lru_cache(maxsize=32_768)
def _same_artist(wanted: str, artist: str) -> float:
    if normal_artist(wanted) == normal_artist(artist):
        return 1.0
    one, other = _performer(wanted), _performer(artist)
    alike = alikeness(one, other)
    if alike or not one:
        return alike
    # "Bob Marley" and "Bob Marley & The Wailers"; but "Simon" is not "Simon & Garfunkel".
    together = fold(artist)
    is_with_band = together.startswith((f"{fold(wanted)} and the ", f"{fold(wanted)} and his "))
    return _WITH_A_BAND if is_with_band else 0.0


def _performer(artist: str) -> tuple[str, ...]:
    words = words_of(artist)
    return tuple(word for word in words if word not in _LITTLE_OF_ARTISTS) or words


def _length(wanted_ms: int | None, found: Track) -> _Part:
    if not wanted_ms or not found.duration_ms:
        return _Part(1.0)
    apart_s = abs(wanted_ms - found.duration_ms) / 1000
    if apart_s <= 3:
        return _Part(1.0)
    if apart_s <= 12:
        return _Part(0.97, "of another length")
    return _Part(0.86 if apart_s <= 35 else 0.55, "of another length")
