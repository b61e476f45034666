"""The demo's three desk phones: what each asks for, and what it takes from its files.

PURE. Emulated, and no more of a phone than the demo needs: one account, and where to ask next time.
Names of files and parameters are the makers' public ones (docs/phones.md). What the box writes for
a brand is tested by readers of their own (tests/kit/desk_phones); these read like a phone in use.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Parameters = Mapping[str, str]
_UNSET = "%NULL%"


@dataclass(frozen=True, slots=True)
class Account:
    """What it registers with. server, port: where; password may be missing."""

    user: str = ""
    password: str = ""
    name: str = ""
    server: str = ""
    port: int = 5060

    @property
    def is_whole(self) -> bool:
        return bool(self.user and self.password and self.server)


@dataclass(frozen=True, slots=True)
class Home:
    """Where it asks for its files, and with which credentials; ends with ``/``."""

    url: str = ""
    user: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What its files say. home: empty where they name none."""

    account: Account
    home: Home


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskPhoneModel:
    """vendor, model, version: as its PnP says them; agent: its User-Agent; files: names in the
    order of asking; stops: the first that is there is the only one; read: parameters of a file;
    told: what they mean; reread: the event at which it reads them again."""

    name: str
    vendor: str
    model: str
    version: str
    mac: str
    agent: str
    files: tuple[str, ...]
    read: Callable[[bytes], Parameters]
    told: Callable[[Parameters], Told]
    reread: str
    stops: bool = False


# ---- Yealink: name = value


def _read_lines(octets: bytes) -> Parameters:
    pairs = (line.partition("=") for line in octets.decode("utf-8").splitlines())
    found = {name.strip(): value.strip() for name, mark, value in pairs if mark}
    return {name: "" if value == _UNSET else value for name, value in found.items()}


def _yealink(said: Parameters) -> Told:
    account = Account(
        user=said.get("account.1.user_name", ""),
        password=said.get("account.1.password", ""),
        name=said.get("account.1.display_name", ""),
        server=said.get("account.1.sip_server.1.address", ""),
        port=_port(said.get("account.1.sip_server.1.port", "")),
    )
    server = "static.auto_provision.server"
    home = Home(*(said.get(f"{server}.{word}", "") for word in ("url", "username", "password")))
    return Told(account, home)


# ---- Grandstream: numbered parameters


def _read_numbers(octets: bytes) -> Parameters:
    numbers = ElementTree.fromstring(octets).iterfind("config[@version='1']/*")
    return {element.tag: element.text or "" for element in numbers}


def _grandstream(said: Parameters) -> Told:
    host, _, port = said.get("P47", "").rpartition(":")
    account = Account(
        user=said.get("P35", ""),
        password=said.get("P34", ""),
        name=said.get("P3", ""),
        server=host,
        port=_port(port),
    )
    folder = said.get("P237", "")
    url = f"http://{folder.rstrip('/')}/" if folder else ""
    return Told(account, Home(url, said.get("P1360", ""), said.get("P1361", "")))


# ---- Snom: settings with the number of the account


def _read_settings(octets: bytes) -> Parameters:
    settings = ElementTree.fromstring(octets).iterfind("phone-settings/*")
    return {f"{e.tag}{e.get('idx', '')}": e.text or "" for e in settings}


def _snom(said: Parameters) -> Told:
    proxy, _, _ = said.get("user_outbound1", "").partition(";")
    host, _, port = proxy.rpartition(":")
    account = Account(
        user=said.get("user_name1", ""),
        password=said.get("user_pass1", ""),
        name=said.get("user_realname1", ""),
        server=host,
        port=_port(port),
    )
    found = re.fullmatch(r"(\w+://)([^:@]*):([^@]*)@(.*/)[^/]*", said.get("setting_server", ""))
    home = Home(found[1] + found[4], found[2], found[3]) if found else Home()
    return Told(account, home)


def _port(text: str) -> int:
    return int(text) if text.isdigit() else 5060


DESK_PHONES = (
    DeskPhoneModel(
        name="yealink",
        vendor="Yealink",
        model="T46U",
        version="108.86.0.20",
        mac="805ec0de4001",
        agent="Yealink SIP-T46U 108.86.0.20 80:5e:c0:de:40:01",
        files=(
            "805ec0de4001.boot",
            "y000000000000.boot",
            "y000000000108.cfg",
            "805ec0de4001.cfg",
        ),
        read=_read_lines,
        told=_yealink,
        reread="check-sync;reboot=false",
    ),
    DeskPhoneModel(
        name="grandstream",
        vendor="Grandstream",
        model="GRP2614",
        version="1.0.5.15",
        mac="c074adde4002",
        agent="Grandstream Model HW GRP2614 SW 1.0.5.15 DevId c074adde4002",
        files=("cfgc074adde4002", "cfgc074adde4002.xml", "cfggrp2614.xml", "cfg.xml"),
        read=_read_numbers,
        told=_grandstream,
        reread="resync",
        stops=True,
    ),
    DeskPhoneModel(
        name="snom",
        vendor="snom",
        model="snomD785",
        version="10.1.169.16",
        mac="000413de4003",
        agent="Mozilla/4.0 (compatible; snomD785-SIP 10.1.169.16 000413DE4003 SXM:0 UXM:0 UXMC:0)",
        files=("snomD785.htm", "snomD785-000413DE4003.htm"),
        read=_read_settings,
        told=_snom,
        reread="check-sync;reboot=false",
    ),
)
