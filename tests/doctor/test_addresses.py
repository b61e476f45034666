"""Tests of appliance/doctor/addresses.py on machines in many places."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.doctor.addresses import check, judge, judge_listening
from tests.doctor.patients import keys, running

INSIDE, PUBLIC = {"eth0": ["192.168.1.10"]}, {"eth0": ["8.8.8.8"]}
#: NAT for IPv4 beside a public IPv6 address; behind the NAT of the provider (RFC 6598).
BOTH, SHARED = {"eth0": ["192.168.1.10", "2a00:1450::1"]}, {"eth0": ["100.64.3.4"]}


@pytest.mark.parametrize(
    ("interfaces", "external", "has_trunks", "found"),
    [
        ({}, "", True, ["fault addresses.none"]),
        (INSIDE, "", False, ["ok addresses.ours"]),
        (INSIDE, "", True, ["ok addresses.ours", "warning addresses.nat"]),
        (INSIDE, "8.8.8.8", True, ["ok addresses.ours", "ok addresses.external"]),
        (INSIDE, "box.example.net", True, ["ok addresses.ours", "ok addresses.external"]),
        (INSIDE, "10.0.0.1", True, ["ok addresses.ours", "warning addresses.external_private"]),
        (PUBLIC, "", True, ["ok addresses.ours"]),
        (PUBLIC, "9.9.9.9", True, ["ok addresses.ours", "warning addresses.external_unneeded"]),
        (BOTH, "8.8.8.8", True, ["ok addresses.ours", "ok addresses.external"]),
        (BOTH, "", True, ["ok addresses.ours", "warning addresses.nat"]),
        (SHARED, "8.8.8.8", True, ["ok addresses.ours", "ok addresses.external"]),
        (
            INSIDE | {"wlan0": ["10.0.0.2"]},
            "",
            False,
            ["ok addresses.ours", "warning addresses.several"],
        ),
    ],
)
def test_places(
    interfaces: dict[str, list[str]], external: str, has_trunks: bool, found: list[str]
) -> None:
    assert keys(judge(interfaces, external, has_trunks)) == found


def test_only_this_machine_is_listened_to() -> None:
    assert keys(judge_listening(["127.0.0.1", "::1"])) == ["warning addresses.loopback"]
    assert judge_listening(["0.0.0.0"]) == judge_listening([]) == []


def test_this_machine(tmp_path: Path) -> None:
    assert check(running(tmp_path))
