"""Plugins that cannot be loaded are named with the reason, and harm nobody else."""

import logging
import sys
from collections.abc import Sequence

import pytest

from moodroom_hub.core.face import PluginStatus
from moodroom_hub.plugins import BUILTIN_PLUGINS
from tests.core.plugin_lab import Lab, status_by_name

GOOD = """
class Plugin(Base):
    name = "good"
    @hookimpl
    async def on_event(self, event):
        calls.append(event)
"""
READY = (PluginStatus.WAITING, "not started yet")
FAILED, DISABLED = PluginStatus.FAILED, PluginStatus.DISABLED


def plugin(body: str = "pass", name: str = "bad", base: str = "Base") -> str:
    """The source of a plugin whose class has the given body."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return f'class Plugin({base}):\n    name = "{name}"\n{lines}\n'


BROKEN: dict[str, tuple[str, Sequence[str]]] = {
    "raises at import": ("raise ValueError('no such library')", ["ValueError: no such library"]),
    "misses a library": ("import no_such_library_at_all", ["No module named 'no_such_library_at_all'"]),
    "exits at import": ("raise SystemExit(3)", ["SystemExit: 3"]),
    "has a syntax error": ("def broken(:", ["SyntaxError"]),
    "has no Plugin": ("x = 1", ["no class called Plugin"]),
    "is no class": ("Plugin = 7", ["expected a class, got 7"]),
    "has no name": ("class Plugin(Base):\n    pass", ["name is None, expected 'bad'"]),
    "has another name": (plugin(name="worse"), ["name is 'worse', expected 'bad'"]),
    "has no role": (plugin("role = 'policy'"), ["role must be one of policy, face, source"]),
    "has a wrong Config": (plugin("Config = dict"), ["Config must be a subclass of PluginConfig"]),
    "has everything wrong": ("class Plugin:\n    pass", ["name is", "role must", "Config must"]),
    "misspells a hook": (
        plugin("@hookimpl\nasync def on_skiped(self, event): pass"),
        ["there is no hook called 'on_skiped' (did you mean 'on_skipped'?)"],
    ),
    "misspells two hooks": (
        plugin("@hookimpl\nasync def on_skiped(self): pass\n@hookimpl\nasync def stopp(self): pass"),
        ["'on_skiped' (did you mean 'on_skipped'?)", "'stopp' (did you mean 'stop'?)"],
    ),
    "has a wrong argument": (
        plugin("@hookimpl\nasync def on_event(self, evnt): pass"),
        ["on_event has no argument 'evnt' (did you mean 'event'?)", "async def on_event(self, event)"],
    ),
    "takes anything": (plugin("@hookimpl\nasync def on_event(self, **rest): pass"), ["must name its arguments"]),
    "is not async": (plugin("@hookimpl\ndef on_event(self, event): pass"), ["on_event must be async def"]),
    "is async": (plugin("@hookimpl\nasync def register_zones(self): pass"), ["register_zones must be a plain def"]),
    "is a generator": (plugin("@hookimpl\nasync def on_event(self, event): yield"), ["on_event must be async def"]),
    "is a wrapper": (plugin("@hookimpl(wrapper=True)\ndef draw(self): yield"), ["draw must not be a wrapper"]),
    "is an old wrapper": (plugin("@hookimpl(hookwrapper=True)\ndef draw(self): yield"), ["must not be a wrapper"]),
    "has a constructor that raises": (
        plugin("def __init__(self, context): raise RuntimeError('no disk')"),
        ["RuntimeError: no disk"],
    ),
    "has a constructor that exits": (plugin("def __init__(self, context): raise SystemExit"), ["SystemExit"]),
    "has a constructor without context": (plugin("def __init__(self): pass"), ["TypeError"]),
    "has a zone hook that raises": (
        plugin("@hookimpl\ndef register_zones(self): raise OSError('no net')"),
        ["OSError: no net"],
    ),
    "gives no list of zones": (
        plugin("@hookimpl\ndef register_zones(self): return None"),
        ["register_zones must give a list"],
    ),
    "gives odd zones": (plugin("@hookimpl\ndef register_zones(self): return [7]"), ["must give ZonePorts, not 7"]),
    "gives odd accounts": (plugin("@hookimpl\ndef register_accounts(self): return [7]"), ["AttributeError"]),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_plugin_is_named_and_its_neighbours_load(
    kind: str, lab: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    source, reasons = BROKEN[kind]
    lab.install("bad", source)
    lab.install("good", GOOD)
    registry = lab.registry()
    with caplog.at_level(logging.WARNING):
        registry.load()
    found = status_by_name(registry)
    assert found["good"] == READY
    status, reason = found["bad"]
    assert status is FAILED
    for part in reasons:
        assert part in reason
    assert "bad cannot be" in caplog.text
    assert (registry.zones, registry.accounts) == ((), ())
    assert registry.names() == ("bad", "good")


def test_an_entry_point_may_name_a_module_or_a_class_or_nothing_that_exists(lab: Lab) -> None:
    lab.install("good", GOOD)
    lab.install("named", plugin(name="named"), entry="foreign_named:Plugin")
    lab.install("lost", GOOD, entry="foreign_lost:Nothing")
    lab.install("nowhere", GOOD, entry="no_such_module_at_all:Plugin")
    registry = lab.registry()
    registry.load()
    found = status_by_name(registry)
    assert found["good"] == found["named"] == READY
    assert "AttributeError" in found["lost"][1]
    assert "No module named 'no_such_module_at_all'" in found["nowhere"][1]


def test_built_in_plugins_load_like_foreign_ones_and_keep_their_names(lab: Lab) -> None:
    lab.module("kitchen", plugin(name="kitchen"))
    lab.module("cellar", "raise ImportError('no libmusic')")
    lab.install("kitchen", plugin(name="kitchen"), distribution="evil-kitchen")
    lab.install("good", GOOD)
    registry = lab.registry(["kitchen", "cellar"])
    registry.load()
    assert [(view.name, view.status, view.is_builtin) for view in registry.views()] == [
        ("kitchen", PluginStatus.WAITING, True),
        ("cellar", FAILED, True),
        ("good", PluginStatus.WAITING, False),
        ("kitchen (evil-kitchen)", FAILED, False),
    ]
    assert status_by_name(registry)["kitchen (evil-kitchen)"][1] == "another plugin is called 'kitchen' already"
    assert "foreign_kitchen" not in sys.modules


def test_of_two_foreign_plugins_with_one_name_the_first_package_wins(lab: Lab) -> None:
    lab.module("foreign_a", plugin(name="radio"))
    lab.module("foreign_b", plugin(name="radio"))
    lab.announce("zz-radio", {"radio": "foreign_b"})
    lab.announce("aa-radio", {"radio": "foreign_a"})
    registry = lab.registry()
    registry.load()
    assert status_by_name(registry) == {
        "radio": READY,
        "radio (zz-radio)": (FAILED, "another plugin is called 'radio' already"),
    }


def test_a_plugin_named_like_a_path_or_markup_is_refused(lab: Lab) -> None:
    lab.module("foreign_odd", plugin(name="<b>../odd"))
    lab.announce("odd", {"<b>../odd": "foreign_odd"})
    registry = lab.registry()
    registry.load()
    assert "lower-case letters" in status_by_name(registry)["<b>../odd"][1]


def test_broken_metadata_of_another_package_hides_nobody(lab: Lab) -> None:
    info = lab.site / "broken-1.0.dist-info"
    info.mkdir()
    (info / "entry_points.txt").write_bytes(b"[moodroom_hub]\nbroken = \xff\xfe\n")
    lab.install("good", GOOD)
    registry = lab.registry()
    registry.load()
    assert status_by_name(registry)["good"] == READY


def test_what_is_switched_off_is_not_even_imported(lab: Lab) -> None:
    lab.install("bad", "raise SystemExit(3)")
    lab.install("loud", plugin(name="loud"))
    lab.install("good", GOOD)
    registry = lab.registry(
        config="plugins: {bad: {enabled: false, key: 'env:NOT_SET'}}",
        environ={"MOODROOM_PLUGINS__LOUD__ENABLED": "false"},
    )
    registry.load()
    off = (DISABLED, "switched off in the configuration")
    assert status_by_name(registry) == {"bad": off, "loud": off, "good": READY}
    assert "foreign_bad" not in sys.modules
    assert "foreign_loud" not in sys.modules


def test_a_bad_section_disables_its_plugin_with_the_line(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    lab.install(
        "bad",
        """
        class Config(PluginConfig):
            speed: int = 1
        class Plugin(Base):
            name = "bad"
            Config = Config
        """,
    )
    lab.install("good", GOOD)
    registry = lab.registry(config="plugins:\n  bad:\n    speed: quick\n    colour: red\n")
    registry.load()
    found = status_by_name(registry)
    assert found["good"] == READY
    status, reason = found["bad"]
    assert status is DISABLED
    assert "config.yaml:3" in reason
    assert "plugins.bad.speed" in reason
    assert "plugins.bad.colour" in reason
    assert "\n" not in reason
    assert "bad is switched off" in caplog.text
    assert set(registry.plugin_models()) == {"bad", "good"}


def test_models_of_built_in_plugins_are_known_even_when_switched_off(lab: Lab) -> None:
    lab.module("kitchen", plugin(name="kitchen"))
    lab.module("cellar", "raise ImportError('no libmusic')")
    registry = lab.registry(["kitchen", "cellar"], "plugins: {kitchen: {enabled: false}, cellar: {enabled: false}}")
    registry.load()
    assert {status for status, _ in status_by_name(registry).values()} == {DISABLED}
    assert set(registry.plugin_models()) == {"kitchen"}


def test_a_hook_without_its_mark_is_told_of(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    lab.install("forgetful", plugin("async def on_skipped(self, event): pass\ndraw = 7", name="forgetful"))
    registry = lab.registry()
    registry.load()
    assert status_by_name(registry)["forgetful"] == READY
    assert "forgetful: on_skipped is named like a hook, but lacks @hookimpl" in caplog.text
    assert "draw" not in caplog.text


ZONES = """
from moodroom_hub.core.ports import ZonePorts
class Account:
    name = "{account}"
