"""The section ``plugins.mqtt`` of the configuration."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from moodroom_hub.core.config import Duration, PluginConfig, SecretText, is_loopback
from moodroom_hub.core.config.models import Section
from moodroom_hub.core.topics import topic_problem
from moodroom_hub.plugins.mqtt.topics import Topics

LONGEST_BASE = 200
DEFAULT_PORT = 1883
DEFAULT_TLS_PORT = 8883


def _topic(text: str) -> str:
    """A topic, or the beginning of topics, that the hub may publish under."""
    problem = topic_problem(text)
    if problem is not None:
        # A problem is a verb with its object, or a rule of its own.
        raise ValueError(
            f"expected a topic such as moodroom; this one {problem}"
            if problem.startswith(("is ", "holds "))
            else f"expected a topic such as moodroom: {problem}"
        )
    if text.startswith("$"):
        raise ValueError("expected a topic that does not begin with $: those are the broker's own")
    if text.startswith("/") or text.endswith("/") or "//" in text:
        raise ValueError("expected a topic without a slash at its front or end, and without two in a row")
    if not text.isprintable() or len(text) > LONGEST_BASE:
        raise ValueError(f"expected one line of at most {LONGEST_BASE} characters")
    return text


def _host(text: str) -> str:
    bare = text.strip().removeprefix("[").removesuffix("]")
    name, _, port = bare.rpartition(":")
    if name and ":" not in name and port.isdigit():
        raise ValueError("expected a host alone: put the port into plugins.mqtt.port")
    if not bare or len(bare) > 253 or any(sign.isspace() or sign in "/@?#" for sign in bare):
        raise ValueError("expected a host name or an IP address, without mqtt:// and without a port")
    return bare


def _name(text: str) -> str:
    if not text or len(text.encode(errors="replace")) > 128 or not text.isprintable():
        raise ValueError("expected one line of at most 128 characters")
    return text


def _path(text: str) -> str:
    if not text.strip() or "\0" in text:
        raise ValueError("expected the path of a file")
    return text


def _switch_or_section(given: Any) -> Any:
    """``true`` and ``false`` mean the section's switch; a section without the switch is on."""
    if isinstance(given, bool | str | int):
        return {"enabled": given}
    if isinstance(given, dict) and "enabled" not in given:
        return {"enabled": True, **given}
    return given


def _keepalive(ms: int) -> int:
    if not 5_000 <= ms <= 3_600_000:
        raise ValueError("expected a duration between 5s and 1h")
    return ms


Name = Annotated[str, AfterValidator(_name)]
FilePath = Annotated[str, AfterValidator(_path)]
Topic = Annotated[str, AfterValidator(_topic)]


class TlsSection(Section):
    """How the line to the broker is kept private; ``tls: true`` is short for all defaults."""

    enabled: bool = Field(default=False, description="true: talk to the broker by TLS (its port is mostly 8883)")
    ca: FilePath | None = Field(
        default=None, description="The file of the authority that vouches for the broker. null: those of this machine"
    )
    certificate: FilePath | None = Field(default=None, description="The hub's own certificate, where one is asked for")
    key: FilePath | None = Field(default=None, description="The key of that certificate. null: in the same file")
    insecure: bool = Field(default=False, description="true: believe any certificate; for trying only")

    @model_validator(mode="after")
    def _no_key_alone(self) -> "TlsSection":
        if self.key is not None and self.certificate is None:
            raise ValueError("expected a certificate as well: a key alone proves nothing")
        return self


class MqttConfig(PluginConfig):
    """Which broker, as whom, and under which topics."""

    host: Annotated[str, AfterValidator(_host)] | None = Field(
        default=None, description="The broker's name or address. null: no broker, unless embedded"
    )
    port: int = Field(default=DEFAULT_PORT, ge=0, le=65535, description="The broker's port; with TLS mostly 8883")
    username: Name | None = Field(default=None, description="The user at the broker")
    password: SecretText | None = Field(default=None, description="The user's password; better by reference")
    tls: Annotated[
        TlsSection,
        BeforeValidator(_switch_or_section),
        WithJsonSchema({"anyOf": [{"type": "boolean"}, TlsSection.model_json_schema()]}, mode="validation"),
    ] = Field(default=TlsSection(), description="true, or a section of its own: talk to the broker by TLS")
    client_id: Name | None = Field(
        default=None, description="What the hub calls itself at the broker. null: moodroom- and a number of its own"
    )
    protocol: Annotated[Literal["5", "3.1.1"], BeforeValidator(lambda given: str(given).removesuffix(".0"))] = Field(
        default="5", description="The version of MQTT: 5, or 3.1.1 for an old broker"
    )
    keepalive: Annotated[Duration, AfterValidator(_keepalive)] = Field(
        default=30_000, description="How often hub and broker make sure of each other while nothing is said"
    )
    base_topic: Topic = Field(default="moodroom", description="What all of the hub's own topics begin with")
    discovery: bool = Field(default=True, description="Announce the hub and its rooms to Home Assistant")
    discovery_prefix: Topic = Field(default="homeassistant", description="Where Home Assistant looks for devices")
    birth_topic: Topic = Field(
        default="homeassistant/status", description="Where Home Assistant says that it has started"
    )
    embedded: bool = Field(default=False, description="true: the hub runs a small broker of its own, on that port")
    embedded_host: Annotated[str, AfterValidator(_host)] = Field(
        default="127.0.0.1",
        description="Where the hub's own broker listens; other than 127.0.0.1 it needs a username and a password",
    )

    @model_validator(mode="after")
    def _apart(self) -> "MqttConfig":
        if _is_inside(self.base_topic, self.discovery_prefix) or _is_inside(self.discovery_prefix, self.base_topic):
            raise ValueError("expected a base_topic and a discovery_prefix that lie apart")
        if _is_inside(self.birth_topic, self.base_topic):
            raise ValueError("expected a birth_topic outside of base_topic: it is Home Assistant's, not the hub's")
        if self.port == 0 and not self.embedded:
            raise ValueError("expected a port from 1 to 65535 (0, any free one, is for embedded: true)")
        if self.embedded and self.host is not None:
            raise ValueError("expected either a host or embedded: true")
        has_login = self.username is not None and self.password is not None
        if self.embedded and not is_loopback(self.embedded_host) and not has_login:
            raise ValueError(
                f"embedded_host is {self.embedded_host}, so others on the network could give orders: "
                "set plugins.mqtt.username and plugins.mqtt.password, or set embedded_host to 127.0.0.1"
            )
        return self

    @property
    def topics(self) -> Topics:
        """The names of all topics."""
        return Topics(self.base_topic, self.discovery_prefix)

    @property
    def shown_port_hint(self) -> str:
        """What to say about the port where nobody answers: TLS has mostly another one."""
        if self.tls.enabled and self.port == DEFAULT_PORT:
            return f"; with TLS brokers mostly listen on {DEFAULT_TLS_PORT}"
        return ""


def expanded(path: str) -> Path:
    """The path with its home folder."""
    return Path(path).expanduser()


def _is_inside(topic: str, other: str) -> bool:
    return topic == other or topic.startswith(f"{other}/")
