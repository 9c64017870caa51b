"""Near neighbours among many, without a look at all of them."""

import numpy as np
import pytest

from moodroom_hub.plugins.radio.near import Cells
from moodroom_hub.plugins.radio.recommending.interface import Floats


def made_up(count: int, latent: int = 6, dimensions: int = 24, seed: int = 0) -> tuple[Floats, Floats]:
    chance = np.random.default_rng(seed)
    spread = chance.standard_normal((latent, dimensions))
    items = chance.standard_normal((count, latent)) @ spread + 0.05 * chance.standard_normal((count, dimensions))
    lengths = np.exp(0.3 * chance.standard_normal((count, 1)))
    queries = chance.standard_normal((120, latent)) @ spread
    return (items * lengths).astype(np.float32), queries.astype(np.float32)


def test_cells_find_what_a_look_at_everything_finds() -> None:
    items, queries = made_up(8_000)
    cells = Cells.build(items, queries[:60])
    assert cells is not None
    assert cells.recall >= 0.99
    assert cells.share < 0.4
    assert cells.axes.shape[1] == 16
    loaded = Cells.load(cells.save(), items)
    found = 0
    for query in queries[60:]:
        places, scores = loaded.nearest(items, query, 50)
        assert scores == pytest.approx(items[places] @ query, rel=1e-4)
        found += len(np.intersect1d(places, np.argsort(-(items @ query))[:50]))
    assert found / (60 * 50) >= 0.97


def test_the_same_items_give_the_same_cells() -> None:
    items, queries = made_up(2_000)
    one, other = Cells.build(items, queries), Cells.build(items, queries)
    assert one is not None
    assert other is not None
    assert all(np.array_equal(array, other.save()[name]) for name, array in one.save().items())


def test_more_than_there_is_gives_all_there_is() -> None:
    items, queries = made_up(100)
    cells = Cells.build(items, queries)
    assert cells is not None
    assert sorted(cells.nearest(items, queries[0], 1_000)[0]) == list(range(100))


def test_items_without_any_order_have_no_cells() -> None:
    chance = np.random.default_rng(0)
    items = chance.standard_normal((3_000, 64)).astype(np.float32)
    assert Cells.build(items, chance.standard_normal((200, 64)).astype(np.float32)) is None


@pytest.mark.parametrize("name", Cells.NAMES)
def test_cells_of_other_items_are_refused(name: str) -> None:
    items, queries = made_up(2_000)
    cells = Cells.build(items, queries)
    assert cells is not None
    arrays = cells.save()
    arrays[name] = arrays[name][:-1]
    with pytest.raises(ValueError, match="cells"):
        Cells.load(arrays, items)
    with pytest.raises(ValueError, match="cells"):
        Cells.load(cells.save(), items[:-1])


@pytest.mark.parametrize(("name", "value"), [("places", 2_000), ("places", -1), ("starts", 5)])
def test_cells_that_lead_astray_are_refused(name: str, value: int) -> None:
    items, queries = made_up(2_000)
    cells = Cells.build(items, queries)
    assert cells is not None
    arrays = cells.save()
    arrays[name] = np.full_like(arrays[name], value)
    with pytest.raises(ValueError, match="cells"):
        Cells.load(arrays, items)
