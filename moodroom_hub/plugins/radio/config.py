"""The section ``plugins.radio`` of the configuration."""

from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field

from moodroom_hub.core.config.fields import LowerCase
from moodroom_hub.core.config.models import PluginConfig
from moodroom_hub.core.config.problems import Expected

LONGEST_TEXT: Final = 100


def _beginning(given: Any) -> Any:
    """Blanks at its end are part of it; a beginning of blanks alone would take every playlist."""
    if isinstance(given, str) and given.strip() and len(given) <= LONGEST_TEXT and given.isprintable():
        return given.lstrip()
    raise Expected(f'expected the beginning of playlists\' names, such as "radio: ", {LONGEST_TEXT} characters at most')


def _signature(given: Any) -> Any:
    if isinstance(given, str) and len(given) <= LONGEST_TEXT and given.isprintable():
        return given.strip()
    raise Expected(f"expected a name on one line, {LONGEST_TEXT} characters at most, or nothing")


class RadioConfig(PluginConfig):
    """Where stations come from, and what they may ask for."""

    model: Path | None = Field(
        default=None, description="The model that stations are played from. null: radio/model.radio in the data folder"
    )
    folders: tuple[Path, ...] = Field(
        default=(), max_length=32, description="Folders of playlists that are learnt from, besides your own lists"
    )
    learn_at_night: bool = Field(
        default=True, description="Whether the model learns your new lists at night, where there is one"
    )
    prefix: Annotated[str, BeforeValidator(_beginning)] = Field(
        default="radio: ", description="A playlist whose name begins so is a station; its artists are the seeds"
    )
    likes_rule: Annotated[Literal["skip", "share"], LowerCase] = Field(
        default="skip", description="New stations: skip (a skip is a dislike) or share (less than 80 % heard is one)"
    )
    max_drift: float = Field(
        default=0.5, ge=0, le=1, description="New stations: how far likes may lead from the seeds, 0 to 1"
    )
    discoveries: int = Field(
        default=20, ge=0, le=200, description="A room's DISCOVERY is refilled up to so many at night. 0: never"
    )
    safe_side: bool = Field(
        default=False, description="Whether SAFE_SIDE is refilled as well, by artists whom the room has confirmed"
    )
    searches_a_night: int = Field(
        default=60, ge=0, le=2_000, description="Requests that the refilling of rooms may cost in a night"
    )
    searches_an_hour: int = Field(
        default=120, ge=0, le=2_000, description="Requests that looking for stations' tracks may cost in an hour"
    )
    sign_as: Annotated[str, BeforeValidator(_signature)] = Field(
        default="", description="Your name on the cards of stations that you share. Empty: none"
    )
    serve: bool = Field(default=True, description="Whether other players may ask this hub what comes next on a station")


def model_path(config: RadioConfig, data_dir: Path) -> Path:
    """Where the model lies, or would."""
    return config.model or data_dir / "radio" / "model.radio"
