"""What an endpoint is: method, path, scopes, group, and the function that answers."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from moodroom_hub.simulator.faults import FaultPlan, FaultRule
from moodroom_hub.simulator.spotify_api.answers import Answer, ApiError
from moodroom_hub.simulator.spotify_api.shapes import Shapes
from moodroom_hub.simulator.world import World

_MARKET = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class Habits:
    """Things in which real devices and days differ.

    ``pads_queue``: a short queue comes back repeated. ``private_shows``: what a private session lets one see.
    ``local_is_bad_request``: a playing local file makes ``GET /me/player`` answer 400. ``null_rate``: share of
    ``null`` entries in search results and lists of albums.
    """

    pads_queue: bool = True
    private_shows: str = "item"
    local_is_bad_request: bool = False
    null_rate: float = 0.0


@dataclass(frozen=True, slots=True)
class Call:
    """One authorised request."""

    world: World
    shapes: Shapes
    faults: FaultPlan
    habits: Habits
    rng: Random
    now_ms: int
    query: Mapping[str, str]
    body: bytes
    scopes: frozenset[str]
    ids: Mapping[str, str] = field(default_factory=dict)
    fault: FaultRule | None = None

    @property
    def market(self) -> str | None:
        """The ``market`` parameter, wherever an endpoint takes one."""
        return self.query.get("market")

    def check_market(self) -> None:
        """Raises ``ApiError`` 400 where a market is given that cannot be one."""
        if self.market is not None and self.market != "from_token" and not _MARKET.fullmatch(self.market):
            raise ApiError(400, "Invalid market code")

    def number(self, name: str, default: int, lowest: int, highest: int) -> int:
        """An integer parameter. Raises ``ApiError`` 400 where it is no number or out of bounds."""
        return self.required_number(name, lowest, highest) if name in self.query else default

    def required_number(self, name: str, lowest: int, highest: int) -> int:
        """The same, where it must be given."""
        if name not in self.query:
            raise ApiError(400, f"Missing required parameter: {name}")
        given = self.query[name]
        if not re.fullmatch(r"-?\d{1,13}", given) or not lowest <= int(given) <= highest:
            raise ApiError(400, f"Invalid {name}")
        return int(given)

    def flag(self, name: str) -> bool:
        """A required boolean parameter."""
        given = self.query.get(name)
        if given not in ("true", "false"):
            raise ApiError(400, f"Invalid {name}" if given else f"Missing required parameter: {name}")
        return given == "true"

    def json_body(self) -> Any:
        """The body; ``None`` where it is empty. Raises ``ApiError`` 400."""
        if not self.body.strip():
            return None
        try:
            return json.loads(self.body)
        except ValueError:
            raise ApiError(400, "Malformed json") from None

    def json_object(self) -> dict[str, Any]:
        """The body as an object; empty where there is none."""
        body = self.json_body()
        if body is None:
            return {}
        if not isinstance(body, dict):
            raise ApiError(400, "Error parsing JSON.")
        return body


Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """``template`` holds ``{id}`` for a base62 id. ``scopes`` must all be granted."""

    method: str
    template: str
    group: str
    handler: Handler
    scopes: tuple[str, ...] = ()

    @property
    def endpoint(self) -> str:
        """The name that faults and logs use."""
        return f"{self.method} {self.template}"


class RouteTable:
    """Finds the route of a request."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = [(route, _pattern(route.template)) for route in routes]

    def find(self, method: str, path: str) -> tuple[Route, Mapping[str, str]] | None:
        """The route and the ids in the path."""
        for route, pattern in self._routes:
            if route.method == method and (found := pattern.fullmatch(path)):
                return route, found.groupdict()
        return None


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.escape(template).replace(r"\{id\}", r"(?P<id>[^/]+)"))
