"""What a person may change of a delivery: send it again, correct it, leave it out."""

from dataclasses import replace

from moodroom_hub.domain.models import EpochMs, Track
from moodroom_hub.domain.plays.models import Delivery, DeliveryStatus, Edit

BY_HAND = "left out by hand"

_OPEN = (DeliveryStatus.WAITING, DeliveryStatus.DEAD)


def retried(delivery: Delivery, now_ms: EpochMs, *, is_named: bool = False) -> Delivery | None:
    """A dead delivery waits again, as if it had never been tried; ``None`` for any other.

    ``is_named``: a person asks for just this play, so what a person left out of it is taken up again as well.
    """
    is_taken_up = is_named and delivery.status is DeliveryStatus.LEFT_OUT and delivery.reason == BY_HAND
    return _anew(delivery, now_ms) if delivery.status is DeliveryStatus.DEAD or is_taken_up else None


def edited(delivery: Delivery, track: Track, edit: Edit, now_ms: EpochMs) -> Delivery | None:
    """With the correction upon earlier ones, and waiting; ``None`` where it is sent, on its way, or left out.

    One that waits already keeps its turn: a service may have asked for that time. What was left out because the track
    has no artist is taken up again once it is given one.
    """
    was_nameless = delivery.status is DeliveryStatus.LEFT_OUT and not track.artists and delivery.reason != BY_HAND
    if delivery.status not in _OPEN and not (was_nameless and edit.artist):
        return None
    before = delivery.edit or Edit()
    merged = Edit(
        name=before.name if edit.name is None else edit.name,
        artist=before.artist if edit.artist is None else edit.artist,
        album=before.album if edit.album is None else edit.album,
    )
    is_waiting = delivery.status is DeliveryStatus.WAITING
    return replace(delivery if is_waiting else _anew(delivery, now_ms), edit=merged)


def left_out(delivery: Delivery, now_ms: EpochMs) -> Delivery | None:
    """Not to be sent, until a person takes it up again; ``None`` where it was sent, is on its way, or is out."""
    if delivery.status not in _OPEN:
        return None
    return replace(delivery, status=DeliveryStatus.LEFT_OUT, at_ms=now_ms, next_try_ms=EpochMs(0), reason=BY_HAND)


def _anew(delivery: Delivery, now_ms: EpochMs) -> Delivery:
    return replace(delivery, status=DeliveryStatus.WAITING, at_ms=now_ms, tries=0, next_try_ms=EpochMs(0), reason="")
