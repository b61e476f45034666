"""A running box with a SIM: calls both ways with audio measured at both ends, and messages.

The whole product as users start it; the modem is an emulated one on ptys (tests/kit/gsm_*.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.box import Box
from tests.kit.calling import address, media_port
from tests.kit.gsm_messages import Arriving
from tests.kit.gsm_modem import GsmModem, Sim
from tests.kit.gsm_profiles import QuectelEc25, Sim7600
from tests.kit.gsm_thread import ModemBeside
from tests.kit.office import OUTSIDE, office, secret_of
from tests.kit.processes import wait_until
from tests.kit.raw_sip import RawCall, RawEnd, audio
from tests.kit.responder import Responder
from tests.kit.rtp_end import RtpEnd

MOBILE = "989161234567"


@pytest.fixture(params=[QuectelEc25, Sim7600])
def modem(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ModemBeside]:
    made: GsmModem = request.param()
    with ModemBeside(made, tmp_path / "modem", hz=1000) as beside:
        yield beside


@pytest.fixture
def box(modem: ModemBeside, tmp_path: Path) -> Iterator[Box]:
    sim = {"name": "sim", "kind": "cellular", "device": modem.url, "extension": "2001"}
    rules = [{"name": "outside", "kinds": OUTSIDE, "ways": ["sim"]}]
    document = {**office(rules=rules), "lines": [sim]}
    with Box(tmp_path / "box", document) as box:
        box.start()
        wait_until(lambda: not why(box), 30, "the SIM is a line", box.log)
        yield box


def why(box: Box) -> str:
    [row] = box.control("lines")["lines"]
    return str(row["why"])


def is_idle(box: Box) -> bool:
    """Whether the line waits for calls: while a device is opened there is no reason either."""
    [row] = box.control("lines")["lines"]
    return bool(row["state"] == "idle")


def test_a_sim_that_wants_a_pin_says_so_and_no_wrong_one_is_tried_twice(tmp_path: Path) -> None:
    modem = QuectelEc25(Sim(pin="4321"))
    with ModemBeside(modem, tmp_path / "modem") as beside:
        sim = {"name": "sim", "kind": "cellular", "device": beside.url, "extension": "2001"}
        document = {**office(), "lines": [{**sim, "pin": "9999"}]}
        with Box(tmp_path / "box", document) as box:
            box.start()
            wait_until(lambda: why(box) == "line.sim_pin", 30, "the page says why", box.log)
            assert modem.sim.tries_left == 2 and "9999" not in box.log()
            box.apply({**document, "lines": [{**sim, "pin": "4321"}]})
            wait_until(lambda: is_idle(box), 30, "the corrected PIN is taken", box.log)
            box.restart()
            wait_until(lambda: is_idle(box), 30, "and taken again", box.log)
    assert sum("CPIN=9999" in command for command in modem.commands) == 1


def test_sip_to_sim_is_heard_both_ways_and_has_a_row(box: Box, modem: ModemBeside) -> None:
    with RawEnd() as end, RtpEnd(hz=440) as voice:
        body = audio("127.0.0.1", voice.port)
        call = RawCall(end, address(box), "2001", secret_of("2001"), MOBILE, body)
        call.invite()
        while (response := call.progress()).status == 100:
            pass
        assert response.status in (180, 183)
        wait_until(lambda: modem.modem.call, 15, "the modem dials", box.log)
        dialled = modem.modem.call
        assert dialled is not None and dialled.number.endswith("9161234567")
        modem.do(modem.modem.far_alerts)
        modem.do(modem.modem.far_answers)
        answer = call.final(15)
        assert answer.status == 200
        call.acknowledge()
        voice.send_to(box.host, media_port(answer.body))
        wait_until(lambda: modem.modem.is_audio_on, 10, "audio is on", box.log)
        wait_until(lambda: modem.heard(0.5).share_of(440) > 0.9, 15, "the SIM's party hears us")
        voice.forget()
        voice.wait_for_packets(150, 10)
        assert voice.sound().part(0.3, 2.9).share_of(1000) > 0.9
        voice.press("5")
        wait_until(lambda: modem.modem.keys_sent == "5", 10, "the key is pressed", box.log)
        assert call.hang_up() == 200
        wait_until(lambda: modem.modem.call is None, 10, "the modem hangs up", box.log)
    [row] = box.wait_for_journal(1)
    assert (row["direction"], row["number"], row["trunk"]) == ("outbound", "+79161234567", "sim")
    assert row["talk_s"] >= 1


def test_sim_to_sip_shows_who_calls(box: Box, modem: ModemBeside) -> None:
    with Responder() as phone, RtpEnd(hz=440) as voice:
        phone.rtp_port = voice.port
        phone.register(address(box), "2001", secret_of("2001")).start()
        modem.do(lambda: modem.modem.call_in("+79167654321"))
        wait_until(lambda: phone.invited, 15, "the phone rings", box.log)
        request = phone.invited[0].request
        assert "9167654321" in request.header("from")
        voice.send_to(box.host, media_port(request.body))
        wait_until(lambda: modem.heard(0.5).share_of(440) > 0.9, 20, "they hear us", box.log)
        voice.forget()
        voice.wait_for_packets(150, 10)
        assert voice.sound().part(0.3, 2.9).share_of(1000) > 0.9
        modem.do(modem.modem.far_hangs_up)
        wait_until(lambda: phone.invited[0].ended_by, 10, "the phone is told", box.log)
    [row] = box.wait_for_journal(1)
    assert "9167654321" in row["caller"]


def test_messages_both_ways(box: Box, modem: ModemBeside) -> None:
    box.command("sms", "send", "sim", "+79161234567", "Привет", "из", "офиса")
    wait_until(lambda: modem.modem.sent, 10, "it is sent", box.log)
    assert (modem.modem.sent[0].number, modem.modem.sent[0].text) == (
        "+79161234567",
        "Привет из офиса",
    )
    modem.do(lambda: modem.modem.send_in(Arriving("+79167654321", "Жук-", (7, 2, 1))))
    modem.do(lambda: modem.modem.send_in(Arriving("+79167654321", "жук", (7, 2, 2))))
    wait_until(lambda: not modem.modem.sim.slots, 15, "the SIM's copies go", box.log)
    messages = json.loads(box.command("sms", "--json"))["messages"]
    assert [(m["direction"], m["number"], m["text"]) for m in messages] == [
        ("in", "+79167654321", "Жук-жук"),
        ("out", "+79161234567", "Привет из офиса"),
    ]
