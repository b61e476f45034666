"""DHCP for phones: values, judgement, and real servers in a network of their own."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from appliance.commands import dhcp
from appliance.errors import UserError
from appliance.net.control_client import call
from appliance.net.dhcp_packets import OFFER, Answer
from appliance.phones.dhcp import (
    Uplink,
    Verdict,
    dnsmasq_configuration,
    findings,
    option_values,
)
from tests.kit.box import Box
from tests.kit.netns import inside
from tests.kit.office import office
from tests.kit.office_lan import OfficeLan
from tests.kit.processes import PROJECT, wait_until

URL = b"http://10.78.0.1:8088/"


def test_values_for_the_router() -> None:
    values = {value.code: value for value in option_values("10.78.0.1", 8088)}
    assert set(values) == {66, 43, 150, 159, 160, 114}
    assert values[66].text == URL.decode() and values[66].octets == URL
    assert values[66].hexadecimal == URL.hex(":")
    assert (values[150].text, values[150].hexadecimal) == ("10.78.0.1", "0a:4e:00:01")
    assert option_values("10.78.0.1", 80)[0].text == "http://10.78.0.1/"


@pytest.mark.parametrize(
    ("code", "said", "verdict"),
    [
        (66, URL, Verdict.RIGHT),
        (66, URL + b"\0", Verdict.RIGHT),
        (66, URL.rstrip(b"/"), Verdict.RIGHT),
        (66, b"http://10.78.0.2:8088/", Verdict.OTHER),
        (66, b"\xff\xfe", Verdict.OTHER),
        (43, b"\x02\x16" + URL, Verdict.RIGHT),
        (150, bytes((10, 78, 0, 1)), Verdict.RIGHT),
        (150, bytes((10, 78, 0, 9)), Verdict.OTHER),
    ],
)
def test_what_a_server_says_is_judged(code: int, said: bytes, verdict: Verdict) -> None:
    wanted = option_values("10.78.0.1", 8088)
    found = findings([Answer(1, OFFER, "10.78.0.254", {code: said})], wanted)
    assert {f.code: f.verdict for f in found if f.verdict is not Verdict.MISSING} == {code: verdict}
    assert len(found) == len(wanted)


def test_a_configuration_serves_dhcp_and_nothing_else() -> None:
    text = dnsmasq_configuration(
        "lan0", "10.78.0.100", "10.78.0.199", option_values("10.78.0.1", 8088)
    )
    assert "port=0\n" in text and "dhcp-range=10.78.0.100,10.78.0.199,12h\n" in text
    assert 'dhcp-option-force=66,"http://10.78.0.1:8088/"\n' in text
    assert "dhcp-option-force=150,10.78.0.1\n" in text


def test_a_configuration_names_the_offices_router_and_never_the_box_as_one() -> None:
    """What is not said dnsmasq makes up: the box as router, and no name server."""
    wanted = ("lan0", "10.78.0.100", "10.78.0.199", option_values("10.78.0.1", 8088))
    uplink = Uplink("10.78.0.1", "10.78.0.254", ("10.78.0.254", "9.9.9.9"))
    lines = dnsmasq_configuration(*wanted, uplink).splitlines()
    assert {
        "dhcp-option=3,10.78.0.254",
        "dhcp-option=6,10.78.0.254,9.9.9.9",
        "dhcp-option=42,10.78.0.1",
    } <= set(lines)
    assert {"dhcp-option=3", "dhcp-option=6"} <= set(dnsmasq_configuration(*wanted).splitlines())


@pytest.mark.parametrize(
    "words", [("--interface", "lan0", "check"), ("check", "--interface", "lan0")]
)
def test_the_interface_stands_before_the_action_or_behind_it(words: tuple[str, ...]) -> None:
    parser = argparse.ArgumentParser()
    dhcp.add_parser(parser.add_subparsers())
    assert parser.parse_args(["dhcp", *words]).interface == "lan0"
    assert parser.parse_args(["dhcp", "check"]).interface == ""


# ---- real servers


@pytest.fixture
def lan() -> Iterator[OfficeLan]:
    with OfficeLan() as made:
        yield made


def dozvon(netns: str, data: Path, *words: str, code: int = 0) -> str:
    argv = [
        sys.executable,
        "-m",
        "appliance",
        "dhcp",
        *words,
        "--data",
        str(data),
        "--language",
        "en",
    ]
    done = inside(
        netns,
        lambda: subprocess.run(
            argv, capture_output=True, text=True, cwd=PROJECT, timeout=30, check=False
        ),
        40,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


@contextmanager
def router(netns: str, *options: str) -> Iterator[None]:
    """The office's router: dnsmasq in a namespace, with these options."""
    argv = [
        "/usr/sbin/dnsmasq",
        "--keep-in-foreground",
        "--conf-file=/dev/null",
        "--port=0",
        "--no-ping",
    ]
    argv += ["--interface=eth0", "--bind-interfaces", "--dhcp-range=10.78.0.50,10.78.0.60,1h"]
    argv += ["--user=root", "--pid-file", "--dhcp-leasefile=/dev/null", *options]
    process = inside(netns, lambda: subprocess.Popen(argv, stderr=subprocess.DEVNULL))
    try:
        yield
    finally:
        process.kill()
        process.wait()


