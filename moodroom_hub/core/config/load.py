"""Finding, reading and checking the configuration."""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import GenericAlias
from typing import Any, Final, TypeVar

import platformdirs
from pydantic import ValidationError

from moodroom_hub.core.config.environment import (
    Override,
    known_names,
    lay_over,
    overrides,
    references_of,
)
from moodroom_hub.core.config.explain import explained, fresh
from moodroom_hub.core.config.models import PluginConfig, Settings
from moodroom_hub.core.config.prepare import Preparation
from moodroom_hub.core.config.problems import (
    ConfigError,
    Finding,
    KeyPath,
    Origin,
    Problem,
    closest,
    did_you_mean,
    told,
)
from moodroom_hub.core.config.reader import LARGEST_TEXT, decoded, read_yaml
from moodroom_hub.core.config.roomtree import clashes, name_rooms, with_default_rooms
from moodroom_hub.core.config.shape import Shape
from moodroom_hub.core.config.tree import Node

PluginConfigT = TypeVar("PluginConfigT", bound=PluginConfig)

_SETTINGS: Final = Shape.of(Settings)


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """The configuration as it was loaded.

    ``settings`` are the checked core sections; ``path`` the file, if there is one. ``plugin_problems`` holds, per
    plugin, what is wrong with its section before any model looks at it (no mapping, a key twice, a bad override).
    The rest is for this package: what was said and where.
    """

    settings: Settings
    path: Path | None
    plugin_problems: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    sections: Mapping[str, Node] = field(default_factory=dict, repr=False)
    plugin_overrides: tuple[Override, ...] = field(default=(), repr=False)
    references: Mapping[KeyPath, str] = field(default_factory=dict, repr=False)
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    base: Path = field(default_factory=Path.cwd)

    @property
    def told_as(self) -> str:
        """What problems without a line call the configuration."""
        return str(self.path) if self.path else "configuration"


def find_config(explicit: Path | None, environ: Mapping[str, str]) -> Path | None:
    """The file to read: ``explicit``, else ``$MOODROOM_CONFIG`` (both even if missing, so that loading says so),
    else ``./config.yaml`` or the one in the platform's config folder if it is there, else ``None``."""
    named = explicit or environ.get("MOODROOM_CONFIG") or None
    if named is not None:
        try:
            return Path(named).expanduser()
        except RuntimeError:
            return Path(named)
    places = (Path("config.yaml"), platformdirs.user_config_path("moodroom-hub", appauthor=False) / "config.yaml")
    return next((place for place in places if place.is_file()), None)


def load_config(explicit: Path | None = None, environ: Mapping[str, str] = os.environ) -> LoadedConfig:
    """The configuration of file and environment; all defaults where there is neither.

    Raises ``ConfigError`` with every problem of the core sections at once. Plugins' sections are only looked at by
    ``plugin_config``; what is already wrong with them is kept in ``plugin_problems``.
    """
    path = find_config(explicit, environ)
    base = path.absolute().parent if path else Path.cwd()
    read, findings = _read(path)
    root = read if read is not None else Node({}, Origin(str(path)))
    if root.value is None:
        root.value = {}
    if not isinstance(root.value, dict):
        findings.append(Finding((), root.origin, "expected sections (hub:, web:, rooms:, ...) at the top"))
        root.value, read = {}, None
    plugins = root.value.pop("plugins", None)
    root.value = with_default_rooms(root.value)

    spared = references_of([root, *([plugins] if plugins else [])], environ)
    laid, misnamed = overrides(environ, spared, known_names(_SETTINGS))
    findings += misnamed
    for_core = [override for override in laid if override.parts[0] != "plugins"]
    if read is None:
        # The file's rooms are unknown, so overrides of rooms cannot be judged.
        for_core = [override for override in for_core if override.parts[0] != "rooms"]
    findings += lay_over(root, _SETTINGS, for_core)
    rooms = root.value.get("rooms")
    name_rooms(rooms)

    preparation = Preparation(environ, base)
    values = preparation.plain(root, _SETTINGS)
    findings += [*preparation.findings, *clashes(rooms)]
    sections, plugin_findings = _plugin_sections(plugins)
    findings += plugin_findings
    settings: Settings | None = None
    try:
        settings = Settings.model_validate({**values, "plugins": {n: s.plain() for n, s in sections.items()}})
    except ValidationError as error:
        findings += list(fresh(explained(error, root, _SETTINGS, preparation.hidden), findings))

    of_plugins = [finding for finding in findings if finding.path[:1] == ("plugins",) and len(finding.path) > 1]
    of_core = [finding for finding in findings if finding not in of_plugins]
    if settings is None or of_core:
        raise ConfigError(told(of_core))
    names = dict.fromkeys(str(finding.path[1]) for finding in of_plugins)
    return LoadedConfig(
        settings=settings,
        path=path,
        plugin_problems={name: told(f for f in of_plugins if f.path[1] == name) for name in names},
        sections=sections,
        plugin_overrides=tuple(override for override in laid if override.parts[0] == "plugins"),
        references=preparation.references,
        environ=environ,
        base=base,
    )


