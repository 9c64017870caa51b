"""Who fits a station: by the model, with what was voted, held back where likes lead too far."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from moodroom_hub.domain.models import Track
from moodroom_hub.domain.stations.choosing import Ranked
from moodroom_hub.domain.stations.drift import Bound, drift, held_back, none_too_many
from moodroom_hub.domain.stations.models import Seed, Station, Vote, VoteKind
from moodroom_hub.plugins.radio.names import LONGEST, artist_key

if TYPE_CHECKING:
    from moodroom_hub.plugins.radio.recommending.interface import Best, Query

POOL: Final = 300
MORE_RARE: Final = 600
MOST_VOTES: Final = 200
"""Of each kind the newest count."""
MOST_URGENT: Final = 4
"""So many times its usual weight do dislikes have at most, where many come in a row."""
FADING: Final = 0.9
"""What a vote weighs against the one after it, for its own artist."""
SEED_EVERY: Final = 4
LEAST_STYLE: Final = 0.05
"""Without any style nothing would be left to drift from."""
NAMED: Final = 2
NEAR_ENOUGH: Final = 0.2


class Model(Protocol):
    """What is asked of a ``StationModel``."""

    @property
    def manifest(self) -> Any:
        """What it says of itself."""
        ...

    def __len__(self) -> int: ...

    def place(self, artist: str) -> int | None:
        """Where an artist stands."""
        ...

    def name(self, place: int) -> str:
        """As people write it."""
        ...

    def score(self, query: "Query", count: int, without: Collection[int] = ()) -> "Best":
        """Artists that fit best."""
        ...

    def likenesses(self, place: int, places: Sequence[int]) -> Any:
        """Cosines with each of several."""
        ...

    def common(self, place: int) -> float:
        """Which share of the artists is rarer."""
        ...

    def list_vector(self, place: int) -> tuple[float, ...]:
        """Of length 1."""
        ...

    def close(self) -> None:
        """Let the file go."""
        ...


@dataclass(frozen=True, slots=True)
class Order:
    """Artists, those who fit best first. ``drift`` is ``None`` where the model knows none of the station's artists."""

    artists: tuple[Ranked, ...]
    known: int = 0
    unknown: tuple[str, ...] = ()
    drift: float | None = None
    is_bounded: bool = False


@dataclass(frozen=True, slots=True)
class Leaning:
    """What somebody thinks of artists: names, oldest first, an artist as often as it was said."""

    likes: tuple[str, ...] = ()
    dislikes: tuple[str, ...] = ()
    in_a_row: int = 0
    """So many dislikes came last, without a like between them."""


def in_a_row(kinds: Sequence[VoteKind | None]) -> int:
    """How many dislikes came last; what says nothing is passed over."""
    said = [kind for kind in kinds if kind is not None]
    return next((number for number, kind in enumerate(reversed(said)) if kind is VoteKind.LIKE), len(said))


def leaning(votes: Sequence[Vote]) -> Leaning:
    """The votes by the first artist of their tracks, the newest of each kind."""
    likes = [each.track.artists[0] for each in votes if each.kind is VoteKind.LIKE and each.track.artists]
    dislikes = [each.track.artists[0] for each in votes if each.kind is VoteKind.DISLIKE and each.track.artists]
    row = in_a_row([each.kind for each in votes])
    return Leaning(tuple(likes[-MOST_VOTES:]), tuple(dislikes[-MOST_VOTES:]), row)


def ordered(model: Model, station: Station, said: Leaning, favourites: Collection[str]) -> Order | None:
    """Everybody in order; ``None`` where the model knows none of the seeds and likes. ``favourites``: artists' keys."""
    # Late: whoever has no model needs none of the numbers.
    from moodroom_hub.plugins.radio.recommending.interface import Query

    names = {artist_key(seed.artist): seed.artist for seed in reversed(station.seeds)}
    placed = {key: model.place(name) for key, name in reversed(names.items())}
    seeds = tuple(dict.fromkeys(place for place in placed.values() if place is not None))
    likes = tuple(place for place in none_too_many(_places(model, said.likes)))
    dislikes = tuple(_places(model, said.dislikes))
    unknown = tuple(names[key] for key, place in placed.items() if place is None)
    if not seeds and not likes:
        return None
    tuning = station.tuning
    style = max(tuning.style, LEAST_STYLE)
    found: dict[float, Best] = {}

    def best(like_weight: float) -> "Best":
        if like_weight not in found:
            # Who skips again and again wants something else now, not a little less of the same.
            against = tuning.dislikes * min(max(1, said.in_a_row), MOST_URGENT)
            query = Query(seeds, likes, dislikes, style, like_weight, against)
            found[like_weight] = model.score(query, pool_size(tuning.adventure))
        return found[like_weight]

    bound = Bound(tuning.likes, 0.0, is_bounded=False)
    if seeds and likes:
        before = best(0.0).places.tolist()
        bound = held_back(lambda weight: drift(before, best(weight).places.tolist()), tuning.likes, tuning.drift)
    chosen = best(bound.like_weight)
    sunk = sinking(said, tuning.dislikes)
    artists = []
    for place, score in zip(chosen.places.tolist(), chosen.scores.tolist(), strict=True):
        name = model.name(place)
        key = artist_key(name)
        artists.append(
            Ranked(key, name, round(score, 4), "station", model.common(place), key in favourites, sunk.get(key, 0.0))
        )
    return Order(
        artists=_with_seeds(artists, _seeds(model, placed, names, favourites, sunk)),
        known=len(placed) - len(unknown),
        unknown=unknown,
        drift=bound.drift if seeds else None,
        is_bounded=bound.is_bounded,
    )


