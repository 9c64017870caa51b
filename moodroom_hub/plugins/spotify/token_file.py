"""The login on disk."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from moodroom_hub.plugins.spotify.accounts import SCOPES
from moodroom_hub.plugins.spotify.files import read_private, remove, write_private


@dataclass(frozen=True, slots=True)
class Login:
    """One login as it stands in the token file."""

    client_id: str
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    obtained_at_ms: int
    expires_at_ms: int
    authorised_at_ms: int
    scope: str

    @property
    def missing_scopes(self) -> frozenset[str]:
        """Permissions that the hub asks for and this login lacks."""
        return frozenset(SCOPES) - frozenset(self.scope.split())


class TokenFile:
    """Where the login is kept: ``spotify-token.json``, mode 0600, whole or not at all. Blocking."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Login | None:
        """The stored login; ``None`` where there is none, or none that can be read."""
        content = read_private(self._path)
        if content is None:
            return None
        try:
            login = Login(**content)
        except TypeError:
            return None
        texts = (login.client_id, login.access_token, login.refresh_token, login.scope)
        times = (login.obtained_at_ms, login.expires_at_ms, login.authorised_at_ms)
        is_sound = all(type(each) is str for each in texts) and all(type(each) is int for each in times)
        return login if is_sound and login.refresh_token else None

    def save(self, login: Login) -> None:
        """Replace the stored login. Raises ``OSError``."""
        content: dict[str, Any] = {name: getattr(login, name) for name in Login.__dataclass_fields__}
        write_private(self._path, content)

    def delete(self) -> None:
        """Forget the stored login. Raises ``OSError``."""
        remove(self._path)
