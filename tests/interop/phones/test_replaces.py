"""INVITE with Replaces (RFC 3891) at a running box: sipp and a phone with a voice take calls of
baresips; strangers and replays take none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.baresip import Baresip, BaresipOptions
from tests.kit.box import Box
from tests.kit.calling import media_port
from tests.kit.lamp_phone import LampPhone
from tests.kit.office import secret_of
from tests.kit.processes import wait_until
from tests.kit.raw_sip import RawCall, RawEnd, audio
from tests.kit.rtp_end import RtpEnd
from tests.kit.sipp import Sipp, SippOptions
from tests.kit.subscriber import Watch

_SOON_S = 5.0


def phone(box: Box, folder: Path, number: str, hz: float) -> Baresip:
    registrar = f"{box.host}:{box.sip_port}"
    options = BaresipOptions(user=number, registrar=registrar, secret=secret_of(number), tone_hz=hz)
    made = Baresip(folder, options)
    made.register()
    return made


@pytest.fixture
def caller(box: Box, tmp_path: Path) -> Iterator[Baresip]:
    with phone(box, tmp_path, "2001", 500) as made:
        yield made


@pytest.fixture
def called(box: Box, tmp_path: Path) -> Iterator[Baresip]:
    with phone(box, tmp_path, "2002", 900) as made:
        yield made


def lamp_of(watcher: LampPhone, number: str) -> Watch:
    watch = watcher.lamps.subscribe(number)
    wait_until(lambda: watch.lamp, _SOON_S, "the lamp shows something")
    return watch


def wait_for_lamp(watch: Watch, shown: str) -> None:
    wait_until(lambda: watch.lamp == shown, _SOON_S, f"the lamp is {shown}", lambda: watch.lamp)


def ringing_lamp(watcher: LampPhone, caller: Baresip, called: Baresip) -> Watch:
    """The lamp of 2002 while 2001 rings there."""
    lamp = lamp_of(watcher, "2002")
    caller.dial("2002")
    called.wait_for_event("CALL_INCOMING")
    wait_for_lamp(lamp, "ringing")
    return lamp


def asking(box: Box, number: str, replaces: str, status: int = 200) -> SippOptions:
    """sipp as a phone of this number, whose INVITE has this Replaces."""
    return SippOptions(
        remote=f"{box.host}:{box.sip_port}",
        username=number,
        secret=secret_of(number),
        values={"number": "2002", "extra": f"Replaces: {replaces}", "status": status},
    )


def test_a_ringing_call_is_taken_with_its_voice(box: Box, caller: Baresip, called: Baresip) -> None:
    with LampPhone(box, "2003") as watcher, RawEnd() as end, RtpEnd(hz=1300) as voice:
        lamp = ringing_lamp(watcher, caller, called)
        asks = (("Replaces", lamp.replaces() + ";early-only"),)
        body = audio("127.0.0.1", voice.port)
        box_address = (box.host, box.sip_port)
        call = RawCall(end, box_address, "2003", secret_of("2003"), "2002", body, asks=asks)
        call.invite()
        answer = call.final()
        assert answer.status == 200 and "replaces" in answer.header("supported")
        call.acknowledge()
        voice.send_to(box.host, media_port(answer.body))
        caller.wait_to_hear(1300)
        called.wait_for_event("CALL_CLOSED")
        voice.forget()
        voice.wait_for_packets(40)
        assert voice.sound().heard().is_tone(500)
        assert call.hang_up() == 200
        caller.wait_for_event("CALL_CLOSED")
    rows = {row["caller"]: row for row in box.journal()}
    assert rows["2001"]["answered_by"] == "2003" and rows["2001"]["dialled"] == "2002"
    assert rows["2003"]["dialled"] == "2002" and rows["2003"]["cause"] == "normal"


def test_sipp_takes_a_ringing_call_and_no_talk(
    box: Box, caller: Baresip, called: Baresip, tmp_path: Path
) -> None:
    with LampPhone(box, "2003") as watcher:
        lamp = ringing_lamp(watcher, caller, called)
        told = lamp.replaces()
        with Sipp(tmp_path, "uac_call", asking(box, "2003", told)) as sipp:
            sipp.wait()
        caller.wait_for_event("CALL_CLOSED")
        for replaces, status in (
            (told, 603),  # a replay
            (f"{told};early-only", 603),
            (told.replace("to-tag=", "to-tag=f"), 481),
            ("nobody@nowhere;to-tag=1;from-tag=2", 481),
            (told.partition(";")[0], 400),
        ):
            with Sipp(tmp_path, "uac_refused", asking(box, "2003", replaces, status)) as sipp:
                sipp.wait()
        before = len(called.events())
        caller.dial("2002")
        called.wait_for_event("CALL_INCOMING", after=before)
        wait_for_lamp(lamp, "ringing")
        told = lamp.replaces()
        called.answer()
        wait_for_lamp(lamp, "talking")
        for replaces, status in ((f"{told};early-only", 486), (told, 403)):
            with Sipp(tmp_path, "uac_refused", asking(box, "2003", replaces, status)) as sipp:
                sipp.wait()
        assert len(box.control("calls")["calls"]) == 1
        caller.hang_up()


def test_ones_own_talk_goes_on_at_the_other_phone(
    box: Box, caller: Baresip, called: Baresip
) -> None:
    """2001's second phone takes 2001's talk; 2002 hears the new voice, and never hung up."""
    with LampPhone(box, "2001") as watcher, RawEnd() as end, RtpEnd(hz=1300) as voice:
        lamp = lamp_of(watcher, "2001")
        caller.dial("2002")
        called.wait_for_event("CALL_INCOMING")
        called.answer()
        caller.wait_to_hear(900)
        wait_for_lamp(lamp, "talking")
        body = audio("127.0.0.1", voice.port)
        asks = (("Replaces", lamp.replaces()),)
        box_address = (box.host, box.sip_port)
        call = RawCall(end, box_address, "2001", secret_of("2001"), "2001", body, asks=asks)
        call.invite()
        answer = call.final()
        assert answer.status == 200
        call.acknowledge()
        voice.send_to(box.host, media_port(answer.body))
        caller.wait_for_event("CALL_CLOSED")
        called.wait_to_hear(1300)
        voice.forget()
        voice.wait_for_packets(40)
        assert voice.sound().heard().is_tone(900)
        assert not [e for e in called.events() if e["type"] == "CALL_CLOSED"]
        called.hang_up()
        end.wait_for(lambda m: m.method == "BYE", 5, "the new phone is told the end")


def test_who_knows_a_name_and_no_password_takes_nothing(
    box: Box, caller: Baresip, called: Baresip, tmp_path: Path
) -> None:
    with LampPhone(box, "2003") as watcher:
        lamp = ringing_lamp(watcher, caller, called)
        for replaces in (lamp.replaces(), "nobody@nowhere;to-tag=1;from-tag=2"):
            with RawEnd() as end:
                asks, body = (("Replaces", replaces),), audio("127.0.0.1", 40000)
                stranger = RawCall(
                    end, (box.host, box.sip_port), "2003", "", "2002", body, asks=asks
                )
                stranger.invite()
                assert stranger.final().status == 401
        assert lamp.lamp == "ringing"
        called.answer()
        caller.wait_for_event("CALL_ESTABLISHED")
