"""Tests of appliance/legs/sip_leg.py: what a leg tells its call."""

from __future__ import annotations

from dataclasses import replace

from appliance.call import leg as vocabulary
from appliance.call.leg import Cause, LegEvent
from appliance.legs.leg_media import LegMedia, MediaPlace
from appliance.legs.sip_leg import SipLeg
from appliance.sdp.negotiate import default_offer
from appliance.sip.events import Hop, Invitation, Transport
from appliance.sip.message import Request, parse_message
from tests.kit.stage import Stage, StagePlane, on_stage
from tests.kit.wire import reply

PROVIDER = Hop(Transport.UDP, "203.0.113.1", 5060)
PLACE = MediaPlace("192.168.1.1", "192.168.1.1", PROVIDER.host, 5060)
UNUSABLE = (
    b"v=0\r\no=- 1 1 IN IP4 203.0.113.1\r\ns=-\r\nc=IN IP4 203.0.113.1\r\nt=0 0\r\n"
    b"m=audio 4000 RTP/AVP 97\r\na=rtpmap:97 foo/8000\r\n"
)


def test_a_far_end_whose_media_cannot_be_used_fails_once() -> None:
    """The endpoint says that the INVITE was withdrawn, which the call knows better."""

    async def play(stage: Stage) -> None:
        told: list[LegEvent] = []
        parts = replace(stage.exchange.parts, tell=told.append)
        media = LegMedia(StagePlane(), PLACE, 1, {}, lambda host: False)
        leg = SipLeg(1, "trunk a", parts, media)
        offer = media.offer(default_offer())
        uri = "sip:1@203.0.113.1"
        endpoint = parts.endpoint
        leg.invite(Invitation(uri=uri, hop=PROVIDER, from_uri=uri, to_uri=uri, body=offer))
        (sent,) = endpoint.datagrams_to_send()
        invite = parse_message(sent.data)
        assert isinstance(invite, Request)
        endpoint.receive(reply(invite, 183, body=UNUSABLE), PROVIDER, stage.now())
        while (event := endpoint.next_event()) is not None:
            leg.on_event(event)
        assert [e.cause for e in told if isinstance(e, vocabulary.Failed)] == [Cause.INCOMPATIBLE]
        assert len(told) == 1
        leg.release()

    on_stage(play, {})
