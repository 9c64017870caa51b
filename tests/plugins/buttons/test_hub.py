"""Through a whole hub: a press on the wall is music in the room."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

from moodroom_hub.core.config import load_config
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.hub import Hub
from moodroom_hub.core.ports import Message
from moodroom_hub.domain.models import Tier
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.hub_lab import HOUSE, NIGHT, POLICIES, Lab, fill, make_lab

MAPPINGS = """
plugins:
  buttons:
    mappings:
      - {topic: z/desk/action, value: single, action: toggle, room: late-night, debounce: 0}
      - {topic: z/desk/action, value: double, action: activate, room: House, debounce: 0}
      - preset: hue_dimmer
        topic: z/dim
        debounce: 0
        actions: {on: next_room, off: off, up: next, down: never_again, off_hold: {action: learning_off, for: 1h}}
"""


@asynccontextmanager
async def hub_with_buttons(
    lab: Lab, folder: Path, settings: str = MAPPINGS, more: tuple[str, ...] = ()
) -> AsyncIterator[Lab]:
    """The lab's hub with the buttons on its wall, its pools filled."""
    path = folder / "config.yaml"
    path.write_text(f"hub: {{data_dir: {folder / 'data'}}}\n{settings}", encoding="utf-8")
    builtins = (*POLICIES, "moodroom_hub.plugins.buttons", *more, "tests.core.hub_lab")
    loaded = load_config(path, {})
    async with Hub(loaded, clock=lab.clock, rng=Random(1), builtins=builtins, with_foreign=False) as hub:
        lab.hub = hub
        for slug in (NIGHT, HOUSE):
            await fill(hub, slug)
        yield lab


async def say(lab: Lab, topic: str, payload: str, *, is_retained: bool = False) -> None:
    """The broker's plugin hands a message on."""
    message = Message(topic, payload.encode(), is_retained, lab.clock.now_ms())
    await lab.hub.registry.deliver(message)


def test_presses_play_rooms(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with hub_with_buttons(lab, tmp_path):
            assert set(lab.hub.registry.topics) == {"z/desk/action", "z/dim", "z/dim/action"}
            commands = lab.hub.commands
            await say(lab, "z/desk/action", "single", is_retained=True)
            await asyncio.sleep(30)
            assert commands.wanted_room() is None
            for press, active in (("single", NIGHT), ("single", None), ("double", HOUSE)):
                await say(lab, "z/desk/action", press)
                await asyncio.sleep(30)
                assert (await commands.state()).active_room == active
            for word, active in (("on_press", NIGHT), ("on_press", HOUSE), ("off_press_release", None)):
                await say(lab, "z/dim", f'{{"action":"{word}"}}')
                await say(lab, "z/dim/action", word)
                await asyncio.sleep(30)
                assert (await commands.state()).active_room == active, word
            await say(lab, "z/dim/action", "off_hold")
            await asyncio.sleep(5)
            assert not (await commands.state()).is_learning
            await asyncio.sleep(3_600)
            assert (await commands.state()).is_learning
            view = next(view for view in lab.hub.registry.views() if view.name == "buttons")
            assert view.status is PluginStatus.RUNNING
            assert view.reason.startswith("3 mappings; last press: learning_off (mappings[2], ")

    run_virtual(scenario)


def test_a_skip_and_never_again_from_the_wall(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with hub_with_buttons(lab, tmp_path):
            await say(lab, "z/desk/action", "single")
            await asyncio.sleep(60)
            first = lab.world.view().item
            await say(lab, "z/dim/action", "up_press")
            await asyncio.sleep(60)
            second = lab.world.view().item
            assert first is not None
            assert second is not None
            assert second.uri != first.uri
            await say(lab, "z/dim/action", "down_press")
            await asyncio.sleep(60)
            third = lab.world.view().item
            assert third is not None
            assert third.uri not in (first.uri, second.uri)
            receipts = await lab.hub.commands.receipts()
            assert [
                view.receipt.after and view.receipt.after.tier
                for view in receipts
                if view.receipt.track.uri == second.uri
            ] == [Tier.REMOVED]

    run_virtual(scenario)


def test_of_a_thousand_presses_the_last_one_counts(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        lab.play_takes_s = 0.3
        async with hub_with_buttons(lab, tmp_path):
            for number in range(999):
                await say(lab, "z/desk/action", "single" if number % 2 else "double")
            await say(lab, "z/desk/action", "double")
            await asyncio.sleep(60)
            state = await lab.hub.commands.state()
            assert state.active_room == HOUSE
            item = lab.world.view().item
            assert item is not None
            assert item.name.startswith("house")
            assert len(lab.played) <= 3, "rooms that nobody wanted any more were begun"
            assert len(lab.told("ROOM_ACTIVATED")) == len(lab.played)

    run_virtual(scenario)


def test_an_empty_room_is_told_as_the_reason(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        settings = "plugins: {buttons: {mappings: [{topic: a, value: x, action: toggle, room: rage}]}}"
        async with hub_with_buttons(lab, tmp_path, settings):
            await say(lab, "a", "x")
            await asyncio.sleep(20)
            view = next(view for view in lab.hub.registry.views() if view.name == "buttons")
            assert "came to nothing: The room Rage has no track" in view.reason

    run_virtual(scenario)
