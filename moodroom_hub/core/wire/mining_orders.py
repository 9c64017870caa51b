"""What the API is told of mining: strict models, and what the hub understands them as.

Here and not beside the page's other orders, because the command line gives the same orders where no hub runs.
"""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from moodroom_hub.core.miners import JobKind, MiningOrder
from moodroom_hub.core.wire.fields import clean, clean_lines
from moodroom_hub.domain.mining.models import Definition
from moodroom_hub.domain.models import Anchor, RoomSlug, Tier, Uri

Line = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(clean)]
Words = Annotated[str, Field(max_length=2_000), AfterValidator(clean_lines)]
MOST = 2_000
"""Examples or tracks that one order may name."""


class _Order(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class AnchorOrder(_Order):
    """A track that is typical of a room."""

    name: Line
    artist: Line


class DefinitionOrder(_Order):
    """A room's words."""

    description: Words = ""
    anchors: list[AnchorOrder] = Field(default_factory=list, max_length=200)
    avoid: list[Line] = Field(default_factory=list, max_length=200)

    def words(self) -> Definition:
        """As the hub knows them."""
        return Definition(
            self.description, tuple(Anchor(each.name, each.artist) for each in self.anchors), tuple(self.avoid)
        )


class ExampleOrder(_Order):
    """A track that fits the room, or does not."""

    uri: Line
    fits: bool


class MiningOrderShape(_Order):
    """``rooms``: null for all. ``miner``: null for the best that is ready. ``definition`` and ``examples``: for one
    room. ``accepted``: the owner agreed to the cost. ``held``: wait with the result until it is applied. ``all``: an
    audit also looks at what was kept before.
    """

    kind: Annotated[JobKind, Field(strict=False)] = JobKind.MINE
    rooms: list[Line] | None = None
    miner: Line | None = None
    suggestions: bool = True
    definition: DefinitionOrder | None = None
    examples: list[ExampleOrder] = Field(default_factory=list, max_length=MOST)
    accepted: bool = False
    held: bool = False
    all: bool = False

    def order(self) -> MiningOrder:
        """As the mining desk takes it."""
        return MiningOrder(
            kind=self.kind,
            rooms=None if self.rooms is None else tuple(RoomSlug(slug) for slug in self.rooms),
            miner=self.miner,
            suggestions=self.suggestions,
            definition=None if self.definition is None else self.definition.words(),
            examples=tuple((Uri(each.uri), each.fits) for each in self.examples),
            is_accepted=self.accepted,
            is_held=self.held,
            is_thorough=self.all,
        )


class ApplyOrder(_Order):
    """``definition``: the room's new words, into the configuration. ``drop``: tracks to take out of the room."""

    definition: DefinitionOrder | None = None
    drop: list[Line] = Field(default_factory=list, max_length=MOST)


class MoveOrder(_Order):
    """One track of the room, or a liked one, into a tier by hand; ``why`` is one line for the receipt."""

    uri: Line
    tier: Annotated[Tier, Field(strict=False)]
    why: Annotated[str, Field(max_length=300), AfterValidator(clean)] = ""


class KeepOrder(_Order):
    """Tracks that belong in the room, whatever an audit thinks of them."""

    uris: list[Line] = Field(max_length=MOST)
