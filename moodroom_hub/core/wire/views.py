"""What the hub says, turned into the API's shapes. Titles are data here: cleaned only of what no UTF-8 can carry."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from moodroom_hub.core.events import Event
from moodroom_hub.core.face import (
    Activation,
    BatchView,
    ImportReport,
    ListenView,
    NowPlaying,
    PluginView,
    Quiet,
    ReceiptView,
    RoomView,
    StateView,
    SyncReport,
)
from moodroom_hub.core.ports import Check, LoginState
from moodroom_hub.core.wire import shapes
from moodroom_hub.domain.models import (
    EpochMs,
    LedgerEntry,
    Listen,
    PoolEntry,
    Receipt,
    Room,
    RoomSlug,
    Tier,
    Track,
    ZoneName,
)


def text(given: str) -> str:
    """``given`` without lone surrogates, which JSON can hold but no byte stream can."""
    return given if given.isascii() else given.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def moment(at_ms: int) -> str:
    """ISO 8601 in UTC with milliseconds."""
    at = datetime.fromtimestamp(at_ms // 1000, UTC).replace(microsecond=at_ms % 1000 * 1000)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def maybe_text(given: str | None) -> str | None:
    """``text`` that lets ``None`` through."""
    return None if given is None else text(given)


def artists_of(track: Track) -> list[str]:
    """The artists' names."""
    return [text(name) for name in track.artists]


def login(state: LoginState) -> shapes.LoginShape:
    """A login's state."""
    return shapes.LoginShape(status=state.status, days_left=state.days_left)


def now_playing(seen: NowPlaying, now_ms: EpochMs) -> shapes.NowPlayingShape:
    """What plays, its position reckoned on to ``now_ms``."""
    track = seen.track
    position_ms = seen.position_ms + (max(0, now_ms - seen.at_ms) if seen.is_playing else 0)
    if track.duration_ms is not None:
        position_ms = min(position_ms, track.duration_ms)
    return shapes.NowPlayingShape(
        uri=text(track.uri),
        name=text(track.name),
        artists=artists_of(track),
        album=maybe_text(track.album),
        artwork_url=maybe_text(track.artwork_url),
        room=seen.room,
        station=seen.station,
        tier=seen.tier,
        position_ms=position_ms,
        duration_ms=track.duration_ms,
        is_playing=seen.is_playing,
        next_skip=seen.next_skip,
    )


def upcoming(entry: LedgerEntry) -> shapes.UpcomingShape:
    """One ledger entry."""
    track = entry.track
    return shapes.UpcomingShape(
        id=entry.id,
        uri=text(track.uri),
        name=text(track.name),
        artists=artists_of(track),
        album=maybe_text(track.album),
        artwork_url=maybe_text(track.artwork_url),
        duration_ms=track.duration_ms,
        room=entry.room,
        tier=entry.tier,
        why=text(entry.why),
        status=entry.status,
    )


def batch(view: BatchView) -> shapes.BatchAnswer:
    """What the running activation drew."""
    return shapes.BatchAnswer(
        room=view.room,
        tracks=[
            shapes.BatchEntryShape(
                **upcoming(each.entry).model_dump(),
                number=each.number,
                verdict=None if each.verdict is None else each.verdict.kind,
                cause=None if each.verdict is None else each.verdict.cause,
                heard_ms=None if each.verdict is None else each.verdict.end.estimate_ms,
            )
            for each in view.tracks
        ],
        earlier=view.earlier,
    )


def receipt(given: Receipt, undone_by: int | None) -> shapes.ReceiptShape:
    """One receipt."""
    return shapes.ReceiptShape(
        id=given.id,
        room=given.room,
        zone=given.zone,
        uri=text(given.track.uri),
        name=text(given.track.name),
        artists=artists_of(given.track),
        kind=given.kind,
        before=given.before.tier if given.before else None,
        after=given.after.tier if given.after else None,
        strikes=given.after.strikes if given.after else 0,
        at=moment(given.at_ms),
        why=text(given.why),
        heard_ms=given.heard_ms,
        duration_ms=given.duration_ms,
        undone_by=undone_by,
        undoes=list(given.undoes),
        group=maybe_text(given.group),
    )


def receipts(given: Iterable[ReceiptView]) -> list[shapes.ReceiptShape]:
    """Several receipts, in their order."""
    return [receipt(view.receipt, view.undone_by) for view in given]


def plugin(view: PluginView) -> shapes.PluginShape:
    """One plugin."""
    return shapes.PluginShape(name=text(view.name), status=view.status, reason=text(view.reason))


def trouble(quiet: Quiet) -> shapes.TroubleShape:
    """One reason for silence."""
    retry_at = None if quiet.retry_at_ms is None else moment(quiet.retry_at_ms)
    return shapes.TroubleShape(code=quiet.code, message=text(quiet.message), retry_at=retry_at)


