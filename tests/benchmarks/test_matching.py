"""What the matching benchmark counts, and that it works where there is no data."""

from pathlib import Path
from random import Random

import pytest

from benchmarks import matching
from benchmarks.matching import Tally, answer, folded_equality
from benchmarks.matching_questions import Question, Wanted, made_up_tracks, questions
from moodroom_hub.domain.models import Track, Uri

RIGHT, OTHER = Track(Uri("a"), "Hello", ("Adele",)), Track(Uri("b"), "Hello", ("Lionel Richie",))


def test_what_is_counted() -> None:
    tally = Tally()
    there = Question("plain", Wanted("hello", "adele"), (OTHER, RIGHT), frozenset({RIGHT.uri}))
    absent = Question("plain", Wanted("hello", "lionel richie"), (OTHER,), frozenset())
    nothing = Question("plain", Wanted("hullo", "adele"), (RIGHT,), frozenset({RIGHT.uri}))
    wrong = Question("plain", Wanted("Hello", "Lionel Richie"), (OTHER, RIGHT), frozenset({RIGHT.uri}))
    for question in (there, absent, nothing, wrong):
        answer(folded_equality, question, tally)
    assert (tally.there, tally.right, tally.false_when_there, tally.absent, tally.false_when_absent) == (3, 1, 1, 1, 1)
    assert tally.precision == pytest.approx(1 / 3)
    assert tally.recall == pytest.approx(1 / 3)
    assert [line.split(" (")[0] for line in tally.mistakes] == ["taken", "missed", "taken"]


def test_questions_come_in_pairs() -> None:
    rng = Random(1)
    for there, absent in questions(made_up_tracks(rng, 200), 20, rng):
        assert there.wanted == absent.wanted
        assert there.right
        assert not there.right & {one.uri for one in absent.candidates}
        assert {one.uri for one in there.candidates} == there.right | {one.uri for one in absent.candidates}


def test_without_data_it_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MOODROOM_DATA", str(tmp_path))
    assert matching.main(["--songs", "60"]) == 0
    printed = capsys.readouterr().out
    assert "NO DATA HERE" in printed
    assert "| match score | " in printed
