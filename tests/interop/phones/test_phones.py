"""Phones that nobody here wrote call each other through the box; what they hear is measured."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kit.baresip import Baresip, BaresipOptions
from tests.kit.box import Box
from tests.kit.netns import NatNetwork
from tests.kit.office import office, secret_of
from tests.kit.ports import free_port
from tests.kit.pyvoip_phone import PyVoipOptions, PyVoipPhone
from tests.kit.rtp_end import RtpEnd
from tests.kit.sipp import Sipp, SippOptions, audio_port

Phone = Callable[..., Baresip]
TONES = {"2001": 500.0, "2002": 900.0, "2003": 1300.0}


@pytest.fixture
def phone(phone: Phone) -> Phone:
    """phone(box, number, **options) -> a registered baresip that says its number's tone."""
    return lambda box, number, **options: phone(box, number, tone_hz=TONES[number], **options)


def test_two_phones_talk_both_ways(box: Box, phone: Phone) -> None:
    first, second = phone(box, "2001"), phone(box, "2002", answers="auto")
    first.dial("2002")
    first.wait_for_event("CALL_ESTABLISHED")
    for listener, hz in ((first, 900), (second, 500)):
        sound = listener.wait_to_hear(hz, seconds=2.0)
        assert sound.heard().level_dbfs == pytest.approx(-12, abs=2)
        assert max(sound.heard().gaps_ms, default=0) < 40
    first.hang_up()
    second.wait_for_event("CALL_CLOSED")
    (row,) = box.wait_for_journal(1)
    assert (row["cause"], row["answered_by"], row["number"]) == ("normal", "2002", "2002")
    for leg in row["legs"]:
        assert leg["quality"]["received"] >= 90
        assert leg["quality"]["lost"] == 0
        assert leg["quality"]["mos"] > 4
    box.wait_until_idle()


def test_hold_resume_and_keys(box: Box, phone: Phone) -> None:
    first, second = phone(box, "2001"), phone(box, "2002", answers="auto")
    first.dial("2002")
    first.wait_for_event("CALL_ESTABLISHED")
    second.wait_to_hear(500)
    first.send_dtmf("7")
    assert second.wait_for_event("CALL_DTMF_START")["param"] == "7"
    first.hold()
    second.wait_for_quiet()
    first.resume()
    second.wait_to_be_sent(500)
    first.wait_to_hear(900)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_every_transport_and_family(
    make_box: Callable[..., Box], phone: Phone, host: str, transport: str
) -> None:
    box = make_box(bind=(host,))
    first = phone(box, "2001", host=host, transport=transport)
    second = phone(box, "2002", host=host, transport=transport, answers="auto")
    first.dial("2002")
    first.wait_for_event("CALL_ESTABLISHED")
    first.wait_to_hear(900)
    second.wait_to_hear(500)
    second.hang_up()
    first.wait_for_event("CALL_CLOSED")
    rows = box.registrations("2001")
    assert rows[0]["transport"] == transport


def test_all_phones_of_a_number_ring_and_the_first_answer_wins(box: Box, phone: Phone) -> None:
    caller = phone(box, "2001")
    desks = [phone(box, "2002"), phone(box, "2002")]
    box.wait_for_registrations("2002", 2)
    caller.dial("2002")
    for desk in desks:
        desk.wait_for_event("CALL_INCOMING")
    desks[1].answer()
    caller.wait_for_event("CALL_ESTABLISHED")
    caller.wait_to_hear(900)
    desks[0].wait_for_event("CALL_CLOSED")
    assert not [e for e in desks[0].events() if e["type"] == "CALL_ESTABLISHED"]


def test_the_caller_gives_up(box: Box, phone: Phone) -> None:
    caller, called = phone(box, "2001"), phone(box, "2002")
    caller.dial("2002")
    called.wait_for_event("CALL_INCOMING")
    caller.hang_up()
    called.wait_for_event("CALL_CLOSED")
    (row,) = box.wait_for_journal(1)
    assert row["cause"] == "cancelled"


def test_a_refusal_is_told_in_words_before_its_status(box: Box, phone: Phone) -> None:
    caller, called = phone(box, "2001"), phone(box, "2002")
    caller.dial("2002")
    called.wait_for_event("CALL_INCOMING")
    called.hang_up()
    caller.wait_for_event("CALL_PROGRESS")
    caller.program.wait_until(
        lambda: caller.heard().heard().duration_ms > 1000, 10, "words are heard"
    )
    assert caller.heard().heard().level_dbfs > -35


def test_an_unknown_number_is_told_in_words(box: Box, phone: Phone) -> None:
    caller = phone(box, "2001")
    caller.dial("2999")
    caller.wait_for_event("CALL_PROGRESS")
    caller.program.wait_until(
        lambda: caller.heard().heard().duration_ms > 1500, 10, "words are heard"
    )
    caller.wait_for_event("CALL_CLOSED", 40)
    (row,) = box.wait_for_journal(1)
    assert row["cause"] == "not_found"


def test_the_echo_gives_back_what_is_said(box: Box, phone: Phone) -> None:
    caller = phone(box, "2001")
    caller.dial("*43")
    caller.wait_for_event("CALL_ESTABLISHED")
    caller.wait_to_hear(500, timeout_s=25, seconds=2.0)


