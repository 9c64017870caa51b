"""What the listening benchmark counts: each figure on a record made by hand, and both systems for a while."""

from collections.abc import Callable
from random import Random
from xml.etree import ElementTree

import pytest

from benchmarks.truth.drive import drive
from benchmarks.truth.homes import EPOCH_MS, plan_home, pools
from benchmarks.truth.picture import Dot, Panel, draw
from benchmarks.truth.record import Learned, Order, Record, Told
from benchmarks.truth.run import Result, Task
from benchmarks.truth.score import percentile, score, total
from benchmarks.truth.seed_system import SeedSystem
from benchmarks.truth.table import ROWS, table
from moodroom_hub.domain.models import Tier
from moodroom_hub.simulator.devices import Presence, SimDevice
from moodroom_hub.simulator.items import Item, ItemKind
from moodroom_hub.simulator.spotify_api import FakeSpotify
from moodroom_hub.simulator.truth import Actor, CameFrom, Command, DrySpell, EndedBy, TrueListen
from moodroom_hub.simulator.virtual_time import run_virtual
from moodroom_hub.simulator.world import World

ROOM, OTHER_ROOM = "house", "rage"
HOUSE = [entry.track.uri for entry in pools()[ROOM] if entry.tier is Tier.CONFIRMED]
RAGE = [entry.track.uri for entry in pools()[OTHER_ROOM] if entry.tier is Tier.CONFIRMED]
FOUND = [entry.track.uri for entry in pools()[ROOM] if entry.tier is Tier.DISCOVERY]
SECOND = 1_000


def listen(
    began_s: float,
    ended_s: float,
    uri: str = HOUSE[0],
    ended_by: EndedBy = EndedBy.LISTENER_SKIP,
    *,
    number: int = 1,
    came_from: CameFrom = CameFrom.QUEUE,
    end_position_s: float | None = None,
    duration_s: float = 200,
) -> TrueListen:
    """A listen from its start, in seconds of the record."""
    heard_ms = round((ended_s - began_s) * SECOND)
    position_ms = heard_ms if end_position_s is None else round(end_position_s * SECOND)
    return TrueListen(
        id=number,
        uri=uri,
        queued_uri=uri,
        kind=ItemKind.TRACK,
        duration_ms=round(duration_s * SECOND),
        started_ms=EPOCH_MS + round(began_s * SECOND),
        ended_ms=EPOCH_MS + round(ended_s * SECOND),
        start_position_ms=0,
        end_position_ms=position_ms,
        heard_ms=heard_ms,
        max_position_ms=position_ms,
        ended_by=ended_by,
        came_from=came_from,
        put_there_by=Actor.HUB,
        device="Kitchen",
    )


def learned(at_s: float, uri: str = HOUSE[0], room: str = ROOM, *, began_s: float = 0) -> Learned:
    """A change of a pool told at ``at_s``, for a listen that ended then."""
    return Learned(
        EPOCH_MS + round(at_s * SECOND), uri, room, EPOCH_MS + round(began_s * SECOND), EPOCH_MS + round(at_s * SECOND)
    )


def record(*listens: TrueListen, told: Told | None = None) -> Record:
    """An hour in which the room was chosen at its beginning."""
    return Record(
        system="normal",
        home=0,
        temperament="patient",
        weather="everyday",
        length_ms=3_600_000,
        began_ms=EPOCH_MS,
        listens=list(listens),
        commands=[],
        dry_spells=[],
        jumped_over=[],
        orders=[Order(EPOCH_MS - 1, ROOM, is_met=True)],
        told=told or Told(),
        looks=[],
        requests=[],
    )


def test_a_strike_for_an_own_skip_is_true_and_one_without_is_missed() -> None:
    seen = score(record(listen(0, 12), told=Told(strikes=[learned(13)])))
    assert (seen.due_strikes, seen.false_strikes, seen.missed_strikes) == (1, [], [])
    unseen = score(record(listen(0, 12)))
    assert (unseen.due_strikes, len(unseen.missed_strikes)) == (1, 1)
    assert unseen.why_missed == {"never seen": 1}


