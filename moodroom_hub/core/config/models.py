"""The sections of the configuration.

Every model refuses unknown keys, is frozen, and keeps what was given out of its errors. Making one in code takes the
same values as the file: durations as ``"30s"`` or seconds; attributes then hold milliseconds.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from moodroom_hub.core.config.default_rooms import DEFAULT_ROOMS
from moodroom_hub.core.config.fields import (
    Colour,
    Duration,
    Folder,
    Host,
    HttpUrl,
    LowerCase,
    OneLine,
    RoomName,
    Slug,
    at_most,
    default_data_dir,
)
from moodroom_hub.core.config.problems import Expected
from moodroom_hub.core.config.secret import SecretText
from moodroom_hub.domain.models import (
    Anchor,
    BatchRecipe,
    DurationMs,
    ListeningRules,
    Palette,
    Room,
    RoomSlug,
)
from moodroom_hub.domain.plays.models import CountingRules
from moodroom_hub.domain.plays.rules import PROFILES

CUSTOM_WITHOUT_LENGTH_MS = 240_000


class Section(BaseModel):
    """What all parts of the configuration have in common."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        coerce_numbers_to_str=True,
        str_strip_whitespace=False,
    )


class PluginConfig(Section):
    """The base of every plugin's ``Config``."""

    enabled: bool = Field(default=True, description="false: the plugin stays off")


class HubSection(Section):
    """The hub itself."""

    data_dir: Folder = Field(
        default_factory=default_data_dir,
        description="Where the hub keeps its database, login and backups. null: the platform's own place for that",
    )
    log_level: Annotated[Literal["debug", "info", "warning", "error"], LowerCase] = Field(
        default="info", description="How much the hub tells in its log"
    )


class DatabaseSection(Section):
    """Where pools, receipts and the history live."""

    url: SecretText | None = Field(
        default=None, description="null: SQLite in data_dir. A PostgreSQL URL works as well; better by reference"
    )


class WebSection(Section):
    """The status page and the HTTP API."""

    host: Host = Field(
        default="127.0.0.1", description="The address to listen on. Anything beyond this machine needs a password"
    )
    port: int = Field(default=7777, ge=0, le=65535, description="The port; 0 takes any free one")
    password: SecretText | None = Field(default=None, description="The page's password; better by reference")
    base_url: HttpUrl | None = Field(default=None, description="The address under which a reverse proxy shows the page")
    trusted_hosts: tuple[Host, ...] = Field(default=(), description="Further names under which the page may be called")


class PlayedSection(Section):
    """When a listen counts as played. The numbers belong to the profile ``custom`` alone."""

    profile: Annotated[Literal["spinstack", "lastfm", "listenbrainz", "custom"], LowerCase] = Field(
        default="spinstack", description="Whose rule holds; custom: the numbers below"
    )
    minimum: Duration | None = Field(default=None, description="custom: a shorter track never counts")
    share: float | None = Field(
        default=None, gt=0, le=1, description="custom: the part of a track that must be listened to, 0.5 is half"
    )
    at_least: Duration | None = Field(default=None, description="custom: not before so long, whatever the share says")
    at_most: Duration | None = Field(default=None, description="custom: after so long, whatever the share says")
    without_length: Duration | None = Field(
        default=None, description="custom: for streams and all that has no known length"
    )

    @model_validator(mode="after")
    def _has_its_numbers(self) -> Self:
        numbers = (self.minimum, self.share, self.at_least, self.at_most, self.without_length)
        if self.profile != "custom":
            if any(number is not None for number in numbers):
                raise Expected(
                    "expected no minimum, share, at_least, at_most or without_length: they belong to profile: custom"
                )
            return self
        if self.share is None and not self.at_most:
            raise Expected("expected profile custom to have a share (such as 0.5), or at_most (such as 4m), or both")
        if self.at_most is not None and self.at_most < (self.at_least or 0):
            raise Expected("expected at_least to be no longer than at_most")
        return self

    def rules(self) -> CountingRules:
        """The rules as numbers."""
        if self.profile != "custom":
            return PROFILES[self.profile]
        return CountingRules(
            "custom",
            # Without a share the seconds alone decide: never sooner, and a shorter track as a whole.
            share=1.0 if self.share is None else self.share,
            minimum_ms=DurationMs(self.minimum or 0),
            at_least_ms=DurationMs(self.at_least or 0),
            at_most_ms=None if self.at_most is None else DurationMs(self.at_most),
            without_length_ms=DurationMs(
                CUSTOM_WITHOUT_LENGTH_MS if self.without_length is None else self.without_length
            ),
        )