def state(view: StateView, newest: Sequence[ReceiptView], now_ms: EpochMs) -> shapes.StateAnswer:
    """The whole state; ``newest`` are the newest receipts with what undid them."""
    return shapes.StateAnswer(
        version=view.version,
        zone=view.zone,
        active_room=view.active_room,
        active_station=view.active_station,
        learning=view.is_learning,
        login=login(view.login),
        now_playing=now_playing(view.now_playing, now_ms) if view.now_playing else None,
        upcoming=[upcoming(entry) for entry in view.upcoming],
        receipts=receipts(newest),
        plugins=[plugin(each) for each in view.plugins],
        troubles=[trouble(each) for each in view.troubles],
        leader=maybe_text(view.leader),
        zones=[text(each) for each in view.zones],
    )


def palette(given: Room) -> shapes.PaletteShape | None:
    """A room's light."""
    light = given.palette
    if light is None:
        return None
    return shapes.PaletteShape.model_validate(
        {"accent": light.accent, "from": light.start, "to": light.end, "blobs": list(light.blobs)}
    )


def room(view: RoomView) -> shapes.RoomShape:
    """One room; every tier has its count."""
    return shapes.RoomShape(
        slug=view.room.slug,
        name=text(view.room.name),
        description=text(view.room.description),
        active=view.is_active,
        zones=[text(each) for each in view.zones],
        palette=palette(view.room),
        counts={tier: view.counts.get(tier, 0) for tier in Tier},
    )


def pool(slug: RoomSlug, entries: Iterable[PoolEntry]) -> shapes.PoolAnswer:
    """One room's tracks by tier; every tier is named."""
    tiers: defaultdict[Tier, list[shapes.PoolTrackShape]] = defaultdict(list)
    for entry in entries:
        tiers[entry.tier].append(
            shapes.PoolTrackShape(
                uri=text(entry.track.uri),
                name=text(entry.track.name),
                artists=artists_of(entry.track),
                strikes=entry.strikes,
                why=text(entry.why),
                since=moment(entry.since_ms) if entry.since_ms else None,
                source=text(entry.source),
                confidence=entry.confidence,
            )
        )
    return shapes.PoolAnswer(room=slug, tiers={tier: tiers[tier] for tier in Tier})


def activation(given: Activation) -> shapes.ActivateAnswer:
    """The drawn batch."""
    return shapes.ActivateAnswer(
        batch=[
            shapes.BatchTrackShape(
                uri=text(entry.track.uri),
                name=text(entry.track.name),
                artists=artists_of(entry.track),
                tier=entry.tier,
            )
            for entry in given.batch
        ],
        notes=[text(note) for note in given.notes],
        zone=text(given.batch[0].zone) if given.batch else None,
    )


def listen(view: ListenView) -> shapes.ListenShape:
    """One row of the history."""
    heard = view.listen
    return shapes.ListenShape(
        id=view.id,
        zone=view.zone,
        uri=text(heard.track.uri),
        name=text(heard.track.name),
        artists=artists_of(heard.track),
        album=maybe_text(heard.track.album),
        duration_ms=heard.track.duration_ms,
        room=heard.room,
        tier=heard.tier,
        verdict=heard.verdict.kind,
        cause=heard.verdict.cause,
        sure=heard.verdict.is_sure,
        heard_ms=heard.verdict.end.estimate_ms,
        started_at=moment(heard.started_at_ms),
        ended_at=moment(heard.ended_at_ms),
    )


def imported(given: ImportReport) -> shapes.ImportAnswer:
    """What an import did."""
    return shapes.ImportAnswer(
        added=given.added,
        changed=given.changed,
        kept=given.kept,
        unresolved=[text(line) for line in given.unresolved],
        problems=[text(line) for line in given.problems],
    )


def synced(given: SyncReport) -> shapes.SyncAnswer:
    """What reading the liked songs gave."""
    return shapes.SyncAnswer(
        new=given.new,
        total=given.total,
        moved=given.moved,
        gone=given.gone,
        playlists=given.playlists,
        sorting=given.is_sorting,
        not_sorted=text(given.not_sorted),
    )


def check(given: Check) -> shapes.CheckShape:
    """One line of readiness."""
    return shapes.CheckShape(
        name=text(given.name), level=given.level, message=text(given.message), mend=text(given.mend)
    )


def event(given: Event) -> dict[str, Any]:
    """An event as JSON: ``event_type``, ``id``, ``zone``, ``at``, and the event's own fields in the API's shapes.

    Works for events of foreign plugins as well: whatever dataclass it is, its fields are told by their names.
    """
    own = {each.name: _plain(getattr(given, each.name)) for each in fields(given) if each.name != "at_ms"}
    return {"event_type": given.wire_name, **own, "at": moment(given.at_ms), "at_ms": given.at_ms}


def _plain(value: object) -> Any:
    match value:
        case Receipt():
            return receipt(value, None).model_dump(mode="json")
        case LedgerEntry():
            return upcoming(value).model_dump(mode="json")
        case Listen():
            return _listen_of_event(value)
        case Enum():
            return value.value
        case str():
            return text(value)
        case float() if not math.isfinite(value):
            return None
        case bool() | int() | float() | None:
            return value
        case tuple() | list() | frozenset():
            return [_plain(each) for each in value]
        case dict():
            return {text(str(key)): _plain(each) for key, each in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    return text(str(value))


def _listen_of_event(heard: Listen) -> dict[str, Any]:
    shape = listen(ListenView(id=0, zone=ZoneName(""), listen=heard))
    return shape.model_dump(mode="json", exclude={"id", "zone"})
