"""The ports of SIP, media and web: ours, free, or taken by somebody else; and a firewall's hint.

Owns sockets for the moment of the test only. While the daemon runs nothing of its ports is touched.
"""

from __future__ import annotations

import errno
import socket
import subprocess

from appliance.doctor.finding import Finding, Patient, fault, ok, warning
from appliance.net.socket_options import is_wildcard

_SAMPLES = 20  # of the media ports


def check(patient: Patient) -> list[Finding]:
    """SIP, media, web, firewall."""
    findings = _running(patient) if patient.is_running else []
    if patient.is_down:  # else the ports may be its own
        findings = _stopped(patient)
    findings.append(_web(patient))
    if _drops_what_comes():
        low, high = patient.rtp_ports
        ports = f"{patient.sip_port}, {low}-{high}, {patient.web_port}"
        findings.append(warning("ports.firewall", ports=ports))
    return findings


def _running(patient: Patient) -> list[Finding]:
    status = patient.answers["status"]
    shown = ", ".join(f"{s['transport']} {s['host']}:{s['port']}" for s in status["sip"])
    low, high = status["rtp_ports"]
    if not shown:
        return [fault("ports.sip_none")]
    return [ok("ports.sip_ours", where=shown), ok("ports.media", low=low, high=high)]


def _stopped(patient: Patient) -> list[Finding]:
    findings = []
    kinds = ((socket.SOCK_DGRAM, "UDP"), (socket.SOCK_STREAM, "TCP"))
    for kind, name in kinds:
        said = why_taken(patient.sip_port, kind)
        if said == "EACCES":
            return [fault("ports.forbidden", port=patient.sip_port)]
        if said:
            params = {"port": patient.sip_port, "transport": name, "said": said}
            findings.append(fault("ports.taken", **params))
    if not findings:
        findings.append(ok("ports.sip_free", port=patient.sip_port))
    low, high = patient.rtp_ports
    step = max(1, (high - low) // _SAMPLES)
    taken = [p for p in range(low, high, step) if why_taken(p, socket.SOCK_DGRAM)]
    if taken:
        findings.append(
            warning("ports.media_taken", ports=", ".join(map(str, taken)), low=low, high=high)
        )
    return findings


def _web(patient: Patient) -> Finding:
    port = patient.web_port
    try:
        with socket.create_connection((_web_host(patient), port), timeout=2) as sock:
            sock.sendall(b"HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = sock.recv(64)
    except OSError:
        return warning("ports.web_silent", port=port)
    if answer.startswith(b"HTTP/"):
        return ok("ports.web", port=port)
    return fault("ports.web_other", port=port)


def _web_host(patient: Patient) -> str:
    """Pages listen where SIP does: everywhere, or at the one address that was asked for."""
    hosts = [s["host"] for s in patient.answers.get("status", {}).get("sip", ())]
    if not hosts or any(map(is_wildcard, hosts)):
        return "127.0.0.1"
    return str(hosts[0])


def why_taken(port: int, kind: socket.SocketKind) -> str:
    """Why a port of this machine cannot be had, by IPv4 or IPv6, or an empty text."""
    places = ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::"))
    said = (_why_not_had(family, host, port, kind) for family, host in places)
    return next(filter(None, said), "")


def _why_not_had(
    family: socket.AddressFamily, host: str, port: int, kind: socket.SocketKind
) -> str:
    try:
        with socket.socket(family, kind) as sock:
            if kind is socket.SOCK_STREAM:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family is socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind((host, port))
    except OSError as error:
        if error.errno in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
            return ""  # the machine has no IPv6
        return errno.errorcode.get(error.errno or 0, str(error))
    return ""


def _drops_what_comes() -> bool:
    """Whether a firewall of this machine drops by default; only root may see it."""
    try:
        done = subprocess.run(
            ["nft", "list", "ruleset"], capture_output=True, text=True, timeout=5, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return any("hook input" in line and "policy drop" in line for line in done.stdout.splitlines())
