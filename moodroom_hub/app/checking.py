"""``moodroom-hub check``: everything that a hub needs, looked at one by one; none of it hides the next."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from enum import IntEnum
from functools import partial
from pathlib import Path

import click

from moodroom_hub.app.client import NoAnswer
from moodroom_hub.app.machine import check_database, check_disk
from moodroom_hub.app.offline import opened
from moodroom_hub.app.output import say, show_json
from moodroom_hub.app.reach import http_client
from moodroom_hub.app.refusing import refusals
from moodroom_hub.app.shared import Shared
from moodroom_hub.app.text import sentence
from moodroom_hub.core.config import (
    ConfigError,
    DatabaseSection,
    LoadedConfig,
    SecretText,
    Settings,
    json_schema,
    plugin_config,
    print_config,
    unknown_plugins,
)
from moodroom_hub.core.errors import MoodroomError
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.hub import Hub
from moodroom_hub.core.lock import RunningHub, running
from moodroom_hub.core.ports import Check, CheckLevel
from moodroom_hub.core.registry.loading import is_switched_off

CONFIGURATION = "configuration"
MARKS = {
    CheckLevel.OK: "ok     ",
    CheckLevel.WARNING: "warning",
    CheckLevel.FAILED: "FAILED ",
    CheckLevel.SKIPPED: "skipped",
}


class Outcome(IntEnum):
    """What looking gave, as an exit code. ``REFUSED``: no hub starts with this configuration."""

    FINE = 0
    FAILED = 1
    REFUSED = 2


def check_everything(shared: Shared, *, as_json: bool) -> Outcome:
    """Look and tell."""
    checks = []
    for check in everything(shared):
        checks.append(check)
        if not as_json:
            mend = f" Mend: {sentence(check.mend)}" if check.mend else ""
            say(f"{MARKS[check.level]}  {check.name}: {sentence(check.message)}{mend}")
    failed = [check for check in checks if check.level is CheckLevel.FAILED]
    if as_json:
        show_json({"ok": not failed, "checks": [asdict(check) for check in checks]})
    if any(check.name == CONFIGURATION for check in failed):
        return Outcome.REFUSED
    return Outcome.FAILED if failed else Outcome.FINE


def show_config(shared: Shared) -> None:
    """The effective configuration, secrets masked."""
    loaded = shared.config()
    click.echo(print_config(loaded, asyncio.run(_plugin_models(loaded))), nl=False)


def show_schema() -> None:
    """The JSON Schema of the configuration, with the plugins that are installed here."""
    loaded = LoadedConfig(Settings(), None)
    click.echo(json.dumps(json_schema(asyncio.run(_plugin_models(loaded))), indent=2))


def everything(shared: Shared) -> Iterator[Check]:
    """Every check, as soon as it is done."""
    try:
        loaded = shared.config()
    except ConfigError as error:
        for problem in error.problems:
            yield Check(CONFIGURATION, CheckLevel.FAILED, str(problem))
        yield Check("everything else", CheckLevel.SKIPPED, "not looked at before the configuration is mended")
        return
    where = str(loaded.path) if loaded.path else "no file: defaults and environment"
    problems = refusals(loaded)
    data_dir = loaded.settings.hub.data_dir
    hub = running(data_dir)
    # A hub that runs has what was in the file when it began, and says nothing of what is there now.
    of_sections = asyncio.run(_check_sections(loaded)) if hub is not None else []
    for problem in problems:
        yield Check(CONFIGURATION, CheckLevel.FAILED, str(problem))
    if not problems and all(check.level is not CheckLevel.FAILED for check in of_sections):
        yield Check(CONFIGURATION, CheckLevel.OK, where)
    yield from of_sections
    if hub is not None and _is_newer(loaded, hub):
        message = f"{where} was changed: the running hub still has the older configuration"
        yield Check(CONFIGURATION, CheckLevel.WARNING, message, "restart it")
    yield check_disk(data_dir)
    if hub is None:
        if any(problem.key.startswith("database.") for problem in problems):
            yield Check("database", CheckLevel.SKIPPED, "not looked at before its address is mended")
        else:
            yield check_database(loaded)
        told = "\n".join(map(str, problems))
        yield from (check for check in asyncio.run(_check_plugins(loaded)) if not _is_told(check, told))
    else:
        yield from _ask_running(loaded, hub)


def _is_told(check: Check, told: str) -> bool:
    """Whether a plugin complains of what was told as the configuration's fault already."""
    return check.level is CheckLevel.FAILED and check.message in told


