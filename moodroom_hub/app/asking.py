"""Questions with one letter for an answer."""

from collections.abc import Sequence

import click

from moodroom_hub.app.output import hint


def asked(question: str, answers: Sequence[str], default: str) -> str:
    """One of ``answers``, each a letter; Enter is ``default``. Asks on stderr until it gets one.

    Raises ``click.Abort`` where the input ends.
    """
    while True:
        given = click.prompt(question, default=default, show_default=False, prompt_suffix=" ", err=True)
        letter = str(given).strip().casefold()[:1]
        if letter in answers:
            return letter
        hint(f"   Answer with one of: {', '.join(answers)}.")
