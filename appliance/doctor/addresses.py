"""Our addresses: is there one, is it the one that phones and providers are told?

Owns nothing: asks ``ip`` for the interfaces, and the kernel by which address it leaves.
"""

from __future__ import annotations

import json
import socket
import subprocess
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from appliance.config.host_text import bare_host
from appliance.doctor.finding import Finding, Patient, fault, ok, warning

Address = IPv4Address | IPv6Address
_SOMEWHERE = ("192.0.2.1", 9)  # TEST-NET: nothing is sent, the kernel only picks a way


def check(patient: Patient) -> list[Finding]:
    """Interfaces, the public address, where SIP listens."""
    interfaces = own_addresses()
    listening = [s["host"] for s in patient.answers.get("status", {}).get("sip", ())]
    site = patient.document.site if patient.document is not None else None
    has_trunks = bool(patient.document and any(t.is_enabled for t in patient.document.trunks))
    external = bare_host(site.external_address) if site is not None else ""
    return [*judge(interfaces, external, has_trunks), *judge_listening(listening)]


def judge(interfaces: dict[str, list[str]], external: str, has_trunks: bool) -> list[Finding]:
    """interfaces: name -> addresses; external: Site.external_address."""
    addresses = [a for each in interfaces.values() for a in each]
    if not addresses:
        return [fault("addresses.none")]
    findings = [ok("addresses.ours", addresses=", ".join(addresses))]
    if len(interfaces) > 1:
        findings.append(warning("addresses.several", interfaces=", ".join(sorted(interfaces))))
    # Providers meet NAT on IPv4 only: a public IPv6 address beside it changes nothing.
    judged = [a for a in addresses if ip_address(a).version == 4] or addresses
    is_inside = not any(ip_address(a).is_global for a in judged)
    if external:
        findings += _judge_external(external, is_inside)
    elif is_inside and has_trunks:
        findings.append(warning("addresses.nat"))
    return findings


def judge_listening(hosts: list[str]) -> list[Finding]:
    """hosts: where SIP is listened for."""
    if hosts and all(ip_address(h).is_loopback for h in hosts):
        return [warning("addresses.loopback")]
    return []


def _judge_external(external: str, is_inside: bool) -> list[Finding]:
    try:
        given: Address | None = ip_address(external)
    except ValueError:
        given = None
    if given is not None and not given.is_global:
        return [warning("addresses.external_private", external=external)]
    if not is_inside:
        return [warning("addresses.external_unneeded", external=external)]
    return [ok("addresses.external", external=external)]


def own_addresses() -> dict[str, list[str]]:
    """Addresses that others can reach, by interface; without ``ip``, the one that we leave by."""
    try:
        done = subprocess.run(["ip", "-j", "address"], capture_output=True, timeout=5, check=True)
        links: list[dict[str, Any]] = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return _by_the_way_out()
    found = {}
    for link in links:
        infos = [a for a in link.get("addr_info", ()) if a.get("scope") == "global"]
        if infos:
            found[str(link.get("ifname"))] = [str(a.get("local")) for a in infos]
    return found


def _by_the_way_out() -> dict[str, list[str]]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect(_SOMEWHERE)
        except OSError:
            return {}
        return {"default": [sock.getsockname()[0]]}
