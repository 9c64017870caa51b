"""SOAP envelopes: what a request asks, and how it is answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

from moodroom_hub.simulator.sonos.didl import clean
from moodroom_hub.simulator.sonos.faults import Code, UpnpError

_BODY = "{http://schemas.xmlsoap.org/soap/envelope/}Body"
_ENVELOPE = (
    '<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
    's:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>{}</s:Body></s:Envelope>'
)
XML_TYPE = 'text/xml; charset="utf-8"'


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. ``delay_ms`` of world time pass before it; ``drop``: ``hang`` is never answered, ``reset`` cut."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": XML_TYPE})
    delay_ms: int = 0
    drop: str | None = None


def read_request(body: bytes) -> tuple[str, str, dict[str, str]]:
    """Service type (without urn and version), action and arguments. Raises ``UpnpError``."""
    if b"<!" in body:
        raise UpnpError(Code.INVALID_ARGS)
    try:
        envelope = ElementTree.fromstring(body)  # noqa: S314 -- documents with declarations were turned away above
    except ElementTree.ParseError:
        raise UpnpError(Code.INVALID_ARGS) from None
    content = envelope.find(_BODY)
    action = None if content is None else next(iter(content), None)
    if action is None or not action.tag.startswith("{urn:schemas-upnp-org:service:"):
        raise UpnpError(Code.INVALID_ACTION)
    namespace, _, name = action.tag[1:].partition("}")
    return namespace.split(":")[-2], name, {argument.tag: argument.text or "" for argument in action}


def answered(service: str, action: str, values: Mapping[str, object]) -> Answer:
    """The answer of a command that was done."""
    arguments = "".join(f"<{name}>{clean(str(value))}</{name}>" for name, value in values.items())
    content = f'<u:{action}Response xmlns:u="urn:schemas-upnp-org:service:{service}:1">{arguments}</u:{action}Response>'
    return Answer(body=_ENVELOPE.format(content).encode())


def refused(code: Code) -> Answer:
    """The answer of a command that was not done."""
    fault = (
        "<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail>"
        f'<UPnPError xmlns="urn:schemas-upnp-org:control-1-0"><errorCode>{code.value}</errorCode></UPnPError>'
        "</detail></s:Fault>"
    )
    return Answer(status=500, body=_ENVELOPE.format(fault).encode())
