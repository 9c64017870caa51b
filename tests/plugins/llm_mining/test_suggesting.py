"""Songs that are suggested, audits, and what a run would take: through the same line and the same checks."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from moodroom_hub.domain.mining.models import AuditTask, Example, MiningTask
from moodroom_hub.domain.models import Tier
from moodroom_hub.simulator.model_api import PRICED, KnownSong, ModelFault, OfferedModel, Suggestions, hostile_title
from tests.plugins.llm_mining.lab import HOUSE, NIGHT, Rounds, lab, placed, right, rooms, rule, track, tracks, virtually

SONGS = tracks(30)
TASK = MiningTask(rooms(), SONGS, safe_side=3, discovery=2)
AUDIT = AuditTask(rooms()[1], SONGS)


class Keen(Rounds):
    """Suggests what it is asked for, and one song that the library has."""

    def rooms_of(self, name: str, artists: Sequence[str]) -> Mapping[str, float]:
        """As ever."""
        return super().rooms_of(name, artists)

    def suggestions(self, room: str) -> Suggestions:
        """Some for each tier."""
        near = (KnownSong("song 1", "BAND 1"), *(KnownSong(f"Near {number} {room}", "Other") for number in range(6)))
        return Suggestions(near, tuple(KnownSong(f"Far {number} {room}", "Another") for number in range(6)))


def test_every_room_gets_what_it_wants_and_nothing_from_the_library(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path, knowledge=Keen()) as here:
            mined = await here.mine(TASK)
            assert mined.suggested_rooms == {room.slug for room in TASK.rooms}
            house = [one for one in mined.suggestions if one.room == HOUSE]
            assert [one.tier for one in house].count(Tier.DISCOVERY) == 2
            assert 2 <= [one.tier for one in house].count(Tier.SAFE_SIDE) <= 3
            assert all(one.name.startswith(("Near", "Far")) for one in mined.suggestions)
            assert [call.task for call in here.chats] == ["place", "suggest", "suggest", "suggest"]
            assert (here.told[-1].unit, here.told[-1].done, here.told[-1].total) == ("rooms", 3, 3)
            again = await here.mine(TASK)
            assert again.suggestions == mined.suggestions
            assert len(here.chats) == 4
            assert (await here.miner.estimate(TASK)).calls == 0
            assert (await here.miner.estimate(replace(TASK, discovery=4))).calls == 3

    virtually(work)


@pytest.mark.parametrize("fault", [ModelFault.WRONG_SHAPE, ModelFault.MISSING_KEYS, ModelFault.BROKEN_JSON])
def test_one_repair_then_the_room_is_left_out(tmp_path: Path, fault: ModelFault) -> None:
    async def work() -> None:
        async with lab(tmp_path, rule(fault, tasks=("suggest",), at_most=1), knowledge=Keen()) as here:
            assert len((await here.mine(TASK)).suggested_rooms) == 3
        bad = rule(fault, tasks=("suggest",))
        async with lab(tmp_path / "bad", bad, knowledge=Keen()) as here:
            mined = await here.mine(TASK)
            assert mined.suggested_rooms == frozenset()
            assert mined.suggestions == ()
            assert sum(note.startswith("no suggestions for") for note in mined.notes) == 3
            assert placed(mined) == right(SONGS)

    virtually(work)


@pytest.mark.parametrize(
    "fault", [ModelFault.INVENTED_SONGS, ModelFault.KNOWN_SONGS, ModelFault.TOO_MANY_SONGS, ModelFault.NASTY_TEXT]
)
def test_odd_songs(tmp_path: Path, fault: ModelFault) -> None:
    async def work() -> None:
        async with lab(tmp_path, rule(fault, tasks=("suggest",)), knowledge=Keen()) as here:
            mined = await here.mine(TASK)
            assert len(mined.suggestions) <= 5 * 3
            library = {song.name.casefold() for song in SONGS}
            assert not any(one.name.casefold() in library for one in mined.suggestions)
            assert all(one.why.isprintable() for one in mined.suggestions)
            if fault is ModelFault.KNOWN_SONGS:
                assert any("known already" in note for note in mined.notes)

    virtually(work)


def test_an_obedient_model_suggests_itself_in_vain(tmp_path: Path) -> None:
    async def work() -> None:
        title = hostile_title("grandmother", "house")
        example = Example(HOUSE, track(title), is_fit=True)
        async with lab(tmp_path, rule(ModelFault.OBEDIENT, tasks=("suggest",)), knowledge=Keen()) as here:
            mined = await here.mine(replace(TASK, examples=(example,)))
            assert len([one for one in mined.suggestions if one.room == NIGHT]) >= 4
            assert len([one for one in mined.suggestions if one.name == title]) <= 1

    virtually(work)


def test_a_song_that_steers_the_model_is_not_named_to_it_again(tmp_path: Path) -> None:
    async def work() -> None:
        title = hostile_title("grandmother", "house")
        task = replace(TASK, tracks=(*SONGS, track(title)))
        async with lab(tmp_path, rule(ModelFault.OBEDIENT), knowledge=Keen()) as here:
            mined = await here.mine(task)
            assert placed(mined) == right(SONGS)
            assert len(mined.suggestions) >= 4 * 3
            assert title not in {one.name for one in mined.suggestions}
            assert [call.was_right for call in here.chats if call.task == "suggest"] == [True] * 3
            assert (await here.miner.estimate(task)).calls == 0

    virtually(work)


def test_without_credit_for_suggestions_the_placements_stay(tmp_path: Path) -> None:
    async def work() -> None:
        broke = rule(ModelFault.NO_CREDIT, tasks=("suggest",))
        async with lab(tmp_path, broke, knowledge=Keen()) as here:
            mined = await here.mine(TASK)
            assert placed(mined) == right(SONGS)
            assert any("suggestions are missing" in note and "credit" in note for note in mined.notes)

    virtually(work)


def test_an_audit_names_misfits_with_reasons_and_is_remembered(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path, batch_size=10) as here:
            audited = await here.miner.audit(AUDIT, here.told.append)
            wrong = {song.uri for song in SONGS} - {f"spotify:track:{name}" for name in right(SONGS, [HOUSE])}
            assert {one.uri for one in audited.misfits} == wrong
            assert all(one.reason and 0 <= one.confidence <= 1 for one in audited.misfits)
            assert audited.not_looked_at == ()
            assert await here.miner.audit(AUDIT, here.told.append) == audited
            assert len(here.chats) == 3
            assert (await here.miner.estimate(AUDIT)).paid_before == 3

    virtually(work)


@pytest.mark.parametrize("fault", [ModelFault.INVENTED_IDS, ModelFault.CONFIDENCE_7, ModelFault.DUPLICATES])
def test_a_song_that_cannot_be_audited_is_said(tmp_path: Path, fault: ModelFault) -> None:
    async def work() -> None:
        async with lab(tmp_path, rule(fault, tracks=("Song 3",))) as here:
            audited = await here.miner.audit(AUDIT, here.told.append)
            assert [one.uri for one in audited.not_looked_at] == [track("Song 3").uri]
            assert not audited.not_looked_at[0].is_judged

    virtually(work)


def test_the_estimate_is_near_the_truth_and_the_prompts_are_what_is_sent(tmp_path: Path) -> None:
    async def work() -> None:
        task = MiningTask(rooms(), tracks(200), safe_side=3, discovery=2)
        async with lab(
            tmp_path, knowledge=Keen(), behaviour={"models": (PRICED,)}, price_in=1.0, price_out=2.0
        ) as here:
            told = await here.miner.estimate(task)
            assert here.chats == []
            await here.mine(task)
            spent = here.told[-1]
            assert told.calls == spent.calls == 7
            assert told.tokens_in == pytest.approx(spent.tokens_in, rel=0.3)
            assert spent.tokens_out <= told.tokens_out <= 2 * spent.tokens_out, "this model is short of words"
            assert told.cost_usd == pytest.approx((told.tokens_in * 1.0 + told.tokens_out * 2.0) / 1e6)
            assert [prompt.title for prompt in told.prompts] == [
                "first call for placements",
                "first call for suggestions",
            ]
            assert '"name":"Song 0"' in told.prompts[0].text
            assert "--- system ---\nYou know recorded music well." in told.prompts[0].text

    virtually(work)


@pytest.mark.parametrize(
    ("models", "says", "cost"),
    [
        ((PRICED,), "0.15 and 0.6 US dollars per million tokens in and out, from the endpoint", True),
        ((OfferedModel(),), "the price is not known", False),
        ((OfferedModel("another"),), "does not list this model", False),
    ],
)
def test_where_prices_are_from(
    tmp_path: Path, models: tuple[OfferedModel, ...], says: str, cost: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The make-believe endpoint is at home, where nothing is charged: here it counts as one far away.
    monkeypatch.setattr("moodroom_hub.plugins.llm_mining.run.stays_at_home", lambda base_url, model: False)
    monkeypatch.setattr("moodroom_hub.plugins.llm_mining.estimating.stays_at_home", lambda base_url, model: False)

    async def work() -> None:
        async with lab(tmp_path, behaviour={"models": models}) as here:
            told = await here.miner.estimate(TASK)
            assert any(says in note for note in told.notes)
            assert (told.cost_usd is not None) is cost
            assert not told.is_at_home

    virtually(work)
