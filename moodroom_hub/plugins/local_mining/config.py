"""The section ``plugins.local_mining`` of the configuration."""

from pydantic import Field, model_validator

from moodroom_hub.core.config import PluginConfig


class LocalMiningConfig(PluginConfig):
    """How sure is sure enough."""

    min_confidence: float = Field(
        default=0.6, ge=0.05, le=1, allow_inf_nan=False, description="Below this confidence a track is not placed"
    )
    sure_confidence: float = Field(
        default=0.8,
        ge=0.05,
        le=1,
        allow_inf_nan=False,
        description="From this confidence on a track is CONFIRMED, below it SAFE_SIDE",
    )
    misfit_confidence: float = Field(
        default=0.8,
        ge=0.05,
        le=1,
        allow_inf_nan=False,
        description="An audit flags what does not fit with at least this confidence",
    )

    @model_validator(mode="after")
    def _in_order(self) -> "LocalMiningConfig":
        if self.sure_confidence < self.min_confidence:
            raise ValueError("expected sure_confidence to be at least min_confidence")
        return self
