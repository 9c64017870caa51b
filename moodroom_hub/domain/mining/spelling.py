"""How alike two names are written: the same words, the same words spelt otherwise, or a slip of the pen.

A slip is believed only where it can hardly make another word: in long words, behind the first letter, never in a
number. So ``Marvins Rom`` is nobody's room, while ``Bohemian Rapsody`` is what it is.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from moodroom_hub.domain.recording import fold

_SPELT_OTHERWISE: Mapping[str, str] = {
    "u": "you", "ur": "your", "r": "are", "n": "and", "luv": "love", "da": "the", "tha": "the", "ya": "you",
    "til": "till", "until": "till", "cuz": "cause", "coz": "cause", "because": "cause", "pt": "part", "vol": "volume",
    "mr": "mister", "nite": "night", "tonite": "tonight", "thru": "through", "gurl": "girl", "boyz": "boys",
    "colour": "color", "colours": "colors", "wit": "with", "em": "them", "gon": "gonna", "ok": "okay", "no1": "number1",
    "ii": "2", "iii": "3", "iv": "4", "two": "2", "three": "3", "four": "4", "one": "1",
}  # fmt: skip
_LITTLE_WORDS = frozenset({"the", "a", "an", "and", "of"})
_LEADING_ARTICLE = frozenset({"the", "a", "an"})
_SHOUTED_I = re.compile(r"(?<=[^\W\d_])!(?=[^\W\d_])")
_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i", "к": "k", "л": "l",
    "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts",
    "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
}  # fmt: skip
_TO_LATIN = str.maketrans(_CYRILLIC)

_LIKE_BUT_SPELT_OTHERWISE = 0.02
_LITTLE_WORD_MORE = 0.06
_WRITTEN_APART = 0.03
_PLURAL = 0.16
_SLIP = 0.1
_TWO_SLIPS = 0.22
_TOO_FAR = 0.3


@lru_cache(maxsize=32_768)
def words_of(text: str) -> tuple[str, ...]:
    """The folded words of a name, in Latin letters where it is written in Cyrillic ones; ``P!nk`` is ``pink``."""
    folded = fold(_SHOUTED_I.sub("i", text))
    return tuple(folded.translate(_TO_LATIN).replace("$", "s").split())


def alikeness(wanted: Sequence[str], found: Sequence[str]) -> float:
    """From 1 (the same words) down to 0.7; 0 where they are other words, or there are none."""
    if not wanted or not found:
        return 0.0
    if tuple(wanted) == tuple(found):
        return 1.0
    cost = _words_cost(wanted, found)
    if cost is None:
        cost = _cost_written_together("".join(wanted), "".join(found))
    if cost is None:
        cost = _cost_without_little_words(wanted, found)
    return 1.0 - cost if cost is not None and cost <= _TOO_FAR else 0.0


def _words_cost(wanted: Sequence[str], found: Sequence[str]) -> float | None:
    if len(wanted) != len(found):
        return None
    cost = 0.0
    for one, other in zip(wanted, found, strict=True):
        step = _word_cost(one, other)
        if step is None:
            return None
        cost += step
    return cost


def _word_cost(one: str, other: str) -> float | None:
    if one == other:
        return 0.0
    if _usual(one) == _usual(other):
        return _LIKE_BUT_SPELT_OTHERWISE
    shorter, longer = sorted((one, other), key=lambda word: (len(word), word))
    if one[0] != other[0] or not one.isalpha() or not other.isalpha() or len(shorter) < 4:
        return None
    if longer == shorter + "s":
        return _PLURAL
    if len(longer) - len(shorter) > 2 or len(longer) < 6:
        return None
    slips = slips_between(one, other)
    if slips == 1 and (len(one) != len(other) or len(shorter) >= 7 or sorted(one) == sorted(other)):
        return _SLIP
    return _TWO_SLIPS if slips == 2 and len(shorter) >= 9 else None


def _usual(word: str) -> str:
    usual = _SPELT_OTHERWISE.get(word, word)
    return usual[:-1] if len(usual) > 4 and usual.endswith("ing") else usual


def _cost_written_together(one: str, other: str) -> float | None:
    return _WRITTEN_APART if one == other and len(one) > 2 else None


def _cost_without_little_words(wanted: Sequence[str], found: Sequence[str]) -> float | None:
    bare_wanted = [word for word in wanted if word not in _LITTLE_WORDS]
    bare_found = [word for word in found if word not in _LITTLE_WORDS]
    if not bare_wanted or (len(bare_wanted), len(bare_found)) == (len(wanted), len(found)):
        return None
    cost = _words_cost(bare_wanted, bare_found)
    if cost is None:
        return None
    more = abs((len(wanted) - len(bare_wanted)) - (len(found) - len(bare_found)))
    only_an_article = more == 1 and (set(wanted[:1]) ^ set(found[:1])) & _LEADING_ARTICLE
    return cost + (_LITTLE_WORD_MORE if only_an_article else _LITTLE_WORD_MORE * max(1, more) + 0.04)


def slips_between(one: str, other: str) -> int:
    """Letters that were put in, left out, changed or swapped with their neighbour; 3 stands for any more."""
    most = 3
    if abs(len(one) - len(other)) >= most:
        return most
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        current = [row]
        for column, sign in enumerate(other, 1):
            best = min(last[column] + 1, current[-1] + 1, last[column - 1] + (letter != sign))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == sign:
                best = min(best, before[column - 2] + 1)
            current.append(best)
        if min(current) >= most:
            return most
        before, last = last, current
    return min(last[-1], most)
