"""aiohttp loads lean, and who uses it as a client is as safe as ever. In fresh processes: imports happen once."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_PREPARE = """
import asyncio, os, ssl, sys
from moodroom_hub.plugins.status_page.lean_imports import LateTrust, lean_imports
"""

_SERVE_AND_ASK = """
with lean_imports():
    import aiohttp
from aiohttp import web

async def hello(request):
    return web.Response(text="hello")

async def main(certificate, key):
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(certificate, key)
    app = web.Application()
    app.router.add_get("/", hello)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=server_side).start()
    port = runner.addresses[0][1]
    async with aiohttp.ClientSession() as session:
        for host, how in (("127.0.0.1", True), ("localhost", True), ("127.0.0.1", False)):
            try:
                async with session.get(f"https://{host}:{port}/", ssl=how) as answer:
                    print(host, how, await answer.text())
            except aiohttp.ClientConnectorCertificateError:
                print(host, how, "refused")
    await runner.cleanup()

asyncio.run(main(*sys.argv[1:]))
"""


def in_a_fresh_process(program: str, *arguments: str, **environ: str) -> list[str]:
    """The lines that the program prints, with every warning an error."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", _PREPARE + program, *arguments],
        env={"PYTHONPATH": str(Path(__file__).parents[3]), **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout.splitlines()


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A certificate for 127.0.0.1 alone, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: there is no certificate to test with")
    folder = tmp_path_factory.mktemp("certified")
    certificate, key = str(folder / "certificate.pem"), str(folder / "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=nobody",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return certificate, key


def test_a_client_trusts_what_the_machine_trusts_and_nothing_else(certified: tuple[str, str]) -> None:
    certificate, key = certified
    told = in_a_fresh_process(_SERVE_AND_ASK, certificate, key, SSL_CERT_FILE=certificate)
    assert told == ["127.0.0.1 True hello", "localhost True refused", "127.0.0.1 False hello"]


def test_a_client_refuses_strangers(certified: tuple[str, str]) -> None:
    told = in_a_fresh_process(_SERVE_AND_ASK, *certified)
    assert told == ["127.0.0.1 True refused", "localhost True refused", "127.0.0.1 False hello"]


def test_no_certificate_is_read_before_it_is_needed() -> None:
    told = in_a_fresh_process("""
read, make = [], ssl.create_default_context
ssl.SSLContext.load_default_certs = lambda *_: read.append("all certificates")
with lean_imports():
    import aiohttp.connector
    given = ssl.create_default_context(capath=".")
print(read, type(given).__name__, ssl.create_default_context is make)
contexts = [each for each in vars(aiohttp.connector).values() if isinstance(each, ssl.SSLContext)]
for context in contexts:
    print(type(context).__name__, len(context.get_ca_certs()), context.verify_mode.name, context.check_hostname)
print("frozenlist._frozenlist" in sys.modules, "FROZENLIST_NO_EXTENSIONS" in os.environ)
strict = ssl.create_default_context()
print(contexts[0].verify_flags == strict.verify_flags, contexts[0].options == strict.options)
""")
    assert told.pop(0) == "[] SSLContext True"
    assert told == ["LateTrust 0 CERT_REQUIRED True", "LateTrust 0 CERT_NONE False", "False False", "True True"]


def test_what_is_imported_already_stays_as_it_is() -> None:
    told = in_a_fresh_process("""
import aiohttp.connector
before = dict(vars(aiohttp.connector))
with lean_imports():
    import aiohttp.web
print(vars(aiohttp.connector) == before)
os.environ["FROZENLIST_NO_EXTENSIONS"] = "yes"
for name in [each for each in sys.modules if each.startswith("aiohttp")]:
    del sys.modules[name]
with lean_imports():
    import aiohttp.connector
print(os.environ["FROZENLIST_NO_EXTENSIONS"])
""")
    assert told == ["True", "yes"]
