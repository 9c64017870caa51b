"""When two tracks are the same song to a listener, and when a playing track is the one that was queued.

A service lists one recording under several uris (single, album, compilation, relinked for a market), often with
several ISRCs. Two tracks count as the same recording when they share any of: the uri, a well-formed ISRC, or the
normalised name and first artist. Hence two *different* ISRCs never part what the name and the artist join: the
album's and the single's copy of a song are one song to the repeat window. The relation is pairwise, not transitive.

Normalising takes away what does not change the recording (remaster, mono, album version, radio edit, explicit, the
credits of guests) and keeps what does (live, remix, acoustic, sped up, Taylor's Version); an addition that is not
known to be harmless is kept, so that in doubt two songs stay two.
"""

import re
import unicodedata
from functools import lru_cache

from moodroom_hub.domain.models import Track

DURATION_TOLERANCE_MS = 2_000
"""How far the durations of one recording's listings may lie apart."""

_OPENING = {"(": ")", "[": "]", "{": "}", "【": "】"}
_CLOSING = frozenset(_OPENING.values())
_SEPARATOR = re.compile(r" [-–—/|] ")
_GUESTS_WITHOUT_BRACKETS = re.compile(r"(?<!\d) (?:feat\.?|featuring|ft\.) .*", re.IGNORECASE | re.DOTALL)
_FROM_A_TITLE = re.compile(r"\s*from (?:the )?[\"“„«'‘]", re.IGNORECASE)
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
_YEAR_OR_ORDINAL = re.compile(r"[0-9]{4}|[0-9]{1,3}(?:st|nd|rd|th)")

_UNLIKE_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "&": " and "}
    | dict.fromkeys("'’‘ʼ`´™®©", "")
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ASCII_FOLDED = str.maketrans(
    {chr(code): " " for code in range(128) if not chr(code).isalnum() and chr(code) != "$"}
    | {"'": "", "`": "", "&": " and "}
)
_GUESTS = frozenset({"feat", "ft", "featuring"})
_NOT_A_GUEST = _words("you u ya me us him her it them myself yourself my your our their a an no or out and love")
_SOUNDTRACK = frozenset({"soundtrack", "film", "movie", "motion", "musical", "series", "score"})
_ANOTHER_TAKE = _words(
    "live unplugged acoustic session sessions concert remix orchestra orchestral symphony philharmonic strings choir "
    "piano"
)
_HARMLESS = _words(
    "remaster remastered remasters remastering remasterizado remasterizada remasterise remasterisee "
    "mono stereo explicit clean dirty amended edited censored deluxe edition bonus album single original main"
)
_HARMLESS_BESIDE = _words(
    "version versions ver mix edit track digital digitally new re lp ep the and years year anniversary special "
    "expanded uk us in hd from"
)


def recording_keys(track: Track) -> frozenset[str]:
    """The names under which this recording is known: ``uri:``, ``isrc:`` and ``name:`` keys; absent where unknown."""
    keys = []
    if track.uri:
        keys.append(f"uri:{track.uri}")
    isrc = normal_isrc(track.isrc)
    if isrc is not None:
        keys.append(f"isrc:{isrc}")
    name = track_name_key(track)
    if name is not None:
        keys.append(f"name:{name}")
    return frozenset(keys)


def is_same_recording(one: Track, other: Track) -> bool:
    """True where the two share a uri, an ISRC, or the normalised name and first artist."""
    return not recording_keys(one).isdisjoint(recording_keys(other))


def matches_played(queued: Track, played: Track) -> bool:
    """True where ``played`` surely is the ledger's ``queued`` track, though perhaps relinked to another uri.

    The uri, else the ISRC, else the normalised name and first artist *and* durations within 2 s: an unknown
    duration on either side is doubt, and in doubt the playing track is not ours.
    """
    if queued.uri and queued.uri == played.uri:
        return True
    isrc = normal_isrc(queued.isrc)
    if isrc is not None and isrc == normal_isrc(played.isrc):
        return True
    if queued.duration_ms is None or played.duration_ms is None:
        return False
    if abs(queued.duration_ms - played.duration_ms) > DURATION_TOLERANCE_MS:
        return False
    key = track_name_key(queued)
    return key is not None and key == track_name_key(played)


def track_name_key(track: Track) -> str | None:
    """``name_key`` of a track's name and first artist."""
    return name_key(track.name, track.artists[0] if track.artists else "")


@lru_cache(maxsize=32_768)
def name_key(name: str, artist: str) -> str | None:
    """The normalised name and artist as one text; ``None`` where either says nothing (nothing equals nothing)."""
    song, performer = normal_name(name), normal_artist(artist)
    return f"{song}\n{performer}" if song and performer else None


def normal_isrc(isrc: str | None) -> str | None:
    """Upper case without dashes and blanks; ``None`` for anything that is not shaped like an ISRC (``N/A``, ``0``)."""
    if isrc is None:
        return None
    bare = isrc.replace("-", "").replace(" ", "").upper()
    return bare if _ISRC.fullmatch(bare) else None


