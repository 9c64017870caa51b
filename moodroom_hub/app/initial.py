"""The first configuration file: commented, its owner's alone, never over another without being asked."""

import os
import re
from pathlib import Path

import click
import platformdirs

from moodroom_hub.app.output import say
from moodroom_hub.app.shared import Shared, is_interactive
from moodroom_hub.core.aside import keep_aside
from moodroom_hub.core.config.first_file import REDIRECT, first_file
from moodroom_hub.core.errors import MoodroomError

ASKING = "Client id of your Spotify app (Enter: later)"
CLIENT_ID = re.compile(r"[0-9A-Za-z]{8,64}")


def write_initial(shared: Shared, file: Path | None, client_id: str | None, *, is_replacing: bool) -> None:
    """Write the file, and say what comes next. Raises ``MoodroomError``."""
    path = (file or shared.config_path or default_path(shared.environ.get("MOODROOM_CONFIG"))).expanduser()
    if path.exists() and not is_replacing:
        if not is_interactive() or not click.confirm(f"{path} is there already. Replace it (the old one is kept)?"):
            raise MoodroomError(f"{path} is there already; nothing was written. Add --force to replace it.")
        is_replacing = True
    if client_id is None and is_interactive():
        client_id = click.prompt(ASKING, default="", show_default=False).strip()
    if client_id and not CLIENT_ID.fullmatch(client_id):
        raise MoodroomError("That is no client id: it is made of letters and digits (32 of them).")
    kept = write_private(path, first_file(client_id or None))
    say(f"Written: {path}" + (f" (the old one: {kept})" if kept else ""))
    if not client_id:
        say(f"Next: make an app at developer.spotify.com/dashboard with the redirect address {REDIRECT},")
        say("      and put its Client ID into the file. Then: moodroom-hub login, and: moodroom-hub run")
    else:
        say("Next: moodroom-hub login, then: moodroom-hub run")


def default_path(named: str | None) -> Path:
    """Where the hub will look for it from any folder."""
    return Path(named) if named else platformdirs.user_config_path("moodroom-hub", appauthor=False) / "config.yaml"


def write_private(path: Path, text: str) -> Path | None:
    """Write ``text`` for its owner alone; what was there is kept aside. Gives where."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as target:
            target.write(text)
            target.flush()
            os.fsync(target.fileno())
        kept = None
        if path.exists():
            kept = keep_aside(path)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return kept
