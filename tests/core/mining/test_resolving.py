"""Suggestions become tracks, or are dropped with a reason; nothing is asked of the service twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.mining.resolving import REMEMBERED_MS, Resolved, Resolver
from moodroom_hub.core.store import Store, StoreDown
from moodroom_hub.domain.mining.models import Suggestion
from moodroom_hub.domain.models import EpochMs, RoomSlug, Tier, Track, Uri
from moodroom_hub.simulator.spotify_api import Limits
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.data_lab import Data, FakeAccount, data
from tests.plugins.spotify.lab import virtual
from tests.plugins.spotify.test_simulated_home import at_home

NIGHT, HOUSE = RoomSlug("late-night"), RoomSlug("house")
WAIT = Trouble(TroubleCode.RATE_LIMITED, "Spotify asks us to wait 41 s; the hub goes on.", retry_after_s=41)


def suggest(name: str, artist: str = "Adele", room: RoomSlug = NIGHT) -> Suggestion:
    """A discovery."""
    return Suggestion(room, Tier.DISCOVERY, name, artist)


def track(name: str, *artists: str, isrc: str | None = None, is_playable: bool = True, uri: str = "") -> Track:
    """A track whose uri is made of its name and artist."""
    artists = artists or ("Adele",)
    key = uri or f"{name}{artists[0]}".replace(" ", "")
    return Track(Uri(f"spotify:track:{key}"), name, artists, isrc=isrc, is_playable=is_playable)


@dataclass
class Shop(FakeAccount):
    """An account that finds what a test says; ``troubles`` are raised by the searches of these numbers."""

    numbers: list[int] = field(default_factory=list)
    finds: Mapping[str, Sequence[Track]] = field(default_factory=dict)
    troubles: Mapping[int, Trouble] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def search_tracks(self, name: str, artist: str) -> Sequence[Track]:
        """What the test says."""
        self.asked.append((name, artist))
        if len(self.asked) in self.troubles:
            raise self.troubles[len(self.asked)]
        return self.finds.get(name, ())


@dataclass
class Lab:
    """A resolver, the shop that it asks, and what it works on."""

    parts: Data
    shop: Shop
    progress: list[int] = field(default_factory=list)

    async def resolve(
        self,
        *suggestions: Suggestion,
        liked: Sequence[Track] = (),
        in_rooms: Mapping[RoomSlug, Sequence[Track]] | None = None,
        store: Store | None = None,
    ) -> Resolved:
        """Resolve with a fresh resolver."""
        self.progress.clear()
        resolver = Resolver(lambda: [self.shop], store or self.parts.store, self.parts.clock)
        return await resolver.resolve(
            suggestions, liked=liked, in_rooms=in_rooms or {}, on_progress=self.progress.append
        )


def told(resolved: Resolved) -> list[str]:
    """The names found, then the reasons of what was dropped."""
    return [one.track.name for one in resolved.found] + [one.reason for one in resolved.dropped]


def run(folder: Path, shop: Shop, *suggestions: Suggestion, **more: Sequence[Track]) -> Resolved:
    """Resolve once."""
    found: list[Resolved] = []

    async def scenario() -> None:
        async with data(folder) as parts:
            found.append(await Lab(parts, shop).resolve(*suggestions, **more))  # type: ignore[arg-type]  # only ``liked`` is given so

    run_virtual(scenario)
    return found[0]


def test_the_best_of_what_is_found(tmp_path: Path) -> None:
    finds = [track("Hello (Karaoke)"), track("Hello - Live"), track("Hello - 2015 Remaster"), track("Hello")]
    resolved = run(tmp_path, Shop(finds={"Hello": finds}), suggest("Hello"))
    assert [(one.track.name, one.score) for one in resolved.found] == [("Hello", 1.0)]
    assert resolved.dropped == ()
    assert resolved.unfinished == frozenset()


@pytest.mark.parametrize(
    ("finds", "reason"),
    [
        ([], "Spotify finds nothing of that name"),
        (
            [track("Goodbye"), track("Hello (In the Style of Adele) [Karaoke]", "The Karaoke Channel")],
            "only a karaoke version: Hello (In the Style of Adele) [Karaoke] by The Karaoke Channel",
        ),
        ([track("Hello - Live")], "only a live version: Hello - Live by Adele"),
        (
            [track("Hello", "Lionel Richie")],
            "nothing fits; the nearest is Hello by Lionel Richie (another artist)",
        ),
        ([track("Hello", is_playable=False)], "Spotify may not play it here: Hello by Adele"),
        ([track("Hello" + "o" * 500)], f"nothing fits; the nearest is Hello{'o' * 114}… by Adele (another title)"),
    ],
)
def test_what_does_not_fit_is_dropped_with_the_nearest(tmp_path: Path, finds: list[Track], reason: str) -> None:
    assert told(run(tmp_path, Shop(finds={"Hello": finds}), suggest("Hello"))) == [reason]


def test_another_version_than_the_one_that_is_meant(tmp_path: Path) -> None:
    shop = Shop(finds={"Hello (Acoustic)": [track("Hello")]})
    assert told(run(tmp_path, shop, suggest("Hello (Acoustic)"))) == [
        "nothing fits; the nearest is Hello by Adele (not an acoustic version, which is meant)"
    ]


def test_what_can_be_played_goes_before_what_fits_better(tmp_path: Path) -> None:
    finds = [track("Hello", is_playable=False), track("Hello - 2015 Remaster")]
    assert told(run(tmp_path, Shop(finds={"Hello": finds}), suggest("Hello"))) == ["Hello - 2015 Remaster"]


@pytest.mark.parametrize(
    "liked",
    [
        track("Hello"),
        track("HELLO - 2015 Remaster", uri="other"),
        track("Another Name", "Another", uri="HelloAdele"),
        track("Another Name", "Another", isrc="GBBKS1500214"),
        track("Hello", "Somebody", "Adele", uri="other"),
    ],
)
def test_what_the_owner_likes_is_never_suggested(tmp_path: Path, liked: Track) -> None:
    shop = Shop(finds={"Hello": [track("Hello", isrc="GBBKS1500214")]})
    assert told(run(tmp_path, shop, suggest("Hello"), liked=[liked])) == ["you like it already"]


def test_what_is_liked_by_name_costs_no_search(tmp_path: Path) -> None:
    shop = Shop()
    run(tmp_path, shop, suggest("hello", "ADELE"), liked=[track("Hello")])
    assert shop.asked == []


def test_what_was_removed_or_is_there_comes_to_no_room_again_but_to_others(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with data(tmp_path) as parts:
            lab = Lab(parts, Shop(finds={"Hello": [track("Hello")], "Easy": [track("Easy", "Commodores")]}))
            resolved = await lab.resolve(
                suggest("Hello"),
                suggest("Hello", room=HOUSE),
                suggest("Easy", "The Commodores"),
                in_rooms={NIGHT: [track("Hello", uri="other"), track("Easy", "Commodores")]},
            )
            assert [(one.suggestion.room, one.track.name) for one in resolved.found] == [(HOUSE, "Hello")]
            assert [one.reason for one in resolved.dropped] == ["it is in the room already, or was taken out of it"] * 2

    run_virtual(scenario)


def test_no_room_gets_a_song_twice(tmp_path: Path) -> None:
    finds = {"Hello": [track("Hello")], "Helo (2015 Remaster)": [track("Hello - 2015 Remaster", uri="other")]}
    wanted = [suggest("Hello"), suggest("HELLO"), suggest("Hello - Remaster"), suggest("Hello", room=HOUSE)]
    shop = Shop(finds=finds)
    resolved = run(tmp_path, shop, *wanted)
    assert [one.suggestion.room for one in resolved.found] == [NIGHT, HOUSE]
    assert [one.reason for one in resolved.dropped] == ["the same song was suggested twice"] * 2
    assert shop.asked == [("Hello", "Adele")]


def test_a_killed_run_asks_nothing_twice_for_a_week(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with data(tmp_path) as parts:
            finds = {"Hello": [track("Hello - Live"), track("Hello")]}
            lab = Lab(parts, Shop(finds=finds))
            first = await lab.resolve(suggest("Hello"), suggest("Nothing There"))
            assert lab.progress == [1, 2]
            lab.shop = Shop(troubles={1: WAIT, 2: WAIT})
            assert await lab.resolve(suggest("hello"), suggest("Nothing there")) != first
            assert told(await lab.resolve(suggest("Hello"), suggest("Nothing There"))) == told(first)
            assert lab.shop.asked == []
            await parts.clock.sleep_ms(REMEMBERED_MS + 1)
            lab.shop = Shop(finds=finds)
            await lab.resolve(suggest("Hello"), suggest("Nothing There"))
            assert len(lab.shop.asked) == 2

    run_virtual(scenario)


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (WAIT, "not looked up: Spotify asks us to wait 41 s"),
        (Trouble(TroubleCode.LOGIN_NEEDED, "Log in again."), "not looked up: Log in again"),
        (Trouble(TroubleCode.UNAVAILABLE, "No network."), "not looked up: No network"),
    ],
)
def test_a_trouble_in_the_middle_keeps_what_was_found(tmp_path: Path, trouble: Trouble, reason: str) -> None:
    names = ["One", "Two", "Three", "Four"]
    shop = Shop(finds={name: [track(name)] for name in names}, troubles={2: trouble})
    wanted = [suggest("One"), suggest("Two", room=HOUSE), suggest("Three", room=HOUSE), suggest("One", room=HOUSE)]
    resolved = run(tmp_path, shop, *wanted)
    assert told(resolved) == ["One", "One", reason, reason]
    assert resolved.unfinished == {HOUSE}
    assert len(shop.asked) == 2


def test_one_search_that_is_refused_concerns_itself_alone(tmp_path: Path) -> None:
    refusal = Trouble(TroubleCode.REFUSED, "Spotify refused to search (status 400).")
    names = [f"Song {number}" for number in range(8)]
    finds = {name: [track(name)] for name in names}
    shop = Shop(finds=finds, troubles={2: refusal})
    resolved = run(tmp_path, shop, *map(suggest, names))
    assert len(resolved.found) == 7
    assert told(resolved)[-1] == "not looked up: Spotify refused to search (status 400)"


def test_after_three_refusals_nothing_more_is_asked(tmp_path: Path) -> None:
    refusal = Trouble(TroubleCode.REFUSED, "no")
    shop = Shop(troubles=dict.fromkeys(range(1, 9), refusal))
    resolved = run(tmp_path, shop, *(suggest(f"Song {number}") for number in range(8)))
    assert told(resolved) == ["not looked up: no"] * 8
    assert len(shop.asked) == 3


def test_without_an_account_nothing_is_looked_up(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with data(tmp_path) as parts:
            lab = Lab(parts, Shop(days_left=None))
            assert told(await lab.resolve(suggest("Hello"))) == ["not looked up: Spotify needs a login"]
            resolver = Resolver(list, parts.store, parts.clock)
            resolved = await resolver.resolve([suggest("Hello")], liked=(), in_rooms={}, on_progress=print)
            assert told(resolved) == ["not looked up: no account is set up"]
            assert lab.shop.asked == []

    run_virtual(scenario)


def test_the_account_that_is_logged_in_is_asked(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with data(tmp_path) as parts:
            out, in_ = Shop(days_left=None), Shop(finds={"Hello": [track("Hello")]})
            resolver = Resolver(lambda: [out, in_], parts.store, parts.clock)
            resolved = await resolver.resolve([suggest("Hello")], liked=(), in_rooms={}, on_progress=lambda _: None)
            assert told(resolved) == ["Hello"]
            assert (out.asked, len(in_.asked)) == ([], 1)

    run_virtual(scenario)


class _Forgetful(Store):
    """A database whose disk is full."""

    async def put_lookup(self, key: str, at_ms: EpochMs, found: Sequence[Track], forget_before_ms: EpochMs) -> None:
        """Not kept."""
        raise StoreDown("the disk is full")


def test_a_disk_that_is_full_costs_the_memory_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        async with data(tmp_path) as parts:
            store = _Forgetful(f"sqlite:///{tmp_path / 'other.db'}", tmp_path)
            await store.open()
            try:
                lab = Lab(parts, Shop(finds={"Hello": [track("Hello")]}))
                assert told(await lab.resolve(suggest("Hello"), store=store)) == ["Hello"]
            finally:
                await store.close()

    run_virtual(scenario)
    assert "what was looked up is not remembered: the disk is full" in caplog.text


@virtual
async def test_in_the_simulated_home(tmp_path: Path) -> None:
    async with at_home(tmp_path, limits=Limits(per_window=45, knocking_s=60)) as (home, parts), data(tmp_path) as kept:
        items = [item for item in home.world.items.values() if item.uri.startswith("spotify:track:")]
        liked = [Track(Uri(item.uri), item.name, item.artists, isrc=item.isrc) for item in items[:5]]
        wanted = [suggest(item.name.upper(), item.artists[0]) for item in items[:60]]
        wanted += [suggest(f"{items[70].name} (Live)", items[70].artists[0]), suggest("No Such Song", "Nobody")]
        resolver = Resolver(lambda: [parts.account], kept.store, kept.clock)
        progress: list[int] = []
        resolved = await resolver.resolve(wanted, liked=liked, in_rooms={}, on_progress=progress.append)
        assert {one.track.uri for one in resolved.found} == {item.uri for item in items[5:60]}
        reasons = [one.reason for one in resolved.dropped]
        assert reasons[:5] == ["you like it already"] * 5
        assert reasons[5].endswith("(not a live version, which is meant)") or "finds nothing" in reasons[5]
        assert reasons[6] == "Spotify finds nothing of that name"
        assert progress == list(range(1, 63))
        assert {each.status for each in home.fake.requests if each.status >= 400} == set()
        home.fake.requests.clear()
        again = await resolver.resolve(wanted, liked=liked, in_rooms={}, on_progress=progress.append)
        assert told(again) == told(resolved)
        assert home.fake.requests == []
