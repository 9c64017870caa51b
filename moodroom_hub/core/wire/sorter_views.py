"""The sorter, turned into the API's shapes."""

import math
from collections.abc import Sequence

from moodroom_hub.core.sorting import (
    Asked,
    LabelProgress,
    LayerView,
    PlacedTrack,
    Preview,
    SorterJob,
    SublistChange,
    Version,
)
from moodroom_hub.core.wire import sorter_shapes as shapes
from moodroom_hub.core.wire.views import artists_of, maybe_text, moment, text
from moodroom_hub.domain.models import Track
from moodroom_hub.domain.sorting.models import Label, Layer, LayerKey, Motherlist


def overview(views: Sequence[LayerView], work: SorterJob) -> shapes.SorterAnswer:
    """Every layer, and the work."""
    return shapes.SorterAnswer(layers=[layer(view) for view in views], job=job(work))


def layer(view: LayerView) -> shapes.LayerShape:
    """One layer at a glance."""
    its = view.layer
    rooms = {each.key: each.room for each in its.sublists}
    sublists = [
        shapes.SublistShape(
            key=each.key,
            name=text(each.name),
            playlist=text(each.playlist),
            room=rooms.get(each.key),
            songs=each.songs,
            labels=each.labels,
            threshold=_figure(each.threshold),
        )
        for each in view.sublists
    ]
    return shapes.LayerShape(
        key=its.key,
        name=text(its.name),
        mutual=its.is_mutual,
        complete=its.is_complete,
        eagerness=its.eagerness,
        motherlist=_motherlist(its.motherlist),
        songs=view.songs,
        sublists=sublists,
        void=view.void,
        to_review=view.to_review,
        labels=view.labels,
        version=None if view.version is None else version(view.version),
        last_write_at=None if view.last_write_ms is None else moment(view.last_write_ms),
        write_open=view.is_write_open,
        trouble=text(view.trouble),
    )


def job(given: SorterJob) -> shapes.SorterJobAnswer:
    """Where the work stands."""
    return shapes.SorterJobAnswer(
        status=given.status,
        what=given.what,
        layer=given.layer,
        phase=text(given.phase),
        done=given.done,
        total=given.total,
        error=text(given.error),
        notes=[text(note) for note in given.notes],
    )


def version(given: Version) -> shapes.VersionShape:
    """One training."""
    return shapes.VersionShape(
        id=given.id,
        layer=given.layer,
        at=moment(given.at_ms),
        labels=given.labels,
        model=text(given.model),
        status=given.status,
        accuracy=_figure(given.accuracy),
        low=_figure(given.low),
        high=_figure(given.high),
        calibration_error=_figure(given.calibration_error),
        before=_figure(given.before),
        scores=[shapes.ScoreShape(model=text(name), accuracy=_figure(score)) for name, score in given.scores],
        why=text(given.why),
    )


def versions(key: LayerKey, given: Sequence[Version]) -> shapes.VersionsAnswer:
    """A layer's history."""
    return shapes.VersionsAnswer(layer=key, versions=[version(each) for each in given])


def question(asked: Asked, its: Layer) -> shapes.QuestionAnswer:
    """What to ask next in the layer ``its``."""
    last = None if asked.last is None else _label(asked.last, asked.last_track)
    return shapes.QuestionAnswer(
        layer=asked.layer,
        song=None if asked.track is None else song(asked.track),
        chances=[
            shapes.ChanceShape(sublist=each.key, name=text(each.name), chance=_figure(value))
            for each, value in zip(its.sublists, _padded(asked.chances, len(its.sublists)), strict=True)
        ],
        why=text(asked.why),
        progress=_learned(asked.progress),
        last=last,
    )


def song(track: Track) -> shapes.SongShape:
    """A track."""
    return shapes.SongShape(
        uri=text(track.uri),
        name=text(track.name),
        artists=artists_of(track),
        album=maybe_text(track.album),
        artwork_url=maybe_text(track.artwork_url),
        duration_ms=track.duration_ms,
    )


def placed(given: PlacedTrack) -> shapes.PlacedShape:
    """A track and its place."""
    place = given.place
    return shapes.PlacedShape(
        song=song(given.track),
        sublists=list(place.sublists),
        standing=place.standing,
        chance=_figure(place.chance),
        likely=list(place.likely),
        why=text(place.why),
    )


def places(key: LayerKey, given: Sequence[PlacedTrack]) -> shapes.PlacesAnswer:
    """Where a layer's songs belong."""
    return shapes.PlacesAnswer(layer=key, places=[placed(each) for each in given])


def preview(given: Preview) -> shapes.PreviewAnswer:
    """What an apply would do."""
    return shapes.PreviewAnswer(
        layer=given.layer,
        changes=[change(each) for each in given.changes],
        placed=[placed(each) for each in given.placed],
        counts=dict(given.counts),
        calls=given.calls,
        notes=[text(note) for note in given.notes],
    )


def change(given: SublistChange) -> shapes.PlaylistChangeShape:
    """What an apply would do to one playlist."""
    return shapes.PlaylistChangeShape(
        sublist=given.sublist,
        name=text(given.name),
        playlist=text(given.playlist),
        new=given.is_new,
        added=[placed(each) for each in given.added],
        removed=[song(each) for each in given.removed],
        unchanged=given.unchanged,
        kept_by_hand=given.kept_by_hand,
    )


def _motherlist(given: Motherlist) -> shapes.MotherlistShape:
    return shapes.MotherlistShape(
        kind=given.kind, playlist=text(given.playlist) or None, layer=given.layer, sublist=given.sublist
    )


def _learned(given: LabelProgress) -> shapes.LearnedShape:
    return shapes.LearnedShape(
        labels=given.labels,
        accuracy=_figure(given.accuracy),
        low=_figure(given.low),
        high=_figure(given.high),
        goal=given.goal,
        left=given.left,
    )


def _label(given: Label, track: Track | None) -> shapes.SortLabelShape:
    return shapes.SortLabelShape(
        uri=text(given.uri),
        name=text(given.uri if track is None else track.name),
        sublists=sorted(given.fits),
        origin=given.origin,
        at=moment(given.at_ms),
    )


def _padded(chances: Sequence[float], length: int) -> list[float | None]:
    """Before the first training there are no chances."""
    return list(chances) if len(chances) == length else [None] * length


def _figure(given: float | None) -> float | None:
    """What was never measured may be no number, which JSON does not know."""
    return None if given is None or not math.isfinite(given) else given
