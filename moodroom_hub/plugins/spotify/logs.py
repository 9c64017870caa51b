"""Keeps the libraries below from writing tokens, codes and addresses into the log."""

import logging

_LOUD = (
    "spotipy",
    "spotipy.client",
    "spotipy.oauth2",
    "spotipy.cache_handler",
    "spotipy.util",
    "urllib3",
    "urllib3.connectionpool",
    "urllib3.util.retry",
    "requests",
)


class _Silence(logging.Filter):
    """Lets nothing through: every outcome of a request reaches the hub's own log, in the hub's own words."""

    def filter(self, record: logging.LogRecord) -> bool:
        return False


_SILENCE = _Silence()


def hush() -> None:
    """Silence the libraries' loggers, whatever level anybody gives them later. Idempotent.

    spotipy writes the token at DEBUG and each failed call's parameters at ERROR. A filter counts only on the
    very logger that writes, hence the list; the level keeps those quiet that are missing from it.
    """
    for name in _LOUD:
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL)
        logger.addFilter(_SILENCE)
