"""Asks the network's DHCP servers what they tell phones; takes no lease.

Owns a socket on port 68 of one interface for the length of a question. DISCOVER goes out with a
made-up hardware address, INFORM with our own address, since routers answer one, the other, or both.
The address is the same for all classes of phones, so that a server sets aside a single lease.
Needs the right to open that port and to bind to an interface.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Sequence

from appliance.errors import UserError
from appliance.net.dhcp_packets import DISCOVER, INFORM, Answer, decode_answer, encode_question

_CLIENT_PORT, _SERVER_PORT = 68, 67
_EVERYBODY = "255.255.255.255"
_LARGEST_OCTETS = 4096
_LOCAL = 0x02  # a hardware address that no maker has given out


def ask_servers(
    interface: str, own: str, vendors: Sequence[str], patience_s: float = 5.0
) -> list[Answer]:
    """Every answer that comes within patience_s: dnsmasq tries an address for 3 s before it offers.

    own: our IPv4 address there; vendors: classes of phones to ask as (option 60). Raises UserError
    ``dhcp.not_allowed`` or ``dhcp.cannot_ask``.
    """
    try:
        with _open(interface) as sock:
            return _ask(sock, own, vendors, patience_s)
    except PermissionError as error:
        raise UserError("dhcp.not_allowed") from error
    except OSError as error:
        raise UserError("dhcp.cannot_ask", interface=interface, said=str(error)) from error


def _open(interface: str) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode() + b"\0")
        sock.bind(("", _CLIENT_PORT))
    except BaseException:
        sock.close()
        raise
    return sock


def _ask(sock: socket.socket, own: str, vendors: Sequence[str], patience_s: float) -> list[Answer]:
    asked = set()
    mac = bytes((_LOCAL, *os.urandom(5)))
    for vendor in vendors:
        for kind in (DISCOVER, INFORM):
            transaction = int.from_bytes(os.urandom(4), "big")
            asked.add(transaction)
            question = encode_question(kind, transaction, mac, own, vendor)
            sock.sendto(question, (_EVERYBODY, _SERVER_PORT))
    answers = []
    deadline = time.monotonic() + patience_s
    while (left_s := deadline - time.monotonic()) > 0:
        sock.settimeout(left_s)
        try:
            answer = decode_answer(sock.recv(_LARGEST_OCTETS))
        except TimeoutError:
            break
        if answer is not None and answer.transaction in asked:
            answers.append(answer)
    return answers
