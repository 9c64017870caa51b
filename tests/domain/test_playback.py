"""What was heard, told from what was seen: one small trace per rule of listening."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.domain.models import Cause, Device, Playing
from moodroom_hub.domain.playback import PlaybackState
from tests.domain.listening import A, B, C, Trace, seen, song

TV = Device("d2", "TV", "TV", is_active=True)
SHORT = song("Short", 20)


def test_a_skip_inside_thirty_seconds_is_a_skip() -> None:
    trace = Trace().look(seen(0, A, 1), seen(8, A, 9), seen(16, B, 2))
    assert trace.kinds() == ["SKIPPED listener"]
    end = trace.verdicts()[0].end
    assert end.lo_ms <= 15_000 <= end.hi_ms
    assert end.estimate_ms == 15_000


def test_a_track_heard_to_its_end_is_complete() -> None:
    trace = Trace().look(seen(0, A, 180), seen(20.5, B, 0.5))
    assert trace.kinds() == ["COMPLETED natural_end"]


def test_a_track_left_in_its_middle_is_partial() -> None:
    trace = Trace().look(seen(0, A, 50), seen(10, A, 60), seen(20, B, 4))
    assert trace.kinds() == ["PARTIAL listener"]


def test_left_inside_the_completion_margin_counts_as_heard() -> None:
    trace = Trace().look(seen(0, A, 193), seen(2, B, 1))
    assert trace.kinds() == ["COMPLETED listener"]
    assert trace.verdicts()[0].is_sure


def test_in_doubt_no_strike() -> None:
    """The track may have ended at 29 s or at 31 s: nobody can say."""
    trace = Trace().look(seen(0, A, 27), seen(10, B, 9), seen(30, B, 29))
    assert trace.kinds() == ["SKIPPED listener"]
    doubtful = Trace().look(seen(0, A, 27), seen(10, B, 7.3))
    assert doubtful.kinds() == ["PARTIAL uncertain"]


def test_a_short_track_heard_to_its_end_is_complete_not_skipped() -> None:
    trace = Trace().look(seen(0, SHORT, 5), seen(15.5, B, 0.5))
    assert trace.kinds() == ["COMPLETED natural_end"]


def test_a_track_passed_over_by_the_player_itself_is_no_skip() -> None:
    trace = Trace().look(seen(0, A, 0.1), seen(1.5, B, 1.2))
    assert trace.kinds() == ["PARTIAL unplayable"]


def test_a_seek_is_not_a_change() -> None:
    trace = Trace().look(seen(0, A, 10), seen(5, A, 120), seen(10, A, 20), seen(15, A, 25))
    assert trace.names() == ["Started"]


def test_skipping_after_a_seek_forward_is_judged_by_the_position() -> None:
    trace = Trace().look(seen(0, A, 5), seen(5, A, 100), seen(10, B, 2))
    assert trace.kinds() == ["PARTIAL listener"]


def test_a_pause_of_a_night_is_not_a_skip() -> None:
    night = 8 * 3600
    trace = Trace().look(seen(0, A, 10), seen(5, A, 12, is_playing=False), seen(night, A, 12, is_playing=False))
    trace.look(seen(night + 30, A, 20))
    assert trace.names() == ["Started", "PausedAt", "ResumedAt"]
    trace.look(seen(night + 211, B, 1))
    assert trace.kinds() == ["COMPLETED natural_end"]


def test_skipped_while_paused_and_looked_at_often_enough() -> None:
    trace = Trace().look(seen(0, A, 10), seen(2, A, 11, is_playing=False), seen(12, A, 11, is_playing=False))
    trace.look(seen(22, B, 1))
    assert trace.kinds() == ["SKIPPED listener"]


def test_gone_on_from_a_long_pause_and_changed_unseen_is_doubtful() -> None:
    trace = Trace().look(seen(0, A, 11, is_playing=False), seen(30, B, 1))
    assert trace.kinds() == ["PARTIAL uncertain"]


def test_repeat_one_completes_and_begins_again() -> None:
    trace = Trace().look(seen(0, A, 190), seen(12, A, 2), seen(20, A, 10))
    assert trace.names() == ["Started", "Ended", "Started"]
    assert trace.kinds() == ["COMPLETED natural_end"]


def test_going_back_to_the_start_in_the_middle_is_a_seek() -> None:
    trace = Trace().look(seen(0, A, 100), seen(10, A, 2))
    assert trace.names() == ["Started"]


@pytest.mark.parametrize("position_s", [0.0, 199.5])
def test_the_player_stops_at_the_end(position_s: float) -> None:
    trace = Trace().look(seen(0, A, 180), seen(20.5, A, position_s, is_playing=False))
    assert trace.names() == ["Started", "Ended", "Stopped"]
    assert trace.kinds() == ["COMPLETED natural_end"]
    trace.look(seen(30, A, position_s, is_playing=False))
    assert trace.names() == ["Started", "Ended", "Stopped"]
    trace.look(seen(60, A, 3))
    assert trace.names()[-1] == "Started"


def test_a_player_that_holds_at_the_end_and_claims_to_play_has_stopped() -> None:
    trace = Trace().look(seen(0, A, 180), seen(21, A, 200), seen(27, A, 200))
    assert trace.names() == ["Started", "Ended", "Stopped"]


def test_an_empty_answer_now_and_then_is_a_hiccup() -> None:
    trace = Trace().look(seen(0, A, 50), seen(10, None), seen(14, A, 64))
    assert trace.names() == ["Started"]


def test_a_lost_device_never_strikes() -> None:
    trace = Trace().look(seen(0, A, 5), seen(10, None), seen(20, None), seen(60, B, 5))
    assert trace.names() == ["Started", "Lost", "Back", "Ended", "Started"]
    assert trace.kinds() == ["PARTIAL device_lost"]


def test_the_same_track_after_a_lost_device_goes_on() -> None:
    trace = Trace().look(seen(0, A, 5), seen(10, None), seen(20, None), seen(30, A, 6), seen(40, A, 16))
    assert trace.names() == ["Started", "Lost", "Back"]


def test_a_listen_forgotten_in_half_an_hour_of_silence_ends() -> None:
    trace = Trace().look(seen(0, A, 5), seen(10, None), seen(20, None), seen(1900, None))
    assert trace.kinds() == ["PARTIAL device_lost"]


def test_another_track_on_another_device_is_no_skip() -> None:
    trace = Trace().look(seen(0, A, 5), seen(8, B, 1, device=TV))
    assert trace.kinds() == ["PARTIAL transferred"]


def test_moving_to_another_device_goes_on() -> None:
    assert Trace().look(seen(0, A, 5), seen(8, A, 12, device=TV)).names() == ["Started"]


def test_an_advert_never_strikes() -> None:
    trace = Trace().look(seen(0, A, 5), seen(8, None, playing=Playing.ADVERT), seen(30, B, 1))
    assert trace.kinds() == ["PARTIAL advert"]


def test_an_unknown_item_says_nothing() -> None:
    trace = Trace().look(seen(0, A, 50), seen(8, None, playing=Playing.UNKNOWN), seen(16, A, 66))
    assert trace.names() == ["Started"]


@pytest.mark.parametrize("cause", [Cause.HUB_DOWN, Cause.RATE_LIMITED])
def test_nobody_looked_so_nobody_judges(cause: Cause) -> None:
    trace = Trace().look(seen(0, A, 5)).look(seen(300, B, 5), gap=cause)
    assert trace.kinds() == [f"PARTIAL {cause}"]


def test_a_gap_over_the_same_track_is_no_gap() -> None:
    trace = Trace().look(seen(0, A, 5)).look(seen(100, A, 105), gap=Cause.HUB_DOWN).look(seen(195.5, B, 0.5))
    assert trace.kinds() == ["COMPLETED natural_end"]


@pytest.mark.parametrize("cause", [Cause.STALE_TAIL, Cause.ROOM_SWITCH, Cause.HUB])
def test_what_the_hub_did_itself_never_strikes(cause: Cause) -> None:
    trace = Trace().look(seen(0, A, 5)).own_act(cause, 6).look(seen(7, B, 0.5))
    assert trace.kinds() == [f"PARTIAL {cause}"]
    trace.look(seen(15, C, 1))
    assert trace.kinds()[1] == "SKIPPED listener"


def test_all_that_the_hub_passed_over_in_one_act_is_its_own_doing() -> None:
    """It skipped until second 9; the answer at 10 is out of date and shows B, which had been passed over at 9."""
    trace = Trace().look(seen(0, A, 5)).own_act(Cause.STALE_TAIL, 9).look(seen(10, B, 1.4))
    trace.look(seen(19, C, 10), seen(25, A, 1))
    assert trace.kinds() == ["PARTIAL stale_tail", "PARTIAL stale_tail", "SKIPPED listener"]


def test_a_track_begun_before_the_end_of_an_act_may_be_gone_although_it_is_shown_a_moment_later() -> None:
    """Seen only two seconds after the hub's last skip, it may have been what that skip hit; seen later, it was not."""
    doubtful = Trace().look(seen(0, A, 5)).own_act(Cause.STALE_TAIL, 9).look(seen(11, B, 2.1), seen(20, C, 3))
    assert doubtful.kinds()[1] == "PARTIAL stale_tail"
    sure = Trace().look(seen(0, A, 5)).own_act(Cause.STALE_TAIL, 9).look(seen(11, B, 2.1), seen(12, B, 3.1))
    assert sure.look(seen(20, C, 3)).kinds()[1] == "SKIPPED listener"


