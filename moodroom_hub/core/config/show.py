"""Showing the configuration: to a person with its secrets masked, to an editor as a JSON Schema."""

from collections.abc import Mapping
from typing import Any, Final

import yaml
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from moodroom_hub.core.config.load import LoadedConfig, checked_plugin
from moodroom_hub.core.config.models import PluginConfig, Settings
from moodroom_hub.core.config.prepare import sounds_secret
from moodroom_hub.core.config.problems import ConfigError, KeyPath
from moodroom_hub.core.config.secret import MASK, is_reference
from moodroom_hub.domain.durations import format_duration

_REFERENCE_SCHEMA: Final = {"type": "string", "pattern": "^(env|file):\\S"}


def print_config(loaded: LoadedConfig, plugin_models: Mapping[str, type[PluginConfig]]) -> str:
    """The effective configuration as YAML: defaults, file and environment in one.

    Secrets are masked; what was given by reference is shown as the reference. Plugins whose section cannot be used
    are named in a comment; sections of plugins without a model are left out, since what in them is secret is unknown.
    """
    effective = loaded.settings.model_dump(mode="json", by_alias=True, exclude={"plugins"})
    _put_back(effective, loaded.references)
    plugins: dict[str, Any] = {}
    remarks: list[str] = []
    for name, model in plugin_models.items():
        try:
            config, references = checked_plugin(loaded, name, model)
        except ConfigError as error:
            remarks += [f"# {name} is disabled: {problem}" for problem in error.problems]
            continue
        plugins[name] = _masked(config.model_dump(mode="json", by_alias=True), ())
        _put_back(plugins[name], references)
    remarks += [f"# {name!r}: no plugin has this name" for name in loaded.sections if name not in plugin_models]
    effective["plugins"] = plugins
    body: str = yaml.safe_dump(effective, sort_keys=False, allow_unicode=True, width=110)
    return "\n".join([f"# {loaded.told_as}, with defaults and environment", *remarks, body])


def _masked(value: Any, path: KeyPath) -> Any:
    """The dump of a plugin that may have kept a secret in an ordinary text, with such texts masked."""
    if isinstance(value, dict):
        return {key: _masked(child, (*path, str(key))) for key, child in value.items()}
    if isinstance(value, list):
        return [_masked(child, path) for child in value]
    is_open = isinstance(value, str) and value and not is_reference(value) and sounds_secret(path[-1:])
    return MASK if is_open else value


def _put_back(values: Any, references: Mapping[KeyPath, str]) -> None:
    """Show references instead of what they stand for. Where the dump has another shape, hide the whole of it."""
    for path, reference in references.items():
        holder = values
        for step in path[:-1]:
            holder = _inside(holder, step)
        if _inside(holder, path[-1]) is not None:
            holder[path[-1]] = reference
        elif isinstance(values, dict) and path[0] in values:
            values[path[0]] = MASK


def _inside(holder: Any, step: str | int) -> Any:
    if isinstance(holder, dict):
        return holder.get(step)
    if isinstance(holder, list) and isinstance(step, int) and step < len(holder):
        return holder[step]
    return None


def json_schema(plugin_models: Mapping[str, type[PluginConfig]]) -> dict[str, Any]:
    """A JSON Schema (draft 2020-12) of the file for editors, made from the models and these plugins' models."""
    models: list[type[BaseModel]] = [Settings, *plugin_models.values()]
    placed, shared = models_json_schema([(model, "validation") for model in models], by_alias=True)
    definitions: dict[str, Any] = shared["$defs"]
    settings = definitions.pop(_name(placed[Settings, "validation"]))
    for definition in [settings, *definitions.values()]:
        _for_people(definition)
    # A default room needs no name of its own, and any room's can be made from its slug.
    rooms = settings["properties"]["rooms"]
    definitions[_name(rooms["additionalProperties"])].pop("required", None)
    rooms["additionalProperties"] = {"anyOf": [rooms["additionalProperties"], {"type": "null"}]}
    settings["properties"]["plugins"] = {
        "type": "object",
        "description": "One section for each plugin",
        "properties": {name: placed[model, "validation"] for name, model in plugin_models.items()},
        "additionalProperties": {"type": ["object", "null"]},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **settings,
        "title": "Moodroom Hub",
        "$defs": definitions,
    }


def _name(schema: Mapping[str, Any]) -> str:
    """The definition that a schema refers to."""
    return str(schema["$ref"]).rpartition("/")[2]


def _for_people(definition: dict[str, Any]) -> None:
    """Defaults as the file spells them, references allowed wherever a single value is."""
    for name, given in definition.get("properties", {}).items():
        told = {key: given.pop(key) for key in ("title", "description", "default") if key in given}
        told.pop("title", None)
        members = given.get("anyOf", [given])
        if any(member.get("format") == "duration-text" for member in members) and told.get("default") is not None:
            told["default"] = format_duration(told["default"])
        types = {member.get("type") for member in members if isinstance(member.get("type"), str)}
        is_single = bool(types & {"integer", "number", "boolean"}) or any(
            "enum" in member or "pattern" in member for member in members
        )
        shape = {"anyOf": [*members, _REFERENCE_SCHEMA]} if is_single and "$ref" not in given else given
        definition["properties"][name] = {**told, **shape}
