"""How the example file is held against the models. Takes the plugins' models as data, so that it imports none."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from moodroom_hub.core.config import PluginConfig, Settings, load_config, plugin_config, unknown_plugins

EXAMPLE = Path(__file__).resolve().parents[3] / "config.example.yaml"


def differences(plugin_models: Mapping[str, type[PluginConfig]], path: Path = EXAMPLE) -> list[str]:
    """Everything in which the example and the models differ; an empty list is what a test wants.

    Held against the models: that it loads, that what it says are the defaults, that it names every key of every model
    (in lists too, where it shows an item), that it knows no other plugin, and that a comment stands by every key.
    """
    loaded = load_config(path, {})
    found = [str(problem) for problem in unknown_plugins(loaded, plugin_models)]
    if loaded.settings.model_copy(update={"plugins": {}}) != Settings():
        found.append("the core sections are not the defaults")
    text = path.read_text(encoding="utf-8")
    given: dict[str, Any] = yaml.safe_load(text)
    found += [f"{key} is not named" for key in _missing(Settings(), given, "") if key != "plugins"]
    for name, model in plugin_models.items():
        section = (given.get("plugins") or {}).get(name)
        if section is None:
            found.append(f"plugins.{name} is not named")
            continue
        if plugin_config(loaded, name, model) != model():
            found.append(f"plugins.{name} is not the default")
        found += [f"{key} is not named" for key in _missing(model(), section, f"plugins.{name}.")]
    return found + list(_without_a_word(text))


def _missing(model: BaseModel, given: Any, above: str) -> Iterator[str]:
    """The keys of the models that ``given`` leaves out."""
    for name, field in type(model).model_fields.items():
        key = field.alias or name
        if not isinstance(given, dict) or key not in given:
            yield above + key
            continue
        yield from _missing_inside(getattr(model, name), given[key], f"{above}{key}.")


def _missing_inside(value: Any, given: Any, above: str) -> Iterator[str]:
    if isinstance(value, BaseModel):
        yield from _missing(value, given, above)
    elif isinstance(value, dict) and isinstance(given, dict):
        for key, child in value.items():
            yield from _missing_inside(child, given.get(key), f"{above}{key}.")
    elif isinstance(value, tuple | list) and isinstance(given, list):
        for child, each in zip(value, given, strict=False):
            yield from _missing_inside(child, each, above)


def _without_a_word(text: str) -> Iterator[str]:
    """Keys of sections that no comment explains; rooms' keys are explained together above them, ``enabled`` as well."""
    is_explained = False
    section = ""
    for line in text.splitlines():
        bare = line.strip()
        if bare.startswith("#"):
            is_explained = True
        elif bare:
            if not line.startswith(" "):
                section = bare.partition(":")[0]
            key = bare.partition(":")[0]
            is_a_key = line.startswith(" ") and section != "rooms" and not bare.endswith(":")
            if is_a_key and key != "enabled" and not is_explained:
                yield f"{section}: {key} has no comment"
            # One comment may speak for neighbours of one kind.
            is_explained = key in {"api_url", "plugins"}
