"""What a training found is kept, and never trusted."""

from pathlib import Path

import pytest

from moodroom_hub.domain.models import Uri
from moodroom_hub.domain.sorting.models import Chances
from moodroom_hub.plugins.sorter.notes import Notes, notes_path, read_notes, write_notes
from tests.plugins.sorter.made_up import JAZZ, TECHNO

KEYS = (JAZZ, TECHNO)


def _notes() -> Notes:
    uris = [Uri(f"spotify:track:{number}") for number in range(450)]
    chances = {uri: Chances(uri, (0.25, 0.5), "near “Miles”") for uri in uris}
    return Notes(
        KEYS, (0.5, 0.75), 1.5, {uris[0]: (0.125, 0.0)}, chances, dict.fromkeys(uris, (1.0, -2.0)), is_quick=True
    )


def test_they_come_back_as_they_were(tmp_path: Path) -> None:
    path = notes_path(tmp_path / "moods-1.model")
    assert read_notes(path, KEYS) is None
    write_notes(path, _notes())
    assert read_notes(path, KEYS) == _notes()
    assert read_notes(path, (TECHNO, JAZZ)) is None
    assert path.stat().st_mode & 0o077 == 0
    assert [each.name for each in tmp_path.iterdir()] == ["moods-1.model.notes"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace("0.5", "NaN", 1),
        lambda text: text.replace("0.5", '"x"', 1),
        lambda text: text.replace('"format": 1', '"format": 2'),
        lambda text: "[]\n",
        lambda text: "",
        lambda text: "\x00" * 9,
    ],
)
def test_what_was_spoilt_is_as_if_it_were_not_there(tmp_path: Path, spoil: object) -> None:
    assert callable(spoil)
    path = tmp_path / "a.notes"
    write_notes(path, _notes())
    path.write_text(spoil(path.read_text()))
    assert read_notes(path, KEYS) is None
