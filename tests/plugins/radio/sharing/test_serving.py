"""What comes next for players that the hub does not see: from the session alone, alike in every reader."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.stations import PlayedOut
from moodroom_hub.domain.models import Track
from moodroom_hub.domain.stations.choosing import keys_of
from moodroom_hub.domain.stations.models import Seed, Tuning, VoteKind, VoteRule
from moodroom_hub.plugins.radio.model import StationModel
from moodroom_hub.plugins.radio.recommending.seed_rule import SeedRule
from moodroom_hub.plugins.radio.serving import MOST_PLAYED, Served, Serving, Threshold, rank_by, said, uri_of
from moodroom_hub.plugins.radio.training.fitting import train
from moodroom_hub.plugins.radio.training.reading import RawList
from tests.plugins.radio.sharing.shelf import LENGTH_S, NIGHT, Shelf, played, songs_of
from tests.plugins.radio.training.tiny import made_up

BY_SHARE = replace(NIGHT, tuning=Tuning(rule=VoteRule.SHARE))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of 60 artists in two worlds: 0 to 29, and 30 to 59."""
    path = tmp_path_factory.mktemp("model") / "model.radio"
    train([], path, recommender=SeedRule, extra=[RawList(name, artists) for name, artists in made_up(60)])
    return path


@pytest.fixture(scope="module")
def model(path: Path) -> Iterator[StationModel]:
    with StationModel.open(path) as opened:
        yield opened


@pytest.fixture
def serving(model: StationModel) -> Serving:
    return Serving(rank_by(model), Shelf())


def names(served: Served) -> list[str]:
    """The artists in order."""
    return [each.track.artists[0] for each in served.tracks]


async def test_a_session_starts_with_nothing_played(serving: Serving) -> None:
    served = await serving.next(NIGHT, [])
    assert len(served.tracks) == 5
    assert len(set(names(served))) == 5
    assert served == await serving.next(NIGHT, []), "nothing is remembered"
    assert (served.unknown, served.likes, served.dislikes, served.wanted) == ((), 0, 0, ())
    assert all(each.link == "station" and each.score is not None for each in served.tracks)


async def test_what_was_played_does_not_come_again_and_the_order_goes_on(serving: Serving) -> None:
    whole = await serving.next(NIGHT, [], 8)
    heard_half = [played(each.track, 100) for each in whole.tracks[:3]]
    later = await serving.next(NIGHT, heard_half)
    assert (later.likes, later.dislikes) == (0, 0), "half of a track says nothing by the rule of skips"
    assert later.tracks == whole.tracks[3:8]


async def test_a_skip_changes_the_very_next_pick(serving: Serving) -> None:
    first, second = (await serving.next(NIGHT, [])).tracks[:2]
    liked = await serving.next(NIGHT, [played(first.track)])
    skipped = await serving.next(NIGHT, [played(first.track, 12)])
    assert (liked.likes, liked.dislikes, skipped.likes, skipped.dislikes) == (1, 0, 0, 1)
    assert skipped.tracks != liked.tracks
    twice = [played(first.track, 1), played(second.track, 1)]
    assert not {first.track.artists[0], second.track.artists[0]} & set(names(await serving.next(NIGHT, twice)))


async def test_every_artist_disliked_is_no_silence(serving: Serving) -> None:
    session: list[PlayedOut] = []
    for _ in range(70):
        served = await serving.next(NIGHT, session, 1)
        session.append(played(served.tracks[0].track, 3))
    assert len({each.track_id for each in session}) == 70
    assert (await serving.next(NIGHT, session)).dislikes == 70


async def test_what_nothing_is_known_of_is_reported_and_does_not_count(serving: Serving) -> None:
    strange = [PlayedOut(each, 1, 100) for each in ("9" * 22, "spotify:episode:7", "<b>x</b>", "", "9" * 22)]
    served = await serving.next(NIGHT, strange)
    assert served.unknown == ("9" * 22, "spotify:episode:7", "<b>x</b>", "")
    assert served.dislikes == 0
    assert served.tracks == (await serving.next(NIGHT, [])).tracks


@pytest.mark.parametrize("form", ["{}", "spotify:track:{}", " https://open.spotify.com/intl-de/track/{}?si=x#y\n"])
async def test_an_id_a_uri_and_a_link_are_the_same(serving: Serving, form: str) -> None:
    first = (await serving.next(NIGHT, [])).tracks[0].track
    track_id = form.format(first.uri.rpartition(":")[2])
    assert uri_of(track_id) == first.uri
    served = await serving.next(NIGHT, [PlayedOut(track_id, 1, LENGTH_S)])
    assert (served.unknown, served.dislikes) == ((), 1)


async def test_artists_who_come_by_likes_alone_are_known_again(model: StationModel) -> None:
    """Somebody from the other world is liked because he was a seed once; the session leads to his neighbours."""
    station = replace(NIGHT, seeds=(Seed("Artist 1"), Seed("Nobody Ever")), tuning=Tuning(adventure=0.0))
    served = await Serving(rank_by(model), Shelf()).next(station, [played(songs_of(40)[0]), played(songs_of(41)[0])])
    assert served.unknown == ()
    assert served.likes == 2


async def test_what_must_not_come_does_not(serving: Serving) -> None:
    first = (await serving.next(NIGHT, [], 1)).tracks[0].track
    served = await serving.next(NIGHT, [], 50, never=keys_of(first))
    assert first not in [each.track for each in served.tracks]
    assert len(served.tracks) == 50


