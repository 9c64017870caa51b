"""Makes a plugin out of a candidate. Whatever goes wrong on the way stays that plugin's own affair."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pluggy
from pydantic import ConfigDict

from moodroom_hub.core.config import ConfigError, PluginConfig
from moodroom_hub.core.context import Plugin, PluginContext
from moodroom_hub.core.errors import MoodroomError
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.miners import Miner
from moodroom_hub.core.ports import Account, ZonePorts
from moodroom_hub.core.reasons import one_line, reason_of
from moodroom_hub.core.registry.board import Record
from moodroom_hub.core.registry.inspection import Refused, check_hooks, plugin_class
from moodroom_hub.core.topics import filter_problem

if TYPE_CHECKING:
    from moodroom_hub.core.sorting import Sorter
    from moodroom_hub.core.stations import Radio

_log = logging.getLogger(__name__)

LONGEST_CONFIG_REASON = 1_000

ReadSection = Callable[[str, type[PluginConfig]], PluginConfig]
"""``functools.partial(plugin_config, loaded)``: a plugin's section, checked. Raises ``ConfigError``."""

MakeContext = Callable[[str, PluginConfig], PluginContext[Any]]


@dataclass(frozen=True, slots=True)
class Given:
    """What one plugin registered."""

    zones: tuple[ZonePorts, ...] = ()
    accounts: tuple[Account, ...] = ()
    plugin: str = ""
    topics: tuple[str, ...] = ()
    miners: tuple[Miner, ...] = ()
    sorters: "tuple[Sorter, ...]" = ()
    radios: "tuple[Radio, ...]" = ()


class _Switch(PluginConfig):
    """The one key of a section that is read before anything of the plugin is imported."""

    model_config = ConfigDict(extra="ignore")


def is_switched_off(sections: Mapping[str, Any], read_section: ReadSection, name: str) -> bool:
    """Whether the configuration says ``enabled: false`` so clearly that the plugin need not even be imported."""
    section = sections.get(name)
    if isinstance(section, Mapping) and section.get("enabled") is False:
        return True
    try:
        return not read_section(name, _Switch).enabled
    except ConfigError:
        return False  # the plugin's own model shall say what is wrong


class Loader:
    """Loads plugins into one plugin manager."""

    def __init__(
        self,
        plugin_manager: pluggy.PluginManager,
        sections: Mapping[str, Any],
        read_section: ReadSection,
        make_context: MakeContext,
    ) -> None:
        self._plugin_manager = plugin_manager
        self._sections = sections
        self._read_section = read_section
        self._make_context = make_context

    def load(self, record: Record, earlier: Sequence[Given]) -> Given:
        """Bring ``record`` as far as it goes: registered with the plugin manager, or with the reason why not.

        Gives what the plugin registered; ``earlier`` is what those before it did.
        """
        candidate = record.candidate
        try:
            if candidate.is_name_taken:
                raise Refused(f"another plugin is called {candidate.name!r} already")
            if is_switched_off(self._sections, self._read_section, candidate.name):
                return _put_aside(record, PluginStatus.DISABLED, "switched off in the configuration")
            cls = plugin_class(candidate.find(), candidate.name)
            record.config_model = cls.Config
            config = self._config(candidate.name, cls)
            if not config.enabled:
                return _put_aside(record, PluginStatus.DISABLED, "switched off in the configuration")
            plugin = cls(self._make_context(candidate.name, config))
            check_hooks(self._plugin_manager, plugin, candidate.name)
            given = self._register(plugin, candidate.name, earlier)
        except ConfigError as error:
            reason = one_line("; ".join(str(problem) for problem in error.problems), LONGEST_CONFIG_REASON)
            _log.warning("%s is switched off: %s", record.label, reason)
            return _put_aside(record, PluginStatus.DISABLED, reason)
        except MoodroomError as error:
            _log.error("%s cannot be used: %s", record.label, reason_of(error))
            return _put_aside(record, PluginStatus.FAILED, reason_of(error))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 -- isolation: a plugin's SystemExit must not end the hub
            _log.error("%s cannot be loaded: %s", record.label, reason_of(error), exc_info=error)
            return _put_aside(record, PluginStatus.FAILED, reason_of(error))
        record.plugin = plugin
        return given

    def _config(self, name: str, cls: type[Plugin]) -> PluginConfig:
        model = cls.Config
        assert issubclass(model, PluginConfig)  # plugin_class saw to it
        return self._read_section(name, model)

    def _register(self, plugin: Plugin, name: str, earlier: Sequence[Given]) -> Given:
        self._plugin_manager.register(plugin, name)
        try:
            given = Given(
                zones=self._ask(name, "register_zones"),
                accounts=self._ask(name, "register_accounts"),
                plugin=name,
                topics=self._ask(name, "register_topics"),
                miners=self._ask(name, "register_miners"),
                sorters=self._ask(name, "register_sorters"),
                radios=self._ask(name, "register_radios"),
            )
            _check_given(given, earlier)
        except BaseException:
            self._plugin_manager.unregister(name=name)
            raise
        return given

    def _ask(self, name: str, hook_name: str) -> tuple[Any, ...]:
        for impl in getattr(self._plugin_manager.hook, hook_name).get_hookimpls():
            if impl.plugin_name == name:
                answer = impl.function()
                if not isinstance(answer, Sequence) or isinstance(answer, str):
                    raise Refused(f"{hook_name} must give a list, not {one_line(repr(answer), 80)}")
                return tuple(answer)
        return ()


def _check_given(given: Given, earlier: Sequence[Given]) -> None:
    zones = {zone.zone for other in earlier for zone in other.zones}
    for ports in given.zones:
        if not isinstance(ports, ZonePorts):
            raise Refused(f"register_zones must give ZonePorts, not {one_line(repr(ports), 80)}")
        if ports.zone in zones:
            raise Refused(f"the zone {one_line(ports.zone, 60)!r} is given already")
        zones.add(ports.zone)
    accounts = {account.name for other in earlier for account in other.accounts}
    for account in given.accounts:
        if account.name in accounts:
            raise Refused(f"the account {one_line(account.name, 60)!r} is given already")
        accounts.add(account.name)
    miners = {miner.name for other in earlier for miner in other.miners}
    for miner in given.miners:
        if miner.name in miners:
            raise Refused(f"the miner {one_line(miner.name, 60)!r} is given already")
        miners.add(miner.name)
    topics: Sequence[object] = given.topics
    for topic in topics:
        problem = filter_problem(topic) if isinstance(topic, str) else "no text"
        if problem is not None:
            raise Refused(f"register_topics gave {one_line(repr(topic), 80)}: {problem}")


def _put_aside(record: Record, status: PluginStatus, reason: str) -> Given:
    record.status, record.reason = status, reason
    return Given()
