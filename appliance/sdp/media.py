"""What two legs agree on, without any address: the description that a call carries unread.

PURE. RFC 8866 and RFC 3264 terms. ``describe`` in negotiate.py makes a Media of a received SDP,
``render`` makes SDP of a Media and our own address; call control hands it from leg to leg and looks
at nothing but ``direction`` and ``kind``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Direction(Enum):
    __hash__ = object.__hash__

    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"

    @property
    def sends(self) -> bool:
        return self in (Direction.SENDRECV, Direction.SENDONLY)

    @property
    def receives(self) -> bool:
        return self in (Direction.SENDRECV, Direction.RECVONLY)

    @property
    def reversed(self) -> Direction:
        """The same stream as the other side must say it (RFC 3264 §6.1)."""
        swap = {Direction.SENDONLY: Direction.RECVONLY, Direction.RECVONLY: Direction.SENDONLY}
        return swap.get(self, self)


class MediaKind(Enum):
    AUDIO = "audio"  # RTP/AVP
    IMAGE = "image"  # udptl t38


@dataclass(frozen=True, slots=True)
class Codec:
    """One payload type; name as registered (``PCMA``, ``G722``, ``opus``, ``telephone-event``)."""

    payload_type: int
    name: str
    clock_rate_hz: int
    channels: int = 1
    fmtp: str = ""


@dataclass(frozen=True, slots=True)
class Media:
    """An offer or an answer. codecs are in order of preference; attributes: T.38's a= lines."""

    kind: MediaKind
    codecs: tuple[Codec, ...]
    direction: Direction = Direction.SENDRECV
    ptime_ms: int = 0  # 0 = not said
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RemoteAddress:
    """Where a description wants its packets: literal IP; rtcp_port as said or port + 1."""

    host: str
    port: int
    rtcp_port: int
