"""The hub's own key to sign cards with: made when it is first needed, kept in the data folder, told to nobody.

Ed25519, by ``cryptography``, which a hub that shares no station never loads. All of it blocks.
"""

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from moodroom_hub.core.errors import Trouble, TroubleCode

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

FOLDER: Final = "radio"
NAME: Final = "signing.key"
_PRIVATE: Final = 0o600
_LARGEST_BYTES: Final = 4096
_INSTALL: Final = "Signed cards need the extra radio: pip install 'moodroom-hub[radio]'."


class SigningKey:
    """A private key. ``public``: its public half, 64 small hexadecimal digits. Shows nothing of itself."""

    __slots__ = ("_key", "public")

    def __init__(self, key: "Ed25519PrivateKey") -> None:
        self._key = key
        self.public = key.public_key().public_bytes_raw().hex()

    def sign(self, content: str) -> str:
        """The signature of the text's UTF-8, 128 small hexadecimal digits; the same for the same text."""
        return self._key.sign(content.encode()).hex()

    def __repr__(self) -> str:
        return f"SigningKey({self.public[:8]}...)"

    def __reduce__(self) -> str:
        raise TypeError("a signing key is not copied anywhere")


def own_key(data_dir: Path) -> SigningKey:
    """The hub's own; made where there is none. Raises ``Trouble`` (``UNAVAILABLE``); never replaces one."""
    path = data_dir / FOLDER / NAME
    try:
        if not path.exists():
            _make(path)
        return _load(path)
    except OSError as error:
        raise _unavailable(f"The key that signs cards can't be kept in {path} ({error.strerror or error}).") from None


def known_key(data_dir: Path) -> str | None:
    """The public half of the hub's own; ``None`` where it has none that can be read. Makes none, raises nothing."""
    try:
        return _load(data_dir / FOLDER / NAME).public
    except (OSError, Trouble):
        return None


def is_signed(content: str, signature: str, key: str) -> bool:
    """Whether the owner of this public key signed this text. Raises ``Trouble`` (``UNAVAILABLE``)."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        raise _unavailable(_INSTALL) from None
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), content.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def _load(path: Path) -> SigningKey:
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError:
        raise _unavailable(_INSTALL) from None
    with path.open("rb") as file:
        # A folder that was copied by hand may have lost what kept others out.
        if os.name == "posix" and os.fstat(file.fileno()).st_mode & 0o077:
            path.chmod(_PRIVATE)
        raw = file.read(_LARGEST_BYTES)
    try:
        key = load_pem_private_key(raw, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise _unavailable(f"{path} is no key to sign with: bring back the one that was there, or move it away.")
    return SigningKey(key)


def _make(path: Path) -> None:
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    except ImportError:
        raise _unavailable(_INSTALL) from None
    raw = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{NAME}.")  # 0600 from the start
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        _place(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    with suppress(OSError):  # not every platform can open a folder
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _place(draft: Path, path: Path) -> None:
    """In one step, and never over a key that another process has made meanwhile: that one is the hub's own, then."""
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return
    except OSError:  # a file system without links
        draft.replace(path)


def _unavailable(message: str) -> Trouble:
    return Trouble(TroubleCode.UNAVAILABLE, message)
