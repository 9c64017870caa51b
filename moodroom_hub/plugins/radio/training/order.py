"""What is to be learnt, as one word that a command, a nightly job or another process can say, and doing it here."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from moodroom_hub.plugins.radio.model import Manifest, recommender_named
from moodroom_hub.plugins.radio.recommending.interface import Tell, tell_nobody
from moodroom_hub.plugins.radio.training.engine import Engine, LocalEngine
from moodroom_hub.plugins.radio.training.fitting import train, update
from moodroom_hub.plugins.radio.training.joining import MOST_ARTISTS
from moodroom_hub.plugins.radio.training.reading import Faults, RawList


@dataclass(frozen=True, slots=True)
class Order:
    """``model``: where it is written, or, with ``is_update``, which one is to learn more.

    ``recommender``: by its name; empty for the one that is taken where nobody says. ``cluster``: the address of a Dask
    scheduler, or ``local`` for ``workers`` processes of this machine; empty for this process alone. ``seed``: ``None``
    for the one that the model was learnt with, 0 for a first one.
    """

    model: Path
    sources: tuple[Path, ...] = ()
    is_update: bool = False
    seed: int | None = None
    recommender: str = ""
    cluster: str = ""
    workers: int = 2
    most_artists: int = MOST_ARTISTS


def train_here(
    order: Order,
    extra: Iterable[RawList] = (),
    tell: Tell = tell_nobody,
    hear_faults: Callable[[Faults], None] = lambda faults: None,
) -> Manifest:
    """Carry it out in this process, which is busy until then.

    Raises what ``train`` and ``update`` raise, and ``ClusterError``.
    """
    kind = recommender_named(order.recommender) if order.recommender else None
    with ExitStack() as stack:
        engine: Engine = LocalEngine()
        if order.cluster:
            from moodroom_hub.plugins.radio.training.cluster import LOCAL, DaskEngine

            address = "" if order.cluster == LOCAL else order.cluster
            engine = stack.enter_context(DaskEngine(address, order.workers))
        if order.is_update:
            return update(
                order.model,
                order.sources,
                seed=order.seed,
                recommender=kind,
                extra=extra,
                tell=tell,
                engine=engine,
                most_artists=order.most_artists,
                hear_faults=hear_faults,
            )
        return train(
            order.sources,
            order.model,
            seed=order.seed or 0,
            recommender=kind,
            extra=extra,
            tell=tell,
            engine=engine,
            most_artists=order.most_artists,
            hear_faults=hear_faults,
        )
