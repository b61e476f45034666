"""Grandstream phones and adapters: numbered parameters, the first file that is there is the one.

GXP21xx keys are P1363 and P1465 in twos (six of them), P23800 in fours on (GXP2170) and P23000 in
fives beside the screen (GXP2130, GXP2160), GXP16xx keys P323 and P301 in threes,
GRP26xx and GXP2135 keys items of a second configuration; GRP2614 has 24 more beside its screen.
Adapters: HT801/802/812 by P7xx for the second port, HT814/818 by port.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from functools import partial
from typing import Any

from tests.kit.desk_phones.family import Family, Line, PhoneKey, Understood
from tests.kit.desk_phones.parsers import Config, root_of
from tests.kit.processes import KitError

_PHONE = (
    r"P(30|64|246|143|51|192|6767|194|193|2|196|145|212|237|1360|1361|400[0-3]|32|99|79|290)",
    r"P(5[7-9]|6[0-2]|46|130|23\d\d|24\d\d|25\d\d|26\d\d|27\d\d|28\d\d)",
)
_DESK = (
    *_PHONE,
    r"P(1362|330|331|332|1347|271|270|47|3[3-6]|3)",
    r"P([456]|17|18)(01|02|04|05|06|07|17|26)",
    r"P(830|930|1030)",
)
_GXP21 = (*_DESK, r"P(13[67]\d|14[67]\d|23[01]\d\d|23[89]\d\d)")
_GXP16 = (*_DESK, r"P3(2[3-9]|[012]\d)")
_GRP = (*_DESK, r"pks\.[vm]pk\.\d+\.(keyMode|account|description|value)")
_FIRST_SCREEN = 16
_TWO_PORTS = (*_PHONE, r"P(271|701|47|747|3[4-6]|73[4-6]|3|703|830)")
_MANY_PORTS = (*_PHONE, r"P(271|47|40[6-7]\d|409\d|412\d|418\d)")
_TRANSPORTS = {"0": "udp", "1": "tcp", "2": "tls"}
_WORDS = {"Line": "line", "SpeedDial": "speed_dial", "BLF": "blf"}
_CODECS = {"0": "pcmu", "8": "pcma", "9": "g722", "18": "g729"}
_PROTOCOLS = {"0": "tftp", "1": "http", "2": "https"}


def read(octets: bytes) -> Config:
    """P-values of ``config version=1``, and items by their names of ``config version=2``."""
    root = root_of(octets, "gs_provision")
    found: Config = {}
    for config in root:
        if config.tag != "config" or config.attrib.get("version") not in ("1", "2"):
            raise KitError(f"{config.tag} {config.attrib}")
        for child in config:
            name = _name(child, config.attrib["version"])
            if name in found:
                raise KitError(f"{name} stands twice")
            found[name] = child.text or ""
    return found


def _name(child: ElementTree.Element, version: str) -> str:
    if (child.tag == "item") != (version == "2") or len(child):
        raise KitError(f"{child.tag} in version {version}")
    return child.attrib["name"] if version == "2" else child.tag


def _lines(get: Config, names: list[dict[str, str]]) -> dict[int, Line]:
    lines = {}
    for number, name in enumerate(names, 1):
        if get.get(name["active"], "0") != "1" or not get.get(name["user"]):
            continue
        host, _, port = get[name["server"]].rpartition(":")
        lines[number] = Line(
            user=get[name["user"]],
            auth=get.get(name["auth"], ""),
            password=get.get(name["password"], ""),
            name=get.get(name["name"], ""),
            label=get.get(name.get("label", ""), ""),
            server=host,
            port=int(port),
            transport=_TRANSPORTS[get.get(name["transport"], "0")],
            expires_s=int(get.get("P32", "60")) * 60,
        )
    return lines


def _desk_names() -> list[dict[str, str]]:
    first = {"active": "P271", "server": "P47", "user": "P35", "auth": "P36", "password": "P34"}
    names = [{**first, "name": "P3", "label": "P270", "transport": "P130"}]
    for base, transport in ((4, "P830"), (5, "P930"), (6, "P1030"), (17, "-"), (18, "-")):
        tails = {"active": "01", "server": "02", "user": "04", "auth": "05", "password": "06"}
        tails |= {"name": "07", "label": "17"}
        names.append({k: f"P{base}{t}" for k, t in tails.items()} | {"transport": transport})
    return names


def _port_names(ports: int) -> list[dict[str, str]]:
    if ports <= 2:
        first = _desk_names()[0] | {"label": "-"}
        second = {"active": "P701", "server": "P747", "user": "P735", "auth": "P736"}
        return [first, {**second, "password": "P734", "name": "P703", "transport": "P830"}][:ports]
    shared = {"active": "P271", "server": "P47", "transport": "P130"}
    bases = {"user": 4060, "auth": 4090, "password": 4120, "name": 4180}
    return [{**shared, **{k: f"P{b + n}" for k, b in bases.items()}} for n in range(ports)]


def understand(config: Config, keys: str = "", ports: int = 0) -> Understood:
    """What such a device does; keys: vpk, mpk, items, screens or none; ports: of an adapter."""
    get = config.get
    used = dict.fromkeys(get(f"P{n}", "0") for n in (57, 58, 59, 60, 61, 62, 46))
    dtmf = {get("P2301"): "inband", get("P2302"): "rfc4733", get("P2303"): "info"}
    begins, _, rest = get("P246", "UTC0").partition(",")
    folder = get("P237")
    book = get("P331")
    return Understood(
        lines=_lines(config, _port_names(ports) if ports else _desk_names()),
        admin_password=get("P2"),
        ntp=get("P30"),
        offset_s=_posix_offset(begins) if get("P64") == "customize" else None,
        dst=_posix_dst(rest),
        language=get("P1362"),
        tones={"f1=425": "RU", "f1=350": "US"}[get("P4000", "").partition("@")[0]],
        codecs=tuple(_CODECS[number] for number in used),
        dtmf=dtmf["1"],
        keys=_keys(config, keys) if keys else None,
        voicemail=None if ports else get("P33", ""),
        book_url=None if ports else (f"http://{book}/phonebook.xml" if book else ""),
        vlan=int(get("P51", "0")),
        firmware_url=get("P192", ""),
        resync_url=f"{_PROTOCOLS[get('P212', '1')]}://{folder}/" if folder else None,
        resync_user=get("P1360"),
        resync_password=get("P1361"),
        digit_map=_digit_map(get("P290", "")),
    )


def _posix_offset(text: str) -> int:
    """Seconds east of Greenwich of ``MSK-3`` or ``EST5EDT``."""
    found = re.fullmatch(r"[A-Z]+([+-]?)(\d+)(?::(\d+))?(?:[A-Z]+)?", text)
    if found is None:
        raise KitError(f"no zone: {text}")
    seconds = int(found[2]) * 3600 + int(found[3] or 0) * 60
    return seconds if found[1] == "-" else -seconds


def _posix_dst(text: str) -> str:
    changes = [part.lstrip("M").partition("/")[0] for part in text.split(",") if part]
    return " ".join(change.replace(".", "/") for change in changes)


def _digit_map(text: str) -> tuple[str, ...]:
    inner = text.removeprefix("{ ").removesuffix(" }")
    return tuple(rule for rule in inner.split(" | ") if rule and not rule.endswith("x+"))


def _keys(config: Config, form: str) -> dict[int, PhoneKey]:
    keys = {}
    for n in range(1, 8 if form == "mpk" else 49):
        names, kinds = _key_at(n, form)
        mode, account, label, value = (config.get(name, "") for name in names)
        if mode in kinds:
            pickup = config.get("P1347", "") + value if kinds[mode] == "blf" else ""
            is_beside = account.startswith("Account")
            line = int(account.removeprefix("Account") or "0") + (0 if is_beside else 1)
            if is_beside != (form == "screens" and n > _FIRST_SCREEN):
                raise KitError(f"key {n} of account {account}")
            keys[n] = PhoneKey(kinds[mode], value, label, line, pickup)
        elif mode not in ("", "-1", "None"):
            raise KitError(f"key {n} of mode {mode}")
    return keys


#: Virtual keys by the screen; those beside it are multi-purpose keys.
_BY_THE_SCREEN = {"vpk 3": 3, "vpk 6": 6, "vpk 48": 48}
_VIRTUAL = {"0": "line", "10": "speed_dial", "11": "blf"}
_MULTI_PURPOSE = {"0": "speed_dial", "1": "blf"}


def _key_at(n: int, form: str) -> tuple[tuple[str, ...], dict[str, str]]:
    """Names of mode, account, label and value of the n-th key, and what the modes mean."""
    if form in _BY_THE_SCREEN:
        virtual = _BY_THE_SCREEN[form]
        if n > virtual:
            return _numbers(22995 + 5 * (n - virtual)), _MULTI_PURPOSE
        if n > 6:
            return _numbers(23796 + 4 * (n - 6)), _VIRTUAL
        first, second = 1361 + 2 * n, 1463 + 2 * n
        return (f"P{first}", f"P{first + 1}", f"P{second}", f"P{second + 1}"), _VIRTUAL
    if form == "mpk":
        first = 298 + 3 * n
        return (f"P{322 + n}", *_numbers(first)[:3]), _MULTI_PURPOSE
    is_second = form == "screens" and n > _FIRST_SCREEN
    return _items(f"pks.mpk.{n - _FIRST_SCREEN}" if is_second else f"pks.vpk.{n}"), _WORDS


def _numbers(first: int) -> tuple[str, ...]:
    return tuple(f"P{first + n}" for n in range(4))


def _items(key: str) -> tuple[str, ...]:
    return tuple(f"{key}.{word}" for word in ("keyMode", "account", "description", "value"))


def _adapts(whole: Understood, virtual: int = 48) -> Understood:
    """The folder of the firmware is told, not its file; group pickup has no parameter. virtual:
    so many keys can be lines."""
    keys = {n: key for n, key in (whole.keys or {}).items() if n <= virtual or key.kind != "line"}
    url = (whole.firmware_url or "").partition("://")[2].rpartition("/")[0]
    return replace(whole, firmware_url=url, keys=keys)


def _adapter(whole: Understood) -> Understood:
    lines = {n: replace(line, label="") for n, line in whole.lines.items()}
    return replace(_adapts(whole), lines=lines)


GRP2614 = Family(
    brand="grandstream",
    model="GRP2614",
    mac="c074ad0b63ee",
    agent="Grandstream Model HW GRP2614 SW 1.0.5.15 DevId c074ad0b63ee",
    files=("cfg{mac}", "cfg{mac}.bin", "cfg{mac}.xml", "cfggrp2614.xml", "cfg.xml"),
    read=read,
    understand=partial(understand, keys="screens"),
    known=_GRP,
    adapts=_adapts,
    stops=True,
    serves=("GRP2614", "GRP2616"),
    reread="resync",
    pnp={"vendor": "Grandstream", "model": "GRP2614", "version": "1.0.5.15"},
)
GRP2612 = replace(
    GRP2614,
    model="GRP2612W",
    mac="c074ad261200",
    agent="Grandstream Model HW GRP2612W SW 1.0.5.15 DevId c074ad261200",
    files=("cfg{mac}", "cfg{mac}.bin", "cfg{mac}.xml", "cfggrp2612w.xml", "cfg.xml"),
    understand=partial(understand, keys="items"),
    serves=("GRP*",),
    pnp={},
)


def _like(other: Family, model: str, mac: str, software: str, **more: Any) -> Family:
    """Another model, which asks for the XML at once. software: as its User-Agent says it."""
    return replace(
        other,
        model=model,
        mac=mac,
        agent=f"Grandstream Model HW {model} {software} DevId {mac}",
        files=("cfg{mac}", "cfg{mac}.xml", f"cfg{model.lower()}.xml", "cfg.xml"),
        pnp={},
        **more,
    )


GXP2135 = _like(
    GRP2612,
    "GXP2135",
    "000b82213500",
    "SW 1.0.11.79",
    known=(*_GRP, *_GXP21),
    serves=("GXP2135",),
)
GXP2160 = _like(
    GRP2614,
    "GXP2160",
    "000b82216000",
    "SW 1.0.11.57",
    understand=partial(understand, keys="vpk 6"),
    known=_GXP21,
    serves=("GXP2160", "GXP2140"),
)
GXP2130 = _like(
    GXP2160,
    "GXP2130",
    "000b82213000",
    "SW 1.0.11.57",
    understand=partial(understand, keys="vpk 3"),
    serves=("GXP2130",),
    adapts=partial(_adapts, virtual=3),
)
GXP2170 = _like(
    GXP2160,
    "GXP2170",
    "000b82217000",
    "SW 1.0.11.57",
    understand=partial(understand, keys="vpk 48"),
    serves=("GXP2170",),
)
GXP1630 = _like(
    GXP2160,
    "GXP1630",
    "000b82163000",
    "SW 1.0.7.70",
    understand=partial(understand, keys="mpk"),
    known=_GXP16,
    serves=("GXP16*",),
    adapts=partial(_adapts, virtual=0),
)
HT802 = _like(
    GXP2160,
    "HT802V2",
    "ec74d7080200",
    "V1.0A SW 1.0.5.4",
    understand=partial(understand, ports=2),
    known=_TWO_PORTS,
    serves=("HT80*", "HT812*"),
    adapts=_adapter,
)
HT818 = _like(
    HT802,
    "HT818",
    "ec74d7081800",
    "V1.5A SW 1.0.49.2",
    understand=partial(understand, ports=8),
    known=_MANY_PORTS,
    serves=("HT814*", "HT818*"),
)
FAMILIES = (GRP2614, GRP2612, GXP2135, GXP2160, GXP2130, GXP2170, GXP1630, HT802, HT818)
