"""Tests of drivers/linecard/frame.py: the vectors of the page, and C and Python agree."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.linecard.frame import Frame, FrameReader, FrameType, crc, encode_frame
from tests.kit.line_card import encode

octets_of_frames = st.binary(max_size=400) | st.binary(max_size=260).map(
    lambda b: b.replace(b"\0", b"\1")
)


def read(wire: bytes) -> list[Frame]:
    return list(FrameReader().feed(wire))


def test_the_check_value() -> None:
    assert crc(b"123456789") == 0x29B1


@pytest.mark.parametrize(
    ("frame", "wire"),
    [
        (Frame(FrameType.PING, 0, 0), "02300103093900"),
        (
            Frame(FrameType.EVENT, 5, 2, bytes.fromhex("000F424001")),
            "04120502070F424001CB0500",
        ),
    ],
)
def test_vectors_of_the_page(frame: Frame, wire: str) -> None:
    assert encode_frame(frame).hex().upper() == wire
    assert encode(*frame).hex().upper() == wire
    assert read(bytes.fromhex(wire)) == [frame]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255), octets_of_frames)
def test_c_and_python_write_the_same_and_read_it(
    kind: int, sequence: int, port: int, payload: bytes
) -> None:
    frame = Frame(kind, sequence, port, payload)
    wire = encode_frame(frame)
    assert wire == encode(*frame)
    assert wire.count(b"\0") == 1 and read(wire) == [frame]


@pytest.mark.parametrize("size", range(245, 260))
@pytest.mark.parametrize("tail", [b"", b"\0", b"\0\0", b"\1"])
def test_blocks_of_254(size: int, tail: bytes) -> None:
    frame = Frame(1, 1, 1, b"\7" * size + tail)
    assert encode_frame(frame) == encode(*frame)
    assert read(encode_frame(frame)) == [frame]


def test_a_payload_of_401_octets_is_refused() -> None:
    with pytest.raises(ValueError, match="401"):
        encode_frame(Frame(1, 1, 1, bytes(401)))
    assert encode(1, 1, 1, bytes(401)) == b""


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 60), max_size=10))
def test_any_split_gives_the_same_frames(cuts: list[int]) -> None:
    frames = [Frame(0x12, n, n, bytes(n)) for n in range(4)]
    wire = b"".join(map(encode_frame, frames))
    reader = FrameReader()
    edges = sorted({0, *(min(cut, len(wire)) for cut in cuts), len(wire)})
    read_frames = [
        frame for start, end in pairwise(edges) for frame in reader.feed(wire[start:end])
    ]
    assert read_frames == frames and reader.bad == 0


def test_a_million_octets_of_noise_make_no_frame_and_the_next_good_one_is_read() -> None:
    random, reader, found = Random(7), FrameReader(), 0
    for _ in range(1000):
        found += len(list(reader.feed(random.randbytes(1000))))
    assert found <= 2  # one in 65,536 of what is framed passes a CRC of 16 bits
    list(reader.feed(b"\0"))
    assert list(reader.feed(encode_frame(Frame(0x30, 1, 0)))) == [Frame(0x30, 1, 0)]


def test_a_frame_that_never_ends_is_one_bad_frame() -> None:
    reader = FrameReader()
    for _ in range(50):
        assert not list(reader.feed(b"\7" * 100))
    assert not list(reader.feed(b"\0"))
    assert reader.bad == 1
    assert list(reader.feed(encode_frame(Frame(1, 2, 3)))) == [Frame(1, 2, 3)]


def test_every_single_bit_error_is_found() -> None:
    wire = encode_frame(Frame(FrameType.EVENT, 5, 2, bytes.fromhex("000F424001")))
    for bit in range(8 * (len(wire) - 1)):
        damaged = bytearray(wire)
        damaged[bit // 8] ^= 1 << bit % 8
        assert read(bytes(damaged)) == []
