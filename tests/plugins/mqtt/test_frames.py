"""The door of the embedded broker: judges any bytes, and says yes only to what MQTT 3.1.1 allows."""

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from moodroom_hub.plugins.mqtt import frames
from moodroom_hub.plugins.mqtt.frames import Kind, Malformed, OtherVersion
from tests.plugins.mqtt.broker_lab import hello, text

names = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
topics = st.text(st.characters(exclude_characters="\0+#$", exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(st.integers(0, 255), st.binary(max_size=80))
@example(0x10, hello(2, text("a")))
def test_any_packet_is_judged(first: int, body: bytes) -> None:
    with suppress(Malformed):
        kind = frames.check(first, body)
        assert kind is not Kind.CONNECT


@given(st.binary(max_size=80) | st.binary(max_size=40).map(lambda rest: hello(0xF6) + rest))
def test_any_greeting_is_judged(body: bytes) -> None:
    with suppress(Malformed):
        assert frames.parse_greeting(body).keep_alive_s >= 0


@given(
    client_id=names,
    keep_alive_s=st.integers(0, 65535),
    is_clean=st.booleans(),
    will=st.none() | st.tuples(topics, st.binary(max_size=50), st.integers(0, 2), st.booleans()),
    username=st.none() | names,
    password=st.none() | st.binary(max_size=20),
    name=names,
)
def test_a_sound_greeting_is_read_and_handed_on_without_its_secrets(
    client_id: str,
    keep_alive_s: int,
    is_clean: bool,
    will: tuple[str, bytes, int, bool] | None,
    username: str | None,
    password: bytes | None,
    name: str,
) -> None:
    password = None if username is None else password
    flags, fields = 2 * is_clean, [text(client_id)]
    if will is not None:
        topic, message, qos, is_retained = will
        flags |= 0x04 | qos << 3 | 0x20 * is_retained
        fields += [text(topic), text(message)]
    if username is not None:
        flags, fields = flags | 0x80, [*fields, text(username)]
    if password is not None:
        flags, fields = flags | 0x40, [*fields, text(password)]
    body = hello(flags, *fields, keep_alive_s=keep_alive_s)
    greeting = frames.parse_greeting(body)
    assert (greeting.client_id, greeting.keep_alive_s, greeting.is_clean) == (client_id, keep_alive_s, is_clean)
    assert (greeting.username, greeting.password) == (username, password)
    for cut in range(len(body)):
        with pytest.raises(Malformed):
            frames.parse_greeting(body[:cut])
    with pytest.raises(Malformed):
        frames.parse_greeting(body + b"\0")
    rewritten = frames.rewritten_greeting(body, name)
    again = frames.parse_greeting(rewritten)
    assert (again.client_id, again.is_clean, again.username, again.password) == (name, True, None, None)
    assert again.keep_alive_s == 0, "the door keeps the time, not amqtt"
    if will is not None:
        assert rewritten.endswith(text(will[0]) + text(will[1]))
        assert rewritten[7] & 0x3C == flags & 0x3C


@pytest.mark.parametrize(
    "body",
    [
        hello(3, text("a")),
        hello(2 | 0x18 | 4, text("a"), text("t"), text("m")),
        hello(2 | 0x20, text("a")),
        hello(2 | 0x40, text("a"), text("p")),
        hello(2 | 4, text("a"), text("a/#"), text("m")),
        hello(2 | 4, text("a"), text("$SYS/x"), text("m")),
        hello(2 | 4, text("a"), text(""), text("m")),
        hello(2, text("a\0b")),
        hello(2, text(b"\xff\xfe")),
        hello(2, text("a" * 257)),
        hello(2, text("a"), protocol="HTTP"),
        hello(2, text("a"), level=6),
    ],
)
def test_what_no_greeting_may_hold(body: bytes) -> None:
    with pytest.raises(Malformed):
        frames.parse_greeting(body)


@pytest.mark.parametrize(("protocol", "level"), [("MQTT", 5), ("MQIsdp", 3)])
def test_another_version_is_known_by_name(protocol: str, level: int) -> None:
    with pytest.raises(OtherVersion) as caught:
        frames.parse_greeting(hello(2, b"\0", text("a"), protocol=protocol, level=level))
    assert caught.value.level == level


@pytest.mark.parametrize(
    ("first", "body", "is_sound"),
    [
        (0x30, text("a") + b"hello", True),
        (0x30, text("a"), True),
        (0x3D, text("a") + b"\0\1hello", True),
        (0x32, text("a") + b"\0\0hello", False),
        (0x32, text("a"), False),
        (0x36, text("a") + b"\0\1", False),
        (0x38, text("a"), False),
        (0x30, text("a/+"), False),
        (0x30, text("$SYS/a"), False),
        (0x30, text(""), False),
        (0x40, b"\0\1", True),
        (0x40, b"\0\1\0", False),
        (0x62, b"\0\1", True),
        (0x60, b"\0\1", False),
        (0x82, b"\0\1" + text("a/#") + b"\1", True),
        (0x82, b"\0\1" + text("a/#") + b"\3", False),
        (0x82, b"\0\1", False),
        (0x80, b"\0\1" + text("a") + b"\1", False),
        (0xA2, b"\0\1" + text("a"), True),
        (0xC0, b"", True),
        (0xE0, b"", True),
        (0xE0, b"\0", False),
        (0x20, b"\0\0", False),
        (0x00, b"", False),
        (0xF0, b"", False),
        (0x10, hello(2, text("a")), False),
    ],
)
def test_each_packet_by_its_rule(first: int, body: bytes, is_sound: bool) -> None:
    if is_sound:
        assert frames.check(first, body) == first >> 4
    else:
        with pytest.raises(Malformed):
            frames.check(first, body)


@pytest.mark.parametrize(
    ("size", "length"), [(0, b"\0"), (127, b"\x7f"), (128, b"\x80\1"), (16383, b"\xff\x7f"), (16384, b"\x80\x80\1")]
)
def test_lengths_are_written_as_the_standard_says(size: int, length: bytes) -> None:
    assert frames.framed(0x30, b"x" * size) == b"\x30" + length + b"x" * size