def _is_newer(loaded: LoadedConfig, hub: RunningHub) -> bool:
    """Whether the file was written after the hub began."""
    if loaded.path is None or hub.since_s is None:
        return False
    try:
        return loaded.path.stat().st_mtime > hub.since_s
    except OSError:
        return False


async def _check_sections(loaded: LoadedConfig) -> list[Check]:
    """What is wrong with the sections of plugins. It keeps no hub from starting, hence a name of its own."""
    try:
        async with _throw_away(loaded) as hub:
            names, models = hub.registry.names(), hub.registry.plugin_models()
    except (MoodroomError, OSError) as error:
        return [Check("plugins", CheckLevel.FAILED, str(error))]
    checks = [Check(CONFIGURATION, CheckLevel.WARNING, str(problem)) for problem in unknown_plugins(loaded, names)]
    for name, model in models.items():
        if is_switched_off(loaded.settings.plugins, partial(plugin_config, loaded), name):
            continue
        try:
            plugin_config(loaded, name, model)
        except ConfigError as error:
            checks += [Check(f"{CONFIGURATION} of {name}", CheckLevel.FAILED, str(each)) for each in error.problems]
    return checks


def _ask_running(loaded: LoadedConfig, hub: RunningHub) -> Iterator[Check]:
    try:
        client = http_client(loaded, hub)
        health, plugins = client.health(), client.plugins()
    except MoodroomError as error:
        mend = "look into its log; restart it" if isinstance(error, NoAnswer) else ""
        yield Check("hub", CheckLevel.FAILED, f"runs (pid {hub.pid}), but: {error}", mend)
        return
    yield Check("hub", CheckLevel.OK, f"runs (pid {hub.pid}) and answers at {client.url}")
    for told in health:
        yield Check(told["name"], CheckLevel(told["level"]), told["message"], told["mend"])
    for told in plugins:
        yield _plugin_check(told["name"], PluginStatus(told["status"]), told["reason"])


async def _check_plugins(loaded: LoadedConfig) -> list[Check]:
    """Load every plugin and ask each."""
    try:
        async with _throw_away(loaded) as hub:
            return await _ask_plugins(loaded, hub)
    except (MoodroomError, OSError) as error:
        return [Check("plugins", CheckLevel.FAILED, str(error))]


async def _ask_plugins(loaded: LoadedConfig, hub: Hub) -> list[Check]:
    unknown = unknown_plugins(loaded, hub.registry.names())
    checks = [Check(CONFIGURATION, CheckLevel.WARNING, str(problem)) for problem in unknown]
    outcomes = await hub.registry.dispatcher.call("check")
    for view in hub.registry.views():
        if view.status in (PluginStatus.DISABLED, PluginStatus.FAILED):
            checks.append(_plugin_check(view.name, view.status, view.reason))
            continue
        told: list[Check] = []
        for outcome in outcomes:
            if outcome.plugin != view.name:
                continue
            if outcome.error is not None:
                told.append(Check(view.name, CheckLevel.FAILED, f"could not be looked at: {outcome.error}"))
            else:
                told += list(outcome.value or ())
        checks += told or [Check(view.name, CheckLevel.OK, "loads")]
    return checks


def _plugin_check(name: str, status: PluginStatus, reason: str) -> Check:
    if status is PluginStatus.DISABLED and "switched off" in reason:
        return Check(name, CheckLevel.SKIPPED, reason)
    level = {
        PluginStatus.RUNNING: CheckLevel.OK,
        PluginStatus.WAITING: CheckLevel.WARNING,
        PluginStatus.NEEDS_LOGIN: CheckLevel.FAILED,
    }.get(status, CheckLevel.FAILED)
    return Check(name, level, f"{status}: {reason}" if reason else str(status))


async def _plugin_models(loaded: LoadedConfig) -> dict[str, type]:
    async with _throw_away(loaded) as hub:
        return dict(hub.registry.plugin_models())


@asynccontextmanager
async def _throw_away(loaded: LoadedConfig) -> AsyncIterator[Hub]:
    """The hub's parts on a throw-away database: the real one may be what is broken."""
    with tempfile.TemporaryDirectory(prefix="moodroom-check-") as folder:
        url = SecretText(f"sqlite:///{Path(folder) / 'check.db'}")
        settings = loaded.settings.model_copy(update={"database": DatabaseSection(url=url)})
        async with opened(replace(loaded, settings=settings), is_reading=True) as hub:
            yield hub
