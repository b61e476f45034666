"""A flood of SIP from strangers, and what it does to those who belong to the box.

``python -m tests.kit.flood HOST PORT RATE SECONDS SOURCES`` sends: a process of its own, so that
the sender takes no time from the test. Senders are addresses 127.66.x.y, set packet by packet
(ip(7), IP_PKTINFO). ``besiege`` floods a box whose LAN is 127.0.0.x and measures meanwhile.
"""

from __future__ import annotations

import random
import socket
import statistics
import struct
import sys
import time
from dataclasses import dataclass

from tests.kit.box import Box
from tests.kit.calling import TalkingCall, address
from tests.kit.office import secret_of
from tests.kit.processes import KitError, Program
from tests.kit.raw_sip import Address, RawEnd, audio, authorization, write

LAN = ["127.0.0.0/24"]  # of the box's settings: all else of loopback is outside
PHONE, NEWCOMER = "127.50.0.1", "127.51.0.1"
IN_TIME_S = 2.0
_RETRANSMIT_S = 0.5  # T1, RFC 3261 §17.1.2.1
_REFRESH_EVERY_S = 0.1
_IP_PKTINFO = 8  # linux/in.h; Python does not name it


@dataclass(frozen=True)
class Siege:
    """What was measured while the flood came. loss: of RTP packets, both ways together."""

    sent: int
    refreshes: int
    refreshed_in_time: int
    refresh_median_s: float
    refresh_worst_s: float
    media_loss: float
    calm_after_s: float


class Phone:
    """A phone outside of the LAN that registers and refreshes, retransmitting as phones do."""

    def __init__(self, box: Address, number: str, host: str = PHONE) -> None:
        self.end = RawEnd(host)
        self._box = box
        self._number = number
        self._sequence = 0

    def refresh(self) -> float | None:
        """Register; how long it took, None when it took too long."""
        began = time.monotonic()
        challenge = self._ask(began, "")
        if challenge is None or self._ask(began, challenge) is None:
            return None
        return time.monotonic() - began

    def _ask(self, began: float, challenge: str) -> str | None:
        """One REGISTER until it is answered: the challenge that came, or empty for 200."""
        self._sequence += 1
        cseq = f"{self._sequence} REGISTER"
        data = self._register(cseq, challenge)
        while (left := began + IN_TIME_S - time.monotonic()) > 0:
            self.end.send(data, self._box)
            again = time.monotonic() + min(left, _RETRANSMIT_S)
            while (rest := again - time.monotonic()) > 0:
                heard = self.end.listen(rest)
                if heard is not None and heard.is_response and heard.header("cseq") == cseq:
                    return heard.header("www-authenticate")
        return None

    def _register(self, cseq: str, challenge: str) -> bytes:
        host, port = self._box
        own, uri = f"{self.end.host}:{self.end.port}", f"sip:{host}:{port}"
        fields = [
            ("Via", f"SIP/2.0/UDP {own};branch=z9hG4bK{own}{cseq[:-9]};rport"),
            ("Max-Forwards", "70"),
            ("From", f"<sip:{self._number}@{host}>;tag=p"),
            ("To", f"<sip:{self._number}@{host}>"),
            ("Call-ID", f"phone-{own}"),
            ("CSeq", cseq),
            ("Contact", f"<sip:{self._number}@{own}>"),
            ("Expires", "600"),
        ]
        if challenge:
            secret = secret_of(self._number)
            value = authorization(challenge, "REGISTER", uri, self._number, secret)
            fields.append(("Authorization", value))
        return write(f"REGISTER {uri} SIP/2.0", fields)