class ListeningSection(Section):
    """How listening is read."""

    skip_threshold: Annotated[Duration, AfterValidator(at_most("10m"))] = Field(
        default=30_000, description="A track left before this was skipped"
    )
    completion_margin: Annotated[Duration, AfterValidator(at_most("10m"))] = Field(
        default=8_000, description="A track heard to within this of its end was completed"
    )
    repeat_window: int = Field(default=15, ge=0, le=500, description="No song comes again within so many queued tracks")
    top_up: int = Field(default=1, ge=0, le=1, description="Fresh tracks for each one consumed; 0: none, ever")
    on_takeover: Literal["yield", "ignore"] = Field(
        default="yield", description="What the hub does when you start something of your own"
    )
    cadence: Literal["normal", "eco"] = Field(
        default="normal", description="How often the hub looks; eco asks Spotify less and sees less"
    )
    played: PlayedSection = Field(
        default_factory=PlayedSection, description="When a listen counts as played, for statistics and scrobbling"
    )


class BatchSection(Section):
    """How many tracks of each tier a batch holds; top-ups keep the ratio."""

    confirmed: int = Field(default=5, ge=0, le=50, description="Proven tracks")
    safe_side: int = Field(default=4, ge=0, le=50, description="Likely tracks")
    discovery: int = Field(default=1, ge=0, le=50, description="Discoveries")

    @model_validator(mode="after")
    def _has_a_size(self) -> Self:
        if not 1 <= self.confirmed + self.safe_side + self.discovery <= 50:
            raise Expected("expected confirmed + safe_side + discovery to be 1 to 50 tracks")
        return self


class AnchorSection(Section):
    """A track that is typical of a room."""

    name: OneLine
    artist: OneLine


class PaletteSection(Section):
    """A room's light; every colour is ``"#rrggbb"``."""

    accent: Colour = Field(description="Titles, buttons and the progress bar")
    start: Colour = Field(alias="from", description="Where the backdrop begins")
    end: Colour = Field(alias="to", description="Where the backdrop ends")
    blobs: tuple[Colour, Colour, Colour] = Field(description="The three drifting lights")


class RoomSection(Section):
    """A mood as a place. In the file a name left out is made from the slug."""

    name: RoomName = Field(description="What you call it, also by voice")
    description: str = Field(default="", max_length=2_000, description="The mood in your words; mining reads this")
    anchors: tuple[AnchorSection, ...] = Field(default=(), description="Tracks that are typical of the room")
    avoid: tuple[OneLine, ...] = Field(default=(), description="What does not belong here")
    palette: PaletteSection | None = Field(default=None, description="The room's light on the page")

    def domain_room(self, slug: str) -> Room:
        """The room as the rules know it."""
        light = self.palette
        return Room(
            slug=RoomSlug(slug),
            name=self.name,
            description=self.description,
            anchors=tuple(Anchor(anchor.name, anchor.artist) for anchor in self.anchors),
            avoid=self.avoid,
            palette=Palette(light.accent, light.start, light.end, light.blobs) if light else None,
        )


def default_rooms() -> dict[str, RoomSection]:
    """The six rooms that a hub has when the configuration names none."""
    return {slug: RoomSection.model_validate(room) for slug, room in DEFAULT_ROOMS.items()}


class Settings(Section):
    """The whole configuration.

    ``plugins`` holds the plugins' sections as the file gives them, unchecked, without overrides from the environment
    and with their references unresolved (``plugin_config`` does all that). It stays out of ``repr``, because what is
    unchecked may hold secrets.
    """

    hub: HubSection = Field(default_factory=HubSection)
    database: DatabaseSection = Field(default_factory=DatabaseSection)
    web: WebSection = Field(default_factory=WebSection)
    listening: ListeningSection = Field(default_factory=ListeningSection)
    batch: BatchSection = Field(default_factory=BatchSection)
    rooms: dict[Slug, RoomSection] = Field(default_factory=default_rooms, min_length=1)
    plugins: dict[str, dict[str, Any]] = Field(default_factory=dict, repr=False)

    def listening_rules(self) -> ListeningRules:
        """The numbers of listening as the rules take them."""
        listening = self.listening
        return ListeningRules(
            skip_threshold_ms=DurationMs(listening.skip_threshold),
            completion_margin_ms=DurationMs(listening.completion_margin),
            repeat_window=listening.repeat_window,
        )

    def counting_rules(self) -> CountingRules:
        """When a listen counts as played."""
        return self.listening.played.rules()

    def recipe(self) -> BatchRecipe:
        """A batch's make-up as the rules take it."""
        return BatchRecipe(self.batch.confirmed, self.batch.safe_side, self.batch.discovery)

    def domain_rooms(self) -> dict[RoomSlug, Room]:
        """Every room as the rules know it, in the order of the configuration."""
        return {RoomSlug(slug): room.domain_room(slug) for slug, room in self.rooms.items()}

    def database_url(self, environ: Mapping[str, str] = os.environ) -> str:
        """The database's URL; holds its password, so never print it. Raises ``ConfigError`` for a broken reference."""
        if self.database.url is not None:
            return self.database.url.resolve(environ)
        return f"sqlite:///{Path(self.hub.data_dir / 'moodroom.db').as_posix()}"
