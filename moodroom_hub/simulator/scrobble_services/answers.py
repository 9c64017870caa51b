"""What the make-believe services share: what they hold, how they answer and fail, what clients did wrong."""

import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

LEAST_AGENT: Final = 5
_BAD_AGENTS: Final = ("python", "aiohttp", "mozilla", "curl")


@dataclass(frozen=True, slots=True)
class Heard:
    """One play that the service holds."""

    at_s: int
    artist: str
    title: str
    album: str = ""
    duration_s: int | None = None
    is_chosen: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back. ``is_cut``: the connection breaks instead."""

    status: int
    content: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    is_cut: bool = False

    @property
    def body(self) -> bytes:
        """JSON, or the bytes as they are."""
        return self.content if isinstance(self.content, bytes) else json.dumps(self.content).encode()


class FaultKind(StrEnum):
    """How a request goes wrong. ``*_AFTER``: only once it was carried out."""

    ERROR_BEFORE = "error_before"
    ERROR_AFTER = "error_after"
    CUT_BEFORE = "cut_before"
    CUT_AFTER = "cut_after"
    HANG_AFTER = "hang_after"
    TOO_MANY = "too_many"
    NO_JSON = "no_json"


@dataclass(frozen=True, slots=True)
class Fault:
    """The next ``times`` requests go wrong in this way. ``wait_s``: what ``TOO_MANY`` asks for."""

    kind: FaultKind
    times: int = 1
    wait_s: int = 30


class Service:
    """Base of the services. ``faults`` are used up from the left; while ``is_down`` nobody answers at all.

    ``held`` is what was accepted, each once; ``broken`` are the rules that a client broke: a test asserts that it is
    empty. ``now_s`` is the service's own clock.
    """

    def __init__(self, now_s: Callable[[], float]) -> None:
        self.now_s = now_s
        self.is_down = False
        self.faults: deque[Fault] = deque()
        self.held: list[Heard] = []
        self.now_playing: list[Heard] = []
        self.broken: list[str] = []
        self.requests: list[str] = []
        self.doubles = 0
        self.last_refusal_s: float | None = None

    def next_fault(self) -> Fault | None:
        """The fault of this request, if any."""
        if not self.faults:
            return None
        fault = self.faults.popleft()
        if fault.times > 1:
            self.faults.appendleft(Fault(fault.kind, fault.times - 1, fault.wait_s))
        return fault

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Carry a request out. Header names are in lower case."""
        raise NotImplementedError

    def breach(self, what: str) -> None:
        """Hold something against the client."""
        self.broken.append(what)

    def check_agent(self, headers: Mapping[str, str]) -> None:
        """Services ask for a name that says who is calling."""
        agent = headers.get("user-agent", "")
        if len(agent) < LEAST_AGENT or agent.lower().startswith(_BAD_AGENTS):
            self.breach(f"a user agent that says nothing: {agent!r}")

    def hold(self, key: tuple[Any, ...], heard: Heard, keys: set[tuple[Any, ...]]) -> None:
        """Accept a play; the second of a kind is taken for the first."""
        if key in keys:
            self.doubles += 1
            return
        keys.add(key)
        self.held.append(heard)

    def refused_login(self) -> None:
        """A client that knows that its key is bad must leave the service alone for a good while."""
        now_s = self.now_s()
        if self.last_refusal_s is not None and now_s - self.last_refusal_s < 3_500:
            self.breach(f"a refused key again after {now_s - self.last_refusal_s:.0f} s")
        self.last_refusal_s = now_s
