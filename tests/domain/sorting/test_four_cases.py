"""The guarantees of the four cases, on 10,000 random layers, songs, chances and labels."""

from collections.abc import Sequence
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from moodroom_hub.domain.sorting.models import Place, Standing
from moodroom_hub.domain.sorting.placing import place
from moodroom_hub.domain.sorting.reading import recording, said, strength
from tests.domain.sorting.worlds import World, random_world


def complaints(world: World, places: Sequence[Place]) -> list[str]:
    """What a decided world breaks, if anything."""
    layer, keys = world.layer, world.layer.keys
    found = []
    if [each.uri for each in places] != list(dict.fromkeys(world.songs)):
        found.append("not every song once, in order")
    for each in places:
        if list(each.sublists) != [key for key in keys if key in each.sublists]:
            found.append(f"{each}: sublists that are none, twice or out of order")
        if layer.is_mutual and len(each.sublists) > 1:
            found.append(f"{each}: in two sublists of a mutual layer")
        if layer.is_complete and keys and not each.sublists:
            found.append(f"{each}: in none of a complete layer")
        if not layer.is_complete and each.standing is Standing.DOUBTFUL and each.sublists:
            found.append(f"{each}: doubtful, and placed though it need not be")
        if each.standing is Standing.VOID and (each.sublists or (layer.is_complete and keys)):
            found.append(f"{each}: void, and placed")
        if each.standing is Standing.SURE and not each.sublists:
            found.append(f"{each}: sure of nothing")
        if (each.standing is Standing.DOUBTFUL) != bool(each.likely):
            found.append(f"{each}: only what is doubtful is likely to be elsewhere")
        if not 0 <= each.chance <= 1 or not each.why:
            found.append(f"{each}: no chance, or no reason")
        if not set(each.likely) <= set(keys):
            found.append(f"{each}: likely in what is no sublist")
    return found + disobedience(world, places)


def disobedience(world: World, places: Sequence[Place]) -> list[str]:
    """Labels that were not obeyed though the layer's case allows them."""
    layer, labelled = world.layer, world.labelled()
    found = []
    together: dict[object, object] = {}
    for each in places:
        whose = recording(each.uri, world.same)
        what = (each.sublists, each.standing, each.chance, each.likely, each.why)
        if together.setdefault(whose, what) != what:
            found.append(f"{each}: the same recording goes another way")
        labels = labelled.get(whose, [])
        if not labels or not layer.keys:
            if each.standing is Standing.SAID:
                found.append(f"{each}: nobody said so")
            continue
        spoken = said(layer, max(labels, key=lambda label: (strength(label), label.uri)))
        is_allowed = not (layer.is_mutual and len(spoken.fits) > 1)
        if spoken.fits and is_allowed and not (set(each.sublists) >= spoken.fits and each.standing is Standing.SAID):
            found.append(f"{each}: not where it was said to be")
        if spoken.fits and not is_allowed and not set(each.sublists) <= spoken.fits:
            found.append(f"{each}: in neither of the two that were said")
        is_void = len(spoken.misfits) == len(layer.keys)
        if is_void and not layer.is_complete and (each.sublists or each.standing is not Standing.SAID):
            found.append(f"{each}: said to be the void's")
        if not is_void and is_allowed and set(each.sublists) & spoken.misfits:
            found.append(f"{each}: where it was said not to be")
    return found


def test_ten_thousand_worlds_keep_what_their_case_promises() -> None:
    rng = Random(20260807)
    seen = set()
    for number in range(10_000):
        world = random_world(rng)
        places = world.placed()
        assert complaints(world, places) == [], f"world {number}: {world}"
        seen |= {(world.layer.is_mutual, world.layer.is_complete, each.standing) for each in places}
    assert len(seen) == 4 * len(Standing), "a case or standing never came: the walk would prove little"


@settings(max_examples=20)  # the walk above looks far; this one finds the smallest world of what it found
@given(st.randoms(use_true_random=False))
def test_any_world_keeps_what_its_case_promises(rng: Random) -> None:
    world = random_world(rng)
    assert complaints(world, world.placed()) == []


@given(st.randoms(use_true_random=False))
def test_songs_are_decided_one_by_one_whatever_lies_beside_them(rng: Random) -> None:
    world = random_world(rng)
    for each in world.placed():
        alone = place(world.layer, (each.uri,), world.chances, world.labels, world.thresholds)
        if not world.same:
            assert alone == (each,)


@given(st.randoms(use_true_random=False), st.floats(0, 1))
def test_a_more_careful_wish_never_places_more(rng: Random, more: float) -> None:
    world = random_world(rng)
    careful = {key: bar + more for key, bar in world.thresholds.items()}
    after = place(world.layer, world.songs, world.chances, world.labels, careful, world.same)
    for eager, slow in zip(world.placed(), after, strict=True):
        if not world.layer.is_complete:
            assert set(slow.sublists) <= set(eager.sublists)
        assert slow.standing is not Standing.SURE or eager.standing is Standing.SURE
