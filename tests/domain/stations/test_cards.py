"""What a card is, whatever is done to it. Instead of a signature it has a checksum, which these rules can't tell."""

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha512
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from moodroom_hub.domain.models import EpochMs, RoomSlug
from moodroom_hub.domain.stations.cards import (
    LARGEST_BYTES,
    LONGEST_ARTIST,
    MOST_CHANCE,
    Card,
    Signer,
    card_of,
    read,
    within_bounds,
)
from moodroom_hub.domain.stations.models import MOST_SEEDS, Seed, Station, StationKey, Tuning, VoteRule
from moodroom_hub.domain.stations.untrusted import CardError, tidy

ANNA = Signer("Anna's hub", "ab" * 32)
HOSTILE = '<script>alert("1")</script> {{ 7*7 }} %s ${x} \\'
FRIDAY = Station(
    StationKey("friday"),
    "Friday",
    (Seed("Drake", "Trophies"), Seed("Rich Gang"), Seed("Sigur Rós", HOSTILE)),
    Tuning(1.5, 0.25, 3.0, adventure=0.7, drift=0.3, rule=VoteRule.SHARE),
    origin="playlist:37i9dQZF1DX0secret",
    room=RoomSlug("anna-alone"),
    created_at_ms=EpochMs(1_700_000_000_000),
    chance=4711,
)


def written(station: Station = FRIDAY, signer: Signer = ANNA) -> str:
    """Its card."""
    card = card_of(station, signer)
    return card.text(checksum(card))


def checksum(card: Card) -> str:
    """In the place of a signature."""
    return sha512(card.content.encode()).hexdigest()


def is_taken(given: str | bytes) -> bool:
    """Whether it is read, and whole."""
    try:
        card, signature = read(given)
    except CardError:
        return False
    return checksum(card) == signature


