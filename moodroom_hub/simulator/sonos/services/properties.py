"""What a player says of itself and of the household's services."""

from moodroom_hub.simulator.sonos.services.actions import Asked, Service, Values
from moodroom_hub.simulator.sonos.services.topology import SOFTWARE_VERSION

DEVICE_PROPERTIES = Service("DeviceProperties", "DeviceProperties")
SYSTEM_PROPERTIES = Service("SystemProperties", "SystemProperties")
MUSIC_SERVICES = Service("MusicServices", "MusicServices")
AUDIO_IN = Service("AudioIn", "AudioIn")
ALARM_CLOCK = Service("AlarmClock", "AlarmClock")


@DEVICE_PROPERTIES.action("GetHouseholdID", outs="CurrentHouseholdID")
def _household(asked: Asked) -> Values:
    return {"CurrentHouseholdID": asked.world.household_id}


@DEVICE_PROPERTIES.action("GetZoneAttributes", outs="CurrentZoneName CurrentIcon CurrentConfiguration")
def _attributes(asked: Asked) -> Values:
    return {"CurrentZoneName": asked.player.name, "CurrentIcon": "", "CurrentConfiguration": "1"}


@DEVICE_PROPERTIES.action(
    "GetZoneInfo",
    outs="SerialNumber SoftwareVersion DisplaySoftwareVersion HardwareVersion IPAddress MACAddress CopyrightInfo "
    "ExtraInfo HTAudioIn Flags",
)
def _zone_info(asked: Asked) -> Values:
    return {
        "SerialNumber": asked.player.serial_number,
        "SoftwareVersion": SOFTWARE_VERSION,
        "DisplaySoftwareVersion": "16.6",
        "HardwareVersion": "1.26.1.7-2.2",
        "IPAddress": asked.player.host,
        "MACAddress": asked.player.serial_number.partition(":")[0].replace("-", ":"),
        "CopyrightInfo": "",
        "ExtraInfo": "",
        "HTAudioIn": 33554434 if asked.player.spec.is_soundbar else 0,
        "Flags": 0,
    }


@DEVICE_PROPERTIES.action("GetInvisible", outs="CurrentInvisible")
def _invisible(asked: Asked) -> Values:
    return {"CurrentInvisible": int(asked.player.bonded_to is not None)}


@DEVICE_PROPERTIES.action("GetLEDState", outs="CurrentLEDState")
def _led(asked: Asked) -> Values:
    return {"CurrentLEDState": "On"}


@DEVICE_PROPERTIES.action("GetButtonLockState", outs="CurrentButtonLockState")
def _buttons(asked: Asked) -> Values:
    return {"CurrentButtonLockState": "Off"}


@SYSTEM_PROPERTIES.action("GetString", "VariableName", "StringValue")
def _string(asked: Asked) -> Values:
    return {"StringValue": asked.player.serial_number if asked.text("VariableName") == "R_TrialZPSerial" else ""}


@MUSIC_SERVICES.action(
    "ListAvailableServices",
    outs="AvailableServiceDescriptorList AvailableServiceTypeList AvailableServiceListVersion",
)
def _services(asked: Asked) -> Values:
    number = asked.world.settings.service_number
    service = (
        f'<Service Id="{(number - 7) // 256}" Name="Spotify" Version="1.1" Uri="http://spotify.invalid/smapi" '
        'SecureUri="https://spotify.invalid/smapi" ContainerType="MService" Capabilities="2516">'
        '<Policy Auth="AppLink" PollInterval="30"/></Service>'
    )
    return {
        "AvailableServiceDescriptorList": f'<Services SchemaVersion="1">{service}</Services>',
        "AvailableServiceTypeList": str(number),
        "AvailableServiceListVersion": f"{asked.player.uid}:1",
    }


@AUDIO_IN.action("GetAudioInputAttributes", outs="CurrentName CurrentIcon")
def _audio_in(asked: Asked) -> Values:
    return {"CurrentName": "Line-In" if asked.player.spec.has_line_in else "", "CurrentIcon": ""}


@ALARM_CLOCK.action("ListAlarms", outs="CurrentAlarmList CurrentAlarmListVersion")
def _alarms(asked: Asked) -> Values:
    return {"CurrentAlarmList": "<Alarms></Alarms>", "CurrentAlarmListVersion": f"{asked.player.uid}:1"}
