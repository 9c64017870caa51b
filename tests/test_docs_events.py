"""``docs/events.md`` says what the events say of themselves."""

import dataclasses

from moodroom_hub.core import events
from moodroom_hub.core.events import EVENT_TYPES, Event
from tests.docs_of_events import PAGE, render


def test_the_page_is_what_the_events_say() -> None:
    told = PAGE.read_text(encoding="utf-8")
    assert told == render(), "docs/events.md is out of date: run python -m tests.docs_of_events"


def test_every_event_is_listed_under_its_own_name() -> None:
    kinds = {
        kind
        for kind in vars(events).values()
        if isinstance(kind, type) and issubclass(kind, Event) and kind is not Event
    }
    assert set(EVENT_TYPES.values()) == kinds
    for wire_name, kind in EVENT_TYPES.items():
        assert wire_name == kind.wire_name
        assert wire_name.isupper()


def test_events_are_frozen_and_take_their_fields_by_name() -> None:
    for kind in EVENT_TYPES.values():
        assert kind.__dataclass_params__.frozen, kind  # type: ignore[attr-defined]  # dataclasses have it
        assert all(field.kw_only for field in dataclasses.fields(kind)), kind
