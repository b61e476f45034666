"""Phones in an office network of their own: PnP by multicast, true hardware addresses, TFTP."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kit.box import Box
from tests.kit.netns import inside
from tests.kit.office import office, secret_of
from tests.kit.office_lan import OfficeLan
from tests.kit.processes import run, wait_until
from tests.kit.raw_sip import Heard, RawEnd, reply, write
from tests.kit.responder import Responder
from tests.kit.yealink import YealinkPhone

MAC, THIEF = "805ec0a1b2c3", "00a0ded0dead"
GROUP = ("224.0.1.75", 5060)


@pytest.fixture
def lan() -> Iterator[OfficeLan]:
    with OfficeLan() as made:
        yield made


@pytest.fixture
def box(lan: OfficeLan, tmp_path: Path) -> Iterator[Box]:
    phones = [{"mac": MAC, "extensions": ["2001"]}]
    document = {**office(), "phones": phones, "provisioning": {"tftp": "all"}}
    binds = {"bind": ("0.0.0.0",), "netns": lan.box, "sip_port": 5060}
    with Box(tmp_path / "box", document, **binds) as made:
        made.start("--with-phones")
        wait_until(lambda: made.control("phones")["ports"], 20, "the server of phones lives")
        yield made


def _subscribe(host: str, port: int, mac: str) -> bytes:
    uri = f"sip:MAC%3A{mac.upper()}@224.0.1.75"
    fields = [
        ("Via", f"SIP/2.0/UDP {host}:{port};branch=z9hG4bKpnp{port}"),
        ("Max-Forwards", "70"),
        ("From", f"<{uri}>;tag=p{port}"),
        ("To", f"<{uri}>"),
        ("Call-ID", f"pnp-{port}@{host}"),
        ("CSeq", "20000 SUBSCRIBE"),
        ("Contact", f"<sip:{host}:{port}>"),
        ("Event", 'ua-profile;profile-type="device";vendor="Yealink";model="T46U";version="108"'),
        ("Expires", "0"),
        ("Accept", "application/url"),
    ]
    return write(f"SUBSCRIBE {uri} SIP/2.0", fields)


def discover(netns: str, host: str, mac: str, timeout_s: float = 2.0) -> tuple[str, list[Heard]]:
    """Shout into the network as a phone does at boot; (the URL or empty, all that was heard)."""

    def work() -> tuple[str, list[Heard]]:
        with RawEnd(host, 0) as end:
            end.send(_subscribe(host, end.port, mac), GROUP)
            deadline = time.monotonic() + timeout_s
            while (left := deadline - time.monotonic()) > 0:
                message = end.listen(left)
                if message is not None and message.method == "NOTIFY" and not message.is_response:
                    end.send(reply(message, 200), message.source)
                    return message.body.decode(), end.heard
            return "", end.heard

    return inside(netns, work, timeout_s + 8)


def test_out_of_the_carton(lan: OfficeLan, box: Box) -> None:
    """PnP, file, registration: within 5 s of the first word; the thief beside it gets nothing."""
    netns, host = lan.add(MAC)
    other, other_host = lan.add(THIEF)
    box.control("phone_window", mac=MAC)
    began = time.monotonic()
    url, heard = discover(netns, host, MAC)
    assert url == f"http://{lan.BOX_HOST}:8088/"
    assert [m.status for m in heard if m.is_response] == [200]
    phone = YealinkPhone(url, MAC)
    thief = YealinkPhone(url, MAC)
    assert discover(other, other_host, MAC, 0.5)[0] == ""
    assert inside(other, thief.fetch) == 404
    assert inside(netns, phone.fetch) == 200
    assert (phone.number, phone.password) == ("2001", secret_of("2001"))
    responder = inside(netns, lambda: Responder(host=host))
    with responder:
        inside(netns, lambda: responder.register((lan.BOX_HOST, 5060), "2001", phone.password))
        assert time.monotonic() - began < 5 + 1.0, "half a second of it is the thief's"
        assert box.control("phones")["phones"][0]["state"] == "registered"
        assert box.control("phones")["phones"][0]["window_left_s"] == 0
    keys = [alert["key"] for alert in box.control("status")["alerts"]]
    assert "phone_mismatch" in keys
    assert box.control("phone_requests", mac=MAC)["requests"][0]["seen_mac"] == MAC


def test_tftp_gives_a_windowed_phone_its_file_once_and_no_secret_to_who_speaks_http(
    lan: OfficeLan, box: Box, tmp_path: Path
) -> None:
    netns, _ = lan.add(MAC)

    def fetch(name: str) -> str:
        target = tmp_path / name
        argv = ["tftp", "-m", "binary", lan.BOX_HOST, "69", "-c", "get", f"{MAC}.cfg", str(target)]
        inside(netns, lambda: subprocess.run(argv, timeout=20, check=False, capture_output=True))
        return target.read_text()

    assert secret_of("2001") not in fetch("closed")
    box.control("phone_window", mac=MAC)
    assert f"account.1.password = {secret_of('2001')}" in fetch("open")
    phone = YealinkPhone(f"http://{lan.BOX_HOST}:8088/", MAC)
    assert inside(netns, phone.fetch) == 200
    assert phone.password
    assert secret_of("2001") not in fetch("after-http")


def test_a_phone_of_another_subnet_is_not_answered(lan: OfficeLan, box: Box) -> None:
    netns, host = lan.add("805ec0000009", "10.99.0.5")
    heard: list[Any] = discover(netns, host, "805ec0000009", 1.0)[1]
    assert heard == []


def test_the_group_is_left_while_phones_are_not_set_up(lan: OfficeLan, box: Box) -> None:
    """Who shouts then is not even heard; the group is joined anew with the settings."""

    def is_member() -> bool:
        said = run(["ip", "-n", lan.box, "maddress", "show", "dev", "lan0"])
        return "224.0.1.75" in said

    assert is_member()
    settings = {**office(), "phones": [{"mac": MAC, "extensions": ["2001"]}]}
    box.apply({**settings, "provisioning": {"is_enabled": False}})
    box.program.wait_until(lambda: not is_member(), 5, "the group is left")
    box.apply(settings)
    box.program.wait_until(is_member, 5, "the group is joined again")
    netns, host = lan.add(MAC)
    assert discover(netns, host, MAC)[0]


def test_a_guest_in_the_network(lan: OfficeLan, box: Box) -> None:
    """A phone that is in no settings comes up without a number; its double does not."""
    netns, _ = lan.add("805ec0000005")
    other, _ = lan.add(THIEF)
    url = f"http://{lan.BOX_HOST}:8088/"
    phone = YealinkPhone(url, "805ec0000005")
    assert inside(other, phone.fetch) == 404
    assert inside(netns, phone.fetch) == 200
    assert phone.number.startswith("999") and phone.password


def test_the_box_lives_on_a_socket_that_others_hold(lan: OfficeLan, tmp_path: Path) -> None:
    """Another program has the group's port: phones are not heard, and the box runs."""
    holder = inside(lan.box, lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    inside(lan.box, lambda: holder.bind(GROUP))
    with holder, Box(tmp_path / "box", office(), bind=(lan.BOX_HOST,), netns=lan.box) as box:
        box.start()
        assert "PnP of phones is not heard" in box.log()
        assert box.control("status")["sip"]


def test_a_scan_finds_phones_that_found_nobody(lan: OfficeLan, box: Box) -> None:
    """By the maker of the hardware address; others of the network are not named."""
    _, host = lan.add(MAC)
    lan.add(THIEF)
    assert box.control("phone_scan")["found"] == [
        {"host": host, "mac": MAC, "brand": "Yealink", "has_asked": False}
    ]
    said = box.command("phones", "scan")
    assert host in said and MAC in said and THIEF not in said