def test_an_own_act_that_had_no_effect_is_forgotten() -> None:
    trace = Trace().look(seen(0, A, 5)).own_act(Cause.ROOM_SWITCH, 1).look(seen(10, A, 15), seen(20, A, 25))
    trace.look(seen(23, B, 1))
    assert trace.kinds() == ["SKIPPED listener"]


def test_an_outdated_answer_after_a_change_is_not_believed() -> None:
    trace = Trace().look(seen(0, A, 10), seen(8, B, 0.5), seen(9, A, 18.5), seen(11, B, 3.5))
    assert trace.names() == ["Started", "Ended", "Started"]


def test_really_going_back_is_believed_at_once_from_the_start_or_when_seen_twice() -> None:
    back = Trace().look(seen(0, A, 40), seen(8, B, 0.5), seen(10, A, 0.5))
    assert back.names() == ["Started", "Ended", "Started", "Ended", "Started"]
    twice = Trace().look(seen(0, A, 10), seen(8, B, 0.5), seen(9, A, 18.5), seen(10.5, A, 20), seen(20, A, 29.5))
    assert twice.names() == ["Started", "Ended", "Started", "Ended", "Started"]


def test_an_outdated_position_does_not_make_a_listen_look_shorter() -> None:
    """The answer at 24 s was five seconds old; the track was really left at 31 s."""
    trace = Trace().look(seen(18, A, 18), seen(24, A, 19), seen(35, B, 4))
    assert trace.kinds() == ["PARTIAL listener"] or trace.kinds() == ["PARTIAL uncertain"]


