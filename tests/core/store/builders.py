"""Values to store, and a look past the store at what stands in its tables."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from moodroom_hub.core.events import Event, Listen, Skipped, TrackChanged
from moodroom_hub.core.ports import LikedTrack
from moodroom_hub.core.sorting import Version, VersionStatus, Write
from moodroom_hub.core.store import Change, Store
from moodroom_hub.core.store.engine import connect, prepare_file
from moodroom_hub.domain.models import (
    HOME,
    Cause,
    DurationMs,
    EndInterval,
    EpochMs,
    LedgerEntry,
    LedgerStatus,
    PoolEntry,
    Receipt,
    ReceiptKind,
    RoomSlug,
    Tier,
    Track,
    Uri,
    Verdict,
    VerdictKind,
    ZoneName,
)
from moodroom_hub.domain.plays.models import Delivery, DeliveryStatus, Play
from moodroom_hub.domain.sorting.models import Label, LabelOrigin, LayerKey, Place, Standing, SublistKey
from moodroom_hub.domain.stations.models import Seed, Station, StationKey, Tuning, Vote, VoteKind, VoteRule

HOUSE = RoomSlug("house")
MOODS = LayerKey("moods")
CALM, WILD = SublistKey("calm"), SublistKey("wild")
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a test's database is."""

    url: str
    data_dir: Path

    def store(self, busy_timeout_ms: int = 150) -> Store:
        """A store of it, not open yet."""
        return Store(self.url, self.data_dir, busy_timeout_ms=busy_timeout_ms)

    def sql(self, statement: str, **values: Any) -> list[Any]:
        """Run one statement beside the store."""
        database = connect(self.url, self.data_dir, 2_000)
        prepare_file(database.place, self.data_dir)
        try:
            with database.write() as connection:
                result = connection.execute(text(statement), values)
                return list(result) if result.returns_rows else []
        finally:
            database.engine.dispose()


def track(number: int = 1, name: str = "A song") -> Track:
    return Track(
        Uri(f"spotify:track:{number:022}"), name, ("Somebody", "Else"), DurationMs(200_000), isrc="QZES71982312"
    )


def ledger_entry(entry_id: int, zone: ZoneName = HOME, status: LedgerStatus = LedgerStatus.QUEUED) -> LedgerEntry:
    return LedgerEntry(
        entry_id, zone, HOUSE, Tier.CONFIRMED, track(entry_id), 1, status, why="drawn", drawn_at_ms=EpochMs(5)
    )


def listen(number: int = 1, kind: VerdictKind = VerdictKind.SKIPPED) -> Listen:
    end = EndInterval(DurationMs(10_000), DurationMs(11_000), DurationMs(12_000))
    return Listen(
        track=track(number),
        started_at_ms=EpochMs(1_000),
        ended_at_ms=EpochMs(12_000),
        verdict=Verdict(kind, Cause.LISTENER, end, is_sure=True),
        room=HOUSE,
        tier=Tier.SAFE_SIDE,
        ledger_id=number,
    )


def skipped(event_id: int, at_ms: int = 12_000, zone: ZoneName = HOME) -> Skipped:
    return Skipped(id=event_id, zone=zone, at_ms=EpochMs(at_ms), listen=listen(event_id))


def changed(event_id: int, at_ms: int = 12_000, name: str = "A song") -> TrackChanged:
    return TrackChanged(id=event_id, zone=HOME, at_ms=EpochMs(at_ms), track=track(event_id, name), consumed=1)


def pool_entry(number: int, tier: Tier = Tier.CONFIRMED, why: str = "mined") -> PoolEntry:
    return PoolEntry(track(number), tier, strikes=1, since_ms=EpochMs(7), why=why)


def receipt(
    receipt_id: int,
    number: int = 1,
    event_id: int | None = None,
    undoes: tuple[int, ...] = (),
    room: RoomSlug = HOUSE,
    why: str = "skipped at 0:11",
) -> Receipt:
    return Receipt(
        id=receipt_id,
        room=room,
        track=track(number),
        kind=ReceiptKind.UNDO if undoes else ReceiptKind.SKIPPED,
        before=pool_entry(number),
        after=pool_entry(number, Tier.SAFE_SIDE),
        at_ms=EpochMs(12_000),
        why=why,
        event_id=event_id,
        zone=HOME,
        heard_ms=DurationMs(11_000),
        duration_ms=DurationMs(200_000),
        undoes=undoes,
    )


