"""The whole hub on a make-believe player: a room plays for ever, and only what the listener did changes pools."""

import asyncio
from pathlib import Path

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.domain.models import HOME, DurationMs, LedgerStatus, Tier
from moodroom_hub.simulator.truth import Actor
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.data_lab import FakeAccount
from tests.core.hub_lab import HOUSE, NIGHT, SECONDS, Killed, make_lab, playing, room_of, running


async def let_pass(seconds: float) -> None:
    """Let virtual time pass."""
    await asyncio.sleep(seconds)


def test_a_room_plays_for_ever_and_each_end_queues_exactly_one(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            activation = await lab.hub.commands.activate(NIGHT)
            assert len(activation.batch) == 10
            tiers = [entry.tier for entry in activation.batch]
            assert [tiers.count(tier) for tier in (Tier.CONFIRMED, Tier.SAFE_SIDE, Tier.DISCOVERY)] == [5, 4, 1]
            await let_pass(30)
            assert len(lab.queued) == 9
            for heard in range(1, 40):
                await let_pass(SECONDS)
                assert len(lab.queued) == 9 + heard
                assert len(lab.world.true_queue()) == 9
            assert len(set(lab.queued[-15:])) == 15
            assert len(lab.told("COMPLETED")) == 39
            assert lab.told("SKIPPED") == []
            assert lab.world.truth.dry_ms() == 0

    run_virtual(scenario)


def test_what_was_switched_on_is_seen_at_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            commands = lab.hub.commands
            for room in (NIGHT, HOUSE):
                batch = (await commands.activate(room)).batch
                now = (await commands.state()).now_playing
                assert now is not None
                assert (now.track.uri, now.room, now.is_playing) == (batch[0].track.uri, room, True)
            # Not seen in time: the room is on all the same.
            lab.look_fault = lambda: Trouble(TroubleCode.UNAVAILABLE, "away")
            await commands.activate(NIGHT)
            assert (await commands.state()).active_room == NIGHT
            assert [event.wire_name for event in lab.events if event.wire_name == "SKIPPED"] == []

    run_virtual(scenario)


def test_a_skip_moves_one_tier_down_and_can_be_undone(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            commands = lab.hub.commands
            batch = (await commands.activate(NIGHT)).batch
            await let_pass(20)
            before = {entry.track.uri: entry for entry in await commands.pool(NIGHT)}
            lab.world.next(Actor.LISTENER)
            await let_pass(20)
            (receipt,) = [view.receipt for view in await commands.receipts()]
            assert receipt.track.uri == batch[0].track.uri
            assert receipt.after is not None
            assert receipt.before == before[batch[0].track.uri]
            expected = Tier.SAFE_SIDE if receipt.before.tier is Tier.CONFIRMED else Tier.REMOVED
            assert receipt.after.tier is expected
            assert len(lab.told("SKIPPED")) == 1
            await commands.undo(receipt.id)
            assert {entry.track.uri: entry for entry in await commands.pool(NIGHT)} == before
            with pytest.raises(Trouble) as refused:
                await commands.undo(receipt.id)
            assert refused.value.code is TroubleCode.CONFLICT

    run_virtual(scenario)


def test_a_discovery_heard_to_its_end_moves_up(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            await lab.hub.commands.activate(NIGHT)
            await let_pass(SECONDS * 10.5)
            kinds = [view.receipt.kind for view in await lab.hub.commands.receipts()]
            assert kinds == ["COMPLETED"]

    run_virtual(scenario)


def test_switching_rooms_passes_over_the_tail_and_teaches_nothing(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            await lab.hub.commands.activate(NIGHT)
            await let_pass(12)
            await lab.hub.commands.activate(HOUSE)
            await let_pass(1)
            assert playing(lab).startswith(HOUSE)
            switched_ms = lab.clock.now_ms()
            await let_pass(SECONDS * 4)
            late = [
                listen
                for listen in lab.world.truth.listens
                if room_of(lab, listen.uri) == NIGHT and listen.ended_ms > switched_ms
            ]
            assert len(late) == 9
            assert sum(listen.heard_ms for listen in late) <= 6_000
            assert [view.receipt for view in await lab.hub.commands.receipts()] == []
            assert len(lab.world.true_queue()) == 9

    run_virtual(scenario)


@pytest.mark.parametrize(("is_unclear", "heard_ms"), [(False, 4_000), (True, 6_000)])
def test_passing_over_that_fails_halfway_is_taken_up_again_at_once(
    tmp_path: Path, is_unclear: bool, heard_ms: int
) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            await lab.hub.commands.activate(NIGHT)
            await let_pass(12)
            await lab.hub.commands.activate(HOUSE)
            await let_pass(12)
            own = lab.world.true_queue()[-9:]
            away = Trouble(TroubleCode.UNAVAILABLE, "away", outcome_unknown=is_unclear)
            faults = iter([None, None, None, away])
            lab.next_fault = lambda: next(faults, None)
            switched_ms = lab.clock.now_ms()
            await let_pass(SECONDS + 10)
            late = [one for one in lab.world.truth.listens if one.ended_ms > switched_ms]
            assert sum(one.heard_ms for one in late if room_of(lab, one.uri) == NIGHT) <= heard_ms
            assert playing(lab).startswith(HOUSE)
            assert lab.world.true_queue()[:8] == own[1:]
            assert await lab.hub.commands.receipts() == []

    run_virtual(scenario)


def test_the_listeners_own_playlist_makes_the_hub_yield_and_a_room_takes_it_back(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            await lab.hub.commands.activate(NIGHT)
            await let_pass(15)
            own = [uri for uri in lab.world.items if room_of(lab, uri) == HOUSE][:20]
            mine = lab.world.library.make_playlist("own", lab.clock.now_ms(), own)
            lab.world.play(Actor.LISTENER, context_uri=mine.uri)
            queued = len(lab.queued)
            await let_pass(30)
            assert len(lab.told("TAKEOVER")) == 1
            assert [view.receipt for view in await lab.hub.commands.receipts()] == []
            assert len(lab.queued) == queued
            troubles = (await lab.hub.commands.state()).troubles
            assert [trouble.code for trouble in troubles] == ["takeover"]
            await lab.hub.commands.activate(HOUSE)
            await let_pass(30)
            assert not lab.hub.zones[next(iter(lab.hub.zones))].session.is_yielding

    run_virtual(scenario)


@pytest.mark.parametrize("after_effect", [True, False])
def test_an_unclear_queue_answer_is_never_sent_again(tmp_path: Path, after_effect: bool) -> None:
    async def scenario() -> None:
        lab = make_lab()
        answers = iter([None, None, Trouble(TroubleCode.UNAVAILABLE, "timed out", outcome_unknown=True)])
        lab.queue_fault = lambda: next(answers, None)
        lab.after_effect = after_effect
        async with running(lab, tmp_path):
            await lab.hub.commands.activate(NIGHT)
            await let_pass(30)
            assert len(lab.queued) == len(set(lab.queued))
            assert len(lab.world.true_queue()) == (9 if after_effect else 8)
            await let_pass(SECONDS * 5)
            assert len(lab.queued) == len(set(lab.queued))
            assert len(lab.world.true_queue()) == 9

    run_virtual(scenario)


def test_a_player_that_refuses_for_a_while_is_filled_again(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            await lab.hub.commands.activate(NIGHT)
            await let_pass(30)
            lab.queue_fault = lambda: Trouble(TroubleCode.UNAVAILABLE, "away")
            await let_pass(SECONDS * 3)
            assert len(lab.world.true_queue()) == 6
            lab.queue_fault = lambda: None
            await let_pass(120)
            assert len(lab.world.true_queue()) == 9

    run_virtual(scenario)


def test_a_queue_that_ran_dry_is_started_again(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            lab.queue_fault = lambda: Trouble(TroubleCode.UNAVAILABLE, "away")
            await lab.hub.commands.activate(NIGHT)
            await let_pass(SECONDS - 5)
            lab.queue_fault = lambda: None
            lab.hub.zones[next(iter(lab.hub.zones))].hands_wanted.clear()
            await let_pass(60)
            assert lab.world.view().is_playing
            assert lab.world.truth.dry_ms() < 15_000

    run_virtual(scenario)


def test_a_restart_in_the_middle_of_a_track_loses_no_verdict_and_adds_nothing_twice(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            await lab.hub.commands.activate(NIGHT)
            await let_pass(10)
        await let_pass(3)
        async with running(lab, tmp_path):
            await let_pass(5)
            lab.world.next(Actor.LISTENER)
            await let_pass(20)
            assert len(lab.told("SKIPPED")) == 1
            assert len(lab.queued) == 10
            assert len(set(lab.queued)) == 10

    run_virtual(scenario)


def test_nothing_is_told_twice_at_a_start(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        for _ in range(2):
            async with running(lab, tmp_path):
                await let_pass(30)
        ids = [event.id for event in lab.events]
        assert ids
        assert len(set(ids)) == len(ids)

    run_virtual(scenario)


def test_an_empty_answer_right_at_the_end_makes_no_gap(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            await lab.hub.commands.activate(NIGHT)
            blank_until_ms = 0

            def is_blank() -> bool:
                # Just the first look at each new track shows nothing.
                nonlocal blank_until_ms
                since_ms = (lab.clock.now_ms() - begun_ms) % (SECONDS * 1000)
                is_first = since_ms < 3_000 and lab.clock.now_ms() > blank_until_ms
                if is_first:
                    blank_until_ms = lab.clock.now_ms() + 60_000
                return is_first

            begun_ms = lab.clock.now_ms()
            lab.is_blank = is_blank
            await let_pass(SECONDS * 9.5)
            verdicts = [row.listen.verdict for row in await lab.hub.commands.history()]
            assert [(verdict.kind, verdict.cause) for verdict in verdicts] == [("COMPLETED", "natural_end")] * 9

    run_virtual(scenario)


def test_a_switch_that_died_before_the_player_heard_of_it_is_made_up_for(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            await lab.hub.commands.activate(NIGHT)
            await let_pass(SECONDS - 10)
            lab.dies_playing = True
            with pytest.raises(Killed):
                await lab.hub.commands.activate(HOUSE)
        lab.dies_playing = False
        refusals = 1
        lab.queue_fault = lambda: Trouble(TroubleCode.UNAVAILABLE, "away") if refusals else None
        await let_pass(12)  # a track of the room that was left plays now, and nothing of the new one is queued
        async with running(lab, tmp_path):
            await let_pass(5)
            assert playing(lab).startswith(HOUSE)
            refusals = 0
            await let_pass(SECONDS * 4)
            assert playing(lab).startswith(HOUSE)
            assert lab.world.truth.dry_ms() == 0
            assert len(lab.world.true_queue()) == 9
            assert lab.told("SKIPPED") == []

    run_virtual(scenario)


@pytest.mark.parametrize("nexts_before_death", [0, 1, 3, 8])
def test_a_hub_that_died_while_passing_over_skips_nothing_of_its_own_room(
    tmp_path: Path, nexts_before_death: int
) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            await lab.hub.commands.activate(NIGHT)
            await let_pass(15)
            await lab.hub.commands.activate(HOUSE)
            await let_pass(15)
            lab.nexts_left = nexts_before_death
            await let_pass(SECONDS)  # the first track of the room ends, the tail surfaces, and the hub dies over it
        lab.nexts_left = None
        own = lab.world.true_queue()[-9:]
        slow = iter([Trouble(TroubleCode.UNAVAILABLE, "away")])
        lab.look_fault = lambda: next(slow, None)
        async with running(lab, tmp_path):
            await let_pass(20)
            assert playing(lab).startswith(HOUSE)
            assert lab.world.true_queue()[:8] == own[1:]
            assert lab.world.truth.dry_ms() == 0

    run_virtual(scenario)


def test_next_by_hand_and_passing_over_skip_nothing_twice(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            await lab.hub.commands.activate(NIGHT)
            await let_pass(15)
            await lab.hub.commands.activate(HOUSE)
            await let_pass(15)
            lab.look_fault = lambda: Trouble(TroubleCode.UNAVAILABLE, "away")
            await let_pass(SECONDS - 20)
            own = lab.world.true_queue()[-9:]
            await let_pass(10)  # the tail has surfaced, unseen
            lab.look_fault = lambda: None
            zone = lab.hub.zones[HOME]
            await zone.commands.acquire()
            zone.look_soon(0)
            pressed = asyncio.create_task(lab.hub.commands.next())
            await let_pass(1)
            zone.commands.release()  # the hand that presses comes first, the hub's own right behind it
            await pressed
            await let_pass(20)
            assert lab.world.true_queue()[:8] == own[1:]
            assert playing(lab).startswith(HOUSE)

    run_virtual(scenario)


def test_who_skips_into_nothing_gets_music(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            await lab.hub.commands.activate(NIGHT)
            await let_pass(15)
        for _ in range(10):
            await let_pass(1.5)
            lab.world.next(Actor.LISTENER)
        assert not lab.world.view().is_playing
        async with running(lab, tmp_path):
            await let_pass(30)
            assert lab.world.view().is_playing
            assert len(lab.world.true_queue()) == 9
            await let_pass(SECONDS * 2)
            assert lab.told("SKIPPED") == [], "nobody saw those skips, and starting again was no skip of the listener's"

    run_virtual(scenario)


def test_what_ended_while_the_hub_was_down_is_not_judged(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            await lab.hub.commands.activate(NIGHT)
            await let_pass(5)
        lab.world.next(Actor.LISTENER)
        await let_pass(SECONDS * 2 - 20)
        async with running(lab, tmp_path):
            await let_pass(10)
            assert [view.receipt for view in await lab.hub.commands.receipts()] == []
            assert [row.listen.verdict.cause for row in await lab.hub.commands.history()] == ["hub_down"]
            assert len(lab.world.true_queue()) == 9

    run_virtual(scenario)


def test_learning_off_changes_no_pool_and_comes_back_by_itself(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            commands = lab.hub.commands
            await commands.set_learning(False, DurationMs(3_600_000))
            await commands.activate(NIGHT)
            await let_pass(10)
            lab.world.next(Actor.LISTENER)
            await let_pass(20)
            assert [view.receipt for view in await commands.receipts()] == []
            await let_pass(3_600)
            assert (await commands.state()).is_learning

    run_virtual(scenario)


def test_an_empty_room_and_a_player_that_refuses_change_nothing(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            commands = lab.hub.commands
            await commands.activate(NIGHT)
            await let_pass(30)
            before = lab.hub.zones[next(iter(lab.hub.zones))].session
            with pytest.raises(Trouble) as empty:
                await commands.activate(next(slug for slug in commands.rooms if slug not in {NIGHT, HOUSE}))
            assert empty.value.code is TroubleCode.EMPTY_POOL
            lab.world.lose_device("Kitchen")
            with pytest.raises(Trouble) as lost:
                await commands.activate(HOUSE)
            assert lost.value.code is TroubleCode.NO_DEVICE
            after = lab.hub.zones[next(iter(lab.hub.zones))].session
            assert after.active_room == NIGHT
            assert after.ledger.ahead(after.activation) == before.ledger.ahead(before.activation)
            assert all(entry.status is not LedgerStatus.STALE for entry in after.ledger.entries)

    run_virtual(scenario)


def test_without_topping_up_the_batch_plays_out_and_ends(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path, settings="listening: {top_up: 0}\n"):
            await lab.hub.commands.activate(NIGHT)
            await let_pass(SECONDS * 12)
            assert len(lab.queued) == 9
            assert not lab.world.view().is_playing
            assert len(lab.told("COMPLETED")) == 10

    run_virtual(scenario)


def test_only_a_login_ends_the_want_of_one(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")

    async def scenario() -> None:
        lab = make_lab()
        account = FakeAccount([], days_left=None)
        lab.accounts.append(account)
        lab.look_fault = lambda: Trouble(TroubleCode.LOGIN_NEEDED, "Not logged in.")
        async with running(lab, tmp_path):
            await let_pass(10)
            lab.hub.registry.set_status("sampling", PluginStatus.RUNNING, "runs, and says so")
            zone = lab.hub.zones[HOME]
            assert zone.trouble is not None
            assert zone.trouble.code is TroubleCode.LOGIN_NEEDED
            assert "works again" not in caplog.text
            account.days_left = 180
            lab.hub.registry.set_status("hub_lab", PluginStatus.RUNNING, "logged in")
            assert zone.trouble is None, "not only after the next look"

    run_virtual(scenario)
    assert caplog.text.count("works again") == 1
