"""Stations that leave the hub and come to it: signed, checked, and told apart from the hub's own."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from moodroom_hub.domain.models import EpochMs, Track
from moodroom_hub.domain.stations.cards import Card, Signer, card_of, read
from moodroom_hub.domain.stations.jspf import is_jspf, read_jspf
from moodroom_hub.domain.stations.jspf import write_jspf as written_as_playlist
from moodroom_hub.domain.stations.models import Seed, Station, StationKey, Tuning
from moodroom_hub.domain.stations.untrusted import CardError
from moodroom_hub.plugins.radio.names import first_of_credit
from moodroom_hub.plugins.radio.signing import SigningKey, is_signed, own_key

__all__ = [
    "CardError",
    "CardSigner",
    "ReadCard",
    "read_card",
    "station_of_card",
    "write_card",
    "write_jspf",
]


@dataclass(frozen=True, slots=True)
class CardSigner:
    """Who signs this hub's cards. ``name``: what the owner calls it; may be empty."""

    name: str
    key: SigningKey

    @classmethod
    def of_hub(cls, data_dir: Path, name: str = "") -> "CardSigner":
        """Blocking: makes the hub's key where there is none. Raises ``Trouble`` (``UNAVAILABLE``)."""
        return cls(name, own_key(data_dir))


def write_card(station: Station, signer: CardSigner) -> str:
    """The station as a card: one line of JSON, without a line end. Raises ``CardError``."""
    card, signature = _signed(station, signer)
    return card.text(signature)


def write_jspf(station: Station, signer: CardSigner, tracks: Iterable[Track] = ()) -> str:
    """The station as a playlist of its seeds that carries the card. Raises ``CardError``.

    ``tracks``: where the seeds' tracks were found, for their uris; others among them are left out, so that what the
    station has learnt stays here.
    """
    return written_as_playlist(*_signed(station, signer), tracks)


def _signed(station: Station, signer: CardSigner) -> tuple[Card, str]:
    try:
        card = card_of(station, Signer(signer.name, signer.key.public))
    except CardError as error:
        raise CardError(f"{station.name} can't be shared: {error}.") from None
    return card, signer.key.sign(card.content)


@dataclass(frozen=True, slots=True)
class ReadCard:
    """A card that was checked, or a playlist. All its texts are hostile.

    ``chance`` and ``signed_by`` are ``None`` for a playlist that nobody signed. ``is_own``: this hub signed it.
    """

    name: str
    seeds: tuple[Seed, ...]
    tuning: Tuning | None = None
    chance: int | None = None
    signed_by: Signer | None = None
    is_own: bool = False
    notes: tuple[str, ...] = ()

    @property
    def signer(self) -> str:
        """One line for a person, as in "signed by Anna's hub, 7f3a-91c2"; empty where nobody signed it."""
        if self.signed_by is None:
            return ""
        return f"{self.signed_by} (this hub)" if self.is_own else str(self.signed_by)


def read_card(given: str | bytes, own: str | None = None) -> ReadCard:
    """Read a card or a JSPF playlist, whoever it comes from. ``own``: this hub's public key (``signing.known_key``).

    Raises ``CardError``, a sentence for a person, where it was changed, is foreign or is no card; ``Trouble``
    (``UNAVAILABLE``) where signatures can't be checked.
    """
    try:
        if not is_jspf(given):
            return _checked(given, own)
        playlist = read_jspf(given)
        if playlist.card is not None:
            return _checked(playlist.card, own)
    except CardError as error:
        raise CardError(f"This card can't be taken: {error}.") from None
    seeds = tuple(dict.fromkeys(Seed(first_of_credit(each.artist), each.track) for each in playlist.seeds))
    return ReadCard(playlist.name or "Imported", seeds, notes=playlist.notes)


def _checked(given: str | bytes, own: str | None) -> ReadCard:
    card, signature = read(given)
    if not is_signed(card.content, signature, card.signer.key):
        raise CardError("it was changed after it had been signed: ask for the file as it was exported")
    is_own = own is not None and card.signer.key == own
    return ReadCard(card.name, card.seeds, card.tuning, card.chance, card.signer, is_own)


def station_of_card(card: ReadCard, key: StationKey, now_ms: EpochMs, chance: int, name: str = "") -> Station:
    """A station of this hub, which learns by itself from here on.

    ``chance``: for a playlist; a card brings its own, so that both hubs play in the same order until one of them
    learns something. ``name``: instead of the card's.
    """
    return Station(
        key=key,
        name=name or card.name,
        seeds=card.seeds,
        tuning=card.tuning or Tuning(),
        origin="card",
        created_at_ms=now_ms,
        chance=chance if card.chance is None else card.chance,
    )
