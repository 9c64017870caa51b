"""A station as a small text to hand on: what is in it, what is refused, and the text that is signed.

A card holds a station's name, its seeds, its weights, its limits, the chance of its draws, and who signed it. It holds
nothing of its owner: no account, no playlist, no room (a room's name may be private), no votes, no history.

Cards come from strangers. Every one is refused with a line for a person before it costs anything, and read only as it
was written, byte by byte: what a second reader could take for something else is no card.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from math import isfinite
from typing import Any, Final

from moodroom_hub.domain.stations.models import (
    LONGEST_NAME,
    MOST_SEEDS,
    Seed,
    Station,
    Tuning,
    VoteRule,
)
from moodroom_hub.domain.stations.untrusted import CardError, has_unfit, plain_text, read_object, tidy

FORMAT: Final = "moodroom-station-card"
VERSION: Final = 1
ALGORITHM: Final = "ed25519"
LARGEST_BYTES: Final = 64 * 1024
LONGEST_ARTIST: Final = 200
LONGEST_TRACK: Final = 300
LONGEST_SIGNER: Final = 100
MOST_CHANCE: Final = 2**63 - 1
_DEEPEST: Final = 8
_REST_BYTES: Final = 2048
"""More than all of a card but its seeds takes."""
ASK: Final = "ask for the file as it was exported"
_MOST_WEIGHT: Final = 3.0
_FIELDS: Final = frozenset({"chance", "filters", "format", "name", "rule", "seeds", "signer", "version", "weights"})
_HEX_OF_KEY: Final = re.compile(r"[0-9a-f]{64}")
_HEX_OF_SIGNATURE: Final = re.compile(r"[0-9a-f]{128}")


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed a card: a name that they chose themselves, and their public key, 64 small hexadecimal digits."""

    name: str
    key: str

    @property
    def fingerprint(self) -> str:
        """``7f3a-91c2``: to tell signers apart at a glance; where it must be sure, the keys are compared."""
        digest = sha256(self.key.encode()).hexdigest()
        return f"{digest[:4]}-{digest[4:8]}"

    def __str__(self) -> str:
        return f"{self.name}, {self.fingerprint}" if self.name else self.fingerprint


@dataclass(frozen=True, slots=True)
class Card:
    """What a card says. All its texts are hostile: data, never markup."""

    name: str
    seeds: tuple[Seed, ...]
    tuning: Tuning
    chance: int
    signer: Signer

    @property
    def content(self) -> str:
        """The text that is signed, in UTF-8."""
        return _canonical(self._fields())

    def text(self, signature: str) -> str:
        """The card as a file has it, on one line. ``signature``: 128 small hexadecimal digits."""
        return _canonical({**self._fields(), "signature": signature})

    def _fields(self) -> dict[str, Any]:
        tuning = self.tuning
        return {
            "format": FORMAT,
            "version": VERSION,
            "name": self.name,
            "seeds": [_seed_fields(each) for each in self.seeds],
            "weights": {"style": tuning.style, "likes": tuning.likes, "dislikes": tuning.dislikes},
            "filters": {"adventure": tuning.adventure, "drift": tuning.drift},
            "rule": tuning.rule.value,
            "chance": self.chance,
            "signer": {"name": self.signer.name, "algorithm": ALGORITHM, "key": self.signer.key},
        }


def card_of(station: Station, signer: Signer) -> Card:
    """What may be told of a station. Texts are tidied, and what is too much for a card is left out."""
    tidied = (Seed(tidy(each.artist, LONGEST_ARTIST), tidy(each.track, LONGEST_TRACK)) for each in station.seeds)
    seeds = _that_fit(dict.fromkeys(each for each in tidied if each.artist))
    if not seeds:
        raise CardError("it has no seeds")
    return Card(
        name=tidy(station.name, LONGEST_NAME) or "Station",
        seeds=seeds,
        tuning=within_bounds(station.tuning),
        chance=station.chance % (MOST_CHANCE + 1),
        signer=Signer(tidy(signer.name, LONGEST_SIGNER), signer.key),
    )


def _seed_fields(seed: Seed) -> dict[str, str]:
    return {"artist": seed.artist} | ({"track": seed.track} if seed.track else {})


def _that_fit(seeds: Iterable[Seed]) -> tuple[Seed, ...]:
    """The first ones, where all of them would make a card that is too large to be read again."""
    fit: list[Seed] = []
    left = LARGEST_BYTES - _REST_BYTES
    for seed in seeds:
        left -= len(_canonical(_seed_fields(seed)).encode()) + 1
        if left < 0 or len(fit) == MOST_SEEDS:
            break
        fit.append(seed)
    return tuple(fit)


def within_bounds(tuning: Tuning) -> Tuning:
    """Every number to the last digit as it is, but for what is out of bounds. Raises ``CardError`` for what is none."""
    return replace(
        tuning,
        style=_bounded(tuning.style, _MOST_WEIGHT),
        likes=_bounded(tuning.likes, _MOST_WEIGHT),
        dislikes=_bounded(tuning.dislikes, _MOST_WEIGHT),
        adventure=_bounded(tuning.adventure, 1.0),
        drift=_bounded(tuning.drift, 1.0),
    )


