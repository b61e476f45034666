"""Cisco SPA and multiplatform phones: flat profiles; the model's file leads to the phone's own.

The rule ``$MA`` is the MAC in lower case; ``Extended_Function`` carries what a key does.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

from tests.kit.desk_phones.family import Family, Line, PhoneKey, Understood, numbered
from tests.kit.desk_phones.parsers import Config, flat, root_of
from tests.kit.processes import KitError

_KNOWN = (
    r"Primary_NTP_Server|Time_Zone|Daylight_Saving_Time_(Enable|Rule)|Language_Selection|Locale",
    r"Enable_VLAN|VLAN_ID|Upgrade_Rule|XML_Directory_Service_(Name|URL)|Voice_Mail_Number",
    r"(Group_)?Call_Pickup_Code|Resync_(On_Reset|From_SIP|Error_Retry_Delay|Periodic)",
    r"Profile_Rule(_B)?|(Dial|Busy|Reorder|Ring_Back)_Tone",
    r"(Line_Enable|Proxy|SIP_Transport|User_ID|Use_Auth_ID|Auth_ID|Password|Display_Name)_\d+_",
    r"(Register_Expires|Use_DNS_SRV|DTMF_Tx_Method|Dial_Plan)_\d+_",
    r"((Second|Third)_)?Preferred_Codec_\d+_",
    r"(Extension|Short_Name|Extended_Function)_\d+_",
)
_DTMF = {"InBand": "inband", "AVT": "rfc4733", "INFO": "info"}
_CODECS = {"G711a": "pcma", "G711u": "pcmu", "G722": "g722", "G729a": "g729"}


def read(octets: bytes) -> Config:
    """Children of ``flat-profile``."""
    return flat(root_of(octets, "flat-profile"))


def understand(config: Config, admin: str) -> Understood:
    """What such a phone does; admin: the name of its password of administration."""
    get = config.get
    rule = re.fullmatch(r"\[--uid (\S*) --pwd (\S*)\] (.*)\$MA\.xml", get("Profile_Rule", ""))
    places = ("Preferred_Codec", "Second_Preferred_Codec", "Third_Preferred_Codec")
    codecs = [get(f"{place}_1_", "") for place in places]
    sign, hours, minutes = _zone(get("Time_Zone", "GMT+00:00"))
    return Understood(
        lines={
            n: _line(config, n)
            for n, is_on in numbered(config, "Line_Enable_#_").items()
            if is_on == "Yes"
        },
        admin_password=get(admin),
        ntp=get("Primary_NTP_Server"),
        offset_s=sign * (hours * 3600 + minutes * 60),
        dst=_dst(config),
        language={"R": "ru", "E": "en"}[get("Language_Selection", "E")[0]],
        tones={"425": "RU", "350": "US"}[get("Dial_Tone", "").partition("@")[0]],
        codecs=tuple(_CODECS[codec] for codec in codecs if codec),
        dtmf=_DTMF[get("DTMF_Tx_Method_1_", "AVT")],
        keys=_keys(config),
        voicemail=get("Voice_Mail_Number", ""),
        book_url=get("XML_Directory_Service_URL", ""),
        vlan=int(get("VLAN_ID", "1")) if get("Enable_VLAN") == "Yes" else 0,
        firmware_url=get("Upgrade_Rule", ""),
        resync_url=rule[3] if rule else None,
        resync_user=rule[1] if rule else None,
        resync_password=rule[2] if rule else None,
        pickup_code=get("Group_Call_Pickup_Code", ""),
        digit_map=tuple(
            rule.removesuffix("S0")
            for rule in get("Dial_Plan_1_", "()")[1:-1].split("|")
            if rule.endswith("S0")
        ),
    )


def _zone(text: str) -> tuple[int, int, int]:
    found = re.fullmatch(r"GMT([+-])(\d\d):(\d\d)", text)
    if found is None:
        raise KitError(f"no zone: {text}")
    return (-1 if found[1] == "-" else 1), int(found[2]), int(found[3])


def _line(config: Config, n: int) -> Line:
    host, _, port = config[f"Proxy_{n}_"].rpartition(":")
    return Line(
        user=config[f"User_ID_{n}_"],
        auth=config[f"Auth_ID_{n}_"],
        password=config.get(f"Password_{n}_", ""),
        name=config.get(f"Display_Name_{n}_", ""),
        server=host,
        port=int(port),
        transport=config[f"SIP_Transport_{n}_"].lower(),
        expires_s=int(config[f"Register_Expires_{n}_"]),
    )


def _dst(config: Config) -> str:
    """``start=3/8/7/2;end=11/1/7/2;save=1``: month, first day for the weekday, weekday, hour."""
    if config.get("Daylight_Saving_Time_Enable") != "Yes":
        return ""
    rule = dict(part.split("=") for part in config["Daylight_Saving_Time_Rule"].split(";"))
    changes = []
    for word in ("start", "end"):
        month, day, weekday, _ = map(int, rule[word].split("/"))
        changes.append(f"{month}/{5 if day == -1 else (day + 6) // 7}/{weekday % 7}")
    return " ".join(changes)


def _keys(config: Config) -> dict[int, PhoneKey]:
    keys = {}
    for n, extension in numbered(config, "Extension_#_").items():
        function = config.get(f"Extended_Function_{n}_", "")
        label = config.get(f"Short_Name_{n}_", "")
        if not function:
            if extension != "Disabled":
                keys[n] = PhoneKey("line", "", label, int(extension))
            continue
        parts = dict(part.split("=", 1) for part in function.split(";"))
        value = parts["ext"].removesuffix("@$PROXY")
        if parts["nme"] != label or extension != "Disabled":
            raise KitError(f"key {n}: {function} is {label}")
        if parts["fnc"] == "sd":
            keys[n] = PhoneKey("speed_dial", value, label)
        elif parts["fnc"] == "sd+blf+cp" and parts["sub"] == parts["ext"]:
            keys[n] = PhoneKey("blf", value, label, 1, config.get("Call_Pickup_Code", "") + value)
        else:
            raise KitError(f"key {n}: {function}")
    return keys


def _adapts(whole: Understood) -> Understood:
    lines = {n: replace(line, label="") for n, line in whole.lines.items()}
    return replace(whole, lines=lines)


SPA508G = Family(
    brand="cisco-spa",
    model="SPA508G",
    mac="0002fdff2103",
    agent="Cisco/SPA508G-7.4.8a (0002FDFF2103)(CBT14140001)",
    files=("spa508G.cfg", "{mac}.xml"),
    read=read,
    understand=partial(understand, admin="Admin_Passwd"),
    known=(*_KNOWN, "Admin_Passwd"),
    adapts=_adapts,
    transport="tftp",
    reread="resync",
)
MPP8841 = Family(
    brand="cisco-mpp",
    model="8841",
    mac="00562b043615",
    agent="Cisco-CP-8841-3PCC/11.0.1 (00562b043615)",
    files=("8841-3PCC.xml", "{mac}.xml"),
    read=read,
    understand=partial(understand, admin="Admin_Password"),
    known=(*_KNOWN, "Admin_Password"),
    adapts=_adapts,
    reread="check-sync",
)
FAMILIES = (SPA508G, MPP8841)
