"""SoCo loads without what the hub never uses, and nobody else notices. In fresh processes: imports happen once."""

import subprocess
import sys

_PREPARE = """
import sys, warnings
from moodroom_hub.plugins.sonos.lean_imports import lean_imports
unused = {"lxml", "lxml.etree", "xmltodict", "appdirs", "ifaddr", "charset_normalizer", "chardet"}
"""


def in_a_fresh_process(program: str) -> str:
    """What the program prints, with every warning an error."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", _PREPARE + program], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout.strip()


def test_the_plugin_loads_none_of_it_and_events_work_without() -> None:
    told = in_a_fresh_process("""
before = list(warnings.filters)
with lean_imports():
    import moodroom_hub.plugins.sonos.wiring
print("soco" in sys.modules, warnings.filters == before)
import moodroom_hub.plugins.sonos.events, soco.events_asyncio
print(unused & set(sys.modules))
import lxml.etree, xmltodict
print(lxml.etree.fromstring("<a/>").tag, xmltodict.parse("<a>b</a>"))
""")
    assert told == "True True\nset()\na {'a': 'b'}"


def test_what_is_imported_already_is_used() -> None:
    told = in_a_fresh_process("""
import lxml, xmltodict
with lean_imports():
    import soco.core, soco.zonegroupstate
print(soco.core.xmltodict is xmltodict, callable(soco.zonegroupstate.LXML.fromstring), "lxml.etree" in sys.modules)
""")
    assert told == "True True True"


def test_an_error_inside_leaves_nothing_behind() -> None:
    told = in_a_fresh_process("""
try:
    with lean_imports():
        raise OSError
except OSError:
    print(unused & set(sys.modules))
""")
    assert told == "set()"


def test_the_answers_of_speakers_are_read_without_it() -> None:
    """A speaker's refusal, and a share link: what SoCo itself still does for the hub."""
    told = in_a_fresh_process("""
with lean_imports():
    from moodroom_hub.plugins.sonos.client import call_of, speaker_at
    from soco.exceptions import SoCoUPnPException
    from soco.plugins.sharelink import ShareLinkPlugin
from moodroom_hub.plugins.sonos.places import Address
answer = (
    '<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    '<u:AddURIToQueueResponse xmlns:u="urn:schemas-upnp-org:service:AVTransport:1">'
    "<FirstTrackNumberEnqueued>4</FirstTrackNumberEnqueued></u:AddURIToQueueResponse></s:Body></s:Envelope>"
)
speaker = speaker_at(Address("127.0.0.1"), 1.0,
                     lambda *asked: (200, answer))
print(ShareLinkPlugin(speaker).add_share_link_to_queue("spotify:track:6NmXV4o6bmp704aPGyTVVG"))
fault = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><detail>'
    '<UPnPError xmlns="urn:schemas-upnp-org:control-1-0"><errorCode>701</errorCode></UPnPError>'
    "</detail></s:Fault></s:Body></s:Envelope>"
)
speaker = speaker_at(Address("127.0.0.1"), 1.0,
                     lambda *asked: (500, fault))
try:
    call_of(speaker, "avTransport", "Pause", (("InstanceID", 0),))
except SoCoUPnPException as refusal:
    print(refusal.error_code)
""")
    assert told == "4\n701"