class Plugin(Base):
    name = "{name}"
    @hookimpl
    def register_zones(self):
        return [ZonePorts({zone!r}, None, None, 9)]
    @hookimpl
    def register_accounts(self):
        return [Account()]
"""


def test_zones_and_accounts_are_collected_and_nobody_may_take_anothers(lab: Lab) -> None:
    lab.install("a", ZONES.format(name="a", zone="home", account="Spotify"))
    lab.install("b", ZONES.format(name="b", zone="kitchen", account="Tidal"))
    lab.install("c", ZONES.format(name="c", zone="home", account="Qobuz"))
    lab.install("d", ZONES.format(name="d", zone="bath", account="Tidal"))
    registry = lab.registry()
    registry.load()
    assert [ports.zone for ports in registry.zones] == ["home", "kitchen"]
    assert [account.name for account in registry.accounts] == ["Spotify", "Tidal"]
    found = status_by_name(registry)
    assert found["c"] == (FAILED, "the zone 'home' is given already")
    assert found["d"] == (FAILED, "the account 'Tidal' is given already")


def test_foreign_plugins_can_be_left_out(lab: Lab) -> None:
    lab.install("good", GOOD)
    registry = lab.registry(with_foreign=False)
    registry.load()
    assert registry.views() == ()


def test_the_built_in_list_names_folders_of_the_package() -> None:
    assert len(set(BUILTIN_PLUGINS)) == len(BUILTIN_PLUGINS)
    assert all(path.startswith("moodroom_hub.plugins.") for path in BUILTIN_PLUGINS)
