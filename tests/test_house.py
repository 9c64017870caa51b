"""The house plan as data: which room of the package may import what, and what every plugin looks like."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "moodroom_hub"
NAME = "moodroom_hub"
LONGEST = 500
LONG = 300


@dataclass(frozen=True, slots=True)
class Rule:
    """What one room may import besides itself: parts of the package, third parties, and all of Python but these."""

    ours: tuple[str, ...]
    others: tuple[str, ...]
    not_of_python: tuple[str, ...] = ()


_FACES = (
    "actions clock config context errors events face hookspecs lock lookups miners played ports sorting stations "
    "topics wire"
)
CORE_FACE = tuple(f"core.{module}" for module in _FACES.split())
"""What plugins, built in or foreign, may know of the core."""

RULES = {
    "domain": Rule(
        ours=(),
        others=(),
        not_of_python=("asyncio", "logging", "time", "threading", "socket", "os", "pathlib", "sqlite3", "subprocess"),
    ),
    "core": Rule(
        ours=("domain", "__version__"),
        others=(
            "pluggy",
            "sqlalchemy",
            "sqlmodel",
            "alembic",
            "apscheduler",
            "tzlocal",
            "yaml",
            "pydantic",
            "pydantic_core",
            "platformdirs",
        ),
    ),
    "plugins": Rule(
        ours=("domain", "__version__", *CORE_FACE),
        others=("pydantic",),
    ),
    "simulator": Rule(
        ours=("domain",),
        others=("aiohttp", "requests"),  # requests: the adapter that serves spotipy's session without a socket
    ),
    "app": Rule(
        ours=("domain", "core", "plugins", "simulator", "__version__"),
        others=("click", "aiohttp", "pydantic", "platformdirs"),
    ),
}

SDKS = {
    "spotify": ("spotipy", "requests", "urllib3"),
    "sonos": ("soco", "aiohttp"),
    "mqtt": ("aiomqtt", "paho", "amqtt"),
    "llm_mining": ("aiohttp",),
    "scrobbling": ("aiohttp",),
    "metadata": ("aiohttp",),
    "artwork": ("aiohttp",),
    "sorter": ("numpy", "scipy", "sklearn"),
    "radio": ("numpy", "scipy", "dask", "distributed", "cryptography"),
    "status_page": ("aiohttp", "jinja2", "prometheus_client", "yarl"),
}
"""What a plugin may import besides, because it is the edge to just that."""

ONLY_IMPORTERS = {
    "pluggy": ("core",),
    "sqlalchemy": ("core",),
    "sqlmodel": ("core",),
    "alembic": ("core",),
    "apscheduler": ("core",),
    "tzlocal": ("core",),
    "yaml": ("core",),
    "spotipy": ("plugins/spotify",),
    "soco": ("plugins/sonos",),
    "aiomqtt": ("plugins/mqtt",),
    "paho": ("plugins/mqtt",),
    "amqtt": ("plugins/mqtt",),
    "numpy": ("plugins/sorter", "plugins/radio"),
    "scipy": ("plugins/sorter", "plugins/radio"),
    "dask": ("plugins/radio",),
    "distributed": ("plugins/radio",),
    "cryptography": ("plugins/radio",),
    "sklearn": ("plugins/sorter",),
    "jinja2": ("plugins/status_page",),
    "prometheus_client": ("plugins/status_page",),
    "click": ("app",),
    "argparse": ("app", "plugins/radio"),  # its training is a program of its own, for machines without a hub
    "rich": ("app",),
    "signal": ("app", "plugins/radio"),  # in the training's process, which is not the hub's
    "logging.config": ("app",),
    "logging.handlers": ("app",),
}


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module, where it stands, and whether only when a function is called."""

    file: Path
    line: int
    module: str
    is_late: bool

    @property
    def place(self) -> str:
        """``core/config/models.py:12``."""
        return f"{self.file.relative_to(PACKAGE)}:{self.line}"


def python_files() -> list[Path]:
    """Every module of the package."""
    return sorted(path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts)


