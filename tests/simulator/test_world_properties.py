"""What holds for every world, whatever anybody does."""

import contextlib
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from moodroom_hub.simulator.commands import Refused
from moodroom_hub.simulator.devices import AtEnd, Presence, SimDevice
from moodroom_hub.simulator.library import Library
from moodroom_hub.simulator.session import WorldSettings
from moodroom_hub.simulator.truth import Actor, Truth
from moodroom_hub.simulator.world import World
from tests.simulator.homes import EPOCH_MS, SONGS, URIS, HandClock, small_world, song

ITEMS = (*SONGS, song("Gone", is_playable=False), song("Other id", plays_as=SONGS[3].uri))
ALL_URIS = [item.uri for item in ITEMS]

Act = Callable[[World], None]


def acts() -> st.SearchStrategy[tuple[str, Act]]:
    who = st.sampled_from([Actor.HUB, Actor.LISTENER])
    uri = st.sampled_from(ALL_URIS)
    place = st.integers(0, 320_000)
    return st.one_of(
        st.builds(lambda by, uris: ("play", lambda world: world.play(by, uris=uris)), who, st.lists(uri, max_size=4)),
        st.builds(lambda by, uri: ("queue", lambda world: world.queue(by, uri)), who, uri),
        st.builds(lambda by: ("next", lambda world: world.next(by)), who),
        st.builds(lambda by: ("previous", lambda world: world.previous(by)), who),
        st.builds(lambda by: ("pause", lambda world: world.pause(by)), who),
        st.builds(lambda by: ("resume", lambda world: world.resume(by)), who),
        st.builds(lambda by, to: ("seek", lambda world: world.seek(by, to)), who, place),
        st.builds(
            lambda by, mode: ("repeat", lambda world: world.set_repeat(by, mode)),
            who,
            st.sampled_from(["off", "track", "context"]),
        ),
        st.builds(lambda by, on: ("shuffle", lambda world: world.set_shuffle(by, on)), who, st.booleans()),
        st.builds(
            lambda name, play: ("transfer", lambda world: world.transfer(Actor.LISTENER, name, play)),
            st.sampled_from(["Kitchen", "Phone", "Television"]),
            st.booleans(),
        ),
        st.builds(lambda name: ("lose", lambda world: world.lose_device(name)), st.sampled_from(["Kitchen", "Phone"])),
        st.builds(
            lambda name: ("return", lambda world: world.return_device(name)), st.sampled_from(["Kitchen", "Phone"])
        ),
    )


TIMES = st.one_of(st.integers(0, 3_000), st.integers(0, 400_000), st.integers(0, 10_000_000))
STORIES = st.lists(st.tuples(TIMES, acts()), max_size=40)
HABITS = st.builds(
    lambda crossfade, automix, autoplays, at_end, adverts: (
        {"crossfade_ms": crossfade, "automix_max_ms": automix, "autoplays": autoplays, "at_end": at_end},
        WorldSettings(advert_every=adverts),
    ),
    st.sampled_from([0, 5_000, 12_000]),
    st.sampled_from([0, 9_000]),
    st.booleans(),
    st.sampled_from(list(AtEnd)),
    st.sampled_from([0, 2]),
)


def build(clock: HandClock, habits: tuple[dict[str, object], WorldSettings]) -> World:
    devices = [
        SimDevice("Kitchen", presence=Presence.ACTIVE, **habits[0]),  # type: ignore[arg-type]  # drawn above
        SimDevice("Phone", kind="Smartphone"),
        SimDevice("Television", kind="TV", presence=Presence.ASLEEP),
    ]
    return small_world(clock, devices=devices, items=ITEMS, settings=habits[1], library=Library())


def tell(story: list[tuple[int, tuple[str, Act]]], habits: tuple[dict[str, object], WorldSettings]) -> Truth:
    clock = HandClock()
    world = build(clock, habits)
    for wait_ms, (_name, act) in story:
        clock.turn(wait_ms)
        with contextlib.suppress(Refused):
            act(world)
    clock.turn(1_000)
    world.close()
    return world.truth


@given(STORIES, HABITS)
@settings(max_examples=150, deadline=None)
def test_every_listen_is_whole_and_one_after_the_other(
    story: list[tuple[int, tuple[str, Act]]], habits: tuple[dict[str, object], WorldSettings]
) -> None:
    truth = tell(story, habits)
    assert [listen.id for listen in truth.listens] == list(range(1, len(truth.listens) + 1))
    at_ms = EPOCH_MS
    for listen in truth.listens:
        assert at_ms <= listen.started_ms <= listen.ended_ms
        at_ms = listen.ended_ms
        assert 0 <= listen.start_position_ms <= listen.duration_ms
        assert 0 <= listen.end_position_ms <= listen.max_position_ms <= listen.duration_ms
        assert 0 <= listen.heard_ms <= listen.ended_ms - listen.started_ms
        if not listen.seeks:
            assert listen.end_position_ms == listen.start_position_ms + listen.heard_ms


@given(STORIES, HABITS)
@settings(max_examples=100, deadline=None)
def test_the_queue_is_first_in_first_out_and_only_grows_at_its_end(
    story: list[tuple[int, tuple[str, Act]]], habits: tuple[dict[str, object], WorldSettings]
) -> None:
    clock = HandClock()
    world = build(clock, habits)
    before = world.true_queue_entries()
    for wait_ms, (name, act) in story:
        clock.turn(wait_ms)
        after_waiting = world.true_queue_entries()
        assert after_waiting == before[len(before) - len(after_waiting) :]
        with contextlib.suppress(Refused):
            act(world)
        before = world.true_queue_entries()
        kept = [entry for entry in before if any(entry is one for one in after_waiting)]
        assert kept == list(after_waiting[len(after_waiting) - len(kept) :])
        assert len(before) - len(kept) <= (1 if name == "queue" else 0)
        assert list(before[: len(kept)]) == kept


@given(STORIES, HABITS)
@settings(max_examples=60, deadline=None)
def test_the_same_story_gives_the_same_truth_however_often_one_looks(
    story: list[tuple[int, tuple[str, Act]]], habits: tuple[dict[str, object], WorldSettings]
) -> None:
    assert tell(story, habits) == tell(story, habits)
    looked_at = HandClock()
    world = build(looked_at, habits)
    for wait_ms, (_name, act) in story:
        for _ in range(3):
            looked_at.turn(wait_ms // 3)
            world.view()
        looked_at.turn(wait_ms - 3 * (wait_ms // 3))
        with contextlib.suppress(Refused):
            act(world)
    looked_at.turn(1_000)
    world.close()
    assert world.truth == tell(story, habits)


@given(STORIES, HABITS)
@settings(max_examples=60, deadline=None)
def test_dry_spells_never_overlap_each_other(
    story: list[tuple[int, tuple[str, Act]]], habits: tuple[dict[str, object], WorldSettings]
) -> None:
    at_ms = EPOCH_MS
    for spell in tell(story, habits).dry_spells:
        assert at_ms <= spell.started_ms < spell.ended_ms
        at_ms = spell.ended_ms


def test_uris_of_the_tests_are_distinct() -> None:
    assert len(set(URIS)) == len(URIS)
