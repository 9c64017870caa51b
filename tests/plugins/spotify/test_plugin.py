"""The plugin as the hub meets it: hooks, ports, status, and an end that leaves nothing behind."""

from pathlib import Path
from typing import Any

import pluggy
import pytest

from moodroom_hub.core.config.models import Settings
from moodroom_hub.core.context import Role
from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.hookspecs import PROJECT, Hooks
from moodroom_hub.core.ports import CheckLevel
from moodroom_hub.core.registry.inspection import check_hooks, plugin_class
from moodroom_hub.domain.models import HOME
from moodroom_hub.plugins import spotify
from tests.plugins.spotify.lab import Lab, lab, virtual


def make(spot: Lab, **config: Any) -> tuple[spotify.Plugin, list[Any]]:
    """A plugin with the lab's sessions, as a foreign program would give it its own; and the statuses that it tells."""

    class LabPlugin(spotify.Plugin):
        session_factory = staticmethod(spot.session)

    statuses: list[Any] = []
    return LabPlugin(spot.context(Settings(), statuses, **config)), statuses


@virtual
async def test_its_hooks_are_sound(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        plugin, _ = make(spot)
        manager = pluggy.PluginManager(PROJECT)
        manager.add_hookspecs(Hooks)
        assert plugin_class(spotify, "spotify").__module__ == spotify.__name__
        check_hooks(manager, plugin, "spotify")
        manager.register(plugin)
        manager.check_pending()
        assert plugin.role is Role.SOURCE


@virtual
async def test_one_zone_and_one_account(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        plugin, statuses = make(spot, queue_ahead=4)
        (zone,) = plugin.register_zones()
        (account,) = plugin.register_accounts()
        assert (zone.zone, zone.queue_ahead, account.name) == (HOME, 4, "Spotify")
        await plugin.start()
        await zone.source.look()
        assert statuses == []
        assert {check.level for check in await plugin.check()} == {CheckLevel.OK}
        await plugin.stop()
        await plugin.stop()
        with pytest.raises(Trouble):  # whoever still asks is told, not torn
            await zone.source.look()


@virtual
async def test_it_says_that_it_needs_a_login_and_when_it_no_longer_does(tmp_path: Path) -> None:
    async with lab(tmp_path, is_logged_in=False) as spot:
        plugin, statuses = make(spot)
        (account,) = plugin.register_accounts()
        await plugin.start()
        assert [status for status, _ in statuses] == [PluginStatus.NEEDS_LOGIN]
        address = await account.begin_login()
        spot.fake.codes["code-1"] = ""
        state = address.rpartition("state=")[2]
        await account.finish_login(f"?code=code-1&state={state}")
        await account.logout()
        assert [status for status, _ in statuses] == [
            PluginStatus.NEEDS_LOGIN,
            PluginStatus.RUNNING,
            PluginStatus.NEEDS_LOGIN,
        ]
        await plugin.stop()


@virtual
async def test_without_a_client_id_it_says_where_to_get_one(tmp_path: Path) -> None:
    async with lab(tmp_path, is_logged_in=False) as spot:
        plugin, statuses = make(spot, client_id=None)
        plugin.register_zones()
        await plugin.start()
        ((status, reason),) = statuses
        assert (status, "developer.spotify.com/dashboard" in reason) == (PluginStatus.NEEDS_LOGIN, True)
        await plugin.stop()


@virtual
async def test_a_plugin_that_was_never_started_can_be_stopped(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        plugin, _ = make(spot)
        await plugin.stop()
