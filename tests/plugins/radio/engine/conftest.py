"""A model of four styles, learnt once."""

from pathlib import Path
from random import Random

import pytest

from tests.plugins.radio.engine.lab import ARTISTS, STYLES, artist


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lists of one style each, and some that hold two."""
    from moodroom_hub.plugins.radio.recommending.seed_rule import SeedRule
    from moodroom_hub.plugins.radio.training.fitting import train
    from moodroom_hub.plugins.radio.training.reading import RawList

    rng = Random(5)
    lists = []
    for number in range(240):
        style = STYLES[number % len(STYLES)]
        row = [artist(style, min(ARTISTS - 1, int(rng.expovariate(0.15)))) for _ in range(12)]
        if number % 6 == 0:
            row.append(artist(STYLES[(number + 1) % len(STYLES)], 0))
        lists.append(RawList("", row))
    path = tmp_path_factory.mktemp("model") / "model.radio"
    train([], path, extra=lists, recommender=SeedRule)
    return path
