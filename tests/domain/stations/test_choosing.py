"""What comes next: never what is forbidden, artists apart, and the same chance gives the same order."""

from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from moodroom_hub.domain.models import Track, Uri
from moodroom_hub.domain.recording import normal_artist
from moodroom_hub.domain.stations.choosing import Choice, Company, Ranked, keys_of, spacing, upcoming


def track(artist: str, number: int, addition: str = "") -> Track:
    """One of an artist's songs."""
    return Track(Uri(f"spotify:track:{artist}-{number}{addition}"), f"{artist} song {number}{addition}", (artist,))


def ranked(count: int) -> list[Ranked]:
    """So many artists, the first ones more common."""
    return [Ranked(normal_artist(f"a{number}"), f"a{number}", common=1 - number / count) for number in range(count)]


def songs(artists: list[Ranked], each: int) -> Mapping[str, list[Track]]:
    """So many songs of each."""
    return {artist.key: [track(artist.name, number) for number in range(each)] for artist in artists}


def names(choices: tuple[Choice, ...]) -> list[str]:
    """Artists in order."""
    return [choice.artist.name for choice in choices]


@settings(max_examples=25)
@given(
    count=st.integers(0, 14),
    each=st.integers(0, 4),
    heard=st.lists(st.tuples(st.integers(0, 14), st.integers(0, 4)), max_size=20),
    gone=st.sets(st.tuples(st.integers(0, 14), st.integers(0, 4)), max_size=20),
    lying=st.sets(st.tuples(st.integers(0, 14), st.integers(0, 4)), max_size=5),
    chance=st.integers(0, 1000),
    adventure=st.floats(0, 1),
)
def test_what_is_forbidden_never_comes_and_artists_stay_apart(
    count: int,
    each: int,
    heard: list[tuple[int, int]],
    gone: set[tuple[int, int]],
    lying: set[tuple[int, int]],
    chance: int,
    adventure: float,
) -> None:
    artists = ranked(count)
    candidates = songs(artists, each)
    recent = tuple(track(f"a{artist}", number, " (Live)") for artist, number in heard)
    never = frozenset(key for artist, number in gone for key in keys_of(track(f"a{artist}", number)))
    waiting = frozenset(track(f"a{artist}", number).uri for artist, number in lying)
    company = Company(recent, waiting, never)
    chosen = upcoming(artists, candidates, company, chance=chance, adventure=adventure, count=12)
    assert chosen == upcoming(artists, candidates, company, chance=chance, adventure=adventure, count=12)
    tracks = [choice.track for choice in chosen if choice.track is not None]
    assert len(tracks) == len(chosen), "everything is known here"
    assert len({each.uri for each in tracks}) == len(tracks)
    forbidden = set(never).union(*(keys_of(each) for each in recent))
    left = {artist: list(known) for artist, known in candidates.items()}
    past = [each.artists[0] for each in recent]
    for found in tracks:
        assert forbidden.isdisjoint(keys_of(found))
        assert found.uri not in waiting
        available = [
            key
            for key, known in left.items()
            if any(forbidden.isdisjoint(keys_of(each)) and each.uri not in waiting for each in known)
        ]
        distance = spacing(len(available))
        assert distance == 0 or found.artists[0] not in past[-distance:]
        forbidden |= keys_of(found)
        past.append(found.artists[0])
    if len(chosen) < 12:
        assert not any(
            forbidden.isdisjoint(keys_of(each)) and each.uri not in waiting for known in left.values() for each in known
        )


def test_who_is_not_looked_up_yet_is_wanted_and_holds_nobody_up() -> None:
    artists = ranked(12)
    candidates = dict(songs(artists, 3))
    whole = upcoming(artists, candidates, Company(), chance=1)
    missing = whole[0].artist
    del candidates[missing.key]
    without = upcoming(artists, candidates, Company(), chance=1)
    assert (without[0].artist, without[0].track) == (missing, None)
    assert without[1:] == whole[1:]


def test_the_best_come_first_and_chance_mixes_a_little() -> None:
    artists = ranked(60)
    candidates = songs(artists, 5)
    orders = {chance: names(upcoming(artists, candidates, Company(), chance=chance)) for chance in range(20)}
    assert len(set(map(tuple, orders.values()))) > 10
    heads = [int(name[1:]) for order in orders.values() for name in order[:5]]
    assert sum(heads) / len(heads) < 10


def test_the_knob_turns_from_the_familiar_to_the_rare() -> None:
    artists = ranked(60)
    candidates = songs(artists, 5)
    rare, familiar = (
        [
            int(name[1:])
            for chance in range(5)
            for name in names(upcoming(artists, candidates, Company(), chance=chance, adventure=adventure))
        ]
        for adventure in (1.0, 0.0)
    )
    assert sum(rare) / len(rare) > 30 > 10 > sum(familiar) / len(familiar)


def test_the_disliked_sink_and_the_heard_come_later() -> None:
    artists = ranked(20)
    candidates = songs(artists, 5)
    first = upcoming(artists, candidates, Company(), chance=3)[0]
    sunk = [
        Ranked(each.key, each.name, common=each.common, disliked=2.0) if each == first.artist else each
        for each in artists
    ]
    assert first.artist.name not in names(upcoming(sunk, candidates, Company(), chance=3))
    assert first.track is not None
    heard = Company(recent=tuple(track(first.artist.name, number) for number in (7, 8, 9)))
    assert first.artist.name not in names(upcoming(artists, candidates, heard, chance=3))