def read(given: str | bytes) -> tuple[Card, str]:
    """The card and its signature, which is not checked here. Raises ``CardError``."""
    text = plain_text(given, LARGEST_BYTES)
    card, signature = _from_fields(read_object(text, _DEEPEST))
    if card.text(signature) != text:
        raise CardError(f"it was changed, or written anew by another program: {ASK}")
    return card, signature


def _from_fields(fields: Mapping[str, Any]) -> tuple[Card, str]:
    if fields.get("format") != FORMAT:
        raise CardError("it is no station card")
    version = fields.get("version")
    if type(version) is not int or version != VERSION:
        raise CardError(f"it is a card of version {version!r:.20}, and this hub reads {VERSION}: update the hub")
    if not fields.get("signature"):
        raise CardError(f"nobody signed it: {ASK}")
    signer = fields.get("signer")
    if not isinstance(signer, dict) or signer.get("algorithm") != ALGORITHM:
        raise CardError(f"it is signed in a way that this hub does not know: it knows {ALGORITHM}")
    _only(fields, _FIELDS | {"signature"}, "it")
    _only(signer, {"name", "algorithm", "key"}, "its signer")
    weights = _object(fields["weights"], {"style", "likes", "dislikes"}, "its weights")
    filters = _object(fields["filters"], {"adventure", "drift"}, "its filters")
    card = Card(
        name=_text(fields["name"], LONGEST_NAME, "its name"),
        seeds=_seeds(fields["seeds"]),
        tuning=Tuning(
            style=_number(weights["style"], _MOST_WEIGHT, "its weight of style"),
            likes=_number(weights["likes"], _MOST_WEIGHT, "its weight of likes"),
            dislikes=_number(weights["dislikes"], _MOST_WEIGHT, "its weight of dislikes"),
            adventure=_number(filters["adventure"], 1.0, "its adventure"),
            drift=_number(filters["drift"], 1.0, "its drift"),
            rule=_rule(fields["rule"]),
        ),
        chance=_chance(fields["chance"]),
        signer=Signer(
            _text(signer["name"], LONGEST_SIGNER, "its signer's name", may_be_empty=True),
            _digits(signer["key"], _HEX_OF_KEY, "its signer's key"),
        ),
    )
    return card, _digits(fields["signature"], _HEX_OF_SIGNATURE, "its signature")


# What fields may be.


def _object(value: Any, names: set[str], what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise CardError(f"{what} are not what a card holds there")
    _only(value, names, what)
    return value


def _only(value: Mapping[str, Any], names: frozenset[str] | set[str], what: str) -> None:
    missing = sorted(names - value.keys())
    if missing:
        raise CardError(f"{what} lacks {missing[0]!r}")
    if len(value) > len(names):
        strange = next(name for name in value if name not in names)
        raise CardError(f"{what} holds {strange[:40]!r}, which no card has")


def _text(value: Any, longest: int, what: str, *, may_be_empty: bool = False) -> str:
    if not isinstance(value, str) or (not value and not may_be_empty):
        raise CardError(f"{what} is no text")
    if len(value) > longest:
        raise CardError(f"{what} is longer than {longest} characters")
    if has_unfit(value):
        raise CardError(f"{what} holds control characters")
    if value != value.strip():
        raise CardError(f"{what} begins or ends with a blank")
    return value


def _seeds(value: Any) -> tuple[Seed, ...]:
    if not isinstance(value, list) or not value:
        raise CardError("it has no seeds")
    if len(value) > MOST_SEEDS:
        raise CardError(f"it has {len(value)} seeds: {MOST_SEEDS} is the most")
    seeds = tuple(map(_seed, value))
    if len(set(seeds)) < len(seeds):
        raise CardError("it names a seed twice")
    return seeds


def _seed(value: Any) -> Seed:
    names = {"artist", "track"} if isinstance(value, dict) and "track" in value else {"artist"}
    fields = _object(value, names, "its seeds")
    artist = _text(fields["artist"], LONGEST_ARTIST, "a seed's artist")
    return Seed(artist, _text(fields["track"], LONGEST_TRACK, "a seed's track") if "track" in fields else "")


def _number(value: Any, most: float, what: str) -> float:
    if type(value) is not float or not isfinite(value) or not 0.0 <= value <= most:
        raise CardError(f"{what} is no number from 0 to {most:g}")
    return value


def _chance(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= MOST_CHANCE:
        raise CardError("its chance is no whole number that a card can hold")
    return value


def _rule(value: Any) -> VoteRule:
    if not isinstance(value, str) or value not in {each.value for each in VoteRule}:
        raise CardError("it votes by a rule that this hub does not know: update the hub")
    return VoteRule(value)


def _digits(value: Any, shape: re.Pattern[str], what: str) -> str:
    if not isinstance(value, str) or shape.fullmatch(value) is None:
        raise CardError(f"{what} is none")
    return value


# How JSON is written and read.


def _canonical(fields: Mapping[str, Any]) -> str:
    return json.dumps(fields, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _bounded(number: float, most: float) -> float:
    if not isfinite(number):
        raise CardError("it is tuned to something that is no number")
    return min(max(float(number), 0.0), most) + 0.0  # "-0.0" would be another text than "0.0"
