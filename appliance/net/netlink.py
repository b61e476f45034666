"""What the kernel tells of this machine's addresses: rtnetlink(7), as much as we need.

Owns sockets for the length of a question. Messages are read with struct; no library is needed for
two of them. address_watch.py listens, this file asks and reads.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import struct
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass

NETLINK_ROUTE = 0
_NLMSG_ERROR, _NLMSG_DONE = 2, 3
_RTM_GETLINK, _RTM_GETADDR = 18, 22
_NLM_F_REQUEST, _NLM_F_DUMP_INTR, _NLM_F_DUMP = 0x1, 0x10, 0x300
_IFA_ADDRESS, _IFA_LOCAL = 1, 2
_IFA_F_DADFAILED, _IFA_F_TENTATIVE = 0x08, 0x40
_HEADER = struct.Struct("=IHHII")  # struct nlmsghdr: length, type, flags, sequence, port
_IFF_UP, _IFF_RUNNING = 0x1, 0x40
_ANY_FAMILY = bytes(16)  # what is asked begins with a family, 0 = all
_IFINFOMSG = struct.Struct("=IiII")  # family and type, interface, flags, change
_IFADDRMSG = struct.Struct("=BBBBi")  # family, prefix length, flags, scope, interface
_ATTRIBUTE = struct.Struct("=HH")  # struct rtattr: length, type
_ANSWER_OCTETS = 65536
_ANSWER_S = 1.0
_TRIES = 5
_ERROR = struct.Struct("=i")


@dataclass(frozen=True, slots=True)
class InterfaceAddress:
    """An address that can be used now. scope 0: global (rtnetlink(7), ifa_scope); prefix: bits
    that all neighbours have in common."""

    interface: int
    host: str
    scope: int
    prefix: int = 0


def usable_addresses() -> list[InterfaceAddress]:
    """All addresses of all interfaces that are up and have a carrier, IPv4 and IPv6.

    Raises OSError where netlink is missing or does not answer.
    """
    running = {number for payload in _dump(_RTM_GETLINK) if (number := _read_link(payload))}
    found = (_read_address(payload) for payload in _dump(_RTM_GETADDR))
    return [a for a in found if a is not None and a.interface in running]


def _dump(kind: int) -> list[bytes]:
    """All objects of a kind; asked for again when they changed while they were told (netlink(7),
    NLM_F_DUMP_INTR), for some may be missing then."""
    for _ in range(_TRIES):
        with contextlib.closing(_answers(kind)) as answers:
            payloads, is_whole = read_dump(answers)
        if is_whole:
            break
    return payloads


def _answers(kind: int) -> Generator[bytes, None, None]:
    """Ask for all objects of a kind (rtnetlink(7)); the datagrams of the answer, without end."""
    raw = socket.SOCK_RAW | socket.SOCK_CLOEXEC
    with socket.socket(socket.AF_NETLINK, raw, NETLINK_ROUTE) as sock:
        sock.settimeout(_ANSWER_S)
        flags = _NLM_F_REQUEST | _NLM_F_DUMP
        length = _HEADER.size + len(_ANY_FAMILY)
        sock.send(_HEADER.pack(length, kind, flags, 1, 0) + _ANY_FAMILY)
        while True:
            yield sock.recv(_ANSWER_OCTETS)


def read_dump(datagrams: Iterable[bytes]) -> tuple[list[bytes], bool]:
    """The payloads of an answer up to its end, and whether none can be missing. Raises OSError when
    the kernel refuses to tell."""
    payloads: list[bytes] = []
    is_whole = True
    for data in datagrams:
        for kind, flags, payload in _messages(data):
            is_whole = is_whole and not flags & _NLM_F_DUMP_INTR
            if kind == _NLMSG_ERROR:
                raise _refusal(payload)
            if kind == _NLMSG_DONE:
                return payloads, is_whole
            payloads.append(payload)
    return payloads, False


def _refusal(payload: bytes) -> OSError:
    """struct nlmsgerr begins with a negative errno."""
    number = -_ERROR.unpack_from(payload)[0] if len(payload) >= _ERROR.size else errno.EPROTO
    return OSError(number, os.strerror(number))


def messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(type, payload) of each message in a datagram; stops at what makes no sense."""
    return ((kind, payload) for kind, _, payload in _messages(data))


def _messages(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """The same with the flags in the middle."""
    at = 0
    while at + _HEADER.size <= len(data):
        length, kind, flags, _, _ = _HEADER.unpack_from(data, at)
        if length < _HEADER.size or at + length > len(data):
            return
        yield kind, flags, data[at + _HEADER.size : at + length]
        at += _aligned(length)


def _read_link(payload: bytes) -> int:
    """The number of an interface that can carry packets now; 0 for another."""
    if len(payload) < _IFINFOMSG.size:
        return 0
    _, number, flags, _ = _IFINFOMSG.unpack_from(payload)
    return int(number) if flags & _IFF_UP and flags & _IFF_RUNNING else 0


def _read_address(payload: bytes) -> InterfaceAddress | None:
    """None for an address that is not usable yet, or never will be (duplicate)."""
    if len(payload) < _IFADDRMSG.size:
        return None
    family, prefix, flags, scope, interface = _IFADDRMSG.unpack_from(payload)
    if flags & (_IFA_F_TENTATIVE | _IFA_F_DADFAILED):
        return None
    attributes = dict(_attributes(payload[_IFADDRMSG.size :]))
    packed = attributes.get(_IFA_LOCAL) or attributes.get(_IFA_ADDRESS)
    try:
        host = socket.inet_ntop(family, packed or b"")
    except (ValueError, OSError):
        return None
    return InterfaceAddress(interface, host, scope, prefix)


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + _ATTRIBUTE.size <= len(data):
        length, kind = _ATTRIBUTE.unpack_from(data, at)
        if length < _ATTRIBUTE.size:
            return
        yield kind, data[at + _ATTRIBUTE.size : at + length]
        at += _aligned(length)


def _aligned(length: int) -> int:
    return (length + 3) & ~3
