"""What the API is told of the sorter: strict models.

Here and not beside the page's other orders, because the command line gives the same orders where no hub runs.
"""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from moodroom_hub.core.wire.fields import clean
from moodroom_hub.domain.sorting.models import LayerKey, SublistKey

Name = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(clean)]
MOST_SUBLISTS = 100


class _Order(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True, defer_build=True)


class PlaceOrder(_Order):
    """The song belongs to exactly these sublists (none: to no sublist)."""

    uri: Name
    sublists: list[Name] = Field(max_length=MOST_SUBLISTS)

    def keys(self) -> list[SublistKey]:
        """The sublists, each once."""
        return [SublistKey(each) for each in dict.fromkeys(self.sublists)]


class SongOrder(_Order):
    """One song."""

    uri: Name


class WorkOrder(_Order):
    """``layer``: null for all. ``force``: take back also where the owner changed a playlist since."""

    layer: Name | None = None
    force: bool = False

    def key(self) -> LayerKey | None:
        """The layer, or all."""
        return None if self.layer is None else LayerKey(self.layer)
