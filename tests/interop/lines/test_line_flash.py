"""A SIP phone flashes the city line of a running box: an emulated modem with an exchange that
holds at a flash and takes back at the next. What the phone hears is measured, the journal has one
call.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.interop.lines.test_modem_lines import CALLED, FAR_HZ, wait_for_line, with_line
from tests.kit.box import Box
from tests.kit.calling import call, media_port
from tests.kit.processes import KitError, wait_until
from tests.kit.raw_sip import RawEnd, audio
from tests.kit.rtp_end import RtpEnd
from tests.kit.v253_audio import Sound, level_at, level_dbm0
from tests.kit.v253_line import FarState
from tests.kit.v253_modem import Modem

MakeBox = Callable[..., Box]
OWN_HZ = 620.0


def hears(end: RtpEnd, hz: float, what: str) -> None:
    """The phone's last half second is this tone."""

    def is_heard() -> bool:
        samples = end.sound().samples[-4000:].tolist()
        return len(samples) == 4000 and level_at(samples, hz) > level_dbm0(samples) - 3.0

    wait_until(is_heard, 15.0, what)


@pytest.mark.parametrize(
    ("model", "is_coarse"), [("cx93010", False), ("si2494", True)], ids=["dialled", "by the hook"]
)
def test_a_sip_phone_flashes_the_exchange_by_event_and_by_info(
    make_box: MakeBox, tmp_path: Path, model: str, is_coarse: bool
) -> None:
    with Modem(tmp_path / "dev", model, reply_ms=(5, 40), echo_db=20.0) as modem:
        line = modem.line
        line.known_numbers.add(CALLED)
        line.has_services = True
        box = make_box(with_line(modem))
        wait_for_line(box, modem)
        with RtpEnd(hz=OWN_HZ) as phone, RawEnd() as end:
            talk = call(box, end, "9" + CALLED, audio("127.0.0.1", phone.port))
            talk.invite()
            talk.progress()
            modem.wait_until_called()
            line.far_end.answer()
            line.far_end.speaks(Sound((FAR_HZ,), (), -12.0), repeats=True)
            answer = talk.final(20.0)
            talk.acknowledge()
            phone.send_to(box.host, media_port(answer.body))
            hears(phone, FAR_HZ, "the phone hears the far end")

            phone.press("!")
            modem.wait_for_state(FarState.HELD)
            phone.forget()  # a stream of its own begins
            hears(phone, 425.0, "the exchange's dial tone")

            talk.cseq += 1
            talk.request("INFO", fields=[("Content-Type", "application/hook-flash")])
            assert talk.response("INFO").status == 200
            modem.wait_for_state(FarState.TALKING)
            phone.forget()
            hears(phone, FAR_HZ, "the far end is back")
            line.far_end.forget()
            wait_until(
                lambda: level_at(line.far_end.hears(0.5), OWN_HZ) > -30.0, 5.0, "and hears 2001"
            )
            within_ms = 100 if is_coarse else 0
            assert len(line.flashes) == 2
            assert all(abs(ms - 600) <= within_ms for ms in line.flashes), line.flashes
            print(f"{model}: flashes of {line.flashes} ms, 600 are the country's")
            assert talk.hang_up() == 200
            modem.wait_for_hook(False)
    (row,) = box.wait_for_journal(1)
    assert (row["cause"], row["trunk"], row["sent"]) == ("normal", "city", CALLED)
    assert row["talk_s"] > 2
    assert modem.machine.violations == []


def test_somebody_at_the_box_flashes_the_line_that_talks(make_box: MakeBox, tmp_path: Path) -> None:
    """``dozvon lines flash``, for a phone that has no key for it; an idle line is not flashed."""
    with Modem(tmp_path / "dev", "cx93010", reply_ms=(5, 40)) as modem:
        modem.line.known_numbers.add(CALLED)
        modem.line.has_services = True
        box = make_box(with_line(modem))
        wait_for_line(box, modem)
        with pytest.raises(KitError, match="nobody talks"):
            box.command("lines", "flash", "city")
        with RtpEnd() as phone, RawEnd() as end:
            talk = call(box, end, "9" + CALLED, audio("127.0.0.1", phone.port))
            talk.invite()
            talk.progress()
            modem.wait_until_called()
            modem.line.far_end.answer()
            talk.final(20.0)
            talk.acknowledge()
            box.command("lines", "flash", "city")
            modem.wait_for_state(FarState.HELD)
            assert modem.line.flashes == [600]
            talk.hang_up()
            modem.wait_for_hook(False)
