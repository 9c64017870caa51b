"""What the API says of stations, as models."""

from pydantic import RootModel

from moodroom_hub.core.stations import StationJobStatus
from moodroom_hub.core.wire.shapes import Answer, Moment, ReceiptShape
from moodroom_hub.domain.stations.models import VoteKind, VoteRule


class SeedShape(Answer):
    """What a station starts from: an artist, or one of their tracks (else null)."""

    artist: str
    track: str | None


class TuningShape(Answer):
    """How a station weighs; as the order to tune it."""

    style: float
    likes: float
    dislikes: float
    adventure: float
    drift: float
    rule: VoteRule


class StationShape(Answer):
    """One station at a glance. ``origin``: typed, playlist:<id>, room:<slug> or card. ``room``: the one it stands for.

    ``known``: how many of its seed artists the model knows; ``unknown``: the others' names. ``drift``: how far its
    likes have led it from its seeds, 0 to 1, null where that cannot be told; ``bounded``: ``tuning.drift`` holds it
    back. ``zones``: where it plays.
    """

    id: str
    name: str
    seeds: list[SeedShape]
    tuning: TuningShape
    origin: str
    room: str | None
    created_at: Moment
    likes: int
    dislikes: int
    known: int
    unknown: list[str]
    drift: float | None
    bounded: bool
    zones: list[str]
    trouble: str


class StationsAnswer(RootModel[list[StationShape]]):
    """Every station, in the order in which they were made."""


class StationTrackShape(Answer):
    """A track that would come now, why, and by which ``link`` of the chain: station, similar or room."""

    track_id: str
    uri: str
    name: str
    artists: list[str]
    album: str | None
    artwork_url: str | None
    duration_ms: int | None
    why: str
    link: str
    score: float | None


class StationNextAnswer(Answer):
    """What comes next. ``unknown``: ids of the session that nothing is known of: they counted for nothing."""

    tracks: list[StationTrackShape]
    unknown: list[str]


class StationVoteShape(Answer):
    """One like or dislike. ``by_hand``: said, not read from a listen."""

    id: int
    kind: VoteKind
    uri: str
    name: str
    artists: list[str]
    at: Moment
    by_hand: bool
    why: str


class StationAnswer(Answer):
    """A station, what it would play now and why, and its votes, newest first."""

    station: StationShape
    next: list[StationTrackShape]
    votes: list[StationVoteShape]
    notes: list[str]


class StationChangedAnswer(Answer):
    """The station as it is now."""

    station: StationShape


class StationImportAnswer(Answer):
    """What became of a card. ``coverage``: the share of its artists that this hub's model knows. ``signer``: whose
    signature is on it; empty where there is none."""

    station: StationShape
    coverage: float
    signer: str
    notes: list[str]


class StationModelShape(Answer):
    """What stations are played from; ``trouble`` says why there is nothing, with the mend."""

    artists: int
    lists: int
    trained_at: Moment | None
    recommender: str
    trouble: str


class RefillShape(Answer):
    """What a room's discoveries got; ``why_not``: why it was not more."""

    room: str
    added: list[StationTrackShape]
    receipts: list[ReceiptShape]
    why_not: str


class StationJobAnswer(Answer):
    """The radio's work that runs, or ran last. ``what``: train or refill. ``model``: what stations are played from."""

    status: StationJobStatus
    what: str
    phase: str
    done: int
    total: int
    error: str
    notes: list[str]
    refills: list[RefillShape]
    model: StationModelShape
