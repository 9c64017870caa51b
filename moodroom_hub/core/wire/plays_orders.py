"""What the API is told of plays: strict models, for the page and for the command line where no hub runs."""

import re
import unicodedata
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from moodroom_hub.core.wire.fields import clean
from moodroom_hub.domain.plays.models import Edit

LARGEST_ID: Final = 2**63 - 1
MOST_IDS: Final = 1_000
_TURNS_TEXT: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""They change the direction of what stands around them."""
_LOOKS_EMPTY: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs by their class, but nothing is drawn."""


def _said(given: str) -> str:
    if not any(map(_is_seen, given)):
        raise ValueError("expected more than blanks")
    if _TURNS_TEXT.search(given):
        raise ValueError("signs that turn the direction of text are not allowed")
    return clean(given.strip())


def _is_seen(sign: str) -> bool:
    """Whether it shows by itself: a joiner or a variation selector within a name is fine, alone it is no name."""
    return unicodedata.category(sign)[0] in "LNPS" and sign not in _LOOKS_EMPTY


Name = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_said)]
Target = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(clean)]
PlayId = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class _Order(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class RetryOrder(_Order):
    """``ids``: these plays, also where they were left out by hand; none: every one whose delivery is dead.

    ``target``: to this service only.
    """

    ids: list[PlayId] = Field(default_factory=list, max_length=MOST_IDS)
    target: Target | None = None


class EditOrder(_Order):
    """What to correct before the play is sent; at least one of the names. ``target``: for this service only."""

    name: Name | None = None
    artist: Name | None = None
    album: Name | None = None
    target: Target | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.name is None and self.artist is None and self.album is None:
            raise ValueError("say what to correct: name, artist or album")
        return self

    def edit(self) -> Edit:
        """As the hub knows it."""
        return Edit(self.name, self.artist, self.album)


class LeaveOutOrder(_Order):
    """``target``: for this service only."""

    target: Target | None = None
