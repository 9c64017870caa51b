"""What the commands of one call share: where the configuration is, and how to reach a hub."""

import os
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the configuration's models cost more time than a whole --help may
    from moodroom_hub.app.client import Client
    from moodroom_hub.core.config import LoadedConfig
    from moodroom_hub.core.lock import RunningHub


@dataclass(slots=True)
class Shared:
    """Filled by the common options; read by the commands."""

    config_path: Path | None = None
    is_debug: bool = False
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def config(self) -> "LoadedConfig":
        """The configuration. Raises ``ConfigError``."""
        from moodroom_hub.core.config import load_config

        return load_config(self.config_path, self.environ)

    def running(self) -> "RunningHub | None":
        """The hub that runs on the configured data folder."""
        from moodroom_hub.core.lock import running

        return running(self.config().settings.hub.data_dir)

    def reading(self) -> "AbstractContextManager[Client]":
        """For questions: the running hub, else the data itself."""
        from moodroom_hub.app.reach import reading

        return reading(self.config())

    def changing(self) -> "AbstractContextManager[Client]":
        """For changes: the running hub, else the data itself, locked meanwhile."""
        from moodroom_hub.app.reach import changing

        return changing(self.config())

    def live(self, purpose: str) -> "AbstractContextManager[Client]":
        """For what needs a running hub. Raises ``StartError`` where there is none."""
        from moodroom_hub.app.reach import live

        return live(self.config(), purpose)


def is_interactive() -> bool:
    """Whether a person can be asked."""
    return sys.stdin is not None and sys.stdin.isatty() and not os.environ.get("CI")
