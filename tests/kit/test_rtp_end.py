"""Two RTP ends hear each other's tones."""

from __future__ import annotations

from tests.kit.processes import wait_until
from tests.kit.rtp_end import PCMU, RtpEnd


def test_two_ends_hear_each_other() -> None:
    with RtpEnd(hz=440) as one, RtpEnd(hz=1000, payload_type=PCMU) as two:
        assert one.port % 2 == 0
        one.send_to(two.host, two.port)
        two.send_to(one.host, one.port)
        packets = one.wait_for_packets(30)
        two.wait_for_packets(30)
        assert {packet.payload_type for packet in packets} == {PCMU}
        assert one.sound().heard().is_tone(1000)
        assert two.sound().heard().is_tone(440)
        assert not two.sound().heard().gaps_ms


def test_a_lost_packet_is_a_gap() -> None:
    with RtpEnd() as one, RtpEnd(hz=440) as two:
        two.send_to(one.host, one.port)
        one.wait_for_packets(20)
        two.be_silent()
        packets = one.received()
        one.forget()
        for packet in packets[:8] + packets[10:20]:
            two.send_raw(packet.data, one.host, one.port)
        one.wait_for_packets(18)
        assert one.sound().heard().gaps_ms == (40,)


def test_keys_are_pressed_and_heard() -> None:
    with RtpEnd() as one, RtpEnd() as two:
        one.send_to(two.host, two.port)
        for digit in "19#":
            one.press(digit)
        wait_until(lambda: two.digits() == "19#", 3, "three keys are heard", two.digits)