def plugin_config(loaded: LoadedConfig, name: str, model: type[PluginConfigT]) -> PluginConfigT:
    """A plugin's section, checked by its model. Raises ``ConfigError`` with this plugin's problems alone."""
    config, _references = checked_plugin(loaded, name, model)
    return config


def checked_plugin(
    loaded: LoadedConfig, name: str, model: type[PluginConfigT]
) -> tuple[PluginConfigT, Mapping[KeyPath, str]]:
    """``plugin_config``, and at which paths of the section a reference was resolved."""
    above = ("plugins", name)
    given = loaded.sections.get(name)
    section = _copy(given) if given else Node({}, Origin(loaded.told_as))
    shelf = Node({name: section}, section.origin)
    mine = [each for each in loaded.plugin_overrides if folded(each.parts[1]) == folded(name)]
    shape = Shape.of(model)
    problems = list(loaded.plugin_problems.get(name, ()))
    laid = lay_over(shelf, Shape((GenericAlias(dict, (str, model)),)), mine, skip=1)
    findings = [Finding(("plugins", *f.path), f.origin, f.message, f.hint) for f in laid]
    section = shelf.child(name) or section
    preparation = Preparation(loaded.environ, loaded.base)
    values = preparation.plain(section, shape)
    findings += [Finding((*above, *f.path), f.origin, f.message, f.hint) for f in preparation.findings]
    try:
        config = model.model_validate(values)
    except ValidationError as error:
        findings += list(fresh(explained(error, section, shape, preparation.hidden, above), findings))
    problems += told(findings)
    if problems:
        raise ConfigError(dict.fromkeys(problems))
    return config, preparation.references


def unknown_plugins(loaded: LoadedConfig, known: Collection[str]) -> list[Problem]:
    """The sections, and the overrides, of plugins that nobody knows; each with what was probably meant."""
    findings: list[Finding] = []
    for name, section in loaded.sections.items():
        if name not in known:
            hint = did_you_mean(closest(name, known))
            findings.append(Finding(("plugins", name), section.origin, "no plugin has this name", hint))
    names = {folded(name): name for name in known}
    for override in loaded.plugin_overrides:
        if folded(override.parts[1]) not in names:
            meant = closest(override.parts[1], known)
            prefix, _plugin, *rest = override.name.split("__")
            named = "__".join([prefix, meant.upper().replace("-", "_"), *rest]) if meant else None
            path = ("plugins", override.parts[1])
            findings.append(Finding(path, override.origin, "no plugin has this name", did_you_mean(named)))
    return list(told(findings))


def folded(name: str) -> str:
    """A plugin's name as environment variables can spell it."""
    return name.lower().replace("-", "_")


def _read(path: Path | None) -> tuple[Node | None, list[Finding]]:
    if path is None:
        return Node({}, Origin("configuration")), []
    name = str(path)
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_TEXT + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "no usable path"
        hint = "moodroom-hub init writes one" if isinstance(error, FileNotFoundError) else ""
        return None, [Finding((), Origin(name), f"cannot be read: {why}", hint)]
    text, findings = decoded(content, name)
    if findings:
        return None, findings
    return read_yaml(text, lambda line: Origin(name, line))


def _plugin_sections(plugins: Node | None) -> tuple[dict[str, Node], list[Finding]]:
    if plugins is None or plugins.value is None:
        return {}, []
    if not isinstance(plugins.value, dict):
        message = "expected the plugins' sections, one under each plugin's name"
        return {}, [Finding(("plugins",), plugins.origin, message)]
    sections: dict[str, Node] = {}
    findings: list[Finding] = []
    for name, section in plugins.value.items():
        if section.value is None:
            section.value = {}
        if not isinstance(section.value, dict):
            findings.append(Finding(("plugins", name), section.origin, "expected keys and values"))
            section.value = {}
        sections[name] = section
    return sections, findings


def _copy(node: Node) -> Node:
    """A tree of its own, to lay overrides into."""
    value: Any = node.value
    if isinstance(value, dict):
        value = {key: _copy(child) for key, child in value.items()}
    elif isinstance(value, list):
        value = [_copy(child) for child in value]
    return Node(value, node.origin)
