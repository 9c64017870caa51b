"""The targets of a configuration: each a service, and where its keys come from."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from moodroom_hub.core.config import ConfigError, SecretText
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.plugins.scrobbling.config import LastfmSection, ScrobblingConfig
from moodroom_hub.plugins.scrobbling.lastfm import Lastfm
from moodroom_hub.plugins.scrobbling.listenbrainz import ListenBrainz
from moodroom_hub.plugins.scrobbling.services import Keys, Service, Shut
from moodroom_hub.plugins.scrobbling.session_file import load_session

NOT_LOGGED_IN = "Last.fm: nobody is logged in. Log in: moodroom-hub scrobbles login lastfm"


@dataclass(frozen=True, slots=True)
class Target:
    """One service and its keys, which are looked up anew each time: a mended file or login is noticed by itself."""

    service: Service
    _secrets: tuple[SecretText, ...]
    _data_dir: Path
    _is_lastfm: bool = False

    @property
    def name(self) -> str:
        """``lastfm``, ``listenbrainz``, or the server's name."""
        return self.service.name

    async def keys(self) -> Keys | Shut:
        """The secrets as they are now, or what keeps them away."""
        return await asyncio.to_thread(self._look_up)

    def _look_up(self) -> Keys | Shut:
        try:
            texts = [secret.resolve().strip() for secret in self._secrets]
        except ConfigError as error:
            return Shut("; ".join(map(str, error.problems)), PluginStatus.FAILED)
        if not self._is_lastfm:
            return Keys(texts[0])
        session = texts[2] if len(texts) > 2 else load_session(self._data_dir, texts[0])
        return Keys(texts[0], texts[1], session) if session else Shut(NOT_LOGGED_IN)


def targets_of(config: ScrobblingConfig, data_dir: Path) -> Sequence[Target]:
    """Every service that is configured."""
    found = []
    if config.lastfm.api_key is not None:
        found.append(Target(Lastfm(config.lastfm.api_url), _lastfm_secrets(config.lastfm), data_dir, _is_lastfm=True))
    if config.listenbrainz.token is not None:
        found.append(Target(ListenBrainz(config.listenbrainz.url), (config.listenbrainz.token,), data_dir))
    for name, server in config.servers.items():
        if server.token is not None:
            found.append(Target(ListenBrainz(server.url, name), (server.token,), data_dir))
    return found


def _lastfm_secrets(section: LastfmSection) -> tuple[SecretText, ...]:
    return tuple(filter(None, (section.api_key, section.api_secret, section.session_key)))
