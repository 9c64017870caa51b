"""Plays, as the API tells of them."""

from collections.abc import Iterable, Sequence

from moodroom_hub.core.played import Counted, PlayPage, PlayView, Statistics, TargetView
from moodroom_hub.core.wire.shapes import Answer, Moment
from moodroom_hub.core.wire.views import artists_of, maybe_text, moment, text
from moodroom_hub.domain.models import Tier
from moodroom_hub.domain.plays.models import Delivery, DeliveryStatus, Edit


class EditShape(Answer):
    """What a person corrected; null: as it was."""

    name: str | None
    artist: str | None
    album: str | None


class DeliveryShape(Answer):
    """One play on its way to one service. ``at``: since when it stands so; ``next_try``: not before, null: any time."""

    target: str
    status: DeliveryStatus
    at: Moment
    tries: int
    next_try: Moment | None
    reason: str
    edit: EditShape | None


class PlayShape(Answer):
    """A listen that counted. ``why`` says why, or why it is the twin of another: the same listen, seen elsewhere.

    ``heard_ms``: how long it had been heard when it counted; ``rules``: by which profile. ``twin_of``: the play that
    was told and sent instead of it; ``twins``: all plays of this listen but this one.
    """

    id: int
    zone: str
    uri: str
    name: str
    artists: list[str]
    album: str | None
    duration_ms: int | None
    isrc: str | None
    artwork_url: str | None
    room: str | None
    tier: Tier | None
    began_at: Moment
    counted_at: Moment
    heard_ms: int
    threshold_ms: int
    rules: str
    why: str
    twin_of: int | None
    twins: list[int]
    deliveries: list[DeliveryShape]


class PlaysAnswer(Answer):
    """Newest first. ``next``: give it as ``before`` for the page after; null on the last one."""

    plays: list[PlayShape]
    next: int | None


class PlayAnswer(Answer):
    """One play."""

    play: PlayShape


class CountedShape(Answer):
    """A name and how often it was played. ``detail``: a track's artists, a room's slug."""

    name: str
    detail: str
    plays: int
    heard_ms: int


class StatisticsAnswer(Answer):
    """The last days, today included; most played first, ten of each. ``hours``: plays begun in each hour, local time.

    ``heard_ms`` counts what had been heard when a play counted. Plays of one recording count together.
    """

    days: int
    plays: int
    heard_ms: int
    tracks: list[CountedShape]
    artists: list[CountedShape]
    rooms: list[CountedShape]
    zones: list[CountedShape]
    hours: list[int]


class TargetShape(Answer):
    """One service that plays are sent to, and how many stand where."""

    target: str
    counts: dict[DeliveryStatus, int]


class ScrobblesAnswer(Answer):
    """Every service that any play was meant for."""

    targets: list[TargetShape]


class ChangedAnswer(Answer):
    """How many deliveries it changed."""

    changed: int


def play(view: PlayView) -> PlayShape:
    """One play."""
    one, track = view.play, view.play.track
    return PlayShape(
        id=one.id,
        zone=text(one.zone),
        uri=text(track.uri),
        name=text(track.name),
        artists=artists_of(track),
        album=maybe_text(track.album),
        duration_ms=track.duration_ms,
        isrc=maybe_text(track.isrc),
        artwork_url=maybe_text(track.artwork_url),
        room=one.room,
        tier=one.tier,
        began_at=moment(one.began_at_ms),
        counted_at=moment(one.counted_at_ms),
        heard_ms=one.heard_ms,
        threshold_ms=one.threshold_ms,
        rules=text(one.rules),
        why=text(one.why),
        twin_of=one.twin_of,
        twins=list(view.twins),
        deliveries=[delivery(each) for each in view.deliveries],
    )


def delivery(given: Delivery) -> DeliveryShape:
    """One delivery."""
    return DeliveryShape(
        target=text(given.target),
        status=given.status,
        at=moment(given.at_ms),
        tries=given.tries,
        next_try=moment(given.next_try_ms) if given.next_try_ms else None,
        reason=text(given.reason),
        edit=None if given.edit is None else _edit(given.edit),
    )


def page(found: PlayPage) -> PlaysAnswer:
    """A page of plays."""
    return PlaysAnswer(plays=[play(each) for each in found.plays], next=found.next)


def statistics(found: Statistics) -> StatisticsAnswer:
    """What was played lately."""
    return StatisticsAnswer(
        days=found.days,
        plays=found.plays,
        heard_ms=found.heard_ms,
        tracks=_counted(found.tracks),
        artists=_counted(found.artists),
        rooms=_counted(found.rooms),
        zones=_counted(found.zones),
        hours=list(found.hours),
    )


def targets(found: Sequence[TargetView]) -> ScrobblesAnswer:
    """Every service with its counts."""
    return ScrobblesAnswer(targets=[TargetShape(target=text(each.target), counts=dict(each.counts)) for each in found])


def _edit(given: Edit) -> EditShape:
    return EditShape(name=maybe_text(given.name), artist=maybe_text(given.artist), album=maybe_text(given.album))


def _counted(lines: Iterable[Counted]) -> list[CountedShape]:
    return [
        CountedShape(name=text(each.name), detail=text(each.detail), plays=each.plays, heard_ms=each.heard_ms)
        for each in lines
    ]
