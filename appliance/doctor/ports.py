"""The ports of SIP, media and web: ours, free, or taken by somebody else; and a firewall's hint.

Owns sockets for the moment of the test only. While the daemon runs nothing of its ports is touched.
"""

from __future__ import annotations

import errno
import socket
import subprocess

from appliance.doctor.finding import Finding, Patient, fault, ok, warning

_SAMPLES = 20  # of the media ports


def check(patient: Patient) -> list[Finding]:
    """SIP, media, web, firewall."""
    findings = _running(patient) if patient.is_running else _stopped(patient)
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
        with socket.create_connection(("127.0.0.1", port), timeout=2) as sock:
            sock.sendall(b"HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = sock.recv(64)
    except OSError:
        return warning("ports.web_silent", port=port)
    if answer.startswith(b"HTTP/"):
        return ok("ports.web", port=port)
    return fault("ports.web_other", port=port)


def why_taken(port: int, kind: socket.SocketKind) -> str:
    """Why a port of this machine cannot be had, or an empty text."""
    with socket.socket(socket.AF_INET, kind) as sock:
        if kind is socket.SOCK_STREAM:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("0.0.0.0", port))
        except OSError as error:
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
