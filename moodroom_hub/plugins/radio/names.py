"""One artist under all the ways that people write the name.

Playlists come from many years, shops and keyboards: "JAŸ-Z", "Jay Z" and "JAY-Z feat. Rihanna" are one artist, "The
Beatles", "Beatles, The" and "BEATLES" are. What is thrown together here is learnt as one, so in doubt two stay two:
blanks between words, numbers and words in brackets are kept.
"""

import re
from functools import lru_cache
from hashlib import blake2b

from moodroom_hub.domain.recording import fold, normal_artist

LONGEST = 200
"""No artist's name is longer; what is, is cut off before it costs anything."""

_GUESTS = re.compile(r"(?:\s*[(\[]\s*|\s+)(?:feat|ft|featuring)(?:\.\s*|[,:]\s*|\s+)\S.*", re.IGNORECASE | re.DOTALL)
_DOLLAR = re.compile(r"(?<=\w)\$|\$(?=\w)")
_SHOUTED_I = re.compile(r"(?<=[^\W\d_])!(?=[^\W\d_])")
_PLUS = re.compile(r"(?<=\S)\s+\+\s+(?=\S)")
_ARTICLE_BEHIND = re.compile(r"(.+\S)\s*,\s*the", re.IGNORECASE | re.DOTALL)
_PART_OF_A_NAME = re.compile(r"(?:jr|sr)\.?", re.IGNORECASE)
_WITH_COMMAS = frozenset(
    {
        "bad cop bad cop",
        "baddiel skinner and lightning seeds",
        "black country new road",
        "blood sweat and tears",
        "car the garden",
        "crosby stills and nash",
        "crosby stills nash and young",
        "earth wind and fire",
        "emerson lake and palmer",
        "fear and loathing in las vegas",
        "invent animate",
        "japan man",
        "now now",
        "peter paul and mary",
        "sarah the illstrumentalist",
        "slaughter beach dog",
        "the good the bad and the queen",
        "time the valuator",
        "tyler the creator",
    }
)
_LONGEST_WITH_COMMAS = 4


@lru_cache(maxsize=16_384)
def artist_key(name: str) -> str:
    """What all spellings of an artist's name have in common; empty where nothing is left of it."""
    text = " ".join(name[:LONGEST].split())
    behind = _ARTICLE_BEHIND.fullmatch(text)
    text = _GUESTS.sub("", behind[1] if behind else text)
    text = _PLUS.sub(" and ", _SHOUTED_I.sub("i", _DOLLAR.sub("s", text)))
    key = _without_article(_initials_joined(normal_artist(text or name[:LONGEST]).split()))
    return " ".join(key)


def key_hash(key: str) -> int:
    """Of a key, 0 to 2**64 - 1; the same on every machine. Two of a million keys share one once in 37 million."""
    return int.from_bytes(blake2b(key.encode(errors="replace"), digest_size=8).digest(), "little")


def first_of_credit(credit: str) -> str:
    """The first artist of a credit such as "Lil Wayne, Drake"; names that hold commas themselves stay whole."""
    if ", " not in credit:
        return credit
    parts = [part.strip() for part in credit[: LONGEST * 4].split(", ")]
    for count in range(min(len(parts), _LONGEST_WITH_COMMAS), 1, -1):
        # The last part of a name stands alone between commas, as far as the name goes.
        if fold(" ".join(parts[:count])) in _WITH_COMMAS:
            return ", ".join(parts[:count])
    if len(parts) > 1 and (_PART_OF_A_NAME.fullmatch(parts[1]) or fold(parts[1]) == fold(parts[0])):
        return ", ".join(parts[:2])
    return parts[0] or credit


def _initials_joined(words: list[str]) -> list[str]:
    """ "n w a" is "nwa", and an "n" between words is "and"."""
    joined: list[str] = []
    run: list[str] = []
    for place, word in enumerate(words):
        if len(word) == 1 and word.isalpha() and word.isascii():
            is_between = 0 < place < len(words) - 1 and len(words[place - 1]) > 1 and len(words[place + 1]) > 1
            run.append("and" if word == "n" and is_between else word)
            continue
        joined.extend(["".join(run)] if run else [])
        run = []
        joined.append(word)
    joined.extend(["".join(run)] if run else [])
    return joined


def _without_article(words: list[str]) -> list[str]:
    return words[1:] if len(words) > 1 and words[0] == "the" and words[1:] != ["the"] else words
