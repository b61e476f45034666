"""What comes once is told, whatever a device or a far end floods us with meanwhile."""

from __future__ import annotations

import errno
import time

from appliance.media.api import KeyPressed, LineEnded, PacketKind, PlayEnded, StreamCode
from drivers.api import Encoding
from tests.media.phones import audio, wait_for

EVENTS = 101


def pass_time():
    """While nobody reads what is told."""
    ends = time.monotonic() + 0.2
    wait_for(lambda: time.monotonic() > ends)


def test_a_modem_that_floods_with_codes_hides_no_end_of_another_line(plane, make_device, log):
    modem = make_device(Encoding.U8, is_dle_shielded=True)
    line = plane.open_line(modem.audio)
    other = make_device()
    ended = plane.open_line(other.audio)
    modem.give(b"\x10R" * 2000 + b"\x80" * 160)
    wait_for(lambda: line.line_statistics().frames_in > 0)
    other.vanish()
    pass_time()
    told = log.wait_for(LineEnded)
    assert [(event.stream, event.error) for event in told] == [(ended.number, errno.EPIPE)]
    assert len([event for event in log.events if isinstance(event, StreamCode)]) > 500


def test_a_phone_that_floods_with_keys_hides_no_end_of_a_sound(plane, phone, stream, log):
    stream.describe(event_payload_type=EVENTS, clock_rate_hz=8000, kind=PacketKind.RTP)
    for number in range(1200):
        key = {"payload": bytes([5, 0x8A, 0, 160]), "payload_type": EVENTS}
        phone.send(stream, audio(number, rtp_timestamp=1000 * number, **key))
        if number % 50 == 49:
            wait_for(lambda number=number: stream.statistics().received == number + 1)
    stream.play(b"\xd5" * 160, payload_type=8, repeats=False)
    pass_time()  # 20 ms of sound
    assert [event.stream for event in log.wait_for(PlayEnded)] == [stream.number]
    assert len([event for event in log.events if isinstance(event, KeyPressed)]) > 500
