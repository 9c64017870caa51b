"""What a client may send to the embedded broker, frame by frame (MQTT 3.1.1). Pure; never trusts a byte."""

from dataclasses import dataclass
from enum import IntEnum

from moodroom_hub.core.topics import topic_problem

LARGEST_BYTES = 1024 * 1024
"""The longest packet that is taken, without its first two to five bytes."""
LARGEST_CONNECT_BYTES = 64 * 1024
LONGEST_CLIENT_ID = 256
_CLEAN = 0x02


class Kind(IntEnum):
    """The packets that clients send."""

    CONNECT = 1
    PUBLISH = 3
    PUBACK = 4
    PUBREC = 5
    PUBREL = 6
    PUBCOMP = 7
    SUBSCRIBE = 8
    UNSUBSCRIBE = 10
    PINGREQ = 12
    DISCONNECT = 14


class Malformed(Exception):
    """The bytes are no MQTT 3.1.1, or break one of its rules. The text holds nothing of the bytes."""


class OtherVersion(Malformed):
    """A greeting in another version of MQTT. ``level``: 3 for 3.1, 5 for 5."""

    def __init__(self, level: int) -> None:
        super().__init__(f"it speaks MQTT {'5' if level >= 5 else '3.1'}")
        self.level = level


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a CONNECT says."""

    client_id: str
    keep_alive_s: int
    is_clean: bool
    username: str | None
    password: bytes | None


_PLAIN = {
    Kind.PUBACK: (0, 2),
    Kind.PUBREC: (0, 2),
    Kind.PUBREL: (2, 2),
    Kind.PUBCOMP: (0, 2),
    Kind.PINGREQ: (0, 0),
    Kind.DISCONNECT: (0, 0),
}
"""Flags and length of the packets without content."""


def kind_of(first: int) -> Kind:
    """What a packet's first byte announces. Raises ``Malformed`` for what no client sends."""
    try:
        kind = Kind(first >> 4)
    except ValueError:
        raise Malformed("a packet that no client sends") from None
    flags = 2 if kind in (Kind.SUBSCRIBE, Kind.UNSUBSCRIBE) else _PLAIN.get(kind, (0, 0))[0]
    if kind is not Kind.PUBLISH and first & 0x0F != flags:
        raise Malformed("wrong flags")
    return kind


def check(first: int, body: bytes) -> Kind:
    """Judge a whole packet after the greeting. Raises ``Malformed``."""
    kind = kind_of(first)
    if kind is Kind.CONNECT:
        raise Malformed("a second greeting")
    if kind is Kind.PUBLISH:
        _check_publish(first, _Reader(body))
    elif kind in (Kind.SUBSCRIBE, Kind.UNSUBSCRIBE):
        _check_filters(_Reader(body), has_qos=kind is Kind.SUBSCRIBE)
    elif len(body) != _PLAIN[kind][1]:
        raise Malformed("wrong length")
    return kind


def parse_greeting(body: bytes) -> Greeting:
    """Read the body of a CONNECT. Raises ``OtherVersion`` or ``Malformed``."""
    reader = _Reader(body)
    protocol, level = reader.text(), reader.byte()
    if (protocol, level) in (("MQIsdp", 3), ("MQTT", 5)):
        raise OtherVersion(level)
    if (protocol, level) != ("MQTT", 4):
        raise Malformed("no greeting of MQTT")
    flags, keep_alive_s = reader.byte(), reader.number()
    has_will, has_username, has_password = bool(flags & 0x04), bool(flags & 0x80), bool(flags & 0x40)
    if flags & 0x01 or (flags >> 3) & 3 == 3 or (not has_will and flags & 0x38) or (has_password and not has_username):
        raise Malformed("wrong flags")
    client_id = reader.text()
    if len(client_id) > LONGEST_CLIENT_ID:
        raise Malformed("a client id that is too long")
    if has_will:
        _check_topic(reader.text())
        reader.data()
    username = reader.text() if has_username else None
    password = reader.data() if has_password else None
    reader.expect_end()
    return Greeting(client_id, keep_alive_s, bool(flags & _CLEAN), username, password)


def rewritten_greeting(body: bytes, client_id: str) -> bytes:
    """The same sound CONNECT for a clean session under ``client_id``, with its will, without time and credentials."""
    reader = _Reader(body)
    reader.text()
    reader.byte()
    flags, _ = reader.byte(), reader.number()
    reader.text()
    begin = reader.place
    if flags & 0x04:
        reader.text()
        reader.data()
    will = body[begin : reader.place]
    identity = client_id.encode()
    clean_flags = (flags & 0x3C) | _CLEAN
    return b"".join(
        (
            b"\0\4MQTT\4",
            bytes([clean_flags]),
            b"\0\0",
            len(identity).to_bytes(2, "big"),
            identity,
            will,
        )
    )


def framed(first: int, body: bytes) -> bytes:
    """A packet as it goes over the wire."""
    length, encoded = len(body), bytearray([first])
    while True:
        length, digit = length >> 7, length & 0x7F
        encoded.append(digit | 0x80 if length else digit)
        if not length:
            return bytes(encoded) + body


def _check_publish(first: int, reader: "_Reader") -> None:
    qos = (first >> 1) & 3
    if qos == 3 or (qos == 0 and first & 0x08):
        raise Malformed("wrong flags")
    _check_topic(reader.text())
    if qos and reader.number() == 0:
        raise Malformed("a packet without its number")


def _check_filters(reader: "_Reader", *, has_qos: bool) -> None:
    if reader.number() == 0:
        raise Malformed("a packet without its number")
    if reader.is_at_end:
        raise Malformed("no topics")
    while not reader.is_at_end:
        if not reader.text():
            raise Malformed("an empty topic")
        if has_qos and reader.byte() > 2:
            raise Malformed("no such quality of service")


def _check_topic(topic: str) -> None:
    if topic.startswith("$") or topic_problem(topic) is not None:
        raise Malformed("a topic that nobody may publish to")


class _Reader:
    """Reads the fields of a packet one after another; past its end it raises ``Malformed``."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.place = 0

    @property
    def is_at_end(self) -> bool:
        return self.place == len(self._body)

    def expect_end(self) -> None:
        if not self.is_at_end:
            raise Malformed("more than was announced")

    def byte(self) -> int:
        return self._take(1)[0]

    def number(self) -> int:
        return int.from_bytes(self._take(2), "big")

    def data(self) -> bytes:
        return self._take(self.number())

    def text(self) -> str:
        try:
            text = self.data().decode()
        except UnicodeDecodeError:
            raise Malformed("text that is no text") from None
        if "\0" in text:
            raise Malformed("text that is no text")
        return text

    def _take(self, size: int) -> bytes:
        end = self.place + size
        if end > len(self._body):
            raise Malformed("a packet that ends too early")
        taken, self.place = self._body[self.place : end], end
        return taken
