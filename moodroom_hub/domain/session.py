"""One zone's listening, whole: the fold, the ledger, the active room and the tally, moved on by each snapshot.

Pure: a session and a snapshot give the next session and what happened. What happened becomes events in the core.
"""

from dataclasses import dataclass, field, replace

from moodroom_hub.domain.ledger import GONE_BY, Ledger, is_stale
from moodroom_hub.domain.models import (
    Cause,
    DurationMs,
    EpochMs,
    LedgerEntry,
    LedgerStatus,
    Listen,
    ListeningRules,
    PlaybackSnapshot,
    RoomSlug,
    Tier,
    Track,
    VerdictKind,
)
from moodroom_hub.domain.playback import (
    Back,
    Ended,
    Listening,
    Lost,
    OwnAct,
    PausedAt,
    PlaybackState,
    ResumedAt,
    Started,
    Stopped,
    fold,
    judge,
)
from moodroom_hub.domain.plays.hearing import Look, move_on
from moodroom_hub.domain.plays.models import CountingRules, Reached, Tally
from moodroom_hub.domain.plays.rules import SPINSTACK
from moodroom_hub.domain.stations.models import station_of

SKIPS_KEPT = 12
LONG_UNSEEN_MS = DurationMs(60_000)
LEDGER_KEPT = 240
AT_START_MS = 500


@dataclass(frozen=True, slots=True)
class Session:
    """What the hub knows of one zone.

    ``activation`` counts the activations of rooms here; entries of the running one bear its number.
    ``is_yielding``: the listener took over. ``entry_id`` is the ledger entry that the current listen is.
    ``our_context`` is the context that the player named while one of our tracks played (usually none).
    ``tally`` is how much was listened to, and what of it counted.
    """

    active_room: RoomSlug | None = None
    activation: int = 0
    is_yielding: bool = False
    playback: PlaybackState = field(default_factory=PlaybackState)
    ledger: Ledger = field(default_factory=Ledger)
    entry_id: int | None = None
    skips_at_ms: tuple[EpochMs, ...] = ()
    our_context: str | None = None
    tally: Tally = field(default_factory=Tally)

    @property
    def entry(self) -> LedgerEntry | None:
        """The ledger entry that plays, if the current track is one of the hub's."""
        return self.ledger.entry(self.entry_id) if self.playback.listening is not None else None

    @property
    def surfaced(self) -> LedgerEntry | None:
        """The track of a room that was left, if it plays now out of the queue: it must be passed over."""
        entry = self.entry
        if entry is None or not self.will_pass_over:
            return None
        return entry if is_stale(entry, self.activation) else None

    @property
    def will_pass_over(self) -> bool:
        """Whether the hub passes over what surfaces of a left room: not while the listener plays music of their own."""
        return self.active_room is not None and not self.is_yielding

    @property
    def has_run_dry(self) -> bool:
        """Whether the player came to the end of everything while a room should be playing."""
        if self.active_room is None or self.is_yielding:
            return False
        return self.playback.finished_uri is not None or self._was_skipped_into_nothing

    @property
    def has_overtaken_its_queue(self) -> bool:
        """Whether a station's track stands still at its very start, and what lies behind it was drawn since it began.

        So a player shows that it was skipped before anything followed: what is queued then starts nothing by itself.
        """
        listening = self.playback.listening
        if listening is None or self.entry is None or listening.last.is_playing or self.is_yielding:
            return False
        if station_of(self.active_room) is None or listening.last.position_ms > AT_START_MS:
            return False
        ahead = [each for each in self.ledger.ahead(self.activation) if each.status is not LedgerStatus.UNKNOWN]
        return bool(ahead) and all(each.drawn_at_ms >= listening.began_at_ms for each in ahead)

    @property
    def _was_skipped_into_nothing(self) -> bool:
        """Whether the last track that the hub handed over stands still at its very start: so a player shows that
        it was skipped and that nothing followed. A pause would be somewhere else, or have tracks behind it."""
        listening = self.playback.listening
        if listening is None or self.entry is None or listening.last.is_playing:
            return False
        ahead = self.ledger.ahead(self.activation)
        has_more = any(entry.status is not LedgerStatus.UNKNOWN for entry in ahead)
        return listening.last.position_ms <= AT_START_MS and not has_more


