"""The plugin as the hub loads it: nothing of it is held before it is needed, and its faults stop no music."""

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest

from moodroom_hub.core.ports import CheckLevel
from moodroom_hub.core.stations import NewStation
from moodroom_hub.domain.stations.models import VoteKind
from moodroom_hub.plugins.radio import model as model_module
from moodroom_hub.plugins.radio.brain import Brain
from moodroom_hub.plugins.radio.config import RadioConfig
from moodroom_hub.plugins.radio.radio import StationRadio
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.hub_lab import NIGHT, SECONDS
from tests.plugins.radio.engine.lab import FRIDAY, make_radio_lab, names, on_air, played_names, seeds, service_of, skip


def test_idle_it_holds_nothing_of_what_plays() -> None:
    code = (
        "import sys, moodroom_hub.plugins.radio\n"
        "print(*(m for m in sys.modules if 'numpy' in m or 'core.stations' in m or '.radio.' in m))\n"
        "import moodroom_hub.plugins.radio.radio\n"
        "print(*(m for m in ('numpy', 'scipy', 'cryptography') if m in sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    idle, without_a_model = found.stdout.splitlines()
    assert idle.split() == ["moodroom_hub.plugins.radio.config"]
    assert without_a_model == ""


def test_what_cannot_be_is_refused_by_its_section() -> None:
    for wrong in ({"prefix": " "}, {"max_drift": 2}, {"sign_as": "a\nb"}, {"likes_rule": "coin"}, {"discoveries": -1}):
        with pytest.raises(ValueError, match="validation error"):
            RadioConfig.model_validate(wrong)
    assert RadioConfig.model_validate({"prefix": "Station: "}).prefix == "Station: "


def test_a_broken_model_is_a_clear_word_and_music_goes_on(tmp_path: Path) -> None:
    async def scenario() -> None:
        broken = tmp_path / "model.radio"
        lab = make_radio_lab()
        async with on_air(lab, tmp_path, broken) as radio:
            await radio.new(NewStation("Friday", seeds("Amber 0")))
            for content in (b"", b"moodroom\narrays\n", b"PK\x03\x04 something else" * 50):
                broken.write_bytes(content)
                assert "train it anew" in (await radio.overview())[0].trouble
            (line,) = cast(StationRadio, radio).check()
            assert line.level is CheckLevel.WARNING
            assert "1 station without a model" in line.message
            await lab.hub.commands.play_station(FRIDAY)
            await asyncio.sleep(SECONDS)
            assert played_names(lab)[0] == "Amber 0"

    run_virtual(scenario)


def test_a_large_model_is_read_as_a_whole_before_it_is_played_from(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_module, "VERIFIED_AT_ONCE", 0)
    whole = model.read_bytes()
    content = bytearray(whole)
    content[len(content) // 2] ^= 1
    changed = tmp_path / "model.radio"
    changed.write_bytes(content)

    async def scenario() -> None:
        brain = Brain(changed)
        assert await brain.ready() is None
        assert "checksum" in brain.trouble or "none" in brain.trouble
        changed.write_bytes(whole)
        assert await brain.ready() is not None
        assert brain.trouble == ""
        brain.close()

    run_virtual(scenario)


def test_a_model_that_somebody_writes_over_in_its_place_ends_no_hub(tmp_path: Path, model: Path) -> None:
    """In a process of its own: what this is about would end that of the tests."""
    code = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from moodroom_hub.plugins.radio.brain import Brain\n"
        "from moodroom_hub.plugins.radio.recommending.interface import Query\n"
        "async def main(path):\n"
        "    brain = Brain(path)\n"
        "    model = await brain.ready()\n"
        "    path.open('r+b').truncate(100)\n"
        "    assert await brain.ready() is model and 'cannot be used' in brain.trouble\n"
        "    print(len(model.score(Query((0,)), 5).places))\n"
        "asyncio.run(main(Path(sys.argv[1])))\n"
    )
    file = tmp_path / "model.radio"
    shutil.copy(model, file)
    ran = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "5\n"), ran.stderr


def test_a_new_model_is_taken_in_while_a_station_plays_and_a_broken_one_changes_nothing(
    tmp_path: Path, model: Path
) -> None:
    async def scenario() -> None:
        path = tmp_path / "model.radio"
        lab = make_radio_lab()
        async with on_air(lab, tmp_path, path) as radio:
            await radio.new(NewStation("Friday", seeds("Amber 0")))
            await lab.hub.commands.play_station(FRIDAY)
            await asyncio.sleep(10)
            swapped = tmp_path / "new"
            shutil.copy(model, swapped)
            swapped.replace(path)
            await asyncio.sleep(2 * SECONDS)
            assert len(set(played_names(lab))) > 1
            order = names(await radio.why(FRIDAY))
            swapped.write_bytes(b"nothing")
            swapped.replace(path)
            assert names(await radio.why(FRIDAY)) == order
            assert "cannot be used" in radio.model().trouble
            assert radio.model().artists == 64

    run_virtual(scenario)


def test_a_vote_costs_one_reckoning_and_no_request_holds_it_up(tmp_path: Path, model: Path) -> None:
    async def scenario() -> None:
        lab = make_radio_lab()
        async with on_air(lab, tmp_path, model) as radio:
            await radio.new(NewStation("Friday", seeds("Amber 0")))
            await lab.hub.commands.play_station(FRIDAY)
            await asyncio.sleep(15)
            draws = cast(StationRadio, radio).draws
            reckoned, asked = draws.reckoned, len(service_of(lab).asked)
            assert asked < 60, "what comes next is at hand, and not more"
            skip(lab)
            for _ in range(40):
                if lab.hub.commands.stations.votes(FRIDAY):
                    break
                await asyncio.sleep(0.5)
            assert draws.reckoned == reckoned + 1
            await asyncio.sleep(60)
            assert draws.reckoned == reckoned + 1, "everybody who asks gets the same order"

    run_virtual(scenario)


def test_learning_off_rooms_and_guests_say_nothing(tmp_path: Path, model: Path) -> None:
    async def scenario() -> None:
        lab = make_radio_lab()
        async with on_air(lab, tmp_path, model) as radio:
            await radio.new(NewStation("Friday", seeds("Amber 0")))
            await lab.hub.commands.set_learning(is_on=False)
            await lab.hub.commands.play_station(FRIDAY)
            await asyncio.sleep(15)
            skip(lab)
            await asyncio.sleep(SECONDS + 30)
            await lab.hub.commands.set_learning(is_on=True)
            await lab.hub.commands.activate(NIGHT)
            await asyncio.sleep(15)
            skip(lab)
            await asyncio.sleep(30)
            assert list(lab.hub.commands.stations.votes(FRIDAY)) == []

    run_virtual(scenario)


def test_by_the_rule_of_shares_most_of_a_track_is_a_like(tmp_path: Path, model: Path) -> None:
    async def scenario() -> None:
        lab = make_radio_lab()
        async with on_air(lab, tmp_path, model, settings=", likes_rule: share") as radio:
            await radio.new(NewStation("Friday", seeds("Amber 0")))
            await lab.hub.commands.play_station(FRIDAY)
            await asyncio.sleep(SECONDS * 0.7)
            skip(lab)
            await asyncio.sleep(SECONDS * 0.9)
            skip(lab)
            await asyncio.sleep(20)
            votes = lab.hub.commands.stations.votes(FRIDAY)
            assert [vote.kind for vote in votes] == [VoteKind.DISLIKE, VoteKind.LIKE]
            assert [vote.why.endswith("% heard") for vote in votes] == [True, True]

    run_virtual(scenario)
