"""A look that a command of the hub's own crossed says nothing: neither one begun before it nor one inside it."""

from pathlib import Path

from moodroom_hub.domain.models import HOME
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.hub_lab import make_lab, running


def test_a_look_is_crossed_by_a_command_before_its_end_or_under_way_at_its_start(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running(make_lab(), tmp_path) as lab:
            zone = lab.hub.zones[HOME]
            begun_before = zone.crossing()
            assert not begun_before()
            with zone.commanding(look_after_ms=500):
                begun_inside = zone.crossing()
                assert begun_before()
                assert begun_inside()
            begun_after = zone.crossing()
            assert begun_before()
            assert begun_inside()
            assert not begun_after()

    run_virtual(scenario)
