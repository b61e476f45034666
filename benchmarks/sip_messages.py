"""What one SIP message costs: microseconds per parse, per view, per check, per format.

Run from the repository's root: ``python -m benchmarks.sip_messages``. The message is an INVITE of
about 900 octets as an office phone sends it. Best of several runs, so that a busy neighbour on the
same processor does not count.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from appliance.sip.check import check_request
from appliance.sip.message import Request, format_message, parse_message, respond

_ROUNDS = 2000
_RUNS = 9
_BODY = b"""v=0\r
o=2001 8000 8000 IN IP4 192.168.1.57\r
s=call\r
c=IN IP4 192.168.1.57\r
t=0 0\r
m=audio 5004 RTP/AVP 8 0 9 101\r
a=rtpmap:8 PCMA/8000\r
a=rtpmap:101 telephone-event/8000\r
a=fmtp:101 0-15\r
a=sendrecv\r
"""


def make_invite(serial: int) -> bytes:
    """One call's INVITE: branch, tag and Call-ID differ with the serial number."""
    head = (
        "INVITE sip:2002@192.168.1.10 SIP/2.0",
        f"Via: SIP/2.0/UDP 192.168.1.57:5060;branch=z9hG4bK{serial:016x};rport",
        f'From: "Front desk" <sip:2001@192.168.1.10>;tag={serial:010d}',
        "To: <sip:2002@192.168.1.10>",
        f"Call-ID: {serial:020d}@192.168.1.57",
        "CSeq: 21 INVITE",
        "Contact: <sip:2001@192.168.1.57:5060>",
        "X-Serialnumber: 000413261a2b",
        "Max-Forwards: 70",
        "User-Agent: Example Desk Phone 4.2.1 000413261a2b",
        "Supported: replaces, path, timer, eventlist",
        "Allow: INVITE, ACK, OPTIONS, CANCEL, BYE, SUBSCRIBE, NOTIFY, INFO, REFER, UPDATE, MESSAGE",
        "Session-Expires: 1800",
        "Content-Type: application/sdp",
        f"Content-Length: {len(_BODY)}",
    )
    return "\r\n".join(head).encode() + b"\r\n\r\n" + _BODY


def _read_all(message: Request) -> None:
    _ = message.via, message.from_, message.to, message.cseq, message.call_id


def _whole(data: bytes) -> bytes:
    message = parse_message(data)
    assert isinstance(message, Request)
    _read_all(message)
    check_request(message)
    return format_message(message)


def _parsed(data: bytes) -> Request:
    message = parse_message(data)
    assert isinstance(message, Request)
    return message


def _best_us(prepare: Callable[[int], object], work: Callable[[object], object]) -> float:
    """Microseconds per call of work on fresh things, best of the runs."""
    best = float("inf")
    for run in range(_RUNS):
        things = [prepare(run * _ROUNDS + n) for n in range(_ROUNDS)]
        start = perf_counter()
        for thing in things:
            work(thing)
        best = min(best, perf_counter() - start)
    return best / _ROUNDS * 1e6


def main() -> None:
    """Print one line an operation."""

    def checked(serial: int) -> Request:
        message = _parsed(make_invite(serial))
        _read_all(message)
        return message

    rows: tuple[tuple[str, Callable[[int], object], Callable[..., object]], ...] = (
        ("parse", make_invite, parse_message),
        ("via, from, to, cseq, call_id", lambda n: _parsed(make_invite(n)), _read_all),
        ("check after these", checked, check_request),
        ("format", checked, format_message),
        ("respond", checked, lambda message: respond(message, 180, to_tag="a1b2c3d4")),
        ("whole lot", make_invite, _whole),
    )
    print(f"INVITE of {len(make_invite(1))} octets")
    for name, prepare, work in rows:
        print(f"{name:32} {_best_us(prepare, work):7.2f} us")


if __name__ == "__main__":
    main()
