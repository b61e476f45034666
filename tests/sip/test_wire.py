"""How we are called on the way: sent-by and Contact towards each hop."""

from __future__ import annotations

import pytest

from appliance.sip.events import Hop, Outgoing, Transport
from appliance.sip.wire import Wire


@pytest.mark.parametrize(
    ("own", "transport", "sent_by", "contact"),
    [
        (("192.0.2.1", 5060), Transport.UDP, "192.0.2.1:5060", "<sip:192.0.2.1:5060>"),
        (
            ("192.0.2.1", 5080),
            Transport.TCP,
            "192.0.2.1:5080",
            "<sip:192.0.2.1:5080;transport=tcp>",
        ),
        (("2001:db8::1", 5060), Transport.UDP, "[2001:db8::1]:5060", "<sip:[2001:db8::1]:5060>"),
    ],
)
def test_our_names(own: tuple[str, int], transport: Transport, sent_by: str, contact: str) -> None:
    wire = Wire(lambda hop: own)
    hop = Hop(transport, "192.0.2.2", 5060)
    assert (wire.sent_by(hop), wire.contact(hop)) == (sent_by, contact)


def test_what_waits_is_taken_once_in_order() -> None:
    wire = Wire(lambda hop: ("192.0.2.1", 5060))
    hop = Hop(Transport.UDP, "192.0.2.2", 5060)
    wire.send(hop, b"1")
    wire.send(hop, b"2")
    assert wire.take() == [Outgoing(hop, b"1"), Outgoing(hop, b"2")]
    assert wire.take() == []
