"""What faces (the page, MQTT, the command line) may see of the hub and ask of it."""

from moodroom_hub.core.face.hub import HubFace as HubFace
from moodroom_hub.core.face.shown import Activation as Activation
from moodroom_hub.core.face.shown import BatchTrack as BatchTrack
from moodroom_hub.core.face.shown import BatchView as BatchView
from moodroom_hub.core.face.shown import HistoryPage as HistoryPage
from moodroom_hub.core.face.shown import ImportReport as ImportReport
from moodroom_hub.core.face.shown import ListenView as ListenView
from moodroom_hub.core.face.shown import NowPlaying as NowPlaying
from moodroom_hub.core.face.shown import PastImport as PastImport
from moodroom_hub.core.face.shown import PluginStatus as PluginStatus
from moodroom_hub.core.face.shown import PluginView as PluginView
from moodroom_hub.core.face.shown import Quiet as Quiet
from moodroom_hub.core.face.shown import ReceiptPage as ReceiptPage
from moodroom_hub.core.face.shown import ReceiptView as ReceiptView
from moodroom_hub.core.face.shown import RoomView as RoomView
from moodroom_hub.core.face.shown import StateView as StateView
from moodroom_hub.core.face.shown import SyncReport as SyncReport
from moodroom_hub.core.face.shown import Warming as Warming
from moodroom_hub.core.face.shown import ZoneView as ZoneView
