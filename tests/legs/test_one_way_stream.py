"""Recordings for a device without sound both ways: how they are written; nobody is bridged."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.errors import LocalProtocolError
from appliance.legs.one_way_stream import OneWayStream, in_encoding
from appliance.rtp.g711 import Law
from drivers.api import Encoding


def test_a_recording_is_written_as_the_device_wants_it() -> None:
    """0xD5 and 0xFF are silence of A-law and µ-law, 0x80 of 8-bit linear (drivers.api.Encoding)."""
    assert in_encoding(b"\xd5\x55", Law.PCMA, Encoding.ALAW) == b"\xd5\x55"
    assert in_encoding(b"\xff\x7f", Law.PCMU, Encoding.ALAW) == b"\xd5\xd5"
    assert in_encoding(b"\xaa\x2a", Law.PCMA, Encoding.U8) == b"\xfe\x02"
    assert in_encoding(b"\xff", Law.PCMU, Encoding.U8) == b"\x80"
    assert in_encoding(b"\xd5", Law.PCMA, Encoding.ULAW) == b"\xfe"
    assert in_encoding(b"\xff", Law.PCMU, Encoding.S16LE) == b"\0\0"


def test_it_is_connected_to_nobody() -> None:
    port: Any = None
    told: list[object] = []
    one, other = (OneWayStream(port, Encoding.ALAW, told.append) for _ in range(2))
    assert one.number < 0 and one.number != other.number  # never one of the core's
    with pytest.raises(LocalProtocolError):
        one.connect(other)
    assert one.close() == b"" and told == []


def test_it_is_not_recorded() -> None:
    port: Any = None
    stream = OneWayStream(port, Encoding.ALAW, lambda event: None)
    assert not stream.can_record
    with pytest.raises(LocalProtocolError):
        stream.record()
    stream.stop_recording()
    assert stream.take_recorded() == b""
