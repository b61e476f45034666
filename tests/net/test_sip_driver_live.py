"""Endpoint, driver and real sockets together: registration, calls, dead ends, any octets."""

from __future__ import annotations

import asyncio
import random
import socket
import time
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

import pytest

from appliance.clock import LoopClock
from appliance.net.own_address import OwnAddresses
from appliance.net.sip_driver import SipDriver
from appliance.sip import events as sip
from appliance.sip.endpoint import Endpoint, EndpointConfig
from appliance.sip.events import FailureCause, Hop, Invitation, PlainRequest, Transport
from appliance.sip.registrar import Registrar
from tests.net.kit import until


class _Ids:
    def __init__(self, name: str) -> None:
        self._name = name
        self._count = count()

    def token(self, bits: int) -> str:
        return f"{self._name}{next(self._count)}"


class Party:
    """One box: endpoint and driver, with its events in a list."""

    def __init__(self, name: str, host: str) -> None:
        clock = LoopClock(asyncio.get_running_loop())
        self.now = clock.now
        self.host = host
        self.events: list[Any] = []
        self.registrar = Registrar()
        own = OwnAddresses(clock.now)
        config = EndpointConfig(user_agent=name, local_address=own.towards)
        self.endpoint = Endpoint(config, _Ids(name))
        self.driver = SipDriver(self.endpoint, self._on_event, clock, own)
        self.port = 0

    async def open(self) -> Party:
        self.port = await self.driver.open(self.host, 0)
        return self

    def hop(self, transport: Transport) -> Hop:
        return Hop(transport, self.host, self.port)

    def heard(self, kind: type) -> list[Any]:
        return [e for e in self.events if isinstance(e, kind)]

    def _on_event(self, event: sip.Event) -> None:
        self.events.append(event)
        if isinstance(event, sip.RequestReceived):
            source, request = event.source, event.request
            outcome = self.registrar.register(request, "2001", source, 5, time.time())
            self.endpoint.respond(
                event.transaction, outcome.status, headers=outcome.headers, now=self.now()
            )


def _run(scenario: Callable[[Party, Party], Awaitable[None]], host: str = "127.0.0.1") -> None:
    async def whole() -> None:
        one, two = await Party("one", host).open(), await Party("two", host).open()
        try:
            await scenario(one, two)
        finally:
            await one.driver.close()
            await two.driver.close()
            await asyncio.sleep(0)

    asyncio.run(whole())


def _bracket(host: str) -> str:
    return f"[{host}]" if ":" in host else host


_WIRES = [
    (Transport.UDP, "127.0.0.1"),
    (Transport.TCP, "127.0.0.1"),
    (Transport.UDP, "::1"),
    (Transport.TCP, "::1"),
]


@pytest.mark.parametrize(("transport", "host"), _WIRES)
def test_a_phone_registers(transport: Transport, host: str) -> None:
    async def scenario(phone: Party, box: Party) -> None:
        contact = f"<sip:2001@{_bracket(host)}:{phone.port}>"
        phone.endpoint.request(
            PlainRequest(
                method="REGISTER",
                uri="sip:box.example",
                hop=box.hop(transport),
                from_uri="sip:2001@box.example",
                to_uri="sip:2001@box.example",
                headers=(("Contact", contact), ("Expires", "600")),
            ),
            phone.now(),
        )
        phone.driver.wake()
        await until(lambda: phone.heard(sip.ResponseReceived))
        (answer,) = phone.heard(sip.ResponseReceived)
        assert answer.response.status == 200
        (binding,) = box.registrar.bindings("2001")
        assert (binding.hop.transport, binding.hop.host) == (transport, host)
        assert not binding.is_behind_nat

    _run(scenario, host)


@pytest.mark.parametrize(("transport", "host"), _WIRES)
def test_a_call_is_made_and_ended(transport: Transport, host: str) -> None:
    async def scenario(caller: Party, callee: Party) -> None:
        uri = f"sip:2002@{_bracket(host)}:{callee.port}"
        invitation = Invitation(
            uri=uri,
            hop=callee.hop(transport),
            from_uri="sip:2001@box.example",
            to_uri=uri,
            body=b"v=0\r\n",
        )
        calling = caller.endpoint.invite(invitation, caller.now())
        caller.driver.wake()
        await until(lambda: callee.heard(sip.InviteReceived))
        called = callee.heard(sip.InviteReceived)[0].session
        callee.endpoint.answer(called, b"v=0\r\n", callee.now())
        callee.driver.wake()
        await until(lambda: caller.heard(sip.SessionAnswered))
        await until(lambda: callee.heard(sip.SessionConfirmed))
        caller.endpoint.bye(calling, "", caller.now())
        caller.driver.wake()
        await until(lambda: callee.heard(sip.SessionEnded))
        assert callee.heard(sip.SessionEnded)[0].is_remote

    _run(scenario, host)


@pytest.mark.parametrize("transport", [Transport.UDP, Transport.TCP])
def test_a_dead_end_is_known_at_once_and_not_after_timer_f(transport: Transport) -> None:
    async def scenario(box: Party, _: Party) -> None:
        kind = socket.SOCK_DGRAM if transport is Transport.UDP else socket.SOCK_STREAM
        with socket.socket(socket.AF_INET, kind) as gone:
            gone.bind(("127.0.0.1", 0))
            dead = Hop(transport, "127.0.0.1", gone.getsockname()[1])
        box.endpoint.request(
            PlainRequest(
                method="OPTIONS",
                uri="sip:2001@phone.example",
                hop=dead,
                from_uri="sip:box.example",
                to_uri="sip:2001@phone.example",
            ),
            box.now(),
        )
        started_at = box.now()
        box.driver.wake()
        await until(lambda: box.heard(sip.RequestFailed))
        assert box.heard(sip.RequestFailed)[0].cause is FailureCause.TRANSPORT
        assert box.now() - started_at < 4.0

    _run(scenario)


def test_any_octets_and_the_box_still_answers(caplog: pytest.LogCaptureFixture) -> None:
    chance = random.Random(4475)
    seed = (
        b"REGISTER sip:box SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\n"
        b"From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: x\r\nCSeq: 1 REGISTER\r\n"
        b"Contact: <sip:a@b>\r\nContent-Length: 0\r\n\r\n"
    )

    def spoilt() -> bytes:
        data = bytearray(seed)
        for _ in range(chance.randint(1, 12)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        return bytes(data[: chance.randint(1, len(data))] if chance.random() < 0.3 else data)

    async def scenario(phone: Party, box: Party) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as attacker:
            for n in range(600):
                attacker.sendto(spoilt(), (box.host, box.port))
                if n % 50 == 0:
                    await asyncio.sleep(0)
        for _ in range(20):
            _, writer = await asyncio.open_connection(box.host, box.port)
            writer.write(spoilt())
            writer.write_eof()
            writer.close()
        phone.endpoint.request(
            PlainRequest(
                method="REGISTER",
                uri="sip:box.example",
                hop=box.hop(Transport.UDP),
                from_uri="sip:2001@box.example",
                to_uri="sip:2001@box.example",
            ),
            phone.now(),
        )
        phone.driver.wake()
        await until(lambda: phone.heard(sip.ResponseReceived))
        assert phone.heard(sip.ResponseReceived)[0].response.status == 200

    _run(scenario)
    assert "Traceback" not in caplog.text
