"""The kernel's table of neighbours."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from provisioning import neighbours
from provisioning.neighbours import Neighbours, is_loopback, parse_table
from tests.kit.virtual_loop import run_virtually

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


def test_phones_that_ask_together_are_looked_up_in_one_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "arp"
    table.write_text(TABLE)
    read: list[str] = []

    def counted(text: str) -> Mapping[str, str]:
        read.append(text)
        return parse_table(text)

    monkeypatch.setattr(neighbours, "parse_table", counted)

    async def run() -> None:
        found = Neighbours(table)
        macs = await asyncio.gather(*(found.of("192.168.1.77") for _ in range(200)))
        assert set(macs) == {"805ec0a1b2c3"} and len(read) == 1

    run_virtually(run())


def test_a_neighbour_that_the_kernel_learns_of_meanwhile_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "arp"
    table.write_text("")
    nudged: list[str] = []

    def nudge(hosts: Iterable[str]) -> None:
        nudged.extend(hosts)
        if len(nudged) == 2:
            table.write_text(TABLE)

    monkeypatch.setattr(neighbours, "nudge", nudge)

    async def run() -> None:
        assert await Neighbours(table).of("192.168.1.77") == "805ec0a1b2c3"

    run_virtually(run())
    assert nudged == ["192.168.1.77"] * 2


def test_loopback() -> None:
    assert is_loopback("127.1.2.3") and is_loopback("::1")
    assert not is_loopback("10.0.0.1") and not is_loopback("x")
