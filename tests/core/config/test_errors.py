"""Every mistake at once, each with file, line, key, what was expected and what was probably meant; and no secret."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodroom_hub.core.config import ConfigError, Problem, load_config
from tests.core.config.conftest import Problems


def test_all_mistakes_are_told_together_and_in_order(problems: Problems) -> None:
    text = """\
hub: {log_level: inof}
wbe: {}
port: 80
web:
  prot: 80
  port: many
  base_url: ftp://x
listening:
  skip_threshold: 30x
  top_up: 5
  on_takeover: yeild
batch: {confirmed: 0, safe_side: 0, discovery: 0}
rooms:
  Late Night: {name: House}
  house:
  rage:
    palette: {accent: #ff0000
      }
  chill: {name: "Off", anchors: [{name: x}], pallete: {}, avoid: [1, ""]}
"""
    environ = {
        "MOODROOM_WEB__PASSWRD": "x",
        "MOODROOM_BATCH__DISCOVERY": "few",
        "MOODROOM_WEB_PORT": "1",
    }
    known_rooms = "known here: name, description, anchors, avoid, palette"
    known_web = "known here: host, port, password, base_url, trusted_hosts"
    known_top = "known here: hub, database, web, listening, batch, rooms, plugins"
    assert problems(text, environ) == [
        "config.yaml:1: hub.log_level: expected 'debug', 'info', 'warning' or 'error' (did you mean info?)",
        f"config.yaml:2: wbe: unknown section; {known_top} (did you mean web?)",
        f"config.yaml:3: port: unknown section; {known_top} (did you mean web.port?)",
        f"config.yaml:5: web.prot: unknown key; {known_web} (did you mean port?)",
        "config.yaml:6: web.port: expected a whole number",
        (
            "config.yaml:7: web.base_url: expected an address such as http://hub.local:7777, "
            "without a name, a query or a fragment"
        ),
        (
            "config.yaml:9: listening.skip_threshold: expected a duration such as 30s, 2m, 3h or 500ms "
            "(a plain number is seconds)"
        ),
        "config.yaml:10: listening.top_up: expected at most 1",
        "config.yaml:11: listening.on_takeover: expected 'yield' or 'ignore' (did you mean yield?)",
        (
            "config.yaml:14: rooms.Late Night: expected a slug of lower-case letters, digits and dashes "
            "(at most 40 characters), such as late-night"
        ),
        "config.yaml:15: rooms.house.name: expected a name of its own; rooms.Late Night is called the same",
        (
            'config.yaml:17: rooms.rage.palette.accent: expected a colour as "#rrggbb", in quotes '
            "(without them YAML reads # as a comment)"
        ),
        "config.yaml:19: rooms.chill.anchors[0].artist: expected this key; it is missing",
        "config.yaml:19: rooms.chill.avoid[1]: expected a text that is not empty",
        "config.yaml:19: rooms.chill.name: expected another name: 'Off' is the word for no room",
        f"config.yaml:19: rooms.chill.pallete: unknown key; {known_rooms} (did you mean palette?)",
        "MOODROOM_BATCH__DISCOVERY: batch.discovery: expected a whole number",
        (
            "MOODROOM_WEB_PORT: expected a name such as MOODROOM_<SECTION>__<KEY>, "
            "or another prefix for what is not ours (did you mean MOODROOM_WEB__PORT?)"
        ),
        f"MOODROOM_WEB__PASSWRD: web.passwrd: unknown key; {known_web} (did you mean MOODROOM_WEB__PASSWORD?)",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("batch: {confirmed: 40, safe_side: 11}", "config.yaml:1: batch: expected confirmed + safe_side + discovery"),
        ("batch: {confirmed: -1}", "config.yaml:1: batch.confirmed: expected at least 0"),
        ("batch: {confirmed: 1.5}", "config.yaml:1: batch.confirmed: expected a whole number"),
        ("batch: {confirmed: }", "config.yaml:1: batch.confirmed: expected a whole number"),
        ("listening: {skip_threshold: 11m}", "expected a duration of at most 10m"),
        ("listening: {skip_threshold: -1}", "expected a duration that is not negative"),
        ("listening: {skip_threshold: [1]}", "expected a duration such as"),
        ("listening: {completion_margin: true}", "expected a duration such as"),
        ("web: {port: 65536}", "expected at most 65535"),
        ("web: {port: 99999999999999999999999999}", "expected"),
        ("web: {host: http://x}", "expected a host name or an IP address"),
        ("web: {host: ''}", "expected a host name or an IP address"),
        ("web: {password: ''}", "expected a text that is not empty (null means none)"),
        ("web: {password: true}", "expected a text (quotes make one)"),
        ("web: {trusted_hosts: hub.local}", "web.trusted_hosts: expected a list"),
        ("web: {base_url: 'http://['}", "expected an address such as"),
        ("web: {base_url: 'http://me:hunter2@hub'}", "expected an address such as"),
        ("hub: {data_dir: '~nobody-of-that-name/x'}", "no such user's home folder"),
        ("hub: {data_dir: [a]}", "expected a path"),
        ("rooms: {}", "config.yaml:1: rooms: expected at least 1 of them"),
        ("rooms: [a]", "config.yaml:1: rooms: expected keys and values"),
        ("rooms:\n  x: {name: X, palette: {accent: '#000000', from: '#000000', to: red, blobs: []}}", "palette.to"),
        (
            "rooms:\n  x:\n    palette: {blobs: ['#000000']}",
            "config.yaml:3: rooms.x.palette.blobs[2]: expected one more",
        ),
        ("rooms:\n  x:\n    palette: {blobs: ['#000000']}", "config.yaml:3: rooms.x.palette.from: expected this key"),
        ("rooms:\n  x: {name: ' '}", "config.yaml:2: rooms.x.name: expected a text that is not empty"),
        ('rooms:\n  x: {name: "a\\nb"}', "expected one line without control characters"),
        (f"rooms:\n  x: {{description: {'x' * 2001}}}", "expected at most 2000 characters"),
        ("rooms:\n  off: {name: Away}", "'off' is the word for no room"),
        ("rooms:\n  夜: {name: x}", "such as late-night"),
        ("plugins: [spotify]", "config.yaml:1: plugins: expected the plugins' sections"),
        ("spotify: {client_id: x}", "(plugins have their sections under plugins)"),
    ],
)
def test_each_kind_of_mistake_has_its_words(problems: Problems, text: str, told: str) -> None:
    found = problems(text)
    assert any(told in each for each in found), found
    assert "hunter2" not in "\n".join(found)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    for path, told in (
        (tmp_path / "none.yaml", "No such file"),
        (tmp_path, "directory"),
        (Path("\0"), "no usable path"),
    ):
        with pytest.raises(ConfigError, match=told):
            load_config(path, {})


def test_mistakes_of_the_environment_are_told_beside_a_broken_file(problems: Problems) -> None:
    told = problems("web: {", {"MOODROOM_WEB__PORT": "x", "MOODROOM_ROOMS__MINE__NAME": "Mine"})
    assert [each.partition(":")[0] for each in told] == ["config.yaml", "MOODROOM_WEB__PORT"]


def test_a_problem_without_a_hint_or_key_reads_well() -> None:
    assert str(Problem("a:1", "", "bad")) == "a:1: bad"
    assert str(Problem("a:1", "k", "bad", "mend")) == "a:1: k: bad (mend)"


SECRETS = st.from_regex(r"\A[A-Za-z0-9]{8,20}\Z").map(lambda text: "S3cr" + text)
WRONG = [
    "web: {{password: [{0}]}}",
    "web: {{password: {{a: {0}}}}}",
    "web: {{password: *{0}}}",
    "web: {{password: !{0}}}",
    "web: {{password: &{0} }}",
    "web: {{password: '{0}}}",
    "web: {{password: {0}, password: {0}2}}",
    "web:\n  password: {0}: x",
    "web:\n  password:\n {0}",
    "web:\n  base_url: https://me:{0}@hub",
    "web:\n  host: '{0} {0}'",
    "database: {0}",
    "database: [{0}]",
    "web: {{port: env:PW}}",
    "web: {{base_url: env:PW}}",
    "hub: {{log_level: env:PW}}",
    "listening: {{skip_threshold: env:PW}}",
    "rooms: {{x: {{name: X, palette: env:PW}}}}",
    "rooms: {{x: {{name: X, palette: {{accent: env:PW}}}}}}",
]


@settings(max_examples=60)
@given(secret=SECRETS, wrong=st.sampled_from(WRONG))
def test_no_error_ever_repeats_a_secret(tmp_path_factory: pytest.TempPathFactory, secret: str, wrong: str) -> None:
    path = tmp_path_factory.getbasetemp() / "secret.yaml"
    path.write_text(wrong.format(secret), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(path, {"PW": secret, "MOODROOM_WEB__PORT": secret, "MOODROOM_WEB__PASSWORT": secret})
    assert secret not in str(caught.value)
    assert secret not in repr(caught.value.problems)
