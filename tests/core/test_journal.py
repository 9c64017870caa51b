"""What must survive: written in order, kept while the database is away, and nobody waits for one that is."""

import asyncio
from dataclasses import dataclass, field

import pytest

from moodroom_hub.core.clock import LoopClock
from moodroom_hub.core.journal import Journal
from moodroom_hub.core.store import Change, Store, StoreDown
from moodroom_hub.domain.models import HOME, EpochMs
from moodroom_hub.simulator.virtual_time import run_virtual

BUSY_S = 2.0


@dataclass
class Locked(Store):
    """A store whose database another program holds at times; like SQLite it waits before it says so."""

    is_away: bool = False
    commit_s: float = 0.0
    written: list[Change] = field(default_factory=list)

    async def commit(self, change: Change) -> None:
        """Keep it, or say no after a while."""
        await asyncio.sleep(BUSY_S if self.is_away else self.commit_s)
        if self.is_away:
            raise StoreDown("locked by another program")
        if "broken" in change.facts:
            raise ValueError("a fault of the hub's own")
        self.written.append(change)

    def facts(self) -> list[str]:
        """The keys of all facts, in the order of their writing."""
        return [key for change in self.written for key in change.facts]

    def states(self) -> list[str]:
        """The states of the zone, in the order of their writing."""
        return [state for change in self.written for state in change.zone_states.values()]


def fact(key: str) -> Change:
    """A change that must not be lost."""
    return Change(facts={key: ""})


def state(text: str, *done: int) -> Change:
    """A change of which only the newest matters."""
    return Change(zone_states={HOME: text}, done=done)


def make() -> tuple[Locked, Journal]:
    """A store and its journal."""
    store = Locked()
    return store, Journal(store, LoopClock(EpochMs(0)))


def test_in_an_outage_only_the_first_writer_waits_for_the_database() -> None:
    async def scenario() -> None:
        store, journal = make()
        store.is_away = True
        time = asyncio.get_running_loop().time
        assert not await journal.write(fact("first"))
        assert time() == BUSY_S
        keeper = asyncio.create_task(journal.run())
        await asyncio.sleep(2.5)  # the keeper asks the database now, and waits for its no
        began_s = time()
        for number in range(20):
            assert not await journal.write(fact(str(number)))
        assert time() == began_s
        assert journal.trouble == "locked by another program"
        store.is_away = False
        await asyncio.sleep(10)
        assert store.facts() == ["first", *map(str, range(20))]
        assert journal.waiting == 0
        assert await journal.write(fact("last"))
        keeper.cancel()

    run_virtual(scenario)


def test_an_outage_keeps_the_order_and_only_the_newest_state() -> None:
    async def scenario() -> None:
        store, journal = make()
        store.is_away = True
        keeper = asyncio.create_task(journal.run())
        await journal.write(fact("a"))
        for number in range(500):
            await journal.write(state(f"before {number}", number))
            await asyncio.sleep(0.5)
        assert journal.waiting <= 3, "hours without a database do not fill the memory"
        await journal.write(fact("b"))
        await journal.write(state("after"))
        store.is_away = False
        await asyncio.sleep(10)
        assert store.facts() == ["a", "b"]
        assert store.states()[-2:] == ["before 499", "after"]
        assert sorted(number for change in store.written for number in change.done) == list(range(500))
        keeper.cancel()

    run_virtual(scenario)


def test_a_change_that_is_being_written_is_not_touched_any_more() -> None:
    async def scenario() -> None:
        store, journal = make()
        store.commit_s = 1.0
        writers = [asyncio.create_task(journal.write(state(str(number), number))) for number in range(5)]
        await asyncio.gather(*writers)
        assert store.states()[0] == "0"
        assert store.states()[-1] == "4"
        assert sorted(number for change in store.written for number in change.done) == list(range(5))

    run_virtual(scenario)


def test_a_writer_that_is_cancelled_loses_nothing() -> None:
    async def scenario() -> None:
        store, journal = make()
        store.commit_s = 1.0
        keeper = asyncio.create_task(journal.run())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await journal.write(fact("a"))
        await journal.write(fact("b"))
        assert store.facts() == ["a", "b"]
        keeper.cancel()

    run_virtual(scenario)


def test_a_fault_of_our_own_is_heard_of_and_blocks_nothing() -> None:
    async def scenario() -> None:
        store, journal = make()
        with pytest.raises(ValueError, match="a fault"):
            await journal.write(fact("broken"))
        assert await journal.write(fact("b"))
        assert store.facts() == ["b"]

    run_virtual(scenario)


def test_the_end_tries_once_more() -> None:
    async def scenario() -> None:
        store, journal = make()
        store.is_away = True
        await journal.write(fact("a"))
        store.is_away = False
        await journal.close()
        assert store.facts() == ["a"]

    run_virtual(scenario)


def test_a_writer_that_is_cancelled_while_it_waits_is_written_for() -> None:
    async def scenario() -> None:
        store, journal = make()
        store.commit_s = 1.0
        keeper = asyncio.create_task(journal.run())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await journal.write(fact("a"))
        await asyncio.sleep(10)
        assert (store.facts(), journal.waiting) == (["a"], 0)
        keeper.cancel()

    run_virtual(scenario)


class CountingClock(LoopClock):
    """Counts how often somebody goes to sleep."""

    sleeps = 0

    async def sleep_ms(self, duration_ms: float) -> None:
        """As ever."""
        self.sleeps += 1
        await super().sleep_ms(duration_ms)


def test_nothing_wakes_the_keeper_where_nothing_waits() -> None:
    async def scenario() -> None:
        clock = CountingClock(EpochMs(0))
        store = Locked()
        journal = Journal(store, clock)
        keeper = asyncio.create_task(journal.run())
        await journal.write(fact("a"))
        await asyncio.sleep(3_600)
        assert clock.sleeps == 0
        store.is_away = True
        await journal.write(fact("b"))
        store.is_away = False
        await asyncio.sleep(3_600)
        assert (clock.sleeps, store.facts()) == (1, ["a", "b"])
        keeper.cancel()

    run_virtual(scenario)
