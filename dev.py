"""From a fresh clone to a running hub or its tests: needs Python 3.11 or newer, and nothing else.

    python3 dev.py demo [...]    the whole hub in a simulated home
    python3 dev.py test [...]    every test (arguments go to pytest)
    python3 dev.py lint          ruff and mypy
    python3 dev.py hub ...       any command of moodroom-hub

The first call makes the folder ``.venv`` and installs what the command needs; later calls start at once.
Standard library only, and old syntax on purpose: it must at least say what is wrong on an old Python.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
STAMP = VENV / "moodroom-installed.json"
PROMPT = "moodroom-hub"
OLDEST = (3, 11)
DEMO_EXTRAS = ("broker", "sonos", "radio")
MEND_PYTHON = "Install it (Debian: sudo apt install python3 python3-venv; macOS: brew install python) and try again."
MEND_VENV = "Install the missing part (Debian: sudo apt install python3-venv) and try again."
# The newest come last among the known: wheels for a fresh release are often not there yet.
OTHER_PYTHONS = ("python3.13", "python3.12", "python3.11", "python3.14", "python3")
OTHER_FOLDERS = ("/opt/homebrew/bin", "/usr/local/bin", "/usr/bin")


class Failed(Exception):
    """Ends the program with one line."""


def main(arguments: list[str]) -> int:
    """Prepare what the command needs, then become it."""
    command, rest = (arguments[0], arguments[1:]) if arguments else ("--help", [])
    if command in ("-h", "--help"):
        print(__doc__)
        return 0
    if command not in ("demo", "test", "lint", "hub"):
        print(__doc__, file=sys.stderr)
        return 2
    is_development = command in ("test", "lint")
    prepare(is_development)
    sys.stdout.flush()
    if command == "lint":
        return lint()
    if command == "test":
        os.chdir(str(ROOT))
        become([str(VENV_PYTHON), "-m", "pytest", *rest])
    become([str(VENV_PYTHON), "-m", "moodroom_hub", *(["demo"] if command == "demo" else []), *rest])
    return 1


def become(command: list[str]) -> None:
    """Replace this process, so that exit codes and signals need no carrying."""
    os.execv(command[0], command)  # noqa: S606 -- no shell, a path of our own


def lint() -> int:
    """Every checker, also after one of them complained."""
    checks = (["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"])
    return max(subprocess.call([str(VENV_PYTHON), "-m", *check], cwd=str(ROOT)) and 1 for check in checks)


def prepare(is_development: bool) -> None:
    """Make sure that ``.venv`` holds what is needed; a second ``dev.py`` waits for the first."""
    wanted = fingerprint()
    if is_ready(wanted, is_development):
        return
    try:
        import fcntl
    except ImportError:
        raise Failed("Windows is not supported. Use WSL, and start it there again.") from None
    with Path(__file__).open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("another dev.py is preparing .venv; waiting for it ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_ready(wanted, is_development):
            build(wanted, is_development)


def fingerprint() -> str:
    """What the installed packages depend on: the two files, and where this clone lies."""
    digest = hashlib.sha256(str(ROOT).encode())
    for name in ("pyproject.toml", "constraints.txt"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def is_ready(wanted: str, is_development: bool) -> bool:
    """Whether the last installation was whole and is still the right one."""
    stamp = read_stamp()
    fits = stamp.get("fingerprint") == wanted and (bool(stamp.get("development")) or not is_development)
    return fits and VENV_PYTHON.exists()


def read_stamp() -> dict[str, object]:
    """What the last whole installation left; empty where there was none."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def build(wanted: str, is_development: bool) -> None:
    """Make the environment and install into it. The stamp is written last: without it, all is made anew."""
    stamp = read_stamp()
    is_development = is_development or bool(stamp.get("development"))
    config = VENV / "pyvenv.cfg"
    is_ours = not config.exists() or PROMPT in config.read_text(encoding="utf-8", errors="replace")
    if is_ours and not stamp and VENV.exists():
        say("removing a half-made .venv")
        shutil.rmtree(str(VENV))
    if not is_new_enough(str(VENV_PYTHON)):
        if VENV.exists():
            if not is_ours:
                raise Failed(
                    "the folder .venv was made by something else and has no Python 3.11 or newer: move it away."
                )
            shutil.rmtree(str(VENV))
        python = find_python()
        say(f"making .venv with {version_of(python)} ...")
        make_venv(python)
    if STAMP.exists():
        STAMP.unlink()
    install(is_development)
    fresh = STAMP.with_suffix(".new")
    fresh.write_text(json.dumps({"fingerprint": wanted, "development": is_development}), encoding="utf-8")
    fresh.replace(STAMP)


def find_python() -> str:
    """A Python that is new enough: the running one, else one that is installed here."""
    if sys.version_info >= OLDEST:
        # The one below a virtual environment: the environment may be the very folder that is made anew.
        return getattr(sys, "_base_executable", None) or sys.executable
    pyenv = sorted(Path.home().glob(".pyenv/versions/3.*/bin/python"), reverse=True)
    places = os.environ.get("PATH", "").split(os.pathsep) + list(OTHER_FOLDERS)
    for candidate in [
        *(str(Path(place) / name) for name in OTHER_PYTHONS for place in places if place),
        *map(str, pyenv),
    ]:
        if is_new_enough(candidate):
            return candidate
    raise Failed(f"Python 3.11 or newer is needed; this is {version_of(sys.executable)}. {MEND_PYTHON}")


