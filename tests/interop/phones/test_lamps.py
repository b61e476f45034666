"""Lamps, presence and message waiting of programs that nobody here wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kit.baresip import Baresip
from tests.kit.box import Box
from tests.kit.linphone import Linphone, LinphoneOptions
from tests.kit.netns import NatNetwork
from tests.kit.office import secret_of
from tests.kit.processes import wait_until
from tests.kit.responder import RING, Responder
from tests.kit.sipp import Sipp, SippOptions
from tests.kit.stream_phone import StreamPhone
from tests.kit.subscriber import Watch

Phone = Callable[..., Baresip]
#: A lamp follows within 1 s; the rest is for programs that poll, on a machine that others use too.
_SOON_S = 5.0


def subscriptions(box: Box) -> int:
    return int(box.control("status")["alive"]["subscriptions"])


def wait_for_presence(watcher: Baresip, number: str, state: str) -> None:
    wait_until(
        lambda: watcher.presence_of(number) == state,
        _SOON_S,
        f"{number} is {state}",
        lambda: watcher.presence_of(number),
    )


def test_the_contacts_of_a_softphone(box: Box, phone: Phone) -> None:
    watcher = phone(box, "2003", contacts=("2001", "2002"))
    watcher.watch_contacts()
    wait_for_presence(watcher, "2002", "Offline")
    called = phone(box, "2002", answers="auto")
    caller = phone(box, "2001")
    for number in ("2001", "2002"):
        wait_for_presence(watcher, number, "Online")
    caller.dial("2002")
    caller.wait_for_event("CALL_ESTABLISHED")
    for number in ("2001", "2002"):
        wait_for_presence(watcher, number, "Busy")
    caller.hang_up()
    called.wait_for_event("CALL_CLOSED")
    for number in ("2001", "2002"):
        wait_for_presence(watcher, number, "Online")


def test_a_softphone_comes_back_by_itself_after_a_restart(box: Box, phone: Phone) -> None:
    watcher = phone(box, "2003", contacts=("2002",))
    watcher.watch_contacts()
    wait_for_presence(watcher, "2002", "Offline")
    box.restart()
    assert subscriptions(box) == 0
    wait_until(lambda: subscriptions(box) == 1, 15, "it subscribes anew", watcher.tell)


def test_no_message_waits_for_who_asks(box: Box, phone: Phone) -> None:
    told = phone(box, "2003", watches_messages=True).wait_for_event("MWI_NOTIFY")
    assert told["param"] == "Messages-Waiting: no\r\n"


def test_the_friends_of_linphone(box: Box, phone: Phone, tmp_path: Path) -> None:
    server = f"{box.host}:{box.sip_port}"
    with Linphone(tmp_path, LinphoneOptions()) as watcher:
        watcher.register("2003", secret_of("2003"), server)
        watcher.add_friend("Olga", f"sip:2002@{server}")
        watcher.wait_for_friend("Olga", "Offline")
        called = phone(box, "2002", answers="auto")
        watcher.wait_for_friend("Olga", "Online")
        caller = phone(box, "2001")
        caller.dial("2002")
        caller.wait_for_event("CALL_ESTABLISHED")
        watcher.wait_for_friend("Olga", "On the phone")
        caller.hang_up()
        called.wait_for_event("CALL_CLOSED")
        watcher.wait_for_friend("Olga", "Online", times=2)


@pytest.mark.parametrize("transport", ["u1", "t1"])
def test_a_lamp_by_sipp(box: Box, phone: Phone, tmp_path: Path, transport: str) -> None:
    """Each step of a call makes one NOTIFY with the right body; unsubscribing makes the last."""
    called, caller = phone(box, "2002"), phone(box, "2001")
    options = SippOptions(
        remote=f"{box.host}:{box.sip_port}",
        transport=transport,
        username="2003",
        secret=secret_of("2003"),
        values={"number": "2002"},
    )
    with Sipp(tmp_path, "uac_subscribe", options) as lamp:
        lamp.wait_for_message("<state>terminated")
        caller.dial("2002")
        called.wait_for_event("CALL_INCOMING")
        lamp.wait_for_message("<state>early")
        called.answer()
        lamp.wait_for_message("<state>confirmed")
        caller.hang_up()
        lamp.wait()
    assert subscriptions(box) == 0


def test_a_softphone_behind_nat(make_box: Callable[..., Box], phone: Phone) -> None:
    with NatNetwork() as net:
        box = make_box(bind=(net.WAN_HOST,), netns=net.wan)
        watcher = phone(box, "2003", host=net.LAN_HOST, netns=net.lan, contacts=("2002",))
        watcher.watch_contacts()
        wait_for_presence(watcher, "2002", "Offline")
        phone(box, "2002", host=net.WAN_HOST, netns=net.wan)
        wait_for_presence(watcher, "2002", "Online")


def test_a_softphone_by_tcp(box: Box, phone: Phone) -> None:
    watcher = phone(box, "2003", transport="tcp", contacts=("2002",))
    watcher.watch_contacts()
    wait_for_presence(watcher, "2002", "Offline")
    phone(box, "2002")
    wait_for_presence(watcher, "2002", "Online")


@pytest.fixture
def stream_phone(box: Box) -> Iterator[StreamPhone]:
    """2003 by TCP; the phone of 2002 waits for a call."""
    address = (box.host, box.sip_port)
    with (
        Responder(lambda request: RING) as called,
        StreamPhone(address, "2003", secret_of("2003")) as watcher,
    ):
        called.register(address, "2002", secret_of("2002")).start()
        watcher.connect()
        yield watcher


def light(watcher: StreamPhone) -> Watch:
    """Its lamp for 2002."""
    watch = watcher.lamps.subscribe("2002")
    wait_until(lambda: watch.lamp == "idle", _SOON_S, "the lamp is there")
    assert watcher.called == 0
    return watch


def test_a_lamp_comes_by_the_stream_of_the_last_registration(
    box: Box, phone: Phone, stream_phone: StreamPhone
) -> None:
    """The router forgot the first one, and nobody told the box."""
    assert stream_phone.register() == 200
    watch = light(stream_phone)
    stream_phone.connect()
    assert stream_phone.register() == 200
    phone(box, "2001").dial("2002")
    wait_until(lambda: watch.lamp == "ringing", _SOON_S, "it rings")
    assert watch.last.source == stream_phone.newest and stream_phone.called == 0


@pytest.mark.parametrize("is_registered", [True, False])
def test_a_lamp_whose_stream_is_lost_is_told_where_its_phone_listens(
    box: Box, phone: Phone, stream_phone: StreamPhone, is_registered: bool
) -> None:
    if is_registered:
        assert stream_phone.register() == 200
    watch = light(stream_phone)
    stream_phone.lose_stream()
    phone(box, "2001").dial("2002")
    wait_until(lambda: watch.lamp == "ringing", _SOON_S, "it rings")
    assert stream_phone.called == 1
