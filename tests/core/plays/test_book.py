"""The plays as faces know them: mended by hand, counted by day, honest when the database is away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pluggy
import pytest

from moodroom_hub.core.chores import Chores
from moodroom_hub.core.dispatch import Dispatcher
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.hookspecs import PROJECT, Hooks, hookimpl
from moodroom_hub.core.played import PlaySearch
from moodroom_hub.core.plays import asking
from moodroom_hub.core.plays.book import FindingBook, PlayBook
from moodroom_hub.core.store import Change, Store
from moodroom_hub.domain.models import DurationMs, EpochMs, Track, Uri
from moodroom_hub.domain.plays.models import Artwork, Delivery, DeliveryStatus, Edit, TrackFacts
from tests.core.data_lab import FakeAccount, data
from tests.core.store.builders import delivery, play
from tests.core.test_chores import Face

WAITING, SENDING, SENT = DeliveryStatus.WAITING, DeliveryStatus.SENDING, DeliveryStatus.SENT
DEAD, LEFT_OUT = DeliveryStatus.DEAD, DeliveryStatus.LEFT_OUT
DAY_MS = 86_400_000


@dataclass
class Clock:
    """Stands still until it is set."""

    at_ms: int = 10 * DAY_MS + 1

    def now_ms(self) -> EpochMs:
        """The moment."""
        return EpochMs(self.at_ms)

    def now(self) -> datetime:
        """The moment, in UTC."""
        return datetime.fromtimestamp(self.at_ms / 1000, UTC)

    async def sleep_ms(self, duration_ms: float) -> None:
        """Nobody sleeps here."""
        raise AssertionError("slept")

    def real_seconds(self, duration_ms: float) -> float:
        """As they are."""
        return duration_ms / 1000


@dataclass
class Lab:
    """A book over a database, and how often somebody was told."""

    store: Store
    book: PlayBook
    findings: FindingBook
    clock: Clock
    told: list[int] = field(default_factory=list)

    async def stands(self, play_id: int) -> dict[str, Delivery]:
        """Its deliveries by target."""
        return {each.target: each for each in (await self.book.get(play_id)).deliveries}


@asynccontextmanager
async def lab(folder: Path) -> AsyncIterator[Lab]:
    """Plays 1 to 4 (2 is the twin of 1), with deliveries."""
    store = Store(f"sqlite:///{folder / 'lab.db'}", folder)
    await store.open()
    try:
        clock, told = Clock(), list[int]()
        book = PlayBook(store, clock, {}, lambda: UTC, lambda: told.append(1))
        made = Lab(store, book, FindingBook(store, clock), clock, told)
        nameless = replace(play(4), track=Track(Uri("stream"), "News"))
        await store.commit(Change(plays=(play(1), play(2, twin_of=1), play(3, 3), nameless)))
        await book.plan(
            [
                delivery(1, "lastfm", DEAD, tries=9, reason="refused"),
                delivery(1, "listenbrainz", SENT),
                delivery(3, "lastfm", DEAD, reason="refused"),
                delivery(3, "listenbrainz", WAITING, next_try_ms=50),
                delivery(4, "lastfm", LEFT_OUT, reason="no artist"),
            ]
        )
        yield made
    finally:
        await store.close()


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Lab]:
    """The lab."""
    async with lab(tmp_path) as made:
        yield made


async def test_dead_ones_wait_again_and_whoever_watches_is_told(home: Lab) -> None:
    assert await home.book.retry([1]) == 1
    after = (await home.stands(1))["lastfm"]
    assert (after.status, after.tries, after.reason, after.at_ms) == (WAITING, 0, "", home.clock.at_ms)
    assert (await home.stands(3))["lastfm"].status is DEAD
    assert (await home.stands(1))["listenbrainz"].status is SENT
    assert home.told == [1]
    assert await home.book.retry([1]) == 0
    assert home.told == [1], "nothing changed, nobody needs to know"


async def test_without_an_id_every_dead_one_of_the_service_waits_again(home: Lab) -> None:
    assert await home.book.retry(target="listenbrainz") == 0
    assert await home.book.retry(target="lastfm") == 2
    due = await home.book.due("lastfm", home.clock.now_ms(), 9)
    assert [view.play.id for view in due] == [1, 3]


async def test_a_correction_waits_and_a_later_one_comes_upon_it(home: Lab) -> None:
    assert await home.book.edit(3, Edit(artist="Band")) == 2
    assert await home.book.edit(3, Edit(name="Song"), "lastfm") == 1
    after = await home.stands(3)
    assert (after["lastfm"].status, after["lastfm"].edit) == (WAITING, Edit("Song", "Band"))
    assert (after["listenbrainz"].next_try_ms, after["listenbrainz"].edit) == (50, Edit(artist="Band"))
    assert (await home.book.get(3)).play == play(3, 3), "what the hub remembers stays"
    assert home.told == [1, 1]


async def test_what_lacks_an_artist_is_sent_once_it_has_one(home: Lab) -> None:
    with pytest.raises(Trouble, match="left out"):
        await home.book.edit(4, Edit(name="The News"))
    assert await home.book.edit(4, Edit(artist="The BBC")) == 1
    assert (await home.stands(4))["lastfm"].status is WAITING


async def test_what_cannot_be_corrected_says_why(home: Lab) -> None:
    for play_id, edit, target, code in (
        (99, Edit(name="x"), None, TroubleCode.NOT_FOUND),
        (-1, Edit(name="x"), None, TroubleCode.NOT_FOUND),
        (2**63, Edit(name="x"), None, TroubleCode.NOT_FOUND),
        (1, Edit(name="x"), "listenbrainz", TroubleCode.CONFLICT),
        (4, Edit(name="x"), "listenbrainz", TroubleCode.CONFLICT),
        (2, Edit(name="x"), None, TroubleCode.CONFLICT),
        (1, Edit(), None, TroubleCode.BAD_REQUEST),
    ):
        with pytest.raises(Trouble) as failed:
            await home.book.edit(play_id, edit, target)
        assert failed.value.code is code
    await home.book.settle([delivery(3, "lastfm", SENDING), delivery(3, "listenbrainz", SENDING)])
    with pytest.raises(Trouble, match="being sent"):
        await home.book.edit(3, Edit(name="x"))
    assert home.told == []


async def test_who_or_what_is_unknown_is_named(home: Lab) -> None:
    for ids in ([1, 99], [0], [-1], [2**63]):
        with pytest.raises(Trouble, match=f"no play {ids[-1]}") as failed:
            await home.book.retry(ids)
        assert failed.value.code is TroubleCode.NOT_FOUND
    assert (await home.stands(1))["lastfm"].status is DEAD, "nothing is done where one of them is wrong"
    for call in (
        home.book.retry(target="nope"),
        home.book.edit(1, Edit(name="x"), "nope"),
        home.book.leave_out(1, "nope"),
        home.book.find(PlaySearch(target="nope")),
    ):
        with pytest.raises(Trouble, match=r"'nope'\. Known: lastfm, listenbrainz") as failed:
            await call
        assert failed.value.code is TroubleCode.NOT_FOUND


async def test_what_is_left_out_is_taken_up_by_its_id(home: Lab) -> None:
    assert await home.book.leave_out(3) == 2
    with pytest.raises(Trouble, match="scrobbles retry 3"):
        await home.book.edit(3, Edit(name="x"))
    assert await home.book.retry([3], "lastfm") == 1
    stands = await home.stands(3)
    assert (stands["lastfm"].status, stands["listenbrainz"].status) == (WAITING, LEFT_OUT)
    assert await home.book.retry([4]) == 0, "what has no artist stays out"


async def test_what_is_left_out_stays_out(home: Lab) -> None:
    assert await home.book.leave_out(3, "lastfm") == 1
    assert await home.book.leave_out(3) == 1
    assert await home.book.leave_out(3) == await home.book.leave_out(2) == 0
    assert await home.book.retry() == 1
    assert {each.status for each in (await home.stands(3)).values()} == {LEFT_OUT}
    with pytest.raises(Trouble) as failed:
        await home.book.leave_out(99)
    assert failed.value.code is TroubleCode.NOT_FOUND


async def test_services_are_listed_with_their_counts(home: Lab) -> None:
    found = {
        view.target: {status: count for status, count in view.counts.items() if count}
        for view in await home.book.targets()
    }
    assert found == {"lastfm": {DEAD: 2, LEFT_OUT: 1}, "listenbrainz": {SENT: 1, WAITING: 1}}


async def test_statistics_are_of_the_last_days_and_leave_twins_out(home: Lab) -> None:
    home.clock.at_ms = 5
    found = await home.book.statistics(1)
    assert (found.days, found.plays, found.hours[0], found.heard_ms) == (1, 3, 3, 90_000)
    assert await home.book.statistics(1) is found, "reckoned once"
    await home.store.commit(Change(plays=(play(5), play(6, twin_of=5))))
    again = await home.book.statistics(1)
    assert (again.plays, [each.plays for each in again.tracks], again.tracks[0].plays) == (4, [3, 1], 3)
    home.clock.at_ms = 2 * DAY_MS
    assert (await home.book.statistics(2)).plays == 0
    assert (await home.book.statistics(3)).plays == 4


async def test_a_database_that_is_away_is_told_as_such(tmp_path: Path) -> None:
    async with lab(tmp_path) as made:
        await made.store.close()
        calls = (
            made.book.find(PlaySearch()),
            made.book.get(1),
            made.book.statistics(),
            made.book.targets(),
            made.book.retry(),
            made.book.edit(1, Edit(name="x")),
            made.book.leave_out(1),
            made.findings.get("facts", ["a"]),
            made.findings.put("facts", "a", "b", DurationMs(1), 1),
        )
        for failed in await asyncio.gather(*calls, return_exceptions=True):
            assert isinstance(failed, Trouble)
            assert failed.code is TroubleCode.UNAVAILABLE


async def test_findings_go_by_the_clock_and_the_night_sweeps_them(home: Lab, tmp_path: Path) -> None:
    await home.findings.put("facts", "a", "found", DurationMs(100), 9)
    await home.findings.put("facts", "b", "", DurationMs(300), 9)
    assert await home.findings.get("facts", ["a", "b"]) == {"a": "found", "b": ""}
    home.clock.at_ms += 200
    assert await home.findings.get("facts", ["a", "b"]) == {"b": ""}
    (tmp_path / "night").mkdir()
    async with data(tmp_path / "night") as parts:
        await Chores(Face(FakeAccount([])), home.store, parts.bus, home.clock, tmp_path).tidy()
    assert await home.findings.forget("facts") == 1, "only what had not expired was left"
    assert len(await home.store.recent_plays(EpochMs(0))) == 4, "plays stay for ever"


class Finder:
    """A plugin that finds what it was made with."""

    def __init__(self, found: object) -> None:
        self.found = found

    @hookimpl
    async def find_artwork(self, track: Track) -> object:
        """What it was made with."""
        return self._given()

    @hookimpl
    async def find_facts(self, track: Track) -> object:
        """What it was made with."""
        return self._given()

    def _given(self) -> object:
        if isinstance(self.found, Exception):
            raise self.found
        return self.found


def asked(*finders: Finder) -> Dispatcher:
    """A dispatcher that asks these, the last one first."""
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    for number, finder in enumerate(finders):
        manager.register(finder, f"finder {number}")
    return Dispatcher(manager, Clock(), lambda *_: None, lambda *_: None)


async def test_a_picture_is_the_tracks_own_before_any_that_is_found() -> None:
    found = Artwork("https://covers.example/1", "Cover Art Archive")
    bare, own = Track(Uri("spotify:track:1"), "Song"), "https://images.example/1"
    dispatcher = asked(Finder(found))
    assert await asking.artwork(dispatcher, replace(bare, artwork_url=own)) == Artwork(own, "Spotify")
    assert await asking.artwork(dispatcher, replace(bare, uri=Uri("x:1"), artwork_url=own)) == Artwork(
        own, "the player"
    )
    assert await asking.artwork(dispatcher, bare) == found


async def test_whoever_asks_about_a_track_never_hears_of_a_plugins_failure() -> None:
    song, facts = Track(Uri("spotify:track:1"), "Song"), TrackFacts(year=2001)
    for finders in ((), (Finder(None),), (Finder(RuntimeError("no")),), (Finder("rubbish"),)):
        dispatcher = asked(*finders)
        assert await asking.artwork(dispatcher, song) is None
        assert await asking.facts(dispatcher, song) is None
    assert await asking.facts(asked(Finder(facts), Finder(RuntimeError("no"))), song) == facts