def normal_artist(artist: str) -> str:
    """An artist's name for comparing: folded, guests cut off. Empty for a blank name."""
    return _folded_or_raw(_without_guests(_tidy(artist)), artist)


def normal_name(name: str) -> str:
    """A song's name for comparing: folded, without guests and without additions that leave the recording the same.

    Empty only for a blank name: a name of mere signs (``÷``, ``!!!``) stands for itself.
    """
    head, notes = _parts(_tidy(name))
    words = [fold(head), *(fold(note) for note in notes if not _is_harmless(note))]
    return _folded_or_raw(" ".join(word for word in words if word), name)


def title_parts(title: str) -> tuple[str, tuple[str, ...]]:
    """The title proper, and each addition behind a dash or in brackets, as they are written; guests are cut off.

    An addition that names guests alone is still among them (see ``is_harmless_addition``).
    """
    head, notes = _parts(_tidy(title))
    return head, tuple(notes)


def is_harmless_addition(note: str) -> bool:
    """True where an addition of ``title_parts`` leaves the recording the same (remaster, radio edit, guests)."""
    return _is_harmless(note)


def fold(text: str) -> str:
    """Case, accents, width, apostrophes and punctuation folded; words parted by one blank.

    Only the accents of alphabets fall: the marks of Japanese, Thai or Hindi tell words apart and stay.
    """
    if text.isascii():
        return " ".join(text.lower().translate(_ASCII_FOLDED).split())
    decomposed = unicodedata.normalize(
        "NFKD", unicodedata.normalize("NFKD", text.translate(_UNLIKE_LETTERS)).casefold()
    )
    plain = "".join(map(_folded_character, decomposed.translate(_UNLIKE_LETTERS)))
    return " ".join(unicodedata.normalize("NFC", plain).split())


@lru_cache(maxsize=2048)
def _folded_character(character: str) -> str:
    if character.isalnum():
        return character
    category = unicodedata.category(character)
    if category[0] == "M":
        is_accent = "\u0300" <= character <= "\u036f"
        is_emoji_part = "\ufe00" <= character <= "\ufe0f" or category == "Me"
        return "" if is_accent or is_emoji_part else character
    if category in {"So", "Sc"}:
        return character
    return "" if category == "Cf" else " "


def _folded_or_raw(text: str, raw: str) -> str:
    seen = (sign for sign in unicodedata.normalize("NFKC", raw).casefold() if unicodedata.category(sign)[0] not in "CZ")
    return fold(text) or fold(raw) or "".join(seen)


def _tidy(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _parts(title: str) -> tuple[str, list[str]]:
    """The title proper, and what stands behind dashes or in brackets."""
    plain, notes = _without_brackets(title)
    head, *behind_dashes = _SEPARATOR.split(plain)
    pieces = [piece for text in (*behind_dashes, *notes) for piece in _SEPARATOR.split(text)]
    return _without_guests(head), [_without_guests(piece) for piece in pieces if piece.strip()]


def _without_brackets(title: str) -> tuple[str, list[str]]:
    """The text outside brackets, and what the outermost brackets hold. Brackets at the very start are title."""
    if _OPENING.keys().isdisjoint(title):
        return title, []
    plain: list[str] = []
    notes: list[str] = []
    note: list[str] = []
    awaited: list[str] = []
    for character in title:
        if character in _OPENING and (plain or awaited):
            note.append(" ")
            awaited.append(_OPENING[character])
        elif awaited and character == awaited[-1]:
            awaited.pop()
            if not awaited:
                notes.append("".join(note))
                note.clear()
        elif character not in _CLOSING:
            (note if awaited else plain).append(character)
    notes.append("".join(note))
    return " ".join("".join(plain).split()), notes


def _without_guests(text: str) -> str:
    return _GUESTS_WITHOUT_BRACKETS.sub("", text)


def _is_harmless(note: str) -> bool:
    words = fold(note).split()
    if not words:
        return True
    if not _ANOTHER_TAKE.isdisjoint(words):
        return False
    if len(words) > 1:
        if words[0] in _GUESTS or words[0] == "prod" or words[:2] == ["produced", "by"]:
            return True
        if words[0] == "with" and words[1] not in _NOT_A_GUEST:
            return True
    if words[0] == "from" and (_FROM_A_TITLE.match(note) or not _SOUNDTRACK.isdisjoint(words)):
        return True
    if "radio" in words:
        words = [word for word in words if word != "radio"]
        if "mix" in words or _HARMLESS_BESIDE.isdisjoint(words):
            return False
        return all(map(_is_harmless_word, words))
    return not _HARMLESS.isdisjoint(words) and all(map(_is_harmless_word, words))


def _is_harmless_word(word: str) -> bool:
    return word in _HARMLESS or word in _HARMLESS_BESIDE or _YEAR_OR_ORDINAL.fullmatch(word) is not None