def test_a_wrong_password_registers_nothing(box: Box, tmp_path: Path) -> None:
    settings = BaresipOptions(
        user="2001", registrar=f"{box.host}:{box.sip_port}", secret="Not-the-secret-1"
    )
    with Baresip(tmp_path, settings) as stranger:
        stranger.wait_for_event("REGISTER_FAIL")
    assert box.registrations() == []


def test_wideband_voice_passes_untouched(box: Box, phone: Phone) -> None:
    first = phone(box, "2001", codecs="g722/16000/1")
    phone(box, "2002", codecs="g722/16000/1", answers="auto")
    first.dial("2002")
    first.wait_for_event("CALL_ESTABLISHED")
    first.wait_to_hear(900)
    assert "G722" in first.tell()


def test_no_common_codec_is_told(box: Box, phone: Phone) -> None:
    first = phone(box, "2001", codecs="g722/16000/1")
    phone(box, "2002", codecs="pcmu", answers="auto")
    first.dial("2002")
    first.wait_for_event("CALL_CLOSED", 30)
    (row,) = box.wait_for_journal(1)
    assert row["cause"] == "incompatible"


def test_bindings_survive_a_restart(box: Box, phone: Phone) -> None:
    first = phone(box, "2001")
    second = phone(box, "2002", answers="auto")
    box.restart()
    assert [r["extension"] for r in box.registrations()] == ["2001", "2002"]
    first.dial("2002")
    first.wait_for_event("CALL_ESTABLISHED")
    second.wait_to_hear(500)


def test_a_phone_behind_nat_talks_with_the_office(
    make_box: Callable[..., Box], phone: Phone
) -> None:
    with NatNetwork() as net:
        box = make_box(bind=(net.WAN_HOST,), netns=net.wan)
        inside = phone(box, "2001", host=net.LAN_HOST, netns=net.lan)
        desk = phone(box, "2002", host=net.WAN_HOST, netns=net.wan, answers="auto")
        row = box.registrations("2001")[0]
        assert row["source"].startswith(net.ROUTER_WAN_HOST)
        inside.dial("2002")
        inside.wait_for_event("CALL_ESTABLISHED")
        inside.wait_to_hear(900)
        desk.wait_to_hear(500)
        inside.hang_up()
        desk.wait_for_event("CALL_CLOSED")
        desk.dial("2001")
        inside.wait_for_event("CALL_INCOMING")
        inside.answer()
        inside.wait_to_hear(900)
        desk.wait_to_hear(500)


def test_pyvoip_calls_and_is_called(box: Box, phone: Phone, tmp_path: Path) -> None:
    """A phone with the manners of libraries.md §1: RFC 2069 digest, wrong tags, no Route."""
    desk = phone(box, "2002", answers="auto")
    calling = PyVoipOptions(
        user="2001",
        secret=secret_of("2001"),
        server=box.host,
        server_port=box.sip_port,
        dials="2002",
        talk_s=3.0,
    )
    with PyVoipPhone(tmp_path, calling) as caller:
        caller.wait_for("talking")
        desk.wait_to_hear(440)
        caller.wait_for("heard")
        assert caller.heard().heard().is_tone(900, within_hz=20)
        caller.wait_for("over")
    (row,) = box.wait_for_journal(1)
    assert row["cause"] == "normal"
    answering = PyVoipOptions(
        user="2003", secret=secret_of("2003"), server=box.host, server_port=box.sip_port
    )
    with PyVoipPhone(tmp_path, answering) as called:
        called.wait_for("registered")
        desk.dial("2003")
        desk.wait_for_event("CALL_ESTABLISHED", 15)
        desk.wait_to_hear(440)


def test_early_media_is_heard_before_the_answer(box: Box, phone: Phone, tmp_path: Path) -> None:
    caller = phone(box, "2001")
    with RtpEnd(hz=1700) as end:
        settings = SippOptions(
            port=free_port(),
            remote=f"{box.host}:{box.sip_port}",
            username="2002",
            secret=secret_of("2002"),
            values={"audio_port": end.port},
        )
        _register_at(tmp_path, box, settings)
        answering = SippOptions(port=settings.port, values={"audio_port": end.port})
        with Sipp(tmp_path, "uas_early", answering) as early:
            caller.dial("2002")
            caller.wait_for_event("CALL_PROGRESS")
            early.wait_for_message("INVITE sip:")
            end.send_to(box.host, audio_port(early.messages(), "INVITE sip:"))
            caller.wait_to_hear(1700)


def _register_at(folder: Path, box: Box, settings: SippOptions) -> None:
    with Sipp(folder, "register", settings) as registering:
        registering.wait()
    box.wait_for_registrations(settings.username)


def test_a_document_with_more_numbers_is_applied_while_phones_talk(box: Box, phone: Phone) -> None:
    first, second = phone(box, "2001"), phone(box, "2002", answers="auto")
    first.dial("2002")
    first.wait_for_event("CALL_ESTABLISHED")
    second.wait_to_hear(500)
    box.apply(office(extensions=(2001, 2002, 2003, 2004)))
    assert box.control("status")["extensions"] == 4
    second.wait_to_hear(500)
    assert not [e for e in first.events() if e["type"] == "CALL_CLOSED"]
