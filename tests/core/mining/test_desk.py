"""The mining desk on a real database: what it changes, what it never changes, and how it ends."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.miners import AuditReport, JobKind, JobStatus, MiningOrder, MiningReport, UndoneMining
from moodroom_hub.domain.mining.models import Audited, Definition, Mined, MiningTask, Misfit, Unplaced
from moodroom_hub.domain.models import Anchor, PoolEntry, ReceiptKind, Room, RoomSlug, Tier
from tests.core.data_lab import NIGHT, song
from tests.core.mining.lab import FakeMiner, desk_lab, places, suggests, uri

HOUSE = RoomSlug("house")
ONLY_NIGHT = MiningOrder(rooms=(NIGHT,))


async def test_mining_fills_a_room_and_says_what_it_did(tmp_path: Path) -> None:
    async with desk_lab(tmp_path) as lab:
        view = await lab.run()
        assert view.status is JobStatus.DONE
        assert await lab.data.tiers() == {"Song 1": Tier.CONFIRMED, "Song 2": Tier.CONFIRMED}
        report = view.report
        assert isinstance(report, MiningReport)
        night = next(plan for plan in report.rooms if plan.room == NIGHT)
        assert [entry.track.name for entry in night.added] == ["Song 2", "Song 1"]
        assert len(report.unplaced) == 4
        assert len(lab.told) == 1


async def test_mining_again_replaces_the_base_and_never_what_a_hand_or_listening_decided(tmp_path: Path) -> None:
    async with desk_lab(tmp_path) as lab:
        await lab.run()
        receipt = await lab.desk.move(NIGHT, uri(1), Tier.REMOVED, "tired of it")
        assert (receipt.kind, receipt.why) == (ReceiptKind.MOVED, "tired of it · CONFIRMED → REMOVED")
        lab.miner.answer = places(1, 3)
        await lab.run()
        assert await lab.data.tiers() == {"Song 1": Tier.REMOVED, "Song 3": Tier.CONFIRMED}
        await lab.data.pools.undo(receipt.id)
        assert (await lab.data.tiers())["Song 1"] is Tier.CONFIRMED


async def test_what_a_file_brought_stays(tmp_path: Path) -> None:
    async with desk_lab(tmp_path) as lab:
        await lab.data.fill((5, Tier.SAFE_SIDE))
        await lab.run()
        assert await lab.data.tiers() == {
            "Song 5": Tier.SAFE_SIDE,
            "Song 2": Tier.CONFIRMED,
            "Song 1": Tier.CONFIRMED,
        }


async def test_the_last_mining_can_be_taken_back_and_brought_back(tmp_path: Path) -> None:
    async with desk_lab(tmp_path) as lab:
        await lab.run()
        lab.miner.answer = places(3)
        await lab.run()
        assert await lab.desk.undo() == UndoneMining((NIGHT,), is_back=False)
        assert set(await lab.data.tiers()) == {"Song 1", "Song 2"}
        assert await lab.desk.undo() == UndoneMining((NIGHT,), is_back=True)
        assert set(await lab.data.tiers()) == {"Song 3"}


async def test_a_mining_that_changes_nothing_is_none_to_be_taken_back(tmp_path: Path) -> None:
    async with desk_lab(tmp_path) as lab:
        await lab.run()
        await lab.run()
        await lab.desk.undo()
        assert await lab.data.tiers() == {}


async def test_there_is_nothing_to_take_back_before_the_first(tmp_path: Path) -> None:
    async with desk_lab(tmp_path) as lab:
        with pytest.raises(Trouble, match="No mining is known"):
            await lab.desk.undo()


async def test_a_held_mining_changes_nothing_until_it_is_applied(tmp_path: Path) -> None:
    async with desk_lab(tmp_path) as lab:
        view = await lab.run(replace(ONLY_NIGHT, is_held=True))
        assert view.status is JobStatus.HELD
        assert await lab.data.tiers() == {}
        words = Definition("Slow and blue", (Anchor("Jungle", "Drake"),), ("shouting",))
        await lab.desk.apply(words, [uri(2)])
        assert await lab.data.tiers() == {"Song 1": Tier.CONFIRMED, "Song 2": Tier.REMOVED}
        assert lab.desk.definition(NIGHT) == words
        assert "Slow and blue" in lab.config.read_text(encoding="utf-8")
        assert lab.config.read_text(encoding="utf-8").startswith("# mine\nhub: {log_level: warning}\n")
        with pytest.raises(Trouble, match="No mining waits"):
            await lab.desk.apply()


async def test_a_discarded_mining_never_happened(tmp_path: Path) -> None:
    async with desk_lab(tmp_path) as lab:
        await lab.run(replace(ONLY_NIGHT, is_held=True))
        assert (await lab.desk.discard()).status is JobStatus.CANCELLED
        assert await lab.data.tiers() == {}
        with pytest.raises(Trouble, match="No mining waits"):
            await lab.desk.discard()


async def test_what_happens_while_it_is_held_is_not_lost(tmp_path: Path) -> None:
    async with desk_lab(tmp_path) as lab:
        await lab.run(replace(ONLY_NIGHT, is_held=True))
        await lab.data.fill((2, Tier.DISCOVERY))
        await lab.desk.apply()
        assert await lab.data.tiers() == {"Song 2": Tier.DISCOVERY, "Song 1": Tier.CONFIRMED}


async def test_a_definition_is_tried_on_one_room_and_reaches_the_miner(tmp_path: Path) -> None:
    async with desk_lab(tmp_path) as lab:
        words = Definition("Blue", (), ("shouting",))
        await lab.run(replace(ONLY_NIGHT, definition=words, is_held=True, examples=((uri(3), True), (uri(4), False))))
        (task,) = lab.miner.tasks
        assert isinstance(task, MiningTask)
        assert task.rooms == (Room(NIGHT, "Late Night", "Blue", (), ("shouting",), lab.rooms[NIGHT].palette),)
        assert [(example.track.name, example.is_fit) for example in task.examples] == [
            ("Song 3", True),
            ("Song 4", False),
        ]
        with pytest.raises(Trouble, match="one room at a time"):
            await lab.desk.start(MiningOrder(definition=words))


async def test_its_own_placings_teach_a_miner_nothing_but_hands_and_files_do(tmp_path: Path) -> None:
    async with desk_lab(tmp_path) as lab:
        await lab.run()
        await lab.data.fill((5, Tier.CONFIRMED))
        await lab.desk.move(NIGHT, uri(1), Tier.REMOVED, "")
        await lab.desk.move(NIGHT, uri(6), Tier.CONFIRMED, "")
        await lab.run(ONLY_NIGHT)
        task = lab.miner.tasks[-1]
        assert {(example.track.name, example.is_fit) for example in task.examples} == {
            ("Song 1", False),
            ("Song 5", True),
            ("Song 6", True),
        }


async def test_two_miners_come_to_rest(tmp_path: Path) -> None:
    """What the better one placed teaches the other, and is never taken over by it; the other way round it is judged."""
    async with desk_lab(tmp_path) as lab:
        lab.other.rank = 5
        better, lesser = MiningOrder(miner="better", rooms=(NIGHT,)), MiningOrder(miner="fake", rooms=(NIGHT,))
        lab.other.answer = places(1, 2)
        await lab.run(better)

        def agrees(task: MiningTask) -> Mined:
            taught = [int(example.track.name.split()[1]) for example in task.examples if example.is_fit]
            return places(*taught, *(number + 2 for number in taught))(task)

        lab.miner.answer = agrees
        for _ in range(3):
            await lab.run(lesser)
            sources = {row.track.name: row.source for row in await lab.data.store.base(NIGHT)}
            assert sources == {
                "Song 1": "mined:better",
                "Song 2": "mined:better",
                "Song 3": "mined:fake",
                "Song 4": "mined:fake",
            }
        await lab.run(better)
        assert lab.other.tasks[-1].examples == ()
        assert set(await lab.data.tiers()) == {"Song 1", "Song 2"}


async def test_a_suggestion_is_looked_up_and_a_liked_song_is_never_one(tmp_path: Path) -> None:
    async with desk_lab(tmp_path) as lab:
        lab.account.songs = {song(number).name: song(number) for number in (3, 40)}
        lab.miner.answer = suggests(40)
        await lab.run(ONLY_NIGHT)
        assert await lab.data.tiers() == {"Song 40": Tier.DISCOVERY}
        lab.miner.answer = suggests(3)
        report = (await lab.run(ONLY_NIGHT)).report
        assert isinstance(report, MiningReport)
        assert len(report.dropped) == 1
        assert await lab.data.tiers() == {}


async def test_a_paid_miner_is_never_asked_without_consent(tmp_path: Path) -> None:
    async with desk_lab(tmp_path) as lab:
        lab.miner.is_paid = True
        with pytest.raises(Trouble, match="may cost money") as caught:
            await lab.desk.start(MiningOrder())
        assert caught.value.code is TroubleCode.CONFLICT
        view = await lab.desk.estimate(MiningOrder())
        assert (view.miner, view.is_paid, view.tracks, view.estimate.calls) == ("fake", True, 6, 6)
        assert lab.miner.tasks == []
        assert (await lab.run(MiningOrder(is_accepted=True))).status is JobStatus.DONE


async def test_only_one_job_runs_and_it_can_be_cancelled(tmp_path: Path) -> None:
    async with desk_lab(tmp_path) as lab:
        lab.miner.gate = asyncio.Event()
        await lab.desk.start(MiningOrder())
        with pytest.raises(Trouble, match="runs already"):
            await lab.desk.start(MiningOrder())
        with pytest.raises(Trouble, match="runs already"):
            await lab.desk.undo()
        assert (await lab.desk.cancel()).status is JobStatus.CANCELLED
        assert await lab.data.tiers() == {}
        assert (await lab.desk.cancel()).status is JobStatus.CANCELLED


@pytest.mark.parametrize("error", [Trouble(TroubleCode.UNAVAILABLE, "The model is away."), ZeroDivisionError("oh")])
async def test_a_miner_that_fails_changes_nothing(tmp_path: Path, error: Exception) -> None:
    async with desk_lab(tmp_path) as lab:
        await lab.run()
        lab.miner.trouble = error
        trouble = await lab.failed()
        assert trouble.code is TroubleCode.UNAVAILABLE
        assert str(error) in trouble.message
        assert set(await lab.data.tiers()) == {"Song 1", "Song 2"}


async def test_what_could_not_be_judged_stays_as_it_was(tmp_path: Path) -> None:
    async with desk_lab(tmp_path) as lab:
        await lab.run()
        lab.miner.answer = lambda task: Mined(
            unplaced=tuple(Unplaced(track.uri, "cut off", is_judged=False) for track in task.tracks)
        )
        await lab.run()
        assert set(await lab.data.tiers()) == {"Song 1", "Song 2"}


async def test_an_empty_library_is_told_with_the_mend(tmp_path: Path) -> None:
    async with desk_lab(tmp_path, songs=0) as lab:
        assert "library sync" in (await lab.failed()).message


async def test_the_miner_is_chosen_by_name_readiness_and_rank(tmp_path: Path) -> None:
    async with desk_lab(tmp_path) as lab:
        with pytest.raises(Trouble, match="known: fake, better"):
            await lab.desk.start(MiningOrder(miner="gone"))
        lab.miner.is_ready = lab.other.is_ready = False
        with pytest.raises(Trouble, match="no model is set"):
            await lab.desk.start(MiningOrder())
        with pytest.raises(Trouble, match="not ready: no model is set"):
            await lab.desk.start(MiningOrder(miner="fake"))
        lab.miner.is_ready = True
        with pytest.raises(Trouble, match="no such room"):
            await lab.desk.estimate(MiningOrder(miner=None, rooms=(RoomSlug("attic"),)))


async def test_an_audit_flags_and_changes_nothing_and_forgets_what_was_kept(tmp_path: Path) -> None:
    async with desk_lab(tmp_path) as lab:
        await lab.run()
        lab.miner.audited = Audited((Misfit(uri(1), "a ballad", 0.6), Misfit(uri(2), "a march", 0.8)))
        order = MiningOrder(kind=JobKind.AUDIT, rooms=(NIGHT,))
        report = (await lab.run(order)).report
        assert isinstance(report, AuditReport)
        assert [(flagged.entry.track.name, flagged.reason) for flagged in report.misfits] == [
            ("Song 2", "a march"),
            ("Song 1", "a ballad"),
        ]
        assert len(await lab.data.tiers()) == 2
        await lab.desk.keep(NIGHT, [uri(2)])
        report = (await lab.run(order)).report
        assert isinstance(report, AuditReport)
        assert [flagged.entry.track.name for flagged in report.misfits] == ["Song 1"]
        report = (await lab.run(replace(order, is_thorough=True))).report
        assert isinstance(report, AuditReport)
        assert len(report.misfits) == 2


async def test_an_audit_of_an_empty_room_says_so(tmp_path: Path) -> None:
    async with desk_lab(tmp_path) as lab:
        trouble = await lab.failed(MiningOrder(kind=JobKind.AUDIT, rooms=(HOUSE,)))
        assert trouble.code is TroubleCode.EMPTY_POOL


async def test_by_hand_only_what_is_known_and_only_where_it_changes_something(tmp_path: Path) -> None:
    async with desk_lab(tmp_path) as lab:
        with pytest.raises(Trouble, match="neither in the room nor liked"):
            await lab.desk.move(NIGHT, uri(99), Tier.CONFIRMED, "")
        await lab.desk.move(NIGHT, uri(1), Tier.CONFIRMED, "")
        with pytest.raises(Trouble, match="in CONFIRMED already"):
            await lab.desk.move(NIGHT, uri(1), Tier.CONFIRMED, "")
        with pytest.raises(Trouble, match="no such room"):
            await lab.desk.move(RoomSlug("attic"), uri(1), Tier.CONFIRMED, "")


async def test_confidence_and_source_survive_the_database(tmp_path: Path) -> None:
    async with desk_lab(tmp_path) as lab:
        await lab.run()
        entry: PoolEntry = (await lab.data.store.base(NIGHT))[0]
        assert (entry.source, entry.confidence) == ("mined:fake", 0.9)


def test_the_fake_is_a_miner() -> None:
    from moodroom_hub.core.miners import Miner

    miner: Miner = FakeMiner()
    assert miner.name == "fake"
