"""Every scenario of sipp once with a running box, which proves that the scenarios are sound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.kit.box import Box
from tests.kit.office import office, secret_of
from tests.kit.ports import free_port
from tests.kit.rtp_end import RtpEnd
from tests.kit.sipp import Sipp, SippOptions, audio_port

PAIRS = [
    ("uac_call", "uas_answer", {}),
    ("uac_waits_for_bye", "uas_hangs_up", {}),
    ("uac_cancel", "uas_ring", {}),
    ("uac_refused", "uas_refuse", {"status": 486}),
    ("uac_hold", "uas_answer", {}),
    ("uac_info", "uas_answer", {}),
    ("uac_update", "uas_answer", {}),
    ("uac_100rel", "uas_answer", {"extra": "Require: 100rel", "ring_ms": 700}),
    ("uac_call", "uas_100rel", {}),
    ("uac_early_call", "uas_early", {"ring_ms": 600}),
]


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    folder = tmp_path_factory.mktemp("box")
    document = office(extensions=range(2001, 2040))
    with Box(folder, document, bind=("127.0.0.1", "::1")) as box:
        yield box.start()


def phone(box: Box, extension: int, **values: str | int) -> SippOptions:
    """A sipp that is this extension's phone, on a port of its own."""
    return SippOptions(
        remote=f"{box.host}:{box.sip_port}",
        port=free_port(),
        username=str(extension),
        secret=secret_of(str(extension)),
        values=values,
    )


def register(folder: Path, options: SippOptions, expires: int) -> None:
    with Sipp(folder, "register", replace(options, values={"expires": expires})) as client:
        client.wait()


@pytest.mark.parametrize(("uac", "uas", "values"), PAIRS, ids=[f"{a}-{b}" for a, b, _ in PAIRS])
def test_a_call_of_two_phones(
    box: Box, tmp_path: Path, uac: str, uas: str, values: dict[str, str | int]
) -> None:
    caller = phone(box, 2001, number="2002", **values)
    callee = phone(box, 2002, **values)
    register(tmp_path, callee, 300)
    try:
        with Sipp(tmp_path, uas, callee) as server, Sipp(tmp_path, uac, caller) as client:
            client.wait()
            server.wait()
        box.wait_until_idle()
    finally:
        register(tmp_path, callee, 0)


def test_both_hear_each_other(box: Box, tmp_path: Path) -> None:
    with RtpEnd(hz=440) as one, RtpEnd(hz=1000) as two:
        caller = phone(box, 2003, number="2004", audio_port=one.port, talk_ms=1500)
        callee = phone(box, 2004, audio_port=two.port)
        register(tmp_path, callee, 300)
        with (
            Sipp(tmp_path, "uas_answer", callee) as server,
            Sipp(tmp_path, "uac_call", caller) as client,
        ):
            client.wait_for_message("SIP/2.0 200")
            one.send_to(box.host, audio_port(client.messages(), "SIP/2.0 200"))
            two.send_to(box.host, audio_port(server.messages(), "INVITE sip:"))
            client.wait()
            server.wait()
        assert one.sound().heard().is_tone(1000)
        assert two.sound().heard().is_tone(440)


def test_a_wrong_secret_is_refused(box: Box, tmp_path: Path) -> None:
    wrong = replace(phone(box, 2005, status=401), secret="wrong")
    with Sipp(tmp_path, "register", wrong) as client:
        client.wait()
    assert not box.registrations("2005")


@pytest.mark.parametrize(("host", "transport"), [("127.0.0.1", "t1"), ("[::1]", "u1")])
def test_a_caller_by_tcp_and_by_ipv6(box: Box, tmp_path: Path, host: str, transport: str) -> None:
    callee = phone(box, 2006)
    register(tmp_path, callee, 300)
    caller = replace(
        phone(box, 2007, number="2006"),
        remote=f"{host}:{box.sip_port}",
        host=host,
        transport=transport,
        port=0,
    )
    with Sipp(tmp_path, "uas_answer", callee) as server, Sipp(tmp_path, "uac_call", caller) as one:
        one.wait()
        server.wait()


def test_a_phone_registers_by_ipv6_and_is_called(box: Box, tmp_path: Path) -> None:
    callee = replace(
        phone(box, 2008), host="[::1]", port=free_port("::1"), remote=f"[::1]:{box.sip_port}"
    )
    register(tmp_path, callee, 300)
    with (
        Sipp(tmp_path, "uas_answer", callee) as server,
        Sipp(tmp_path, "uac_call", phone(box, 2009, number="2008")) as client,
    ):
        client.wait()
        server.wait()
        assert "c=IN IP6 ::1" in server.messages().partition("SIP/2.0 180")[0]


def test_two_phones_ring_and_one_answers(box: Box, tmp_path: Path) -> None:
    quick, slow = phone(box, 2010, ring_ms=600), phone(box, 2010)
    for each in (quick, slow):
        register(tmp_path, each, 300)
    with (
        Sipp(tmp_path, "uas_answer", quick) as answering,
        Sipp(tmp_path, "uas_ring", slow) as ringing,
        Sipp(tmp_path, "uac_call", phone(box, 2011, number="2010")) as client,
    ):
        client.wait()
        answering.wait()
        ringing.wait()
        assert "cause=200" in ringing.messages()
