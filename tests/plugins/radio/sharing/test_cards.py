"""Cards with real signatures: what another hub takes, and what nobody takes."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from moodroom_hub.domain.models import EpochMs
from moodroom_hub.domain.stations.models import Seed, StationKey, Tuning
from moodroom_hub.plugins.radio.cards import (
    CardError,
    CardSigner,
    read_card,
    station_of_card,
    write_card,
    write_jspf,
)
from tests.domain.stations.test_cards import FRIDAY


@pytest.fixture(scope="module")
def anna(tmp_path_factory: pytest.TempPathFactory) -> CardSigner:
    """One hub."""
    return CardSigner.of_hub(tmp_path_factory.mktemp("anna"), "Anna's hub")


@pytest.fixture(scope="module")
def ben(tmp_path_factory: pytest.TempPathFactory) -> CardSigner:
    """Another."""
    return CardSigner.of_hub(tmp_path_factory.mktemp("ben"), "Ben's hub")


@pytest.mark.parametrize("write", [write_card, write_jspf])
def test_a_card_makes_the_same_station_elsewhere(anna: CardSigner, ben: CardSigner, write: Any) -> None:
    card = read_card(write(FRIDAY, anna), own=ben.key.public)
    assert card.signer.startswith("Anna's hub, ")
    assert not card.is_own
    station = station_of_card(card, StationKey("friday-2"), EpochMs(5), chance=9)
    assert station == replace(
        FRIDAY, key=StationKey("friday-2"), origin="card", room=None, created_at_ms=EpochMs(5), chance=FRIDAY.chance
    )
    assert station_of_card(card, station.key, EpochMs(5), 9, name="Mine").name == "Mine"
    assert write_card(station, anna) == write_card(FRIDAY, anna)


def test_a_hub_knows_its_own_cards(anna: CardSigner) -> None:
    card = read_card(write_card(FRIDAY, anna).encode(), own=anna.key.public)
    assert card.is_own
    assert card.signer.endswith("(this hub)")
    assert not read_card(write_card(FRIDAY, anna)).is_own


def test_every_change_of_a_single_byte_is_refused(anna: CardSigner) -> None:
    raw = write_card(FRIDAY, anna).encode()
    for at in range(len(raw)):
        for changed in (raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :], raw[:at] + raw[at + 1 :], raw[:at]):
            with pytest.raises(CardError, match=r"^This card can't be taken: .+\.$"):
                read_card(changed)


def test_another_signer_can_not_take_the_place_of_the_first(anna: CardSigner, ben: CardSigner) -> None:
    mine, others = (json.loads(write_card(FRIDAY, signer)) for signer in (anna, ben))

    def told(fields: dict[str, Any]) -> str:
        return json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    assert read_card(told(mine)).name == "Friday"
    renamed = mine | {"signer": mine["signer"] | {"name": "Ben's hub"}}
    for forged in (mine | {"signer": others["signer"]}, mine | {"signature": others["signature"]}, renamed):
        with pytest.raises(CardError, match="changed after it had been signed"):
            read_card(told(forged))


def test_a_playlist_with_a_forged_card_is_no_playlist_without_one(anna: CardSigner) -> None:
    forged = write_jspf(FRIDAY, anna).replace('\\"name\\":\\"Friday\\"', '\\"name\\":\\"Freitag\\"')
    assert "Freitag" in forged
    with pytest.raises(CardError, match="changed after it had been signed"):
        read_card(forged)


def test_a_playlist_that_nobody_signed_gives_seeds() -> None:
    text = json.dumps({"playlist": {"track": [{"creator": "Lil Wayne, Drake", "title": "Right Above It"}, {}]}})
    card = read_card(text)
    assert card.seeds == (Seed("Lil Wayne", "Right Above It"),)
    assert (card.name, card.signer, card.signed_by, card.tuning) == ("Imported", "", None, None)
    assert card.notes == ("1 of its 2 tracks name no artist",)
    station = station_of_card(card, StationKey("imported"), EpochMs(5), chance=9)
    assert (station.tuning, station.chance, station.origin) == (Tuning(), 9, "card")


def test_a_station_that_can_not_be_shared_says_so(anna: CardSigner) -> None:
    with pytest.raises(CardError, match=r"^Friday can't be shared: it has no seeds\.$"):
        write_card(replace(FRIDAY, seeds=(Seed(" "),)), anna)


def test_a_card_shows_nothing_of_the_key_or_the_folder(anna: CardSigner, tmp_path: Path) -> None:
    signer = CardSigner.of_hub(tmp_path / "private-place", "")
    text = write_card(FRIDAY, signer) + write_jspf(FRIDAY, signer)
    secret = (tmp_path / "private-place" / "radio" / "signing.key").read_text().splitlines()[1]
    assert secret not in text
    assert "private-place" not in text
    assert secret not in repr(signer)
