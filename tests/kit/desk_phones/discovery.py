"""SIP PnP as phones do it at boot: a SUBSCRIBE into the network, a URL in a NOTIFY (RFC 6080).

Owns a socket while it asks. What the phone says of itself stands in the Event header; it answers
the NOTIFY with 200 and repeats its question every half second.
"""

from __future__ import annotations

import itertools
import socket
import time
from collections.abc import Mapping

from tests.kit.processes import KitError
from tests.kit.raw_sip import Heard, read, reply, write

GROUP, PORT = "224.0.1.75", 5060
_AGAIN_S = 0.5
_count = itertools.count(1)


def discover(host: str, mac: str, told: Mapping[str, str], timeout_s: float = 5.0) -> str:
    """The URL that somebody in the network gives to this phone; KitError when nobody does."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((host, 0))
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(host))
        sock.settimeout(_AGAIN_S)
        question = _subscribe(host, sock.getsockname()[1], mac, told)
        deadline = time.monotonic() + timeout_s
        is_answered = False
        while time.monotonic() < deadline:
            if not is_answered:
                sock.sendto(question, (GROUP, PORT))
            try:
                data, source = sock.recvfrom(65535)
            except TimeoutError:
                continue
            message = read(data, source[:2])
            is_answered = is_answered or message.status == 200
            if message.method == "NOTIFY" and not message.is_response:
                sock.sendto(reply(message, 200), source)
                return _url(message)
    raise KitError(f"nobody gave {mac} a URL")


def _subscribe(host: str, port: int, mac: str, told: Mapping[str, str]) -> bytes:
    uri = f"sip:MAC%3A{mac.upper()}@{GROUP}"
    words = "".join(f';{name}="{value}"' for name, value in told.items())
    number = next(_count)
    fields = [
        ("Via", f"SIP/2.0/UDP {host}:{port};branch=z9hG4bK{mac}{number}"),
        ("Max-Forwards", "70"),
        ("From", f"<{uri}>;tag={mac}{number}"),
        ("To", f"<{uri}>"),
        ("Call-ID", f"{mac}-{number}@{host}"),
        ("CSeq", "20000 SUBSCRIBE"),
        ("Contact", f"<sip:{host}:{port}>"),
        ("Event", f'ua-profile;profile-type="device"{words}'),
        ("Accept", "application/url"),
        ("Expires", "0"),
    ]
    return write(f"SUBSCRIBE {uri} SIP/2.0", fields)


def _url(notify: Heard) -> str:
    if notify.header("content-type") != "application/url":
        raise KitError(f"a NOTIFY of {notify.header('content-type')}")
    return notify.body.decode("ascii").strip()
