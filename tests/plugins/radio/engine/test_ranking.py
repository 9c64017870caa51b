"""Who fits, by a model: the seeds are heard, votes bend, likes are held back."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from moodroom_hub.domain.models import EpochMs, Track, Uri
from moodroom_hub.domain.stations.models import Seed, Station, StationKey, Tuning, Vote, VoteKind
from moodroom_hub.plugins.radio.model import StationModel
from moodroom_hub.plugins.radio.ranking import Leaning, in_a_row, in_words, leaning, nearest, ordered, seeds_of, sinking
from tests.plugins.radio.engine.lab import FRIDAY, artist, seeds, song

NOBODY = Leaning()


@pytest.fixture(scope="module")
def known(model: Path) -> Iterator[StationModel]:
    """The model, opened."""
    with StationModel.open(model) as opened:
        yield opened


def _heads(known: StationModel, station: Station, said: Leaning = NOBODY, count: int = 10) -> list[str]:
    order = ordered(known, station, said, ())
    assert order is not None
    return [each.name for each in order.artists[:count]]


def test_seeds_come_up_wherever_the_model_puts_them(known: StationModel) -> None:
    rare, strangers = artist("Dune", 14), ("Nobody Knows", "Nor Her")
    station = Station(FRIDAY, "Friday", seeds(*(artist("Amber", number) for number in range(6)), rare, *strangers))
    order = ordered(known, station, NOBODY, ())
    assert order is not None
    assert (order.known, order.unknown) == (7, strangers)
    places = {each.name: place for place, each in enumerate(order.artists)}
    assert len(places) == len(order.artists), "everybody once"
    assert max(places[name] for name in (rare, *strangers)) <= 4 * 9
    assert {each.link for each in order.artists if each.name in strangers} == {"seeds"}
    assert ordered(known, replace(station, seeds=seeds(*strangers)), NOBODY, ()) is None


def test_likes_pull_dislikes_push_and_weights_of_nothing_do_nothing(known: StationModel) -> None:
    station = Station(FRIDAY, "Friday", seeds("Amber 0", "Birch 0"), tuning=Tuning(drift=1.0))
    before = _heads(known, station)

    def mean_place(style: str, said: Leaning) -> float:
        places = [place for place, name in enumerate(_heads(known, station, said, 64)) if name.startswith(style)]
        return sum(places) / len(places)

    assert mean_place("Cedar", Leaning(likes=("Cedar 0", "Cedar 1"))) < mean_place("Cedar", NOBODY) - 1
    assert mean_place("Amber", Leaning(dislikes=("Amber 0", "Amber 1"))) > mean_place("Amber", NOBODY) + 1
    deaf = replace(station, tuning=Tuning(likes=0.0, dislikes=0.0))
    said = Leaning(likes=("Cedar 0",), dislikes=("Amber 0",))
    assert _heads(known, deaf, said) == before
    still = ordered(known, replace(station, tuning=Tuning(drift=0.0)), Leaning(likes=("Cedar 0",) * 5), ())
    assert still is not None
    assert (still.drift, still.is_bounded) == (0.0, True)
    assert [each.name for each in still.artists[:10]] == before


def test_skips_in_a_row_push_harder_until_something_pleases(known: StationModel) -> None:
    station = Station(FRIDAY, "Friday", seeds("Amber 0", "Birch 0"), tuning=Tuning(drift=1.0))
    skipped = tuple(f"Amber {number}" for number in range(1, 4))

    def amber(said: Leaning) -> float:
        places = [place for place, name in enumerate(_heads(known, station, said, 64)) if name.startswith("Amber")]
        return sum(places) / len(places)

    once, thrice = Leaning(dislikes=skipped, in_a_row=1), Leaning(dislikes=skipped, in_a_row=3)
    assert amber(thrice) > amber(once) > amber(NOBODY)
    no, yes = VoteKind.DISLIKE, VoteKind.LIKE
    assert [in_a_row(kinds) for kinds in ([], [yes], [no], [yes, no, None, no], [no, no, yes, no])] == [0, 0, 1, 2, 1]


def test_newer_votes_weigh_more_and_who_is_forgiven_does_not_sink() -> None:
    assert sinking(Leaning(dislikes=("A",)), 1.0) == {"a": 1.0}
    twice = sinking(Leaning(dislikes=("A", "The A")), 1.0)["a"]
    assert 1.5 < twice < 2
    assert sinking(Leaning(likes=("A",), dislikes=("A",)), 1.0) == {}
    assert sinking(Leaning(dislikes=("A",)), 0.0) == {"a": 0.0}


def test_votes_are_read_by_their_first_artist() -> None:
    def vote(number: int, kind: VoteKind, *artists: str) -> Vote:
        return Vote(number, StationKey("x"), kind, Track(Uri(f"u:{number}"), "T", artists), EpochMs(number))

    votes = [vote(1, VoteKind.LIKE, "A", "B"), vote(2, VoteKind.DISLIKE, "B"), vote(3, VoteKind.LIKE)]
    assert leaning(votes) == Leaning(("A",), ("B",))


def test_whys_name_the_nearest_each_artist_once(known: StationModel) -> None:
    others = [
        Seed("Amber 1", "Trophies"),
        Seed("Amber 1", "Another"),
        Seed("Amber 2", "My Wrist"),
        Seed("Dune 3", "Far"),
        Seed("Nobody Knows", "Nowhere"),
    ]
    near = nearest(known, "Amber 0", others)
    assert in_words(near, by_track=True) in ("Trophies and My Wrist", "My Wrist and Trophies")
    assert {each.artist for each in near} == {"Amber 1", "Amber 2"}
    assert nearest(known, "Nobody Knows", others) == ()


def test_a_playlist_s_seeds_are_its_artists_by_how_many_tracks_they_have() -> None:
    tracks = [song("A", 1), song("B", 1), song("The B", 2), Track(Uri("u:1"), "Of nobody")]
    assert [seed.artist for seed in seeds_of(tracks, 9)] == ["B", "A"]
    assert [seed.artist for seed in seeds_of(tracks, 1)] == ["B"]
