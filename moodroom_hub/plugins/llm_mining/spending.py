"""What a run has taken so far: calls, tokens, money."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from moodroom_hub.core.miners import OnProgress
from moodroom_hub.domain.mining.models import MiningProgress
from moodroom_hub.plugins.llm_mining.envelopes import Completion

BYTES_PER_TOKEN: Final = 3.5
"""Of prompts and answers as UTF-8; models differ by a fifth."""

Prices = tuple[float, float]
"""US dollars per million tokens: sent, answered."""


def tokens_of(text: str) -> int:
    """About so many tokens."""
    return round(len(text.encode("utf-8", "replace")) / BYTES_PER_TOKEN)


def cost_of(tokens_in: int, tokens_out: int, prices: Prices | None) -> float | None:
    """US dollars; ``None`` where no price is known."""
    return None if prices is None else (tokens_in * prices[0] + tokens_out * prices[1]) / 1e6


def _nothing() -> None:
    """Before anybody wants to know."""


@dataclass(slots=True)
class Spent:
    """The sum. ``cost_usd`` is ``None`` where no price is known; ``unclear`` calls broke off and may be charged too."""

    prices: Prices | None = None
    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    unclear: int = 0
    on_change: Callable[[], None] = _nothing
    _cost_usd: float = 0.0
    _is_cost_known: bool = True

    @property
    def cost_usd(self) -> float | None:
        """What was spent, as far as it is known."""
        if self.calls == 0:
            return None if self.prices is None else 0.0
        return self._cost_usd if self._is_cost_known else None

    def called(self, asked: str, completion: Completion | None) -> None:
        """A call was answered. Without the endpoint's own count the texts are measured."""
        usage = None if completion is None else completion.usage
        tokens_in = tokens_of(asked) if usage is None or usage.tokens_in is None else usage.tokens_in
        said = "" if completion is None else completion.text
        tokens_out = tokens_of(said) if usage is None or usage.tokens_out is None else usage.tokens_out
        self.calls += 1
        self.tokens_in += tokens_in
        self.tokens_out += tokens_out
        told = None if usage is None else usage.cost_usd
        cost = cost_of(tokens_in, tokens_out, self.prices) if told is None else told
        if cost is None:
            self._is_cost_known = False
        else:
            self._cost_usd += cost
        self.on_change()

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of it."""
        if not self.unclear:
            return ()
        calls = "1 call" if self.unclear == 1 else f"{self.unclear} calls"
        return (f"{calls} broke off and had to be asked again; the endpoint may have charged for them as well",)


@dataclass(slots=True)
class Progress:
    """Tells how far a run is, after every call and every judgement."""

    spent: Spent
    on_progress: OnProgress
    total: int
    unit: str = "tracks"
    done: int = field(default=0)

    def advance(self, by: int = 1) -> None:
        """So many more are done."""
        self.done = min(self.total, self.done + by)
        self.tell()

    def tell(self) -> None:
        """Say how far it is."""
        spent = self.spent
        self.on_progress(
            MiningProgress(
                self.done, self.total, self.unit, spent.calls, spent.tokens_in, spent.tokens_out, spent.cost_usd
            )
        )
