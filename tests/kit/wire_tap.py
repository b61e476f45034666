"""What a phone is sent, read off the loopback interface: for phones that do not write it down.

Owns a packet socket (packet(7), needs root) as long as it listens. Knows IPv4, UDP and RTP with
G.711; packets are taken in the order in which they come, and gaps are not filled.
"""

from __future__ import annotations

import socket
import struct
import time
from array import array

from tests.kit.tone import Sound, from_alaw, from_ulaw

_IPV4 = 0x0800
_UDP = 17
_RTP_HEADER = 12
_DECODERS = {0: from_ulaw, 8: from_alaw}


def listen_on_loopback(ports: tuple[int, int], seconds: float) -> Sound:
    """The voice that comes to this range of ports within the next ``seconds``."""
    samples = array("h")
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_IPV4)) as tap:
        tap.bind(("lo", _IPV4))
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            tap.settimeout(left)
            try:
                packet, (_, _, kind, *_) = tap.recvfrom(2048)
            except TimeoutError:
                break
            if kind != socket.PACKET_OUTGOING:  # loopback shows each of them going and coming
                samples += _voice(packet, ports)
    return Sound(samples)


def _voice(packet: bytes, ports: tuple[int, int]) -> array[int]:
    """Samples of one IPv4 packet; none when it is no voice to these ports."""
    rtp = packet[(packet[0] & 0x0F) * 4 + 8 :]
    if packet[9] != _UDP or len(rtp) <= _RTP_HEADER:
        return array("h")
    (port,) = struct.unpack_from(">H", packet, (packet[0] & 0x0F) * 4 + 2)
    decode = _DECODERS.get(rtp[1] & 0x7F)
    if not ports[0] <= port <= ports[1] or rtp[0] != 0x80 or decode is None:
        return array("h")
    return decode(rtp[_RTP_HEADER:]).samples