def changed(change: Callable[[dict[str, Any]], object]) -> str:
    """The card, changed by somebody who can compute the checksum."""
    fields = json.loads(written())
    change(fields)
    signature = fields.pop("signature", None)
    content = json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    whole = fields if signature is None else fields | {"signature": sha512(content.encode()).hexdigest()}
    return json.dumps(whole, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def test_a_card_holds_the_station_and_nothing_of_its_owner() -> None:
    text = written()
    assert len(text) < 1000
    assert set(json.loads(text)) == {
        "format", "version", "name", "seeds", "weights", "filters", "rule", "chance", "signer", "signature",
    }  # fmt: skip
    for private in ("secret", "anna-alone", "playlist", "1700000000000"):
        assert private not in text
    card, _ = read(text)
    assert (card.name, card.seeds, card.tuning, card.chance) == (
        FRIDAY.name,
        FRIDAY.seeds,
        FRIDAY.tuning,
        FRIDAY.chance,
    )
    assert card.signer == ANNA
    assert card.seeds[2].track == HOSTILE


TEXTS = st.text(max_size=40)
SEEDS = st.lists(st.builds(Seed, st.text(min_size=1, max_size=30), TEXTS), min_size=1, max_size=6)
WEIGHTS = st.floats(0, 3)
SHARES = st.floats(0, 1)
STATIONS = st.builds(
    Station,
    st.just(StationKey("key")),
    TEXTS,
    SEEDS.map(tuple),
    st.builds(Tuning, WEIGHTS, WEIGHTS, WEIGHTS, SHARES, SHARES, st.sampled_from(VoteRule)),
    chance=st.integers(0, MOST_CHANCE),
)


@settings(max_examples=40)
@given(STATIONS, TEXTS)
def test_what_is_written_is_read(station: Station, signer: str) -> None:
    seeds = [each for seed in station.seeds if (each := Seed(tidy(seed.artist, 200), tidy(seed.track, 300))).artist]
    if not seeds:
        with pytest.raises(CardError, match="no seeds"):
            written(station)
        return
    text = written(station, Signer(signer, "00" * 32))
    card, signature = read(text.encode())
    assert signature == checksum(card)
    assert card.name == (tidy(station.name, 100) or "Station")
    assert card.seeds == tuple(dict.fromkeys(seeds))
    assert card.tuning == within_bounds(station.tuning)
    assert card.chance == station.chance
    assert read(f"\ufeff\r\n {text} \n") == (card, signature), "what mail and editors add around it"
    again = replace(station, name=card.name, seeds=card.seeds, tuning=card.tuning)
    assert written(again, card.signer) == text, "one station has one text"


def test_every_change_of_a_single_byte_is_refused() -> None:
    raw = written().encode()
    for at in range(len(raw)):
        for other in {raw[at] ^ 1, raw[at] ^ 0x20, raw[at] ^ 0x80, 0x20, 0x30, 0x22}:
            assert other == raw[at] or not is_taken(raw[:at] + bytes([other]) + raw[at + 1 :]), (at, other)
        assert not is_taken(raw[:at] + raw[at + 1 :]), at
        assert not is_taken(raw[:at]), at
        assert at == 0 or not is_taken(raw[:at] + b" " + raw[at:]), at


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = [*sorted(json.loads(written())), "strange"]


@settings(max_examples=100)
@given(st.sampled_from(FIELDS), JSON)
@example("seeds", [])
@example("signer", {"algorithm": "ed25519"})
def test_any_json_in_any_field_is_a_card_or_a_card_error(field: str, value: Any) -> None:
    text = changed(lambda fields: fields.update({field: value}))
    told = ""
    try:
        read(text)
    except CardError as error:
        told = str(error)
    assert "\n" not in told
    assert len(told) < 200


@settings(max_examples=60)
@given(st.text() | st.binary() | JSON.map(json.dumps))
def test_anything_is_refused_in_one_line(given: str | bytes) -> None:
    with pytest.raises(CardError):
        read(given)


def _put(*path: str | int, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(fields: Any) -> None:
        for step in path[:-1]:
            fields = fields[step]
        fields[path[-1]] = value

    return change


def _drop(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda fields: fields.pop(name)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (_put("format", value="recipe"), "no station card"),
        (_put("version", value=2), "version 2.*update the hub"),
        (_put("version", value=True), "version True"),
        (_put("version", value="1" * 5000), "version '1"),
        (_drop("signature"), "nobody signed"),
        (_put("signer", "algorithm", value="none"), "signed in a way"),
        (_put("signer", value=None), "signed in a way"),
        (_put("signer", "key", value="AB" * 32), "key is none"),
        (_put("signer", "key", value="ab"), "key is none"),
        (_put("signer", "name", value="x" * 101), "longer than 100"),
        (_put("token", value="t"), "holds 'token'"),
        (_put("signer", "mail", value="t"), "holds 'mail'"),
        (_drop("weights"), "lacks 'weights'"),
        (_put("name", value=""), "no text"),
        (_put("name", value=7), "no text"),
        (_put("name", value="x" * 101), "longer than 100"),
        (_put("name", value="Fri\x00day"), "control"),
        (_put("name", value="Fri\u202eday"), "control"),
        (_put("name", value="Friday\n"), "control"),
        (_put("name", value=" Friday"), "blank"),
        (_put("seeds", value=[]), "no seeds"),
        (_put("seeds", value={"artist": "Drake"}), "no seeds"),
        (_put("seeds", value=[{"artist": f"A{n}"} for n in range(MOST_SEEDS + 1)]), "201 seeds"),
        (_put("seeds", value=[{"artist": "A"}, {"artist": "A"}]), "twice"),
        (_put("seeds", value=["Drake"]), "seeds are not"),
        (_put("seeds", value=[{"artist": "x" * (LONGEST_ARTIST + 1)}]), "longer than 200"),
        (_put("seeds", value=[{"artist": "A", "track": ""}]), "no text"),
        (_put("seeds", value=[{"artist": "A", "likes": 3}]), "holds 'likes'"),
        (_put("weights", value=[1.0]), "weights are not"),
        (_put("weights", "style", value=3.5), "from 0 to 3"),
        (_put("weights", "style", value="1.0"), "from 0 to 3"),
        (_put("weights", "likes", value=-1.0), "from 0 to 3"),
        (_put("weights", "likes", value=True), "from 0 to 3"),
        (_put("filters", "drift", value=1.01), "from 0 to 1"),
        (_put("rule", value="mood"), "rule"),
        (_put("rule", value=["skip"]), "rule"),
        (_put("chance", value=-1), "chance"),
        (_put("chance", value=2**63), "chance"),
        (_put("chance", value=1.5), "chance"),
    ],
)
def test_what_no_card_says_is_refused_by_name(change: Callable[[dict[str, Any]], object], word: str) -> None:
    with pytest.raises(CardError, match=word):
        read(changed(change))


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ('"likes":0.25', '"likes":NaN', "NaN"),
        ('"likes":0.25', '"likes":-Infinity', "Infinity"),
        ('"likes":0.25', '"likes":1e999', "from 0 to 3"),
        ('"likes":0.25', '"likes":0.' + "1" * 99, "too long"),
        ('"chance":4711', '"chance":' + "9" * 9000, "too long"),
        ('"likes":0.25', '"likes":0.250', "changed"),
        ('"likes":0.25', '"likes":2.5e-1', "changed"),
        ('"name":"Friday"', '"name":"Frid\\u0061y"', "changed"),
        ('"name":"Friday"', '"name":"Friday\\ud800"', "control"),
        ('"name":"Friday"', '"name": "Friday"', "changed"),
        ('"name":"Friday"', '"name":"Friday","name":"Friday"', "twice"),
        ('"name":"Friday"', '"name":"Friday",', "no JSON"),
        ('"name":"Friday"', '"name":' + "[" * 100 + "]" * 100, "nested"),
    ],
)
def test_another_spelling_is_another_card(old: str, new: str, word: str) -> None:
    assert old in written()
    with pytest.raises(CardError, match=word):
        read(written().replace(old, new))


