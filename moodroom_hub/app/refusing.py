"""Why no hub starts with this configuration although it can be read: what only shows when it is put to use."""

from moodroom_hub.app.log import format_problem
from moodroom_hub.app.redaction import secrets_in
from moodroom_hub.core.config import ConfigError, LoadedConfig, Problem, refuse_open_door


def refusals(loaded: LoadedConfig) -> list[Problem]:
    """Everything at once: the open door, references that lead nowhere, a log format that nobody knows.

    ``run`` refuses to start with these, ``check`` names them. None of them holds a secret's value.
    """
    found: list[Problem] = []
    reason = refuse_open_door(loaded.settings.web)
    if reason is not None:
        found.append(Problem(loaded.told_as, "", reason))
    for secret in secrets_in(loaded.settings):
        try:
            secret.resolve(loaded.environ)
        except ConfigError as error:
            found += error.problems
    problem = format_problem(loaded.environ)
    return found if problem is None else [*found, problem]