def test_a_stuck_player_state_never_strikes() -> None:
    trace = Trace().look(*(seen(second, A, 12) for second in range(0, 60, 6)), seen(66, B, 3))
    assert trace.kinds() == ["PARTIAL uncertain"] or trace.kinds() == ["PARTIAL listener"]


def test_a_track_that_did_not_begin_at_its_start_decides_nothing() -> None:
    """The next track was seeked: where the one before it ended cannot be reckoned from its position."""
    trace = Trace().look(seen(0, A, 25), seen(6, B, 40))
    assert trace.kinds() == ["PARTIAL uncertain"]


def test_crossfade_is_learned() -> None:
    trace = Trace()
    for turn in range(4):
        at_s = turn * 190
        trace.look(seen(at_s + 1, song(f"X{turn}"), 1), seen(at_s + 189, song(f"X{turn}"), 189))
    assert trace.state.early_end_ms == 10_000
    assert trace.kinds()[-1] == "PARTIAL listener"


@given(st.lists(st.integers(0, 12_000), max_size=9))
def test_the_end_lies_between_its_earliest_and_its_latest(early_ends_ms: list[int]) -> None:
    state = PlaybackState(early_ends_ms=tuple(early_ends_ms))
    assert state.earliest_end_ms >= state.early_end_ms >= state.latest_end_ms >= 0
    assert state.earliest_end_ms <= max(early_ends_ms, default=0)


