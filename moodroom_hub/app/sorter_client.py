"""What commands ask of the sorter, over HTTP; ``sorter_offline`` asks it straight, where no hub runs."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol
from urllib.parse import quote

Json = dict[str, Any]

LONG_S = 900.0
"""For what reads every playlist of the owner."""


class SorterClient(Protocol):
    """Answers are the HTTP API's JSON."""

    def overview(self) -> Json:
        """Every layer, and the work."""
        ...

    def job(self) -> Json:
        """Where the work stands."""
        ...

    def question(self, layer: str) -> Json:
        """What to ask next."""
        ...

    def answer(self, layer: str, uri: str, sublists: Sequence[str]) -> Json:
        """The song belongs to exactly these; gives the next question."""
        ...

    def skip(self, layer: str, uri: str) -> Json:
        """Not this one now; gives the next question."""
        ...

    def take_back(self, layer: str) -> Json:
        """Forget the last answer; gives its question again."""
        ...

    def places(self, layer: str, standing: str | None = None) -> list[Json]:
        """Where songs belong."""
        ...

    def move(self, layer: str, uri: str, sublists: Sequence[str]) -> Json:
        """Correct a song's place; gives it."""
        ...

    def preview(self, layer: str) -> Json:
        """What an apply would change."""
        ...

    def history(self, layer: str) -> list[Json]:
        """Every training, newest first."""
        ...

    def begin(self, what: str, order: Json) -> Json:
        """Begin ``train``, ``apply``, ``rollback`` or ``sync``; gives the job."""
        ...

    def cancel(self) -> Json:
        """Stop what runs."""
        ...


class HttpSorter:
    """``ask`` sends one call to the hub that runs: method, path, order, seconds to wait."""

    def __init__(self, ask: Callable[[str, str, Json | None, float], Json]) -> None:
        self._ask = ask

    def overview(self) -> Json:
        """Every layer, and the work."""
        return self._get("")

    def job(self) -> Json:
        """Where the work stands."""
        return self._get("/job")

    def question(self, layer: str) -> Json:
        """What to ask next."""
        return self._get(f"/{_segment(layer)}/question")

    def answer(self, layer: str, uri: str, sublists: Sequence[str]) -> Json:
        """The song belongs to exactly these."""
        return self._post(f"/{_segment(layer)}/answer", {"uri": uri, "sublists": list(sublists)})

    def skip(self, layer: str, uri: str) -> Json:
        """Not this one now."""
        return self._post(f"/{_segment(layer)}/skip", {"uri": uri})

    def take_back(self, layer: str) -> Json:
        """Forget the last answer."""
        return self._post(f"/{_segment(layer)}/take_back", {})

    def places(self, layer: str, standing: str | None = None) -> list[Json]:
        """Where songs belong."""
        wanted = "" if standing is None else f"?standing={_segment(standing)}"
        return list(self._get(f"/{_segment(layer)}/places{wanted}")["places"])

    def move(self, layer: str, uri: str, sublists: Sequence[str]) -> Json:
        """Correct a song's place."""
        return self._post(f"/{_segment(layer)}/move", {"uri": uri, "sublists": list(sublists)})

    def preview(self, layer: str) -> Json:
        """What an apply would change."""
        return self._get(f"/{_segment(layer)}/preview")

    def history(self, layer: str) -> list[Json]:
        """Every training, newest first."""
        return list(self._get(f"/{_segment(layer)}/history")["versions"])

    def begin(self, what: str, order: Json) -> Json:
        """Begin work."""
        return self._post(f"/{what}", order)

    def cancel(self) -> Json:
        """Stop what runs."""
        return self._post("/cancel", {})

    def _get(self, path: str) -> Json:
        return self._ask("GET", f"/api/sorter{path}", None, LONG_S)

    def _post(self, path: str, order: Json) -> Json:
        return self._ask("POST", f"/api/sorter{path}", order, LONG_S)


def _segment(text: str) -> str:
    return quote(text, safe="")
