"""A registrar and what phones say to it, for its tests."""

from __future__ import annotations

from collections.abc import Sequence

from appliance.sip.binding import Binding, Outcome
from appliance.sip.events import Hop, Transport
from appliance.sip.message import Request, parse_message
from appliance.sip.registrar import Registrar

NOW = 1_700_000_000.0
LAN = Hop(Transport.UDP, "192.0.2.10", 5060)
NAT = Hop(Transport.UDP, "203.0.113.5", 40123)
HOME = "sip:2001@192.0.2.10:5060"
INSIDE = "sip:2001@192.168.1.100:5060;line=7"


def register(
    *contacts: str,
    expires: str | None = None,
    call_id: str = "a@phone",
    cseq: int = 1,
    more: Sequence[str] = (),
    rport: bool = True,
) -> Request:
    lines = [
        "REGISTER sip:box.example SIP/2.0",
        f"Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK{cseq}" + (";rport" if rport else ""),
        "Max-Forwards: 70",
        "From: <sip:2001@box.example>;tag=1",
        "To: <sip:2001@box.example>",
        f"Call-ID: {call_id}",
        f"CSeq: {cseq} REGISTER",
        "User-Agent: Phone 1.0",
        *(f"Contact: {c}" for c in contacts),
        *([f"Expires: {expires}"] if expires is not None else []),
        *more,
        "Content-Length: 0",
    ]
    request = parse_message("\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape"))
    assert isinstance(request, Request)
    return request


class Office:
    """A registrar with short words for tests."""

    def __init__(self) -> None:
        self.registrar = Registrar(min_expires_s=60, max_expires_s=3600)

    def take(self, request: Request, source: Hop = LAN, most: int = 5, now: float = NOW) -> Outcome:
        return self.registrar.register(request, "2001", source, most, now)

    @property
    def phones(self) -> tuple[Binding, ...]:
        return self.registrar.bindings("2001")

    def uris(self) -> list[str]:
        return [b.contact_uri for b in self.phones]


def contacts_of(outcome: Outcome) -> list[str]:
    return [value for name, value in outcome.headers if name == "Contact"]


def kinds_of(outcome: Outcome) -> list[str]:
    return [c.kind.value for c in outcome.changes]
