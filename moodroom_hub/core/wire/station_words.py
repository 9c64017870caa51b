"""What is known of a station in a person's words, the same on every face."""

from collections.abc import Sequence
from typing import Final

WORK: Final = {"train": "Training", "refill": "Filling the rooms' discoveries"}
LINKS: Final = {"similar": "by artists like them", "room": "from the room"}
"""What stands beside a track that did not come from the station's own model."""
MOST_NAMES: Final = 5


def work_words(what: str) -> str:
    """What the work is called."""
    return WORK.get(what, what)


def drift_words(drift: float | None, bound: float, *, is_bounded: bool) -> str:
    """``drift 12 % of at most 50 %``."""
    if drift is None:
        return "drift: not known yet"
    held = ", held back by the limit" if is_bounded else ""
    return f"drift {percent(drift)} of at most {percent(bound)}{held}"


def seed_words(seeds: Sequence[tuple[str, str]]) -> str:
    """``Drake, The Weeknd (Trophies) and 3 more``, of artists with their tracks."""
    named = [f"{artist} ({track})" if track else artist for artist, track in seeds[:MOST_NAMES]]
    more = len(seeds) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")


def votes_words(likes: int, dislikes: int) -> str:
    """``1 like, 2 dislikes``."""
    return f"{likes} like{'' if likes == 1 else 's'}, {dislikes} dislike{'' if dislikes == 1 else 's'}"


def known_words(known: int, unknown: Sequence[str]) -> str:
    """``2 of 3 artists known; not: Nobody``; empty where all are."""
    if not unknown:
        return ""
    more = len(unknown) - MOST_NAMES
    names = ", ".join(unknown[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
    return f"{known} of {known + len(unknown)} artists known; not: {names}"


def model_words(artists: int, lists: int) -> str:
    """``12,000 artists of 50,000 playlists``."""
    return f"{artists:,} artists of {lists:,} playlists"


def percent(share: float) -> str:
    """``12 %``."""
    return f"{share * 100:.0f} %"
