"""What the pages name exists: commands and their options, files, events, modules, headings."""

import ast
import importlib
import re
import shlex
from pathlib import Path

import click
import pytest

from moodroom_hub.app.cli import cli
from moodroom_hub.core.context import Role
from moodroom_hub.core.errors import TroubleCode
from moodroom_hub.core.events import EVENT_TYPES
from moodroom_hub.core.ports import CheckLevel
from moodroom_hub.domain.models import Cause, LedgerStatus, ReceiptKind, Tier, VerdictKind
from moodroom_hub.plugins.status_page.routes import all_routes
from tests.test_house import CORE_FACE

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    [
        ROOT / "README.md",
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / "homeassistant").glob("*.md"),
        *(ROOT / "moodroom_hub").rglob("README.md"),
    ]
)
by_name = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def text_of(page: Path) -> str:
    """The page's text."""
    return page.read_text(encoding="utf-8")


def code_in(text: str) -> list[str]:
    """Every piece of code in a text: spans, and the lines of blocks."""
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))
    return [line.strip() for block in blocks for line in block.splitlines()] + spans


@by_name
def test_every_command_exists_with_its_options(page: Path) -> None:
    for piece in code_in(text_of(page)):
        found = re.match(r"(?:\$ )?(?:moodroom-hub|python3 dev\.py (?:hub|(?=demo)))\b(.*)", piece)
        if found is None:
            continue
        command: click.Command = cli
        words = shlex.split(found[1].split("#")[0].split(" > ")[0])
        while words:
            if words[0] in ("-c", "--config"):
                del words[:2]
            elif isinstance(command, click.Group) and not words[0].startswith("-"):
                inner = command.get_command(click.Context(command), words[0])
                assert inner is not None, f"{piece}: there is no command {words[0]}"
                command = inner
                del words[0]
            else:
                break
        options = {"--help", "-h"} | {option for parameter in command.params for option in parameter.opts}
        unknown = [word for word in words if word.startswith("-") and word.split("=")[0] not in options]
        assert unknown == [], f"{piece}: {unknown}"


def test_dev_py_has_the_commands_of_the_readme() -> None:
    named = set(re.findall(r"python3 dev\.py ([a-z]+)", text_of(ROOT / "README.md")))
    known = ast.literal_eval(re.findall(r'command not in (\("demo"[^)]*\))', text_of(ROOT / "dev.py"))[0])
    assert {"demo", "test"} <= named <= set(known)


@by_name
def test_every_linked_file_exists(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", text_of(page)):
        if not re.match(r"[a-z]+:", target):
            assert (page.parent / target).resolve().exists(), f"{page.name}: {target}"


BEGINNINGS = {"png": b"\x89PNG\r\n", "jpg": b"\xff\xd8\xff"}


@by_name
def test_every_picture_is_there_and_is_one(page: Path) -> None:
    text = text_of(page)
    for target in re.findall(r"!\[[^\]]*\]\(([^)\s]+)", text) + re.findall(r"<img[^>]*\ssrc=[\"']([^\"']+)", text):
        known = re.fullmatch(r"[\w./-]+\.(png|jpg)", target)
        assert known, f"{page.name}: {target} is none of our own"
        assert (page.parent / target).read_bytes().startswith(BEGINNINGS[known[1]]), f"{page.name}: {target}"


@by_name
def test_words_in_capitals_are_words_of_the_hub(page: Path) -> None:
    enums = (Tier, VerdictKind, ReceiptKind, LedgerStatus, CheckLevel, TroubleCode, Cause, Role)
    known = {*EVENT_TYPES, *(str(word).upper() for enum in enums for word in enum), *(w.name for e in enums for w in e)}
    others = {"PATH", "FILE", "NAME", "PORT", "GET", "POST", "LINEAGE", "OFF", "TOGGLE"}
    for piece in code_in(text_of(page)):
        if re.fullmatch(r"(?!MOODROOM_)[A-Z][A-Z_]{2,}", piece):
            assert piece in known | others, f"{page.name}: {piece}"


@by_name
def test_every_path_of_the_api_exists(page: Path) -> None:
    known = {re.sub(r"\{[^}]+\}", "*", route.path) for route in all_routes()}
    first = "api|login|callback|livez|readyz|metrics|session"
    for piece in code_in(text_of(page)):
        found = re.fullmatch(rf"(?:GET |POST )?(/(?:{first})[\w/{{}}.-]*)(?:\?.*)?", piece)
        if found is not None and page.parent.name != "spotify":  # there the paths are Spotify's
            assert re.sub(r"\{[^}]+\}", "*", found[1]) in known, f"{page.name}: {piece}"


@by_name
def test_every_import_in_an_example_works(page: Path) -> None:
    for block in re.findall(r"^```python\n(.*?)^```", text_of(page), re.MULTILINE | re.DOTALL):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("moodroom_hub"):
                module = importlib.import_module(str(node.module))
                assert all(hasattr(module, name.name) for name in node.names)


def test_the_public_face_is_told_to_authors_of_plugins() -> None:
    told = re.search(r"of the core only (.+?); never", text_of(ROOT / "docs" / "plugins.md"), re.DOTALL)
    assert told is not None
    assert set(re.findall(r"`(\w+)`", told[1])) == {module.removeprefix("core.") for module in CORE_FACE}


def test_every_plugin_is_named_in_the_readme() -> None:
    for readme in (ROOT / "moodroom_hub" / "plugins").glob("*/README.md"):
        assert str(readme.relative_to(ROOT)) in text_of(ROOT / "README.md")


def test_every_requirement_is_pinned() -> None:
    import tomllib

    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    wanted += project["build-system"]["requires"]
    for extra in project["project"].get("optional-dependencies", {}).values():
        wanted += extra
    names = {re.split(r"[\[<>=~! ]", requirement)[0].lower().replace("_", "-") for requirement in wanted}
    pins = [line for line in text_of(ROOT / "constraints.txt").splitlines() if line and not line.startswith("#")]
    exact = re.compile(r"[A-Za-z0-9_.-]+==[0-9][A-Za-z0-9.]*")
    assert [pin for pin in pins if not exact.fullmatch(pin)] == [], "a name and a version, no more"
    assert names <= {pin.split("==")[0].lower().replace("_", "-") for pin in pins}


def test_dev_py_can_be_read_by_an_old_python() -> None:
    """It has to say that the Python is too old; for that the old one must understand it."""
    ast.parse(text_of(ROOT / "dev.py"), feature_version=(3, 7))
