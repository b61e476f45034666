"""The kernel's table of neighbours."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from provisioning.neighbours import Neighbours, is_loopback, parse_table

TABLE = """\
IP address       HW type     Flags       HW address            Mask     Device
192.168.1.77     0x1         0x2         80:5E:C0:a1:b2:c3     *        eth0
192.168.1.78     0x1         0x0         80:5e:c0:00:00:01     *        eth0
192.168.1.79     0x1         0x2         00:00:00:00:00:00     *        eth0
192.168.1.80     0x1         0x6         00:04:13:96:d9:b4     *        eth0
short line
"""


def test_complete_entries_alone_count() -> None:
    assert parse_table(TABLE) == {"192.168.1.77": "805ec0a1b2c3", "192.168.1.80": "00041396d9b4"}
    assert parse_table("") == {}


@pytest.mark.parametrize(
    ("host", "mac"),
    [("192.168.1.77", "805ec0a1b2c3"), ("127.0.0.1", ""), ("fe80::1", ""), ("no host", "")],
)
def test_a_host_is_looked_up(host: str, mac: str, tmp_path: Path) -> None:
    table = tmp_path / "arp"
    table.write_text(TABLE)
    assert asyncio.run(Neighbours(table).of(host)) == mac
    assert asyncio.run(Neighbours(tmp_path / "missing").of("127.0.0.2")) == ""


def test_loopback() -> None:
    assert is_loopback("127.1.2.3") and is_loopback("::1")
    assert not is_loopback("10.0.0.1") and not is_loopback("x")
