"""What the API is told of stations: strict models.

Here and not beside the page's other orders, because the command line gives the same orders where no hub runs.
"""

from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from moodroom_hub.core.stations import NewStation, PlayedOut, Radio, StationView
from moodroom_hub.core.wire.fields import clean
from moodroom_hub.domain.models import RoomSlug, Uri
from moodroom_hub.domain.stations.models import LONGEST_NAME, MOST_SEEDS, Seed, VoteKind, VoteRule

FILE_LIMIT: Final = 512 * 1024
"""Bytes of a JSPF file. A station card is smaller, and whoever reads it sees to that."""
MOST_PLAYED: Final = 500
MOST_FOLDERS: Final = 50
LONGEST_TRACK_S: Final = 86_400


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("expected a name that can be seen")
    return text.strip()


def _card(text: str) -> str:
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise ValueError("half characters (lone surrogates) are not allowed") from None
    if size > FILE_LIMIT:
        raise ValueError(f"such a file is at most {FILE_LIMIT // 1024} kB")
    return text


Text = Annotated[str, Field(max_length=500), AfterValidator(clean)]
Name = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(clean), AfterValidator(_not_blank)]
StationName = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME), AfterValidator(clean)]
MaybeName = Annotated[str, Field(max_length=LONGEST_NAME), AfterValidator(clean)]
Weight = Annotated[float, Field(ge=0, le=3, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, le=LONGEST_TRACK_S, allow_inf_nan=False)]


class _Order(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True, defer_build=True)


class SeedTrack(_Order):
    """A track whose artist counts."""

    name: Name
    artist: Name


class StationTuneOrder(_Order):
    """What to change of a station's tuning; what is not named stays.

    ``style`` (the seeds), ``likes``, ``dislikes``: 0 to 3, 1 is the usual measure. ``adventure``: 0 familiar to 1
    adventurous. ``drift``: how far from its seeds it may be led, 0 to 1. ``rule``: what counts as a dislike.
    """

    style: Weight | None = None
    likes: Weight | None = None
    dislikes: Weight | None = None
    adventure: Share | None = None
    drift: Share | None = None
    rule: Annotated[VoteRule, Field(strict=False)] | None = None

    def changes(self) -> dict[str, float | str]:
        """The fields that were named."""
        return {
            name: str(value) if isinstance(value, VoteRule) else value
            for name, value in self.model_dump().items()
            if value is not None
        }


class StationNewOrder(_Order):
    """What a station shall be made of: ``artists`` and ``tracks``, or a ``playlist`` (its name or id), or a ``room``
    (its slug). ``name``: empty for one that fits."""

    name: MaybeName = ""
    artists: list[Name] = Field(default=[], max_length=MOST_SEEDS)
    tracks: list[SeedTrack] = Field(default=[], max_length=MOST_SEEDS)
    playlist: Text = ""
    room: Name | None = None
    tuning: StationTuneOrder | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        sources = (bool(self.artists or self.tracks), bool(self.playlist.strip()), self.room is not None)
        if sum(sources) != 1:
            raise ValueError("say what it is made of: artists and tracks, or a playlist, or a room")
        return self

    def order(self) -> NewStation:
        """As the radio takes it."""
        seeds = (*(Seed(each) for each in self.artists), *(Seed(each.artist, each.name) for each in self.tracks))
        return NewStation(
            name=self.name.strip(),
            seeds=tuple(dict.fromkeys(seeds)),
            playlist=self.playlist.strip(),
            room=None if self.room is None else RoomSlug(self.room),
        )

    async def make(self, radio: Radio) -> StationView:
        """Make it. What its tuning does not name is as the radio's owner configured it. Raises ``Trouble``."""
        made = await radio.new(self.order())
        changes = {} if self.tuning is None else self.tuning.changes()
        return await radio.tune(made.station.key, changes) if changes else made


class StationRenameOrder(_Order):
    """Another name; the id stays."""

    name: Annotated[StationName, AfterValidator(_not_blank)]


class StationVoteOrder(_Order):
    """``uri``: the track; what plays now on the station where it is missing."""

    kind: Annotated[VoteKind, Field(strict=False)]
    uri: Annotated[Text, Field(min_length=1)] | None = None

    def track(self) -> Uri | None:
        """The track, if one is named."""
        return None if self.uri is None else Uri(self.uri)


class PlayedTrack(_Order):
    """What a player tells of a track that it played: its Spotify id (or uri), and seconds."""

    track_id: Annotated[str, Field(min_length=1, max_length=100), AfterValidator(clean)]
    play_seconds: Seconds
    length_seconds: Annotated[float, Field(gt=0, le=LONGEST_TRACK_S, allow_inf_nan=False)]


class StationPlayedOrder(_Order):
    """The session so far, oldest first; none at the start. The hub remembers nothing of it."""

    tracks: list[PlayedTrack] = Field(max_length=MOST_PLAYED)

    def played(self) -> list[PlayedOut]:
        """As the radio takes it."""
        return [PlayedOut(each.track_id, each.play_seconds, each.length_seconds) for each in self.tracks]


class StationImportOrder(_Order):
    """``text``: the whole file, a station card or JSPF, of at most 512 kB. ``name``: empty for the card's own."""

    text: Annotated[str, Field(min_length=1, max_length=FILE_LIMIT), AfterValidator(_card)]
    name: MaybeName = ""


class StationRefillOrder(_Order):
    """``room``: null for every room."""

    room: Name | None = None

    def slug(self) -> RoomSlug | None:
        """The room, or all."""
        return None if self.room is None else RoomSlug(self.room)


class StationTrainOrder(_Order):
    """``folders`` on the hub's machine; none: those of the configuration. They are added to what was learned before,
    unless ``anew``. ``seed``: the same playlists make the same model."""

    folders: list[Name] = Field(default=[], max_length=MOST_FOLDERS)
    seed: Annotated[int, Field(ge=0, lt=2**32)] | None = None
    anew: bool = False
