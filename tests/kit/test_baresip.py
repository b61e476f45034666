"""baresip calls sipp and another baresip; tones are measured at both ends."""

from __future__ import annotations

from pathlib import Path

from tests.kit.baresip import Baresip, BaresipOptions
from tests.kit.ports import free_port
from tests.kit.rtp_end import RtpEnd
from tests.kit.sipp import Sipp, SippOptions, audio_port


def test_baresip_calls_sipp(tmp_path: Path) -> None:
    port = free_port()
    options = BaresipOptions(user="alice", registrar=f"127.0.0.1:{port}", registers=False)
    with RtpEnd(hz=1000) as end:
        answering = SippOptions(port=port, values={"audio_port": end.port})
        with Sipp(tmp_path, "uas_answer", answering) as sipp, Baresip(tmp_path, options) as phone:
            phone.dial("bob")
            phone.wait_for_event("CALL_ESTABLISHED")
            end.send_to("127.0.0.1", audio_port(sipp.messages(), "INVITE sip:"))
            phone.wait_to_hear(1000)
            end.wait_for_packets(50)
            phone.hang_up()
            sipp.wait()
        assert end.sound().heard().is_tone(440)


def test_two_phones_talk_hold_and_press_keys(tmp_path: Path) -> None:
    first = BaresipOptions(user="a", registrar="127.0.0.1:9", registers=False, tone_hz=500)
    second = BaresipOptions(
        user="b", registrar="127.0.0.1:9", registers=False, tone_hz=900, answers="auto"
    )
    with Baresip(tmp_path, first) as one, Baresip(tmp_path, second) as two:
        one.dial(f"sip:b@127.0.0.1:{two.sip_port}")
        one.wait_for_event("CALL_ESTABLISHED")
        one.wait_to_hear(900)
        two.wait_to_hear(500)
        one.send_dtmf("7")
        assert two.wait_for_event("CALL_DTMF_START")["param"] == "7"
        one.hold()
        two.wait_for_quiet()
        one.resume()
        two.wait_to_be_sent(500)
        one.hang_up()
        two.wait_for_event("CALL_CLOSED")
