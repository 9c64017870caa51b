"""The listener's past, as the API is told it and tells of it."""

from collections.abc import Sequence
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from moodroom_hub.core.face import PastImport, Warming
from moodroom_hub.core.wire import shapes, views
from moodroom_hub.domain.models import Receipt
from moodroom_hub.domain.past.plays import LATEST_MS, LONGEST_REASON, LONGEST_TEXT, PastPlay, clean_reason, play_of
from moodroom_hub.domain.past.rows import LONGEST_PLAY_MS, Row, RowKind

MOST_PLAYS: Final = 10_000


def _reason(given: str) -> str:
    if clean_reason(given) is None:
        raise ValueError("expected one of the service's words, such as trackdone or fwdbtn")
    return given


Reason = Annotated[str, Field(max_length=LONGEST_REASON), AfterValidator(_reason)]


class PastPlayOrder(BaseModel):
    """One play of music. ``ended_at_ms``: milliseconds since 1970, to the minute where ``is_minute``.

    ``uri`` is null, ``album`` empty and a reason null where the export does not tell.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    ended_at_ms: int = Field(ge=0, le=LATEST_MS)
    heard_ms: int = Field(ge=0, le=LONGEST_PLAY_MS)
    name: str = Field(min_length=1, max_length=LONGEST_TEXT)
    artist: str = Field(max_length=LONGEST_TEXT)
    album: str = Field(default="", max_length=LONGEST_TEXT)
    uri: str | None = Field(default=None, max_length=100)
    reason_start: Reason | None = None
    reason_end: Reason | None = None
    is_skipped: bool | None = None
    is_minute: bool = False

    def play(self, now_ms: int) -> PastPlay:
        """Cleaned as a row of the export would be. Raises ``ValueError`` for times that cannot be."""
        row = Row(
            kind=RowKind.TRACK,
            ended_ms=self.ended_at_ms,
            ms_played=self.heard_ms,
            name=self.name,
            artist=self.artist,
            album=self.album,
            uri=self.uri,
            reason_start=self.reason_start,
            reason_end=self.reason_end,
            skipped=self.is_skipped,
            is_minute=self.is_minute,
        )
        return play_of(row, now_ms)


class PastOrder(BaseModel):
    """``plays``: some thousands at once; those that are known already change nothing."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    plays: list[PastPlayOrder] = Field(max_length=MOST_PLAYS)


class PastImportAnswer(shapes.Answer):
    """``enriched``: of the ``known`` plays those that a richer row has replaced."""

    new: int
    known: int
    enriched: int


class WarmAnswer(shapes.Answer):
    """``group``: the receipts' common name, for undoing all at once; null where nothing was changed."""

    group: str | None
    receipts: list[shapes.ReceiptShape]


class GroupUndoAnswer(shapes.Answer):
    """The receipts of the undo itself; they are a ``group`` of their own."""

    receipts: list[shapes.ReceiptShape]


def imported(given: PastImport) -> PastImportAnswer:
    """What became of the plays."""
    return PastImportAnswer(new=given.new, known=given.known, enriched=given.enriched)


def warmed(given: Warming) -> WarmAnswer:
    """What the past changed."""
    return WarmAnswer(group=given.group, receipts=_receipts(given.receipts))


def undone(given: Sequence[Receipt]) -> GroupUndoAnswer:
    """What an undo of a group did."""
    return GroupUndoAnswer(receipts=_receipts(given))


def _receipts(given: Sequence[Receipt]) -> list[shapes.ReceiptShape]:
    return [views.receipt(each, None) for each in given]
