"""Why there is no broker, in words for a person. No secret ever stands in them."""

import socket
import ssl
from typing import Final

from moodroom_hub.core.errors import NotReady

REFUSALS_FROM: Final = 128
"""From this on, MQTT's reason codes are refusals."""
_UNSUPPORTED_PROTOCOL: Final = 132
_WRONG_LOGIN: Final = "wrong user or password; look at plugins.mqtt.username and plugins.mqtt.password"
_LOGIN_MENDS: Final = {
    133: "it does not accept the client id; look at plugins.mqtt.client_id",
    134: _WRONG_LOGIN,
    135: _WRONG_LOGIN,  # Mosquitto says "not authorised" of a wrong password too
    138: "it has banned this client; look into the broker's log",
    140: "it wants another way of logging in than user and password; look at the broker's configuration",
}


class BrokerAway(NotReady):
    """The broker does not answer, or went away. It is tried again soon."""


class LoginRefused(NotReady):
    """The broker answers and does not let the hub in. Trying again soon would only make it angry."""


class ProtocolRefused(NotReady):
    """The broker does not speak this version of MQTT."""


def why_unreachable(error: OSError, host: str, port: int, hint: str = "", *, is_tls: bool = False) -> NotReady:
    """A connection that could not be made, with the mend. ``hint`` is added where nobody answers."""
    where = f"{host}:{port}"
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = (error.verify_message or "verification failed").rstrip(".")
        return LoginRefused(
            f"the certificate of the broker at {where} is not trusted ({reason}); "
            "name the authority that signed it in plugins.mqtt.tls.ca"
        )
    if isinstance(error, ssl.SSLError):
        return BrokerAway(f"no TLS with the broker at {where} ({_ssl_reason(error)}); is it its TLS port?")
    if is_tls and isinstance(error, ConnectionError) and not isinstance(error, ConnectionRefusedError):
        return BrokerAway(f"the broker at {where} hung up on TLS; is it its TLS port?")
    if isinstance(error, socket.gaierror):
        return BrokerAway(f"there is no host called {host}; look at plugins.mqtt.host")
    if isinstance(error, TimeoutError):
        return BrokerAway(f"no broker answers at {where}{hint}")
    if isinstance(error, ConnectionRefusedError):
        return BrokerAway(f"no broker listens at {where}{hint}")
    return BrokerAway(f"no way to the broker at {where}: {error.strerror or type(error).__name__}")


def why_refused(code: int | None, host: str, port: int, *, is_v5: bool) -> NotReady | None:
    """A broker's answer to hello, as MQTT 5 counts them (``None``: it hung up); ``None`` where it lets us in."""
    where = f"the broker at {host}:{port}"
    if code is None:
        why = "it may want TLS, another client certificate or another version of MQTT"
        return BrokerAway(f"{where} hung up before it said hello; {why}")
    if code == _UNSUPPORTED_PROTOCOL:
        return ProtocolRefused(f"{where} does not speak MQTT {'5' if is_v5 else '3.1.1'}")
    if code in _LOGIN_MENDS:
        return LoginRefused(f"{where} refuses the login: {_LOGIN_MENDS[code]}")
    if code >= REFUSALS_FROM:
        return BrokerAway(f"{where} cannot take the hub now (code {code})")
    return None


def _ssl_reason(error: ssl.SSLError) -> str:
    return (error.reason or "handshake failed").replace("_", " ").lower()