def is_new_enough(python: str) -> bool:
    """Whether ``python`` starts and is new enough (a link may be broken, a shim may refuse)."""
    return os.access(python, os.X_OK) and works([python, "-c", f"import sys; sys.exit(sys.version_info < {OLDEST})"])


def version_of(python: str) -> str:
    """``Python 3.11.7``."""
    return subprocess.run([python, "--version"], stdout=subprocess.PIPE, check=True).stdout.decode().strip()


def make_venv(python: str) -> None:
    """Make ``.venv`` by whichever way this machine has; bare Debian lacks the usual one."""
    if is_made([python, "-m", "venv", "--prompt", PROMPT, str(VENV)], needs=[python, "-c", "import venv, ensurepip"]):
        return
    uv, virtualenv = shutil.which("uv"), shutil.which("virtualenv")
    if uv and is_made([uv, "venv", "-q", "--python", python, "--prompt", PROMPT, str(VENV)]):
        return
    if virtualenv and is_made([virtualenv, "-q", "-p", python, "--prompt", PROMPT, str(VENV)]):
        return
    without_pip = [python, "-m", "venv", "--without-pip", "--prompt", PROMPT, str(VENV)]
    if works([python, "-m", "pip", "--version"]) and is_made(without_pip):
        return
    if os.geteuid() == 0 and shutil.which("apt-get") and python.startswith("/usr/bin/"):
        say("installing Debian's python3-venv ...")
        package = re.sub(r"Python (\d+\.\d+).*", r"python\1-venv", version_of(python))
        environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        subprocess.call(["apt-get", "update", "-qq"], env=environment, stdout=sys.stderr)
        subprocess.call(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package], env=environment, stdout=sys.stderr
        )
        if is_made([python, "-m", "venv", "--prompt", PROMPT, str(VENV)]):
            return
    raise Failed("this Python cannot make virtual environments. " + MEND_VENV)


def is_made(command: list[str], needs: list[str] | None = None) -> bool:
    """Try one way to make the environment; a failed try leaves nothing for the next one to stumble over."""
    if needs is not None and not works(needs):
        return False
    if works(command) and VENV_PYTHON.exists():
        return True
    shutil.rmtree(str(VENV), ignore_errors=True)
    return False


def works(command: list[str]) -> bool:
    """Whether a command ends well; what it prints is of no interest."""
    try:
        return (
            subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
            == 0
        )
    except OSError:
        return False


def install(is_development: bool) -> None:
    """Install the hub, editable, at the pinned versions; with extras and tools where tests are to run."""
    what = "the hub, its extras and the test tools" if is_development else "the hub"
    say(f"installing {what} (once; about a minute) ...")
    words = json.loads(subprocess.check_output([str(VENV_PYTHON), "-c", READ_PYPROJECT]).decode())
    extras = words["extras"] if is_development else list(DEMO_EXTRAS)
    requirements = ["-c", "constraints.txt", "-e", ".[{}]".format(",".join(extras))]
    requirements += words["dev"] if is_development else []
    pip = ["install", "-q", "--disable-pip-version-check", "--no-input", *requirements]
    uv = shutil.which("uv")
    if works([str(VENV_PYTHON), "-m", "pip", "--version"]):
        command = [str(VENV_PYTHON), "-m", "pip", *pip]
    elif uv:
        command = [uv, "pip", "install", "-q", "--python", str(VENV_PYTHON), *requirements]
    else:
        command = [find_python(), "-m", "pip", "--python", str(VENV_PYTHON), *pip]
    # The pins hold for what builds the package as well; old and new pip read different names. Relative: no spaces.
    pins = {"PIP_CONSTRAINT": "constraints.txt", "PIP_BUILD_CONSTRAINT": "constraints.txt"}
    unwanted = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "PYTHONPATH", "PYTHONHOME")
    environment = {key: value for key, value in dict(os.environ, **pins).items() if key not in unwanted}
    done = subprocess.run(  # shown only where it matters: pip tells much that nobody asked
        command,
        cwd=str(ROOT),
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode:
        sys.stderr.write(done.stdout.decode(errors="replace"))
        raise Failed("the installation failed (see above). Is there a network, and room on the disk? Then try again.")


READ_PYPROJECT = """
import json, pathlib, tomllib
project = tomllib.loads(pathlib.Path({!r}).read_text(encoding="utf-8"))
extras = sorted(project["project"].get("optional-dependencies", {{}}))
print(json.dumps({{"dev": project["dependency-groups"]["dev"], "extras": extras}}))
""".format(str(ROOT / "pyproject.toml"))


def say(line: str) -> None:
    """Progress goes to stderr: stdout belongs to the command."""
    print("moodroom: " + line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Failed as error:
        say(str(error))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
