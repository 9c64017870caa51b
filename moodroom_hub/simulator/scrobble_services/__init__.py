"""Make-believe Last.fm and ListenBrainz (and a Maloja), as strict as the real ones, behind real sockets."""

from moodroom_hub.simulator.scrobble_services.answers import Answer as Answer
from moodroom_hub.simulator.scrobble_services.answers import Fault as Fault
from moodroom_hub.simulator.scrobble_services.answers import FaultKind as FaultKind
from moodroom_hub.simulator.scrobble_services.answers import Heard as Heard
from moodroom_hub.simulator.scrobble_services.lastfm import FakeLastfm as FakeLastfm
from moodroom_hub.simulator.scrobble_services.listenbrainz import FakeListenBrainz as FakeListenBrainz
from moodroom_hub.simulator.scrobble_services.maloja import FakeMaloja as FakeMaloja
from moodroom_hub.simulator.scrobble_services.server import ScrobbleServer as ScrobbleServer