@cache
def parsed(file: Path) -> ast.Module:
    """The file's syntax tree."""
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def imports_of(file: Path) -> Iterator[Import]:
    """Every import in a file, those under ``TYPE_CHECKING`` and inside functions too."""
    late = {
        id(node)
        for function in ast.walk(parsed(file))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield Import(file, node.lineno, name.name, id(node) in late)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: relative import"
            for name in node.names:
                full = f"{node.module}.{name.name}"
                is_module = (ROOT / full.replace(".", "/")).with_suffix(".py").exists()
                is_package = (ROOT / full.replace(".", "/")).is_dir()
                yield Import(
                    file,
                    node.lineno,
                    full if is_module or is_package or node.module == NAME else str(node.module),
                    id(node) in late,
                )


def room_of(file: Path) -> str:
    """``core``, ``plugins/spotify``, ``""`` for the package's own few files."""
    parts = file.relative_to(PACKAGE).parts
    if len(parts) == 1:
        return ""
    return f"plugins/{parts[1]}" if parts[0] == "plugins" and len(parts) > 2 else parts[0]


def is_within(module: str, allowed: str) -> bool:
    """Whether ``module`` is ``allowed`` or lies in it."""
    return module == allowed or module.startswith(allowed + ".")


def complaint(found: Import) -> str | None:
    """What is wrong with an import, if anything."""
    room = room_of(found.file)
    rule = RULES[room.partition("/")[0]]
    top = found.module.partition(".")[0]
    if top == NAME:
        inner = found.module.partition(".")[2] or "__version__"  # the package itself holds no more than that
        own = room.replace("/", ".")
        if any(is_within(inner, allowed) for allowed in (own, *rule.ours)):
            return None
        return f"{found.place}: {room} may not import {found.module}"
    if top in sys.stdlib_module_names:
        if top == "random" and room == "domain":
            return random_complaint(found)
        if any(is_within(found.module, banned) for banned in rule.not_of_python):
            return f"{found.place}: {room} may not import {found.module}"
        return None
    if top in (*rule.others, *SDKS.get(room.partition("/")[2], ())):
        return None
    return f"{found.place}: {room} may not import {found.module}"


def random_complaint(found: Import) -> str | None:
    """The domain takes a ``Random`` as an argument; the module's own generator is hidden state."""
    for node in ast.walk(parsed(found.file)):
        if isinstance(node, ast.Import) and any(name.name == "random" for name in node.names):
            return f"{found.place}: write `from random import Random`"
        if (
            isinstance(node, ast.ImportFrom)
            and node.module == "random"
            and {name.name for name in node.names} != {"Random"}
        ):
            return f"{found.place}: only Random may be imported from random"
    return None


def test_every_import_keeps_to_the_plan() -> None:
    found = [one for file in python_files() if room_of(file) for one in imports_of(file)]
    assert len(found) > 20, "the walk found nothing: the plan would prove nothing"
    assert [line for line in map(complaint, found) if line] == []


def test_what_one_room_alone_may_import() -> None:
    wrong = [
        f"{found.place}: only {' and '.join(owners)} may import {banned}"
        for file in python_files()
        for found in imports_of(file)
        for banned, owners in ONLY_IMPORTERS.items()
        if is_within(found.module, banned) and room_of(file) not in owners
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("source", "is_fine"),
    [
        ("from moodroom_hub.domain.models import Track", True),
        ("from moodroom_hub.core.hub import Hub", False),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from moodroom_hub.core.hub import Hub", False),
        ("def f():\n    import moodroom_hub.app.cli", False),
        ("from moodroom_hub import simulator", False),
        ("import sqlalchemy", False),
        ("from moodroom_hub.plugins.spotify.client import Client", False),
        ("from moodroom_hub.core.face import HubFace", True),
    ],
)
def test_the_plan_sees_what_it_should(source: str, is_fine: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule itself, asked about a made-up file of the plugin ``sampling``."""
    file = PACKAGE / "plugins" / "sampling" / "made_up.py"
    monkeypatch.setattr(sys.modules[__name__], "parsed", lambda _: ast.parse(source))
    assert all(complaint(found) is None for found in imports_of(file)) is is_fine


def test_the_domain_asks_no_clock() -> None:
    asked = re.compile(r"\b(datetime\.(now|utcnow|today)|date\.today|time\.(time|monotonic))\b")
    wrong = [
        f"{file.relative_to(PACKAGE)}: {hit.group()}"
        for file in python_files()
        if room_of(file) == "domain"
        for hit in asked.finditer(file.read_text(encoding="utf-8"))
    ]
    assert wrong == []


# --- plugins ---------------------------------------------------------------------------------------------


def plugin_folders() -> list[Path]:
    """Every built-in plugin's folder."""
    return sorted(path.parent for path in (PACKAGE / "plugins").glob("*/__init__.py"))


README_SECTIONS = ("What", "Keys", "Limits", "Blind spots")


@pytest.mark.parametrize("folder", plugin_folders(), ids=lambda folder: folder.name)
def test_every_plugin_has_the_same_anatomy(folder: Path) -> None:
    init = parsed(folder / "__init__.py")
    classes = {node.name for node in init.body if isinstance(node, ast.ClassDef)}
    imported = {
        name.asname or name.name for node in init.body if isinstance(node, ast.ImportFrom) for name in node.names
    }
    assert "Plugin" in classes, "__init__.py defines the class Plugin"
    assert "Config" in classes | imported or "Config" in ast.unparse(init), "a plugin has a Config"
    readme = (folder / "README.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+?)\s*$", readme, re.MULTILINE)
    assert [section for section in README_SECTIONS if section not in headings] == []
    early = [
        found.place
        for found in imports_of(folder / "__init__.py")
        if not found.is_late and found.module.partition(".")[0] in SDKS.get(folder.name, ())
    ]
    assert early == [], "the SDK is imported late, so that a broken one disables one plugin and not the hub"


def test_the_literal_list_of_built_in_plugins_is_the_folders() -> None:
    listed: list[str] | None = None
    for file in python_files():
        for node in parsed(file).body:
            targets = (
                node.targets
                if isinstance(node, ast.Assign)
                else [node.target]
                if isinstance(node, ast.AnnAssign)
                else []
            )
            if any(isinstance(target, ast.Name) and target.id == "BUILTIN_PLUGINS" for target in targets):
                assert listed is None, "one list only"
                value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
                assert isinstance(value, ast.Tuple), f"{file}: BUILTIN_PLUGINS is one literal tuple"
                listed = [str(ast.literal_eval(element)).removeprefix(f"{NAME}.plugins.") for element in value.elts]
    assert listed is not None
    assert sorted(listed) == [folder.name for folder in plugin_folders()]


# --- files -----------------------------------------------------------------------------------------------


def committed_files() -> list[Path]:
    """What git knows or would add; the work tree's own files where there is no git."""
    try:
        listing = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        return [path for path in ROOT.rglob("*") if path.is_file() and not {".git", ".venv"} & set(path.parts)]
    return [ROOT / name for name in listing.split("\0") if name and (ROOT / name).is_file()]


def text_of(path: Path) -> str:
    """A file's text; empty for pictures and the like."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_no_file_is_too_long() -> None:
    lengths = {
        path.relative_to(ROOT): text_of(path).count("\n")
        for path in committed_files()
        if path.suffix in (".py", ".js", ".css", ".html")
    }
    long = sorted(f"{path} ({lines})" for path, lines in lengths.items() if LONG < lines <= LONGEST)
    if long:
        print(f"over {LONG} lines, think about splitting: " + ", ".join(long))  # noqa: T201 -- a note, shown by -rA
    assert [f"{path}: {lines} lines" for path, lines in lengths.items() if lines > LONGEST] == []


# Written in pieces, so that this file does not hold what it looks for.
FORBIDDEN = {
    "the address of a package registry": re.compile(
        "|".join(
            ".".join(parts).replace(".", r"\.")
            for parts in (
                ("pypi", "org"),
                ("files", "pythonhosted", "org"),
                ("registry", "npmjs", "org"),
                ("deb", "debian", "org"),
            )
        )
    ),
    "a path of one machine": re.compile(r"(?:^|[^A-Za-z0-9_.])/(?:home|root|work|farm|Users)/[a-zA-Z]", re.MULTILINE),
}


def test_no_committed_file_tells_of_a_machine_or_a_registry() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {what}: {hit.group().strip()}"
        for path in committed_files()
        for what, pattern in FORBIDDEN.items()
        for hit in pattern.finditer(text_of(path))
    ]
    assert found == []


def test_no_lock_file_is_committed() -> None:
    names = {path.name for path in committed_files()}
    assert not names & {"uv.lock", "poetry.lock", "Pipfile.lock", "package-lock.json", "pip.conf"}