@pytest.mark.parametrize("ended_by", [EndedBy.NATURAL, EndedBy.HUB_COMMAND, EndedBy.DEVICE_LOST, EndedBy.LISTENER_JUMP])
def test_a_strike_for_what_the_listener_did_not_skip_is_false(ended_by: EndedBy) -> None:
    found = score(record(listen(0, 12, ended_by=ended_by), told=Told(strikes=[learned(13)])))
    assert (len(found.false_strikes), found.due_strikes) == (1, 0)


def test_a_strike_is_false_when_late_doubled_or_for_nothing() -> None:
    late = score(record(listen(0, 40), told=Told(strikes=[learned(41)])))
    doubled = score(record(listen(0, 12), told=Told(strikes=[learned(13), learned(14)])))
    nothing = score(record(listen(0, 12), told=Told(strikes=[learned(13, HOUSE[1])])))
    assert [len(each.false_strikes) for each in (late, doubled, nothing)] == [1, 1, 1]


def test_a_skip_after_an_unseen_seek_is_counted_apart() -> None:
    found = score(record(listen(0, 12, end_position_s=150), told=Told(strikes=[learned(13)])))
    assert (found.false_strikes, found.strikes_after_seek, found.due_strikes) == ([], 1, 0)


def test_what_was_too_short_to_be_seen_or_has_left_the_pool_is_not_due() -> None:
    assert score(record(listen(0, 2))).due_strikes == 0
    gone = Told(strikes=[learned(12), learned(112, began_s=100)])
    twice = record(listen(0, 12), listen(100, 112, number=2), listen(200, 212, number=3), told=gone)
    assert score(twice).due_strikes == 2


def test_a_promotion_needs_a_whole_listen() -> None:
    whole = listen(0, 195, FOUND[0])
    assert score(record(whole, told=Told(promotions=[learned(195, FOUND[0])]))).false_promotions == []
    left = score(record(listen(0, 150, FOUND[0]), told=Told(promotions=[learned(150, FOUND[0])])))
    assert len(left.false_promotions) == 1
    assert score(record(whole)).missed_promotions == 1


def test_duplicates_are_what_still_waits_or_was_added_a_moment_ago() -> None:
    def add(at_s: float, uri: str, refusal: str | None = None) -> Command:
        return Command(EPOCH_MS + round(at_s * SECOND), Actor.HUB, "queue", uri, refusal)

    found = record(listen(30, 60, HOUSE[1]))
    found.commands = [
        add(1, HOUSE[1]),
        add(2, HOUSE[2], "refused"),
        add(3, HOUSE[2]),
        add(4, HOUSE[3]),
        add(5, HOUSE[3]),
    ]
    result = score(found)
    assert (result.adds, len(result.duplicate_adds)) == (4, 1)


def test_dry_hours_are_those_in_which_a_list_came_to_its_end() -> None:
    found = record(listen(0, 100))
    found.dry_spells = [
        DrySpell(EPOCH_MS + 3_590_000, EPOCH_MS + 3_610_000, "list_ended"),
        DrySpell(EPOCH_MS, EPOCH_MS + 5_000, "device_lost"),
    ]
    result = score(found)
    assert (result.dry_hours, result.dry_ms) == (2, 20_000)


def test_the_left_rooms_music_counts_from_the_order_on() -> None:
    found = record(
        listen(0, 101, HOUSE[0], EndedBy.HUB_COMMAND),
        listen(101, 300, RAGE[0], EndedBy.NATURAL, number=2),
        listen(300, 302, HOUSE[1], EndedBy.HUB_COMMAND, number=3),
        listen(302, 500, RAGE[1], EndedBy.NATURAL, number=4),
    )
    found.orders.append(Order(EPOCH_MS + 100 * SECOND, OTHER_ROOM, is_met=True))
    assert score(found).left_heard_ms == [3_000]
    found.faults.append(EPOCH_MS + 200 * SECOND)
    assert score(found).left_untroubled_ms == [3_000]
    found.faults.append(EPOCH_MS + 285 * SECOND)
    assert score(found).left_untroubled_ms == []


