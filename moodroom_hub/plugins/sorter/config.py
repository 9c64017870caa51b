"""The section ``plugins.sorter`` of the configuration: which lists are kept in order, and how."""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from moodroom_hub.core.config.fields import LowerCase, OneLine, Slug
from moodroom_hub.core.config.models import PluginConfig, Section
from moodroom_hub.core.config.problems import Expected
from moodroom_hub.domain.models import Room, RoomSlug

if TYPE_CHECKING:
    from moodroom_hub.domain.sorting.models import Layer

MOST_LAYERS: Final = 32
MOST_SUBLISTS: Final = 64
GOAL: Final = 0.8
BALANCED: Final = 0.5
WISHES: Final = {"careful": 0.0, "balanced": BALANCED, "eager": 1.0}
_SLUG: Final = r"[a-z0-9]+(?:-[a-z0-9]+)*"
MOTHERLIST: Final = re.compile(
    rf"(?P<liked>liked)|playlist:\s*(?P<playlist>\S.*)|(?P<layer>{_SLUG})/(?P<sublist>{_SLUG})"
)


def _motherlist(given: Any) -> str:
    """``liked``, ``playlist: NAME`` or ``LAYER/SUBLIST``; a mapping with the one key ``playlist`` is the second."""
    if isinstance(given, Mapping) and list(given) == ["playlist"]:
        given = f"playlist: {given['playlist']}"
    text = given.strip() if isinstance(given, str) else ""
    if len(text) > 200 or not text.isprintable() or MOTHERLIST.fullmatch(text) is None:
        raise Expected('expected liked, "playlist: NAME", or a sublist of another layer as LAYER/SUBLIST')
    return text


def _eagerness(given: Any) -> float:
    if isinstance(given, str) and given.strip().lower() in WISHES:
        return WISHES[given.strip().lower()]
    try:
        wish = math.nan if isinstance(given, bool) else float(given)
    except (TypeError, ValueError):
        wish = math.nan
    if not 0 <= wish <= 1:
        raise Expected(f"expected {', '.join(WISHES)}, or a number from 0 (careful) to 1 (eager)")
    return wish


class SublistSection(Section):
    """A target list."""

    name: OneLine | None = Field(default=None, description="What you call it. null: made from its key")
    playlist: OneLine | None = Field(default=None, description="The playlist that it is kept in. null: the name")


Sublists = Annotated[
    Annotated[Literal["rooms"], LowerCase, Tag("[rooms]")]
    | Annotated[
        dict[Slug, SublistSection],
        Field(min_length=1, max_length=MOST_SUBLISTS),
        Tag("[named]"),
    ],
    Discriminator(lambda given: "[rooms]" if isinstance(given, str) else "[named]"),
]


class LayerSection(Section):
    """One independent set of sublists."""

    name: OneLine | None = Field(default=None, description="What you call it. null: made from its key")
    motherlist: Annotated[str, BeforeValidator(_motherlist)] = Field(
        default="liked",
        description='What is sorted: liked, "playlist: NAME", or LAYER/SUBLIST of another layer',
        json_schema_extra={"type": ["string", "object"]},
    )
    mutual: bool = Field(default=True, description="true: a song lies in one sublist. false: in as many as fit")
    complete: bool = Field(default=False, description="true: every song lies in some sublist. false: the rest in none")
    wish: Annotated[float, BeforeValidator(_eagerness)] = Field(
        default=BALANCED,
        description="careful, balanced, eager, or a number from 0 (careful) to 1 (eager)",
        json_schema_extra={"type": ["number", "string"]},
    )
    sublists: Sublists = Field(description="By key: name and playlist. Or: rooms, one sublist for each room")

    @model_validator(mode="after")
    def _has_a_choice(self) -> Self:
        if self.mutual and self.complete and not isinstance(self.sublists, str) and len(self.sublists) < 2:
            raise Expected("expected 2 sublists or more: mutual and complete, with one there is nothing to decide")
        return self


class SorterConfig(PluginConfig):
    """Which lists are kept in order."""

    layers: dict[Slug, LayerSection] = Field(
        default_factory=dict, max_length=MOST_LAYERS, description="The sets of sublists, each by its key"
    )
    goal: float = Field(
        default=GOAL, ge=0.5, le=0.99, description="Expected accuracy at which a layer counts as taught; 0.8 is 80 %"
    )
    retrain: Annotated[Literal["daily", "weekly", "never"], LowerCase] = Field(
        default="daily", description="How often a layer with new labels is learnt anew, at night"
    )
    audio_features: Path | None = Field(
        default=None, description="A CSV file of your own with audio features by uri. null: none"
    )
    auto_apply: bool = Field(
        default=True, description="Whether a sync writes sure new songs into playlists that you applied once"
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if not self.layers:
            return self
        from moodroom_hub.plugins.sorter.layering import misfits  # late: most hubs sort nothing

        if wrong := misfits(self):
            # No Expected: these repeat names out of the section, which the configuration holds against its secrets.
            raise ValueError("; ".join(wrong))
        return self


def layers_of(config: SorterConfig, rooms: Mapping[RoomSlug, Room]) -> "tuple[Layer, ...]":
    """The layers in the order of the configuration; the sublists ``rooms`` are these rooms.

    A motherlist may name a room that there is not: ``domain.sorting.layers.composed`` tells.
    """
    from moodroom_hub.plugins.sorter.layering import layers  # late: most hubs sort nothing

    return layers(config, rooms)
