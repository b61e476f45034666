"""How phones fetch files: HTTP as small firmware speaks it, and TFTP of RFC 1350.

Owns a connection while it fetches. Redirects are followed three times; a challenge is answered with
Basic credentials when the phone has some; anything but 200 is "not there".
"""

from __future__ import annotations

import base64
import http.client
import socket
import struct
from urllib.parse import urljoin, urlsplit

from tests.kit.processes import KitError

_TIMEOUT_S = 10.0
_BLOCK = 512
_TRIES = 5


def fetch(url: str, agent: str, credentials: tuple[str, str] | None = None) -> tuple[int, bytes]:
    """(status, octets) of a URL; 404 for a file that TFTP says is not there."""
    parts = urlsplit(url)
    if parts.scheme == "tftp":
        return _fetch_tftp(parts.hostname or "", parts.port or 69, parts.path.lstrip("/"))
    given: dict[str, str] = {}
    for _ in range(4):
        status, headers, body = _get(url, {"User-Agent": agent, **given})
        if status in (301, 302, 303, 307, 308):
            url = urljoin(url, headers["location"])
        elif status == 401 and credentials and not given:
            pair = base64.b64encode(":".join(credentials).encode()).decode()
            given = {"Authorization": f"Basic {pair}"}
        else:
            return status, body
    raise KitError(f"{url} leads in a circle")


def _get(url: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    connection = http.client.HTTPConnection(host, parts.port or 80, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", parts.path or "/", headers=headers)
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, found, answer.read()
    finally:
        connection.close()


def _fetch_tftp(host: str, port: int, name: str) -> tuple[int, bytes]:
    """A read request without options: blocks of 512 octets, each acknowledged."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(_TIMEOUT_S / _TRIES)
        packet, address = b"\0\1" + name.encode() + b"\0octet\0", (host, port)
        content, expected = b"", 1
        for _ in range(_TRIES * 100):
            sock.sendto(packet, address)
            try:
                data, source = sock.recvfrom(65535)
            except TimeoutError:
                continue
            kind, number = struct.unpack_from("!HH", data)
            if kind == 5:
                return 404, b""
            if kind == 3 and number == expected & 0xFFFF:
                content += data[4:]
                expected += 1
            packet, address = struct.pack("!HH", 4, (expected - 1) & 0xFFFF), source
            if kind == 3 and len(data) < _BLOCK + 4:
                sock.sendto(packet, address)
                return 200, content
    raise KitError(f"{name} did not come by TFTP from {host}")
