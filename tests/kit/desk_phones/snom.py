"""Snom phones: XML settings with permissions, function keys with a context and a label.

A phone asks its settings server for ``snom<MODEL>.htm`` and ``snom<MODEL>-<MAC>.htm``; its
firmware is named by a file of its own that ``firmware_status`` points to.
"""

from __future__ import annotations

import re
from dataclasses import replace

from tests.kit.desk_phones.family import Family, Line, PhoneKey, Understood, numbered
from tests.kit.desk_phones.parsers import Config, root_of
from tests.kit.processes import KitError

_KNOWN = (
    r"(ntp_server|timezone|utc_offset|dst|language|web_language|tone_scheme|vlan_id)",
    r"(dkey_directory|mac_info_in_sip_register|http_user|http_pass|admin_mode_password)",
    r"(setting_server|settings_refresh_timer|provisioning_order|firmware_status|update_policy)",
    r"user_(active|realname|idle_text|idle_number|name|pname|pass|host|outbound)@\d+",
    r"(user_expiry|user_mailbox|user_dtmf_info|codec_priority_list)@\d+",
    r"fkey@\d+(\.label|\.context)?",
    r"template#\d+",
    r"firmware",
)
_KEYS = {"line": "line", "speed": "speed_dial", "blf": "blf", "orbit": "park"}


def read(octets: bytes) -> Config:
    """Settings by name and index; keys with their label and context; dial rules in order."""
    if b"<firmware-settings>" in octets:
        return {child.tag: child.text or "" for child in root_of(octets, "firmware-settings")}
    found: Config = {}
    for section in root_of(octets, "settings"):
        for place, child in enumerate(section):
            if child.attrib.get("perm") not in ("R", "RW", "!", "&", ""):
                raise KitError(f"{child.tag}: perm {child.attrib.get('perm')}")
            if section.tag == "dialplan":
                found[f"template#{place}"] = child.attrib["match"]
                continue
            if section.tag not in ("phone-settings", "functionKeys"):
                raise KitError(f"no section {section.tag}")
            index = f"@{child.attrib['idx']}" if "idx" in child.attrib else ""
            if child.tag + index in found:
                raise KitError(f"{child.tag}{index} stands twice")
            found[child.tag + index] = child.text or ""
            for word in ("label", "context"):
                if section.tag == "functionKeys":
                    found[f"{child.tag}{index}.{word}"] = child.attrib[word]
    return found


def understand(config: Config) -> Understood:
    """What a Snom does with these settings."""
    get = config.get
    url = re.fullmatch(r"(\w+)://([^:@]*):([^@]*)@(.*/)[^/]*", get("setting_server", ""))
    directory = get("dkey_directory", "")
    return Understood(
        lines={n: _line(config, n) for n in numbered(config, "user_active@#") if _is_on(config, n)},
        admin_password=get("http_pass"),
        ntp=get("ntp_server"),
        offset_s=int(get("utc_offset", "0")),
        dst=_dst(get("dst", "")),
        language={"Russian": "ru", "English": "en"}[get("language", "English")],
        tones={"RUS": "RU", "USA": "US"}[get("tone_scheme", "USA")],
        codecs=tuple(get("codec_priority_list@1", "").split(",")[:-1]),
        dtmf={"off": "rfc4733", "sip_info_only": "info"}[get("user_dtmf_info@1", "off")],
        keys=_keys(config),
        voicemail=get("user_mailbox@1", ""),
        book_url=directory.removeprefix("url ") if directory.startswith("url ") else "",
        vlan=int(get("vlan_id") or 0),
        firmware_url=get("firmware", "") if get("update_policy") == "auto_update" else "",
        resync_url=f"{url[1]}://{url[4]}" if url else None,
        resync_user=url[2] if url else None,
        resync_password=url[3] if url else None,
        digit_map=tuple(
            rule[1:-1].replace(r"\d", "x").replace("\\", "")
            for name, rule in config.items()
            if name.startswith("template#")
        ),
    )


def _is_on(config: Config, n: int) -> bool:
    return config[f"user_active@{n}"] == "on"


def _line(config: Config, n: int) -> Line:
    place = re.fullmatch(r"(.+):(\d+);transport=(udp|tcp|tls)", config[f"user_outbound@{n}"])
    if place is None or place[1] != config[f"user_host@{n}"]:
        raise KitError(f"no such proxy: {config[f'user_outbound@{n}']}")
    return Line(
        user=config[f"user_name@{n}"],
        auth=config[f"user_pname@{n}"],
        password=config.get(f"user_pass@{n}", ""),
        name=config.get(f"user_realname@{n}", ""),
        label=config.get(f"user_idle_text@{n}", ""),
        server=place[1],
        port=int(place[2]),
        transport=place[3],
        expires_s=int(config[f"user_expiry@{n}"]),
    )


def _dst(text: str) -> str:
    """``3600 03.02.07 02:00:00 11.01.07 02:00:00``: month, week, weekday (Sunday = 7)."""
    if not text:
        return ""
    changes = re.fullmatch(r"3600 (\d\d)\.(\d\d)\.(\d\d) \S+ (\d\d)\.(\d\d)\.(\d\d) \S+", text)
    if changes is None:
        raise KitError(f"no rule of summer time: {text}")
    one = [int(part) for part in changes.groups()]
    return f"{one[0]}/{one[1]}/{one[2] % 7} {one[3]}/{one[4]}/{one[5] % 7}"


def _keys(config: Config) -> dict[int, PhoneKey]:
    keys = {}
    for n, text in numbered(config, "fkey@#").items():
        kind, _, rest = text.partition(" ")
        if kind == "none":
            continue
        value, _, code = rest.partition("|")
        label = config[f"fkey@{n}.label"]
        line = int(config[f"fkey@{n}.context"])
        keys[n + 1] = PhoneKey(_KEYS[kind], value, label, line, code + value if code else "")
    return keys


def _adapts(whole: Understood) -> Understood:
    return replace(whole, pickup_code=None)


_REST = "1.0.0 00041396D9B4 SXM:0 UXM:0 UXMC:0"
D785 = Family(
    brand="snom",
    model="D785",
    mac="00041396d9b4",
    agent=f"Mozilla/4.0 (compatible; snomD785-SIP 10.1.169.16 {_REST})",
    files=("snom{model}.htm", "snom{model}-{MAC}.htm", "snom{model}-firmware.xml"),
    read=read,
    understand=understand,
    known=_KNOWN,
    adapts=_adapts,
    pnp={"vendor": "snom", "model": "snomD785", "version": "10.1.169.16"},
)
D120 = replace(
    D785,
    model="D120",
    mac="000413120120",
    agent="Mozilla/4.0 (compatible; snomD120-SIP 10.1.54.13 1.0.0 000413120120)",
    pnp={},
)
FAMILIES = (D785, D120)