@dataclass(frozen=True, slots=True)
class Listened:
    """A listen ended and was judged."""

    listen: Listen


@dataclass(frozen=True, slots=True)
class Changed:
    """Another track plays; ``consumed`` fresh ones are owed."""

    track: Track
    entry: LedgerEntry | None
    consumed: int


@dataclass(frozen=True, slots=True)
class TookOver:
    """The listener started something of their own."""

    track: Track
    context_uri: str | None


Happening = Listened | Changed | TookOver | Reached | PausedAt | ResumedAt | Stopped | Lost | Back


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What an observation must know beside the snapshot.

    ``learning_since_ms`` is since when listening changes pools (``None``: it does not). ``gap`` is why nobody could
    look, if so. ``may_yield`` is whether a takeover makes the hub step back. ``counting`` is when a listen counts as
    played.
    """

    rules: ListeningRules
    learning_since_ms: EpochMs | None
    gap: Cause | None = None
    may_yield: bool = True
    counting: CountingRules = SPINSTACK


def observe(
    session: Session, snapshot: PlaybackSnapshot, circumstances: Circumstances
) -> tuple[Session, tuple[Happening, ...]]:
    """Give the session after ``snapshot`` and what happened, in the order in which it must be told."""
    playback, transitions = fold(session.playback, snapshot, circumstances.gap)
    happenings: list[Happening] = []
    started = next((each for each in transitions if isinstance(each, Started)), None)
    after, arrival = _arrive(replace(session, playback=playback), started, circumstances)
    look = Look(snapshot, session.playback, playback, transitions, session.entry, after.entry)
    moved = move_on(session.tally, look, circumstances.counting)
    after = replace(after, tally=moved.tally)
    for transition in transitions:
        if isinstance(transition, Ended):
            listened = _judge(session, transition, arrival, circumstances)
            happenings.extend((*moved.at_end, listened))
            after = _remember_skip(after, listened)
        elif isinstance(transition, Started):
            happenings.extend(arrival)
        else:
            happenings.append(transition)
    if started is None and playback.listening is None:
        after = replace(after, entry_id=None, ledger=after.ledger.off_the_air())
    return replace(after, ledger=after.ledger.trimmed(LEDGER_KEPT)), (*happenings, *moved.now)


def _arrive(
    session: Session, started: Started | None, circumstances: Circumstances
) -> tuple[Session, tuple[Happening, ...]]:
    if started is None:
        return session, ()
    listening = started.listening
    track, context = listening.track, listening.context_uri
    entry = session.ledger.find(track)
    is_own_context = context is None or context == session.our_context
    is_past = entry is not None and entry.status in GONE_BY and entry.status is not LedgerStatus.PLAYING
    if is_past and not is_own_context:
        entry = None  # the listener's own list happens to hold a track that was ours before
    if entry is None:
        ledger = session.ledger.off_the_air()
        takes_over = (
            circumstances.may_yield
            and session.active_room is not None
            and not session.is_yielding
            and not is_own_context
            and bool(session.ledger.ahead(session.activation))
        )
        after = replace(session, entry_id=None, ledger=ledger, is_yielding=session.is_yielding or takes_over)
        changed = Changed(track, None, 0)
        return after, (TookOver(track, context), changed) if takes_over else (changed,)
    step = session.ledger.step_to(entry, session.activation)
    after = replace(
        session,
        ledger=step.ledger,
        entry_id=entry.id,
        is_yielding=session.is_yielding and step.entry.activation != session.activation,
        our_context=context,
    )
    changed = Changed(track, step.entry, step.consumed)
    return after, (changed,)


def _judge(session: Session, ended: Ended, arrival: tuple[Happening, ...], circumstances: Circumstances) -> Listened:
    entry = session.ledger.entry(session.entry_id)
    if ended.forced is None:
        if entry is not None and (is_stale(entry, session.activation) or entry.status is LedgerStatus.PASSED):
            ended = replace(ended, forced=Cause.STALE_TAIL)
        elif any(isinstance(each, TookOver) for each in arrival):
            ended = replace(ended, forced=Cause.TAKEOVER)
        elif _may_be_a_jump(session, arrival):
            ended = replace(ended, forced=Cause.UNCERTAIN)
    if any(isinstance(each, Changed) and each.consumed > 1 for each in arrival):
        # Others went by unseen after it: it may have ended earlier than the track that plays now lets believe.
        ended = replace(ended, unseen_ms=LONG_UNSEEN_MS)
    since_ms = circumstances.learning_since_ms
    is_learning = since_ms is not None and since_ms <= ended.listening.began_at_ms
    verdict = judge(ended, circumstances.rules, is_learning=is_learning)
    return Listened(
        Listen(
            track=ended.listening.track if entry is None else _as_drawn(entry.track, ended.listening.track),
            started_at_ms=ended.listening.began_at_ms,
            ended_at_ms=ended.at_ms,
            verdict=verdict,
            room=entry.room if entry is not None else None,
            tier=entry.tier if entry is not None else None,
            ledger_id=entry.id if entry is not None else None,
        )
    )


def _may_be_a_jump(session: Session, arrival: tuple[Happening, ...]) -> bool:
    """Whether a foreign track came although ours were to come, while a list of the listener's lies under the queue.

    It may have been queued by hand, and then ours was skipped; or the list was started anew. Both look the same.
    """
    is_foreign = any(isinstance(each, Changed) and each.entry is None for each in arrival)
    return is_foreign and session.our_context is not None and bool(session.ledger.ahead(session.activation))


def _as_drawn(drawn: Track, played: Track) -> Track:
    """The track as the pool knows it (its playing id may differ), with what only the player knew."""
    return replace(
        drawn,
        duration_ms=drawn.duration_ms if drawn.duration_ms is not None else played.duration_ms,
        album=drawn.album or played.album,
        artwork_url=drawn.artwork_url or played.artwork_url,
    )


def _remember_skip(session: Session, listened: Listened) -> Session:
    """Any early leaving counts for the cadence, whatever it means for the pools: restless is restless."""
    verdict = listened.listen.verdict
    left_by_hand = verdict.cause in {Cause.LISTENER, Cause.UNCERTAIN, Cause.LEARNING_OFF, Cause.TAKEOVER}
    if verdict.kind is VerdictKind.COMPLETED or not left_by_hand:
        return session
    skips = (*session.skips_at_ms, listened.listen.ended_at_ms)[-SKIPS_KEPT:]
    return replace(session, skips_at_ms=skips)


def activated(
    session: Session,
    room: RoomSlug,
    batch: tuple[LedgerEntry, ...],
    own_act: OwnAct,
    *,
    is_queue_gone: bool = False,
) -> Session:
    """The session once ``room`` was chosen and its ``batch`` written, before the player is told.

    ``is_queue_gone``: playing empties the player's queue, so that the former room leaves no tail.
    """
    ledger = session.ledger.leave_room(is_queue_gone=is_queue_gone).put(batch)
    return replace(
        session,
        active_room=room,
        activation=batch[0].activation,
        is_yielding=False,
        ledger=ledger,
        playback=replace(session.playback, own_act=own_act),
    )


def switched_off(session: Session) -> Session:
    """The session with no active room: what plays and what is queued goes on, nothing is added."""
    ledger = Ledger(
        tuple(
            replace(entry, status=LedgerStatus.DROPPED) if entry.status is LedgerStatus.DRAWN else entry
            for entry in session.ledger.entries
        )
    )
    return replace(session, active_room=None, is_yielding=False, ledger=ledger)


def learning_tier(session: Session, tier: Tier | None, *, is_learning: bool) -> Tier | None:
    """The tier that the cadence should care for: none where the current track can teach nothing."""
    entry = session.entry
    if not is_learning or entry is None or is_stale(entry, session.activation):
        return None
    return tier if tier is not Tier.REMOVED else None


def current(session: Session) -> Listening | None:
    """The listen under way."""
    return session.playback.listening