@given(
    end_s=st.floats(0.5, 199.0),
    step_s=st.floats(1.0, 25.0),
    phase=st.floats(0.0, 1.0),
    lag_s=st.floats(0.0, 2.0),
)
def test_regular_looks_never_strike_a_track_left_after_thirty_seconds_and_hold_the_truth(
    end_s: float, step_s: float, phase: float, lag_s: float
) -> None:
    """Whenever one looks: the interval holds the true end, and no late leaving becomes a strike."""
    trace = Trace()
    at_s = phase * step_s
    while at_s < end_s + step_s * 2:
        shown_s = at_s if at_s < 60 else max(0.0, at_s - lag_s)
        trace.look(seen(at_s, A, shown_s) if shown_s < end_s else seen(at_s, B, shown_s - end_s))
        at_s += step_s
    if not trace.ended:
        return
    verdict = trace.verdicts()[0]
    assert verdict.end.lo_ms <= verdict.end.estimate_ms <= verdict.end.hi_ms
    assert verdict.end.lo_ms - 1 <= end_s * 1000 <= verdict.end.hi_ms + 2_001
    if end_s >= 30:
        assert verdict.kind != "SKIPPED"
    if end_s < 192 - 2.6:
        assert verdict.kind != "COMPLETED"


def test_a_skip_during_a_hiccup_is_still_a_skip() -> None:
    trace = Trace().look(seen(0, A, 5), seen(6, None), seen(8, B, 1))
    assert trace.kinds() == ["SKIPPED listener"]


def test_heard_for_long_begun_anew_and_left_early_is_no_skip() -> None:
    trace = Trace().look(*(seen(second, A, second) for second in range(0, 100, 10)))
    trace.look(seen(104, A, 1), seen(112, A, 9), seen(116, B, 2))
    assert trace.kinds() == ["PARTIAL listener"]


def test_a_seek_there_and_back_is_no_long_hearing() -> None:
    trace = Trace().look(seen(0, A, 2), seen(5, A, 120), seen(10, A, 5), seen(14, A, 9), seen(18, B, 1))
    assert trace.kinds() == ["SKIPPED listener"]


def test_a_rooms_first_track_skipped_within_two_seconds_is_a_skip() -> None:
    """It begins in the very moment of the hub's act; who skips it so soon means it all the same."""
    trace = Trace().own_act(Cause.ROOM_SWITCH, 0).look(seen(0.6, A, 0.6), seen(1.7, A, 1.7), seen(2.4, B, 0.4))
    assert trace.kinds() == ["SKIPPED listener"]


def test_a_player_that_vanished_and_goes_on_where_it_was_has_not_come_round() -> None:
    trace = Trace().look(seen(0, A, 60), seen(5, None), seen(15, None), seen(600, None), seen(605, A, 64))
    assert "Ended" not in trace.names()
    away = Trace().look(seen(0, A, 60), seen(900, A, 64))
    assert away.names() == ["Started"]


def test_a_track_that_came_round_once_while_nobody_looked_is_a_repeat() -> None:
    trace = Trace().look(seen(0, A, 60), seen(200, A, 60))
    assert trace.names() == ["Started", "Ended", "Started"]


def test_a_player_without_anything_to_play_is_not_lost() -> None:
    trace = Trace().look(seen(0, A, 50), *(seen(at, None, playing=Playing.IDLE) for at in (5, 10, 30, 60)))
    assert trace.names() == ["Started", "Ended"], "what it no longer has does not play on"
    assert trace.kinds() == ["PARTIAL device_lost"]
    assert trace.state.is_idle
    assert not trace.state.is_lost
    trace.look(seen(2000, None, playing=Playing.IDLE), seen(2010, B, 5))
    assert trace.names() == ["Started", "Ended", "Started"]
    assert not trace.state.is_idle


def test_a_player_that_is_empty_for_a_moment_goes_on() -> None:
    trace = Trace().look(seen(0, A, 50), *(seen(at, None, playing=Playing.IDLE) for at in (5, 10)), seen(15, A, 52))
    assert trace.names() == ["Started"]


def test_a_lost_player_is_back_once_it_answers_at_all() -> None:
    trace = Trace().look(*(seen(at, None, playing=Playing.NOTHING) for at in (0, 10, 30)))
    trace.look(seen(40, None, playing=Playing.IDLE), seen(45, None, playing=Playing.IDLE))
    assert trace.names() == ["Lost", "Back"]
    trace.look(*(seen(at, None, playing=Playing.NOTHING) for at in (50, 55)))
    assert trace.names() == ["Lost", "Back"], "one empty answer is a hiccup"
    trace.look(seen(80, None, playing=Playing.NOTHING))
    assert trace.names() == ["Lost", "Back", "Lost"]
