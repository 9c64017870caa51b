"""Loads aiohttp without what only its HTTP client needs (the hub uses its server): some 3 MB for as long as it runs.

- At its import aiohttp would read all certificates of this machine, twice. Its two ready-made TLS contexts give way to
  equally strict ones: the one that checks reads them when the first connection is made (a foreign plugin may well be
  a client), the one that never checks does without.
- Its list of callbacks comes in C++, whose run-time library nothing else here needs; frozenlist's own switch picks
  the Python one. It is used when the server starts and stops.

Where aiohttp was imported before, nothing happens; where it names things otherwise one day, no memory is saved.
"""

import os
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_SWITCH = "FROZENLIST_NO_EXTENSIONS"
_CONNECTOR = "aiohttp.connector"
_CONTEXTS = ("_SSL_CONTEXT_VERIFIED", "_SSL_CONTEXT_UNVERIFIED")
_create_default_context = ssl.create_default_context


class LateTrust(ssl.SSLContext):
    """A client's context that reads the machine's certificates for its first connection."""

    _has_read = False

    @classmethod
    def instead_of(cls, given: ssl.SSLContext) -> "LateTrust":
        """As strict as ``given`` in everything."""
        late = cls(ssl.PROTOCOL_TLS_CLIENT)
        late.check_hostname = given.check_hostname
        late.verify_mode = given.verify_mode
        late.verify_flags = given.verify_flags
        late.options = given.options
        late.minimum_version, late.maximum_version = given.minimum_version, given.maximum_version
        late.set_alpn_protocols(["http/1.1"])
        return late

    def wrap_socket(self, *arguments: Any, **more: Any) -> ssl.SSLSocket:
        """As ever."""
        self._read()
        return super().wrap_socket(*arguments, **more)

    def wrap_bio(self, *arguments: Any, **more: Any) -> ssl.SSLObject:
        """As ever."""
        self._read()
        return super().wrap_bio(*arguments, **more)

    def _read(self) -> None:
        if not self._has_read and self.verify_mode is not ssl.CERT_NONE:
            self.load_default_certs()
        self._has_read = True


@contextmanager
def lean_imports() -> Iterator[None]:
    """aiohttp, where it is imported inside for the first time, is the lean one."""
    if _CONNECTOR in sys.modules:
        yield
        return
    kept = os.environ.get(_SWITCH)
    os.environ[_SWITCH] = "1"
    make, ssl.create_default_context = ssl.create_default_context, _late_context
    try:
        yield
    finally:
        ssl.create_default_context = make
        if kept is None:
            del os.environ[_SWITCH]
        else:
            os.environ[_SWITCH] = kept
        _put_off_reading()


def _late_context(*arguments: Any, **more: Any) -> ssl.SSLContext:
    """What ``ssl.create_default_context`` gives; where it would read the machine's certificates at once, later."""
    if arguments or more:
        return _create_default_context(*arguments, **more)
    # Given a folder to look into when it is asked, it reads nothing now; only its strictness is taken over.
    return LateTrust.instead_of(_create_default_context(capath=str(Path(__file__).parent)))


def _put_off_reading() -> None:
    connector = sys.modules.get(_CONNECTOR)
    for name in _CONTEXTS:
        given = getattr(connector, name, None)
        if isinstance(given, ssl.SSLContext) and not isinstance(given, LateTrust):
            setattr(connector, name, LateTrust.instead_of(given))
