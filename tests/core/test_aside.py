"""What is kept aside never takes the place of something that is kept already."""

import errno
import os
from pathlib import Path

import pytest

from moodroom_hub.core.aside import keep_aside


@pytest.mark.parametrize("has_links", [True, False])
def test_every_one_is_kept_and_the_place_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool
) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    if not has_links:
        monkeypatch.setattr(os, "link", no_links)
    place = tmp_path / "moodroom.db"
    place.touch(mode=0o600)
    kept = []
    for text in ("first", "second", "third"):
        draft = tmp_path / "draft"
        draft.touch(mode=0o600)
        draft.write_text(text)
        draft.replace(place)
        kept.append(keep_aside(place))
        assert place.read_text() == text
    assert [each.read_text() for each in kept] == ["first", "second", "third"]
    assert all(each.name.startswith("moodroom.db.replaced-2") for each in kept)
    assert {each.stat().st_mode & 0o777 for each in kept} == {0o600}