def play(play_id: int, number: int = 1, zone: ZoneName = HOME, twin_of: int | None = None) -> Play:
    """A play that counted ``play_id`` minutes after the epoch."""
    return Play(
        id=play_id,
        zone=zone,
        track=track(number),
        began_at_ms=EpochMs(play_id * 60_000 - 30_000),
        counted_at_ms=EpochMs(play_id * 60_000),
        heard_ms=DurationMs(30_000),
        threshold_ms=DurationMs(30_000),
        offset_ms=-30_000,
        rules="spinstack",
        why="heard for 0:30 of 3:20",
        twin_of=twin_of,
        room=HOUSE,
        tier=Tier.CONFIRMED,
        ledger_id=number,
    )


def delivery(
    play_id: int,
    target: str = "lastfm",
    status: DeliveryStatus = DeliveryStatus.WAITING,
    next_try_ms: int = 0,
    **more: Any,
) -> Delivery:
    return Delivery(play_id, target, status, EpochMs(play_id), next_try_ms=EpochMs(next_try_ms), **more)


def liked(number: int, hours: float = 0) -> LikedTrack:
    return LikedTrack(track(number), NOON + timedelta(hours=hours))


def label(number: int, *fits: SublistKey, origin: LabelOrigin = LabelOrigin.ASKED, at_ms: int = 1) -> Label:
    """What was said of the track of this number."""
    return Label(track(number).uri, frozenset(fits), frozenset({CALM, WILD}.difference(fits)), origin, EpochMs(at_ms))


def place(number: int, *sublists: SublistKey, chance: float = 0.75) -> Place:
    standing = Standing.SURE if sublists else Standing.DOUBTFUL
    return Place(track(number).uri, sublists, standing, chance, (CALM,), "sounds like others there")


def version(layer: LayerKey = MOODS, status: VersionStatus = VersionStatus.ADOPTED, at_ms: int = 1) -> Version:
    scores = (("knn", 0.5), ("logistic", 0.625))
    return Version(0, layer, EpochMs(at_ms), 30, "logistic", status, 0.625, 0.5, 0.75, 0.03125, 0.5, scores, "moods-1")


def write(number: int, sublist: SublistKey = CALM, **more: Any) -> Write:
    """One that adds the track of this number to a playlist that holds the track before it."""
    former, added = track(number - 1).uri, track(number).uri
    told = {"id": 0, "batch": 0, "layer": MOODS, "name": "Calm", "playlist": "p1", "ours_before": (), **more}
    return Write(
        sublist=sublist, former=(former,), wanted=(former, added), ours=(added,), at_ms=EpochMs(number), **told
    )


def station(number: int = 1) -> Station:
    """A station that grew from a playlist."""
    key = StationKey("friday" if number == 1 else f"friday-{number}")
    seeds = (Seed("Somebody"), Seed("Another", "A song"))
    tuning = Tuning(adventure=0.25, rule=VoteRule.SHARE)
    return Station(key, "Friday", seeds, tuning, "playlist:p1", HOUSE, EpochMs(5), 7)


def vote(vote_id: int, number: int = 1) -> Vote:
    """A dislike on that station."""
    return Vote(vote_id, station(number).key, VoteKind.DISLIKE, track(1), EpochMs(6), 2, "skipped after 3 s")


def full_change(number: int) -> Change:
    """A change with something of everything; ``number`` is the id of it all."""
    events: tuple[Event, ...] = (skipped(2 * number), changed(2 * number + 1))
    return Change(
        zone_states={HOME: f'{{"step": {number}}}'},
        ledger=(ledger_entry(number),),
        events=events,
        receipts=(receipt(number, number, event_id=2 * number),),
        facts={"last": str(number)},
        stations=((number, station(number)),),
        votes=(vote(number, number),),
    )
