"""``docs/configuration.md`` names every key of every model, with its default, and no other."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

import yaml
from pydantic import BaseModel

from moodroom_hub.core.config import PluginConfig, RoomSection, Settings, load_config, print_config
from moodroom_hub.plugins import BUILTIN_PLUGINS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "configuration.md"
ROW = re.compile(r"^\| `([a-z_]+(?:\.[a-z_<>]+)+)` \| (.+?) \| .+ \|$", re.MULTILINE)
SEVERAL = (tuple, dict, Union, UnionType)
"""What has a row of its own beside those of the models inside it."""
IN_WORDS = {"from the slug", "needed", "empty"}


def plugin_models() -> dict[str, type[PluginConfig]]:
    """The models of the built-in plugins by name."""
    return {path.rpartition(".")[2]: importlib.import_module(path).Plugin.Config for path in BUILTIN_PLUGINS}


def keys_of(model: type[BaseModel], above: str) -> Iterator[str]:
    """The dotted keys of a model, also of the models inside it."""
    for name, field in model.model_fields.items():
        key = f"{above}.{field.alias or name}"
        inner = [kind for kind in kinds(field.annotation) if isinstance(kind, type) and issubclass(kind, BaseModel)]
        if not inner or above.startswith("rooms.") or get_origin(field.annotation) in SEVERAL:
            yield key
        for kind in inner:
            yield from keys_of(kind, key)


def kinds(annotation: Any) -> Iterator[Any]:
    """Every type in an annotation."""
    yield annotation
    for inner in get_args(annotation):
        yield from kinds(inner)


def test_every_key_is_on_the_page_and_no_other() -> None:
    told = dict(ROW.findall(PAGE.read_text(encoding="utf-8")))
    known = {
        key
        for section, field in Settings.model_fields.items()
        if section not in ("rooms", "plugins")
        for kind in kinds(field.annotation)
        if isinstance(kind, type)
        for key in keys_of(kind, section)
    }
    known |= set(keys_of(RoomSection, "rooms.<slug>"))
    for name, model in plugin_models().items():
        known |= set(keys_of(model, f"plugins.{name}"))
    assert set(told) == known


def test_the_defaults_are_those_of_the_models() -> None:
    effective = yaml.safe_load(print_config(load_config(None, {}), plugin_models()))
    effective["hub"]["data_dir"] = None  # the page says where that is on each platform
    for key, told in ROW.findall(PAGE.read_text(encoding="utf-8")):
        if key.startswith(("plugins.buttons.mappings.", "plugins.scrobbling.servers.", "plugins.sorter.layers.")):
            continue  # none is there to look at: the plugins' own tests do
        if told in IN_WORDS or key.startswith("rooms."):
            assert key.startswith("rooms.")
            continue
        value: Any = effective
        for step in key.split("."):
            value = value[step]
        assert yaml.safe_load(told.strip("`")) == value, key


def test_the_variables_are_those_that_count() -> None:
    from moodroom_hub.app.log import FORMAT_VARIABLE

    text = PAGE.read_text(encoding="utf-8")
    assert f"`{FORMAT_VARIABLE}`" in text
    assert "`MOODROOM_CONFIG`" in text
