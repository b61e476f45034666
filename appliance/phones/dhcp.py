"""What a DHCP server has to tell phones, whether it does, and a configuration of dnsmasq that does.

Pure functions over values. Which brand reads which option is told in docs/phones.md. The URL names
the box, never a phone: who may read what is decided when the phone asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from appliance.net.dhcp_packets import PHONE_OPTIONS, Answer

#: As whom a server is asked (option 60): routers tell some makers other things than the rest.
VENDOR_CLASSES = (
    "",
    "yealink",
    "Grandstream GXP2170",
    "snomD785",
    "Fanvil",
    "Polycom-VVX450",
    "Cisco SPA508G",
    "CP-8841-3PCC",
    "N510_IP_PRO",
    "Panasonic",
    "AastraIPPhone6731i",
)


@dataclass(frozen=True, slots=True)
class OptionValue:
    """An option as a router wants it typed: as text, and as hexadecimal octets."""

    code: int
    text: str
    octets: bytes

    @property
    def hexadecimal(self) -> str:
        return self.octets.hex(":")


@dataclass(frozen=True, slots=True)
class Uplink:
    """What else a phone has to know: the box, which tells the time, and the office's router and
    name servers, where they are known."""

    box: str = ""
    gateway: str = ""
    name_servers: tuple[str, ...] = ()


class Verdict(Enum):
    """What a server says of an option."""

    RIGHT = "right"
    MISSING = "missing"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Finding:
    """One option of one server. said: what it told, readable; empty when it told nothing."""

    server: str
    code: int
    verdict: Verdict
    said: str


def option_values(host: str, port: int) -> tuple[OptionValue, ...]:
    """The values for the router, in the order of PHONE_OPTIONS. port: of HTTP for phones."""
    url = f"http://{host}{'' if port == 80 else f':{port}'}/"
    address = OptionValue(150, host, bytes(map(int, host.split("."))))
    texts = {code: OptionValue(code, url, url.encode("ascii")) for code in PHONE_OPTIONS}
    return tuple(address if code == address.code else texts[code] for code in PHONE_OPTIONS)


def findings(answers: Iterable[Answer], wanted: Sequence[OptionValue]) -> list[Finding]:
    """What each server tells of each option, the best of its answers."""
    told: dict[str, dict[int, bytes]] = {}
    for answer in answers:
        known = told.setdefault(answer.server, {})
        for value in wanted:
            if value.code in answer.options:
                known.setdefault(value.code, answer.options[value.code])
    return [
        _finding(server, value, options)
        for server, options in sorted(told.items())
        for value in wanted
    ]


def report(found: Sequence[Finding]) -> dict[str, Any]:
    """As plain data: ``findings``, and ``is_good``: every server that answered tells phones of us.

    One option is enough, since each brand reads several.
    """
    servers = {finding.server for finding in found}
    good = {finding.server for finding in found if finding.verdict is Verdict.RIGHT}
    rows = [
        {"server": f.server, "code": f.code, "verdict": f.verdict.value, "said": f.said}
        for f in found
    ]
    return {"findings": rows, "is_good": bool(servers) and servers == good}


def _finding(server: str, wanted: OptionValue, options: Mapping[int, bytes]) -> Finding:
    said = options.get(wanted.code)
    if said is None:
        return Finding(server, wanted.code, Verdict.MISSING, "")
    is_right = said.rstrip(b"\0") in (wanted.octets, wanted.octets.rstrip(b"/"))
    is_right = is_right or wanted.octets in said  # within sub-options of 43
    text = said.rstrip(b"\0").decode("ascii", "replace")  # some end texts as C does
    shown = ".".join(map(str, said)) if wanted.code == 150 else text
    return Finding(server, wanted.code, Verdict.RIGHT if is_right else Verdict.OTHER, shown)


_ROUTER, _NAME_SERVERS, _TIME_SERVERS = 3, 6, 42  # RFC 2132
_UNKNOWN = Uplink()


def dnsmasq_configuration(
    interface: str,
    first: str,
    last: str,
    values: Sequence[OptionValue],
    uplink: Uplink = _UNKNOWN,
) -> str:
    """For a dnsmasq that serves DHCP on one interface and nothing else (no DNS, no TFTP).

    Where no router is known none is told: left to itself, dnsmasq would name the box, which
    forwards nothing.
    """
    lines = [
        "# Made by dozvon dhcp serve; changes here are lost.",
        "port=0",
        f"interface={interface}",
        "bind-interfaces",
        "except-interface=lo",
        f"dhcp-range={first},{last},12h",
        _option(_ROUTER, uplink.gateway),
        _option(_NAME_SERVERS, *uplink.name_servers),
        _option(_TIME_SERVERS, uplink.box),
        *(f"dhcp-option-force={value.code},{_of_dnsmasq(value)}" for value in values),
    ]
    return "\n".join(lines) + "\n"


def _option(code: int, *hosts: str) -> str:
    """Without a host, dnsmasq leaves the option out."""
    return ",".join((f"dhcp-option={code}", *filter(None, hosts)))


def _of_dnsmasq(value: OptionValue) -> str:
    return value.text if value.code == 150 else f'"{value.text}"'
