"""The section ``plugins.llm_mining`` of the configuration."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from moodroom_hub.core.config import Duration, PluginConfig, SecretText
from moodroom_hub.plugins.llm_mining.places import is_at_home


def _service(url: str) -> str:
    parts = urlsplit(url)
    try:
        is_fit = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_fit = False
    if not is_fit or not url.isprintable() or " " in url or parts.query or parts.fragment:
        raise ValueError("expected an address such as https://openrouter.ai/api/v1")
    if parts.username is not None or parts.password is not None:
        raise ValueError("expected an address without a user in it: put the key into plugins.llm_mining.api_key")
    return url.rstrip("/").removesuffix("/chat/completions")


def _name(text: str) -> str:
    text = text.strip()
    if not text or len(text) > 200 or not text.isprintable():
        raise ValueError("expected a model's name as the endpoint lists it, such as qwen3:8b")
    return text


def _timeout(ms: int) -> int:
    if not 100 <= ms <= 3_600_000:
        raise ValueError("expected a duration between 100ms and 1h")
    return ms


class LlmMiningConfig(PluginConfig):
    """Which model, where, and how much it is asked at once."""

    base_url: Annotated[str, AfterValidator(_service)] = Field(
        default="https://openrouter.ai/api/v1",
        description="An OpenAI-compatible endpoint (OpenRouter, Ollama, llama.cpp, vLLM ...), up to its /v1",
    )
    model: Annotated[str, AfterValidator(_name)] | None = Field(
        default=None, description="The model, as the endpoint lists it. null: the plugin asks nobody"
    )
    api_key: SecretText | None = Field(
        default=None, description="The key, best as env:NAME or file:PATH; null for a server that wants none"
    )
    batch_size: int = Field(default=50, ge=1, le=200, description="How many tracks one call asks about")
    in_flight: int = Field(default=4, ge=1, le=16, description="How many calls may be under way at once")
    min_confidence: float = Field(
        default=0.6, ge=0, le=1, allow_inf_nan=False, description="Below this confidence a track is not placed"
    )
    price_in: float | None = Field(
        default=None,
        ge=0,
        allow_inf_nan=False,
        description="US dollars per million tokens sent. null: what the endpoint tells, where it does",
    )
    price_out: float | None = Field(
        default=None, ge=0, allow_inf_nan=False, description="US dollars per million tokens answered; as price_in"
    )
    timeout: Annotated[Duration, AfterValidator(_timeout)] = Field(
        default=120_000, description="How long one call may take"
    )
    max_tokens_out: int | None = Field(
        default=16_000, ge=256, description="How long one answer may get, in tokens. null: as long as the model likes"
    )

    @model_validator(mode="after")
    def _both_prices(self) -> "LlmMiningConfig":
        if (self.price_in is None) != (self.price_out is None):
            raise ValueError("expected price_in and price_out together, or neither")
        return self

    @model_validator(mode="after")
    def _key_in_private(self) -> "LlmMiningConfig":
        if self.api_key is not None and self.base_url.startswith("http:") and not is_at_home(self.base_url):
            raise ValueError("expected https:// in base_url: over http:// anybody on the way could read the api_key")
        return self
