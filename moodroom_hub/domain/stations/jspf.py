"""Stations as playlists that other programs read (JSPF, the JSON Shareable Playlist Format), and back.

A station that is written so has its seeds as tracks, and its card, as it was signed, in an extension. Read back, the
card alone counts; a playlist without one becomes seeds, which nobody has signed.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from moodroom_hub.domain.models import Track
from moodroom_hub.domain.recording import name_key, normal_artist, track_name_key
from moodroom_hub.domain.stations.cards import LONGEST_ARTIST, LONGEST_TRACK, Card
from moodroom_hub.domain.stations.models import LONGEST_NAME, MOST_SEEDS, Seed
from moodroom_hub.domain.stations.untrusted import CardError, plain_text, read_object, tidy

EXTENSION: Final = "urn:moodroom-hub:station-card:1"
LARGEST_BYTES: Final = 512 * 1024
MOST_TRACKS: Final = 10_000
_DEEPEST: Final = 24


@dataclass(frozen=True, slots=True)
class ReadPlaylist:
    """What a playlist gives: the text of the card that it carries, or else a name and seeds of its tracks.

    ``name`` may be empty. ``notes``: what was left out, each a line for a person.
    """

    card: str | None = None
    name: str = ""
    seeds: tuple[Seed, ...] = ()
    notes: tuple[str, ...] = ()


def write_jspf(card: Card, signature: str, tracks: Iterable[Track] = ()) -> str:
    """The card as a playlist. ``tracks``: where the seeds' tracks were found; others among them are not written."""
    found = {key: track for track in tracks if (key := track_name_key(track)) is not None}
    playlist = {
        "title": card.name,
        "creator": card.signer.name or "Moodroom Hub",
        "track": [_written(seed, found) for seed in card.seeds],
        # As text, so that programs which write the file anew leave the signed bytes as they are.
        "extension": {EXTENSION: [{"card": card.text(signature)}]},
    }
    return json.dumps({"playlist": playlist}, ensure_ascii=False, indent=1)


def _written(seed: Seed, found: Mapping[str, Track]) -> dict[str, Any]:
    written: dict[str, Any] = {"creator": seed.artist}
    if seed.track:
        written["title"] = seed.track
        track = found.get(name_key(seed.track, seed.artist) or "")
        if track is not None:
            written["identifier"] = [track.uri]
    return written


def is_jspf(given: str | bytes) -> bool:
    """Whether it begins as a playlist does; looks at its beginning only."""
    start = given[:200] if isinstance(given, str) else given[:200].decode(errors="replace")
    return "".join(start.lstrip("\ufeff").split()).startswith(('{"playlist":', '{"track":', '{"title":'))


def read_jspf(given: str | bytes) -> ReadPlaylist:
    """What any JSPF file gives. Raises ``CardError``."""
    fields = read_object(plain_text(given, LARGEST_BYTES), _DEEPEST)
    playlist = fields.get("playlist", fields)
    if not isinstance(playlist, dict):
        raise CardError("it is no playlist in JSPF")
    card = _card_in(playlist.get("extension"))
    if card is not None:
        return ReadPlaylist(card=card)
    tracks = playlist.get("track")
    if not isinstance(tracks, list):
        raise CardError("it is no playlist in JSPF: it has no list of tracks")
    if len(tracks) > MOST_TRACKS:
        raise CardError(f"it has {len(tracks)} tracks: {MOST_TRACKS} is the most")
    found = [seed for track in tracks if (seed := _seed_of(track)) is not None]
    if not found:
        raise CardError("none of its tracks names an artist")
    seeds, notes = _fewer(found)
    if len(found) < len(tracks):
        notes = (f"{len(tracks) - len(found)} of its {len(tracks)} tracks name no artist", *notes)
    title = playlist.get("title")
    return ReadPlaylist(None, tidy(title, LONGEST_NAME) if isinstance(title, str) else "", seeds, notes)


def _card_in(extension: Any) -> str | None:
    if not isinstance(extension, dict) or EXTENSION not in extension:
        return None
    held = extension[EXTENSION]
    first = held[0] if isinstance(held, list) and held else held
    card = first.get("card") if isinstance(first, dict) else None
    # A card that was taken out of its place is a card that was tampered with, not a playlist without one.
    return card if isinstance(card, str) else ""


def _seed_of(track: Any) -> Seed | None:
    if not isinstance(track, dict):
        return None
    artist, title = track.get("creator"), track.get("title")
    if not isinstance(artist, str) or not (artist := tidy(artist, LONGEST_ARTIST)):
        return None
    return Seed(artist, tidy(title, LONGEST_TRACK) if isinstance(title, str) else "")


def _fewer(found: Sequence[Seed]) -> tuple[tuple[Seed, ...], tuple[str, ...]]:
    """Each once; where they are too many, one of each artist before a second of any."""
    seeds = tuple(dict.fromkeys(found))
    if len(seeds) <= MOST_SEEDS:
        return seeds, ()
    of_each: dict[str, Seed] = {}
    for seed in seeds:
        of_each.setdefault(normal_artist(seed.artist), seed)
    kept = tuple(dict.fromkeys((*of_each.values(), *seeds)))[:MOST_SEEDS]
    return kept, (f"{MOST_SEEDS} of its {len(seeds)} tracks are seeds: more is no help",)
