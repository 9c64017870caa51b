"""Training as an owner asks for it: what was learned before stays, and what can't be read is told."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from moodroom_hub.core.config import load_config
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.offline import offline_hub
from moodroom_hub.core.stations import Radio, StationJob
from moodroom_hub.plugins.radio.brain import Brain
from moodroom_hub.plugins.radio.learning import Learning, fault_lines
from moodroom_hub.plugins.radio.training.fitting import lists_beside
from moodroom_hub.plugins.radio.training.reading import Faults
from tests.plugins.radio.engine.lab import BUILTINS
from tests.plugins.radio.training.tiny import made_up, write_slices


async def trained(radio: Radio, *folders: Path, anew: bool = False) -> tuple[StationJob, tuple[int, int]]:
    """How it went, and the artists and lists that are known then."""
    radio.start_training([str(each) for each in folders], seed=3, anew=anew)
    while radio.job().status == "running":  # noqa: ASYNC110 -- as faces do: nobody tells them
        await asyncio.sleep(0.02)
    return radio.job(), (radio.model().artists, radio.model().lists)


async def test_a_training_adds_unless_it_is_to_begin_anew(tmp_path: Path) -> None:
    first, second, model = tmp_path / "first", tmp_path / "second", tmp_path / "model.radio"
    write_slices(first, made_up(40))
    write_slices(second, [(name, [f"Other {each}" for each in artists]) for name, artists in made_up(24)])
    (second / "dangling.csv").symlink_to(tmp_path / "gone")
    path = tmp_path / "config.yaml"
    path.write_text(
        f"hub: {{data_dir: {tmp_path / 'data'}}}\nplugins: {{radio: {{model: {model}, folders: [{second}]}}}}\n"
    )
    async with offline_hub(load_config(path, {}), builtins=BUILTINS[-1:], is_reading=False) as hub:
        radio = hub.commands.radio
        assert (await trained(radio, first))[1] == (60, 40)
        job, known = await trained(radio)
        assert (job.status, known) == ("done", (120, 64))
        assert job.notes == (
            "left out, for it can't be read: 1 file",
            "dangling.csv: can't be read (No such file or directory)",
        )
        grown = model.read_bytes()
        lists_beside(model).rename(tmp_path / "aside")
        job, known = await trained(radio, second)
        assert (job.status, known, model.read_bytes() == grown) == ("failed", (120, 64), True)
        assert job.error.endswith("train it anew (moodroom-hub station train FOLDER --anew)")
        job, known = await trained(radio, first, anew=True)
        assert (known, job.notes) == ((60, 40), ("what was learned before from 64 lists is dropped",))
        model.write_bytes(b"nothing")
        job, known = await trained(radio, first)
        assert (job.status, known) == ("done", (60, 40))
        assert "it is learned anew" in job.notes[0]


async def test_a_folder_in_the_model_s_place_is_named(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"hub: {{data_dir: {tmp_path / 'data'}}}\nplugins: {{radio: {{model: {tmp_path}}}}}\n")
    async with offline_hub(load_config(path, {}), builtins=BUILTINS[-1:], is_reading=False) as hub:
        with pytest.raises(Trouble, match="is a folder: move it away"):
            hub.commands.radio.start_training([str(tmp_path)])


def told(files: int, lists: int) -> Sequence[str]:
    faults = Faults()
    for number in range(files + lists):
        faults.add(f"x{number}", "is broken", is_file=number < files)
    return [*fault_lines(faults)]


def test_what_was_left_out_is_counted_by_kind_and_none_is_kept_quiet() -> None:
    assert told(0, 0) == []
    assert told(1, 0) == ["left out, for it can't be read: 1 file", "x0: is broken"]
    assert told(0, 2)[0] == "left out, for it can't be read: 2 lists or rows"
    many = told(7, 50)
    assert (many[0], many[-1]) == ("left out, for it can't be read: 7 files and 50 lists or rows", "and 52 more")
    assert len(many) == 7


@pytest.mark.parametrize("name", ["0" * 500, "~nobody-of-that-name/lists", "a\x00b", ""])
def test_a_folder_that_there_cannot_be_is_a_plain_no(name: str) -> None:
    learning = Learning(lambda: cast(Any, None), Brain(Path("nowhere")), ())
    if not name:
        learning.check([name])  # the folder where the hub runs
        return
    with pytest.raises(Trouble, match="There is no") as refused:
        learning.check([name])
    assert refused.value.code is TroubleCode.BAD_REQUEST
