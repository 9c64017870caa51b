"""What becomes of zones that join another one, and of music that goes on in another zone. Pure."""

from dataclasses import replace

from moodroom_hub.domain.ledger import Ledger
from moodroom_hub.domain.models import ZoneName
from moodroom_hub.domain.playback import PlaybackState
from moodroom_hub.domain.plays.joining import both
from moodroom_hub.domain.session import LEDGER_KEPT, Session


def stepped_aside(session: Session, *, is_queue_gone: bool) -> Session:
    """The session of a zone that plays along with another one: no room, nothing under way, nothing to come.

    Its listen must have ended before. What it learned of how tracks end here stays.
    """
    ledger = session.ledger.leave_room(is_queue_gone=is_queue_gone).off_the_air()
    return replace(
        session,
        active_room=None,
        is_yielding=False,
        playback=PlaybackState(early_ends_ms=session.playback.early_ends_ms),
        ledger=ledger,
        entry_id=None,
        our_context=None,
    )


def moved(session: Session, there: Session, to: ZoneName) -> Session:
    """The session of the zone ``to`` once the music of ``session`` goes on there.

    ``there`` is what was in ``to``; it is over and its queue gone, but what was drawn there stays in the ledger, and
    what was listened to there may still go on. The running activation gets a number that neither zone used.
    """
    activation = max(session.activation, there.activation) + 1
    over = stepped_aside(there, is_queue_gone=True).ledger
    goes_on = session.ledger.as_of(to, session.activation, activation)
    ledger = Ledger(over.entries).put(goes_on.entries).trimmed(LEDGER_KEPT)
    heard = replace(session.tally, former=both(session.tally.former, there.tally.former))
    return replace(session, activation=activation, ledger=ledger, tally=heard)


def is_aside(session: Session) -> bool:
    """Whether there is nothing to end in a zone that plays along with another one."""
    is_silent = session.playback.listening is None and not session.playback.is_lost
    return session.active_room is None and is_silent and not session.ledger.drawn(session.activation)