@pytest.mark.parametrize(
    ("given", "word"),
    [
        (b"", "empty"),
        (" \r\n", "empty"),
        (b"\xff\xfe\x00\x00", "no text"),
        ("\ud800", "no text"),
        (b"\x89PNG\r\n\x1a\n", "no text"),
        ("[" * 60_000, "nested"),
        ('{"a":' * 10_000, "nested"),
        ('"\\"' * 20_000, "no JSON"),
        ("[1]", "neither"),
        ("null", "neither"),
        ("{}", "no station card"),
        ("é" * (LARGEST_BYTES // 2 + 1), "too large"),
        (b"{" * (LARGEST_BYTES + 1), "64 kB"),
    ],
)
def test_files_that_are_no_cards(given: str | bytes, word: str) -> None:
    with pytest.raises(CardError, match=word):
        read(given)


class Untouched(bytes):
    """Bytes that tell their number and nothing else."""

    def decode(self, *_: Any, **__: Any) -> str:
        raise AssertionError("it was read")


def test_ten_megabytes_cost_nothing() -> None:
    with pytest.raises(CardError, match="too large"):
        read(Untouched(10_000_000))


def test_a_station_with_too_much_for_a_card_is_cut_to_fit() -> None:
    seeds = tuple(Seed("é" * 300, f"{number} " + "x" * 400) for number in range(250))
    station = replace(
        FRIDAY,
        name="\x00 \n",
        seeds=(Seed("\x07"), *seeds, Seed("Drake")),
        tuning=Tuning(style=9, likes=1 / 3, drift=-0.0),
    )
    card = card_of(station, Signer("x" * 199, ANNA.key))
    assert card.name == "Station"
    assert 50 < len(card.seeds) < MOST_SEEDS, "what does not fit into 64 kB is left out"
    assert len(card_of(replace(FRIDAY, seeds=tuple(Seed(f"A{n}") for n in range(999))), ANNA).seeds) == MOST_SEEDS
    assert (card.tuning.style, card.tuning.likes) == (3.0, 1 / 3)
    assert "-0.0" not in card.content
    assert read(card.text(checksum(card)))[0] == card


def test_a_station_tuned_to_nonsense_is_not_shared() -> None:
    with pytest.raises(CardError, match="no number"):
        card_of(replace(FRIDAY, tuning=Tuning(style=float("nan"))), ANNA)


def test_signers_are_told_apart_at_a_glance() -> None:
    other = Signer("Anna's hub", "ac" * 32)
    assert len(ANNA.fingerprint) == 9
    assert ANNA.fingerprint != other.fingerprint
    assert str(ANNA) == f"Anna's hub, {ANNA.fingerprint}"
    assert str(Signer("", ANNA.key)) == ANNA.fingerprint