def test_an_end_is_told_late_by_the_time_from_the_true_change() -> None:
    ends = (
        listen(0, 200, HOUSE[0], EndedBy.NATURAL),
        listen(200, 210, HOUSE[1], number=2),
        listen(210, 400, HOUSE[2], number=3),
    )
    told = Told(changes=[EPOCH_MS + 200_700, EPOCH_MS + 213_000])
    result = score(record(*ends, told=told))
    assert (result.end_latencies_ms, result.skip_latencies_ms) == ([700], [3_000])


def test_calls_count_while_a_listen_is_under_way() -> None:
    found = record(listen(0, 1800, duration_s=1800))
    found.looks = [EPOCH_MS + second * SECOND for second in range(0, 3600, 10)]
    result = score(found)
    assert (result.calls, result.calls_playing, result.calls_per_hour) == (360, 180, 360)


def test_percentiles_are_nearest_ranks_and_scores_add_up() -> None:
    assert [percentile(range(1, 101), share) for share in (0.5, 0.95, 1.0)] == [50, 95, 100]
    assert percentile([], 0.5) is None
    one = score(record(listen(0, 12)))
    assert total([one, one]).due_strikes == 2


class SeedHome:
    """A small world in which the seed's algorithm looks when it is told to."""

    def __init__(self) -> None:
        self.now_ms = EPOCH_MS
        names = {entry.track.uri: entry.track for entry in pools()[ROOM]}
        items = [Item(uri, names[uri].name, names[uri].artists, 200_000) for uri in HOUSE[:30]]
        device = SimDevice("Kitchen", presence=Presence.ACTIVE)
        self.world = World(lambda: self.now_ms, items, devices=[device])
        self.told = Told()
        self.system = SeedSystem(FakeSpotify(self.world), self.told, Random(1), is_bystander=True)
        self.system.watch_room(ROOM)
        self.world.play(Actor.LISTENER, uris=HOUSE[:30])

    async def look(self, at_s: float, act: Callable[[], None] | None = None) -> None:
        """Look at this second, after ``act``."""
        self.now_ms = EPOCH_MS + round(at_s * SECOND)
        if act is not None:
            act()
        await self.system.poll()


def test_the_seed_judges_by_the_progress_of_the_poll_before() -> None:
    async def scenario() -> None:
        home = SeedHome()

        def skip() -> None:
            home.now_ms -= 500
            home.world.next(Actor.LISTENER)
            home.now_ms += 500

        await home.look(29)
        await home.look(34, skip)
        assert [each.uri for each in home.told.strikes] == [HOUSE[0]]
        for second in (60, 66, 227):
            await home.look(second)
        assert home.told.promotions == []
        assert len(home.told.changes) == 2
        await home.look(228, skip)
        assert len(home.told.strikes) == 1

    run_virtual(scenario)


@pytest.mark.parametrize("system", ["seed", "normal"])
def test_a_home_is_lived_in_and_scored(system: str) -> None:
    found = drive(plan_home(1, 1, 0.4), system)
    result = score(found)
    assert result.listens >= 5
    assert result.calls_per_hour > 50
    assert result.duplicate_adds == []
    text = table([Result(Task(1, 1, 0.4, system), found.temperament, result, None, {}, 1.0)])
    assert all(row.name in text for row in ROWS)


def test_the_picture_is_a_picture() -> None:
    dots = tuple(Dot(f"x {number}", 100.0 * number, 10.0 / number) for number in range(1, 6))
    panel = Panel("Title & more", "%", seed=dots, hub=dots[:3], lone=dots[:1])
    root = ElementTree.fromstring(draw("<Title>", "sub", [panel, panel]))
    assert root.tag.endswith("svg")
    assert len(list(root.iter())) > 40
