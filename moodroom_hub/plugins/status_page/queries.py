"""What the address of a page may ask for; anything else is refused with a line that says what was expected."""

import re
from enum import StrEnum
from typing import Final, TypeVar
from urllib.parse import urlencode

from aiohttp import web

from moodroom_hub.core.wire.fields import UNSAFE
from moodroom_hub.domain.models import ReceiptKind, RoomSlug
from moodroom_hub.domain.searching import ReceiptSearch
from moodroom_hub.plugins.status_page.bodies import LARGEST_ID, query_value, whole_number
from moodroom_hub.plugins.status_page.deps import Deps
from moodroom_hub.plugins.status_page.problems import bad_request

LONGEST_SEARCH: Final = 200
MOST_PAGES: Final = 100_000
_CURSOR: Final = re.compile("-?[0-9]{1,19}")
_OWN_PAGE: Final = re.compile(
    r"/(?:receipts|history|plays|statistics|welcome|quiet|rooms/[A-Za-z0-9%._~-]{1,200}"
    r"|stations(?:/[A-Za-z0-9%._~-]{1,200})?"
    r"|sorter(?:/[A-Za-z0-9%._~-]{1,200}(?:/(?:review|preview))?)?)?(?:\?[A-Za-z0-9%._~=&+*-]{0,3000})?(?:#[A-Za-z0-9_-]{1,60})?"
)
ChoiceT = TypeVar("ChoiceT", bound=StrEnum)


def search_text(request: web.Request) -> str:
    """What was typed (``q``). Raises ``ApiError``."""
    given = query_value(request, "q") or ""
    if len(given) > LONGEST_SEARCH or UNSAFE.search(given):
        raise bad_request(f"q: expected at most {LONGEST_SEARCH} characters, and none that cannot be seen")
    return given.strip()


def choice(request: web.Request, name: str, kind: type[ChoiceT]) -> ChoiceT | None:
    """One of the names of ``kind``; nothing, or an empty value, stands for all. Raises ``ApiError``."""
    given = query_value(request, name)
    if not given:
        return None
    try:
        return kind(given)
    except ValueError:
        raise bad_request(f"{name}: expected one of {', '.join(kind)}") from None


def room_choice(request: web.Request, deps: Deps) -> RoomSlug | None:
    """A room of this hub; nothing, or an empty value, stands for all. Raises ``ApiError`` (400)."""
    given = query_value(request, "room")
    if not given:
        return None
    if RoomSlug(given) not in deps.hub.rooms:
        raise bad_request("room: there is no such room; take one of the list")
    return RoomSlug(given)


def switch(request: web.Request, name: str) -> bool:
    """``1`` or ``true``, as a ticked box sends it. Raises ``ApiError``."""
    given = query_value(request, name)
    if given in (None, "", "0", "false"):
        return False
    if given in ("1", "true"):
        return True
    raise bad_request(f"{name}: expected true or false")


def receipt_search(request: web.Request, deps: Deps) -> ReceiptSearch:
    """What the address asks for. Raises ``ApiError``."""
    return ReceiptSearch(
        search_text(request),
        room_choice(request, deps),
        choice(request, "kind", ReceiptKind),
        switch(request, "undoable"),
    )


def cursor(request: web.Request) -> int | None:
    """``before``: where the last page ended; listens of the past have ids below 0. Raises ``ApiError``."""
    given = query_value(request, "before")
    if given is None:
        return None
    if not _CURSOR.fullmatch(given) or abs(int(given)) > LARGEST_ID:
        raise bad_request("before: expected the number of the last page's end")
    return int(given)


def page_number(request: web.Request) -> int:
    """``page``, from 1. Raises ``ApiError``."""
    given = query_value(request, "page")
    return 1 if given is None else whole_number(given, least=1, most=MOST_PAGES, name="page")


def address(path: str, **values: object) -> str:
    """``path`` with the values that say something."""
    told = {
        name: "1" if value is True else str(value) for name, value in values.items() if value not in (None, "", False)
    }
    return f"{path}?{urlencode(told)}" if told else path


def own_page(given: str | None, fallback: str = "/") -> str:
    """``given`` where it is the address of one of the hub's own pages, else ``fallback``: no form leads elsewhere."""
    return given if given is not None and _OWN_PAGE.fullmatch(given) else fallback
