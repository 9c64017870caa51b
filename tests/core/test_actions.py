"""What buttons, switches and voices ask for: carried out by a real hub over a make-believe player."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.core.actions import Action, Deed, carry_out, find_room
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.domain.models import HOME, DurationMs, Room, RoomSlug, Tier, Uri
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.hub_lab import HOUSE, NIGHT, Lab, make_lab, running

ROOMS = {
    slug: Room(slug, name)
    for slug, name in (
        (RoomSlug("late-night"), "Late Night"),
        (RoomSlug("cafe"), "Cafe"),
        (RoomSlug("cafe-2"), "Café"),
        (RoomSlug("fire"), "🔥"),
        (RoomSlug("living-room"), "Living Room"),
        (RoomSlug("the-end"), "The End"),
        (RoomSlug("strasse"), "Große Straße"),
    )
}


async def told(lab: Lab, *deeds: Deed | Action) -> list[str]:
    """Begin them all in this order, and wait; gives ``done`` or the trouble's code for each."""

    async def one(action: Action) -> str:
        try:
            await carry_out(lab.hub.commands, action)
        except Trouble as trouble:
            return trouble.code.value
        return "done"

    actions = [each if isinstance(each, Action) else Action(each) for each in deeds]
    return list(await asyncio.gather(*(one(action) for action in actions)))


def active(lab: Lab) -> str | None:
    """The room that is on."""
    return lab.hub.zones[HOME].session.active_room


@pytest.mark.parametrize(
    ("said", "slug"),
    [
        ("Late Night", "late-night"),
        ("late-night", "late-night"),
        (" LATE_night ", "late-night"),
        ("the late night room", "late-night"),
        ("Cafe", "cafe"),
        ("Café", "cafe-2"),
        ("CAFÉ", "cafe"),
        ("🔥", "fire"),
        ("living room", "living-room"),
        ("the living room", "living-room"),
        ("the end", "the-end"),
        ("grosse strasse", "strasse"),
        ("kitchen", None),
        ("the", None),
        ("room", None),
        ("", None),
        ("💧", None),
    ],
)
def test_rooms_are_found_as_people_call_them(said: str, slug: str | None) -> None:
    assert find_room(ROOMS, said) == slug


@given(
    st.dictionaries(st.from_regex("[a-z][a-z0-9-]{0,8}", fullmatch=True), st.text(min_size=1, max_size=9), max_size=5)
)
def test_every_room_is_found_by_its_own_name(names: dict[str, str]) -> None:
    rooms = {RoomSlug(slug): Room(RoomSlug(slug), name) for slug, name in names.items()}
    for slug, room in rooms.items():
        twins = [other for other, each in rooms.items() if each.name.strip() == room.name.strip()]
        assert find_room(rooms, room.name) == twins[0]
        if slug not in {each.name.strip() for each in rooms.values()}:
            assert find_room(rooms, slug) == slug


def test_toggles_add_up_however_quick(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        lab.play_takes_s = 1
        async with running(lab, tmp_path):
            toggle = Action(Deed.TOGGLE, NIGHT)
            assert await told(lab, toggle, toggle, toggle) == ["superseded", "done", "done"]
            assert active(lab) == NIGHT
            assert len(lab.played) == 1
            assert (await told(lab, toggle, toggle))[-1] == "done"
            assert active(lab) == NIGHT
            assert await told(lab, toggle) == ["done"]
            assert active(lab) is None

    run_virtual(scenario)


def test_next_room_goes_round_past_what_is_empty_and_quick_presses_add_up(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        lab.play_takes_s = 1
        async with running(lab, tmp_path):
            order = [slug for slug in lab.hub.commands.rooms if slug in (NIGHT, HOUSE)]
            for wanted in (order[0], order[1], order[0]):
                assert await told(lab, Deed.NEXT_ROOM) == ["done"]
                assert active(lab) == wanted
            results = await told(lab, *[Deed.NEXT_ROOM] * 3)
            assert results == ["superseded", "superseded", "done"]
            assert active(lab) == order[1]
            await told(lab, Deed.NEXT_ROOM, Deed.OFF)
            assert active(lab) is None, "the last press counts"

    run_virtual(scenario)


def test_next_room_of_an_empty_house(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            for room in (NIGHT, HOUSE):
                await lab.hub.pools.put_base(room, [], replace_all=True)
            assert await told(lab, Deed.NEXT_ROOM) == [TroubleCode.EMPTY_POOL]

    run_virtual(scenario)


def test_a_fresh_batch_is_of_the_room_that_is_wanted(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            assert await told(lab, Deed.FRESH_BATCH) == [TroubleCode.CONFLICT]
            await told(lab, Action(Deed.ACTIVATE, HOUSE), Deed.FRESH_BATCH)
            assert active(lab) == HOUSE
            assert await told(lab, Deed.FRESH_BATCH) == ["done"]
            assert len(lab.told("ROOM_ACTIVATED")) == 2

    run_virtual(scenario)


def test_a_deed_without_its_room_or_in_no_zone_is_refused(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            wrong = [Action(Deed.ACTIVATE), Action(Deed.TOGGLE), Action(Deed.OFF, zone=HOME.__class__("attic"))]
            assert await told(lab, *wrong) == ["bad_request", "bad_request", "not_found"]

    run_virtual(scenario)


def test_learning_for_a_while_and_who_watches_hears_of_it(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            heard: list[str] = []
            first = lab.hub.commands.watch(lambda: heard.append("first"))
            second = lab.hub.commands.watch(lambda: heard.append("second"))
            await told(lab, Action(Deed.LEARNING_OFF, for_ms=DurationMs(60_000)))
            assert heard == ["first", "second"]
            assert not lab.hub.commands.learning().is_on
            await asyncio.sleep(61)
            assert lab.hub.commands.learning().is_on
            first()
            await told(lab, Deed.LEARNING_OFF)
            second()
            await told(lab, Deed.LEARNING_ON)
            assert heard == ["first", "second", "second"]

    run_virtual(scenario)


def test_what_is_meant_is_what_is_skipped(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            await told(lab, Action(Deed.ACTIVATE, NIGHT))
            await asyncio.sleep(5)
            first = lab.hub.zones[HOME].session.entry
            assert first is not None
            await told(lab, Action(Deed.NEXT, meant=Uri("spotify:track:other")))
            assert lab.world.view().item is not None
            await told(lab, Action(Deed.NEVER_AGAIN, meant=Uri("spotify:track:other")))
            await asyncio.sleep(3)
            assert lab.hub.zones[HOME].session.entry == first
            await told(lab, Action(Deed.NEXT, meant=first.track.uri))
            await asyncio.sleep(3)
            assert lab.hub.zones[HOME].session.entry != first
            pool = await lab.hub.pools.pool(NIGHT)
            assert not [entry for entry in pool.entries.values() if entry.tier is Tier.REMOVED]

    run_virtual(scenario)
