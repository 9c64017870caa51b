"""The owner's own file of audio features."""

from pathlib import Path

import pytest

from moodroom_hub.core.errors import Trouble
from moodroom_hub.plugins.sorter.audio import read_audio


def test_what_exporters_write_is_read(tmp_path: Path) -> None:
    path = tmp_path / "features.csv"
    path.write_text(
        "\ufeffTrack URI,Name,Energy,Danceability,Tempo\r\n"
        'spotify:track:a,"one, two",0.5,0.25,120\r\n'
        "b,short id,0.1,0.2,90.5\r\n"
        "spotify:track:c,broken,,0.2,1\r\n"
        "spotify:track:d,odd,nan,0.2,1\r\n"
        "spotify:track:e\r\n",
        encoding="utf-8",
    )
    assert read_audio(path) == {"spotify:track:a": (0.25, 0.5, 120.0), "spotify:track:b": (0.2, 0.1, 90.5)}


@pytest.mark.parametrize("content", [b"", b"name,energy\n", b"uri,name\n", b"uri,energy\n\xff\xfe\n"])
def test_what_is_no_such_file_is_told_with_the_mend(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "features.csv"
    path.write_bytes(content)
    with pytest.raises(Trouble, match="audio_features"):
        read_audio(path)
    with pytest.raises(Trouble, match="cannot be read"):
        read_audio(tmp_path / "nowhere.csv")
