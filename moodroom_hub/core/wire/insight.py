"""What the API says of the last days: models, and how they are made."""

from typing import Annotated

from pydantic import Field

from moodroom_hub.core.wire.shapes import Answer
from moodroom_hub.domain.insight.week import Insight, RoomWeek

Date = Annotated[str, Field(json_schema_extra={"format": "date"})]
"""A day of the machine's own time zone, ``2026-11-21``."""


class TaughtShape(Answer):
    """What listening changed on one day in one room: tracks that went up, down, and out. Undone ones are left out."""

    date: Date
    up: int
    down: int
    removed: int


class RoomWeekShape(Answer):
    """One room. ``listens``: those that the listener, or the end of the song, ended; ``completed``, ``skips`` of them.

    ``discoveries_settled``: discoveries on which listening decided, ``discoveries_stayed``: still in the room.
    """

    room: str
    listens: int
    completed: int
    skips: int
    discoveries_settled: int
    discoveries_stayed: int
    taught: list[TaughtShape]


class InsightAnswer(Answer):
    """The last days, today included. ``uncertain``: listens that the hub ended, or of which nobody knows the end."""

    first_day: Date
    last_day: Date
    listens: int
    completed: int
    skipped: int
    uncertain: int
    rooms: list[RoomWeekShape]


def answer(given: Insight) -> InsightAnswer:
    """The insight."""
    return InsightAnswer(
        first_day=given.days[0].date.isoformat(),
        last_day=given.days[-1].date.isoformat(),
        listens=given.listens,
        completed=given.completed,
        skipped=given.skipped,
        uncertain=given.uncertain,
        rooms=[_room(week) for week in given.rooms],
    )


def _room(week: RoomWeek) -> RoomWeekShape:
    return RoomWeekShape(
        room=week.room,
        listens=week.listens,
        completed=week.completed,
        skips=week.skips,
        discoveries_settled=week.discoveries_settled,
        discoveries_stayed=week.discoveries_stayed,
        taught=[
            TaughtShape(date=each.day.date.isoformat(), up=each.up, down=each.down, removed=each.removed)
            for each in week.taught
        ],
    )
