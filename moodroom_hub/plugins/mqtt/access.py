"""The way to the broker, put together from the configuration: read anew for every attempt, so that mends count."""

import asyncio
import contextlib
import re
import secrets
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from moodroom_hub.core.config import ConfigError
from moodroom_hub.plugins.mqtt.config import MqttConfig, TlsSection, expanded
from moodroom_hub.plugins.mqtt.failures import LoginRefused

CLIENT_ID_FILE: Final = "mqtt-client-id"


@dataclass(frozen=True, slots=True)
class Access:
    """Where the broker is and how to get in. ``hint`` is told where nobody answers."""

    host: str
    port: int
    client_id: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: ssl.SSLContext | None = None
    is_v5: bool = True
    keepalive_s: int = 30
    hint: str = ""


async def find_access(
    config: MqttConfig, data_dir: Path, *, is_v5: bool, embedded_port: int | None = None, suffix: str = ""
) -> Access:
    """Resolve secrets, read certificates and the client id. Raises ``LoginRefused`` where that fails."""
    return await asyncio.to_thread(_find, config, data_dir, is_v5, embedded_port, suffix)


def kept_client_id(path: Path) -> str:
    """``moodroom-`` and six digits, made once and kept in ``path``: two hubs at one broker must not share a name."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        kept = path.read_text(encoding="ascii").strip()
        if re.fullmatch(r"moodroom-[0-9a-f]{6}", kept):
            return kept
    fresh = f"moodroom-{secrets.token_hex(3)}"
    with contextlib.suppress(OSError):  # then it is another one after the next start: no harm
        path.write_text(f"{fresh}\n", encoding="ascii")
    return fresh


def _find(config: MqttConfig, data_dir: Path, is_v5: bool, embedded_port: int | None, suffix: str) -> Access:
    try:
        password = None if config.password is None else config.password.resolve()
    except ConfigError as error:
        raise LoginRefused(str(error)) from None
    client_id = config.client_id or kept_client_id(data_dir / CLIENT_ID_FILE)
    return Access(
        host=_embedded_host(config) if embedded_port is not None else config.host or "",
        port=config.port if embedded_port is None else embedded_port,
        client_id=f"{client_id}{suffix}",
        username=config.username,
        password=password,
        tls=_tls_context(config.tls) if config.tls.enabled and embedded_port is None else None,
        is_v5=is_v5 and embedded_port is None,
        keepalive_s=round(config.keepalive / 1000),
        hint=config.shown_port_hint,
    )


def _embedded_host(config: MqttConfig) -> str:
    """Where the hub itself reaches the broker that listens everywhere."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(config.embedded_host, config.embedded_host)  # noqa: S104 -- names


def _tls_context(section: TlsSection) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if section.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if section.ca is not None:
        _use("plugins.mqtt.tls.ca", section.ca, lambda path: context.load_verify_locations(path))
    elif not section.insecure:
        context.load_default_certs()
    if section.certificate is not None:
        key = None if section.key is None else expanded(section.key)
        # An encrypted key would ask on the terminal; a service never asks.
        _use(
            "plugins.mqtt.tls.certificate",
            section.certificate,
            lambda path: context.load_cert_chain(path, key, password=lambda: b""),
        )
    return context


def _use(key: str, path: str, load: object) -> None:
    assert callable(load)
    try:
        load(expanded(path))
    except ssl.SSLError as error:
        reason = (error.reason or "no certificate").replace("_", " ").lower()
        raise LoginRefused(f"{key}: {path} cannot be used ({reason})") from None
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "no usable path"
        raise LoginRefused(f"{key}: {path} (or its key) cannot be read: {reason}") from None
