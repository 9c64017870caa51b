"""Whatever stands in a file or the environment: the hub gets a configuration, or is told what is wrong."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moodroom_hub.core.config import (
    ConfigError,
    PluginConfig,
    Problem,
    SecretText,
    json_schema,
    load_config,
    plugin_config,
    print_config,
    unknown_plugins,
)

T = TypeVar("T")


class Plugin(PluginConfig):
    host: str = "x"
    port: int = 1
    password: SecretText | None = None
    topics: tuple[str, ...] = ()
    mapping: dict[str, int] = {}  # noqa: RUF012 -- pydantic copies defaults


MODELS: dict[str, type[PluginConfig]] = {"spotify": Plugin, "top_up": PluginConfig}

KEYS = (
    "hub database web listening batch rooms plugins spotify data_dir log_level url host port password trusted_hosts "
    "base_url skip_threshold top_up confirmed name description anchors avoid palette accent from to blobs house "
    "late-night artist enabled topics mapping env:X env:PW file:/ file:x #ff0000 30s null true 7"
)
PIECES = "WEB PORT HOST ROOMS HOUSE LATE_NIGHT PALETTE BLOBS 0 9 PLUGINS SPOTIFY TOPICS MAPPING NAME"
WORDS = st.sampled_from(KEYS.split(" "))
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12), st.binary(max_size=4), st.dates(), WORDS
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(WORDS, st.text(max_size=5), st.integers()), inner, max_size=4),
    ),
    max_leaves=12,
)
FILES = st.dictionaries(WORDS, st.one_of(st.dictionaries(WORDS, VALUES, max_size=4), VALUES), max_size=4)
NAME_PARTS = st.one_of(st.sampled_from(PIECES.split(" ")), st.text(alphabet="AB_-9é", max_size=4))
ENVIRONS = st.dictionaries(
    st.lists(NAME_PARTS, min_size=1, max_size=4).map(lambda parts: "MOODROOM_" + "__".join(parts)),
    st.one_of(
        st.text(max_size=12),
        st.sampled_from(["[", "{a: b}", "[1, 2]", "null", "env:PW", "\udcff", "*a", "1"]),
    ),
    max_size=3,
)


SECRET = "S3cr3t-of-ours"


def check(content: bytes, environ: dict[str, str], factory: pytest.TempPathFactory) -> None:
    """Everything that the hub does with a configuration; any error but ``ConfigError`` goes up."""
    path = factory.getbasetemp() / "config.yaml"
    path.write_bytes(content)
    loaded, problems = _or_problems(lambda: load_config(path, {**environ, "PW": SECRET}))
    for problem in problems:
        assert problem.where.startswith((str(path), "MOODROOM_")), problem
        assert problem.message
        assert str(problem).isprintable()
        assert SECRET not in str(problem)
    if loaded is None:
        assert problems
        return
    for name, model in MODELS.items():
        _config, problems = _or_problems(partial(plugin_config, loaded, name, model))
        assert all(problem.key.startswith(f"plugins.{name}") for problem in problems)
        assert not any(SECRET in str(problem) for problem in problems)
    unknown_plugins(loaded, MODELS)
    printed = print_config(loaded, MODELS)
    assert SECRET not in printed
    assert isinstance(yaml.safe_load(printed), dict)
    assert loaded.settings.domain_rooms()


def _or_problems(work: Callable[[], T]) -> tuple[T | None, tuple[Problem, ...]]:
    try:
        return work(), ()
    except ConfigError as error:
        return None, error.problems


CALM = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@CALM
@given(content=st.binary(max_size=200))
def test_any_bytes(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    check(content, {}, tmp_path_factory)


@CALM
@given(text=st.text(alphabet="ab:-[]{}#&*!|>'\"%@`,? \n\t\\~<.0", max_size=80), environ=ENVIRONS)
def test_any_text_that_looks_like_yaml(
    text: str, environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    check(text.encode(), environ, tmp_path_factory)


@settings(CALM, max_examples=150)
@given(content=FILES, environ=ENVIRONS)
def test_any_values_in_any_place(
    content: dict[str, object], environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = yaml.safe_dump(content, allow_unicode=True)
    check(text.encode("utf-8", "surrogatepass"), environ, tmp_path_factory)


@CALM
@given(
    section=st.dictionaries(st.sampled_from(["host", "port", "topics", "mapping", "password", "x"]), VALUES, max_size=4)
)
def test_a_plugins_section_never_troubles_the_core(
    section: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "plugin.yaml"
    path.write_text(yaml.safe_dump({"plugins": {"spotify": section}}), encoding="utf-8")
    loaded = load_config(path, {})
    assert plugin_config(loaded, "top_up", PluginConfig).enabled
    check(path.read_bytes(), {}, tmp_path_factory)


def test_the_schema_is_made_for_any_models() -> None:
    assert json_schema(MODELS)["$defs"]
    assert json_schema({})["properties"]["plugins"]["properties"] == {}