async def test_artists_nobody_has_looked_up_are_wanted_and_passed_over(model: StationModel) -> None:
    whole = await Serving(rank_by(model), Shelf()).next(NIGHT, [], 3)
    first = int(names(whole)[0].split()[1])
    shelf = Shelf(each for each in range(60) if each != first)
    served = await Serving(rank_by(model), shelf).next(NIGHT, [], 2)
    assert served.wanted == (f"Artist {first}",)
    assert served.tracks == whole.tracks[1:]
    empty = Shelf([])
    nothing = await Serving(rank_by(model), empty).next(NIGHT, [], 3)
    assert nothing.tracks == ()
    assert len(nothing.wanted) > 10
    found = await Serving(rank_by(model), empty, find=empty.find, why=lambda _, artist: f"it is {artist.name}").next(
        NIGHT, [], 3
    )
    assert [each.track for each in found.tracks] == [each.track for each in whole.tracks]
    assert found.tracks[0].why == f"it is Artist {first}"


async def test_a_station_of_strangers_gives_nothing_and_does_not_fail(serving: Serving) -> None:
    served = await serving.next(replace(NIGHT, seeds=(Seed("Nobody Ever"),)), [PlayedOut("x", 1, 2)])
    assert (served.tracks, served.unknown, served.drift) == ((), ("x",), None)


@pytest.mark.parametrize(
    ("seconds", "length", "skip", "share"),
    [
        (0, 200, VoteKind.DISLIKE, VoteKind.DISLIKE),
        (29.9, 200, VoteKind.DISLIKE, VoteKind.DISLIKE),
        (30, 200, None, VoteKind.DISLIKE),
        (159.9, 200, None, VoteKind.DISLIKE),
        (160, 200, None, VoteKind.LIKE),
        (192, 200, VoteKind.LIKE, VoteKind.LIKE),
        (500, 200, VoteKind.LIKE, VoteKind.LIKE),
        (20, 25, VoteKind.LIKE, VoteKind.LIKE),
        (5, 25, VoteKind.DISLIKE, VoteKind.DISLIKE),
    ],
)
def test_the_stations_own_rule_judges(
    seconds: float, length: float, skip: VoteKind | None, share: VoteKind | None
) -> None:
    out = PlayedOut("x", seconds, length)
    assert said(out, NIGHT, Threshold()) is skip
    assert said(out, BY_SHARE, Threshold()) is share
    assert said(out, NIGHT, Threshold(skip_s=1000, margin_s=0)) in (VoteKind.DISLIKE, VoteKind.LIKE)


@pytest.mark.parametrize(
    ("session", "count"),
    [
        ([], 0),
        ([], 51),
        ([PlayedOut("x", 1, 2)] * (MOST_PLAYED + 1), 5),
        *[([PlayedOut("x", each, 100)], 5) for each in (-1, float("nan"), float("inf"), 1e9)],
        *[([PlayedOut("x", 1, each)], 5) for each in (0, -1, float("nan"), float("inf"), 1e9)],
    ],
)
async def test_wrong_numbers_are_refused(serving: Serving, session: list[PlayedOut], count: int) -> None:
    with pytest.raises(Trouble) as told:
        await serving.next(NIGHT, session, count)
    assert told.value.code is TroubleCode.BAD_REQUEST


@settings(max_examples=15)
@given(st.lists(st.tuples(st.integers(0, 30), st.floats(0, 300)), max_size=12), st.integers(1, 12))
def test_whatever_was_played_the_answer_is_whole(
    model: StationModel, session: list[tuple[int, float]], count: int
) -> None:
    heard: list[Track] = [songs_of(number)[0] for number, _ in session]
    told = [played(track, seconds) for track, (_, seconds) in zip(heard, session, strict=True)]
    served, again = (asyncio.run(Serving(rank_by(model), Shelf()).next(BY_SHARE, told, count)) for _ in range(2))
    assert served == again
    tracks = [each.track for each in served.tracks]
    assert len(tracks) == len(set(tracks)) == count
    assert not set(tracks) & set(heard)


READERS = """
import asyncio, json, os, sys
from pathlib import Path
from moodroom_hub.core.stations import PlayedOut
from moodroom_hub.plugins.radio.model import StationModel
from moodroom_hub.plugins.radio.serving import Serving, rank_by
from tests.plugins.radio.sharing.shelf import NIGHT, Shelf

def read():
    session = [PlayedOut(**each) for each in json.loads(sys.argv[2])]
    with StationModel.open(Path(sys.argv[1])) as model:
        served = asyncio.run(Serving(rank_by(model), Shelf()).next(NIGHT, session, 5))
        os.write(1, (json.dumps([each.track.uri for each in served.tracks]) + chr(10)).encode())

children = []
for _ in range(3):  # what they import is loaded once; the model each opens for itself
    child = os.fork()
    if not child:
        read()
        os._exit(0)
    children.append(child)
sys.exit(any(os.waitpid(child, 0)[1] for child in children))
"""


def test_three_processes_read_one_model_and_answer_alike(path: Path, serving: Serving) -> None:
    first = asyncio.run(serving.next(NIGHT, [])).tracks[0].track
    session = [played(first, 5)]
    told = json.dumps([{"track_id": e.track_id, "play_seconds": 5, "length_seconds": LENGTH_S} for e in session])
    done = subprocess.run(
        [sys.executable, "-c", READERS, str(path), told],
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        check=True,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )
    expected = [each.track.uri for each in asyncio.run(serving.next(NIGHT, session, 5)).tracks]
    assert [json.loads(line) for line in done.stdout.splitlines()] == [expected] * 3
