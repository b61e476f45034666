"""The C core against its oracle: the same packets give the same relay, figures and keys."""

from __future__ import annotations

from contextlib import ExitStack, closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.media.api import KeyPressed, PacketKind
from appliance.media.relay_reference import ReferenceMediaPlane
from appliance.media.session import NativeMediaPlane
from appliance.rtp.events import TelephoneEvent, encode_event
from tests.media.conftest import RANGE, Call
from tests.media.phones import EventLog, Phone, audio, wait_for

EVENT = 101
LAST = audio(0, ssrc=0xEEEE, payload=b"last")

SEQUENCES = st.sampled_from([1, 1, 1, 1, 2, 5, 0, -1, -3, 99, -101, 2999, 3001, 40000])
SOUND = st.tuples(SEQUENCES, st.just(None), st.sampled_from([7, 7, 7, 8]))
KEY = st.builds(
    TelephoneEvent, st.integers(0, 17), st.sampled_from([160, 320, 0xFFFF]), st.booleans()
)
PRESS = st.tuples(SEQUENCES, KEY, st.sampled_from([7, 7, 7, 8]))
NOISE = st.binary(max_size=40)


@st.composite
def conversations(draw):
    """Datagrams of one far end: sound, keys with timestamps that move seldom, and noise."""
    sequence, timestamp, packets = draw(st.integers(0, 0xFFFF)), draw(st.integers(0, 1 << 31)), []
    for item in draw(st.lists(SOUND | PRESS | NOISE, min_size=1, max_size=40)):
        if isinstance(item, bytes):
            packets.append(item)
            continue
        step, event, ssrc = item
        sequence = (sequence + step) & 0xFFFF
        timestamp = timestamp + draw(st.sampled_from([0, 0, 160, 0xFFFF, -160])) & 0xFFFFFFFF
        kind = EVENT if event else 8
        payload = encode_event(event) if event else b"sound"
        packets.append(
            audio(sequence, ssrc=ssrc, payload_type=kind, payload=payload, rtp_timestamp=timestamp)
        )
    return packets


class Desk:
    """One plane with one call on it, used again for every conversation."""

    def __init__(self, plane, stack: ExitStack) -> None:
        def make_phone(host: str) -> Phone:
            return stack.enter_context(closing(Phone(host)))

        self.plane, self.make_phone = plane, make_phone

    def hold(self, packets):
        """What came out at the far side, the figures, and the keys."""
        call = Call(self.plane, self.make_phone, "127.0.0.1")
        log = EventLog(self.plane)
        with closing(call.a), closing(call.b), closing(call.alice), closing(call.bob):
            call.a.describe(event_payload_type=EVENT, clock_rate_hz=8000, kind=PacketKind.RTP)
            for packet in packets:
                call.alice.send(call.a, packet)
            call.alice.send(call.a, LAST)
            relayed: list[bytes] = []
            wait_for(lambda: relayed.append(call.bob.receive()) or relayed[-1] == LAST)
            figures = call.a.statistics()
            return relayed, figures.received, figures.lost, call.b.statistics().sent, log

    def keys(self, log):
        """Digits alone: durations depend on when a key without an end was given up."""
        return [e.digit for e in log.refresh() if isinstance(e, KeyPressed)]


@pytest.fixture(scope="module")
def desks():
    with ExitStack() as stack:
        planes = (NativeMediaPlane(RANGE), ReferenceMediaPlane(RANGE))
        yield [Desk(stack.enter_context(closing(plane)), stack) for plane in planes]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(conversations())
def test_both_planes_say_the_same(desks, packets):
    (*native, native_log), (*reference, reference_log) = (desk.hold(packets) for desk in desks)
    assert native == reference
    native_keys, reference_keys = desks[0].keys(native_log), desks[1].keys(reference_log)
    assert native_keys == reference_keys