def besiege(box: Box, *, rate: int, seconds: float, sources: int) -> Siege:
    """Flood a box in which 2001, 2008 and 2009 are numbers; raises KitError."""
    phone = Phone(address(box), "2001")
    if phone.refresh() is None:
        raise KitError(f"no registration before the flood\n{box.program.tail()}")
    talking = TalkingCall(box)
    talking.is_heard()
    flood = Program(_command(box, rate, seconds, sources), box.folder / f"flood-{sources}.log")
    flood.wait_for_line("begins", 10)
    for end in (talking.caller, talking.callee):
        end.forget()
    sent_before = talking.caller.sent + talking.callee.sent
    times = _refresh_until(phone, time.monotonic() + seconds)
    sent = talking.caller.sent + talking.callee.sent - sent_before
    phone.end.listen(0.2)  # what was sent last is on its way
    heard = len(talking.caller.received()) + len(talking.callee.received())
    flood.wait_for_exit(seconds + 30)
    calm_after_s = _calm_after(box, phone)
    talking.is_heard()
    talking.close()
    phone.end.close()
    good = [taken for taken in times if taken is not None]
    return Siege(
        sent=int(flood.wait_for_line("sent", 1).split()[1]),
        refreshes=len(times),
        refreshed_in_time=len(good),
        refresh_median_s=statistics.median(good) if good else IN_TIME_S,
        refresh_worst_s=max(good, default=IN_TIME_S),
        media_loss=max(0.0, 1 - heard / sent),
        calm_after_s=calm_after_s,
    )


def _refresh_until(phone: Phone, end: float) -> list[float | None]:
    times = []
    while time.monotonic() < end:
        times.append(phone.refresh())
        phone.end.listen(_REFRESH_EVERY_S)
    return times


def _calm_after(box: Box, phone: Phone) -> float:
    """Seconds until a phone refreshes, and a stranger is answered, as if nothing had been."""
    began = time.monotonic()
    newcomer = Phone(address(box), "2002", NEWCOMER)
    while time.monotonic() - began < 30:
        taken = newcomer.refresh()
        if taken is not None and taken < _RETRANSMIT_S and phone.refresh() is not None:
            newcomer.end.close()
            return time.monotonic() - began
    raise KitError(f"no answer after the flood\n{box.program.tail()}")


def _command(box: Box, rate: int, seconds: float, sources: int) -> list[str]:
    numbers = (box.sip_port, rate, seconds, sources)
    return [sys.executable, "-m", "tests.kit.flood", box.host, *map(str, numbers)]


# ---- the process that floods


def message(number: int, host: str, port: int) -> bytes:
    """One of several kinds of what strangers send."""
    kind = ("REGISTER", "INVITE", "OPTIONS", "REGISTER", "SUBSCRIBE", "noise")[number % 6]
    if kind == "noise":
        return random.randbytes(300)
    user = f"{1000 + number % 5000}"
    target = f"sip:{host}:{port}" if kind == "REGISTER" else f"sip:{user}@{host}:{port}"
    fields = [
        ("Via", f"SIP/2.0/UDP 127.66.0.1:5060;branch=z9hG4bKflood{number}"),
        ("Max-Forwards", "70"),
        ("From", f"<sip:{user}@{host}>;tag=x{number}"),
        ("To", f"<sip:{user}@{host}>"),
        ("Call-ID", f"flood{number}"),
        ("CSeq", f"1 {kind}"),
        ("Contact", "<sip:x@127.66.0.1:5060>"),
    ]
    if number % 6 == 3:
        challenge = f'Digest realm="dozvon", nonce="{number:044x}", algorithm=MD5, qop="auth"'
        value = authorization(challenge, kind, target, user, "guess")
        fields.append(("Authorization", value))
    if kind == "INVITE":
        fields.append(("Content-Type", "application/sdp"))
    body = audio("127.66.0.1", 40000) if kind == "INVITE" else b""
    return write(f"{kind} {target} SIP/2.0", fields, body)


def main(host: str, port: int, rate: int, seconds: float, sources: int) -> None:
    """Send at a steady rate, whatever comes back."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
    sock.bind(("0.0.0.0", 0))
    messages = [message(number, host, port) for number in range(min(rate, 6000))]
    print("begins", flush=True)
    began, sent = time.monotonic(), 0
    while (passed := time.monotonic() - began) < seconds:
        while sent < passed * rate:
            own = sent % sources
            place = struct.pack("=I4s4x", 0, bytes((127, 66, own // 250, own % 250 + 1)))
            ancillary = [(socket.IPPROTO_IP, _IP_PKTINFO, place)]
            sock.sendmsg([messages[sent % len(messages)]], ancillary, 0, (host, port))
            sent += 1
        time.sleep(0.001)
    print(f"sent {sent}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5]))
