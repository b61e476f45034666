"""Options of Linux sockets that Python has no name for, and sockets opened the way we need them.

Owns nothing: hands sockets out. DSCP CS3 marks signalling (RFC 4594 §3.2); errors that the network
reports by ICMP are asked for (ip(7) IP_RECVERR); an IPv6 socket never speaks IPv4 (RFC 3493 §5.3).
"""

from __future__ import annotations

import contextlib
import errno
import socket

from appliance.errors import UserError

IP_RECVERR = 11
IPV6_RECVERR = 25
TCP_USER_TIMEOUT = 18
_IP_MTU_DISCOVER = 10
_IPV6_MTU_DISCOVER = 23
_PMTUDISC_DONT = 0  # large requests are fragmented, never refused
_SO_RCVBUFFORCE = 33
_CS3 = 24 << 2  # the DSCP stands in the upper six bits of the octet
_LARGE_BUFFER_OCTETS = 4 * 1024 * 1024
_IPV4: socket.AddressFamily = socket.AF_INET
_IPV6: socket.AddressFamily = socket.AF_INET6
_UNSENT_LIMIT_MS = 20_000
_STREAM_SEND_OCTETS = 64 * 1024  # what the kernel keeps for a far end that does not read


def family_of(host: str) -> socket.AddressFamily:
    return _IPV6 if ":" in host else _IPV4


def is_wildcard(host: str) -> bool:
    return host in ("0.0.0.0", "::", "")


def open_udp(host: str, port: int) -> socket.socket:
    """A bound non-blocking datagram socket; raises UserError ``net.address_in_use``…"""
    family = family_of(host)
    sock = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
    try:
        _mark(sock)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVERR, 1)
            sock.setsockopt(socket.IPPROTO_IPV6, _IPV6_MTU_DISCOVER, _PMTUDISC_DONT)
        else:
            sock.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
            sock.setsockopt(socket.IPPROTO_IP, _IP_MTU_DISCOVER, _PMTUDISC_DONT)
        _enlarge_receive_buffer(sock)
        _bind(sock, host, port)
    except BaseException:
        sock.close()
        raise
    return sock


def open_tcp_listener(host: str, port: int) -> socket.socket:
    """A bound non-blocking stream socket that is ready to listen; raises UserError as above."""
    family = family_of(host)
    sock = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _mark(sock)
        _bind(sock, host, port)
    except BaseException:
        sock.close()
        raise
    return sock


def tune_stream(sock: socket.socket) -> None:
    """Mark a connection, send small messages at once and find out that its far end died."""
    with contextlib.suppress(OSError):
        _mark(sock, is_bound_family_only=False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, TCP_USER_TIMEOUT, _UNSENT_LIMIT_MS)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _STREAM_SEND_OCTETS)


def _mark(sock: socket.socket, is_bound_family_only: bool = True) -> None:
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, _CS3)
        if is_bound_family_only:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    else:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, _CS3)


def _enlarge_receive_buffer(sock: socket.socket) -> None:
    """Room for a burst of registrations; beyond rmem_max only when we are privileged."""
    try:
        sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _LARGE_BUFFER_OCTETS)
    except OSError:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _LARGE_BUFFER_OCTETS)


_BIND_ERRORS = {
    errno.EADDRINUSE: "net.address_in_use",
    errno.EADDRNOTAVAIL: "net.address_not_ours",
    errno.EACCES: "net.port_forbidden",
}


def _bind(sock: socket.socket, host: str, port: int) -> None:
    try:
        sock.bind((host, port))
    except OSError as error:
        key = _BIND_ERRORS.get(error.errno or 0, "net.cannot_bind")
        raise UserError(key, address=host, port=port, said=str(error)) from error
