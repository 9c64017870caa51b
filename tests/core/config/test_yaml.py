"""What a YAML file may hold, what it may not, and that the finger points to the right line."""

import codecs
import json

import pytest

from tests.core.config.conftest import Load, Problems


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n# nothing but words\n",
        "---\n",
        "web:\nrooms:\nplugins:\n",
        "web: {}\nlistening:\n  # skip_threshold: 10s\n",
        "\ufeffweb: {port: 7777}\n",
        "web: {port: 7777}\n".encode("utf-16"),
        codecs.BOM_UTF16_BE + "web: {port: 7777}".encode("utf-16-be"),
        b"web:\r\n  port: 7777\r\n",
        "%YAML 1.2\n---\nweb: {port: 7777}\n...\n",
    ],
)
def test_a_file_that_changes_nothing_gives_the_defaults(load: Load, text: str | bytes) -> None:
    assert load(text).settings == load("").settings


def test_values_of_every_kind(load: Load) -> None:
    settings = load(
        """
        hub: {log_level: WARNING}
        web: {port: "8080", trusted_hosts: [Hub.local, nas.local], base_url: "https://rooms.example/"}
        listening: {skip_threshold: 6 s, completion_margin: 2.5, repeat_window: 3, cadence: eco, on_takeover: ignore}
        batch: {confirmed: 2, safe_side: 0, discovery: 0}
        """
    ).settings
    assert settings.hub.log_level == "warning"
    assert settings.web.port == 8080
    assert settings.web.trusted_hosts == ("hub.local", "nas.local")
    assert settings.web.base_url == "https://rooms.example"
    assert settings.listening_rules().skip_threshold_ms == 6_000
    assert settings.listening_rules().completion_margin_ms == 2_500
    assert settings.listening_rules().repeat_window == 3
    assert settings.recipe().size == 2


@pytest.mark.parametrize(
    "written", ["NO", "on", "1:30", "2001-01-01", "007", "1.10", "0x1F", "12_3", "1e5", "!!str 5", "5"]
)
def test_a_text_stays_the_text_that_was_written(load: Load, written: str) -> None:
    rooms = load(f"rooms:\n  x: {{name: X, description: {written}}}\n").settings.rooms
    assert rooms["x"].description == written.removeprefix("!!str ")


def test_json_is_yaml_also_where_it_escapes_emoji(load: Load) -> None:
    room = {"name": "Party \U0001f3a7\U0001f57a", "description": 'Straße\t\u2028\\ud83c "/" \ufeff'}
    for is_ascii in (True, False):
        text = json.dumps({"rooms": {"x": room}}, ensure_ascii=is_ascii, indent=2)
        if is_ascii:
            assert r"\ud83c\udfa7\ud83d\udd7a" in text
        read = load(text).settings.rooms["x"]
        assert (read.name, read.description) == (room["name"], room["description"])


@pytest.mark.parametrize("key", [r"\ud83c\udfa7", r"\udfa7\ud83c", r"\ud83c"])
def test_a_key_may_be_escaped_as_a_pair_and_never_as_a_half(problems: Problems, key: str) -> None:
    (said,) = problems(f'web: {{"{key}": 1}}\n')
    assert ("a plain text as key" in said) is (key != r"\ud83c\udfa7")


def test_an_anchor_may_be_used_twice(load: Load) -> None:
    rooms = load("rooms:\n  a: {name: A, avoid: &no [x, y]}\n  b: {name: B, avoid: *no}\n").settings.rooms
    assert rooms["b"].avoid == ("x", "y")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("web: {port: 1\n", "config.yaml:1: a comma is missing, or a bracket that is opened here is never closed"),
        ("web:\n\tport: 1\n", "config.yaml:2: expected spaces; YAML is not indented with tabs"),
        ("web:\n  host: 'x\n\n", "config.yaml:2: a quote or bracket that is opened here is never closed"),
        ("web:\n  port: 1\n host: x\n", "config.yaml:3: the indentation does not fit"),
        ("web: port: 1\n", "config.yaml:1: a colon too many"),
        ("web:\n  port 1\n  host: x\n", "config.yaml:3: a colon too many"),
        ("web: {password: *hunter2}\n", "config.yaml:1: expected quotes round a text that begins with *"),
        ("web:\n  password: @hunter2\n", "config.yaml:2: expected quotes round a text that begins with this sign"),
        ("web:\n  password: !hunter2\n", "config.yaml:2: web.password: expected no tag"),
        ("web:\n  password: !hunter2!x y\n", "config.yaml:2: expected quotes round a text that begins with !"),
        ("a: &hunter2 1\nb: &hunter2 2\n", "config.yaml:2: expected every anchor (&name) once"),
        ('web: {host: "\\hunter2"}\n', "config.yaml:1: a backslash sequence that YAML does not know"),
        ("web: !!python/object/apply:os.system [x]\n", "config.yaml:1: web: expected no tag"),
        ("web: {}\n---\nhub: {}\n", "config.yaml:2: expected one document"),
        ("web: {}\nx: \x00\n", "config.yaml:2: a control character"),
        ('web:\n  host: "\\UFFFFFFFF"\n', "config.yaml:2: an escape or a number"),
        ('web:\n  host: "\\udfa7\\ud83c"\n', "config.yaml:2: web.host: a character that is no valid Unicode"),
        ('web:\n  host: "\\ud800"\n', "config.yaml:2: web.host: a character that is no valid Unicode"),
        ("- web\n", "config.yaml:1: expected sections"),
        ("web\n", "config.yaml:1: expected sections"),
        ("web: 5\n", "config.yaml:1: web: expected keys and values"),
        ("\n\nweb:\n  ? [a]\n  : 1\n", "config.yaml:4: web: expected a plain text as key"),
        ("web:\n  <<: {port: 1}\n", "config.yaml:2: web.<<: expected no merge key"),
        (
            "web:\n  port: 1\n  port: 2\n",
            "config.yaml:3: web.port: expected every key once; it stands on line 2 already",
        ),
        ("web: {port: 1, port: 2}\n", "config.yaml:1: web.port: expected every key once; it stands on the same line"),
        ("hub: {}\nweb: {}\nhub: {}\n", "config.yaml:3: hub: expected every key once; it stands on line 1 already"),
        ("[" * 100_000, "config.yaml:1: nested too deeply"),
        ("a: " * 10_000, "config.yaml:1: a colon too many"),
        ("x: " + "{a: " * 39 + "1" + "}" * 39, "config.yaml:1: nested too deeply"),
        ("web: &a {host: *a}\n", "config.yaml:1: web.host.host: an alias must not hold itself"),
        ("# " + "x" * 300_000, "config.yaml: expected a file of at most 256 KiB"),
        ("# \n#\n# \xff".encode("latin-1"), "config.yaml:3: expected UTF-8 text"),
        ("web: x".encode("utf-16") + b"\x00", "config.yaml: expected UTF-8 text"),
    ],
)
def test_what_is_no_good_is_named_with_its_line(problems: Problems, text: str | bytes, line: str) -> None:
    told = problems(text)
    assert any(each.startswith(line) for each in told), told
    assert "hunter2" not in "\n".join(told)


def test_aliases_cannot_blow_up(problems: Problems) -> None:
    layers = "\n".join(f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]" for i in range(1, 12))
    told = problems(f"l0: &l0 [x]\n{layers}\n")
    assert len(problems(f"plugins:\n  x: &l0 [x]\n{layers}\nweb: {{port: 80}}\n")) > 1
    assert any("aliases make this file too large" in each for each in told)
