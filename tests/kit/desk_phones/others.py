"""Htek and Panasonic phones; softphones that fetch an account: Linphone, Groundwire, Sipnetic."""

from __future__ import annotations

import re
from dataclasses import replace

from tests.kit.desk_phones.family import Family, Line, PhoneKey, Understood, numbered
from tests.kit.desk_phones.parsers import Config, flat, quoted, root_of, sections
from tests.kit.processes import KitError

_TRANSPORTS = {"0": "udp", "1": "tcp", "2": "tls"}
_CODECS = {"0": "pcmu", "8": "pcma", "9": "g722", "18": "g729"}


def read_htek(octets: bytes) -> Config:
    """P-values below ``hl_provision/config``."""
    return flat(root_of(octets, "hl_provision", "config"))


def understand_htek(config: Config) -> Understood:
    """What an Htek does: one account here."""
    get = config.get
    host, _, port = get("P47", "").rpartition(":")
    line = Line(
        user=get("P35", ""),
        auth=get("P36", ""),
        password=get("P34", ""),
        name=get("P3", ""),
        label=get("P20000", ""),
        server=host,
        port=int(port),
        transport=_TRANSPORTS[get("P130", "0")],
        expires_s=int(get("P32", "1")) * 60,
    )
    rules = get("P4200", "{}")[1:-1].split("|")
    return Understood(
        lines={1: line} if get("P271") == "1" else {},
        admin_password=get("P2"),
        ntp=get("P30"),
        offset_s={"73": 10800, "18": -18000}[get("P64", "")],
        codecs=tuple(dict.fromkeys(_CODECS[get(f"P{n}", "")] for n in range(57, 63))),
        dtmf={"0": "rfc4733", "1": "inband", "2": "info"}[get("P20166", "")],
        keys=_htek_keys(config),
        voicemail=get("P33", ""),
        book_url=get("P331", ""),
        vlan=int(get("P51", "0")),
        resync_url=get("P237"),
        digit_map=tuple(rule for rule in rules if not rule.endswith("x+")),
    )


def _htek_keys(config: Config) -> dict[int, PhoneKey]:
    keys = {}
    kinds = {"1": "line", "2": "speed_dial", "3": "blf", "8": "park"}
    for n in range(1, 37):
        five = 20200 + 5 * (n - 5)
        numbers = [41199 + n + 100 * k for k in range(5)] if n < 5 else [five + k for k in range(5)]
        kind, value, label, account, pickup = (config.get(f"P{p}", "") for p in numbers)
        if kind in kinds:
            keys[n] = PhoneKey(kinds[kind], value, label, int(account or "0") + 1, pickup)
        elif kind not in ("", "0"):
            raise KitError(f"key {n} of type {kind}")
    return keys


def understand_panasonic(config: Config) -> Understood:
    """What a Panasonic does."""
    get = config.get
    kinds = {"X_PANASONIC_IPTEL_CONTACT": "blf", "X_PANASONIC_IPTEL_ONETOUCH": "speed_dial"}
    address = get("CFG_STANDARD_FILE_PATH", "")
    return Understood(
        lines={
            n: Line(
                user=user,
                auth=config[f"SIP_AUTHID_{n}"],
                password=get(f"SIP_PASS_{n}", ""),
                name=get(f"DISPLAY_NAME_{n}", ""),
                server=config[f"SIP_RGSTR_ADDR_{n}"],
                port=int(config[f"SIP_RGSTR_PORT_{n}"]),
                transport=_TRANSPORTS[config[f"SIP_TRANSPORT_{n}"]],
                expires_s=int(config[f"REG_EXPIRE_TIME_{n}"]),
            )
            for n, user in numbered(config, "PHONE_NUMBER_#").items()
        },
        admin_password=get("ADMIN_PASS"),
        ntp=get("NTP_ADDR"),
        offset_s=int(get("TIME_ZONE", "0")) * 60,
        keys={
            n: PhoneKey(
                kinds[k], config[f"FLEX_BUTTON_FACILITY_ARG{n}"], config[f"FLEX_BUTTON_LABEL{n}"]
            )
            for n, k in numbered(config, "FLEX_BUTTON_FACILITY_ACT#").items()
        },
        voicemail=get("VM_NUMBER_1", ""),
        vlan=int(get("VLAN_ID_IP_PHONE", "0")) if get("VLAN_ENABLE") == "Y" else 0,
        resync_url=address.rpartition("Config")[0] if address else None,
    )


def read_linphone(octets: bytes) -> Config:
    """Sections and entries."""
    return sections(root_of(octets, "config"))


def understand_linphone(config: Config) -> Understood:
    """What Linphone does: its proxies with their passwords."""
    lines = {}
    for n, proxy in numbered(config, "proxy_#/reg_proxy").items():
        place = re.fullmatch(r"<sip:(.+):(\d+);transport=(\w+)>", proxy)
        identity = re.fullmatch(r'"([^"]*)" <sip:(.+)@(.+)>', config[f"proxy_{n}/reg_identity"])
        if place is None or identity is None:
            raise KitError(f"proxy {n}: {proxy}")
        lines[n + 1] = Line(
            user=identity[2],
            auth=config[f"auth_info_{n}/userid"],
            password=config.get(f"auth_info_{n}/passwd", ""),
            name=identity[1],
            server=place[1],
            port=int(place[2]),
            transport=place[3],
            expires_s=int(config[f"proxy_{n}/reg_expires"]),
        )
    return Understood(lines=lines)


