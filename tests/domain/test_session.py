"""A zone's session: which ledger track plays, what is owed, whose tail surfaces, who took over."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.domain.ledger import IN_QUEUE
from moodroom_hub.domain.models import (
    HOME,
    Cause,
    EpochMs,
    LedgerEntry,
    LedgerStatus,
    ListeningRules,
    PlaybackSnapshot,
    RoomSlug,
    Tier,
    Track,
    Uri,
)
from moodroom_hub.domain.playback import OwnAct
from moodroom_hub.domain.session import (
    Changed,
    Circumstances,
    Happening,
    Listened,
    Session,
    TookOver,
    activated,
    observe,
    switched_off,
)
from tests.domain.listening import T0, seen, song

NIGHT, HOUSE = RoomSlug("late-night"), RoomSlug("house")
LIST = "spotify:playlist:own"


def batch(room: RoomSlug, activation: int, first_id: int, count: int = 10) -> tuple[LedgerEntry, ...]:
    """A batch whose first track plays and whose others are queued."""
    return tuple(
        LedgerEntry(
            id=first_id + index,
            zone=HOME,
            room=room,
            tier=Tier.CONFIRMED,
            track=song(f"{room}-{first_id + index}"),
            activation=activation,
            status=LedgerStatus.QUEUED if index else LedgerStatus.PLAYING,
        )
        for index in range(count)
    )


class Home:
    """A session that is looked at."""

    def __init__(self, learning_since_s: float | None = -1000) -> None:
        self.session = Session()
        self.happenings: list[Happening] = []
        self.learning_since_s = learning_since_s

    def activate(self, room: RoomSlug, at_s: float = 0) -> tuple[LedgerEntry, ...]:
        """Activate a room and hand its whole batch over."""
        number = self.session.activation + 1
        drawn = batch(room, number, number * 100)
        act = OwnAct(Cause.ROOM_SWITCH, EpochMs(T0 + round(at_s * 1000)))
        self.session = activated(self.session, room, drawn, act)
        return drawn

    def look(self, *snapshots: PlaybackSnapshot) -> list[Happening]:
        """Look; what happened by it."""
        found: list[Happening] = []
        since = None if self.learning_since_s is None else EpochMs(T0 + round(self.learning_since_s * 1000))
        for snapshot in snapshots:
            self.session, happenings = observe(self.session, snapshot, Circumstances(ListeningRules(), since))
            found.extend(happenings)
        self.happenings.extend(found)
        return found

    @property
    def ahead(self) -> int:
        """Tracks ahead in the queue."""
        return len(self.session.ledger.ahead(self.session.activation))


def changed(happenings: list[Happening]) -> list[Changed]:
    """Only the track changes."""
    return [each for each in happenings if isinstance(each, Changed)]


def listened(happenings: list[Happening]) -> list[Listened]:
    """Only the verdicts."""
    return [each for each in happenings if isinstance(each, Listened)]


def test_each_change_owes_one_track() -> None:
    home = Home()
    drawn = home.activate(NIGHT)
    assert home.ahead == 9
    assert [each.consumed for each in changed(home.look(seen(1, drawn[0].track, 0.5)))] == [0]
    assert [each.consumed for each in changed(home.look(seen(200.5, drawn[1].track, 0.5)))] == [1]
    assert home.ahead == 8
    assert home.session.entry == replace(drawn[1], status=LedgerStatus.PLAYING)


def test_tracks_jumped_over_are_owed_too_and_never_judged() -> None:
    home = Home()
    drawn = home.activate(NIGHT)
    home.look(seen(1, drawn[0].track, 0.5))
    happenings = home.look(seen(11, drawn[4].track, 1))
    assert [each.consumed for each in changed(happenings)] == [4]
    assert [each.listen.ledger_id for each in listened(happenings)] == [drawn[0].id]
    statuses = [home.session.ledger.entry(each.id).status for each in drawn[1:4]]  # type: ignore[union-attr]  # they exist
    assert statuses == [LedgerStatus.JUMPED] * 3


def test_a_relinked_id_is_known_by_its_recording() -> None:
    home = Home()
    drawn = home.activate(NIGHT)
    home.look(seen(1, drawn[0].track, 0.5))
    relinked = replace(drawn[1].track, uri=Uri("spotify:track:other"))
    (change,) = changed(home.look(seen(200.5, relinked, 0.5)))
    assert change.entry is not None
    assert change.entry.id == drawn[1].id
    (verdict,) = listened(home.look(seen(220, drawn[2].track, 1)))
    assert verdict.listen.track.uri == drawn[1].track.uri


def test_the_listeners_own_queue_is_no_takeover_and_owes_nothing() -> None:
    home = Home()
    drawn = home.activate(NIGHT)
    home.look(seen(1, drawn[0].track, 0.5))
    happenings = home.look(seen(200.5, song("Own"), 0.5))
    assert [each.consumed for each in changed(happenings)] == [0]
    assert not home.session.is_yielding
    assert [each.consumed for each in changed(home.look(seen(401, drawn[1].track, 0.5)))] == [1]


def test_another_context_is_a_takeover_until_one_of_ours_plays() -> None:
    home = Home()
    drawn = home.activate(NIGHT)
    home.look(seen(1, drawn[0].track, 0.5))
    happenings = home.look(seen(12, song("Own"), 1, context=LIST))
    assert any(isinstance(each, TookOver) for each in happenings)
    assert home.session.is_yielding
    assert not home.session.will_pass_over
    (verdict,) = listened(happenings)
    assert verdict.listen.verdict.cause is Cause.TAKEOVER
    home.look(seen(200, drawn[1].track, 1))
    assert not home.session.is_yielding
    assert home.session.will_pass_over


def test_a_foreign_track_while_ours_play_over_the_listeners_list_is_no_strike() -> None:
    """Queued by hand, so that ours was skipped, or the list begun anew: nobody can say."""
    home = Home()
    drawn = home.activate(NIGHT)
    home.look(seen(1, drawn[0].track, 0.5), seen(12, song("Own"), 1, context=LIST))
    home.look(seen(200, drawn[1].track, 1, context=LIST))
    (verdict,) = listened(home.look(seen(205, song("Own too"), 1, context=LIST)))
    assert verdict.listen.verdict.cause is Cause.UNCERTAIN


def test_a_track_of_ours_inside_the_listeners_own_list_is_theirs() -> None:
    home = Home()
    drawn = home.activate(NIGHT)
    home.look(seen(1, drawn[0].track, 0.5), seen(200.5, drawn[1].track, 0.5))
    happenings = home.look(seen(210, drawn[0].track, 1, context=LIST))
    assert any(isinstance(each, TookOver) for each in happenings)
    assert home.session.entry is None


def test_going_back_by_hand_is_not_a_takeover_and_owes_nothing() -> None:
    home = Home()
    drawn = home.activate(NIGHT)
    home.look(seen(1, drawn[0].track, 0.5), seen(200.5, drawn[1].track, 0.5), seen(220, drawn[1].track, 20))
    (change,) = changed(home.look(seen(230, drawn[0].track, 1)))
    assert change.consumed == 0
    assert change.entry is not None
    assert not home.session.is_yielding


def test_switching_rooms_leaves_a_stale_tail_that_is_known_when_it_surfaces() -> None:
    home = Home()
    night = home.activate(NIGHT)
    home.look(seen(1, night[0].track, 0.5))
    house = home.activate(HOUSE, at_s=10)
    (verdict,) = listened(home.look(seen(11, house[0].track, 0.5)))
    assert verdict.listen.verdict.cause is Cause.ROOM_SWITCH
    assert len(home.session.ledger.stale()) == 9
    assert home.session.surfaced is None
    home.look(seen(211, night[1].track, 0.5))
    assert home.session.surfaced is not None
    (passed,) = listened(home.look(seen(213, house[1].track, 0.2)))
    assert passed.listen.verdict.cause is Cause.STALE_TAIL
    assert home.session.ledger.stale() == ()
    assert home.session.surfaced is None
    assert home.ahead == 8


def test_after_rooms_off_what_was_queued_still_teaches_and_nothing_is_passed_over() -> None:
    home = Home()
    drawn = home.activate(NIGHT)
    home.look(seen(1, drawn[0].track, 0.5))
    home.session = switched_off(home.session)
    home.look(seen(200.5, drawn[1].track, 0.5))
    assert home.session.surfaced is None
    (verdict,) = listened(home.look(seen(215, drawn[2].track, 1)))
    assert verdict.listen.room == NIGHT
    assert verdict.listen.verdict.kind == "SKIPPED"


def test_what_never_reached_the_queue_is_found_out() -> None:
    home = Home()
    drawn = home.activate(NIGHT)
    home.session = replace(home.session, ledger=home.session.ledger.mark(drawn[2].id, LedgerStatus.UNKNOWN))
    home.look(seen(1, drawn[0].track, 0.5), seen(200.5, drawn[1].track, 0.5))
    (change,) = changed(home.look(seen(400.5, drawn[3].track, 0.5)))
    assert change.consumed == 2
    missing = home.session.ledger.entry(drawn[2].id)
    assert missing is not None
    assert missing.status is LedgerStatus.MISSING


def test_learning_off_keeps_the_kind_and_names_the_cause() -> None:
    home = Home(learning_since_s=None)
    drawn = home.activate(NIGHT)
    home.look(seen(1, drawn[0].track, 0.5))
    (verdict,) = listened(home.look(seen(12, drawn[1].track, 1)))
    assert verdict.listen.verdict.kind == "SKIPPED"
    assert verdict.listen.verdict.cause is Cause.LEARNING_OFF


def test_learning_switched_on_in_the_middle_of_a_track_does_not_judge_it() -> None:
    home = Home(learning_since_s=5)
    drawn = home.activate(NIGHT)
    home.look(seen(1, drawn[0].track, 0.5))
    (verdict,) = listened(home.look(seen(12, drawn[1].track, 1)))
    assert verdict.listen.verdict.cause is Cause.LEARNING_OFF


def test_running_dry_is_noticed_only_while_a_room_is_on() -> None:
    home = Home()
    drawn = home.activate(NIGHT)
    home.look(seen(1, drawn[0].track, 0.5), seen(200.5, drawn[0].track, 0, is_playing=False))
    assert home.session.has_run_dry
    home.session = switched_off(home.session)
    assert not home.session.has_run_dry


def test_a_player_that_ran_dry_holds_no_tail_any_more() -> None:
    home = Home()
    home.activate(NIGHT)
    drawn = home.activate(HOUSE, at_s=10)
    assert len(home.session.ledger.stale()) == 9
    ledger = home.session.ledger.lost_queue()
    assert ledger.stale() == ()
    assert ledger.ahead(home.session.activation) == ()
    assert ledger.entry(drawn[0].id) == drawn[0], "what plays is not in the queue"


def test_the_last_track_at_its_start_was_skipped_into_nothing() -> None:
    home = Home()
    drawn = home.activate(NIGHT)
    home.look(seen(1, drawn[8].track, 0.5), seen(20, drawn[8].track, 0, is_playing=False))
    assert not home.session.has_run_dry, "another one lies behind it: somebody paused"
    home.look(seen(30, drawn[9].track, 0.5), seen(40, drawn[9].track, 10.5, is_playing=False))
    assert not home.session.has_run_dry, "somebody paused"
    home.look(seen(50, drawn[9].track, 0, is_playing=False))
    assert home.session.has_run_dry
    home.session = switched_off(home.session)
    assert not home.session.has_run_dry


@given(st.data())
def test_what_is_owed_always_makes_up_for_what_went_by(data: st.DataObject) -> None:
    """However many tracks are skipped, missed or heard between two looks: ahead + consumed stays what it was."""
    home = Home()
    drawn = home.activate(NIGHT)
    at_s, index, owed = 1.0, 0, 0
    home.look(seen(at_s, drawn[0].track, 0.5))
    while index < len(drawn) - 1:
        jump = data.draw(st.integers(1, 3))
        index = min(index + jump, len(drawn) - 1)
        at_s += data.draw(st.floats(1.0, 250.0))
        track: Track = drawn[index].track
        owed += sum(each.consumed for each in changed(home.look(seen(at_s, track, 0.4))))
        assert home.ahead + owed == 9
    assert all(entry.status not in IN_QUEUE for entry in home.session.ledger.entries)


def test_a_completion_before_tracks_that_went_by_unseen_is_not_sure() -> None:
    home = Home()
    drawn = home.activate(NIGHT)
    home.look(seen(1, drawn[0].track, 0.5), seen(195, drawn[0].track, 191))
    (judged,) = listened(home.look(seen(205, drawn[2].track, 0.5)))
    assert judged.listen.verdict.kind == "COMPLETED"
    assert not judged.listen.verdict.is_sure
