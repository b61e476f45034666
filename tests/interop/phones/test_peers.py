"""Each kind of peer once with the box: it registers, calls, is called, and both hear each other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.kit.baresip import Baresip, BaresipOptions
from tests.kit.box import Box
from tests.kit.kamailio import Provider, ProviderOptions
from tests.kit.linphone import Linphone, LinphoneOptions
from tests.kit.netns import NatNetwork
from tests.kit.office import office, secret_of, trunk
from tests.kit.ports import free_port
from tests.kit.pyvoip_phone import PyVoipOptions, PyVoipPhone
from tests.kit.rtp_end import RtpEnd
from tests.kit.sipp import Sipp, SippOptions, audio_port

MakeBox = Callable[..., Box]


def extension(
    box: Box,
    number: str,
    hz: float,
    answers: str = "auto",
    host: str = "127.0.0.1",
    netns: str = "",
) -> BaresipOptions:
    """baresip as this extension's phone."""
    return BaresipOptions(
        user=number,
        secret=secret_of(number),
        registrar=f"{box.host}:{box.sip_port}",
        tone_hz=hz,
        answers=answers,
        host=host,
        netns=netns,
    )


def test_two_baresips(box: Box, tmp_path: Path) -> None:
    with (
        Baresip(tmp_path, extension(box, "2001", 500)) as one,
        Baresip(tmp_path, extension(box, "2002", 900)) as two,
    ):
        one.register()
        two.register()
        one.dial("2002")
        one.wait_for_event("CALL_ESTABLISHED")
        one.wait_to_hear(900)
        two.wait_to_hear(500)
        one.hold()
        two.wait_for_quiet()
        one.resume()
        two.wait_to_be_sent(500)
        one.send_dtmf("5")
        assert two.wait_for_event("CALL_DTMF_START")["param"] == "5"
        one.hang_up()
        two.wait_for_event("CALL_CLOSED")
    row = box.wait_for_journal(1)[0]
    assert (row["caller"], row["dialled"], row["cause"]) == ("2001", "2002", "normal")


def test_pyvoip_is_called_and_heard(box: Box, tmp_path: Path) -> None:
    mine = PyVoipOptions(
        user="2001",
        secret=secret_of("2001"),
        server=box.host,
        server_port=box.sip_port,
        tone_hz=400,
        hangs_up=False,
    )
    with (
        PyVoipPhone(tmp_path, mine) as phone,
        Baresip(tmp_path, extension(box, "2002", 1000)) as caller,
    ):
        phone.wait_for("registered")
        caller.register()
        caller.dial("2001")
        caller.wait_for_event("CALL_ESTABLISHED")
        caller.wait_to_hear(400)
        phone.wait_for("heard")
        assert phone.heard().heard().is_tone(1000)
        caller.hang_up()
        phone.wait_for("over")
    box.wait_until_idle()


def test_pyvoip_calls(box: Box, tmp_path: Path) -> None:
    with Baresip(tmp_path, extension(box, "2002", 1000)) as callee:
        callee.register()
        mine = PyVoipOptions(
            user="2001",
            secret=secret_of("2001"),
            server=box.host,
            server_port=box.sip_port,
            dials="2002",
            tone_hz=400,
        )
        with PyVoipPhone(tmp_path, mine) as phone:
            callee.wait_to_hear(400)
            phone.wait_for("heard")
            assert phone.heard().heard().is_tone(1000)
            phone.wait_for("over")
            callee.wait_for_event("CALL_CLOSED")
    box.wait_until_idle()


def test_linphone_calls_baresip(make_box: MakeBox, tmp_path: Path) -> None:
    box = make_box(bind=("0.0.0.0",))
    box.host = "127.0.0.1"
    with (
        Baresip(tmp_path, extension(box, "2002", 900)) as callee,
        Linphone(tmp_path, LinphoneOptions(tone_hz=500)) as phone,
    ):
        callee.register()
        phone.register("2001", secret_of("2001"), f"127.0.0.1:{box.sip_port}")
        phone.dial(box.uri("2002"))
        callee.wait_to_hear(500)
        phone.hang_up()
        assert phone.heard().heard().is_tone(900)


def test_kamailio_is_the_provider(make_box: MakeBox, tmp_path: Path) -> None:
    world = free_port()
    provided = ProviderOptions(secret=secret_of("cloud"), world=f"127.0.0.1:{world}")
    with Provider(tmp_path, provided) as provider, RtpEnd(hz=1000) as end:
        document = office(
            trunks=[trunk("cloud", provider.host, provider.port, caller_id="+74955550000")],
            dids=[{"number": "+74955550000", "trunk": "cloud", "extension": "2001"}],
        )
        box = make_box(document)
        provider.wait_for_request("registered")
        answering = SippOptions(port=world, values={"audio_port": end.port})
        with (
            Sipp(tmp_path, "uas_answer", answering) as city,
            Baresip(tmp_path, extension(box, "2001", 500)) as phone,
        ):
            phone.register()
            phone.dial("91234567")
            phone.wait_for_event("CALL_ESTABLISHED")
            assert "INVITE sip:+74951234567@" in city.messages()
            end.send_to(box.host, audio_port(city.messages(), "INVITE sip:"))
            phone.wait_to_hear(1000)
            phone.hang_up()
            city.wait()
            assert end.sound().heard().is_tone(500)
            calling = SippOptions(
                remote=f"{provider.host}:{provider.port}",
                values={"number": "+74955550000", "user": "+74991112233", "talk_ms": 300},
            )
            with Sipp(tmp_path, "uac_plain_call", calling) as caller:
                caller.wait()
        outgoing, incoming = sorted(box.wait_for_journal(2), key=lambda row: row["started_at"])
        assert outgoing["sent"] == "+74951234567"
        assert incoming["caller"] in ("+74991112233", "74991112233", "84991112233")


def test_a_phone_behind_nat(make_box: MakeBox, tmp_path: Path) -> None:
    with NatNetwork() as net:
        box = make_box(bind=(net.WAN_HOST,), netns=net.wan)
        inner = extension(box, "2001", 500, host=net.LAN_HOST, netns=net.lan)
        outer = extension(box, "2002", 900, host=net.WAN_HOST, netns=net.wan)
        with Baresip(tmp_path, inner) as one, Baresip(tmp_path, outer) as two:
            one.register()
            two.register()
            assert box.registrations("2001")[0]["source"].startswith(net.ROUTER_WAN_HOST)
            two.dial("2001")
            two.wait_for_event("CALL_ESTABLISHED")
            two.wait_to_hear(500)
            one.wait_to_hear(900)
            two.hang_up()
            one.wait_for_event("CALL_CLOSED")
