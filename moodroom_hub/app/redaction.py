"""The configuration's text without the secrets that stand in it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from moodroom_hub.core.config import ConfigError, LoadedConfig, PluginConfig, SecretText, plugin_config, unknown_plugins

LEFT_OUT = "The configuration is left out: {}. Add --with-login to keep it as it is."


def without_secrets(
    loaded: LoadedConfig, text: str, models: Mapping[str, type[PluginConfig]]
) -> tuple[str | None, str]:
    """``text`` with every secret that stands in it replaced by ``null``; ``None`` where that is not sure to be all.

    The second is a remark for a person, empty where nothing had to be changed.
    """
    if unknown_plugins(loaded, models):
        return None, LEFT_OUT.format("it has sections of plugins that are not installed, which may hold secrets")
    sections: list[BaseModel] = [loaded.settings]
    for name, model in models.items():
        try:
            sections.append(plugin_config(loaded, name, model))
        except ConfigError:
            return None, LEFT_OUT.format(f"the section of {name} cannot be read, and may hold secrets")
    lines, taken = text.split("\n"), 0
    for secret in (found for section in sections for found in secrets_in(section)):
        if secret.is_reference or secret.where.startswith("MOODROOM_"):
            continue
        plain = secret.resolve({})
        line = int(number) - 1 if (number := secret.where.rpartition(":")[2]).isdigit() else -1
        bare = re.compile(rf"(['\"]?){re.escape(plain)}\1(?=\s*(?:[,}}\]#]|$))")
        if not 0 <= line < len(lines) or not bare.search(lines[line]):
            return None, LEFT_OUT.format(f"{secret.key or 'a secret'} stands in it in a way that cannot be cut out")
        lines[line] = bare.sub("null", lines[line])
        taken += 1
    remark = f"{taken} passwords that stand in the configuration were left out (null)." if taken else ""
    return "\n".join(lines), remark


def secrets_in(value: Any) -> Iterator[SecretText]:
    """Every secret in a section, however deep."""
    if isinstance(value, SecretText):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from secrets_in(getattr(value, name))
    elif isinstance(value, Mapping):
        for child in value.values():
            yield from secrets_in(child)
    elif isinstance(value, tuple | list):
        for child in value:
            yield from secrets_in(child)
