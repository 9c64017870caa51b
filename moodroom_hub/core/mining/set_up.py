"""The mining desk, put together."""

from collections.abc import Callable, MutableMapping, Sequence
from functools import partial

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.config import LoadedConfig
from moodroom_hub.core.library import Library
from moodroom_hub.core.miners import Miner
from moodroom_hub.core.mining.books import Books
from moodroom_hub.core.mining.desk import Desk
from moodroom_hub.core.mining.gathering import Gathering
from moodroom_hub.core.mining.resolving import Resolver
from moodroom_hub.core.mining.work import MiningWork
from moodroom_hub.core.past import Past
from moodroom_hub.core.poolbook import PoolBook
from moodroom_hub.core.ports import Account
from moodroom_hub.core.store import Store
from moodroom_hub.domain.mining.models import Definition
from moodroom_hub.domain.models import Room, RoomSlug


def desk(
    *,
    loaded: LoadedConfig,
    rooms: MutableMapping[RoomSlug, Room],
    store: Store,
    pools: PoolBook,
    clock: Clock,
    library: Library,
    past: Past,
    miners: Callable[[], Sequence[Miner]],
    accounts: Callable[[], Sequence[Account]],
    told: Callable[[], None],
) -> Desk:
    """A mining desk over the hub's own parts."""
    gathering = Gathering(store, pools, library, past, miners, clock)
    return Desk(
        rooms=rooms,
        miners=miners,
        gathering=gathering,
        work=MiningWork(gathering, Resolver(accounts, store, clock), clock),
        books=Books(store, pools, clock, rooms, partial(_write_definition, loaded)),
        clock=clock,
        after_mining=past.warm,
        told=told,
    )


def _write_definition(loaded: LoadedConfig, slug: RoomSlug, words: Definition, was: Definition) -> None:
    # Late: most hubs never rewrite their configuration.
    from moodroom_hub.core.config.editing import write_definition

    write_definition(loaded.path, slug, words, was=was, environ=loaded.environ)
