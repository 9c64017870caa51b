"""Whatever the model answers: what is right is taken, what is wrong is asked again, nobody else suffers."""

from pathlib import Path

import pytest

from moodroom_hub.core.errors import Trouble
from moodroom_hub.domain.mining.models import Mined, MiningTask
from moodroom_hub.simulator.model_api import ModelFault
from tests.plugins.llm_mining.lab import (
    HOUSE,
    Lab,
    is_accounted_for,
    lab,
    placed,
    right,
    rooms,
    rule,
    tracks,
    unjudged,
    virtually,
)

SONGS = tracks(40)
TASK = MiningTask(rooms(), SONGS)

ALWAYS_WRONG = [
    ModelFault.WRONG_SHAPE,
    ModelFault.TOP_LIST,
    ModelFault.WRONG_TYPES,
    ModelFault.MISSING_KEYS,
    ModelFault.CONFIDENCE_7,
    ModelFault.CONFIDENCE_NEGATIVE,
    ModelFault.CONFIDENCE_WORD,
    ModelFault.CONFIDENCE_BOOL,
    ModelFault.NAN,
    ModelFault.UNKNOWN_ROOM,
    ModelFault.INVENTED_ROOM,
    ModelFault.SAME_ROOM_TWICE,
    ModelFault.DUPLICATES,
    ModelFault.INVENTED_IDS,
    ModelFault.SWAPPED_IDS,
    ModelFault.BROKEN_JSON,
    ModelFault.EMPTY_CONTENT,
    ModelFault.NULL_CONTENT,
    ModelFault.NO_CHOICES,
    ModelFault.HTML,
    ModelFault.HUGE,
    ModelFault.DEEP,
    ModelFault.HUGE_NUMBER,
    ModelFault.APOLOGY,
]
HARMLESS = [
    ModelFault.NO_USAGE,
    ModelFault.EXTRA_KEYS,
    ModelFault.NASTY_TEXT,
    ModelFault.LONG_TEXT,
    ModelFault.SURROGATE,
    ModelFault.FENCED,
    ModelFault.PROSE_AROUND,
    ModelFault.THINKING,
    ModelFault.PARTIAL,
]
IN_TEXT_ALONE = {ModelFault.FENCED, ModelFault.PROSE_AROUND, ModelFault.THINKING}


def test_a_good_model_is_believed_word_for_word(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path, batch_size=20) as here:
            mined = await here.mine(TASK)
            assert placed(mined) == right(SONGS)
            assert unjudged(mined) == {}
            assert is_accounted_for(mined, TASK)
            assert [len(call.track_ids) for call in here.chats] == [20, 20]
            assert {call.format for call in here.chats} == {"json_schema"}
            assert all(one.why.endswith(".") and one.confidence in (0.9, 0.7) for one in mined.placements)
            last = here.told[-1]
            assert (last.done, last.total, last.calls) == (40, 40, 2)
            assert last.tokens_in == sum(call.prompt_tokens for call in here.chats)

    virtually(work)


@pytest.mark.parametrize("fault", ALWAYS_WRONG)
def test_one_wrong_answer_is_repaired(tmp_path: Path, fault: ModelFault) -> None:
    async def work() -> None:
        async with lab(tmp_path, rule(fault, at_most=1), batch_size=20, in_flight=1) as here:
            mined = await here.mine(TASK)
            assert placed(mined) == right(SONGS)
            assert unjudged(mined) == {}
            assert len(here.chats) <= 4, "one repair, or two halves"

    virtually(work)


@pytest.mark.parametrize(
    "fault", [*ALWAYS_WRONG, ModelFault.CUT_OFF, ModelFault.REFUSAL, ModelFault.CONTENT_FILTER, ModelFault.MODERATED]
)
def test_one_song_that_no_answer_can_be_had_about_is_unplaced_alone(tmp_path: Path, fault: ModelFault) -> None:
    async def work() -> None:
        bad = rule(fault, tracks=("Song 17",))
        async with lab(tmp_path, bad, batch_size=20, in_flight=2) as here:
            mined = await here.mine(TASK)
            others = [one for one in SONGS if one.name != "Song 17"]
            assert placed(mined) == right(others)
            assert list(unjudged(mined)) == ["Song 17"]
            assert is_accounted_for(mined, TASK)
            reason = unjudged(mined)["Song 17"]
            assert "model" in reason or "answer" in reason or "refused" in reason
            assert reason.isprintable()

    virtually(work)


