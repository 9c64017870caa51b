"""Moments as a person reads them: in the machine's own time zone."""

from datetime import UTC, date, datetime


def local(at_ms: int) -> datetime:
    """The moment in the machine's time zone."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone()


def local_day(at_ms: int) -> str:
    """``2026-11-21``."""
    return local(at_ms).date().isoformat()


def local_minute(at_ms: int) -> str:
    """``2026-11-21 09:48``."""
    return local(at_ms).strftime("%Y-%m-%d %H:%M")


def clock_time(at_ms: int) -> str:
    """``09:48``."""
    return local(at_ms).strftime("%H:%M")


def day_words(day: date) -> str:
    """``Sat 21 Nov``."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


# Not strftime: the page speaks English, whatever the machine speaks.
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def full_day(day: date) -> str:
    """``Sat 21 Nov 2026``."""
    return f"{day_words(day)} {day.year}"