def sinking(said: Leaning, weight: float) -> Mapping[str, float]:
    """By key how far dislikes outweigh likes, newer ones more."""
    found: Counter[str] = Counter()
    for names, sign in ((said.dislikes, 1.0), (said.likes, -1.0)):
        votes: Counter[str] = Counter()
        for name in reversed(names):
            key = artist_key(name)
            found[key] += sign * FADING ** votes[key]  # type: ignore[assignment]  # counters of weights, not of things
            votes[key] += 1
    return {key: weight * share for key, share in found.items() if share > 0}


def nearest(model: Model, artist: str, others: Sequence[Seed]) -> tuple[Seed, ...]:
    """Of these the ones that the artist is most like, at most ``NAMED``, one for each of their artists."""
    place = model.place(artist)
    placed = [(seed, found) for seed in others if (found := model.place(seed.artist)) is not None]
    if place is None or not placed:
        return ()
    likenesses = [float(each) for each in model.likenesses(place, [found for _, found in placed])]
    best: dict[int, tuple[float, Seed]] = {}
    for (seed, found), likeness in zip(placed, likenesses, strict=True):
        if found != place and found not in best and likeness >= NEAR_ENOUGH:
            best[found] = (likeness, seed)
    order = sorted(best.values(), key=lambda each: -each[0])
    return tuple(seed for _, seed in order[:NAMED])


def in_words(seeds: Sequence[Seed], *, by_track: bool) -> str:
    """``Trophies and My Wrist``, or the artists' names; empty for nobody."""
    return " and ".join(seed.track if by_track and seed.track else seed.artist for seed in seeds)


def seeds_of(tracks: Sequence[Track], most: int) -> tuple[Seed, ...]:
    """The first artists of these tracks, those with the most tracks first, then as they come."""
    names: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for track in tracks:
        if track.artists and (key := artist_key(track.artists[0])):
            names.setdefault(key, shown(track.artists[0])[:LONGEST])
            counts[key] += 1
    # ``sorted`` keeps the order of equals.
    return tuple(Seed(names[key]) for key in sorted(counts, key=lambda key: -counts[key])[:most])


def shown(text: str) -> str:
    """On one line, without what cannot be seen."""
    return " ".join("".join(sign for sign in " ".join(text.split()) if sign.isprintable()).split())


def _places(model: Model, names: Sequence[str]) -> list[int]:
    return [place for name in names if (place := model.place(name)) is not None]


def _seeds(
    model: Model,
    placed: Mapping[str, int | None],
    names: Mapping[str, str],
    favourites: Collection[str],
    sunk: Mapping[str, float],
) -> list[Ranked]:
    return [
        Ranked(key, names[key], None, "seeds", 0.0, key in favourites, sunk.get(key, 0.0))
        if place is None
        else Ranked(key, model.name(place), None, "station", model.common(place), key in favourites, sunk.get(key, 0.0))
        for key, place in placed.items()
        if key
    ]


def _with_seeds(artists: Sequence[Ranked], seeds: Sequence[Ranked]) -> tuple[Ranked, ...]:
    """The owner named them, so they are to be heard: those whom the model puts far down, or does not know, come up.

    Of any ``SEED_EVERY`` artists one is such a seed, as long as there are any, in the order of the seeds.
    """
    at = {artist.key: place for place, artist in enumerate(artists)}
    low = [seed for number, seed in enumerate(seeds) if at.get(seed.key, len(at)) > SEED_EVERY * (number + 1)]
    moved = {seed.key: artists[at[seed.key]] if seed.key in at else seed for seed in low}
    mixed = [artist for artist in artists if artist.key not in moved]
    for number, seed in enumerate(moved.values(), 1):
        mixed.insert(SEED_EVERY * number - 1, seed)
    return tuple(mixed)


def pool_size(adventure: float) -> int:
    """How many artists are put in order: the rare ones do not come first by themselves."""
    return POOL + round(MORE_RARE * max(0.0, 2 * adventure - 1) ** 2)
