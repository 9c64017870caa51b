"""A Mosquitto of the test's own, and who vouches for it."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from tests.ports import free_port

READY_S = 10.0
PROGRAM = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
SECURITY = next(Path("/usr").glob("lib/*/mosquitto_dynamic_security.so"), None)
"""Mosquitto's plugin that refuses subscriptions."""


class Authority:
    """A certificate authority made by openssl; ``ca`` is its certificate."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self.ca = folder / "ca.pem"
        self._key = folder / "ca.key"
        self._openssl(
            *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Moodroom test authority"),
            *("-keyout", str(self._key), "-out", str(self.ca)),
            *("-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign"),
        )

    def issue(self, name: str) -> tuple[Path, Path]:
        """A certificate and its key for ``name``, good for localhost as well."""
        key, request, certificate, extensions = (self._folder / f"{name}.{end}" for end in ("key", "csr", "pem", "ext"))
        self._openssl(
            "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", str(key), "-out", str(request)
        )
        extensions.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\nauthorityKeyIdentifier=keyid\n")
        self._openssl(
            *("x509", "-req", "-in", str(request), "-CA", str(self.ca), "-CAkey", str(self._key), "-CAcreateserial"),
            *("-days", "2", "-out", str(certificate), "-extfile", str(extensions)),
        )
        key.chmod(0o644)  # the broker reads it as another user
        return certificate, key

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=self._folder, timeout=60)


class Mosquitto:
    """One broker; ``restart`` brings it back on the same port, without its memory."""

    def __init__(
        self,
        program: Path,
        folder: Path,
        users: dict[str, str] | None = None,
        authority: Authority | None = None,
        wants_certificate: bool = False,
        extra: str = "",
        port: int | None = None,
    ) -> None:
        self._program = program
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.port = port or free_port()
        self._config = folder / "mosquitto.conf"
        lines = [f"listener {self.port} 127.0.0.1", "persistence false", f"user {pwd.getpwuid(os.geteuid()).pw_name}"]
        lines.append(f"allow_anonymous {'false' if users else 'true'}")
        if users:
            passwords = folder / "passwords"
            passwords.touch(mode=0o600)
            for name, password in users.items():
                self._run(self._tool("mosquitto_passwd"), "-b", str(passwords), name, password)
            lines.append(f"password_file {passwords}")
        if authority is not None:
            certificate, key = authority.issue("broker")
            lines += [f"cafile {authority.ca}", f"certfile {certificate}", f"keyfile {key}"]
            if wants_certificate:
                lines += ["require_certificate true", "use_identity_as_username true"]
        self._config.write_text("\n".join([*lines, extra, ""]))

    @property
    def log(self) -> str:
        """What the broker said."""
        return (self._folder / "log").read_text()

    def start(self) -> None:
        """Start, and wait until it listens."""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._program), "-v", "-c", str(self._config)], stdout=log, stderr=log
            )
        deadline_s = time.monotonic() + READY_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                assert self._process.poll() is None, self.log
                assert time.monotonic() < deadline_s, self.log
                time.sleep(0.01)
            else:
                return

    def kill(self) -> None:
        """As when the power goes."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """An orderly end."""
        self._end(signal.SIGTERM)

    def restart(self) -> None:
        """Killed, and back without its memory."""
        self.kill()
        self.start()

    def freeze(self) -> None:
        """Connections stay, and nothing is answered."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGCONT)
            process.send_signal(how)
            process.wait(10)

    def _tool(self, name: str) -> str:
        found = shutil.which(name)
        assert found is not None, f"{name} comes with Mosquitto"
        return found

    def _run(self, *command: str) -> None:
        subprocess.run(command, check=True, capture_output=True, timeout=30)
