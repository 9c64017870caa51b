"""Looks a plugin over before it may take part, and says in one line each what is wrong with it."""

import inspect
import logging
import re
from dataclasses import dataclass
from types import ModuleType
from typing import Any, cast

import pluggy

from moodroom_hub.core.config.models import PluginConfig
from moodroom_hub.core.context import Plugin, Role
from moodroom_hub.core.errors import MoodroomError
from moodroom_hub.core.hookspecs import PROJECT, Hooks
from moodroom_hub.core.reasons import did_you_mean, one_line

_log = logging.getLogger(__name__)

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Refused(MoodroomError):
    """A plugin is not fit to be loaded; the text says why."""


@dataclass(frozen=True, slots=True)
class HookSpec:
    """One hook as ``hookspecs`` declares it."""

    name: str
    arguments: tuple[str, ...]
    is_async: bool

    def __str__(self) -> str:
        """The signature that an implementation has."""
        kind = "async def" if self.is_async else "def"
        return f"{kind} {self.name}({', '.join(('self', *self.arguments))})"


HOOK_SPECS: dict[str, HookSpec] = {
    name: HookSpec(name, tuple(inspect.signature(spec).parameters)[1:], inspect.iscoroutinefunction(spec))
    for name, spec in vars(Hooks).items()
    if hasattr(spec, f"{PROJECT}_spec")
}
"""Every hook by its name."""


def plugin_class(found: object, name: str) -> type[Plugin]:
    """The plugin's class in what was imported (the class, or a module with ``Plugin``). Raises ``Refused``."""
    if isinstance(found, ModuleType):
        if not hasattr(found, "Plugin"):
            raise Refused(f"the module {found.__name__} has no class called Plugin")
        found = found.Plugin
    if not inspect.isclass(found):
        raise Refused(f"expected a class, got {one_line(repr(found), 80)}")
    problems = list(_class_problems(found, name))
    if problems:
        raise Refused("; ".join(problems))
    return cast(type[Plugin], found)


def _class_problems(cls: type[Any], name: str) -> list[str]:
    problems = []
    own_name = getattr(cls, "name", None)
    if own_name != name:
        problems.append(f"its class attribute name is {one_line(repr(own_name), 60)}, expected {name!r} as announced")
    elif not _NAME.fullmatch(name):
        problems.append("its name must be lower-case letters, digits and underscores, at most 40")
    if not isinstance(getattr(cls, "role", None), Role):
        problems.append("its class attribute role must be one of " + ", ".join(str(role) for role in Role))
    config = getattr(cls, "Config", None)
    if not (inspect.isclass(config) and issubclass(config, PluginConfig)):
        problems.append("its class attribute Config must be a subclass of PluginConfig")
    return problems


def check_hooks(plugin_manager: pluggy.PluginManager, plugin: object, name: str) -> None:
    """Raises ``Refused`` with everything that is wrong with the hook implementations of ``plugin``."""
    problems: list[str] = []
    for attribute in dir(plugin):
        options = plugin_manager.parse_hookimpl_opts(plugin, attribute)
        if options is None:
            if attribute in HOOK_SPECS and inspect.isroutine(inspect.getattr_static(plugin, attribute)):
                _log.warning("%s: %s is named like a hook, but lacks @hookimpl: it is never called", name, attribute)
            continue
        hook_name = options.get("specname") or attribute
        spec = HOOK_SPECS.get(hook_name)
        if spec is None:
            if not options.get("optionalhook"):
                problems.append(f"there is no hook called {hook_name!r}{did_you_mean(hook_name, HOOK_SPECS)}")
        elif options.get("wrapper") or options.get("hookwrapper"):
            problems.append(f"{hook_name} must not be a wrapper")
        else:
            problems.extend(_signature_problems(getattr(plugin, attribute), spec))
    if problems:
        raise Refused("; ".join(problems))


def _signature_problems(function: Any, spec: HookSpec) -> list[str]:
    problems = []
    if inspect.iscoroutinefunction(function) is not spec.is_async:
        kind = "async def" if spec.is_async else "a plain def, not async"
        problems.append(f"{spec.name} must be {kind}")
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}:
            problems.append(f"{spec.name} must name its arguments instead of *{parameter.name}; it is {spec}")
        elif parameter.kind is parameter.KEYWORD_ONLY:
            problems.append(f"{spec.name} must not have the keyword-only argument {parameter.name!r}; it is {spec}")
        elif parameter.default is parameter.empty and parameter.name not in spec.arguments:
            hint = did_you_mean(parameter.name, spec.arguments)
            problems.append(f"{spec.name} has no argument {parameter.name!r}{hint}; it is {spec}")
    return problems
