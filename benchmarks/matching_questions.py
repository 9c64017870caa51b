"""Songs as somebody names them, and what a search might find: from the open data, or made up."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from benchmarks.mining_lab.data import data_folder, read
from moodroom_hub.domain.mining.spelling import words_of
from moodroom_hub.domain.models import Track, Uri
from moodroom_hub.domain.recording import fold, is_harmless_addition, is_same_recording, name_key, title_parts

BAD_VERSIONS = ("{} - Live", "{} (Sped Up)", "{} - Nobody's Remix", "{} - Acoustic", "{} (Instrumental)")
BY_OTHERS = ("{} (Originally Performed by {}) [Karaoke Version]", "{} (Tribute to {})")
TITLE_WORDS = words_of("night room fire river golden hour falling silver morning heart stone paper moon summer shadow")
ARTIST_WORDS = words_of("velvet harbour northern static marble orchard crimson avenue paradise signal tiger lantern")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A song as somebody names it."""

    name: str
    artist: str


@dataclass(frozen=True, slots=True)
class Question:
    """``wanted`` in one ``wording``, what a search might give for it, and which of that is right."""

    wording: str
    wanted: Wanted
    candidates: tuple[Track, ...]
    right: frozenset[Uri]


def as_written(track: Track, _: Random) -> Wanted:
    """The listing's own words, and all artists."""
    return Wanted(track.name, ", ".join(track.artists))


def plain(track: Track, _: Random) -> Wanted:
    """As a model says it: no guests, no remaster, the first artist."""
    head, notes = title_parts(track.name)
    rest = "".join(f" ({note})" for note in notes if not is_harmless_addition(note))
    return Wanted(head + rest, track.artists[0])


def careless(track: Track, rng: Random) -> Wanted:
    """Lower case, no signs, no accents; without "The"."""
    one = plain(track, rng)
    return Wanted(fold(one.name) or one.name, (fold(one.artist) or one.artist).removeprefix("the "))


def with_a_slip(track: Track, rng: Random) -> Wanted:
    """One letter of the longest word of the title doubled, left out or swapped."""
    one = plain(track, rng)
    word = max(one.name.split(), key=len, default="")
    if len(word) < 6 or not word.isalpha():
        return one
    at = rng.randrange(1, len(word) - 1)
    slipped = rng.choice(
        [
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        ]
    )
    return Wanted(one.name.replace(word, slipped, 1), one.artist)


def by_a_guest(track: Track, _: Random) -> Wanted:
    """Named after the last credited artist."""
    return Wanted(plain(track, Random(0)).name, track.artists[-1])


WORDINGS = (as_written, plain, careless, with_a_slip, by_a_guest)


def questions(tracks: Sequence[Track], count: int, rng: Random) -> Iterator[tuple[Question, Question]]:
    """Each song in one wording: with the song among the candidates, and without."""
    by_artist: dict[str, list[Track]] = defaultdict(list)
    by_head: dict[str, list[Track]] = defaultdict(list)
    for track in tracks:
        for artist in track.artists:
            by_artist[fold(artist)].append(track)
        by_head[fold(title_parts(track.name)[0])].append(track)
    for number, track in enumerate(rng.sample(tracks, min(count, len(tracks)))):
        wording = WORDINGS[number % len(WORDINGS)]
        near = {one.uri: one for artist in track.artists for one in by_artist[fold(artist)]}
        near |= {one.uri: one for one in by_head[fold(title_parts(track.name)[0])]}
        near |= {one.uri: one for one in _bad_versions(track, number)}
        right = {one.uri for one in near.values() if is_same_recording(one, track) or _is_same_listing(one, track)}
        candidates = list(near.values())
        rng.shuffle(candidates)
        others = tuple(one for one in candidates if one.uri not in right)
        wanted = wording(track, rng)
        name = wording.__name__.replace("_", " ")
        yield (
            Question(name, wanted, tuple(candidates), frozenset(right)),
            Question(name, wanted, others, frozenset()),
        )


def _is_same_listing(one: Track, other: Track) -> bool:
    """The same title, and artists of whom one is named by both (in another order, or joined to one name)."""
    if name_key(one.name, "x") != name_key(other.name, "x"):
        return False
    here, there = fold(" ".join(one.artists)), fold(" ".join(other.artists))
    return here in there or there in here or not {*map(fold, one.artists)}.isdisjoint(map(fold, other.artists))


def _bad_versions(track: Track, number: int) -> Iterator[Track]:
    """What a real search gives beside the song, and playlists seldom hold; nothing beside a version."""
    head, notes = title_parts(track.name)
    if not all(map(is_harmless_addition, notes)):
        return
    for place, pattern in enumerate(BAD_VERSIONS):
        yield Track(Uri(f"bad:{number}:{place}"), pattern.format(head), track.artists)
    for place, pattern in enumerate(BY_OTHERS):
        yield Track(Uri(f"other:{number}:{place}"), pattern.format(head, track.artists[0]), ("Karaoke All Hits",))


def real_tracks() -> list[Track]:
    """Every listing of the open data once; none where it is absent."""
    folder = data_folder()
    if folder is None:
        return []
    data = read(folder)
    listings = {
        (song.name, song.artists): None
        for lists in (data.owner, data.archive, data.audio)
        for playlist in lists
        for song in playlist.songs
        if song.name.strip() and song.artists and song.artists[0].strip()
    }
    return [Track(Uri(f"real:{number}"), name, artists) for number, (name, artists) in enumerate(listings)]


def made_up_tracks(rng: Random, count: int = 3_000) -> list[Track]:
    """Names of a generator's making, with versions and guests."""
    artists = [
        f"{first.title()} {second.title()}" for first in ARTIST_WORDS for second in ARTIST_WORDS if first != second
    ]
    endings = (
        "",
        "",
        "",
        " - Remastered 2011",
        " (feat. {})",
        " - Live",
        " - Radio Edit",
        " - {} Remix",
        " (Acoustic)",
    )
    found: dict[tuple[str, tuple[str, ...]], None] = {}
    for _ in range(count):
        performer, guest = rng.sample(artists, 2)
        title = " ".join(rng.sample(TITLE_WORDS, rng.randint(1, 3))).title()
        ending = rng.choice(endings)
        names = (performer, guest) if "feat" in ending else (performer,)
        found[title + ending.format(guest), names] = None
    return [Track(Uri(f"made-up:{number}"), name, names) for number, (name, names) in enumerate(found)]
