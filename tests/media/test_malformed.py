"""Malformed packets by the thousand, from the far end itself and from strangers, on both planes."""

from __future__ import annotations

import math

import pytest

from appliance.media.api import PacketKind
from appliance.media.relay_reference import ReferenceMediaPlane
from appliance.media.session import NativeMediaPlane
from appliance.rtp.packet import decode_rtp
from tests.kit.malformed import EVENT, Malformed
from tests.media.conftest import RANGE, Call
from tests.media.phones import EventLog, Phone, audio, wait_for

LAST = audio(7, ssrc=0x7777, payload=b"the last one")
AT_ONCE = 20  # no more than a door's small buffer takes


def settle(call: Call) -> list[bytes]:
    """What came out at bob's while alice's malformed packets went in, up to her last one."""
    call.alice.send(call.a, LAST)
    heard = []
    while not heard or heard[-1] != LAST:
        heard.append(call.bob.receive())
    return heard[:-1]


@pytest.mark.parametrize("seed", [1, 2])
def test_the_far_end_may_send_anything(plane, log, make_phone, seed):
    """It is relayed when it is RTP at all; the figures stay figures, and the call goes on."""
    call = Call(plane, make_phone, "127.0.0.1")
    call.a.describe(event_payload_type=EVENT, clock_rate_hz=8000, kind=PacketKind.RTP)
    malformed, heard = Malformed(seed), []
    for number, packet in enumerate(malformed.packets(4000)):
        send = call.alice.send_rtcp if number % 3 == 0 else call.alice.send
        send(call.a, packet)
        if number % AT_ONCE == 0:
            heard += settle(call)
            log.refresh()
    for packet in heard:
        decode_rtp(packet)
    statistics = call.a.statistics()
    assert statistics.strangers == 0
    assert statistics.received > 500
    for figure in (statistics.interarrival_jitter_ms, statistics.round_trip_ms, statistics.mos):
        assert figure is None or (math.isfinite(figure) and figure >= 0)
    call.bob.send(call.b, audio(1))
    assert call.alice.receive() == audio(1)


def test_strangers_may_send_anything_too(call, make_phone):
    strangers = [make_phone("127.0.0.2"), make_phone()]
    for number, packet in enumerate(Malformed(3).packets(2000)):
        stranger = strangers[number % 2]
        stranger.send(call.a, packet)
        stranger.send_rtcp(call.a, packet)
        if number % AT_ONCE == 0:
            call.alice.send(call.a, audio(number))
            assert call.bob.receive() == audio(number)
    assert not any(stranger.is_waiting() for stranger in strangers)
    wait_for(lambda: call.a.statistics().strangers > 100)
    assert not call.bob.is_waiting()


def test_both_planes_relay_the_same_of_it():
    """The C core against its oracle."""
    outcomes = []
    for make in (NativeMediaPlane, ReferenceMediaPlane):
        plane, phones = make(RANGE), []

        def make_phone(host: str, phones: list[Phone] = phones) -> Phone:
            phones.append(Phone(host))
            return phones[-1]

        call, log, heard = Call(plane, make_phone, "127.0.0.1"), EventLog(plane), []
        call.a.describe(event_payload_type=EVENT, clock_rate_hz=8000, kind=PacketKind.RTP)
        for number, packet in enumerate(Malformed(4).packets(1500)):
            call.alice.send(call.a, packet)
            if number % AT_ONCE == 0:
                heard += settle(call)
                log.refresh()
        heard += settle(call)
        statistics = call.a.statistics()
        outcomes.append((heard, statistics.received, statistics.lost, statistics.strangers))
        plane.close()
        for phone in phones:
            phone.close()
    assert outcomes[0] == outcomes[1]