def test_nobody_serves(lan: OfficeLan, tmp_path: Path) -> None:
    assert "No DHCP server answered" in dozvon(lan.box, tmp_path, "check", code=1)
    shown = dozvon(lan.box, tmp_path)
    assert URL.decode() in shown and URL.hex(":") in shown and "Gigaset" in shown


def test_the_router_is_asked_and_never_served_against(lan: OfficeLan, tmp_path: Path) -> None:
    netns, _ = lan.add("00a0de000001", "10.78.0.254")
    with router(netns):
        _until_it_serves(lan)
        refused = dozvon(lan.box, tmp_path, "serve", "10.78.0.100", "10.78.0.120", code=1)
        assert "10.78.0.254 already gives addresses out" in refused
    with router(netns, '--dhcp-option-force=66,"http://10.78.0.1:8088/"'):
        _until_it_serves(lan)
        said = dozvon(lan.box, tmp_path, "check")
        assert "10.78.0.254   66  right" in said and "Phones will find the box" in said


def test_the_box_asks_for_its_pages(lan: OfficeLan, tmp_path: Path) -> None:
    """The same question by the control socket, while the box runs."""
    netns, _ = lan.add("00a0de000001", "10.78.0.254")
    with Box(tmp_path / "box", office(), bind=("0.0.0.0",), netns=lan.box) as box:
        box.start()
        with router(netns):
            _until_it_serves(lan)
            told = call(box.data / "control.sock", "dhcp_check", {}, 20)
            assert told["is_good"] is False
            assert {row["verdict"] for row in told["findings"]} == {"missing"}
            assert {row["server"] for row in told["findings"]} == {"10.78.0.254"}
        with router(netns, '--dhcp-option-force=66,"http://10.78.0.1:8088/"'):
            _until_it_serves(lan)
            assert call(box.data / "control.sock", "dhcp_check", {}, 20)["is_good"] is True


def test_the_box_serves_when_it_is_asked_to(lan: OfficeLan, tmp_path: Path) -> None:
    wrong = dozvon(lan.box, tmp_path, "serve", "10.78.0.1", "10.78.0.9", code=1)
    assert "leave the box's own out" in wrong
    words = ["dhcp", "serve", "10.78.0.100", "10.78.0.120", "--data", str(tmp_path)]
    argv = [sys.executable, "-m", "appliance", *words]
    process = inside(
        lan.box, lambda: subprocess.Popen(argv, cwd=PROJECT, stdout=subprocess.DEVNULL)
    )
    try:
        netns, host = lan.add("805ec0000009")
        answers = wait_until(
            lambda: inside(netns, lambda: _ask(host, "eth0", 5.0)), 30, "it serves"
        )
        assert {answer.server for answer in answers} == {lan.BOX_HOST}
        assert {answers[0].options[code].rstrip(b"\0") for code in (66, 160)} == {URL}
        assert answers[0].options[150] == bytes((10, 78, 0, 1))
        process.terminate()
        assert process.wait(10) == 0
        assert not inside(netns, lambda: _ask(host, "eth0", 2.0))  # it served on by itself once
    finally:
        process.kill()


def _until_it_serves(lan: OfficeLan) -> None:
    wait_until(lambda: inside(lan.box, lambda: _ask(lan.BOX_HOST, "lan0")), 10, "the router serves")


def _ask(host: str, interface: str = "eth0", patience_s: float = 0.6) -> list[Any]:
    from appliance.net.dhcp_probe import ask_servers

    try:
        return ask_servers(interface, host, ("yealink",), patience_s)
    except UserError:
        return []


def test_asking_without_the_right_to_is_told() -> None:
    from appliance.net.dhcp_probe import ask_servers

    began = time.monotonic()
    with pytest.raises(UserError) as refused:
        ask_servers("no-such-net", "10.0.0.1", ("",))
    assert refused.value.key in ("dhcp.cannot_ask", "dhcp.not_allowed")
    assert time.monotonic() - began < 5
