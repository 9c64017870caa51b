"""Days as a person counts them: from midnight to midnight of a time zone, also on days of 23 or 25 hours."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from moodroom_hub.domain.models import EpochMs


@dataclass(frozen=True, slots=True)
class Day:
    """One day: it begins at ``start_ms`` and is over at ``end_ms``."""

    date: date
    start_ms: EpochMs
    end_ms: EpochMs


def day_of(at_ms: int, zone: tzinfo) -> date:
    """The day on which that moment falls."""
    return datetime.fromtimestamp(at_ms / 1000, zone).date()


def last_days(now_ms: int, count: int, zone: tzinfo) -> list[Day]:
    """The last ``count`` days, oldest first; the last one is today."""
    today = day_of(now_ms, zone)
    dates = [today - timedelta(days=ago) for ago in range(count, -2, -1)]
    starts = [_midnight(each, zone) for each in dates]
    return [Day(dates[at], starts[at], starts[at + 1]) for at in range(1, count + 1)]


def _midnight(day: date, zone: tzinfo) -> EpochMs:
    return EpochMs(round(datetime.combine(day, time(), zone).timestamp() * 1000))
