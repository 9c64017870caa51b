"""What the clean-up of artists' names does: how many spellings fall together, and whether they are the same artists.

That two spellings are one artist is proven where the same song (by its uri) stands in lists under both. Of the
spellings that fall together without such proof the most common are shown, for people to judge.
"""

import csv
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.mining_lab.data import data_folder
from moodroom_hub.domain.recording import normal_artist
from moodroom_hub.plugins.radio.names import artist_key, first_of_credit

SHOWN = 12
FAMOUS = (
    ("Nirvana", "Nirvana UK"),
    ("Air", "Aire"),
    ("Bush", "Kate Bush"),
    ("Prince", "Prince Royce"),
    ("Queen", "Queens"),
    ("Yes", "Yes Yes"),
    ("The Band", "Band of Horses"),
    ("The Who", "The Guess Who"),
    ("Heart", "Hearts"),
    ("Eve", "Eve 6"),
    ("Future", "Future Islands"),
    ("Garbage", "Garbage Pail"),
    ("Muse", "The Muses"),
    ("Genesis", "Genesis Owusu"),
    ("U2", "U 2 Me"),
    ("Feist", "The Feast"),
    ("M83", "M 83 Live"),
    ("Sting", "Stings"),
)
"""Names that look alike and are not: each falls in two, or the clean-up goes too far."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one rule does. ``proven``: of the pairs of spellings that share songs, how many fall together."""

    rule: str
    artists: int
    joined: int
    occurrences: int
    whole: int
    proven: int
    pairs: int
    confirmed: int
    sharing: int


def report(tell: Callable[[str], None]) -> bool:
    """The table; false where well-known artists fall together."""
    folder = data_folder()
    if folder is None:
        tell("names: no open data here (../shared/data or $MOODROOM_DATA)")
        return True
    credits = list(_credits(folder))
    rules: tuple[tuple[str, Callable[[str], str]], ...] = (
        ("as written", str),
        ("lower case", str.casefold),
        ("the house's normal artist", normal_artist),
        ("artist key", artist_key),
    )
    tell("| names | artists | spellings joined | of occurrences | pairs with a song in common | joined that have one |")
    tell("|---|---|---|---|---|---|")
    for name, rule in rules:
        found = judge(name, rule, credits)
        share = found.joined and found.sharing / found.confirmed if found.confirmed else 1.0
        tell(
            f"| {found.rule} | {found.artists:,} | {found.joined:,} | {found.occurrences / found.whole:.2%}"
            f" | {found.proven} of {found.pairs} | {found.sharing} of {found.confirmed} ({share:.0%}) |"
        )
    counts = Counter(artist for artist, _ in credits)
    groups: dict[str, list[str]] = defaultdict(list)
    for artist, _ in counts.most_common():
        groups[artist_key(artist)].append(artist)
    joined = [names for names in groups.values() if len({normal_artist(each) for each in names}) > 1]
    unproven = [names for names in joined if not _share(names, credits)]
    tell("Joined beyond the house's rule, the most common: " + _shown(joined))
    tell("Of these without a song in common: " + _shown(unproven))
    wrong = [pair for pair in FAMOUS if artist_key(pair[0]) == artist_key(pair[1])]
    tell(f"Different artists of like names: {len(FAMOUS) - len(wrong)} of {len(FAMOUS)} pairs stay two {wrong or ''}")
    return not wrong


def judge(name: str, rule: Callable[[str], str], credits: list[tuple[str, str]]) -> Found:
    """Of these first artists and the uris of their songs."""
    counts: Counter[str] = Counter()
    songs: dict[str, set[str]] = defaultdict(set)
    by_song: dict[str, set[str]] = defaultdict(set)
    for artist, song in credits:
        counts[artist] += 1
        if not song:
            continue
        songs[artist].add(song)
        by_song[song].add(artist)
    groups: dict[str, list[str]] = defaultdict(list)
    for artist in counts:
        groups[rule(artist)].append(artist)
    several = [names for names in groups.values() if len(names) > 1]
    # Of the spellings of one song two that share not one word are two artists, named in another order.
    pairs = {
        tuple(sorted((one, other)))
        for names in by_song.values()
        for one in names
        for other in names
        if one < other and set(normal_artist(one).split()) & set(normal_artist(other).split())
    }
    rarer = [(max(names, key=lambda each: (counts[each], each)), names) for names in several]
    looked_at = [(common, each) for common, names in rarer for each in names if each != common and counts[each] > 1]
    return Found(
        rule=name,
        artists=len(groups),
        joined=sum(len(names) - 1 for names in several),
        occurrences=sum(counts[each] for common, names in rarer for each in names if each != common),
        whole=counts.total(),
        proven=sum(rule(one) == rule(other) for one, other in pairs),
        pairs=len(pairs),
        confirmed=len(looked_at),
        sharing=sum(not songs[common].isdisjoint(songs[each]) for common, each in looked_at),
    )


def _shown(groups: list[list[str]]) -> str:
    return "; ".join(" = ".join(names[:3]) for names in groups[:SHOWN])


def _share(names: list[str], credits: list[tuple[str, str]]) -> bool:
    songs: dict[str, set[str]] = {name: set() for name in names}
    for artist, uri in credits:
        if uri and artist in songs:
            songs[artist].add(uri)
    return any(not songs[names[0]].isdisjoint(songs[each]) for each in names[1:])


def _credits(folder: Path) -> Iterator[tuple[str, str]]:
    for name in ("owners/owner_playlists.jsonl.gz", "playlists/archive_playlists.jsonl.gz"):
        with gzip.open(folder / name, "rt", encoding="utf-8") as stream:
            for line in stream:
                for track in json.loads(line)["tracks"]:
                    artist = track["artists"][0] if track.get("artists") else first_of_credit(track.get("artist") or "")
                    if artist:
                        yield artist, track.get("uri") or ""
    with gzip.open(folder / "audio" / "spotify_songs.csv.gz", "rt", encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table):
            yield row["track_artist"], row["track_id"]
