"""Sessions share one trust store, and are as strict as requests is by itself."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests

from moodroom_hub.plugins.spotify.session import close, new_session, session_maker


class _Hello(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


class _Server(HTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who does not trust it goes away."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[int, str]]:
    """A server on 127.0.0.1, and the certificate by which it may be known."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: there is no certificate to test with")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=nobody"]
    more = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command, *more], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with _Server(("127.0.0.1", 0), _Hello) as served:
        # The handshake belongs to the reading: one that fails must not end the server.
        served.socket = context.wrap_socket(served.socket, server_side=True, do_handshake_on_connect=False)
        thread = Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield served.server_port, str(certificate)
        served.shutdown()
        thread.join()


def test_what_is_trusted_in_one_place_is_trusted_where_it_should_be(
    server: tuple[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    port, certificate = server
    make = session_maker()
    sessions = [new_session(make), new_session(make)]

    def told(host: str) -> list[str]:
        answers = []
        for session in sessions:
            try:
                answers.append(session.get(f"https://{host}:{port}/", timeout=5).text)
            except requests.exceptions.SSLError:
                answers.append("refused")
        return answers

    try:
        assert told("127.0.0.1") == ["refused", "refused"]
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificate)
        assert told("127.0.0.1") == ["hello", "hello"]
        assert told("localhost") == ["refused", "refused"], "another name than certified"
    finally:
        for session in sessions:
            close(session)


def test_all_connections_share_one_tls_context() -> None:
    make = session_maker()
    first, second = (new_session(make).get_adapter("https://api.spotify.com/") for _ in range(2))
    assert first is second
    pools = [first.poolmanager.connection_from_host(host, 443, "https") for host in ("api.spotify.com", "a.b")]  # type: ignore[attr-defined]  # requests' adapters have one
    contexts = {id(pool.conn_kw["ssl_context"]) for pool in pools}
    assert len(contexts) == 1
