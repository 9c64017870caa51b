"""Which device is chosen."""

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.domain.models import Device
from moodroom_hub.plugins.spotify.devices import LastDevice, choose

KITCHEN = Device("k", "Kitchen", "Speaker")
BATH = Device("b", "Bath", "Speaker")
PHONE = Device("p", "Phone", "Smartphone")
ACTIVE = Device("a", "Desk", "Computer", is_active=True)
SONOS = Device(None, "Living Room", "Speaker", is_active=True, is_restricted=True)
IDLE_SONOS = Device(None, "Living Room", "Speaker", is_restricted=True)


@pytest.mark.parametrize(
    ("devices", "configured", "last", "expected"),
    [
        ([KITCHEN, ACTIVE], "Kitchen", LastDevice("Kitchen", "Speaker"), ACTIVE),
        ([KITCHEN, BATH], "bath", LastDevice("Kitchen", "Speaker"), BATH),
        ([KITCHEN, BATH], "Garage", LastDevice("Kitchen", "Speaker"), KITCHEN),
        ([KITCHEN, BATH], None, LastDevice("Bath", "Speaker"), BATH),
        ([KITCHEN], None, LastDevice("Kitchen", "Television"), KITCHEN),
        ([KITCHEN, IDLE_SONOS], None, None, KITCHEN),
        ([SONOS, BATH], "Bath", None, BATH),
    ],
)
def test_the_choice(devices: list[Device], configured: str | None, last: LastDevice | None, expected: Device) -> None:
    assert choose(devices, configured, last) is expected


@pytest.mark.parametrize(
    ("devices", "configured", "last", "code", "says"),
    [
        ([], None, None, TroubleCode.NO_DEVICE, "a phone"),
        ([], "Kitchen", None, TroubleCode.NO_DEVICE, "on Kitchen"),
        ([], None, LastDevice("Bath", "Speaker"), TroubleCode.NO_DEVICE, "on Bath"),
        ([KITCHEN, PHONE], None, None, TroubleCode.NO_DEVICE, "Kitchen, Phone"),
        ([IDLE_SONOS], None, None, TroubleCode.RESTRICTED_DEVICE, "Living Room"),
        ([SONOS, PHONE], None, LastDevice("Phone", "Smartphone"), TroubleCode.RESTRICTED_DEVICE, "Living Room"),
    ],
)
def test_no_choice(
    devices: list[Device], configured: str | None, last: LastDevice | None, code: TroubleCode, says: str
) -> None:
    with pytest.raises(Trouble) as trouble:
        choose(devices, configured, last)
    assert trouble.value.code is code
    assert says in trouble.value.message
