"""Plugins that hear the house's broker: who hears what, each alone, and who may not at all."""

import logging

import pytest

from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.ports import Message
from moodroom_hub.domain.models import EpochMs
from tests.core.plugin_lab import Lab, status_by_name

HEARER = """
class Plugin(Base):
    name = "{name}"
    @hookimpl
    def register_topics(self):
        return {topics!r}
    @hookimpl
    async def on_message(self, message):
        calls.append(message.topic)
        {then}
"""


def message(topic: str) -> Message:
    """A press."""
    return Message(topic, b"single", False, EpochMs(0))


def hearer(lab: Lab, name: str, topics: object, then: str = "pass") -> None:
    """Install a plugin that wants to hear ``topics``."""
    lab.install(name, HEARER.format(name=name, topics=topics, then=then))


async def test_each_hears_what_it_asked_for_and_once(lab: Lab) -> None:
    hearer(lab, "all", ["zigbee2mqtt/#", "zigbee2mqtt/+/action"])
    hearer(lab, "one", ("zigbee2mqtt/hall/action",))
    hearer(lab, "none", [])
    registry = lab.registry()
    registry.load()
    await registry.start_all()
    for topic in ("zigbee2mqtt/hall/action", "zigbee2mqtt/bath", "other"):
        await registry.deliver(message(topic))
    await registry.stop_all()
    assert registry.topics == ("zigbee2mqtt/#", "zigbee2mqtt/+/action", "zigbee2mqtt/hall/action")
    assert lab.calls("all") == ["zigbee2mqtt/hall/action", "zigbee2mqtt/bath"]
    assert lab.calls("one") == ["zigbee2mqtt/hall/action"]
    assert lab.calls("none") == []


async def test_one_that_fails_harms_no_other_and_is_named(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    hearer(lab, "breaks", ["a"], "raise ValueError('oh')")
    hearer(lab, "hears", ["a"])
    registry = lab.registry()
    registry.load()
    await registry.start_all()
    with caplog.at_level(logging.WARNING):
        await registry.deliver(message("a"))
    await registry.stop_all()
    assert lab.calls("hears") == ["a"]
    assert "breaks" in caplog.text
    assert "on_message" in caplog.text


async def test_one_that_did_not_start_hears_nothing(lab: Lab) -> None:
    lab.install(
        "away",
        HEARER.format(name="away", topics=["a"], then="pass")
        + "    @hookimpl\n    async def start(self):\n        raise MoodroomError('not today')\n",
    )
    registry = lab.registry()
    registry.load()
    await registry.start_all()
    await registry.deliver(message("a"))
    await registry.stop_all()
    assert lab.calls("away") == []


@pytest.mark.parametrize(
    ("topics", "reason"),
    [
        (["a/#/b"], "# stands alone and last"),
        (["a", "b+"], "+ stands alone"),
        ([""], "is empty"),
        ([b"a"], "no text"),
        ([None], "no text"),
        ("a", "must give a list"),
        (None, "must give a list"),
    ],
)
def test_a_filter_that_is_none_is_refused_with_the_reason(lab: Lab, topics: object, reason: str) -> None:
    hearer(lab, "bad", topics)
    hearer(lab, "good", ["a"])
    registry = lab.registry()
    registry.load()
    status, told = status_by_name(registry)["bad"]
    assert status is PluginStatus.FAILED
    assert reason in told
    assert registry.topics == ("a",)
