"""Stations, turned into the API's shapes."""

import math
from collections.abc import Sequence

from moodroom_hub.core.stations import (
    CardImport,
    Following,
    ModelView,
    NextTrack,
    Refill,
    StationJob,
    StationView,
    StationWhy,
)
from moodroom_hub.core.wire import station_shapes as shapes
from moodroom_hub.core.wire.views import artists_of, maybe_text, moment, receipt, text
from moodroom_hub.domain.models import Track
from moodroom_hub.domain.stations.models import Tuning, Vote


def overview(views: Sequence[StationView]) -> shapes.StationsAnswer:
    """Every station."""
    return shapes.StationsAnswer([station(view) for view in views])


def changed(view: StationView) -> shapes.StationChangedAnswer:
    """A station after a change."""
    return shapes.StationChangedAnswer(station=station(view))


def station(view: StationView) -> shapes.StationShape:
    """One station at a glance."""
    its = view.station
    return shapes.StationShape(
        id=its.key,
        name=text(its.name),
        seeds=[shapes.SeedShape(artist=text(each.artist), track=text(each.track) or None) for each in its.seeds],
        tuning=tuning(its.tuning),
        origin=text(its.origin),
        room=its.room,
        created_at=moment(its.created_at_ms),
        likes=view.likes,
        dislikes=view.dislikes,
        known=view.known,
        unknown=[text(each) for each in view.unknown],
        drift=_figure(view.drift),
        bounded=view.is_bounded,
        zones=[text(each) for each in view.zones],
        trouble=text(view.trouble),
    )


def tuning(given: Tuning) -> shapes.TuningShape:
    """How a station weighs."""
    return shapes.TuningShape(
        style=given.style,
        likes=given.likes,
        dislikes=given.dislikes,
        adventure=given.adventure,
        drift=given.drift,
        rule=given.rule,
    )


def why(given: StationWhy) -> shapes.StationAnswer:
    """A station with what it would play now."""
    return shapes.StationAnswer(
        station=station(given.view),
        next=[next_track(each) for each in given.next],
        votes=[vote(each) for each in given.votes],
        notes=[text(note) for note in given.notes],
    )


def following(given: Following) -> shapes.StationNextAnswer:
    """What comes next, for other players."""
    tracks = [next_track(each) for each in given.tracks]
    return shapes.StationNextAnswer(tracks=tracks, unknown=[text(each) for each in given.unknown])


def next_track(given: NextTrack) -> shapes.StationTrackShape:
    """A track that would come now."""
    return _track(given.track, given.why, given.link, given.score)


def vote(given: Vote) -> shapes.StationVoteShape:
    """One like or dislike."""
    return shapes.StationVoteShape(
        id=given.id,
        kind=given.kind,
        uri=text(given.track.uri),
        name=text(given.track.name),
        artists=artists_of(given.track),
        at=moment(given.at_ms),
        by_hand=given.event_id is None,
        why=text(given.why),
    )


def imported(given: CardImport) -> shapes.StationImportAnswer:
    """What became of a card."""
    return shapes.StationImportAnswer(
        station=station(given.view),
        coverage=_figure(given.coverage) or 0.0,
        signer=text(given.signer),
        notes=[text(note) for note in given.notes],
    )


def model(given: ModelView) -> shapes.StationModelShape:
    """What stations are played from."""
    return shapes.StationModelShape(
        artists=given.artists,
        lists=given.lists,
        trained_at=None if given.trained_at_ms is None else moment(given.trained_at_ms),
        recommender=text(given.recommender),
        trouble=text(given.trouble),
    )


def job(given: StationJob, played_from: ModelView) -> shapes.StationJobAnswer:
    """Where the work stands."""
    return shapes.StationJobAnswer(
        status=given.status,
        what=given.what,
        phase=text(given.phase),
        done=given.done,
        total=given.total,
        error=text(given.error),
        notes=[text(note) for note in given.notes],
        refills=[refill(each) for each in given.refills],
        model=model(played_from),
    )


def refill(given: Refill) -> shapes.RefillShape:
    """What a room's discoveries got."""
    return shapes.RefillShape(
        room=given.room,
        added=[_track(each.track, each.why, "station", each.confidence) for each in given.added],
        receipts=[receipt(each, None) for each in given.receipts],
        why_not=text(given.why_not),
    )


def track_id(track: Track) -> str:
    """The id within its uri."""
    return text(track.uri).rpartition(":")[2]


def _track(track: Track, why: str, link: str, score: float | None) -> shapes.StationTrackShape:
    return shapes.StationTrackShape(
        track_id=track_id(track),
        uri=text(track.uri),
        name=text(track.name),
        artists=artists_of(track),
        album=maybe_text(track.album),
        artwork_url=maybe_text(track.artwork_url),
        duration_ms=track.duration_ms,
        why=text(why),
        link=link,
        score=_figure(score),
    )


def _figure(given: float | None) -> float | None:
    """What could not be measured may be no number, which JSON does not know."""
    return None if given is None or not math.isfinite(given) else given
