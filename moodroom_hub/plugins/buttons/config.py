"""The section ``plugins.buttons`` of the configuration: which press does what."""

from dataclasses import dataclass
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from moodroom_hub.core.actions import ROOM_DEEDS, TIMED_DEEDS, Deed
from moodroom_hub.core.config.fields import Duration, OneLine, at_most
from moodroom_hub.core.config.models import PluginConfig, Section
from moodroom_hub.core.config.problems import Expected, closest, did_you_mean, printable
from moodroom_hub.core.topics import filter_problem
from moodroom_hub.plugins.buttons.matching import NoPath, Path, parse_path, scalar_text
from moodroom_hub.plugins.buttons.presets import PRESETS, PresetName
from moodroom_hub.plugins.buttons.vocabulary import base_gesture

DEBOUNCE_MS: Final = 300


def _topic(text: str) -> str:
    problem = filter_problem(text)
    if problem is not None:
        raise Expected(f"expected a topic, or a filter with + and #: this one {_verb(problem)}")
    if text.startswith("#"):
        raise Expected("expected a topic of a button; # alone is everything that the house says")
    return text


def _verb(problem: str) -> str:
    return problem if problem.startswith(("is ", "holds ")) else f"is none ({problem})"


def _path(text: str) -> str:
    try:
        parse_path(text)
    except NoPath as error:
        raise Expected(str(error)) from None
    return text


def _values(given: Any) -> Any:
    """One value or several, each as the text that a payload is held against."""
    several = given if isinstance(given, list | tuple) else (given,)
    texts = tuple(scalar_text(each) for each in several)
    if any(text is None for text in texts):
        raise Expected("expected what the button says, such as single (an empty message never presses)")
    return texts


def _action(given: Any) -> Any:
    return {"action": given} if isinstance(given, str) else given


@dataclass(frozen=True, slots=True)
class Wish:
    """What a press does, as the configuration words it."""

    action: Deed
    room: str | None
    zone: str | None
    for_ms: int | None


class ActionSection(Section):
    """What a press does."""

    action: Deed = Field(description="What a press does")
    room: OneLine | None = Field(default=None, description="Which room; activate and toggle need one")
    zone: OneLine | None = Field(default=None, description="Where; null: the first zone")
    for_: Annotated[Duration, AfterValidator(at_most("30d"))] | None = Field(
        default=None, alias="for", description="How long learning_on or learning_off lasts; null: for good"
    )

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        wrong = [*_lacks(self.action, self.room), *_has_too_much(self.action, self.room, self.for_)]
        if wrong:
            raise Expected("; ".join(wrong))
        return self


class MappingSection(Section):
    """One button, or one device with several."""

    topic: Annotated[str, AfterValidator(_topic)] = Field(
        description="The topic that the button speaks on (+ and # work); with a preset the device's topic is enough"
    )
    preset: PresetName | None = Field(default=None, description="A device that is known by name")
    actions: dict[str, Annotated[ActionSection, BeforeValidator(_action)]] = Field(
        default_factory=dict, description="With a preset: gesture -> what it does"
    )
    path: Annotated[str, AfterValidator(_path)] | None = Field(
        default=None, description="Where the value stands in JSON, such as params.events[0].event; null: no JSON"
    )
    value: Annotated[tuple[str, ...], BeforeValidator(_values)] = Field(
        default=(), description="Without a preset: what the button says, one value or a list of them"
    )
    action: Deed | None = Field(default=None, description="Without a preset: what a press does")
    room: OneLine | None = Field(default=None, description="Which room; activate and toggle need one")
    zone: OneLine | None = Field(default=None, description="Where; null: the first zone")
    for_: Annotated[Duration, AfterValidator(at_most("30d"))] | None = Field(
        default=None, alias="for", description="How long learning_on or learning_off lasts; null: for good"
    )
    debounce: Annotated[Duration, AfterValidator(at_most("1m"))] = Field(
        default=DEBOUNCE_MS, description="A press of the same kind within this of one that counted is no other"
    )

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        wrong = list(_wrong_with_preset(self) if self.preset is not None else _wrong_with_value(self))
        if wrong:
            raise Expected("; ".join(wrong))
        return self

    @property
    def steps(self) -> Path | None:
        """``path``, taken apart."""
        return None if self.path is None else parse_path(self.path)

    @property
    def wishes(self) -> dict[str, Wish]:
        """What each gesture does; without a preset under the one key ``""``."""
        if self.action is not None:
            return {"": Wish(self.action, self.room, self.zone, self.for_)}
        return {gesture: Wish(each.action, each.room, each.zone, each.for_) for gesture, each in self.actions.items()}


class ButtonsConfig(PluginConfig):
    """Which press does what."""

    mappings: tuple[MappingSection, ...] = Field(
        default=(), max_length=500, description="One for each button; moodroom-hub buttons learn writes them"
    )


def _lacks(deed: Deed, room: str | None) -> list[str]:
    return [f"expected a room: {deed} needs one"] if deed in ROOM_DEEDS and room is None else []


def _has_too_much(deed: Deed, room: str | None, for_ms: int | None) -> list[str]:
    wrong = []
    if room is not None and deed not in ROOM_DEEDS:
        wrong.append(f"expected no room: {deed} takes none")
    if for_ms is not None and deed not in TIMED_DEEDS:
        wrong.append(f"expected no for: {deed} does not last")
    if for_ms == 0:
        wrong.append("expected for to be longer than nothing")
    return wrong


def _wrong_with_value(mapping: MappingSection) -> list[str]:
    wrong = []
    if mapping.actions:
        wrong.append("expected a preset beside actions (or value and action in their place)")
    elif mapping.action is None:
        wrong.append("expected an action, or a preset and its actions")
    if not mapping.value and not mapping.actions:
        wrong.append("expected a value: what the button says when it is pressed")
    if mapping.action is not None:
        wrong += _lacks(mapping.action, mapping.room)
        wrong += _has_too_much(mapping.action, mapping.room, mapping.for_)
    return wrong


def _wrong_with_preset(mapping: MappingSection) -> list[str]:
    assert mapping.preset is not None
    preset = PRESETS[mapping.preset]
    alien = {
        "value": bool(mapping.value),
        "path": mapping.path is not None,
        "action": mapping.action is not None,
        "room": mapping.room is not None,
        "zone": mapping.zone is not None,
        "for": mapping.for_ is not None,
    }
    given = [key for key, is_given in alien.items() if is_given]
    wrong = [f"expected no {key} beside a preset: it stands under actions" for key in given]
    if mapping.topic.endswith("#") and any(way.suffix for way in preset.ways):
        wrong.append("expected the device's topic: a preset looks below it, so it cannot end with #")
    if not mapping.actions:
        wrong.append("expected actions: what each gesture does")
    for gesture in mapping.actions:
        if base_gesture(preset, gesture) is None:
            known = ", ".join(preset.gestures)
            meant = did_you_mean(closest(gesture, preset.gestures))
            hint = f", {meant}" if meant else ";"
            wrong.append(f"actions.{printable(gesture)}: {mapping.preset} has no such gesture{hint} known: {known}")
    return wrong
