"""Tests of appliance/net/own_options.py: asked by the kernel's way, answered or not."""

from __future__ import annotations

import asyncio
import socket
from typing import cast

import pytest

from appliance.net.own_options import AddressMissing, OptionsUnanswered, OwnOptions
from appliance.sip.message import Request, format_message, parse_message, respond


class _Answering(asyncio.DatagramProtocol):
    """Answers from the given try on, with the given octets in front of the true answer."""

    def __init__(self, from_try: int, garbage: bytes) -> None:
        self.heard: list[Request] = []
        self._from_try, self._garbage = from_try, garbage

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        request = parse_message(data)
        assert isinstance(request, Request)
        self.heard.append(request)
        self._transport.sendto(self._garbage, address)
        if len(self.heard) >= self._from_try:
            answer = format_message(respond(request, 200, to_tag="tag"))
            self._transport.sendto(answer, address)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_it_is_a_request_that_our_own_parser_takes_and_is_sent_again(host: str) -> None:
    async def main() -> list[Request]:
        loop = asyncio.get_running_loop()
        transport, peer = await loop.create_datagram_endpoint(
            lambda: _Answering(2, b"SIP/2.0 200 OK\r\nCall-ID: of another\r\n\r\n"),
            local_addr=(host, 0),
        )
        await OwnOptions().ask(host, transport.get_extra_info("sockname")[1], 5.0)
        transport.close()
        return peer.heard

    first, second = asyncio.run(main())
    assert first.method == "OPTIONS"
    assert first.call_id == second.call_id


def test_a_question_is_recognised_while_it_waits_and_nobody_else_is() -> None:
    async def main() -> None:
        own = OwnOptions()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as box:
            box.bind(("127.0.0.1", 0))
            box.setblocking(False)
            asking = asyncio.ensure_future(own.ask(*box.getsockname(), 5.0))
            data = await asyncio.get_running_loop().sock_recv(box, 2000)
            assert own.recognises(data)
            assert not own.recognises(data.replace(b"Call-ID: ", b"Call-ID: x").lower()[:60])
            asking.cancel()
            await asyncio.wait([asking])
            assert not own.recognises(data), "an old one that was overheard opens nothing"

    asyncio.run(main())


def test_silence_is_told() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        with pytest.raises(OptionsUnanswered, match="no answer"):
            asyncio.run(OwnOptions().ask("127.0.0.1", deaf.getsockname()[1], 0.05))


def test_an_address_that_is_not_ours_is_told() -> None:
    with pytest.raises(AddressMissing):
        asyncio.run(OwnOptions().ask("192.0.2.1", 5060, 0.05))
