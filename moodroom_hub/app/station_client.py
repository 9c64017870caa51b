"""What commands ask of stations, over HTTP; ``station_offline`` asks the radio straight, where no hub runs."""

from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import quote

Json = dict[str, Any]

LONG_S = 120.0
"""For what may look up artists and tracks on Spotify."""


class StationsClient(Protocol):
    """Answers are the HTTP API's JSON."""

    def overview(self) -> list[Json]:
        """Every station."""
        ...

    def station(self, key: str) -> Json:
        """A station, what it would play now and why, and its votes."""
        ...

    def new(self, order: Json) -> Json:
        """Make one; gives it."""
        ...

    def change(self, key: str, what: str, order: Json) -> Json:
        """``tune``, ``vote``, ``take_back``, ``clear`` or ``rename`` it; gives it as it is then."""
        ...

    def remove(self, key: str) -> None:
        """Forget it."""
        ...

    def play(self, key: str, zone: str | None) -> Json:
        """Play it."""
        ...

    def card(self, key: str, form: str) -> str:
        """The file's text, exactly."""
        ...

    def import_card(self, order: Json) -> Json:
        """Make a station of a file's text."""
        ...

    def begin(self, what: str, order: Json) -> Json:
        """Begin ``train`` or ``refill``; gives the job."""
        ...

    def job(self) -> Json:
        """Where the work stands."""
        ...

    def cancel(self) -> Json:
        """Stop what runs."""
        ...


class HttpStations:
    """``ask`` sends one call to the hub that runs: method, path, order, seconds to wait; gives the answer's bytes.
    ``read`` makes JSON of them, of one kind."""

    def __init__(
        self, ask: Callable[[str, str, Json | None, float], bytes], read: Callable[[bytes, type[Any]], Any]
    ) -> None:
        self._ask = ask
        self._read = read

    def overview(self) -> list[Json]:
        """Every station."""
        return list(self._read(self._ask("GET", "/api/stations", None, LONG_S), list))

    def station(self, key: str) -> Json:
        """A station, what it would play now and why, and its votes."""
        return self._json("GET", f"/{_segment(key)}")

    def new(self, order: Json) -> Json:
        """Make one."""
        return dict(self._json("POST", "", order)["station"])

    def change(self, key: str, what: str, order: Json) -> Json:
        """Change it."""
        return dict(self._json("POST", f"/{_segment(key)}/{what}", order)["station"])

    def remove(self, key: str) -> None:
        """Forget it."""
        self._json("POST", f"/{_segment(key)}/remove", {})

    def play(self, key: str, zone: str | None) -> Json:
        """Play it."""
        return self._json("POST", f"/{_segment(key)}/play", {} if zone is None else {"zone": zone})

    def card(self, key: str, form: str) -> str:
        """The file's text, exactly."""
        path = f"/api/stations/{_segment(key)}/card?form={_segment(form)}"
        return self._ask("GET", path, None, LONG_S).decode("utf-8")

    def import_card(self, order: Json) -> Json:
        """Make a station of a file's text."""
        return self._json("POST", "/import", order)

    def begin(self, what: str, order: Json) -> Json:
        """Begin work."""
        return self._json("POST", f"/{what}", order)

    def job(self) -> Json:
        """Where the work stands."""
        return self._json("GET", "/job")

    def cancel(self) -> Json:
        """Stop what runs."""
        return self._json("POST", "/cancel", {})

    def _json(self, method: str, path: str, order: Json | None = None) -> Json:
        return dict(self._read(self._ask(method, f"/api/stations{path}", order, LONG_S), dict))


def _segment(text: str) -> str:
    return quote(text, safe="")
