"""The registry: what a hub knows of its plugins and does with them."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pluggy

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.config import PluginConfig
from moodroom_hub.core.dispatch import Dispatcher
from moodroom_hub.core.face import PluginStatus, PluginView
from moodroom_hub.core.hookspecs import PROJECT, Hooks
from moodroom_hub.core.miners import Miner
from moodroom_hub.core.ports import Account, Message, ZonePorts
from moodroom_hub.core.reasons import reason_of, status_of
from moodroom_hub.core.registry.board import Board, Record, loop_key
from moodroom_hub.core.registry.candidates import find_candidates
from moodroom_hub.core.registry.inspection import plugin_class
from moodroom_hub.core.registry.lifecycle import Lifecycle
from moodroom_hub.core.registry.loading import Given, Loader, MakeContext, ReadSection
from moodroom_hub.core.supervise import Supervisor
from moodroom_hub.core.topics import is_match
from moodroom_hub.domain.models import ZoneName

if TYPE_CHECKING:
    from moodroom_hub.core.sorting import Sorter
    from moodroom_hub.core.stations import Radio

_log = logging.getLogger(__name__)

_ALWAYS_OPEN = frozenset({"check"})
"""Hooks that are also asked of plugins that did not start."""


class Registry:
    """The plugins of one hub.

    ``builtins`` are module paths; ``sections`` are the raw sections by plugin name, ``read_section(name, model)``
    checks one; ``make_context(name, config)`` makes what a plugin is given; ``on_change(view)`` hears of every change
    of a status after ``load``. ``dispatcher`` calls the hooks of plugins that run, ``supervisor`` keeps their loops.
    """

    def __init__(
        self,
        *,
        builtins: Sequence[str],
        clock: Clock,
        sections: Mapping[str, Any],
        read_section: ReadSection,
        make_context: MakeContext,
        on_change: Callable[[PluginView], None],
        with_foreign: bool = True,
    ) -> None:
        self._candidates = find_candidates(builtins, with_foreign=with_foreign)
        self._board = Board(clock, on_change)
        manager = pluggy.PluginManager(PROJECT)
        manager.add_hookspecs(Hooks)
        self.dispatcher = Dispatcher(
            manager, clock, self._board.hook_failed, self._board.hook_worked, is_open=self._is_open
        )
        self.supervisor = Supervisor(clock, self._loop_in_trouble, self._loop_well)
        self._loader = Loader(manager, sections, read_section, make_context)
        self._lifecycle = Lifecycle(self._board, self.dispatcher, self.supervisor)
        self._given: list[Given] = []

    def load(self) -> None:
        """Import, check, configure and construct every plugin. Never raises for what a plugin does."""
        for candidate in self._candidates:
            record = Record(candidate)
            self._board.add(record)
            self._given.append(self._loader.load(record, self._given))
        self._board.begin_telling()

    @property
    def zones(self) -> tuple[ZonePorts, ...]:
        """Every zone that a loaded plugin registered."""
        return tuple(zone for given in self._given for zone in given.zones)

    @property
    def accounts(self) -> tuple[Account, ...]:
        """Every account that a loaded plugin registered."""
        return tuple(account for given in self._given for account in given.accounts)

    def accounts_of(self, plugin: str) -> tuple[Account, ...]:
        """The accounts that this plugin registered: those that its zones depend on."""
        return tuple(account for given in self._given if given.plugin == plugin for account in given.accounts)

    def accounts_near(self, zone: ZonePorts) -> tuple[Account, ...]:
        """The accounts of the plugin that registered this zone."""
        return tuple(account for given in self._given if zone in given.zones for account in given.accounts)

    @property
    def zone_plugins(self) -> dict[ZoneName, str]:
        """Which plugin registered which zone."""
        return {zone.zone: given.plugin for given in self._given for zone in given.zones}

    @property
    def miners(self) -> tuple[Miner, ...]:
        """Every miner that a loaded plugin registered."""
        return tuple(miner for given in self._given for miner in given.miners)

    @property
    def sorters(self) -> "tuple[Sorter, ...]":
        """Every sorter that a loaded plugin registered."""
        return tuple(sorter for given in self._given for sorter in given.sorters)

    @property
    def radios(self) -> "tuple[Radio, ...]":
        """Every radio that a loaded plugin registered."""
        return tuple(radio for given in self._given for radio in given.radios)

    @property
    def topics(self) -> tuple[str, ...]:
        """Every topic filter that a loaded plugin wants to hear, each once."""
        return tuple(dict.fromkeys(topic for given in self._given for topic in given.topics))

    async def deliver(self, message: Message) -> None:
        """Tell the plugins that want to hear this topic, each isolated, once each."""
        hearers = {given.plugin for given in self._given if any(is_match(one, message.topic) for one in given.topics)}
        if hearers:
            await self.dispatcher.call("on_message", only=hearers, message=message)

    def names(self) -> tuple[str, ...]:
        """The names of all plugins that there are, whatever their status (known before ``load``)."""
        return tuple(dict.fromkeys(candidate.name for candidate in self._candidates))

    def views(self) -> tuple[PluginView, ...]:
        """How every plugin is, built-in ones first."""
        return self._board.views()

    def plugin_models(self) -> Mapping[str, type[PluginConfig]]:
        """The configuration model of every plugin that has a sound one; built-in ones even when switched off."""
        models: dict[str, type[PluginConfig]] = {}
        for record in self._board.records():
            model = record.config_model
            if model is None and record.candidate.is_builtin:
                model = self._model_of(record)
            if model is not None:
                models[record.candidate.name] = model
        return models

    def set_status(self, name: str, status: PluginStatus, reason: str) -> None:
        """What a plugin says of itself. Raises ``KeyError`` for an unknown one."""
        self._board.set_status(name, status, reason)

    def note_failure(self, name: str, what: str, error: BaseException) -> None:
        """Something of a plugin's failed outside its hooks and loops (a calendar job). Not logged here."""
        self._board.complain(name, f"job {what}", status_of(error), f"{what} failed: {reason_of(error)}")

    def note_success(self, name: str, what: str) -> None:
        """It worked again."""
        self._board.clear(name, f"job {what}")

    async def start_all(self) -> None:
        """Start policies, then faces, then sources; who takes long goes on starting behind.

        ``NotReady`` is tried again with back-off, ``NeedsLogin`` when ``supervisor.wake(name)`` is called, anything
        else is that plugin's end. Raises ``StartError`` only where a built-in plugin raises it in time.
        """
        await self._lifecycle.start_all()

    async def stop_all(self, *, also_unstarted: bool = False) -> None:
        """Stop the other way round: loops, then ``stop``, each bounded in time. Idempotent; never raises.

        ``also_unstarted``: those too whose start was never tried, but that may hold something since they were made.
        """
        await self._lifecycle.stop_all(also_unstarted=also_unstarted)

    def _is_open(self, name: str, hook_name: str) -> bool:
        return hook_name in _ALWAYS_OPEN or self._board.record(name).is_started

    def _loop_in_trouble(self, owner: str, loop: str, status: PluginStatus, reason: str) -> None:
        self._board.complain(owner, loop_key(loop), status, reason)

    def _loop_well(self, owner: str, loop: str) -> None:
        self._board.clear(owner, loop_key(loop))

    def _model_of(self, record: Record) -> type[PluginConfig] | None:
        try:
            model = plugin_class(record.candidate.find(), record.candidate.name).Config
        except Exception as error:  # noqa: BLE001 -- a broken plugin has no model; its status tells why
            _log.debug("%s has no model: %s", record.label, reason_of(error))
            return None
        return model if issubclass(model, PluginConfig) else None
