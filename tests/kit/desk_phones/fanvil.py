"""Fanvil phones: nested XML with indices, keys as ``101@1/ba*8101``, a version that must not fall.

They ask for their hardware's common file, then for ``{mac}.cfg``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

from tests.kit.desk_phones.family import Family, Line, PhoneKey, Understood, numbered
from tests.kit.desk_phones.parsers import Config, nested, root_of
from tests.kit.processes import KitError

_COMMON = (
    r"Version",
    r"phone/date/(EnableSNTP|SNTPServer|TimeZone|TimeZoneName|EnableDST)",
    r"phone/date/DST(FixedType|MinOffset|(Start|End)(Mon|Week|Wday|Hour))",
    r"phone/display/DefaultLanguage",
    r"phone/xmlContact@1/(Name|Addr)",
    r"phone/MenuPassword",
    r"web/account@1/(Name|Password|Level)",
    r"qos/(EnableVLAN|VLANID)",
    r"fwCheck/(EnableAutoUpgrade|UpgradeServer1)",
    r"ap/pnp/PNPEnable",
    r"ap/(DownloadDeviceConf|Flash(ServerIP|FileName|Protocol|Mode|Interval)|Default(User|Pass)\w+)",
    r"mm/capability/AudioCodecSets",
    r"call/basic/(DialbyPound|DialbyTimeout|DialTimeoutvalue)",
    r"mm/(SelectYourTone|DialTone|RingbackTone|BusyTone)",
    r"sip/line@\d+/(PhoneNumber|DisplayName|Register(Addr|Port|User|Pswd|TTL)|EnableReg)",
    r"sip/line@\d+/(Transport|DTMFMode|VoiceCodecMap|MWINum|PickupNum)",
)
_TRANSPORTS = {"0": "udp", "1": "tcp", "3": "tls"}
_DTMF = {"0": "inband", "1": "rfc4733", "2": "info"}


def read(octets: bytes) -> Config:
    """Paths with indices below ``sysConf``; the version must be one."""
    found = nested(root_of(octets, "sysConf"), "index")
    if not re.fullmatch(r"2\.\d{10}", found.get("Version", "")):
        raise KitError(f"no version but {found.get('Version')}")
    return found


def understand(config: Config, side: bool = False, page: int = 1) -> Understood:
    """What a Fanvil does; side: keys beside the display, page: keys on one page."""
    get = config.get
    address = get("ap/FlashServerIP")
    return Understood(
        lines={
            n: _line(config, f"sip/line@{n}/")
            for n, is_on in numbered(config, "sip/line@#/EnableReg").items()
            if is_on == "1"
        },
        admin_password=get("web/account@1/Password"),
        ntp=get("phone/date/SNTPServer"),
        offset_s=int(get("phone/date/TimeZone", "0")) * 900,
        dst=_dst(config),
        language=get("phone/display/DefaultLanguage"),
        tones="RU" if get("mm/DialTone") == "425/0" else {"11": "US"}[get("mm/SelectYourTone", "")],
        codecs=tuple(get("sip/line@1/VoiceCodecMap", "").lower().split(",")),
        dtmf=_DTMF[get("sip/line@1/DTMFMode", "1")],
        keys=_keys(config, side, page),
        voicemail=get("sip/line@1/MWINum", ""),
        book_url=get("phone/xmlContact@1/Addr", ""),
        vlan=int(get("qos/VLANID", "0")) if get("qos/EnableVLAN") == "1" else 0,
        firmware_url=get("fwCheck/UpgradeServer1", ""),
        resync_url=address if get("ap/FlashFileName") == "$mac.cfg" else None,
        resync_user=get("ap/DefaultUsername"),
        resync_password=get("ap/DefaultPassword"),
    )


def _line(config: Config, path: str) -> Line:
    return Line(
        user=config[path + "PhoneNumber"],
        auth=config[path + "RegisterUser"],
        password=config.get(path + "RegisterPswd", ""),
        name=config.get(path + "DisplayName", ""),
        server=config[path + "RegisterAddr"],
        port=int(config[path + "RegisterPort"]),
        transport=_TRANSPORTS[config[path + "Transport"]],
        expires_s=int(config[path + "RegisterTTL"]),
    )


def _dst(config: Config) -> str:
    if config.get("phone/date/EnableDST") == "0":
        return ""
    changes = []
    for word in ("Start", "End"):
        month, week, day = (
            int(config[f"phone/date/DST{word}{part}"]) for part in ("Mon", "Week", "Wday")
        )
        changes.append(f"{month}/{5 if week == -1 else week}/{day - 1}")
    return " ".join(changes)


def _keys(config: Config, side: bool, page: int) -> dict[int, PhoneKey]:
    keys = {}
    for name, kind in config.items():
        place = re.fullmatch(r"dsskey/(dssSide|internal)@(\d+)/Fkey@(\d+)/Type", name)
        if place is None or kind == "0":
            continue
        if (place[1] == "dssSide") != side:
            raise KitError(f"no keys {place[1]} on this phone")
        head = name.removesuffix("Type")
        number = (int(place[2]) - 1) * page + int(place[3])
        keys[number] = _key(kind, config.get(head + "Value", ""), config.get(head + "Title", ""))
    return dict(sorted(keys.items()))


def _key(kind: str, value: str, label: str) -> PhoneKey:
    if kind == "2":
        return PhoneKey("line", "", label, int(value.removeprefix("SIP")))
    parts = re.fullmatch(r"([^@]*)@(\d+)/(f|c|ba)(.*)", value)
    if kind != "1" or parts is None:
        raise KitError(f"key of type {kind}: {value}")
    word = {"f": "speed_dial", "c": "park", "ba": "blf"}[parts[3]]
    return PhoneKey(word, parts[1], label, int(parts[2]), parts[4])


def _adapts(whole: Understood) -> Understood:
    """No label of a line, no digit map."""
    lines = {n: replace(line, label="") for n, line in whole.lines.items()}
    return replace(whole, lines=lines)


_PAGES = r"dsskey/internal@\d+/Fkey@\d+/(Type|Value|Title)"
_SIDE = r"dsskey/dssSide@1/Fkey@\d+/(Type|Value|Title)"
X5U = Family(
    brand="fanvil",
    model="X5U-V2",
    mac="0c383e557eb1",
    agent="Fanvil X5U-V2 2.12.16.17 0c383e557eb1",
    files=("F0V5UV200000.cfg", "{mac}.cfg"),
    read=read,
    understand=partial(understand, page=8),
    known=(*_COMMON, _PAGES),
    adapts=_adapts,
    serves=("X5*",),
    reread="check-sync",
    pnp={"vendor": "Fanvil", "model": "X5U-V2", "version": "2.12.16.17"},
)
X3S = replace(
    X5U,
    model="X3S",
    mac="00a859030303",
    agent="Fanvil X3S 2.14.0.7386 00a859030303",
    files=("f0X3shw1.100.cfg", "{mac}.cfg"),
    understand=partial(understand, side=True),
    known=(*_COMMON, _SIDE),
    serves=("X3*", "V62"),
    pnp={},
)
X4 = replace(
    X5U,
    model="X4",
    mac="00a859040404",
    agent="Fanvil X4 2.14.0.7386 00a859040404",
    files=("f0X4hw1.100.cfg", "{mac}.cfg"),
    understand=partial(understand, page=6),
    serves=("X4*",),
    pnp={},
)
V65 = replace(
    X5U,
    model="V65",
    mac="0c383e650065",
    agent="Fanvil V65 2.12.2 0c383e650065",
    files=("F0V0V6500000.cfg", "{mac}.cfg"),
    understand=partial(understand, page=7),
    serves=("V6*",),
    pnp={},
)
X6 = replace(
    X5U,
    model="X6",
    mac="0c383e060606",
    agent="Fanvil X6 2.2.12 0c383e060606",
    files=("F0V00X600000.cfg", "{mac}.cfg"),
    understand=partial(understand, page=12),
    serves=("X6*", "X7*", "X2*", "W*", "i*"),
    pnp={},
)
FAMILIES = (X5U, X3S, X4, V65, X6)
