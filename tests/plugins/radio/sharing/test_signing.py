"""The hub's key: made once, private, and never shown."""

import logging
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from moodroom_hub.app.backups import LOGIN_FILES
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.plugins.radio.signing import FOLDER, NAME, is_signed, known_key, own_key


def test_the_key_is_made_once_and_private(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    assert known_key(tmp_path) is None
    key = own_key(tmp_path)
    path = tmp_path / FOLDER / NAME
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [each.name for each in path.parent.iterdir()] == [NAME], "no draft is left"
    assert own_key(tmp_path).public == key.public == known_key(tmp_path)
    assert len(key.public) == 64
    secret = path.read_text().splitlines()[1]
    assert secret not in repr(key) + caplog.text
    assert key.public not in path.read_text()
    with pytest.raises(TypeError):
        pickle.dumps(key)


def test_no_backup_takes_it_along() -> None:
    assert not any(Path(FOLDER, NAME).match(pattern) for pattern in LOGIN_FILES)


def test_a_signature_is_of_one_text_by_one_key(tmp_path: Path) -> None:
    mine, other = own_key(tmp_path / "one"), own_key(tmp_path / "two")
    signature = mine.sign("Friday")
    assert signature == mine.sign("Friday")
    assert is_signed("Friday", signature, mine.public)
    assert not is_signed("friday", signature, mine.public)
    assert not is_signed("Friday", signature, other.public)
    assert not is_signed("Friday", "00" * 64, mine.public)
    assert not is_signed("Friday", signature, "00" * 32), "a key that is none"
    assert not is_signed("Friday", signature, "xy")


def test_a_key_that_others_could_read_is_made_private_again(tmp_path: Path) -> None:
    public = own_key(tmp_path).public
    path = tmp_path / FOLDER / NAME
    path.chmod(0o644)
    assert own_key(tmp_path).public == public
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_broken_key_is_told_and_kept(tmp_path: Path) -> None:
    path = tmp_path / FOLDER / NAME
    path.parent.mkdir()
    for content in (b"", b"secret-words", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"):
        path.write_bytes(content)
        with pytest.raises(Trouble, match="move it away") as told:
            own_key(tmp_path)
        assert told.value.code is TroubleCode.UNAVAILABLE
        assert "secret-words" not in str(told.value)
        assert path.read_bytes() == content
        assert known_key(tmp_path) is None


def test_a_folder_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("a file where the folder belongs")
    with pytest.raises(Trouble, match="can't be kept"):
        own_key(tmp_path)


def test_whoever_makes_it_at_the_same_time_gets_one_key(tmp_path: Path) -> None:
    together = Barrier(4)

    def make(_: int) -> str:
        together.wait(10)
        return own_key(tmp_path).public

    with ThreadPoolExecutor(4) as threads:
        told = set(threads.map(make, range(4)))
    assert told == {known_key(tmp_path)}
    assert [each.name for each in (tmp_path / FOLDER).iterdir()] == [NAME]


def test_without_the_extra_the_word_is_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [name for name in sys.modules if name.partition(".")[0] == "cryptography"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "cryptography", None)
    for ask in (lambda: own_key(tmp_path), lambda: is_signed("x", "00" * 64, "00" * 32)):
        with pytest.raises(Trouble, match=r"moodroom-hub\[radio\]"):
            ask()
    assert not (tmp_path / FOLDER / NAME).exists()
