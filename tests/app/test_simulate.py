"""``moodroom-hub simulate --replay --report``: a past that is known, and what the report makes of it."""

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

import pytest

from moodroom_hub.app.agreement import Undecidable, compare
from moodroom_hub.app.reliving import read_histories, relive
from moodroom_hub.domain.cadence import NORMAL
from moodroom_hub.domain.models import ListeningRules, VerdictKind
from tests.app.conftest import Ran
from tests.app.test_household import line_with, process

PLAYS = [  # seconds heard, how it ended, what it is by the rules
    (200, "trackdone", "COMPLETED"),
    (180, "trackdone", "COMPLETED"),
    (220, "trackdone", "COMPLETED"),
    (12, "fwdbtn", "SKIPPED"),
    (90, "fwdbtn", "PARTIAL"),
    (20, "fwdbtn", "SKIPPED"),
    (195, "fwdbtn", "COMPLETED"),
    (1, "fwdbtn", "too short"),
    (150, "clickrow", "PARTIAL"),
    (200, "trackdone", "COMPLETED"),
]


def rows() -> list[dict[str, Any]]:
    """An export in the extended schema. Every track was once heard whole (200 s), so that its length is known."""
    whole = [(number, 200, "trackdone") for number in range(len(PLAYS))]
    made, at_s = [], 0
    for number, heard_s, reason in [*whole, *((place, heard, why) for place, (heard, why, _) in enumerate(PLAYS))]:
        at_s += heard_s
        made.append(
            {
                "ts": f"2025-05-01T{8 + at_s // 3600:02d}:{at_s // 60 % 60:02d}:{at_s % 60:02d}Z",
                "ms_played": heard_s * 1000,
                "master_metadata_track_name": f"Song {number}",
                "master_metadata_album_artist_name": "Somebody",
                "master_metadata_album_album_name": "Album",
                "spotify_track_uri": f"spotify:track:{number:022d}",
                "reason_start": "trackdone",
                "reason_end": reason,
                "skipped": None,
            }
        )
    return made


@pytest.fixture
def past(tmp_path: Path) -> Path:
    """The export as a file."""
    file = tmp_path / "Streaming_History_Audio_2025.json"
    file.write_text(json.dumps(rows()))
    return file


def test_every_listen_of_a_known_past_is_judged_as_it_was(past: Path) -> None:
    relived = relive(read_histories([past]), NORMAL, 1, lambda _: None)
    compared = compare(relived, ListeningRules())
    assert len(compared) == len(rows())
    listened = [each for each in compared[len(PLAYS) :] if each.undecidable is None]
    assert [str(each.expected) for each in listened] == [what for _, _, what in PLAYS if what.isupper()]
    told = [each for each in compared if each.undecidable is None]
    assert all(each.agrees for each in told), [each.reason for each in told if not each.agrees]
    kinds = [each.expected for each in told]
    assert {kinds.count(kind) > 0 for kind in VerdictKind} == {True}
    assert Undecidable.TOO_SHORT in {each.undecidable for each in compared}
    assert not any(each.is_false_strike or each.is_false_promotion for each in compared)


def test_the_report(past: Path, run: Callable[..., Ran]) -> None:
    ran = run("simulate", "--replay", "--report", str(past))
    assert ran.code == 0
    assert ran.out.startswith(f"{len(rows())} plays, ")
    assert "100.00 %" in ran.out
    assert "False strikes:      0" in ran.out
    eco = run("simulate", "--replay", "--report", "--eco", str(past))
    looks = [int(line.split()[4]) for told in (ran, eco) for line in told.out.splitlines() if line.startswith("Looks")]
    assert looks[1] < looks[0]


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        ("no json", 1, "no play"),
        ("[]", 1, "no play"),
        ('[{"ts": "yesterday", "ms_played": "long"}]', 1, "no play"),
    ],
)
def test_a_file_that_is_no_history(content: str, code: int, said: str, run: Callable[..., Ran], tmp_path: Path) -> None:
    file = tmp_path / "Streaming_History_Audio_1.json"
    file.write_text(content)
    ran = run("simulate", "--replay", "--report", str(file))
    assert ran.code == code
    assert said in ran.err.splitlines()[-1]
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    "words",
    [
        ["--replay"],
        ["--report"],
        ["x.json"],
        ["--replay", "--eco", "x.json"],
        ["--replay", "--report", "--pools", "p.csv", "x.json"],
        ["--replay", "--report", "--sonos", "x.json"],
    ],
)
def test_options_that_do_not_go_together(words: list[str], run: Callable[..., Ran]) -> None:
    ran = run("simulate", *words)
    assert (ran.code, ran.err.count("\n")) == (2, 1)


def test_the_file_of_pools_never_replaces_another(run: Callable[..., Ran], tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("mine")
    ran = run("simulate", "--port", "0", "--pools", str(file))
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert file.read_text() == "mine"


def test_the_addresses_of_a_sonos_household_are_told() -> None:
    with process("simulate", "--sonos", "--port", "0") as simulated:
        addresses = [line_with(simulated, r'- "(\S+)"') for _ in range(3)]
        opener = build_opener(ProxyHandler({}))
        with opener.open(f"http://{addresses[1]}/xml/device_description.xml", timeout=5) as page:
            assert b"<roomName>Living Room</roomName>" in page.read()
        simulated.send_signal(signal.SIGTERM)
        assert simulated.wait(10) == 0