@pytest.mark.parametrize("fault", HARMLESS)
@pytest.mark.parametrize("has_schema", [True, False])
def test_what_is_only_odd_is_taken(tmp_path: Path, fault: ModelFault, has_schema: bool) -> None:
    async def work() -> Mined:
        offers = {"offers_json_schema": has_schema, "offers_json_object": has_schema}
        if fault in IN_TEXT_ALONE:
            offers["offers_json_object"] = False
        async with lab(tmp_path, rule(fault), behaviour=offers, batch_size=20) as here:
            mined = await here.mine(TASK)
            assert is_accounted_for(mined, TASK)
            for one in mined.placements:
                assert one.why.isprintable()
                assert 0 < len(one.why) <= 160
                assert not set("\x1b\u202e\u2066\u200b") & set(one.why)
            return mined

    mined = virtually(work)
    if (
        fault is ModelFault.PARTIAL
    ):  # it leaves out the first of every question, so of a question about one song that one
        assert placed(mined).items() <= right(SONGS).items()
        assert all("left out" in reason or "leaves out" in reason for reason in unjudged(mined).values())
    else:
        assert placed(mined) == right(SONGS)


def test_what_an_answer_lacks_is_asked_for_by_itself(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path, rule(ModelFault.PARTIAL, at_most=1), batch_size=40) as here:
            mined = await here.mine(TASK)
            assert placed(mined) == right(SONGS)
            first, second = here.chats
            assert not second.is_repair
            assert set(second.songs) < set(first.songs)
            assert len(second.songs) == 14

    virtually(work)


def test_an_answer_that_is_cut_off_halves_the_batch_at_once(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path, max_tokens_out=600, batch_size=40, in_flight=1) as here:
            mined = await here.mine(TASK)
            assert placed(mined) == right(SONGS)
            assert not any(call.is_repair for call in here.chats)
            sizes = [len(call.track_ids) for call in here.chats]
            assert sizes[:2] == [40, 20]
            assert here.told[-1].calls == len(sizes)

    virtually(work)


def test_a_model_that_never_manages_so_many_is_asked_for_fewer(tmp_path: Path) -> None:
    async def work() -> None:
        task = MiningTask(rooms(), tracks(320))
        async with lab(tmp_path, rule(ModelFault.BROKEN_JSON, min_tracks=11), batch_size=40, in_flight=1) as here:
            mined = await here.mine(task)
            assert placed(mined) == right(task.tracks)
            large = [call for call in here.chats if len(call.track_ids) > 10]
            assert len(large) <= 16, "it is learnt, not tried anew with each batch"

    virtually(work)


@pytest.mark.parametrize(
    ("offers", "form"),
    [
        ({"offers_json_schema": False}, "json_object"),
        ({"offers_json_schema": False, "offers_json_object": False}, "text"),
    ],
)
def test_plainer_forms_are_asked_for_and_remembered(tmp_path: Path, offers: dict[str, bool], form: str) -> None:
    async def work() -> None:
        async with lab(tmp_path, behaviour=offers, batch_size=10, in_flight=4) as here:
            mined = await here.mine(TASK)
            assert placed(mined) == right(SONGS)
            assert [call.format for call in here.chats if call.status == 200] == [form] * 4
            assert sum(call.status == 400 for call in here.chats) <= 8, (
                "no call is refused more than once for each form"
            )

    virtually(work)


@pytest.mark.parametrize(
    "fault", [ModelFault.APOLOGY, ModelFault.REFUSAL, ModelFault.WRONG_SHAPE, ModelFault.EMPTY_CONTENT]
)
def test_a_model_that_is_of_no_use_at_all_ends_the_run_early(tmp_path: Path, fault: ModelFault) -> None:
    async def work() -> None:
        async with lab(tmp_path, rule(fault), batch_size=10) as here:
            with pytest.raises(Trouble, match="no usable answer"):
                await here.mine(MiningTask(rooms(), tracks(1000)))
            assert len(here.chats) <= 60

    virtually(work)


def test_a_question_that_is_too_long_for_the_model_is_asked_in_halves(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path, rule(ModelFault.CONTEXT_LENGTH, min_tracks=11), batch_size=40) as here:
            mined = await here.mine(TASK)
            assert placed(mined) == right(SONGS)
            assert [len(call.track_ids) for call in here.chats if call.was_paid] == [10] * 4

    virtually(work)


def test_what_the_model_is_not_sure_of_is_not_placed(tmp_path: Path) -> None:
    async def work(here: Lab) -> Mined:
        return await here.mine(TASK)

    async def both() -> None:
        async with lab(tmp_path, min_confidence=0.8) as strict:
            mined = await work(strict)
            assert all(one.confidence >= 0.8 for one in mined.placements)
            assert all(one.is_judged for one in mined.unplaced)
        async with lab(tmp_path, min_confidence=0.95) as stricter:
            mined = await work(stricter)
            assert mined.placements == ()
            doubtful = next(one for one in mined.unplaced if one.uri.endswith("Song 1"))
            assert doubtful.reason == f"not sure enough: {HOUSE.title()} with 0.90, below 0.95"

    virtually(both)