def read_acrobits(octets: bytes) -> Config:
    """Elements of the account."""
    return flat(root_of(octets, "account"))


def understand_acrobits(config: Config) -> Understood:
    """What Groundwire does."""
    host, _, port = config["host"].rpartition(":")
    line = Line(
        user=config["username"],
        auth=config["authUsername"],
        password=config.get("password", ""),
        name=config.get("displayName", ""),
        label=config.get("title", ""),
        server=host,
        port=int(port),
        transport=config["transport"],
    )
    return Understood(lines={1: line}, voicemail=config.get("voiceMailNumber", ""))


def read_pairs(octets: bytes) -> Config:
    """``a=b;c=d;``."""
    text = octets.decode("utf-8")
    if text and not text.endswith(";"):
        raise KitError("no last semicolon")
    pairs = [part.partition("=") for part in text.split(";")[:-1]]
    if any(not mark for _, mark, _ in pairs) or len({name for name, _, _ in pairs}) != len(pairs):
        raise KitError(f"not pairs: {text}")
    return {name: value for name, _, value in pairs}


def understand_sipnetic(config: Config) -> Understood:
    """What Sipnetic does."""
    host, _, port = config["op"].rpartition(":")
    line = Line(
        user=config["u"],
        auth=config["au"],
        password=config.get("p", ""),
        name=config.get("n", ""),
        server=host,
        port=int(port),
        transport=config["dt"],
        expires_s=int(config["exp"]),
    )
    return Understood(lines={1: line}, voicemail=config.get("vm", ""))


def _without_labels(whole: Understood) -> Understood:
    lines = {n: replace(line, label="") for n, line in whole.lines.items()}
    keys = {n: replace(k, pickup="") for n, k in (whole.keys or {}).items() if k.kind != "line"}
    return replace(whole, lines=lines, keys=keys)


def _acrobits(whole: Understood) -> Understood:
    return replace(whole, lines={n: replace(li, expires_s=0) for n, li in whole.lines.items()})


UC926 = Family(
    brand="htek",
    model="UC926",
    mac="001fc1926000",
    agent="Htek UC926 2.0.4.2 00:1f:c1:92:60:00",
    files=("cfg0010.xml", "cfg{mac}", "cfg{mac}.xml"),
    read=read_htek,
    understand=understand_htek,
    known=(
        r"P(30|64|75|143|51|331|2|237|271|47|130|20000|3[2-6]|3|79|20166|99|4200)",
        r"P(5[7-9]|6[0-2]|41[2-6]0[0-3]|20[23]\d\d)",
    ),
    stops=True,
    reread="resync",
)
KX_HDV230 = Family(
    brand="panasonic",
    model="KX-HDV230",
    mac="0080f0230230",
    agent="Panasonic_KX-HDV230/07.101 (0080f0230230)",
    files=("KX-HDV230.cfg", "Config{MAC}.cfg"),
    read=quoted,
    understand=understand_panasonic,
    known=(
        r"NTP_ADDR|TIME_ZONE|DST_ENABLE|VLAN_ENABLE|VLAN_ID_IP_PHONE|ADMIN_PASS",
        r"CFG_STANDARD_FILE_PATH|(PHONE_NUMBER|DISPLAY_NAME|VM_NUMBER|REG_EXPIRE_TIME)_\d+",
        r"SIP_(URI|AUTHID|PASS|PRXY_ADDR|PRXY_PORT|RGSTR_ADDR|RGSTR_PORT|TRANSPORT)_\d+",
        r"FLEX_BUTTON_(FACILITY_ACT|FACILITY_ARG|LABEL)\d+",
    ),
    adapts=_without_labels,
    reread="check-sync;reboot=true",
)
LINPHONE = Family(
    brand="linphone",
    model="LinphoneDesktop",
    mac="020000000001",
    agent="LinphoneDesktop/5.2.6 (Debian) LinphoneSDK/5.3",
    files=("linphone.xml",),
    read=read_linphone,
    understand=understand_linphone,
    known=(
        r"proxy_\d/(reg_(proxy|route|identity|expires|sendregister)|publish|avpf)",
        r"auth_info_\d/(username|userid|passwd|domain)|sip/default_proxy|misc/transient_\w+",
    ),
    adapts=_without_labels,
    reread="check-sync",
)
GROUNDWIRE = Family(
    brand="acrobits",
    model="Groundwire",
    mac="020000000002",
    agent="Groundwire/24.5.1",
    files=("acrobits.xml",),
    read=read_acrobits,
    understand=understand_acrobits,
    known=(
        r"title|username|authUsername|password|displayName|host|transport",
        r"voiceMailNumber|subscribeForVoicemail",
    ),
    adapts=_acrobits,
    reread="check-sync",
)
SIPNETIC = Family(
    brand="sipnetic",
    model="Sipnetic",
    mac="020000000003",
    agent="Sipnetic/1.0",
    files=("sipnetic.txt",),
    read=read_pairs,
    understand=understand_sipnetic,
    known=("d|u|p|n|au|R|dt|op|exp|vm",),
    adapts=_without_labels,
    reread="check-sync",
)
FAMILIES = (UC926, KX_HDV230, LINPHONE, GROUNDWIRE, SIPNETIC)
