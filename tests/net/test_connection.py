"""Any octets, cut anywhere, on one stream: messages or the end of it, never a defect."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.net.connection import StreamConnection
from tests.net.kit import message


class FakeTransport(asyncio.Transport):
    """Takes what is written; remembers that it was aborted."""

    def __init__(self) -> None:
        super().__init__({"peername": ("192.0.2.1", 5060)})
        self.written = b""
        self.is_aborted = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return _Silent() if name == "socket" else super().get_extra_info(name, default)

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return self.is_aborted

    def abort(self) -> None:
        self.is_aborted = True


class _Silent:
    """A socket that takes any option."""

    family = 2

    def setsockopt(self, *_: Any) -> None:
        pass


class Owner:
    largest_unsent_octets = 1000

    def __init__(self) -> None:
        self.messages: list[bytes] = []

    def now(self) -> float:
        return 0.0

    def connection_made(self, connection: StreamConnection) -> bool:
        return True

    def messages_received(self, connection: StreamConnection, messages: list[bytes]) -> None:
        self.messages += messages

    def connection_gone(self, connection: StreamConnection, why: str) -> None:
        pass


def _feed(chunks: list[bytes]) -> tuple[list[bytes], bool, bytes]:
    """What came of a stream: messages, whether it was broken off, what was written."""
    owner, transport = Owner(), FakeTransport()
    connection = StreamConnection(1, owner)
    connection.connection_made(transport)
    for chunk in chunks:
        if not transport.is_aborted:
            connection.data_received(chunk)
    return owner.messages, transport.is_aborted, transport.written


_pieces = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.binary(max_size=40).map(message),
        st.just(b"\r\n\r\n"),
        st.just(b"X y SIP/2.0\r\nContent-Length: 99999999\r\n\r\n"),
    ),
    max_size=6,
)


@settings(max_examples=200, deadline=None)
@given(_pieces, st.lists(st.integers(1, 30), min_size=1, max_size=10))
def test_any_octets_cut_anywhere(pieces: list[bytes], cuts: list[int]) -> None:
    data, chunks, n = b"".join(pieces), [], 0
    while data:
        size = cuts[n % len(cuts)]
        chunks.append(data[:size])
        data, n = data[size:], n + 1
    whole, cut = _feed(pieces), _feed(chunks)
    if not (whole[1] or cut[1]):
        assert whole[0] == cut[0]
        assert set(whole[2]) <= set(b"\r\n")


def _in_chunks(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def test_good_messages_survive_any_cut() -> None:
    parts = [message(b"1"), message(b"2" * 100), message()]
    data = b"".join(parts)
    for size in range(1, len(data)):
        assert _feed(_in_chunks(data, size)) == (parts, False, b"")


def test_pings_survive_any_cut() -> None:
    parts = [message(b"1"), message()]
    data = b"\r\n\r\n".join(parts)
    for size in range(1, len(data)):
        assert _feed(_in_chunks(data, size)) == (parts, False, b"\r\n")
