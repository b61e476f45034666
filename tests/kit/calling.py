"""Calls by hand with a running box: an extension that dials, two who talk, a box short of ports.

Owns the sockets of the parties. Used by the tests of hostile strangers and of trunks.
"""

from __future__ import annotations

from typing import Any

from tests.kit.box import Box
from tests.kit.health import Health
from tests.kit.office import secret_of, trunk
from tests.kit.raw_sip import Address, RawCall, RawEnd, audio
from tests.kit.responder import Responder
from tests.kit.rtp_end import RtpEnd

MANY_PORTS = (61000, 65000)  # a port rests for 32 s after a call
OUTSIDE = "989031234567"


def address(box: Box) -> Address:
    """Where the box takes SIP."""
    return box.host, box.sip_port


def call(box: Box, end: RawEnd, number: str, body: bytes, user: str = "2001") -> RawCall:
    """A call of an extension, not begun."""
    return RawCall(end, address(box), user, secret_of(user), number, body)


def talk(box: Box, end: RawEnd, user: str, number: str) -> RawCall:
    """A call of an extension that was answered."""
    talking = call(box, end, number, audio("127.0.0.1", 40000), user)
    talking.invite()
    answered(talking)
    return talking


class TalkingCall:
    """2008 talks with 2009, and both are heard."""

    def __init__(self, box: Box) -> None:
        self.caller, self.callee = RtpEnd(hz=440), RtpEnd(hz=1000)
        self.phone = Responder()
        self.phone.rtp_port = self.callee.port
        self.phone.register(address(box), "2009", secret_of("2009")).start()
        self.end = RawEnd()
        body = audio("127.0.0.1", self.caller.port)
        self.call = call(box, self.end, "2009", body, "2008")
        self.call.invite()
        answer = self.call.final()
        assert answer.status == 200
        self.call.acknowledge()
        self.box_ports = [media_port(answer.body), media_port(self.phone.invited[0].request.body)]
        self.caller.send_to(box.host, self.box_ports[0])
        self.callee.send_to(box.host, self.box_ports[1])

    def is_heard(self, packets: int = 20) -> None:
        """Both hear each other from now on."""
        self.caller.forget()
        self.callee.forget()
        self.caller.wait_for_packets(packets)
        self.callee.wait_for_packets(packets)
        assert self.caller.sound().heard().is_tone(1000)
        assert self.callee.sound().heard().is_tone(440)

    def close(self) -> None:
        """Hang up, and end both ends."""
        assert self.call.hang_up() == 200
        for thing in (self.caller, self.callee, self.phone, self.end):
            thing.close()


def media_port(body: bytes) -> int:
    """The audio port of a description."""
    return int(body.partition(b"m=audio ")[2].split()[0])


class SmallBox:
    """Four pairs of ports are two calls; the first of them has ended."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.health = Health(box)
        self.end = RawEnd()
        self.phone = Responder().register(address(box), "2002", secret_of("2002")).start()
        first, self.second = (self.call(40000 + n) for n in range(2))
        for living in (first, self.second):
            living.invite()
            assert living.final().status == 200
            living.acknowledge()
        self.status_without_ports = self.status_of_a_call()
        assert first.hang_up() == 200

    def call(self, port: int) -> RawCall:
        return call(self.box, self.end, "2002", audio("127.0.0.1", port))

    def status_of_a_call(self) -> int:
        """What one more call gets; it is ended when it is answered."""
        more = self.call(41000)
        more.invite()
        status = more.final().status
        if status == 200:
            more.acknowledge()
            assert more.hang_up() == 200
        return status

    def is_call_possible(self) -> bool:
        """One more call is answered, and ended."""
        return self.status_of_a_call() == 200

    def close(self) -> None:
        """All is given back."""
        assert self.second.hang_up() == 200
        self.health.wait_for_rest()
        self.phone.close()
        self.end.close()


def by_address(name: str, provider: Responder, **fields: Any) -> dict[str, Any]:
    """A trunk without registration whose state nobody asks for: only calls tell of it."""
    given = {"authentication": "address", "qualify_s": 0, **fields}
    return trunk(name, provider.host, provider.port, **given)


def dial(box: Box, end: RawEnd, number: str = OUTSIDE, user: str = "2001") -> RawCall:
    """A call of an extension, begun."""
    dialled = call(box, end, number, audio("127.0.0.1", 40000), user)
    dialled.invite()
    return dialled


def answered(begun: RawCall) -> None:
    """Wait for the answer of a call that was begun, and acknowledge it."""
    final = begun.final(15)
    assert final.status == 200, f"{final.first_line}; heard: {begun.end.first_lines()}"
    begun.acknowledge()
