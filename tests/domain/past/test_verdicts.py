"""Verdicts on the past say what the export says, and no more; sittings are what was heard in one go."""

import pytest

from moodroom_hub.domain.mining.models import TrackList
from moodroom_hub.domain.models import Cause, VerdictKind
from moodroom_hub.domain.past.sittings import LONGEST, Sittings
from moodroom_hub.domain.past.verdicts import listen_of, verdict_of
from tests.domain.past.made_up import DAY_MS, LENGTH_MS, RULES, play

S, C, P = VerdictKind.SKIPPED, VerdictKind.COMPLETED, VerdictKind.PARTIAL


@pytest.mark.parametrize(
    ("heard_ms", "reason", "length_ms", "kind", "cause"),
    [
        (9_000, "fwdbtn", None, S, Cause.LISTENER),
        (29_999, "clickrow", None, S, Cause.LISTENER),
        (30_000, "fwdbtn", None, P, Cause.LISTENER),
        (195_000, "fwdbtn", LENGTH_MS, C, Cause.LISTENER),
        (200_000, "trackdone", None, C, Cause.NATURAL),
        (25_000, "trackdone", None, C, Cause.NATURAL),
        (0, "trackdone", None, P, Cause.UNCERTAIN),
        (400, "fwdbtn", None, P, Cause.UNCERTAIN),
        (9_000, "endplay", None, P, Cause.UNCERTAIN),
        (9_000, "backbtn", None, P, Cause.UNCERTAIN),
        (9_000, "logout", None, P, Cause.DEVICE_LOST),
        (9_000, "unexpected-exit", None, P, Cause.DEVICE_LOST),
        (0, "trackerror", None, P, Cause.UNPLAYABLE),
        (90_000, "remote", None, P, Cause.TRANSFERRED),
        (9_000, None, None, S, Cause.UNCERTAIN),
        (9_000, None, 12_000, C, Cause.UNCERTAIN),
        (90_000, None, None, P, Cause.UNCERTAIN),
        (195_000, None, LENGTH_MS, C, Cause.UNCERTAIN),
    ],
)
def test_verdicts(
    heard_ms: int, reason: str | None, length_ms: int | None, kind: VerdictKind, cause: Cause
) -> None:  # fmt: skip
    verdict = verdict_of(play(heard_ms, reason), RULES, length_ms)
    assert (verdict.kind, verdict.cause) == (kind, cause)
    assert verdict.end.estimate_ms == heard_ms
    assert verdict.is_sure is ((reason == "trackdone" and kind is C) or (cause is Cause.LISTENER and kind is not C))


def test_a_listen_without_uri_and_artist_is_one() -> None:
    listen = listen_of(play(9_000, uri=None, artist="", album=""), RULES, None)
    assert (listen.track.uri, listen.track.artists, listen.track.album) == ("", (), None)
    assert listen.ended_at_ms - listen.started_at_ms == 9_000
    assert (listen.room, listen.tier, listen.ledger_id) == (None, None, None)


def at(minutes: float, name: str, heard_ms: int = 180_000) -> tuple[float, str, int]:
    return minutes, name, heard_ms


def sat(*plays: tuple[float, str, int]) -> list[TrackList]:
    sittings = Sittings()
    for minutes, name, heard_ms in sorted(plays, reverse=True):
        ago = 1_000 - minutes * 60_000 / DAY_MS
        sittings.take(play(heard_ms, days_ago=ago, name=name))
    sittings.finish()
    return sittings.found


def names(found: list[TrackList]) -> list[list[str]]:
    return [[name for name, _ in each.items] for each in found]


def test_a_long_silence_parts_sittings_and_the_newest_comes_first() -> None:
    plays = [at(0, "A"), at(4, "B"), at(8, "C"), at(45, "D"), at(49, "E"), at(53, "F"), at(83, "G")]
    assert names(sat(*plays)) == [["D", "E", "F", "G"], ["A", "B", "C"]]


def test_short_plays_and_small_sittings_are_none() -> None:
    assert sat(at(0, "A"), at(4, "B"), at(8, "C", 29_999)) == []
    assert sat(at(0, "A"), at(4, "B"), at(8, "A"), at(12, "B")) == []
    assert sat() == []


def test_a_radio_that_was_left_on_is_several_sittings() -> None:
    found = sat(*(at(number, f"{number:05}", 60_000) for number in range(LONGEST + 3)))
    assert [len(each.items) for each in found] == [LONGEST, 3]
    assert all(each.name == "" for each in found)
