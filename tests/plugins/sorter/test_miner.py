"""The sorter as a miner of the rooms."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from moodroom_hub.core.errors import Trouble
from moodroom_hub.domain.mining.models import Ability, AuditTask, MiningProgress, MiningTask
from moodroom_hub.domain.models import Room, RoomSlug, Tier, Track, Uri
from moodroom_hub.domain.sorting.models import Layer, LayerKey, Place, Standing, Sublist, SublistKey
from moodroom_hub.plugins.sorter.miner import SortingMiner
from tests.plugins.sorter.made_up import JAZZ, library

NIGHT, RAVE = RoomSlug("night"), RoomSlug("rave")
ROOMS = Layer(
    LayerKey("rooms"), "Rooms", tuple(Sublist(SublistKey(slug), slug.title(), room=slug) for slug in (NIGHT, RAVE))
)
SONGS = library(6, (JAZZ,))


class Placed:
    """What the sorter would say."""

    def __init__(self, *places: Place) -> None:
        self.is_taught = True
        self.places = {place.uri: place for place in places}

    def is_trained(self, layer: Layer) -> bool:
        return self.is_taught

    async def place_all(self, layer: Layer, tracks: Sequence[Track]) -> Mapping[Uri, Place]:
        return self.places


def _place(number: int, standing: Standing, *keys: str, chance: float = 0.9) -> Place:
    sublists = tuple(map(SublistKey, keys))
    return Place(SONGS[number].uri, sublists if standing is not Standing.DOUBTFUL else (), standing, chance, sublists)


async def test_what_is_sure_is_confirmed_and_the_rest_says_why_not() -> None:
    sorter = Placed(
        _place(0, Standing.SURE, NIGHT),
        _place(1, Standing.SAID, NIGHT, RAVE),
        _place(2, Standing.DOUBTFUL, RAVE, chance=0.4),
        _place(3, Standing.VOID),
        _place(4, Standing.SURE, RAVE),
    )
    heard: list[MiningProgress] = []
    task = MiningTask((Room(NIGHT, "Night"),), SONGS)
    mined = await SortingMiner(sorter, [ROOMS]).mine(task, heard.append)
    assert [(each.room, each.uri, each.confidence, each.tier) for each in mined.placements] == [
        (NIGHT, SONGS[0].uri, 0.9, Tier.CONFIRMED),
        (NIGHT, SONGS[1].uri, 1.0, Tier.CONFIRMED),
    ]
    reasons = {each.uri: each.reason for each in mined.unplaced}
    assert list(reasons) == [track.uri for track in SONGS[2:]]
    assert "Rave, 40%" in reasons[SONGS[2].uri]
    assert "none of the rooms" in reasons[SONGS[3].uri]
    assert "not mined now" in reasons[SONGS[4].uri]
    assert "not in the list" in reasons[SONGS[5].uri]
    assert heard[-1].done == len(SONGS)


async def test_two_layers_place_a_song_once() -> None:
    sorter = Placed(_place(0, Standing.SURE, NIGHT))
    other = replace(ROOMS, key=LayerKey("others"))
    mined = await SortingMiner(sorter, [ROOMS, other]).mine(
        MiningTask((Room(NIGHT, "Night"),), SONGS[:1]), lambda _: None
    )
    assert len(mined.placements) == 1
    assert mined.unplaced == ()


async def test_untaught_it_is_not_ready_and_says_how_it_would_be() -> None:
    sorter = Placed()
    sorter.is_taught = False
    miner = SortingMiner(sorter, [ROOMS])
    assert (miner.name, miner.abilities) == ("sorter", frozenset({Ability.PLACE}))
    assert not miner.standing().is_ready
    assert "sorter label rooms" in miner.standing().reason
    with pytest.raises(Trouble, match="not ready"):
        await miner.mine(MiningTask((), ()), lambda _: None)
    with pytest.raises(Trouble, match="audit"):
        await miner.audit(AuditTask(Room(NIGHT, "Night"), ()), lambda _: None)
    assert (await miner.estimate(MiningTask((), ()))).cost_usd == 0.0
